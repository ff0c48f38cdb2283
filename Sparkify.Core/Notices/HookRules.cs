using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Notices;

/// <summary>What a hook can be like.</summary>
public static partial class HookRules
{
    private const int LongestUrl = 2000;

    /// <summary>What is wrong with a name, or none.</summary>
    public static string? NameProblem(string? name) => name is not null && NameForm().IsMatch(name) ? null
        : $"'{name}' is no name for a hook: a lower-case letter, then up to 40 lower-case letters, digits and hyphens.";

    /// <summary>What is wrong with an address, or none.</summary>
    /// <param name="url">The address.</param>
    /// <param name="plainHttp">Whether it may go without encryption beyond this machine.</param>
    public static string? UrlProblem(string? url, bool plainHttp)
    {
        if (url is null or { Length: 0 or > LongestUrl } || url.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c))
            || !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return "The address of a hook begins with https:// and has no blanks, such as https://hooks.example.com/sparkify.";
        }

        return address.UserInfo.Length > 0
            ? "The address holds a name or a password before its host, which is not sent. Leave it out: the signature says who calls."
            : MetadataHost.Is(address) ? $"{address.Host} is a machine's metadata service or another link-local address, which is never called."
            : address.Scheme == "http" && !address.IsLoopback && !plainHttp
                ? "Notices to this address would travel unencrypted. Give an https:// address, or allow plain HTTP for this hook."
            : null;
    }

    internal static void Check(NewHook hook)
    {
        var wrong = hook.Events.Count == 0 ? "Choose at least one event that the hook is called for."
            : hook.Warehouses is { Count: 0 } ? "Choose at least one warehouse, or leave the warehouses out for all of them."
            : null;
        if (wrong is not null)
        {
            throw SparkifyException.Invalid(wrong);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,40}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NameForm();
}
