namespace Sparkify.Web.Identity;

/// <summary>Requests that a page of another site made a browser send: it sends the cookie along, whoever asked for it.</summary>
internal static class Foreign
{
    /// <summary>Whether a request is one; browsers say where a request comes from, and programs do not.</summary>
    public static bool Is(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin && origin != $"{request.Scheme}://{request.Host}");
}
