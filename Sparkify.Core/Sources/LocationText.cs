using System.Text.RegularExpressions;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Sources;

/// <summary>Locations as people write them: pasted with quotes, from Hadoop, as an address of the browser or as an ARN.</summary>
internal static partial class LocationText
{
    // What comes along when text is pasted: no-break and zero-width spaces, a byte order mark.
    private static readonly char[] Around = [' ', '\t', '\r', '\n', '\u00A0', '\u2007', '\u202F', '\u200B', '\uFEFF'];
    private static readonly (char Open, char Close)[] Quotes = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('`', '`')];

    /// <summary>
    /// A location in the form the application works with: <c>s3://bucket/prefix</c>, or a path. What is neither stays as it is.
    /// </summary>
    public static string Clean(string? typed)
    {
        var text = typed?.Trim(Around) ?? "";
        while (Quotes.Any(q => text.Length > 1 && text[0] == q.Open && text[^1] == q.Close))
        {
            text = text[1..^1].Trim(Around);
        }

        return Hadoop().Match(text) is { Success: true } hadoop ? S3Path.Scheme + text[hadoop.Length..]
            : Arn().Match(text) is { Success: true } arn ? S3Path.Scheme + arn.Groups["path"].Value
            : text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(text, UriKind.Absolute, out var file)
                && file.IsFile
                ? Uri.UnescapeDataString(file.AbsolutePath)
            : text.StartsWith("http", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(text, UriKind.Absolute, out var address)
                ? OfAddress(address) ?? text
            : text;
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html, and what the console's address bar shows.
    private static string? OfAddress(Uri address)
    {
        var path = Uri.UnescapeDataString(address.AbsolutePath).TrimStart('/');
        if (VirtualHost().Match(address.Host) is { Success: true } host)
        {
            return $"{S3Path.Scheme}{host.Groups["bucket"].Value}/{path}";
        }

        if (PathHost().IsMatch(address.Host))
        {
            return S3Path.Scheme + path;
        }

        if (!ConsoleHost().IsMatch(address.Host) || ConsolePath().Match(path) is not { Success: true } page)
        {
            return null;
        }

        var prefix = address.Query.TrimStart('?').Split('&').FirstOrDefault(static q => q.StartsWith("prefix=", StringComparison.Ordinal));
        return $"{S3Path.Scheme}{page.Groups["bucket"].Value}/{Uri.UnescapeDataString(prefix?["prefix=".Length..] ?? "")}";
    }

    [GeneratedRegex("^s3[an]?://", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hadoop();

    [GeneratedRegex("^arn:aws[a-z-]*:s3:::(?<path>.+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Arn();

    [GeneratedRegex(
        @"^(?<bucket>.+)\.s3[.-]([a-z0-9-]+\.)*amazonaws\.com(\.cn)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VirtualHost();

    [GeneratedRegex(@"^s3[.-]([a-z0-9-]+\.)*amazonaws\.com(\.cn)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathHost();

    [GeneratedRegex(
        @"(^|\.)console\.aws\.amazon\.com$|(^|\.)console\.amazonaws\.cn$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex ConsoleHost();

    [GeneratedRegex("^s3/(buckets|object)/(?<bucket>[^/]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConsolePath();
}
