using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Quality;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>Every statement that is written down for Redshift. What a whole run really sends is looked over in <see cref="RedshiftLoadTests"/>.</summary>
public sealed class RedshiftSqlTests
{
    public static TheoryData<string> Files => [.. SqlText.List("Pipeline.Sql.Redshift").Select(static f => f.Split('.')[^2])];

    [Theory]
    [MemberData(nameof(Files))]
    public void Statements_OfAFile_AreRedshifts(string file)
    {
        var statements = LoadSql.Redshift.Statements(file);

        Assert.NotEmpty(statements);
        Assert.All(statements, static s => Assert.Empty(RedshiftRules.Problems(s)));
        Assert.DoesNotContain('{', string.Concat(statements));
    }

    [Fact]
    public void Checks_AreRedshifts() => Assert.All(
        StarChecks.WhereKeysAreNotEnforced, static q => Assert.Empty(RedshiftRules.Problems(string.Format(null, q.Sql, "dwh_build"))));

    [Fact]
    public void Checks_AreTheSameForEveryTarget() => Assert.Equal(
        StarChecks.WhereKeysAreEnforced.SelectMany(static q => q.Checks), StarChecks.WhereKeysAreNotEnforced.SelectMany(static q => q.Checks));

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
    public void PostgresFiles_AreNotRedshifts() => Assert.All(
        (string[])["songplays", "users", "references"], static file => Assert.NotEmpty(RedshiftRules.Problems(LoadSql.Postgres.Load(file))));

    [Fact]
    public void Catalogue_DescribesTheTablesOfRedshiftAsTheyAre()
    {
        var tables = LoadSql.Redshift.Statements("tables").Select(static s => TableText.Read(s)).ToDictionary(static t => t.Name);

        foreach (var described in RedshiftCatalogue.Tables)
        {
            var table = tables[described.Table];
            Assert.Equal(described.Columns.Select(static c => (c.Name, c.Type)), table.Columns);
            Assert.Equal(described.SortKey, table.SortKey);
            Assert.Equal(described.Distribution, table.Distribution switch { "all" => "a copy on each node", "even" => "spread evenly", var key => $"by {key}" });
        }
    }

    [Fact]
    public void StagingTables_OfRedshift_TakeWhatTheLocalOnesTake()
    {
        foreach (var table in (StagingTable[])[StagingTable.Events, StagingTable.Songs])
        {
            Assert.Equal(
                table.Columns.Select(static c => (c.Name, c.Type == StagingType.Text ? $"varchar({c.MaxBytes})" : c.SqlType)),
                TableText.Read(LoadSql.Redshift.Statements("tables").Single(s => s.Contains($".{table.Name} (", StringComparison.Ordinal))).Columns);
        }
    }

    /// <summary>A CREATE TABLE of ours, read.</summary>
    private sealed record TableText(string Name, IReadOnlyList<(string Name, string Type)> Columns, string Distribution, string? SortKey)
    {
        public static TableText Read(string sql)
        {
            var lines = sql.Split('\n').Where(static l => !l.StartsWith("--", StringComparison.Ordinal)).ToList();
            var name = lines[0].Split('.', ' ', '(')[6];
            var columns = lines[1..^1].Select(static l => l.Trim().TrimEnd(',').Split(' ', 2, StringSplitOptions.RemoveEmptyEntries))
                .Select(static p => (p[0], Type(p[1]))).ToList();
            var end = lines[^1];
            return new TableText(
                name, columns,
                end.StartsWith("distkey", StringComparison.Ordinal) ? end.Split('(', ')')[1] : end.Split(' ')[1],
                end.Contains("sortkey", StringComparison.Ordinal) ? end[(end.IndexOf("sortkey", StringComparison.Ordinal) + "sortkey (".Length)..^1] : null);
        }

        private static string Type(string text) => text.Trim().Replace(" not null", "", StringComparison.Ordinal) is var type && type.EndsWith("))", StringComparison.Ordinal)
            ? type[..^1]
            : type.EndsWith(')') && !type.Contains('(', StringComparison.Ordinal) ? type[..^1] : type;
    }
}
