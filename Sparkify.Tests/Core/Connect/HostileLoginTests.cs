using Dapper;
using Npgsql;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>
/// Ways to do harm with a login of one's own, where no application stands between: what a session may set back is set back first, so it is
/// the rights alone that refuse.
/// </summary>
public sealed class HostileLoginTests(HostileLoginTests.Loaded loaded) : IClassFixture<HostileLoginTests.Loaded>
{
    public static TheoryData<string> Refused =>
    [
        // Writing to what is there.
        "insert into songplays select * from songplays", "update songplays set level = 'paid'", "delete from songplays", "truncate songplays",
        "select * from songplays for update", "begin; lock table songplays in row exclusive mode", "drop table songplays cascade",
        "alter table songplays add column x text", "drop schema dwh cascade", "alter schema dwh rename to gone", "create index on songplays (level)",
        "comment on table songplays is 'mine'", "copy songplays from stdin", "grant select on songplays to public; insert into songplays select * from songplays",
        // Making something.
        "create table mine (i int)", "create table dwh.mine as select 1", "create table public.mine (i int)", "create temporary table mine (i int)",
        "select 1 as x into temp mine", "create schema mine", "create view public.mine as select 1", "create sequence pg_temp.mine",
        "create function pg_temp.mine() returns int language sql as 'select 1'", "create extension dblink", "create extension postgres_fdw",
        "create role mine", "create database mine", "do $$ begin null; end $$",
        "select lo_create(0)", "select lo_from_bytea(0, 'mine')", "select lo_import('/etc/passwd')", "select lo_export(1, '/tmp/sparkify-mine')",
        // Programs, files, other servers.
        "copy (select 1) to program 'touch /tmp/sparkify-mine'", "copy (select 1) to '/tmp/sparkify-mine'", "select pg_read_file('/etc/passwd')",
        "select * from pg_ls_dir('.')", "select dblink('dbname=postgres', 'select 1')", "load 'dblink'", "alter system set work_mem = '1GB'",
        // Becoming somebody else, who gets in longer than oneself.
        "set role {reporter}", "set role {loader}", "set session authorization {loader}", "alter role {reporter} password 'mine'",
        "alter role {loader} password 'mine'", "set role {readers}; alter role {readers} login", "alter role {self} superuser", "alter role {self} createrole",
        "alter role {self} connection limit -1", "alter role {self} valid until 'infinity'", "grant {readers} to {reporter}",
        "comment on role {self} is 'another''s'", "comment on role {readers} is 'another''s'", "set temp_file_limit = -1",
        "alter role {self} set temp_file_limit = -1", "drop role {self}", "drop role {readers}",
        // Others' sessions, the server, the star that is being built.
        "select pg_terminate_backend({other})", "select pg_cancel_backend({other})", "select * from pg_stat_activity", "select pg_stat_get_activity(null)",
        "select * from pg_locks", "select * from pg_roles", "select * from pg_authid", "select * from pg_database", "select * from pg_settings",
        "select set_config('work_mem', '1GB', false)", "select pg_advisory_lock(1)", "select pg_logical_emit_message(false, 'mine', 'x')",
        "checkpoint", "begin; select 1; prepare transaction 'mine'", "select pg_switch_wal()", "select * from dwh_build.songplays",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Login_ThatWouldDoHarm_IsRefused_AndChangesNothing(string sql)
    {
        await using var reporter = await loaded.Warehouse.OpenAsync();
        await using var session = await loaded.Login.OpenAsync();
        var names = new LocalNames(loaded.Warehouse.Name);
        await session.ExecuteAsync("set default_transaction_read_only = off; set statement_timeout = 0; set search_path = dwh, public");
        var before = await loaded.StateAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => session.ExecuteAsync(sql
            .Replace("{reporter}", names.Reporter, StringComparison.Ordinal).Replace("{loader}", names.Loader, StringComparison.Ordinal)
            .Replace("{readers}", names.Readers, StringComparison.Ordinal).Replace("{self}", loaded.Login.User, StringComparison.Ordinal)
            .Replace("{other}", $"{reporter.ProcessID}", StringComparison.Ordinal)));

        Assert.True(
            refused.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFunction
                or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName
                or PostgresErrorCodes.ObjectNotInPrerequisiteState or PostgresErrorCodes.InvalidParameterValue
                or PostgresErrorCodes.UndefinedFile
                // The simulator has text compare otherwise in its clusters' databases, which a server that both share may take along to
                // where it keeps who may set what: it refuses then in words of its own.
                || (refused.SqlState == PostgresErrorCodes.InternalError
                    && refused.MessageText.StartsWith("cache lookup failed for function", StringComparison.Ordinal)),
            $"{sql}: {refused.SqlState} {refused.MessageText}");
        Assert.Equal(before, await loaded.StateAsync());
        Assert.Equal(1, await reporter.ExecuteScalarAsync<int>("select 1"));
        Assert.False(File.Exists("/tmp/sparkify-mine"));
    }

