using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Core.Schedules;

/// <summary>One of the five fields of a cron expression: what it takes, and which values a text of it stands for.</summary>
internal sealed class CronField
{
    private readonly string _place;
    private readonly string _name;
    private readonly int _least;
    private readonly int _most;
    private readonly IReadOnlyList<string> _words;

    private CronField(string place, string name, int least, int most, params IReadOnlyList<string> words) =>
        (_place, _name, _least, _most, _words) = (place, name, least, most, words);

    /// <summary>The value that stands for the last day of a month.</summary>
    public const int LastDay = 32;

    private const string Last = "L";

    /// <summary>The five, in their order.</summary>
    public static IReadOnlyList<CronField> All { get; } =
    [
        new("1st", "minute", 0, 59),
        new("2nd", "hour", 0, 23),
        new("3rd", "day of month", 1, 31),
        new("4th", "month", 1, 12, "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
        // 0 and 7 are both Sunday.
        new("5th", "day of week", 0, 7, "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"),
    ];

    private bool IsDay => _most == 31;

    private bool IsWeekday => _most == 7;

    // How many values there are.
    private int Every => IsWeekday ? 7 : _most - _least + 1;

    /// <summary>The values a text stands for, in order; none for every one. Throws a sentence when it stands for nothing.</summary>
    public IReadOnlyList<int>? Values(string text)
    {
        if (text == "*")
        {
            return null;
        }

        if (IsDay && text.Equals(Last, StringComparison.OrdinalIgnoreCase))
        {
            return [LastDay];
        }

        SortedSet<int> values = [];
        foreach (var piece in text.Split(','))
        {
            values.UnionWith(Piece(text, piece));
        }

        List<int> found = IsWeekday ? [.. values.Select(static v => v % 7).Distinct().Order()] : [.. values];
        return found.Count == Every ? null : found;
    }

    private IEnumerable<int> Piece(string text, string piece)
    {
        var (range, by) = piece.Split('/') switch
        {
            [var all] => (all, 1),
            [var all, var last] when Number(last) is { } step && step > 0 && step <= _most => (all, step),
            _ => throw Wrong(text, $"'{piece}' has no step it can take, such as */2"),
        };
        var (from, until) = range.Split('-') switch
        {
            ["*"] => (_least, IsWeekday ? 6 : _most),
            [var one] when by == 1 => (Value(text, one), Value(text, one)),
            [var one] => throw Wrong(text, $"a step stands behind * or a range, such as {one}-{_most}/{by}"),
            [var first, var last] => (Value(text, first), Value(text, last)),
            _ => throw Wrong(text, $"'{range}' is no range"),
        };
        return from <= until
            ? Enumerable.Range(from, until - from + 1).Where(v => (v - from) % by == 0)
            : throw Wrong(text, $"the range {range} goes backwards: write {from}-{_most},{_least}-{until}");
    }

    private int Value(string text, string word)
    {
        for (var at = 0; at < _words.Count; at++)
        {
            if (_words[at].Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return at + _least;
            }
        }

        return Number(word) is { } value && value >= _least && value <= _most
            ? value
            : throw Wrong(text, word.Length == 0 ? "a value is missing" : $"'{word}' is none of its values");
    }

    private static int? Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private SparkifyException Wrong(string text, string why) => SparkifyException.Invalid(
        $"The {_place} field of the cron expression, the {_name}, cannot be '{text}': {why}. It takes {Takes()}.");

    private string Takes()
    {
        var words = _words.Count == 0 ? "" : $" or {_words[0]} to {_words[^1]}";
        var special = IsDay ? $", {Last} by itself for the last day" : IsWeekday ? " (0 and 7 are Sunday)" : "";
        return $"{_least} to {_most}{words}{special}, * for every one, lists (1,5), ranges (1-5) and steps (*/2)";
    }
}
