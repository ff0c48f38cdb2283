using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>Users, what they may do, and what becomes of a cluster's database when the cluster is paused or deleted.</summary>
public sealed class SqlUsersTests
{
    [Fact]
    public async Task A_user_does_what_it_was_granted_and_no_more()
    {
        await using var bench = await SqlBench.StartAsync();
        await bench.RunAsync("create schema star");
        await bench.RunAsync("create table star.songs (id int)");
        await bench.RunAsync("create table star.secret (id int)");
        await bench.RunAsync("create user reporter password 'Reporter1pass'");
        await bench.RunAsync("create group readers with user reporter");
        await bench.RunAsync("grant usage on schema star to group readers");
        await bench.RunAsync("grant select on star.songs to reporter");
        await using var reporter = bench.As("reporter", "Reporter1pass");
        Assert.Equal(0L, await SqlBench.ScalarAsync(reporter, "select count(*) from star.songs"));
        Assert.Equal("42501", await StateAsync(reporter, "select * from star.secret"));
        Assert.Equal("42501", await StateAsync(reporter, "insert into star.songs values (1)"));
        Assert.Equal("42501", await StateAsync(reporter, "create user other password 'Other1pass'"));
        Assert.Equal("42501", await StateAsync(reporter, "copy star.songs from program 'id'") is "42501" or "0A000" ? "42501" : "let in");
        Assert.Equal("reporter", await SqlBench.ScalarAsync(reporter, "select current_user"));
        Assert.Equal(["admin", "reporter"], await bench.RowsAsync("select usename from pg_user order by 1"));
        Assert.Equal(["admin"], await bench.RowsAsync("select tableowner from pg_tables where tablename = 'songs'"));

        // Each sees only its own in the history; the master sees all.
        Assert.Equal(
            0L, await SqlBench.ScalarAsync(reporter, "select count(*) from sys_query_history where query_text like 'create table%'"));
        Assert.Equal(2L, await bench.ScalarAsync("select count(*) from sys_query_history where query_text like 'create table%'"));
        Assert.Equal(0L, await SqlBench.ScalarAsync(reporter, "select count(*) from svv_table_info"));

        await bench.RunAsync("revoke select on star.songs from reporter");
        Assert.Equal("42501", await StateAsync(reporter, "select * from star.songs"));
        await bench.RunAsync("alter default privileges in schema star grant select on tables to reporter");
        await bench.RunAsync("create table star.later (id int)");
        Assert.Equal(0L, await SqlBench.ScalarAsync(reporter, "select count(*) from star.later"));
        await bench.RunAsync("alter user reporter password 'Changed1pass'");
        await using var changed = bench.As("reporter", "Changed1pass");
        Assert.Equal(1, await SqlBench.ScalarAsync(changed, "select 1"));
    }

    [Fact]
    public async Task Names_that_are_as_long_as_the_servers_are_names_like_any_other()
    {
        var (one, other) = (new string('a', 54) + "_loader", new string('a', 54) + "_reporter");
        await using var bench = await SqlBench.StartAsync();
        await bench.RunAsync($"create user {one} password 'Loader1pass'");
        await bench.RunAsync($"create user {other} password 'Reporter1pass'");
        await bench.RunAsync($"create schema mine authorization {one}");
        await bench.RunAsync($"grant usage on schema mine to {other}");
        Assert.Equal([one, other, "admin"], await bench.RowsAsync("select usename from pg_user order by 1"));
        await using var loader = bench.As(one, "Loader1pass");
        await using var reporter = bench.As(other, "Reporter1pass");

        await SqlBench.RunAsync(loader, "create table mine.t (id int)");

        Assert.Equal(one, await SqlBench.ScalarAsync(loader, "select current_user"));
        Assert.Equal("42501", await StateAsync(reporter, "select * from mine.t"));
        Assert.Equal(
            1L, await SqlBench.ScalarAsync(loader, "select count(*) from sys_query_history where query_text like 'create table%'"));
        Assert.Equal(
            0L, await SqlBench.ScalarAsync(reporter, "select count(*) from sys_query_history where query_text like 'create table%'"));
        Assert.Equal("42622", (await bench.RefusedAsync($"create user {new string('a', 64)} password 'Loader1pass'")).SqlState);
    }

