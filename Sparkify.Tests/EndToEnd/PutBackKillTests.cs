using System.Globalization;
using Dapper;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A put-back whose process is killed, before readers see its star and after.</summary>
public sealed class PutBackKillTests
{
    [Fact]
    public async Task Kill_BeforeAndAfterTheStarIsSeen_TheNextStartEndsIt_AndThereIsOneWholeStarThroughout()
    {
        var app = await AppProcess.StartAsync();
        await using var last = AppProcess.Last(() => app);
        var sample = new { days = 2, events = 400, songs = 50 };
        await app.PostAsync("/api/v1/warehouses", new { name = "one", source = new { sample } });
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "provision", then = "load" });
        var first = await app.EndedAsync("load", 1);
        var plays = await PlaysAsync(app);
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "load" });
        var second = await app.EndedAsync("load", 2);
        // Told apart by a row that only the second one has.
        await using (var db = await app.ConnectAsync("sparkify_one"))
        {
            await db.ExecuteAsync("delete from dwh.songplays where songplay_id = (select min(songplay_id) from dwh.songplays)");
        }

        Assert.Equal(plays - 1, await PlaysAsync(app));
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "putBack" });
        // A reader in its transaction keeps it before the swap.
        await app.KilledAsync("putBack", "publish", "sparkify_one", "begin; select count(*) from dwh.songplays");
        app = await AppProcess.StartAsync(after: app);
        var back = await app.EndedAsync("putBack", 1);
        Assert.Equal(plays, await PlaysAsync(app));

        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "putBack" });
        // The store's own table of counts keeps it after the swap, when readers see the star already.
        await app.KilledAsync("putBack", "counts", "sparkify", "begin; lock table table_counts in exclusive mode");
        app = await AppProcess.StartAsync(after: app);
        await app.EndedAsync("putBack", 2);

        Assert.Equal(plays - 1, await PlaysAsync(app));
        var stars = (await app.GetAsync("/api/v1/warehouses/one/stars")).EnumerateArray()
            .Select(static s => (s.GetProperty("run").GetInt64(), s.GetProperty("published").GetBoolean()));
        Assert.Equal([(second, true), (first, false)], stars);
        Assert.True(back > second);
    }

    private static async Task<long> PlaysAsync(AppProcess app)
    {
        var answer = await app.PostAsync("/api/v1/warehouses/one/queries", new { sql = "select count(*) from songplays" });
        Assert.Equal("", answer.GetProperty("error").ToString());
        return long.Parse(answer.GetProperty("rows")[0][0].GetString()!, CultureInfo.InvariantCulture);
    }
}
