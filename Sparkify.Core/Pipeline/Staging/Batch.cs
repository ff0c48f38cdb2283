using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>A buffer full of input: one stretch of a large file, or many small files one after another.</summary>
internal sealed class Batch(PinnedBuffer buffer)
{
    public PinnedBuffer Buffer { get; } = buffer;

    public List<Part> Parts { get; } = [];
}

/// <summary>One file's stretch in a batch; a zero byte follows it.</summary>
internal sealed record Part(NumberedFile File, int Start, int Length, long Line, long Offset)
{
    /// <summary>Whether the file ends with it.</summary>
    public bool IsLast { get; init; }

    /// <summary>What the stretch before it leaves over; none at a file's start.</summary>
    public Seam? Before { get; init; }

    /// <summary>What it leaves over for the next one; none at a file's end.</summary>
    public Seam? After { get; init; }

    /// <summary>What the file's bytes before it tell of its layout.</summary>
    public LayoutLook BeforeLayout { get; init; }

    /// <summary>Whether it looks as if a record starts at its first byte. Then it is parsed before that is known for certain.</summary>
    public bool StartsRecord { get; init; }
}

/// <summary>
/// Where two stretches of a file meet. Large files are cut at newlines that look like the end of a record, and the stretches parsed at
/// the same time; but only the parser of the first one learns whether the cut was right. The second one's rows are sent when it was,
/// and otherwise parsed again together with what was left over: a wrong guess costs time, never a record.
/// </summary>
internal sealed class Seam
{
    private readonly TaskCompletionSource<Leftover> _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says what the stretch before left over.</summary>
    public void Set(Leftover leftover) => _known.SetResult(leftover);

    /// <summary>Waits until that is known.</summary>
    public Task<Leftover> GetAsync(CancellationToken ct) => _known.Task.WaitAsync(ct);
}

/// <summary>What a stretch leaves over for the next one.</summary>
/// <param name="Bytes">A record's beginning, or nothing.</param>
/// <param name="Line">The line these bytes start on.</param>
/// <param name="Offset">Their place in the file.</param>
/// <param name="InBadLine">Whether the next stretch starts in a line that is already rejected.</param>
internal sealed record Leftover(ReadOnlyMemory<byte> Bytes, long Line, long Offset, bool InBadLine)
{
    /// <summary>Nothing: the cut was between two records.</summary>
    public bool IsNothing => Bytes.IsEmpty && !InBadLine;
}
