using System.Collections.Concurrent;

namespace Sparkify.Simulator;

/// <summary>Requests and bytes that S3 has answered.</summary>
/// <param name="Requests">How many.</param>
/// <param name="Bytes">The bytes of the objects that went in or out with them.</param>
public sealed record S3Total(long Requests, long Bytes);

/// <summary>Counts what S3 answers, by operation; what a COPY reads counts as well.</summary>
internal sealed class S3Traffic
{
    private readonly ConcurrentDictionary<string, S3Total> _totals = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, S3Total> Totals => new Dictionary<string, S3Total>(_totals, StringComparer.Ordinal);

    public void Add(string operation, long bytes)
        => _totals.AddOrUpdate(operation, new S3Total(1, bytes), (_, total) => new S3Total(total.Requests + 1, total.Bytes + bytes));

    public void Clear() => _totals.Clear();
}
