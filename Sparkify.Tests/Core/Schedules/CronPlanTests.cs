using System.Globalization;
using Sparkify.Core.Common;
using Sparkify.Core.Schedules;

namespace Sparkify.Tests.Core.Schedules;

/// <summary>Cron with a time zone: what it means in words, when it is due, and what is wrong with it.</summary>
public sealed class CronPlanTests
{
    [Theory]
    [InlineData("30 2 * * *", "At 02:30, every day")]
    [InlineData("  30   2 * * *  ", "At 02:30, every day")]
    [InlineData("0 * * * *", "Every hour on the hour, every day")]
    [InlineData("15 * * * *", "Every hour at minute 15, every day")]
    [InlineData("* * * * *", "Every minute, every day")]
    [InlineData("0-59 0-23 1-31 1-12 0-7", "Every minute, every day")]
    [InlineData("*/15 * * * *", "Every 15 minutes, every day")]
    [InlineData("0,30 9-17 * * mon-fri", "Every 30 minutes from 09:00 to 17:59, Monday to Friday")]
    [InlineData("*/7 * * * *", "At the minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour, every day")]
    [InlineData("0 */6 * * *", "Every 6 hours on the hour, every day")]
    [InlineData("30 9-17 * * *", "Every hour from 09:30 to 17:30, every day")]
    [InlineData("0 2,14 * * *", "At 02:00 and 14:00, every day")]
    [InlineData("5,35 2,14 * * *", "At 02:05, 02:35, 14:05 and 14:35, every day")]
    [InlineData("30 2 * * 1-5", "At 02:30, Monday to Friday")]
    [InlineData("30 2 * * 7", "At 02:30, on Sundays")]
    [InlineData("30 2 * * 6,0", "At 02:30, on Saturdays and Sundays")]
    [InlineData("30 2 * * TUE,thu", "At 02:30, on Tuesdays and Thursdays")]
    [InlineData("30 2 1 * *", "At 02:30, on the 1st of every month")]
    [InlineData("30 2 1,15 * *", "At 02:30, on the 1st and 15th of every month")]
    [InlineData("30 2 l * *", "At 02:30, on the last day of every month")]
    [InlineData("30 2 1-7 * *", "At 02:30, on the 1st to the 7th of every month")]
    [InlineData("30 2 22 JAN,jul *", "At 02:30, on the 22nd of January and July")]
    [InlineData("30 2 13 * 5", "At 02:30, on the 13th of every month, if that is a Friday")]
    [InlineData("30 2 * 12 1", "At 02:30, on Mondays in December")]
    [InlineData("0 0 * 2 *", "At 00:00, every day in February")]
    public void Words_OfACronExpression_SayWhenItIsDue(string cron, string words) =>
        Assert.Equal(words, CronPlan.Of(cron, "Europe/Berlin").Words);

