using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Sparkify.Web.Api.Contract;

/// <summary>
/// Versions of what can be changed: told as ETag, and asked for by If-Match. Who names none changes what they name whatever else was
/// changed meanwhile. Changes come one at a time, so that of two who saw the same version one is told.
/// </summary>
internal sealed class Versions : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>The version of something that consists of these texts.</summary>
    public static string Of(params IEnumerable<string> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', texts))))[..16];

    /// <summary>Tells the version of what is answered.</summary>
    public static void Tell(HttpResponse response, string version) => response.Headers.ETag = $"\"{version}\"";

    public void Dispose() => _gate.Dispose();

    /// <summary>Changes something, unless its version is none of those the request names.</summary>
    /// <param name="http">The request.</param>
    /// <param name="read">Reads it as it is now; asked only when versions are named.</param>
    /// <param name="version">Its version.</param>
    /// <param name="change">Changes it, and is given what was read; none when no version is named.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<T> ChangeAsync<T>(
        HttpContext http, Func<Task<T>> read, Func<T, string> version, Func<T?, Task<T>> change, CancellationToken ct)
        where T : class
    {
        await _gate.WaitAsync(ct);
        try
        {
            T? found = null;
            if (http.Request.Headers.IfMatch.Count > 0)
            {
                found = await read();
                var now = version(found);
                if (!EntityTagHeaderValue.TryParseList(http.Request.Headers.IfMatch, out var named)
                    || !named.Any(n => n.Equals(EntityTagHeaderValue.Any) || (!n.IsWeak && n.Tag == $"\"{now}\"")))
                {
                    throw new HttpProblem(
                        StatusCodes.Status412PreconditionFailed,
                        $"It was changed meanwhile: it is at version \"{now}\" now, which the header If-Match does not name. Read it again, then change it.");
                }
            }

            var changed = await change(found);
            Tell(http.Response, version(changed));
            return changed;
        }
        finally
        {
            _gate.Release();
        }
    }
}
