using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Fakes;

/// <summary>Tables, stars, rejects and checks as a test says they are. A warehouse nobody told it about throws.</summary>
internal sealed class FakeTables : ITables, ILoadRecords, IStarVersions
{
    private readonly ConcurrentDictionary<string, (IReadOnlyList<TableInfo> Tables, PlayCounts? Plays)> _tables = new(
        StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<Reject>> _rejects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<CheckResult>> _checks = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, IReadOnlyList<StarVersion>> _stars = new(StringComparer.Ordinal);

    private int _checksRead;

    public ConcurrentQueue<RejectFilter> Asked { get; } = new();

    public void Have(string warehouse, PlayCounts? plays, params TableInfo[] tables) => _tables[warehouse] = (tables, plays);

    public void HaveStars(string warehouse, params StarVersion[] stars) => _stars[warehouse] = stars;

    public void HaveRejects(string warehouse, params Reject[] rejects) => _rejects[warehouse] = rejects;

    public void HaveChecks(string warehouse, params CheckResult[] checks) => _checks[warehouse] = checks;

    /// <summary>Waited for, in order, by those who ask for tables; whoever asks when it is empty does not wait.</summary>
    public ConcurrentQueue<Task> Waits { get; } = new();

    public string Facts => "songplays";

    public async Task<IReadOnlyList<TableInfo>> ListAsync(string warehouse, CancellationToken ct)
    {
        if (Waits.TryDequeue(out var wait))
        {
            await wait;
        }

        return Of(warehouse).Tables;
    }

    Task<IReadOnlyList<StarVersion>> IStarVersions.ListAsync(string warehouse, CancellationToken ct) =>
        Task.FromResult(_stars.GetValueOrDefault(warehouse) ?? []);

    public Task<PlayCounts?> PlaysAsync(string warehouse, CancellationToken ct) => Task.FromResult(Of(warehouse).Plays);

    public Task<Page<Reject>> RejectsAsync(string warehouse, RejectFilter filter, CancellationToken ct)
    {
        Asked.Enqueue(filter);
        var all = (_rejects.GetValueOrDefault(warehouse) ?? [])
            .Where(r => (filter.Part is null || r.Part == filter.Part) && (filter.Reason is null || r.Reason == filter.Reason)).ToList();
        return Task.FromResult(new Page<Reject>(
            [.. all.Skip((filter.Page - 1) * filter.Size).Take(filter.Size)], all.Count, filter.Page, filter.Size));
    }

    public IAsyncEnumerable<Reject> AllRejectsAsync(string warehouse, RejectFilter filter, CancellationToken ct) =>
        throw new InvalidOperationException("No page takes all rejects.");

    // The fake's reasons are all kinds already.
    public Task<IReadOnlyList<RejectReason>> ReasonsAsync(string warehouse, long? run, SourcePart? part, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<RejectReason>>([.. (_rejects.GetValueOrDefault(warehouse) ?? [])
            .Where(r => part is null || r.Part == part).GroupBy(static r => r.Reason)
            .Select(static g => new RejectReason(
                g.Key, $"What to do about: {g.Key}", g.Count(), g.Select(static r => r.File).Distinct().Count(),
                    [.. g.Select(static r => r.Part).Distinct()]))
            .OrderByDescending(static r => r.Records)]);

    /// <summary>How often somebody read checks.</summary>
    public int ChecksRead => _checksRead;

    public Task<IReadOnlyList<CheckResult>> ChecksAsync(string warehouse, long? run, CancellationToken ct)
    {
        Interlocked.Increment(ref _checksRead);
        return Task.FromResult(_checks.GetValueOrDefault(warehouse) ?? []);
    }

    private (IReadOnlyList<TableInfo> Tables, PlayCounts? Plays) Of(string warehouse) =>
        _tables.TryGetValue(warehouse, out var all)
            ? all
            : throw new InvalidOperationException($"Nobody told this fake about the tables of {warehouse}.");
}
