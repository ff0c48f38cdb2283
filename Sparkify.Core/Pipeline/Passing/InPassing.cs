using System.Runtime.CompilerServices;
using Npgsql;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// What a load makes of events while it stages them: plays, which every worker makes of its own and sends through one COPY into one table,
/// and, at the end, the moments and what users are built from. What there is no memory for is left to the server, which gives the same.
/// </summary>
/// <param name="database">Connections as the loader.</param>
/// <param name="schema">Where it goes.</param>
/// <param name="catalogue">What plays are found by; none when it was too large.</param>
/// <param name="budget">How much memory there is.</param>
internal sealed class InPassing(NpgsqlDataSource database, string schema, PlayCatalogue? catalogue, MemoryBudget budget) : IAsyncDisposable
{
    /// <summary>Over how many connections it sends at once.</summary>
    public const int Connections = 2;

    private const int SentAtOnce = 64 * 1024;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<PassingWorker> _workers = [];
    private readonly CopySender _plays = NewSender(database, schema, StarSchema.Songplays.Name, StarSchema.Songplays.Columns);

    private readonly List<StarTable> _left = catalogue is null ? [StarSchema.Songplays] : [];

    /// <summary>Once it is complete: the tables that are left to the server, since there was no memory for them.</summary>
    public IReadOnlyList<StarTable> LeftToServer => _left;

    /// <summary>What takes events, for one worker.</summary>
    public PassingWorker NewWorker(int bytes)
    {
        var plays = catalogue is null ? null : new PlayEncoder(catalogue, bytes);
        PassingWorker worker = new(this, plays, new UserEvents(budget), new Moments(budget));
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Sends plays.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> plays, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await _plays.SendAsync(plays, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends what was gathered, and makes all of it stay.</summary>
    public Task CompleteAsync(CancellationToken ct) => Task.WhenAll(_plays.CompleteAsync(ct), Task.Run(() => SendGatheredAsync(ct), ct));

    public async ValueTask DisposeAsync()
    {
        await _plays.DisposeAsync();
        _turn.Dispose();
    }

    private async Task SendGatheredAsync(CancellationToken ct)
    {
        var users = _workers[0].Users;
        foreach (var worker in _workers.Skip(1))
        {
            users.Take(worker.Users);
        }

        var moments = _workers.ConvertAll(static w => w.Moments);
        moments.ForEach(static m => m.End());

        // The many first: they are sent while the staged events are being made durable, and the few then take no time.
        await SendAsync(
            StarSchema.Time, StarSchema.Time.Name, StarSchema.Time.Columns, moments.TrueForAll(static m => m.IsWhole),
            MomentRows.Of(Moments.InOrder(moments)), ct);
        await SendAsync(LatestEvents.Builds, LatestEvents.Name, LatestEvents.Columns, users.IsWhole, users.Rows, ct);
    }

    private async Task SendAsync(
        StarTable builds, string table, IReadOnlyList<StarColumn> columns, bool isWhole, IEnumerable<ReadOnlyMemory<byte>> rows,
        CancellationToken ct)
    {
        if (!isWhole)
        {
            _left.Add(builds);
            return;
        }

        await using var sender = NewSender(database, schema, table, columns);
        var together = new byte[SentAtOnce];
        var length = 0;
        await sender.SendAsync(default, ct); // a table without rows says that there are none
        foreach (var row in rows)
        {
            if (length + row.Length > together.Length)
            {
                await sender.SendAsync(together.AsMemory(0, length), ct);
                length = 0;
            }

            row.CopyTo(together.AsMemory(length));
            length += row.Length;
        }

        await sender.SendAsync(together.AsMemory(0, length), ct);
        await sender.CompleteAsync(ct);
    }

    private static CopySender NewSender(NpgsqlDataSource database, string schema, string table, IReadOnlyList<StarColumn> columns) =>
        new(database, $"{schema}.{table}", $"({PostgresDdl.Columns(columns)})", columns.Select(static c => c.Name));
}
