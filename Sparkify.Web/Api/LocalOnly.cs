using System.Net;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api;

/// <summary>
/// Until there are accounts, whoever reaches the application is its administrator: so only this machine may, and in a browser only
/// the application's own pages.
/// </summary>
internal static class LocalOnly
{
    /// <summary>Whether a request comes from this machine.</summary>
    public static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote);

    public static IApplicationBuilder UseLocalOnly(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (!IsLocal(context))
        {
            throw SparkifyException.Denied("Sparkify answers only on the machine it runs on. Reach it through an SSH tunnel to its port.");
        }

        // Browsers say where a request comes from; another site's page must not start or cancel anything here.
        var foreign = context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
            || (context.Request.Headers.Origin.ToString() is { Length: > 0 } origin
            && origin != $"{context.Request.Scheme}://{context.Request.Host}");
        if (foreign && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            throw SparkifyException.Denied("This request came from another site's page and was refused.");
        }

        return next(context);
    });
}
