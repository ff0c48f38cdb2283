using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Warehouses;

public sealed class TableProfileTests : IDisposable
{
    private static readonly string Long = new('é', 400);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Profile_OfEveryTable_AgreesWithWhatWasLoaded()
    {
        await using var warehouse = await LoadedAsync();
        var profiles = warehouse.App.Services.GetRequiredService<ITableProfiles>();

        var plays = await profiles.ProfileAsync(warehouse.Name, "songplays", default);
        var title = plays.Columns.Single(c => c.Name == "song_title");
        Assert.Equal((6, 1, 3), (title.Rows, title.Nulls, title.Distinct));
        Assert.Equal([new ValueCount("Song", 3)], title.Top);
        Assert.Equal(200, title.Max!.Length);
        var duration = plays.Columns.Single(c => c.Name == "duration");
        Assert.Equal(("100", "220"), (duration.Min, duration.Max));
        Assert.Equal(ProfileSql.Bins, duration.Histogram.Count);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5], duration.Histogram.Select(b => b.Rows));
        Assert.Equal(("100", "110"), (duration.Histogram[0].From, duration.Histogram[0].To));
        var time = plays.Columns.Single(c => c.Name == "start_time");
        Assert.Equal(6, time.Histogram.Sum(b => b.Rows));
        Assert.StartsWith("2018-11-01 20:57", time.Histogram[0].From, StringComparison.Ordinal);
        Assert.Empty(plays.Columns.Single(c => c.Name == "songplay_id").Histogram); // not an amount
        var key = plays.Columns.Single(c => c.Name == "songplay_id");
        Assert.Equal((6, 0, 6), (key.Rows, key.Nulls, key.Distinct));
        Assert.Empty(key.Top);
        await using (var db = await warehouse.OpenAsync())
        {
            Assert.Equal(
                (key.Min, key.Max),
                await db.QuerySingleAsync<(string, string)>("select min(songplay_id)::text, max(songplay_id)::text from dwh.songplays"));
        }

        var moments = (await profiles.ProfileAsync(warehouse.Name, "time", default)).Columns.Single(c => c.Name == "start_time");
        Assert.Equal((2, 2, 2), (moments.Rows, moments.Distinct, moments.Histogram.Sum(b => b.Rows)));

        foreach (var table in (await warehouse.App.Services.GetRequiredService<ITables>().ListAsync(warehouse.Name, default))
            .Select(t => t.Table))
        {
            var profile = await profiles.ProfileAsync(warehouse.Name, table, default);
            Assert.All(profile.Columns, c => Assert.True(c.Nulls <= c.Rows && c.Distinct <= c.Rows, c.ToString()));
            Assert.Equal(profile.Columns.Select(c => c.Name), (await profiles.SampleAsync(warehouse.Name, table, default)).Columns);
        }
    }

    [Fact]
    public async Task Profile_IsKeptUntilTheNextPublish()
    {
        await using var warehouse = await LoadedAsync();
        var profiles = warehouse.App.Services.GetRequiredService<ITableProfiles>();

        var first = await profiles.ProfileAsync(warehouse.Name, "users", default);
        Assert.Same(first, await profiles.ProfileAsync(warehouse.Name, "users", default));
        await warehouse.LoadAsync();

        Assert.NotSame(first, await profiles.ProfileAsync(warehouse.Name, "users", default));
    }

    [Fact]
    public async Task Profile_AskedForByManyAtOnce_IsComputedOnce()
    {
        await using var warehouse = await LoadedAsync();
        var profiles = warehouse.App.Services.GetRequiredService<ITableProfiles>();

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => profiles.ProfileAsync(warehouse.Name, "songplays", default)));

        Assert.Single(all.Distinct(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public async Task Sample_LongText_IsCutAndUnknownTablesAreRefused()
    {
        await using var warehouse = await LoadedAsync();
        var profiles = warehouse.App.Services.GetRequiredService<ITableProfiles>();

        var sample = await profiles.SampleAsync(warehouse.Name, "songplays", default);

        Assert.Equal(6, sample.Rows.Count);
        Assert.Contains(sample.Rows, row => row.Contains(null));
        Assert.Contains(sample.Rows, row => row.Contains(Long));
        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            () => profiles.SampleAsync(warehouse.Name, "users; drop table users", default));
        Assert.Equal(ProblemKind.NotFound, refusal.Kind);
    }

    [Fact]
    public async Task Profile_NothingPublished_SaysWhatToDo()
    {
        Source.Write(_folder, [Source.Event()], [Source.Song()]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.At(_folder));

        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            () => warehouse.App.Services.GetRequiredService<ITableProfiles>().ProfileAsync(warehouse.Name, "users", default));

        Assert.Equal((ProblemKind.Conflict, true), (refusal.Kind, refusal.Message.Contains("Load it first", StringComparison.Ordinal)));
    }

    private async Task<LoadedWarehouse> LoadedAsync()
    {
        Source.Write(_folder,
            [
                Source.Event(item: 0, length: 215), Source.Event(item: 1, length: 220), Source.Event(item: 2, length: 220),
                Source.Event(item: 3, song: "Other", length: 220), Source.Event(item: 4, song: Long, length: 220, ts: 1541192230796),
                Source.Event(item: 5, song: null, length: 100),
            ],
            [Source.Song()]);
        var warehouse = await LoadedWarehouse.ProvisionAsync(Source.At(_folder));
        await warehouse.LoadAsync();
        return warehouse;
    }
}
