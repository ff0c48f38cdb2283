using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Queries;

/// <summary>One query under way: reads the rows into a bounded list while others look at it.</summary>
internal sealed class QueryRun : IQueryRun
{
    private const int LongestCell = 4000;
    private const long MostCharacters = 16_000_000;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<string?[]> _rows = [];
    private readonly Feed<QueryView> _feed = new();

    // Never disposed of: people cancel at any moment, also while the page that shows the query is being left.
    private readonly CancellationTokenSource _stop = new();
    private readonly char[] _cell = new char[LongestCell + 1];
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ILogger _logger;
    private readonly int _most;
    private readonly TimeSpan _limit;
    private readonly QueryPlace _place;

    /// <summary>How long rows beyond the kept ones are counted before "at least" will do.</summary>
    private readonly TimeSpan _counting;
    private int _disposed;
    private long _characters;
    private IReadOnlyList<QueryColumn>? _columns;
    private TimeSpan? _first;
    private volatile QueryView _now = new(QueryState.Running, null, 0, null, false, TimeSpan.Zero, null, null);

    public QueryRun(
        long id, string sql, int most, TimeSpan limit, QueryPlace place, Func<CancellationToken, Task<QuerySession>> openAsync,
        Func<QueryView, Task> endedAsync, ILogger logger)
    {
        (Id, Sql, _most, _limit, _place, _logger) = (id, sql, most, limit, place, logger);
        _counting = TimeSpan.FromSeconds(Math.Min(3, limit.TotalSeconds / 4));
        Completion = Task.Run(() => RunAsync(openAsync, endedAsync));
    }

    public long Id { get; }

    public string Sql { get; }

    public QueryView Now => _now is { State: QueryState.Running } running ? running with { Took = Stopwatch.GetElapsedTime(_began) } : _now;

    public Task<QueryView> Completion { get; }

    private bool Cancelled { get; set; }

    public Subscription<QueryView> Subscribe() => _feed.Subscribe();

    public IReadOnlyList<IReadOnlyList<string?>> Rows(int start, int count)
    {
        lock (_gate)
        {
            start = Math.Clamp(start, 0, _rows.Count);
            return _rows.GetRange(start, Math.Clamp(count, 0, _rows.Count - start));
        }
    }

    public async Task CancelAsync()
    {
        Cancelled = true;
        await _stop.CancelAsync();
        await Completion;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await CancelAsync();
        lock (_gate)
        {
            _rows.Clear();
        }
    }

    private async Task<QueryView> RunAsync(Func<CancellationToken, Task<QuerySession>> openAsync, Func<QueryView, Task> endedAsync)
    {
        using var span = Signals.Spans.StartActivity("query");
        QueryView last;
        using (_place)
        {
            _place.EndsAfter(_limit);
            last = await LastAsync(openAsync);
        }

        try
        {
            await endedAsync(last);
        }
        finally
        {
            Publish(last);
        }

        return last;
    }

    private async Task<QueryView> LastAsync(Func<CancellationToken, Task<QuerySession>> openAsync)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _place.Ended);
        var ct = either.Token;
        try
        {
            await using var session = await openAsync(ct);
            await using var reader = await session.ReadAsync(ct);
            _columns = QueryWords.Columns(reader);
            var (more, least) = await KeepAsync(reader, ct) ? await CountAsync(session, reader, ct) : (0, false);
            return View(QueryState.Succeeded, more, least);
        }
        catch (Exception ex) when (ct.IsCancellationRequested && (ex is OperationCanceledException || WarehouseFaults.OfTheWay(ex)))
        {
            return Cancelled ? View(QueryState.Cancelled) : View(QueryState.Failed, error: new QueryError(_place.Why!));
        }
        catch (SparkifyException ex)
        {
            return View(QueryState.Failed, error: new QueryError(ex.Message));
        }
        catch (Exception ex) when (QueryWords.Knows(ex))
        {
            return View(QueryState.Failed, error: QueryWords.Error(ex, Sql, _limit));
        }
        catch (Exception ex)
        {
            // Whatever it is, people look at this query and wait for its end.
            ReportsLog.QueryFailed(_logger, Id, ex);
            return View(QueryState.Failed, error: QueryWords.Unexpected());
        }
    }

    // Gives whether there are more rows than may be kept.
    private async Task<bool> KeepAsync(NpgsqlDataReader reader, CancellationToken ct)
    {
        var told = 0L;
        while (await reader.ReadAsync(ct))
        {
            if (_rows.Count == _most || _characters > MostCharacters)
            {
                return true;
            }

            var row = Row(reader);
            lock (_gate)
            {
                _rows.Add(row);
            }

            _first ??= Stopwatch.GetElapsedTime(_began);
            if (_rows.Count == 1 || Stopwatch.GetElapsedTime(told) > Beat)
            {
                told = Stopwatch.GetTimestamp();
                Publish(View(QueryState.Running));
            }
        }

        return false;
    }

    // The rows are there to be shown; counting the others is worth a moment, not more, and no failure when their time is over.
    private async Task<(long More, bool Least)> CountAsync(QuerySession session, NpgsqlDataReader reader, CancellationToken ct)
    {
        Publish(View(QueryState.Running));
        var (more, began, enough) = (1L, Stopwatch.GetTimestamp(), false);
        try
        {
            while (await reader.ReadAsync(ct))
            {
                more++;
                if (!enough && (more & 1023) == 0 && Stopwatch.GetElapsedTime(began) > _counting)
                {
                    enough = true;
                    session.Cancel();
                }
            }
        }
        catch (Exception ex) when (
            !ct.IsCancellationRequested
                && ex is OperationCanceledException or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled })
        {
            return (more, true);
        }

        return (more, false);
    }

    private string?[] Row(NpgsqlDataReader reader)
    {
        var row = new string?[reader.FieldCount];
        for (var at = 0; at < row.Length; at++)
        {
            if (reader.IsDBNull(at))
            {
                continue;
            }

            var length = (int)reader.GetChars(at, 0, _cell, 0, _cell.Length);
            row[at] = length <= LongestCell ? new string(_cell, 0, length)
                : string.Concat(_cell.AsSpan(0, char.IsHighSurrogate(_cell[LongestCell - 1]) ? LongestCell - 1 : LongestCell), "…");
            _characters += length;
        }

        return row;
    }

    private QueryView View(QueryState state, long? more = null, bool least = false, QueryError? error = null) =>
        new(state, _columns, _rows.Count, more, least, Stopwatch.GetElapsedTime(_began), _first, error);

    private void Publish(QueryView view)
    {
        _now = view;
        _feed.Publish(view);
    }
}
