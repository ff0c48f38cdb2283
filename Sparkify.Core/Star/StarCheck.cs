using Sparkify.Core.Common;

namespace Sparkify.Core.Star;

/// <summary>A named test of a freshly built star.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Question">What it asks, in a sentence.</param>
internal sealed record StarCheck(string Name, string Question);

/// <summary>A test that what was counted decides.</summary>
/// <param name="Check">Its name and question.</param>
/// <param name="Judge">Decides.</param>
internal sealed record JudgedCheck(StarCheck Check, Func<StarFigures, WhatIsKnown, Finding> Judge);

/// <summary>What is to be thought of a star.</summary>
internal enum Verdict
{
    /// <summary>Nothing is wrong.</summary>
    Sound,

    /// <summary>A person should know something of it.</summary>
    Doubtful,

    /// <summary>A person has to decide before such a star is published.</summary>
    Unlikely,

    /// <summary>It breaks a rule that every star keeps.</summary>
    Unsound,
}

/// <summary>What came of a check.</summary>
/// <param name="Verdict">What is to be thought of the star.</param>
/// <param name="Found">How many records it is about; 0 when nothing is wrong.</param>
/// <param name="Sentence">What is to be said.</param>
internal sealed record Finding(Verdict Verdict, long Found = 0, string? Sentence = null)
{
    /// <summary>Nothing is wrong.</summary>
    public static Finding None { get; } = new(Verdict.Sound);

    /// <summary>So many rows break a rule; none when there was no answer, which is no better.</summary>
    public static Finding Breaking(long? rows) => rows == 0 ? None : new Finding(Verdict.Unsound, rows ?? 0);
}

/// <summary>How large a star is: the one that was built, or the published one by the counts of the store.</summary>
/// <param name="Plays">Rows of songplays.</param>
/// <param name="Matched">Those found in the catalogue.</param>
/// <param name="Songs">Rows of songs.</param>
/// <param name="Users">Rows of users.</param>
/// <param name="Days">Days with plays; unknown for a star of before they were counted.</param>
internal sealed record StarSizes(long Plays, long Matched, long Songs, long Users, long? Days);

/// <summary>What a star is held against.</summary>
/// <param name="Now">The present moment, in UTC.</param>
/// <param name="Published">The sizes of the published star; none before the first.</param>
/// <param name="Limits">When a person is asked.</param>
/// <param name="Adds">Whether the figures are of what is added to the published star, and not of a star.</param>
internal sealed record WhatIsKnown(DateTime Now, StarSizes? Published, DecisionLimits Limits, bool Adds)
{
    /// <summary>How large the star is, or will be.</summary>
    public StarSizes Sizes(StarFigures figures)
    {
        StarSizes counted = new(
            figures[StarPasses.Rows(StarSchema.Songplays)], figures["matched"], figures[StarPasses.Rows(StarSchema.Table("songs"))],
            figures[StarPasses.Rows(StarSchema.Table("users"))], figures["days"]);
        return Adds && Published is { } star ? new StarSizes(
            star.Plays + counted.Plays, star.Matched + counted.Matched, star.Songs + counted.Songs, star.Users + counted.Users,
            star.Days + counted.Days) : counted;
    }
}
