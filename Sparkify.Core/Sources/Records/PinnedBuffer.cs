using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkify.Core.Sources.Records;

/// <summary>Bytes that do not move, so that pointers into them stay right; with room for vectors after the last one.</summary>
internal sealed unsafe class PinnedBuffer
{
    private byte[] _bytes;

    public PinnedBuffer(int capacity)
    {
        _bytes = Allocate(capacity);
        Capacity = capacity;
    }

    /// <summary>How many bytes fit.</summary>
    public int Capacity { get; private set; }

    /// <summary>How many bytes are in it.</summary>
    public int Length { get; set; }

    /// <summary>The first byte.</summary>
    public byte* Start => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_bytes));

    /// <summary>What is in it.</summary>
    public Memory<byte> Content => _bytes.AsMemory(0, Length);

    /// <summary>What is not in it yet.</summary>
    public Memory<byte> Room => _bytes.AsMemory(Length, Capacity - Length);

    /// <summary>Moves the content to a buffer of this capacity.</summary>
    public void Resize(int capacity)
    {
        var bytes = Allocate(capacity);
        _bytes.AsSpan(0, Length).CopyTo(bytes);
        _bytes = bytes;
        Capacity = capacity;
    }

    /// <summary>Adds bytes, growing when they do not fit.</summary>
    public void Append(ReadOnlySpan<byte> more)
    {
        if (Length + more.Length > Capacity)
        {
            Resize(Math.Max(Capacity * 2, Length + more.Length));
        }

        more.CopyTo(_bytes.AsSpan(Length));
        Length += more.Length;
    }

    /// <summary>Ends the content with the zero the parser stops at.</summary>
    public void Terminate() => _bytes[Length] = 0;

    private static byte[] Allocate(int capacity) =>
        GC.AllocateUninitializedArray<byte>(capacity + JsonScan.Slack, pinned: true);
}
