namespace Sparkify.Core.Sources.Records;

/// <summary>How the records of a file are laid out, as far as its beginning was seen.</summary>
internal enum FileLayout
{
    /// <summary>Nothing but a byte order mark, white space and perhaps a bracket was seen.</summary>
    Unknown,

    /// <summary>Objects separated by white space.</summary>
    Objects,

    /// <summary>One array whose elements are objects: what stands between them is one mistake and not many.</summary>
    Array,
}

/// <summary>
/// Tells a file's layout by its first bytes, met piece by piece: a bracket and a brace, with nothing but some white space between, begin an
/// array.
/// </summary>
internal struct LayoutLook
{
    /// <summary>How many characters of white space may stand between the two.</summary>
    public const int MostBlanks = 4000;

    private int _mark;
    private bool _bracket;
    private int _blanks;

    /// <summary>What is known so far.</summary>
    public FileLayout Layout { get; private set; }

    /// <summary>Looks at the next piece of the file.</summary>
    public void Look(ReadOnlySpan<byte> piece)
    {
        for (var at = 0; at < piece.Length && Layout == FileLayout.Unknown; at++)
        {
            Layout = Next(piece[at]);
        }
    }

    /// <summary>Whether a byte is white space to JSON.</summary>
    public static bool IsBlank(byte one) => one is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private FileLayout Next(byte one)
    {
        var mark = "\uFEFF"u8;
        if (_mark < mark.Length)
        {
            var before = _mark;
            _mark = one == mark[before] ? before + 1 : mark.Length;
            if (_mark == before + 1 || before > 0)
            {
                return _mark == before + 1 ? FileLayout.Unknown : FileLayout.Objects;
            }
        }

        if (!_bracket)
        {
            _bracket = one == '[';
            return _bracket || IsBlank(one) ? FileLayout.Unknown : FileLayout.Objects;
        }

        return !IsBlank(one) ? one == '{' ? FileLayout.Array : FileLayout.Objects
            : ++_blanks > MostBlanks ? FileLayout.Objects : FileLayout.Unknown;
    }
}
