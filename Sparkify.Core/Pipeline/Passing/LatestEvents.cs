using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// A table of a star on PostgreSQL for the events that decide what is said of users: the rows of the query of its name in
/// <c>Sql/Shared</c>, gathered in passing or by that query. What is added to the star needs no other event of before.
/// </summary>
internal static class LatestEvents
{
    /// <summary>Its name.</summary>
    public const string Name = "latest_events";

    /// <summary>The table that is built from it.</summary>
    public static StarTable Builds { get; } = StarSchema.Table("users");

    /// <summary>Its columns.</summary>
    public static IReadOnlyList<StarColumn> Columns { get; } = [.. new[]
    {
        "user_id", "first_name", "last_name", "gender", "level", "session_id", "item_in_session", "ts", "page",
    }.Select(static name => StarSchema.StagingEvents.Columns.Single(c => c.Name == name))];
}
