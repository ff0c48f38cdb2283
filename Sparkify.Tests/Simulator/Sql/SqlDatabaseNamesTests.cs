namespace Sparkify.Tests.Simulator.Sql;

/// <summary>Names with the database in front, as tools that know several databases write all of theirs.</summary>
public sealed class SqlDatabaseNamesTests(SqlDatabaseNamesTests.Shared shared) : IClassFixture<SqlDatabaseNamesTests.Shared>
{
    private readonly SqlBench _bench = shared.Bench;

    [Fact]
    public async Task The_own_database_may_stand_before_every_name_of_a_table_or_column()
    {
        await _bench.RunAsync("create table \"dev\".\"star\".\"plays\" (id int, title varchar(20) distkey)");
        await _bench.RunAsync("insert into dev.star.plays (id, title) values (1, 'One'), (2, 'Two'), (3, 'Three')");
        await _bench.RunAsync("create table dev.star.copied as (select * from dev.star.plays)");
        await _bench.RunAsync("create temp table alike (like dev.star.plays)");
        await _bench.RunAsync("update Dev.Star.Copied set title = p.title || '!' from dev.star.plays p where dev.star.copied.id = p.id and p.id < 3");
        await _bench.RunAsync("delete from dev.star.copied using dev.star.plays where dev.star.copied.id = dev.star.plays.id and dev.star.plays.id = 3");
        await _bench.RunAsync("merge into dev.star.copied using dev.star.plays s on dev.star.copied.id = s.id when matched then update set id = s.id when not matched then insert values (s.id, 'new')");
        await _bench.RunAsync("create or replace view dev.star.titles as select dev.star.copied.title from dev.star.copied");
        await _bench.RunAsync("comment on table dev.star.copied is 'x'");
        await _bench.RunAsync("grant select on dev.star.copied, dev.star.plays to public");
        Assert.Equal(["1|One!", "2|Two!", "3|new"], await _bench.RowsAsync(
            """
            -- dev.star.nothing
            select dev.star.copied.* from dev.star.copied, (select 1) as one, dev.star.plays p /* dev.star.nothing */
            where p.id = "dev"."star"."copied"."id" and dev.star.copied.id in (select id from dev.star.plays) order by dev.star.copied.id
            """));
        Assert.Equal(["dev.star.plays|3"], await _bench.RowsAsync("select top 1 'dev.star.plays', count(*) from dev.star.titles"));
        Assert.Equal(["Three"], await _bench.RowsAsync(
            "select dev.star.plays.title from dev.star.plays qualify row_number() over (order by dev.star.plays.id desc) = 1"));
        Assert.Equal(["4|5"], await _bench.RowsAsync("select p.id + 1 as more, more + 1 as most from dev.star.plays p where more > 3"));
        Assert.Equal(["1"], await _bench.RowsAsync("select count(*) from dev.pg_catalog.pg_class where relname = 'copied'"));
        await _bench.RunAsync("alter table dev.star.copied add column year int");
        await _bench.RunAsync("analyze dev.star.copied");
        await _bench.RunAsync("truncate table dev.star.copied");
        await _bench.RunAsync("drop view dev.star.titles");
        await _bench.RunAsync("drop table if exists dev.star.copied, dev.star.plays, dev.star.nothing");
    }

    [Fact]
    public async Task A_copy_may_name_it_and_is_written_down_as_it_was_sent()
    {
        var role = await _bench.AttachRoleAsync();
        await _bench.PutAsync("named/a.json", """{"id":7}""");
        await _bench.RunAsync("create table star.loaded (id int)");

        await _bench.RunAsync($"copy dev.star.loaded from 's3://lake/named/' iam_role '{role}' json 'auto'");

        Assert.Equal(7, await _bench.ScalarAsync("select id from dev.star.loaded"));
        Assert.Equal(1L, await _bench.ScalarAsync("select count(*) from sys_query_history where query_text like 'copy dev.star.loaded from%' and status = 'success'"));
    }

    [Theory]
    [InlineData("select * from other.star.t")]
    [InlineData("select other.star.t.id from star.t")]
    [InlineData("insert into other.star.t select 1")]
    [InlineData("create table other.star.t (id int)")]
    [InlineData("select id from star.t join other.star.t o on true")]
    [InlineData("copy other.star.t from 's3://lake/named/' iam_role default json 'auto'")]
    public async Task Another_database_is_refused(string sql)
    {
        var error = await _bench.RefusedAsync(sql);
        Assert.Equal(("0A000", "cross-database reference to database \"other\" is not supported"), (error.SqlState, error.MessageText));
    }

    [Fact]
    public async Task A_schema_before_a_table_and_its_column_is_none()
    {
        await _bench.RunAsync("create table star.plain (id int, name varchar(5))");
        await _bench.RunAsync("insert into star.plain values (2018, 'a')");
        Assert.Equal(["2018|a"], await _bench.RowsAsync(
            "select star.plain.id, star.plain.name from star.plain where star.plain.name like star.plain.name and star.plain.id is distinct from 1"
            + " and substring(star.plain.name from 1 for 1) = 'a' group by star.plain.id, star.plain.name"));
        var misplaced = await _bench.RefusedAsync("select star.plain.id, nonsense from dev.star.plain");
        Assert.Equal("select star.plain.id, ".Length + 1, misplaced.Position);
    }

    /// <summary>One cluster for all of them.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal SqlBench Bench { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Bench = await SqlBench.StartAsync();
            await Bench.RunAsync("create schema star");
        }

        public async Task DisposeAsync() => await Bench.DisposeAsync();
    }
}
