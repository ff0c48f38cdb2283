using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.People;

/// <summary>People, their passwords and sessions, on a store of their own.</summary>
public sealed class PeopleTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private static readonly CameFrom Here = new("127.0.0.1", "curl/8");
    private static readonly Actor Ann = new("ann");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));
    private TestStore _store = null!;
    private Standing _standing = null!;
    private Door _door = null!;
    private PeopleRegistry _people = null!;
    private SessionRegistry _sessions = null!;

    public async Task InitializeAsync()
    {
        _store = new TestStore(await SharedPostgres.NewDatabaseAsync());
        await Migrations.ApplyAsync(_store.Database, [], NullLogger.Instance, default);
        _standing = new Standing(_store, _clock);
        var failed = new FailedSignIns(_store, _clock);
        var audit = new AuditStore(_store, _clock);
        var changes = new PersonChanges(_store, _standing);
        _door = new Door(_store, _standing, failed, new VouchedPeople(_store, changes, audit, _clock), audit, _clock);
        _people = new PeopleRegistry(_store, _standing, changes, _clock);
        _sessions = new SessionRegistry(_store, _standing, failed, _clock);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Begin_Nobody_MakesTheAdministratorOnce()
    {
        Assert.False(await _door.HasAccountsAsync(default));

        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(async n =>
        {
            try
            {
                await _door.BeginAsync($"ann{n}", Password, default);
                return 1;
            }
            catch (SparkifyException ex) when (ex.Kind == ProblemKind.Conflict)
            {
                return 0;
            }
        }));

        Assert.Equal(1, both.Sum());
        Assert.True(await _door.HasAccountsAsync(default));
        Assert.Equal([new Grant(Role.Admin)], Assert.Single(await _people.ListAsync(default)).Grants);
    }

    [Fact]
    public async Task Begin_WhatWasDoneBefore_ReadsBeforeAccounts()
    {
        await _store.ExecuteAsync(
            """
            insert into warehouses (name, target, source, max_rejects, created_at, created_by, schema)
            values ('w', 'local', '{}', 1, now(), 'local administrator', 'dwh');
            insert into runs (warehouse, kind, state, actor, created_at)
            values ('w', 'load', 'succeeded', 'local administrator', now()), ('w', 'load', 'failed', 'Sparkify', now());
            insert into saved_queries (actor, name, sql, changed_at) values ('local administrator', 'mine', 'select 1', now());
            """);

        await _door.BeginAsync("ann", Password, default);

        Assert.Equal(
            "Sparkify,before accounts|before accounts|ann",
            await _store.ScalarAsync(
                """
                select (select string_agg(actor, ',' order by actor) from runs) || '|' || (select created_by from warehouses) || '|' ||
                       (select actor from saved_queries)
                """));
    }

    [Theory]
    [InlineData("short", "ann")]
    [InlineData("aaaaaaaaaaaabbbb", "ann")]
    [InlineData("my name is Ann, really", "ann")]
    [InlineData("a good one that is long", "sparkify")]
    [InlineData("a good one that is long", "ann lee")]
    [InlineData("a good one that is long", "ann\n")]
    public async Task Begin_WhatWillNotDo_IsRefusedWithASentence(string password, string name)
    {
        Assert.Equal(ProblemKind.Invalid, await RefusedAsync(() => _door.BeginAsync(name, password, default)));

        Assert.False(await _door.HasAccountsAsync(default));
    }

    [Fact]
    public async Task SignIn_RightPassword_OpensASessionWhoseSecretIsNotKept()
    {
        await _door.BeginAsync("ann", Password, default);

        var secret = await _door.SignInAsync(" ANN ", Password, Here, default);

        var caller = await _door.FindAsync(secret, default);
        Assert.Equal("ann", caller!.Actor.Name);
        Assert.True(caller.Actor.Grants.MayEverywhere(Right.Administer));
        Assert.DoesNotContain(secret, await _store.ScalarAsync(
            "select string_agg(s::text, '') || (select string_agg(p::text, '') from people p) from sessions s"));
        Assert.Null(await _door.FindAsync(secret[..^1] + (secret[^1] == 'A' ? 'B' : 'A'), default));
        var own = Assert.Single(await _sessions.OwnAsync(Ann, default));
        Assert.Equal(("127.0.0.1", "curl/8"), (own.Address, own.Browser));
    }

    [Fact]
    public async Task Session_Unused_EndsByItself()
    {
        await _door.BeginAsync("ann", Password, default);
        var secret = await _door.SignInAsync("ann", Password, Here, default);
        for (var day = 0; day < 6; day++)
        {
            for (var hours = 0; hours < 24; hours += 8)
            {
                _clock.Advance(TimeSpan.FromHours(8));
                Assert.NotNull(await _door.FindAsync(secret, default));
            }
        }

        _clock.Advance(TimeSpan.FromHours(13));
        Assert.Null(await _door.FindAsync(secret, default));
    }

    [Fact]
    public async Task Session_HoweverOftenUsed_EndsAfterAWeek()
    {
        await _door.BeginAsync("ann", Password, default);
        var secret = await _door.SignInAsync("ann", Password, Here, default);
        for (var hours = 0; hours < 7 * 24 - 8; hours += 8)
        {
            _clock.Advance(TimeSpan.FromHours(8));
            Assert.NotNull(await _door.FindAsync(secret, default));
        }

        _clock.Advance(TimeSpan.FromHours(8));
        Assert.Null(await _door.FindAsync(secret, default));
    }

    [Fact]
    public async Task SignIn_ManyAttempts_WaitLongerAndLonger_WhetherOrNotThereIsSuchAPerson()
    {
        await _door.BeginAsync("ann", Password, default);
        foreach (var name in new[] { "ann", "nobody.there" })
        {
            List<ProblemKind> answers = [];
            for (var attempt = 0; attempt < 7; attempt++)
            {
                answers.Add(await RefusedAsync(() => _door.SignInAsync(name, "wrong, all wrong", Here, default)));
            }

            Assert.Equal([.. Enumerable.Repeat(ProblemKind.Denied, 5), ProblemKind.TooMany, ProblemKind.TooMany], answers);
            _clock.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(ProblemKind.Denied, await KindAsync(name));
            _clock.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(ProblemKind.TooMany, await KindAsync(name));
            _clock.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(ProblemKind.Denied, await KindAsync(name));
        }

        // The right password has to wait, too, and then makes good.
        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(() => _door.SignInAsync("ann", Password, Here, default)));
        _clock.Advance(TimeSpan.FromMinutes(15));
        await _door.SignInAsync("ann", Password, Here, default);
        Assert.Equal(ProblemKind.Denied, await KindAsync("ann"));

        async Task<ProblemKind> KindAsync(string name) =>
            await RefusedAsync(() => _door.SignInAsync(name, "wrong, all wrong", Here, default));
    }

    [Fact]
    public async Task SignIn_WhatStrangersTry_DelaysThemAndNobodyElse()
    {
        await _door.BeginAsync("ann", Password, default);
        await TryAsync(new CameFrom("203.0.113.5", "curl/8"), times: 12);

        await _door.SignInAsync("ann", Password, Here, default);

        // Nor does it set their own count back that she signed in meanwhile.
        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(
            () => _door.SignInAsync("ann", Password, new CameFrom("203.0.113.5", "curl/8"), default)));
        // Whoever has one address of IPv6 has all of its network.
        foreach (var last in Enumerable.Range(1, 5))
        {
            await TryAsync(new CameFrom($"2001:db8::{last}", "curl/8"), times: 1);
        }

        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(
            () => _door.SignInAsync("ann", Password, new CameFrom("2001:db8::9", "curl/8"), default)));
    }

    [Fact]
    public async Task SignIn_FromManyAddresses_WaitsToo_ButNotInABrowserThatIsKnown()
    {
        var known = Here with { Kept = "what ann's browser holds" };
        await _door.BeginAsync("ann", Password, default);
        await _people.AddAsync("bob", Password, [], Ann, default);
        await _door.SignInAsync("ann", Password, known, default);
        for (var address = 1; address <= 25; address++)
        {
            await TryAsync(new CameFrom($"203.0.113.{address}", "curl/8"), times: 2);
        }

        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(
            () => _door.SignInAsync("ann", Password, new CameFrom("198.51.100.7", "curl/8"), default)));
        // From wherever she is: it is the browser that counts.
        await _door.SignInAsync("ann", Password, known with { Address = "198.51.100.7" }, default);
        // It is hers, not anybody's who sits at it.
        await TryAsync(known, times: 5, name: "bob");
        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(() => _door.SignInAsync("bob", Password, known, default)));
        // And somebody who has it may not try without end either.
        await TryAsync(known, times: 5);
        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(() => _door.SignInAsync("ann", Password, known, default)));
        Assert.Equal(ProblemKind.TooMany, await RefusedAsync(
            () => _door.SignInAsync("ann", Password, new CameFrom("198.51.100.7", "curl/8", "made up"), default)));
    }

    [Fact]
    public async Task SignIn_ManyAtOnce_AreCountedBeforeTheyAreLookedAt()
    {
        await _door.BeginAsync("ann", Password, default);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
            await RefusedAsync(() => _door.SignInAsync("ann", "wrong, all wrong", Here, default))));

        Assert.Equal(5, answers.Count(k => k == ProblemKind.Denied));
    }

    [Fact]
    public async Task Grant_OtherRoles_CountAtOnceAndAreTold()
    {
        await _door.BeginAsync("ann", Password, default);
        var bob = await _people.AddAsync("bob", Password, [new Grant(Role.Viewer)], Ann, default);
        var secret = await _door.SignInAsync("bob", Password, Here, default);
        Assert.False((await _door.FindAsync(secret, default))!.Actor.Grants.MayEverywhere(Right.Operate));
        using var changes = _door.Subscribe();

        await _people.GrantAsync(bob.Id, [new Grant(Role.Operator)], Ann, default);

        Assert.True((await _door.FindAsync(secret, default))!.Actor.Grants.MayEverywhere(Right.Operate));
        Assert.True(changes.Reader.TryRead(out var stale));
        Assert.Equal(new Stale("bob"), stale);
    }

    [Fact]
    public async Task Grant_ByAnotherProcess_CountsWithinSeconds()
    {
        await _door.BeginAsync("ann", Password, default);
        var secret = await _door.SignInAsync("ann", Password, Here, default);
        Assert.NotNull(await _door.FindAsync(secret, default));

        await _store.ExecuteAsync("update people set closed = true");
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await _door.FindAsync(secret, default));
    }

    [Fact]
    public async Task LastAdministrator_CannotGoByAnyWay()
    {
        await _door.BeginAsync("ann", Password, default);
        var ann = Assert.Single(await _people.ListAsync(default));

        await RefusedAsync(() => _people.GrantAsync(ann.Id, [new Grant(Role.Engineer)], Ann, default));
        await RefusedAsync(() => _people.CloseAsync(ann.Id, true, Ann, default));

        Assert.Equal([new Grant(Role.Admin)], Assert.Single(await _people.ListAsync(default)).Grants);
    }

    [Fact]
    public async Task Close_Somebody_EndsTheirSessionsAndKeepsTheirName()
    {
        await _door.BeginAsync("ann", Password, default);
        var bob = await _people.AddAsync("bob", Password, [], Ann, default);
        var secret = await _door.SignInAsync("bob", Password, Here, default);

        await _people.CloseAsync(bob.Id, true, Ann, default);

        Assert.Null(await _door.FindAsync(secret, default));
        Assert.Equal(ProblemKind.Denied, await RefusedAsync(() => _door.SignInAsync("bob", Password, Here, default)));
        Assert.Equal(
            ProblemKind.Conflict, await RefusedAsync(() => _people.AddAsync("BOB", Password, [], Ann, default)));
        await _people.CloseAsync(bob.Id, false, Ann, default);
        await _door.SignInAsync("bob", Password, Here, default);
    }

    [Fact]
    public async Task ChangePassword_OfOnesOwn_EndsTheOtherSessions()
    {
        await _door.BeginAsync("ann", Password, default);
        var here = await _door.SignInAsync("ann", Password, Here, default);
        var there = await _door.SignInAsync("ann", Password, Here, default);
        var session = (await _door.FindAsync(here, default))!.Session!.Value;

        await RefusedAsync(() => _sessions.ChangePasswordAsync("not it, not at all", "another good one", session, Ann, default));
        await _sessions.ChangePasswordAsync(Password, "another good one", session, Ann, default);

        Assert.NotNull(await _door.FindAsync(here, default));
        Assert.Null(await _door.FindAsync(there, default));
        await _door.SignInAsync("ann", "another good one", Here, default);
    }

    [Fact]
    public async Task EndOwn_AnothersSession_IsNotFound()
    {
        await _door.BeginAsync("ann", Password, default);
        await _people.AddAsync("bob", Password, [], Ann, default);
        var secret = await _door.SignInAsync("ann", Password, Here, default);
        var session = (await _door.FindAsync(secret, default))!.Session!.Value;

        Assert.Equal(ProblemKind.NotFound, await RefusedAsync(() => _sessions.EndOwnAsync(session, new Actor("bob"), default)));
        Assert.NotNull(await _door.FindAsync(secret, default));
    }

    [Fact]
    public async Task Grant_OnAWarehouse_GoesWithIt()
    {
        await _door.BeginAsync("ann", Password, default);
        await _store.ExecuteAsync(
            """
            insert into warehouses (name, target, source, max_rejects, created_at, created_by, schema)
            values ('w', 'local', '{}', 1, now(), 'ann', 'dwh')
            """);
        var bob = await _people.AddAsync("bob", Password, [new Grant(Role.Viewer, "w")], Ann, default);

        await RefusedAsync(() => _people.GrantAsync(bob.Id, [new Grant(Role.Admin, "w")], Ann, default));
        await RefusedAsync(() => _people.GrantAsync(bob.Id, [new Grant(Role.Viewer, "no such")], Ann, default));
        await _store.ExecuteAsync("delete from warehouses");

        Assert.Empty((await _people.ListAsync(default)).Single(p => p.Name == "bob").Grants);
    }

    private static async Task<ProblemKind> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<SparkifyException>(act)).Kind;

    private sealed class TestStore(string connection) : IStore, IAsyncDisposable
    {
        public NpgsqlDataSource Database { get; } = NpgsqlDataSource.Create(connection);

        public string ConnectionString(string database, string? user = null, string? password = null) => throw new NotSupportedException();

        public NpgsqlDataSource NewPool(Action<NpgsqlConnectionStringBuilder> settings) => throw new NotSupportedException();

        public Task<string?> FaultAsync(CancellationToken ct) => throw new NotSupportedException();

        public async Task ExecuteAsync(string sql)
        {
            await using var command = Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        public async Task<string> ScalarAsync(string sql)
        {
            await using var command = Database.CreateCommand(sql);
            return (string)(await command.ExecuteScalarAsync())!;
        }

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    private async Task TryAsync(CameFrom from, int times, string name = "ann")
    {
        for (var at = 0; at < times; at++)
        {
            await RefusedAsync(() => _door.SignInAsync(name, "wrong, all wrong", from, default));
        }
    }
}
