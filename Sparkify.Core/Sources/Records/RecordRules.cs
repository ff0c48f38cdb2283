using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>How the records of a part are read, whoever reads them: a load, a check of files, the explorer or a source's test.</summary>
/// <param name="Table">The columns they fill.</param>
/// <param name="Paths">A path for each column; none to match keys by name.</param>
/// <param name="Truncate">Whether a text longer than its column is cut.</param>
internal sealed record RecordRules(StarTable Table, IReadOnlyList<IReadOnlyList<PathStep>>? Paths = null, bool Truncate = false)
{
    /// <summary>The rules for a part of a source; only events may have a JSONPaths file. Throws a sentence when that is wrong.</summary>
    public static async Task<RecordRules> OfAsync(
        ISource source, SourcePart part, bool truncate, CancellationToken ct, StarTable? table = null)
    {
        table ??= TableOf(part);
        var paths = part == SourcePart.Events ? await source.ReadJsonPathsAsync(ct) : null;
        return new RecordRules(table, paths is null ? null : JsonPaths.Parse(paths, table), truncate);
    }

    /// <summary>The rules that find records without looking at what is below their keys.</summary>
    public static RecordRules ByName(SourcePart part) => new(TableOf(part));

    /// <summary>The table a part is staged into.</summary>
    public static StarTable TableOf(SourcePart part) => part == SourcePart.Events ? StarSchema.StagingEvents : StarSchema.StagingSongs;

    /// <summary>What each key is to fill. It learns the keys' order, so each parser has its own.</summary>
    public KeyNode NewKeys() => Paths is null ? KeyNode.ByName(Table) : KeyNode.ByPaths(Paths);
}