    [Fact]
    public async Task Login_ReachesNoOtherDatabaseOfTheServer()
    {
        await using var store = new NpgsqlConnection(loaded.Warehouse.App.Store);
        var others = (await store.QueryAsync<string>(
            "select datname from pg_database where datallowconn and datname <> @Database", new { new LocalNames(loaded.Warehouse.Name).Database }))
            .AsList();
        Assert.Subset(others.ToHashSet(), new HashSet<string> { "postgres", "template1", store.Database });
        foreach (var database in others)
        {
            await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(loaded.Login.Line("npgsql"))
            {
                Database = database,
                Password = loaded.Login.Password,
                Pooling = false,
            }.ConnectionString);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => session.OpenAsync());
            Assert.True(
                refused.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidCatalogName, // gone meanwhile
                $"{database}: {refused.SqlState} {refused.MessageText}");
        }
    }

    [Fact]
    public async Task Login_BeginsReadOnlyWithinLimits_AndHasOnlySoManySessions()
    {
        List<NpgsqlConnection> open = [];
        try
        {
            for (var i = 0; i < 3; i++)
            {
                open.Add(await loaded.Login.OpenAsync());
            }

            var refused = await loaded.Login.RefusedAsync();
            Assert.Equal(PostgresErrorCodes.TooManyConnections, refused.SqlState);
            Assert.Equal(
                "on 30min 30min 4GB dwh",
                await open[0].ExecuteScalarAsync<string>(
                    "select concat_ws(' ', current_setting('transaction_read_only'), current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'), current_setting('temp_file_limit'), current_setting('search_path'))"));
        }
        finally
        {
            foreach (var one in open)
            {
                await one.DisposeAsync();
            }
        }
    }

    /// <summary>A loaded warehouse and a login into it.</summary>
    public sealed class Loaded : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();

        internal LoadedWarehouse Warehouse { get; private set; } = null!;

        internal Login Login { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _folder.Write("log_data/1.json", Source.Event());
            _folder.Write("song_data/1.json", Source.Song());
            Warehouse = await LoadedWarehouse.ProvisionAsync(Source.At(_folder));
            await Warehouse.LoadAsync();
            Login = await Login.MakeAsync(Warehouse.App.Http, Warehouse.Name);
        }

        public async Task DisposeAsync()
        {
            await Warehouse.DisposeAsync();
            _folder.Dispose();
        }

        /// <summary>Everything that lasts.</summary>
        internal async Task<string> StateAsync()
        {
            var names = new LocalNames(Warehouse.Name);
            await using var administrator = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(Warehouse.App.Store) { Database = names.Database, Pooling = false }.ConnectionString);
            return await administrator.QuerySingleAsync<string>(
                $"""
                select concat_ws(' ', (select md5(string_agg(p::text, ',' order by songplay_id)) from dwh.songplays p),
                    (select md5(string_agg(c.oid::text || relname || relnamespace || relfilenode || coalesce(relacl::text, ''), ',' order by c.oid)) from pg_class c where relnamespace <> 'pg_toast'::regnamespace),
                    (select count(*) from pg_proc), (select count(*) from pg_namespace), (select count(*) from pg_description), (select count(*) from pg_largeobject_metadata),
                    (select count(*) from pg_extension), (select count(*) from pg_default_acl),
                    (select md5(string_agg(a::text || coalesce(shobj_description(oid, 'pg_authid'), ''), ',' order by oid)) from pg_authid a where starts_with(rolname, '{names.Database}') or rolname = 'mine'),
                    (select count(*) from pg_auth_members where member in (select oid from pg_roles where starts_with(rolname, '{names.Database}'))),
                    (select md5(coalesce(string_agg(s::text, ',' order by setdatabase, setrole), '')) from pg_db_role_setting s where setrole in (select oid from pg_roles where starts_with(rolname, '{names.Database}'))),
                    (select count(*) from pg_database where datname = 'mine'))
                """);
        }
    }
}
