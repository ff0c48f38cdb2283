using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Warehouses;

/// <summary>A star that is whole in its warehouse: the one readers see, or one of before.</summary>
/// <param name="Run">The load that built it.</param>
/// <param name="PublishedAt">When readers saw it first.</param>
/// <param name="ReplacedAt">When another took its place; none for the one they see.</param>
/// <param name="Plays">Rows in its table of plays; none when they were not counted.</param>
/// <param name="MatchedPlays">Those found in the song catalogue; none likewise.</param>
/// <param name="Bytes">The room it takes, with its staging tables and keys; none where the server does not tell.</param>
public sealed record StarVersion(
    long Run, DateTimeOffset PublishedAt, DateTimeOffset? ReplacedAt, long? Plays, long? MatchedPlays, long? Bytes)
{
    /// <summary>Whether it is the one readers see.</summary>
    public bool Published => ReplacedAt is null;
}

/// <summary>The star readers see and those of before that are kept, so that one of them can be put back.</summary>
[Guarded]
public interface IStarVersions
{
    /// <summary>The star readers see, when there is one, then those of before, the one replaced last first.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<StarVersion>> ListAsync(string warehouse, CancellationToken ct);
}
