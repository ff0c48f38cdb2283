namespace Sparkify.Core.Sources;

/// <summary>What a listing of a part met, as far as the test of a source wants to know it.</summary>
internal sealed class SourceLook
{
    /// <summary>How many files are looked into when the first ones hold nothing.</summary>
    private const int MostLooks = 10;

    private readonly List<SourceFile> _first = [];

    /// <summary>How many files there are.</summary>
    public long Files { get; private set; }

    /// <summary>Their size together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether counting stopped early.</summary>
    public bool More { get; set; }

    /// <summary>What else is there.</summary>
    public LeftOutTally LeftOut { get; } = new();

    /// <summary>The first files that are not empty: the ones to look into.</summary>
    public IReadOnlyList<SourceFile> First => _first;

    /// <summary>Counts a file.</summary>
    public void Add(SourceFile file)
    {
        Files++;
        Bytes += file.Bytes;
        if (file.Bytes > 0 && _first.Count < MostLooks)
        {
            _first.Add(file);
        }
    }
}
