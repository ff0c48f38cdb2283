using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Warehouses;

/// <summary>How old what readers see may be, and what is said when it is older.</summary>
public sealed class FreshnessTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-11-27T12:00Z");

    [Theory]
    [InlineData(0, 0, 1000, 1000)]
    [InlineData(48, 24, 48, 24)]
    [InlineData(48, 0, 49, 1000, "The newest event is 2 days 1 hour old; it may be at most 2 days old.")]
    [InlineData(48, 0, 60_007, 0, "The newest event is 2,500 days old; it may be at most 2 days old.")]
    [InlineData(250, 0, 253, 0, "The newest event is 10 days 13 hours old; it may be at most 10 days 10 hours old.")]
    [InlineData(0, 1, 1000, 1.5, "The last load is more than 1 hour old.")]
    [InlineData(
        36, 24, 72, 30, "The newest event is 3 days old; it may be at most 1 day 12 hours old.", "The last load is 1 day 6 hours old; it may be at most 1 day old.")]
    public void Stale_ByItsLimits_IsSaidWithAgeAndLimit(
        int newest, int load, double eventAge, double loadAge, params string[] said) => Assert.Equal(
        said, new FreshnessLimits(newest, load).Stale(Now.AddHours(-eventAge), Now.AddHours(-loadAge), Now));

    [Fact]
    public void Stale_WhatIsNotKnown_IsNot() => Assert.Empty(new FreshnessLimits(1, 1).Stale(null, null, Now));

    [Theory]
    [InlineData(-1, 0, "How old the newest event may be is 0 to 87,600 hours, was -1. 0 is any age.")]
    [InlineData(0, 87_601, "How old the last load may be is 0 to 87,600 hours, was 87,601. 0 is any age.")]
    public void Check_WhatCannotBe_IsRefused(int newest, int load, string sentence) => Assert.Equal(
        sentence, Assert.Throws<SparkifyException>(() => new FreshnessLimits(newest, load).Check()).Message);

    [Fact]
    public async Task Warehouse_LoadedWithEventsOf2018_IsStaleOnlyOnceItIsAsked_EverywhereItIsShown()
    {
        await using var app = await TestApp.StartAsync();
        var name = TestApp.NewName();
        using var folder = new TempFolder();
        folder.Write("song_data/A/1.json", Source.Song(title: "One"));
        // The second lies far in the future: it says nothing of how fresh the star is.
        folder.Write(
            "log_data/2018/11/01.json",
            $"{Source.Event(song: "One", item: 1, ts: 1541105830796)}\n{Source.Event(song: "One", item: 2, ts: 4102444800000)}");
        await app.CreateAsync(name, Source.At(folder));
        await app.RunAsync(name, RunKind.Provision);
        await app.RunAsync(name, RunKind.Load);
        if ((await app.Services.GetRequiredService<IRuns>().LatestAsync(default))[0] is { State: RunState.NeedsDecision } asking)
        {
            await app.Services.GetRequiredService<IRuns>().PublishAsync(asking.Id, why: null, Actor.System, default);
            await app.EndAsync(asking.Id);
        }

        var fresh = await app.Http.GetFromJsonAsync<JsonElement>($"/api/v1/warehouses/{name}");
        Assert.Equal("""{"newestEvent":0,"lastLoad":0}""", fresh.GetProperty("freshness").GetRawText());
        Assert.Equal(
            (DateTimeOffset.FromUnixTimeMilliseconds(1541105830796), 0),
            (fresh.GetProperty("newestEvent").GetDateTimeOffset(), fresh.GetProperty("stale").GetArrayLength()));

        using var answer = await app.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { freshness = new { newestEvent = 48 } });
        var changed = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.OK, 48), (answer.StatusCode, changed.GetProperty("freshness").GetProperty("newestEvent").GetInt32()));
        var said = changed.GetProperty("stale").EnumerateArray().Single().GetString()!;
        Assert.Matches(@"^The newest event is [0-9],[0-9]{3} days old; it may be at most 2 days old\.$", said);
        Assert.Equal([said], (await app.Services.GetRequiredService<IReports>().TrustAsync(name, default))!.Stale);
        var all = await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/warehouses");
        Assert.Equal(said, all[0].GetProperty("stale")[0].GetString());

        // Loaded a second ago.
        using var load = await app.Http.PatchAsJsonAsync(
            $"/api/v1/warehouses/{name}", new { freshness = new { newestEvent = 0, lastLoad = 1 } });
        Assert.Equal(0, (await load.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("stale").GetArrayLength());
        await using var store = NpgsqlDataSource.Create(app.Store);
        await using (var older = store.CreateCommand("update warehouses set published_at = published_at - interval '3 hours'"))
        {
            await older.ExecuteNonQueryAsync();
        }

        var warehouse = await app.Services.GetRequiredService<IWarehouses>().GetAsync(name, default);
        Assert.Equal(["The last load is 3 hours old; it may be at most 1 hour old."], warehouse.Stale(TimeProvider.System.GetUtcNow()));

        using var wrong = await app.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { freshness = new { lastLoad = -1 } });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Create_WithLimits_KeepsThem_AndOneThatWasNeverLoadedIsNotStale()
    {
        await using var app = await TestApp.StartAsync();
        using var answer = await app.Http.PostAsJsonAsync(
            "/api/v1/warehouses",
            new
            {
                name = "mine",
                source = new { sample = new { events = 60, songs = 10, days = 1 } },
                freshness = new { newestEvent = 1, lastLoad = 2 },
            });

        var made = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(
            """{"newestEvent":1,"lastLoad":2}""", made.GetProperty("freshness").GetRawText());
        Assert.Equal(0, made.GetProperty("stale").GetArrayLength());
    }
}
