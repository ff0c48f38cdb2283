using System.Globalization;
using System.Text;

namespace Sparkify.Simulator;

/// <summary>The parameters of a Query request: <c>Name</c>, <c>Name.1</c>, <c>Name.1.Field</c>.</summary>
internal sealed class QueryForm
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public QueryForm(IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach (var (name, value) in values)
        {
            _values[name] = value;
        }
    }

    public string? this[string name] => _values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>From the body, or from the query of a GET.</summary>
    public static QueryForm Read(AwsRequest request)
    {
        if (request.Method != "POST")
        {
            return new QueryForm(request.Query);
        }

        var text = Encoding.UTF8.GetString(request.Body);
        return new QueryForm(text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair =>
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            return at < 0 ? new(Decode(pair), "") : new KeyValuePair<string, string>(Decode(pair[..at]), Decode(pair[(at + 1)..]));
        }));
    }

    public string Require(string name) => this[name] ?? throw AwsErrorException.Missing(name);

    public int? Int(string name) => this[name] is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw AwsErrorException.Value($"The value {text} for parameter {name} is invalid. It must be a number.");

    public bool? Flag(string name) => this[name] is not { } text ? null
        : bool.TryParse(text, out var flag) ? flag
        : throw AwsErrorException.Value($"The value {text} for parameter {name} is invalid. It must be true or false.");

    public DateTimeOffset? Moment(string name) => this[name] is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment
        : throw AwsErrorException.Value($"The value {text} for parameter {name} is invalid. It must be a time such as 2026-01-31T18:00:00Z.");

    /// <summary>The values of <c>name.1</c>, <c>name.2</c> … in order.</summary>
    public IReadOnlyList<string> List(string name)
    {
        List<string> values = [];
        for (var i = 1; _values.TryGetValue($"{name}.{i}", out var value); i++)
        {
            values.Add(value);
        }

        return values;
    }

    /// <summary>The forms under <c>name.1.</c>, <c>name.2.</c> … in order.</summary>
    public IReadOnlyList<QueryForm> Items(string name)
    {
        List<QueryForm> items = [];
        for (var i = 1; ; i++)
        {
            var prefix = $"{name}.{i}.";
            var fields = _values.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(v => new KeyValuePair<string, string>(v.Key[prefix.Length..], v.Value)).ToList();
            if (fields.Count == 0)
            {
                return items;
            }

            items.Add(new QueryForm(fields));
        }
    }

    /// <summary>The tags a thing is made with.</summary>
    public Dictionary<string, string> Tags(string name)
    {
        Dictionary<string, string> tags = new(StringComparer.Ordinal);
        foreach (var item in Items(name))
        {
            var key = item.Require("Key");
            if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase) || key.Length > 128 || item["Value"]?.Length > 256)
            {
                throw new AwsErrorException(
                    "InvalidTagFault", $"The tag {key} is not valid: keys have up to 128 characters and no prefix aws:, values up to 256.");
            }

            tags[key] = item["Value"] ?? "";
        }

        Tagging.Limit(tags);
        return tags;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
