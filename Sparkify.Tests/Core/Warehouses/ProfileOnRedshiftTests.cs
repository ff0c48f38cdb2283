using Dapper;
using Sparkify.Core.Pipeline.Redshift;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;
using Sparkify.Tests.Simulator.Sql;

namespace Sparkify.Tests.Core.Warehouses;

/// <summary>Profiles are asked in one SQL for every target; here Redshift's own rules judge it.</summary>
public sealed class ProfileOnRedshiftTests
{
    [Fact]
    public async Task Profile_OfEveryTable_IsSqlThatRedshiftTakes()
    {
        await using var bench = await SqlBench.StartAsync();
        await using var db = await bench.Master.OpenConnectionAsync();
        await db.ExecuteAsync("create schema dwh");
        foreach (var statement in RedshiftTables.Ddl("dwh"))
        {
            await db.ExecuteAsync(statement);
        }

        await db.ExecuteAsync(
            "insert into dwh.songplays (songplay_id, start_time, user_id, duration) select 9000000000000000000, timestamp '2018-11-01 21:00:00', '39', 100 union all select 2, timestamp '2018-11-02 21:00:00', '39', 220");

        foreach (var table in TableCatalogue.On(WarehouseTarget.Redshift))
        {
            var rows = (await db.QueryAsync<(int Column, int Kind, string? A, string? B, long N, long M)>(ProfileSql.For(table, "dwh")))
                .AsList();
            Assert.Equal(table.Columns.Count, rows.Count(r => r.Kind == 0));
            Assert.Equal(table.Table == "songplays" ? 2 : 0, rows.Single(r => r.Kind == 3).N);
            if (table.Table == "songplays")
            {
                var user = table.Columns.Index().Single(c => c.Item.Name == "user_id").Index;
                Assert.Equal([("39", 2L)], rows.Where(r => r.Kind == 1 && r.Column == user).Select(r => (r.A!, r.N)));
                var duration = table.Columns.Index().Single(c => c.Item.Name == "duration").Index;
                Assert.DoesNotContain(rows, r => r.Kind == 2 && r.Column == 0); // an id beyond any amount: no picture of a part of them
                Assert.Equal([(0, 1), (ProfileSql.Bins - 1, 1)], rows.Where(r => r.Kind == 2 && r.Column == duration)
                    .Select(r => ((int)r.N, (int)r.M)).Order());
            }

            await db.QueryAsync(ProfileSql.Sample(table, "dwh", 20, 1000));
        }
    }
}