    [Theory]
    [InlineData("* * *", "has five fields")]
    [InlineData("0 0 0 1 1 *", "and this one has 6")]
    [InlineData("@daily", "Every night at 02:30 is: 30 2 * * *")]
    [InlineData(null, "and this one has 0")]
    [InlineData("60 * * * *", "The 1st field of the cron expression, the minute, cannot be '60': '60' is none of its values. It takes 0 to 59, ")]
    [InlineData("0 24 * * *", "The 2nd field of the cron expression, the hour, cannot be '24'")]
    [InlineData("0 0 0 * *", "The 3rd field of the cron expression, the day of month, cannot be '0'")]
    [InlineData("0 0 1,L * *", "'L' is none of its values. It takes 1 to 31, L by itself for the last day, ")]
    [InlineData("0 0 1 13 *", "It takes 1 to 12 or JAN to DEC, ")]
    [InlineData("0 0 * * 8", "It takes 0 to 7 or SUN to SAT (0 and 7 are Sunday), ")]
    [InlineData("0 0 * * MONDAY", "'MONDAY' is none of its values")]
    [InlineData("-1 * * * *", "a value is missing")]
    [InlineData("1, * * * *", "a value is missing")]
    [InlineData("*/10,5 * * * *", "cannot be read: a list takes numbers and ranges")]
    [InlineData("*,5 * * * *", "cannot be read")]
    [InlineData("5,*/20 * * * *", "cannot be read")]
    [InlineData("005 * * * *", "a number has one or two digits")]
    [InlineData("*/0 * * * *", "'*/0' has no step it can take")]
    [InlineData("*/2/3 * * * *", "'*/2/3' has no step it can take")]
    [InlineData("5/10 * * * *", "a step stands behind * or a range, such as 5-59/10")]
    [InlineData("1-2-3 * * * *", "'1-2-3' is no range")]
    [InlineData("0 22-2 * * *", "the range 22-2 goes backwards: write 22-23,0-2")]
    [InlineData("0 0 30 2 *", "'0 0 30 2 *' never comes")]
    [InlineData("٣ * * * *", "'٣' is none of its values")]
    public void Of_WhatIsNoCron_SaysWhichFieldIsWrongAndWhatItTakes(string? cron, string sentence)
    {
        var refusal = Assert.Throws<SparkifyException>(() => CronPlan.Of(cron, "UTC"));

        Assert.Equal(ProblemKind.Invalid, refusal.Kind);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Europe/Berln", "There is no time zone 'Europe/Berln'. Did you mean Europe/Berlin?")]
    [InlineData("berlin", "Did you mean Europe/Berlin?")]
    [InlineData("New York", "Did you mean America/New_York?")]
    [InlineData("Mars/Olympus", "There is no time zone 'Mars/Olympus'. Zones have the names of IANA, such as Europe/Berlin")]
    [InlineData("../etc/passwd", "There is no time zone '../etc/passwd'.")]
    [InlineData("localtime", "There is no time zone 'localtime'.")]
    [InlineData(" ", "Name the time zone, such as Europe/Berlin or UTC.")]
    [InlineData(null, "Name the time zone, such as Europe/Berlin or UTC.")]
    public void Of_UnknownZone_SuggestsANearOne(string? zone, string sentence) => Assert.Contains(
        sentence, Assert.Throws<SparkifyException>(() => CronPlan.Of("0 0 * * *", zone)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_ZoneInOtherLetters_HasItsOwnName()
    {
        Assert.Equal("Europe/Berlin", CronPlan.Of("0 0 * * *", "europe/berlin").Zone.Id);
        Assert.Contains("Europe/Berlin", Zones.Names);
        Assert.Equal("UTC", Zones.Names[0]);
    }

    [Fact]
    public void Next_Times_AreInTheWordsOfTheirZone()
    {
        var next = CronPlan.Of("30 2 * * *", "Europe/Berlin").Next(At("2026-11-29T05:00Z"), 2);

        Assert.Equal(
            [("2026-11-30 01:30", "Mon 30 Nov 2026, 02:30 CET", "in 20 hours"), ("2026-12-01 01:30", "Tue 1 Dec 2026, 02:30 CET", "in 2 days")],
            next.Select(static n => (n.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), n.Local, n.Away)));
    }

    // The clock goes from 02:00 to 03:00 on 29 March: what is due in between comes at once behind it, once.
    [Theory]
    [InlineData("30 2 * * *", "Sat 28 Mar 2026, 02:30 CET", "Sun 29 Mar 2026, 03:00 CEST", "Mon 30 Mar 2026, 02:30 CEST")]
    [InlineData("0 2,3 * * *", "Sat 28 Mar 2026, 02:00 CET", "Sat 28 Mar 2026, 03:00 CET", "Sun 29 Mar 2026, 03:00 CEST", "Mon 30 Mar 2026, 02:00 CEST")]
    public void Next_InTheHourThatIsLeftOut_ComesBehindIt(string cron, params string[] times) => Assert.Equal(
        times, CronPlan.Of(cron, "Europe/Berlin").Next(At("2026-03-27T12:00Z"), times.Length).Select(static n => n.Local));

    // And from 03:00 back to 02:00 on 25 October: a time of day comes once, the first time; what goes on through the hour comes in both.
    [Theory]
    [InlineData("30 2 * * *", "Sun 25 Oct 2026, 02:30 CEST", "Mon 26 Oct 2026, 02:30 CET")]
    [InlineData(
        "*/30 2 * * *", "Sun 25 Oct 2026, 02:00 CEST", "Sun 25 Oct 2026, 02:30 CEST", "Sun 25 Oct 2026, 02:00 CET",
        "Sun 25 Oct 2026, 02:30 CET", "Mon 26 Oct 2026, 02:00 CET")]
    public void Next_InTheHourThatComesTwice_IsDueAsPeopleExpect(string cron, params string[] times) => Assert.Equal(
        times, CronPlan.Of(cron, "Europe/Berlin").Next(At("2026-10-24T12:00Z"), times.Length).Select(static n => n.Local));

    [Theory]
    [InlineData("Asia/Kolkata", "Mon 30 Nov 2026, 12:00 IST")]
    [InlineData("America/Sao_Paulo", "Mon 30 Nov 2026, 12:00 UTC-03:00")]
    [InlineData("Europe/Dublin", "Mon 30 Nov 2026, 12:00 GMT")]
    [InlineData("UTC", "Mon 30 Nov 2026, 12:00 UTC")]
    public void Next_ZonesWithAndWithoutAShortName_AreToldApart(string zone, string local) =>
        Assert.Equal(local, CronPlan.Of("0 12 30 11 *", zone).Next(At("2026-11-28T12:00Z"), 1)[0].Local);

    [Theory]
    [InlineData(30, "in less than a minute")]
    [InlineData(60, "in 1 minute")]
    [InlineData(3600, "in 60 minutes")]
    [InlineData(7200, "in 2 hours")]
    [InlineData(3 * 86400, "in 3 days")]
    [InlineData(1000 * 86400, "in 1,000 days")]
    public void Away_ASpan_IsInWords(int seconds, string words) => Assert.Equal(words, CronWords.Away(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Between_TwoMoments_FindsTheLastTimeAndHowManyThereWere()
    {
        var plan = CronPlan.Of("0 * * * *", "UTC");

        Assert.Equal((At("2026-11-29T04:00Z"), 4), plan.Between(At("2026-11-29T00:00Z"), At("2026-11-29T04:00Z")));
        Assert.Null(plan.Between(At("2026-11-29T04:00Z"), At("2026-11-29T04:59Z")));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
