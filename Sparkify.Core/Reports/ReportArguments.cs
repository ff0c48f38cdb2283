using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Common;

namespace Sparkify.Core.Reports;

/// <summary>
/// The parameters of one call: read from text, checked, and bound to SQL as typed parameters. Nothing of them ever becomes SQL text.
/// </summary>
internal sealed class ReportArguments
{
    private static readonly DateOnly Earliest = new(1900, 1, 1);
    private static readonly DateOnly Latest = new(9999, 12, 30);

    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    private ReportArguments(IReadOnlyList<ReportArgument> shown) => Shown = shown;

    /// <summary>Every parameter of the report with its value as text, defaults put in.</summary>
    public IReadOnlyList<ReportArgument> Shown { get; }

    /// <summary>The same for all texts that mean the same.</summary>
    public string Key => string.Join('&', Shown.Select(a => $"{a.Name}={a.Value}"));

    /// <summary>Reads the values for a report; a sentence for what does not fit.</summary>
    public static ReportArguments Parse(ReportInfo report, IReadOnlyDictionary<string, string?> given)
    {
        if (given.Keys.FirstOrDefault(name => report.Parameters.All(p => p.Name != name)) is { } unknown)
        {
            throw SparkifyException.Invalid(report.Parameters.Count == 0
                ? $"The report '{report.Id}' takes no parameters, so not '{unknown}'."
                : $"The report '{report.Id}' has no parameter '{unknown}'. It takes: {string.Join(", ", report.Parameters.Select(p => p.Name))}.");
        }

        List<ReportArgument> shown = [];
        Dictionary<string, object> values = new(StringComparer.Ordinal);
        foreach (var parameter in report.Parameters)
        {
            var text = given.GetValueOrDefault(parameter.Name) is { } value && !string.IsNullOrWhiteSpace(value)
                ? value.Trim()
                : parameter.Default;
            if (text is not null)
            {
                values[parameter.Name] = Read(parameter, text);
            }

            shown.Add(new ReportArgument(parameter.Name, parameter.Label, text is null ? null : Text(values[parameter.Name])));
        }

        var arguments = new ReportArguments(shown);
        foreach (var (name, value) in values)
        {
            arguments._values[name] = value;
        }

        if (values.TryGetValue("from", out var from) && values.TryGetValue("to", out var to) && (DateOnly)from > (DateOnly)to)
        {
            throw SparkifyException.Invalid($"The range begins on {Text(from)}, after its end on {Text(to)}. Exchange the two.");
        }

        return arguments;
    }

    /// <summary>Binds what reports' SQL may name; what it does not name is not sent.</summary>
    public void Bind(NpgsqlCommand command)
    {
        Add("from", NpgsqlDbType.Timestamp, _values.GetValueOrDefault("from") is DateOnly from ? from.ToDateTime(TimeOnly.MinValue) : null);
        Add("until", NpgsqlDbType.Timestamp, _values.GetValueOrDefault("to") is DateOnly to ? to.AddDays(1)
            .ToDateTime(TimeOnly.MinValue) : null);
        Add("level", NpgsqlDbType.Text, _values.GetValueOrDefault("level"));
        Add("per", NpgsqlDbType.Text, _values.GetValueOrDefault("per"));
        Add("top", NpgsqlDbType.Integer, _values.GetValueOrDefault("top"));

        void Add(string name, NpgsqlDbType type, object? value) =>
            command.Parameters.Add(new NpgsqlParameter(name, type) { Value = value ?? DBNull.Value });
    }

    private static object Read(ReportParameter parameter, string text) => parameter.Kind switch
    {
        ReportParameterKind.Date => DateOnly.TryParseExact(
            text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day >= Earliest && day <= Latest
            ? day
            : throw SparkifyException.Invalid(
                $"'{Cut(text)}' is no day for '{parameter.Name}'. Write it as 2018-11-30, from {Text(Earliest)} on."),
        ReportParameterKind.Number => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= parameter.Least && number <= parameter.Most
            ? number
            : throw SparkifyException.Invalid(
                $"'{Cut(text)}' is no value for '{parameter.Name}'. It is a whole number from {parameter.Least} to {parameter.Most}."),
        ReportParameterKind.Choice => parameter.Choices!.FirstOrDefault(c => string.Equals(c, text, StringComparison.OrdinalIgnoreCase))
            ?? throw SparkifyException.Invalid(
                $"'{Cut(text)}' is no value for '{parameter.Name}'. There are: {string.Join(", ", parameter.Choices!)}{(parameter.Default is null ? "; leave it out for all" : "")}."),
        _ => throw new System.Diagnostics.UnreachableException($"No reader for {parameter.Kind}."),
    };

    private static string Text(object value) =>
        value is DateOnly day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : $"{value}";

    // What is said back to the caller stays a sentence, however long what they sent was.
    private static string Cut(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
