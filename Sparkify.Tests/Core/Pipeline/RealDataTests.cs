using System.Text.Json;
using Dapper;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

public sealed class RealDataTests
{
    [RealDataFact]
    public async Task Load_NineRealDays_GivesTheKnownCountsAndTheSameKeysTwice()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            new { events = RealData.Events, songs = RealData.Songs, jsonPaths = Path.Combine(RealData.Folder!, "log_json_path.json") });

        var first = await warehouse.LoadAsync();

        Assert.Equal((0, 0), (first.Rejects, first.Warnings));
        AssertCounts(await warehouse.App.CountsAsync(warehouse.Name));
        var plays = await warehouse.RowsAsync("select * from songplays");
        var users = await warehouse.RowsAsync("select * from users");
        Assert.Empty(await warehouse.RowsAsync("select 1 from songplays where song_id is not null or artist_id is not null"));

        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings);

        AssertCounts(await warehouse.App.CountsAsync(warehouse.Name));
        Assert.Equal(plays, await warehouse.RowsAsync("select * from songplays"));
        Assert.Equal(users, await warehouse.RowsAsync("select * from users"));
    }

    [RealDataFact]
    public async Task Load_NineRealDays_UsersAreThoseOfTheirLatestEvents()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(new { events = RealData.Events, songs = RealData.Songs });

        await warehouse.LoadAsync();

        // Computed from the files, without any of the application's code.
        var events = Directory.EnumerateFiles(RealData.Events, "*.json", SearchOption.AllDirectories).SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement).Where(e => e.GetProperty("userId").GetString() != "").ToList();
        var expected = events
            .GroupBy(e => e.GetProperty("userId").GetString()!)
            .Where(user => user.Any(e => e.GetProperty("page").GetString() == "NextSong"))
            .Select(user => user.MaxBy(
                e => (e.GetProperty("ts").GetInt64(), e.GetProperty("sessionId").GetInt64(), e.GetProperty("itemInSession").GetInt32())))
            .Select(e => string.Join(
                '|', new[] { "userId", "firstName", "lastName", "gender", "level" }.Select(k => e.GetProperty(k).GetString())))
            .Order(StringComparer.Ordinal);
        await using var db = await warehouse.OpenAsync();
        var found = await db.QueryAsync<string>("select concat_ws('|', user_id, first_name, last_name, gender, level) from users");
        Assert.Equal(expected, found.Order(StringComparer.Ordinal));
    }

    private static void AssertCounts(Dictionary<string, long?> counts) => Assert.Equal(
        new Dictionary<string, long?>
        {
            ["staging_events"] = 1786,
            ["staging_songs"] = 71,
            ["songplays"] = 1507,
            ["users"] = 74,
            ["time"] = 1507,
            ["songs"] = 71,
            ["artists"] = 69,
        }.OrderBy(c => c.Key),
        counts.OrderBy(c => c.Key));
}
