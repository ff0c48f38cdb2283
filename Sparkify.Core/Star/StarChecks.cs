namespace Sparkify.Core.Star;

/// <summary>The checks every load must pass before it is published: whether a star agrees with itself and with what was read.</summary>
internal static class StarChecks
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<JudgedCheck> All { get; } =
    [
        .. StarSchema.Star.Select(static t => Rule(
            $"{t.Name}_key_unique", $"Does every row of {t.Name} have its own {t.Key.Name}?", f => f.Find(StarPasses.Repeated(t)))),
        .. StarSchema.Star.SelectMany(static t => t.References.Select(c => Rule(
            $"{t.Name}_{c.Name}_known", $"Is every {c.Name} of {t.Name} in {c.References}?", f => f.Find(StarPasses.Unknown(t, c))))),
        Rule("staging_events_complete", "Is every event record that was read either staged or rejected?",
            static f => Apart(f.Find("good_events"), f.Find(Events))),
        Rule("staging_songs_complete", "Is every song record that was read either staged or rejected?",
            static f => Apart(f.Find("good_songs"), f.Find(StarPasses.Rows(StarSchema.StagingSongs)))),
        new(new StarCheck("staging_events_present", "Are there any events at all?"),
            static (figures, known) => Finding.Breaking(figures[Events] > 0 || known.Adds ? 0 : 1)),
        Rule("songplays_complete", "Does every play in the log have its row in songplays, those that repeat a key counted once?",
            static f => Apart(f["plays"] - f.Find("repeated_plays"), f[StarPasses.Rows(StarSchema.Songplays)])),
    ];

    private static string Events => StarPasses.Rows(StarSchema.StagingEvents);

    private static JudgedCheck Rule(string name, string question, Func<StarFigures, long?> offending) =>
        new(new StarCheck(name, question), (figures, _) => Finding.Breaking(offending(figures)));

    private static long? Apart(long? one, long? other) => one - other is { } apart ? Math.Abs(apart) : null;
}
