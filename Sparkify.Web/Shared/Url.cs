using Microsoft.Extensions.Primitives;

namespace Sparkify.Web.Shared;

/// <summary>Addresses with filters in them.</summary>
public static class Url
{
    /// <summary>A path with those parameters that have a value.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = string.Empty;
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
            }
        }

        return path + query;
    }

    /// <summary>A word of the parameters of an address; none when it is not given, or empty.</summary>
    public static string? Word(IReadOnlyDictionary<string, StringValues> words, string name)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } word ? word : null;
    }

    /// <summary>A whole number, or none when it is not one.</summary>
    public static long? Long(string? word) =>
        long.TryParse(word, System.Globalization.NumberStyles.None, provider: null, out var number) ? number : null;

    /// <summary>A word of an enumeration, or none when it is not one (numbers are not words).</summary>
    public static T? Enum<T>(string? word)
        where T : struct, Enum =>
        word is { Length: > 0 } && char.IsAsciiLetter(word[0]) && System.Enum.TryParse<T>(word, ignoreCase: true, out var value)
            && System.Enum.IsDefined(value)
            ? value
            : null;
}
