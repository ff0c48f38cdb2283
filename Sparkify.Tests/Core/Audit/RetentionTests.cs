using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Audit;

/// <summary>What is old goes at night, by the settings and a clock of the test's own; what somebody may need stays.</summary>
public sealed class RetentionTests
{
    // In the present the lines of the trail that the server lets go are the old ones.
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Night_ByNight_RemovesWhatIsTooOld_AndSaysWhat()
    {
        await using var app = await TestApp.StartAsync();
        await using var db = await FilledAsync(app);
        var retention = Retention(app);

        await retention.WorkAsync(default);
        Assert.Equal(Everything, await LeftAsync(db));
        Assert.Empty(await SaidAsync(app));

        _clock.Advance(TimeSpan.FromDays(100));
        await retention.WorkAsync(default);
        Assert.Equal(Everything with { Log = Held, Rejects = Held }, await LeftAsync(db));

        _clock.Advance(TimeSpan.FromDays(100));
        await retention.WorkAsync(default);
        Assert.Equal(Everything with { Log = Held, Rejects = Held, Queries = 0 }, await LeftAsync(db));

        _clock.Advance(TimeSpan.FromDays(200));
        await retention.WorkAsync(default);
        Assert.Equal(Everything with { Log = Held, Rejects = Held, Queries = 0, Checks = Held }, await LeftAsync(db));

        _clock.Advance(TimeSpan.FromDays(400));
        await retention.WorkAsync(default);
        // Of the two that were old and nobody's, the one of a kind that no newer one stands for stays.
        Assert.Equal(new Left(Runs: Held + 1, Held, Held, Held, Queries: 0), await LeftAsync(db));
        Assert.Equal(["newest of its kind", "open", "asks", "decided", "published"], await db.QueryAsync<string>("select actor from runs order by id"));

        await retention.WorkAsync(default);
        Assert.Equal(
            [
                "Removed for their age: log lines (6,000) and rejects (2).", "Removed for their age: queries (1).",
                "Removed for their age: checks (2).", "Removed for their age: runs (1).",
            ],
            (await SaidAsync(app)).Reverse());
    }

    [Fact]
    public async Task Stopped_InTheMiddle_EndsBetweenTwoBatches_AndTheRestGoesTheNextNight()
    {
        await using var app = await TestApp.StartAsync();
        await using var db = await FilledAsync(app);
        _clock.Advance(TimeSpan.FromDays(100));
        using var stop = new CancellationTokenSource();
        var (kept, removed) = (app.Services.GetServices<Kept>().Single(static k => k.What == "log lines"), 0);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => kept.RemoveAsync(
            app.Services.GetRequiredService<IStore>().Database, _clock.GetUtcNow(),
            gone =>
            {
                removed += gone;
                stop.Cancel();
            },
            stop.Token));

        Assert.Equal(5000, removed);
        await Retention(app).WorkAsync(default);
        Assert.Equal(Held, (await LeftAsync(db)).Log);
    }

    [Theory]
    [InlineData("LogDays", 0)]
    [InlineData("RunDays", -1)]
    [InlineData("QueryDays", 36_501)]
    public async Task Start_AnImpossibleSetting_IsSaid(string setting, int days)
    {
        var (code, said) = await AppProcess.RefusedAsync(
            "--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", "/nowhere/to/be/made", $"--Sparkify:Keep:{setting}", $"{days}");

        Assert.Equal(2, code);
        Assert.Contains($"Sparkify:Keep:{setting} must be between 1 and 36500, was {days}.", said);
    }

    // What runs that nothing may take from have: an open one, one that asks, one that was decided about, the published one.
    private const int Held = 4;

    private static Left Everything => new(Runs: 6, Log: 6000 + Held, Rejects: 2 + Held, Checks: 2 + Held, Queries: 1);

    private Retention Retention(TestApp app) => new(
        app.Services.GetRequiredService<IStore>(), app.Services.GetServices<Kept>().Where(static k => k.What != "lines of the audit trail"),
        app.Services.GetRequiredService<IAuditWriter>(), _clock);

    private static async Task<NpgsqlConnection> FilledAsync(TestApp app)
    {
        Assert.Contains(app.Services.GetServices<IUpkeep>(), static u => u is { Name: "retention", Cron: "17 3 * * *" });
        var db = new NpgsqlConnection(app.Store);
        await db.OpenAsync();
        await db.ExecuteAsync(
            """
            insert into warehouses (name, target, source, max_rejects, created_at, created_by, schema)
                values ('w', 'local', '{}', 10, now(), 'ann', 'dwh');
            insert into runs (warehouse, kind, state, actor, created_at, finished_at, asked_at) values
                ('w', 'provision', 'succeeded', 'newest of its kind', now(), now(), null),
                ('w', 'load', 'failed', 'old', now(), now(), null),
                ('w', 'check', 'running', 'open', now(), null, null),
                ('w', 'load', 'needsdecision', 'asks', now(), null, now()),
                ('w', 'load', 'cancelled', 'decided', now(), now(), now()),
                ('w', 'load', 'succeeded', 'published', now(), now(), null);
            update warehouses set published_run = (select id from runs where actor = 'published');
            insert into run_log (run, sequence, at, level, message)
                select r.id, n, now(), 'info', 'x' from runs r, generate_series(1, case when r.actor = 'old' then 5999 else 1 end) n;
            insert into rejects (run, part, file, line, offs, reason, raw) select id, 'events', 'f', 1, 0, 'x', 'x' from runs;
            insert into checks (run, ordinal, name, question, found, outcome) select id, 1, 'c', 'q', 0, 'passed' from runs;
            insert into queries (warehouse, actor, sql, started_at) values ('w', 'ann', 'select 1', now());
            """);
        return db;
    }

    private static Task<Left> LeftAsync(NpgsqlConnection db) => db.QuerySingleAsync<Left>(
        """
        select (select count(*) from runs)::integer as Runs, (select count(*) from run_log)::integer as Log,
               (select count(*) from rejects)::integer as Rejects, (select count(*) from checks)::integer as Checks,
               (select count(*) from queries)::integer as Queries
        """);

    private static async Task<IReadOnlyList<string?>> SaidAsync(TestApp app) =>
        [.. (await app.Services.GetRequiredService<IAuditTrail>().ListAsync(new AuditFilter(), 1, 50, default)).Items
            .Where(static line => line is { What: "retention.remove", Actor: "Sparkify" }).Select(static line => line.Detail)];

    private sealed record Left(int Runs, int Log, int Rejects, int Checks, int Queries);
}
