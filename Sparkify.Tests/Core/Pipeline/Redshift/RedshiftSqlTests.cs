using Sparkify.Core.Pipeline.Redshift;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Star;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>
/// Every statement that is written down for Redshift. What a whole run really sends is looked over in <see cref="RedshiftLoadTests"/>.
/// </summary>
public sealed class RedshiftSqlTests
{
    public static TheoryData<string> Built => [.. StarSchema.Star.Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Built))]
    public void Statements_ThatBuildATable_AreRedshifts(string table)
    {
        var statements = LoadSql.Redshift.Build(StarSchema.Table(table), "dwh_build");

        Assert.NotEmpty(statements);
        Assert.All(statements, static s => Assert.Empty(RedshiftRules.Problems(s)));
        Assert.DoesNotContain('{', string.Concat(statements));
    }

    [Fact]
    public void Ddl_IsRedshifts()
    {
        List<string> statements = [.. RedshiftTables.Ddl("dwh_build"), .. RedshiftDdl.Constraints("dwh")];

        Assert.Equal(RedshiftTables.Names.Count + 10, statements.Count);
        Assert.All(statements, static s => Assert.Empty(RedshiftRules.Problems(s)));
        Assert.DoesNotContain('{', string.Concat(statements));
    }

    [Fact]
    public void Checks_AreRedshifts() => Assert.All(
        StarPasses.All("dwh_build", new DateTime(2026, 1, 1), keysAreEnforced: false)
            .Concat(new[]
            {
                SpellingChecks.IdsSql, SpellingChecks.CatalogueSql, SpellingChecks.PlaysSql, SpellingChecks.PagesSql,
                SpellingChecks.LevelsSql,
            }.Select(static sql => SpellingChecks.Of(sql, "dwh_build"))),
        static sql => Assert.Empty(RedshiftRules.Problems(sql)));

    [Theory]
    [InlineData("insert into t values (1) on conflict do nothing")]
    [InlineData("insert into t select 1 returning id")]
    [InlineData("select distinct on (a) a from t")]
    [InlineData("select count(*) filter (where a > 1) from t")]
    [InlineData("select string_agg(a, ',') from t")]
    [InlineData("select a::text from t")]
    [InlineData("select cast(a as text) from t")]
    [InlineData("select cast(a as varchar) from t")]
    [InlineData("create table t (a text)")]
    [InlineData("create table t (a varchar)")]
    [InlineData("create unlogged table t (a integer)")]
    [InlineData("create table t (a serial)")]
    [InlineData("create index i on t (a)")]
    [InlineData("copy t from stdin")]
    [InlineData("select 1; select 2")]
    [InlineData("select array[1, 2]")]
    [InlineData("select a from t where a = any($1::integer[])")]
    [InlineData("select a from t order by a collate \"C\"")]
    [InlineData("select to_regclass('t')")]
    [InlineData("savepoint s")]
    [InlineData("truncate t")]
    [InlineData("set local lock_timeout = '2s'")]
    [InlineData("do $$ begin end $$")]
    [InlineData("select * from (values (1)) v")]
    [InlineData("select date_part('isodow', a) from t")]
    [InlineData("select max(coalesce(a, '-infinity')) from t")]
    [InlineData("select now()")]
    [InlineData("select x from t, lateral (select 1) y")]
    public void Rules_ForWhatRedshiftDoesNotTake_FindIt(string sql) => Assert.NotEmpty(RedshiftRules.Problems(sql));

    [Theory]
    [InlineData("select 'now(); text[] on conflict' as a from t -- returning")]
    [InlineData("copy dwh.t (a, b) from 's3://b/m' iam_role 'arn' json 's3://b/p' manifest")]
    [InlineData("insert into t (a) values (1);")]
    public void Rules_ForWhatRedshiftTakes_FindNothing(string sql) => Assert.Empty(RedshiftRules.Problems(sql));

    [Fact]
    public void PostgresStatements_AreNotRedshifts() => Assert.All(
        (string[])[.. LoadSql.Postgres.Build(StarSchema.Songplays, "b"), .. LoadSql.Postgres.Build(
            StarSchema.Table("users"), "b"), PostgresDdl.References("b")],
        static sql => Assert.NotEmpty(RedshiftRules.Problems(sql)));

    [Fact]
    public void Ddl_OfSongplays_SaysEverythingTheSchemaSays()
    {
        var create = RedshiftTables.Ddl("dwh").Single(static s => s.Contains(".songplays (", StringComparison.Ordinal));
        var constraints = RedshiftDdl.Constraints("dwh").Where(static s => s.Contains(".songplays add", StringComparison.Ordinal)).ToList();

        Assert.Contains("songplay_id bigint not null,", create, StringComparison.Ordinal);
        Assert.Contains("user_agent varchar(1024),", create, StringComparison.Ordinal);
        Assert.EndsWith("duration double precision)\ndistkey (start_time) sortkey (start_time)", create, StringComparison.Ordinal);
        Assert.Contains("alter table dwh.songplays add constraint songplays_pkey primary key (songplay_id)", constraints);
        Assert.Contains(
            "alter table dwh.songplays add constraint songplays_song_id_fkey foreign key (song_id) references dwh.songs (song_id)",
            constraints);
        Assert.Equal(5, constraints.Count);
    }
}
