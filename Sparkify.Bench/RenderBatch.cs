using System.Buffers.Binary;

namespace Sparkify.Bench;

/// <summary>
/// A change of a live page as the server sends it: what is to be edited in each component, and at its end where its parts begin.
/// </summary>
internal readonly ref struct RenderBatch(ReadOnlySpan<byte> bytes)
{
    private const int Parts = 5;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether anything on the page is edited: a component that rendered the same again is in its batch without an edit.</summary>
    public bool ChangesThePage()
    {
        var components = Number(_bytes.Length - (Parts * sizeof(int)));
        var count = Number(components);
        for (var one = 1; one <= count; one++)
        {
            // The component's number, and how many edits follow.
            if (Number(Number(components + (one * sizeof(int))) + sizeof(int)) > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a text stands in it.</summary>
    public bool Says(ReadOnlySpan<byte> text) => _bytes.IndexOf(text) >= 0;

    private int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]);
}
