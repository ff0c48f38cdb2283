using System.Runtime.CompilerServices;

namespace Sparkify.Web.Api;

/// <summary>Streams that have begun: what cannot be read at all is known before the first byte is sent.</summary>
internal static class Begun
{
    /// <summary>Reads the first of them; it comes again with the others.</summary>
    public static async Task<IAsyncEnumerable<T>> WithAsync<T>(IAsyncEnumerable<T> all, CancellationToken ct)
    {
        var rest = all.GetAsyncEnumerator(ct);
        try
        {
            return ReadAsync(rest, await rest.MoveNextAsync(), ct);
        }
        catch
        {
            await rest.DisposeAsync();
            throw;
        }
    }

    private static async IAsyncEnumerable<T> ReadAsync<T>(
        IAsyncEnumerator<T> rest, bool any, [EnumeratorCancellation] CancellationToken ct)
    {
        await using (rest)
        {
            for (; any; any = await rest.MoveNextAsync())
            {
                ct.ThrowIfCancellationRequested();
                yield return rest.Current;
            }
        }
    }
}