    [Fact]
    public async Task The_master_rules_over_what_users_own_and_a_user_who_owns_something_stays()
    {
        await using var bench = await SqlBench.StartAsync();
        await bench.RunAsync("create user loader with password 'Loader1pass' nocreatedb nocreateuser connection limit 5");
        await bench.RunAsync("create schema mine authorization loader");
        await using (var loader = bench.As("loader", "Loader1pass"))
        {
            await SqlBench.RunAsync(loader, "create table mine.t (id int)");
        }

        await bench.RunAsync("insert into mine.t values (1)");
        var error = await bench.RefusedAsync("drop user loader");
        Assert.Equal(("2BP01", "role \"loader\" cannot be dropped because some objects depend on it"), (error.SqlState, error.MessageText));
        await bench.RunAsync("drop table mine.t");
        await bench.RunAsync("alter schema mine owner to admin");
        await bench.RunAsync("alter schema mine rename to others");
        Assert.Equal(1L, await bench.ScalarAsync("select count(*) from pg_namespace where nspname = 'others'"));
        await bench.RunAsync("alter schema others rename to mine");
        await bench.RunAsync("drop user loader");
        await bench.RunAsync("drop user if exists loader");
        Assert.Equal("42704", (await bench.RefusedAsync("drop user loader")).SqlState);
        Assert.Equal("22023", (await bench.RefusedAsync("create user weak password 'weak'")).SqlState);
    }

    [Fact]
    public async Task A_statement_over_users_and_groups_does_all_of_it_or_nothing()
    {
        await using var bench = await SqlBench.StartAsync();
        await bench.RunAsync("create user one password 'Someone1pass'");
        await bench.RunAsync("create group readers");
        foreach (var (sql, message) in new[]
        {
            ("create user two password 'Someone2pass' in group readers, nogroup", "group \"nogroup\" does not exist"),
            ("create group writers with user one, nobody", "user \"nobody\" does not exist"),
            ("alter group readers add user one, nobody", "user \"nobody\" does not exist"),
            ("alter group nogroup add user one", "group \"nogroup\" does not exist"),
            ("drop user one, nobody", "user \"nobody\" does not exist"),
            ("create group readers", "group \"readers\" already exists"),
        })
        {
            Assert.Equal(message, (await bench.RefusedAsync(sql)).MessageText);
        }

        Assert.Equal(["admin", "one"], await bench.RowsAsync("select usename from pg_user order by 1"));
        Assert.Equal(["readers|{}"], await bench.RowsAsync("select groname, grolist from pg_group"));
        await bench.RunAsync("create user two password 'Someone2pass' in group readers");
        await using var two = bench.As("two", "Someone2pass");
        Assert.Equal("two", await SqlBench.ScalarAsync(two, "select current_user"));
        await bench.RunAsync("alter group readers add user one");
        await bench.RunAsync("alter group readers drop user one, two");
        await bench.RunAsync("drop user one, two");
        Assert.Equal(["admin"], await bench.RowsAsync("select usename from pg_user"));
    }

    [Fact]
    public async Task Paused_it_refuses_and_resumed_it_still_has_everything()
    {
        await using var bench = await SqlBench.StartAsync();
        await bench.RunAsync("create table kept as select 42 as answer");
        await bench.Aws.Redshift.PauseClusterAsync("c", CancellationToken.None);
        await using (var source = NpgsqlDataSource.Create(bench.Connection + ";Pooling=false"))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => SqlBench.ScalarAsync(source, "select 1"));
        }

        await bench.Aws.Redshift.ResumeClusterAsync("c", CancellationToken.None);
        await using var again = NpgsqlDataSource.Create(bench.Connection + ";Pooling=false");
        Assert.Equal(42, await SqlBench.ScalarAsync(again, "select answer from kept"));
        Assert.Equal(bench.Port, (await bench.ClusterAsync()).Port);
    }

    [Fact]
    public async Task Deleted_it_leaves_neither_database_nor_roles()
    {
        await using var bench = await SqlBench.StartAsync();
        await bench.RunAsync("create user someone password 'Someone1pass'");
        await using var server = NpgsqlDataSource.Create(bench.Server.Options.SqlBackend!);
        const string Left =
            "select count(*) from (select datname from pg_database union all select rolname from pg_roles) n where datname like @name";
        var name = $"{await bench.BackendNameAsync()}%";
        Assert.Equal(3L, await CountAsync());
        await bench.Aws.Redshift.DeleteClusterAsync("c", null, CancellationToken.None);
        await Eventually.BecomesAsync(CountAsync, left => left == 0L);

        async Task<long> CountAsync()
        {
            await using var command = server.CreateCommand(Left);
            command.Parameters.AddWithValue("name", name);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task<string> StateAsync(NpgsqlDataSource source, string sql)
        => (await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RunAsync(source, sql))).SqlState;
}
