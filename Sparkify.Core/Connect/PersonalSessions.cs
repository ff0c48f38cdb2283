using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Connect;

/// <summary>
/// Keeps the sessions of people's own logins on the store's server within what a session could set back by itself: their memory and their
/// files count with those of all queries, what works for too long is ended, and there are only so many. Looks while there are such logins.
/// </summary>
internal sealed partial class PersonalSessions(
    IStore store, PersonalLoginBook book, QueryWatch watch, IOptions<ConnectOptions> connect, IOptions<QueryOptions> queries,
    TimeProvider clock, ILogger<PersonalSessions> logger) : BackgroundService
{
    // A session says nothing when it begins, so it has to be looked for.
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    // Other processes on this store make logins, too.
    private static readonly TimeSpan WithoutLogins = TimeSpan.FromSeconds(30);

    // What a session may have in use when it has done nothing for so long is little.
    private const double IdleSeconds = 10;

    private const string Sessions =
        """
        select l.person, l.role, coalesce(a.pid, 0) as Pid, a.backend_start as Began, coalesce(a.state, '') as State,
               coalesce(extract(epoch from clock_timestamp() - a.state_change), 0)::double precision as StateFor,
               coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::double precision as OpenFor
        from   personal_logins l join warehouses w on w.name = l.warehouse and w.target = 'local'
        left join pg_stat_activity a on a.usename = l.role and a.backend_type = 'client backend'
        order  by a.backend_start
        """;

    private readonly Dictionary<(int Pid, DateTime Began), QueryPlace> _watched = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var made = book.Subscribe();
        while (!stoppingToken.IsCancellationRequested)
        {
            var any = true;
            try
            {
                any = await LookAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                NotSeen(logger, ex.Message); // a store that is away
            }

            using var rest = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var pause = Task.Delay(any ? Beat : WithoutLogins, clock, rest.Token);
            await Task.WhenAny(any ? pause : made.Reader.WaitToReadAsync(rest.Token).AsTask(), pause);
            await rest.CancelAsync();
            while (made.Reader.TryRead(out _))
            {
                // All of them are looked at.
            }
        }
    }

    // Whether there are any logins to look after.
    private async Task<bool> LookAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = (await db.QueryAsync<Row>(new CommandDefinition(Sessions, cancellationToken: ct))).AsList();
        var all = rows.Where(static r => r.Began is not null).ToList();
        foreach (var gone in _watched.Keys.Where(k => !all.Exists(r => r.Key == k && r.Works)).ToList())
        {
            _watched.Remove(gone, out var place);
            place!.Dispose();
        }

        var limit = queries.Value.CsvTimeout;
        for (var at = 0; at < all.Count; at++)
        {
            var one = all[at];
            var why = at >= connect.Value.Sessions ? $"people's own logins had more than {connect.Value.Sessions} sessions ({ConnectOptions.Section}:{nameof(ConnectOptions.Sessions)})"
                : TimeSpan.FromSeconds(one.OpenFor) > limit ? $"its transaction was open for longer than {limit} ({QueryOptions.Section}:{nameof(QueryOptions.CsvTimeout)})"
                : null;
            if (why is not null)
            {
                await EndAsync(db, one.Key, ct);
                Ended(logger, one.Role, why);
            }
            else if (one.Works && !_watched.ContainsKey(one.Key))
            {
                QueryPlace place = new(one.Person, watch, static _ => { });
                place.Ended.Register(() => _ = EndAloneAsync(one.Key));
                place.WorksBy(new QueryBackend(one.Pid, one.Role, OfTheStore: true));
                _watched[one.Key] = place;
            }
        }

        return rows.Count > 0;
    }

    private async Task EndAloneAsync((int Pid, DateTime Began) session)
    {
        try
        {
            await using var db = await store.Database.OpenConnectionAsync();
            await EndAsync(db, session, CancellationToken.None);
        }
        catch (NpgsqlException ex)
        {
            NotSeen(logger, ex.Message);
        }
    }

    private static Task<int> EndAsync(NpgsqlConnection db, (int Pid, DateTime Began) session, CancellationToken ct) => db.ExecuteAsync(
        new CommandDefinition(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid = @Pid and backend_start = @Began",
            new { session.Pid, session.Began }, cancellationToken: ct));

    [LoggerMessage(4141, LogLevel.Warning, "The sessions of people's own logins could not be looked at: {Why}")]
    private static partial void NotSeen(ILogger logger, string why);

    [LoggerMessage(4142, LogLevel.Warning, "A session of {User} was ended: {Why}")]
    private static partial void Ended(ILogger logger, string user, string why);

    private sealed class Row
    {
        public string Person { get; init; } = "";
        public string Role { get; init; } = "";
        public int Pid { get; init; }
        public DateTime? Began { get; init; }
        public string State { get; init; } = "";
        public double StateFor { get; init; }
        public double OpenFor { get; init; }

        public (int Pid, DateTime Began) Key => (Pid, Began!.Value);

        public bool Works => State != "idle" || StateFor < IdleSeconds;
    }
}
