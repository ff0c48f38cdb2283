using System.Security.Cryptography;

namespace Sparkify.Web.Identity;

/// <summary>
/// What a browser may do with an answer (Content-Security-Policy). It holds for every address but those that carry another one:
/// <c>.WithMetadata(ContentPolicy.Default with { … })</c>.
/// </summary>
internal sealed record ContentPolicy
{
    private static readonly object Key = new();

    /// <summary>The one of every address that has none of its own.</summary>
    public static ContentPolicy Default { get; } = new();

    /// <summary>Where scripts come from; one that stands in the page needs the page's nonce.</summary>
    public string Scripts { get; init; } = "'self'";

    /// <summary>Where styles come from; the component library and the SQL editor write them into elements.</summary>
    public string Styles { get; init; } = "'self' 'unsafe-inline'";

    /// <summary>Where pictures come from; those that charts are saved as are made in the page.</summary>
    public string Images { get; init; } = "'self' data: blob:";

    /// <summary>The nonce of this answer, for a script that stands in the page.</summary>
    public static string Nonce(HttpContext http) =>
        (string)(http.Items[Key] ??= Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));

    /// <summary>It as an answer's header.</summary>
    public static string Of(HttpContext http)
    {
        var policy = http.GetEndpoint()?.Metadata.GetMetadata<ContentPolicy>() ?? Default;
        var nonce = http.Items[Key] is string given ? $" 'nonce-{given}'" : "";
        return $"default-src 'none'; script-src {policy.Scripts}{nonce}; style-src {policy.Styles}; img-src {policy.Images}; "
            + "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
            // Nobody frames the application, and what it shows posts to nobody else.
            + "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'";
    }
}
