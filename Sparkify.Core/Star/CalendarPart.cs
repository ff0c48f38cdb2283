namespace Sparkify.Core.Star;

/// <summary>A part of a moment, in UTC, as the calendar has it.</summary>
internal enum CalendarPart
{
    /// <summary>0 to 23.</summary>
    Hour,

    /// <summary>Of the month, from 1.</summary>
    Day,

    /// <summary>By ISO 8601: from 1, the first one holds the year's first Thursday.</summary>
    Week,

    /// <summary>From 1.</summary>
    Month,

    /// <summary>From 1.</summary>
    Year,

    /// <summary>By ISO 8601: Monday is 1.</summary>
    Weekday,
}
