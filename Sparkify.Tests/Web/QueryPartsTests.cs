using Sparkify.Core.Reports.Queries;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Query;

namespace Sparkify.Tests.Web;

/// <summary>What the query page computes: layout of SQL, plans, order and forms of rows.</summary>
public sealed class QueryPartsTests
{
    private static readonly QueryColumn[] Columns =
        [new("n", "numeric", true), new("word", "text", false), new("yes", "boolean", false), new("word", "text", false)];

    [Theory]
    [InlineData("select  a,b  from t where x=1", "select a, b\nfrom t\nwhere x=1")]
    [InlineData("select extract(year from d), a is distinct from b from t", "select extract(year from d), a is distinct from b\nfrom t")]
    [InlineData("select 1;select 2;", "select 1;\n\nselect 2;")]
    [InlineData("select a from t left outer join u on t.x = u.x group by a order by a limit 5", "select a\nfrom t\nleft outer join u on t.x = u.x\ngroup by a\norder by a\nlimit 5")]
    [InlineData("-- first\nselect a -- what\nfrom t", "-- first\nselect a -- what\nfrom t")]
    [InlineData("select left(a, 2) from t", "select left(a, 2)\nfrom t")]
    [InlineData("select '  a  from b' from \"From  x\"", "select '  a  from b'\nfrom \"From  x\"")]
    [InlineData("select (", "select (")]
    public void Format_LaysOutAndStaysSo(string sql, string laid)
    {
        Assert.Equal(laid, SqlFormat.Of(sql));
        Assert.Equal(laid, SqlFormat.Of(laid));
    }

    [Fact]
    public void Format_WhatIsLong_IsBrokenAtCommasConditionsAndSubqueries()
    {
        const string Sql = """
            select artist_name, count(*) as plays, count(distinct user_id) as listeners, max(start_time) as last_played from songplays
            where level = {{level}} and start_time between {{from}} and {{to}} and case when a and b then true else false end and location <> ''
            and user_id in (select user_id from users where gender = 'F' and level = 'paid' and last_name like 'A%' order by 1)
            """;

        var laid = SqlFormat.Of(Sql);

        Assert.Equal(
            """
            select artist_name,
                   count(*) as plays,
                   count(distinct user_id) as listeners,
                   max(start_time) as last_played
            from songplays
            where level = {{level}}
              and start_time between {{from}} and {{to}}
              and case when a and b then true else false end
              and location <> ''
              and user_id in (
                select user_id
                from users
                where gender = 'F' and level = 'paid' and last_name like 'A%'
                order by 1
              )
            """, laid);
        Assert.Equal(laid, SqlFormat.Of(laid));
    }

    [Fact]
    public void Plan_WithTimes_KnowsWhatEachStepTookItself()
    {
        var plan = PlanNode.Parse([
            "Hash Join  (cost=1.00..20.00 rows=5 width=8) (actual time=0.1..9.0 rows=7 loops=1)",
            "  Hash Cond: (a.x = b.x)",
            "  ->  Seq Scan on a  (cost=0.00..10.00 rows=10 width=4) (actual time=0.0..2.0 rows=10 loops=3)",
            "        Filter: (y > 1)",
            "  ->  Hash  (cost=0.50..0.50 rows=2 width=4) (never executed)",
            "Execution Time: 9.5 ms",
        ]);

        Assert.Equal(("Hash Join", 7, 9.0, 3.0), (plan.What, plan.Rows, plan.Milliseconds, plan.Own));
        Assert.Equal(["Hash Cond: (a.x = b.x)", "Execution Time: 9.5 ms"], plan.Notes);
        Assert.Equal(["Seq Scan on a", "Hash"], plan.Inputs.Select(i => i.What));
        Assert.Equal((30, 6.0), (plan.Inputs[0].Rows, plan.Inputs[0].Milliseconds));
        Assert.Equal(["Filter: (y > 1)"], plan.Inputs[0].Notes);
        Assert.Null(plan.Inputs[1].Milliseconds);
    }

    [Fact]
    public void Plan_OfRedshift_HasStepsToo()
    {
        var plan = PlanNode.Parse(["XN Limit  (cost=0.00..1.50 rows=10 width=8)", "  ->  XN Seq Scan on songplays  (cost=0.00..9.00 rows=60 width=8)"]);

        Assert.Equal(("XN Limit", 1.5, "XN Seq Scan on songplays"), (plan.What, plan.Cost, plan.Inputs.Single().What));
    }

    [Fact]
    public void Rows_Turned_AreSortedAsNumbersAndBack()
    {
        var rows = Rows(["9", "b", "t", "1"], [null, "C", "f", "2"], ["10", "a", null, "3"]);

        rows.Turn(0);
        Assert.Equal(["10", "9", null], rows.All().Select(r => r[0]));
        Assert.Equal(3, rows[0].Number);
        rows.Turn(0);
        Assert.Equal(["9", "10", null], rows.All().Select(r => r[0]));
        rows.Turn(0);
        Assert.Equal(["9", null, "10"], rows.All().Select(r => r[0]));
        rows.Turn(1);
        Assert.Equal(["a", "b", "C"], rows.All().Select(r => r[1]));
    }

    [Fact]
    public void Rows_Copied_KeepTheirValues()
    {
        var rows = Rows(["1.50", "a,\"b\"\nc", "t", null], ["NaN", "<é>", "f", ""]);

        Assert.Equal("n,word,yes,word\r\n1.50,\"a,\"\"b\"\"\nc\",t,\r\nNaN,<é>,f,\r\n", rows.Csv());
        Assert.Equal(
            """[{"n":1.50,"word":"a,\"b\"\nc","yes":true,"word_2":null},{"n":"NaN","word":"<é>","yes":false,"word_2":""}]""",
            string.Concat(rows.Json().Split('\n').Select(l => l.Trim())).Replace("\": ", "\":", StringComparison.Ordinal));
    }

    private static ResultRows Rows(params string?[][] all)
    {
        var run = new FakeQueryRun(1, "select",
            new QueryView(QueryState.Succeeded, Columns, all.Length, 0, false, TimeSpan.Zero, null, null), null)
        {
            All = all,
        };
        var rows = new ResultRows(run, Columns);
        rows.Grow(all.Length);
        return rows;
    }
}
