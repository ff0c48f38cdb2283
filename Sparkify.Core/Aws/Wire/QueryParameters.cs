using System.Globalization;

namespace Sparkify.Core.Aws.Wire;

/// <summary>Names and values in the form the Query protocol wants, in order; values that are none are left out.</summary>
internal sealed class QueryParameters
{
    private readonly List<KeyValuePair<string, string>> _items = [];

    public IReadOnlyList<KeyValuePair<string, string>> Items => _items;

    public QueryParameters Add(string name, string? value)
    {
        if (value is not null)
        {
            _items.Add(new(name, value));
        }

        return this;
    }

    public QueryParameters Add(string name, bool value) => Add(name, value ? "true" : "false");

    public QueryParameters Add(string name, int? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary><c>name.1</c>, <c>name.2</c> …</summary>
    public QueryParameters AddList(string name, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"{name}.{i + 1}"), values[i]);
        }

        return this;
    }

    /// <summary><c>name.1.Key</c>, <c>name.1.Value</c> …</summary>
    public QueryParameters AddTags(string name, IReadOnlyDictionary<string, string> tags)
    {
        var i = 0;
        foreach (var (key, value) in tags.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            i++;
            Add(string.Create(CultureInfo.InvariantCulture, $"{name}.{i}.Key"), key);
            Add(string.Create(CultureInfo.InvariantCulture, $"{name}.{i}.Value"), value);
        }

        return this;
    }
}
