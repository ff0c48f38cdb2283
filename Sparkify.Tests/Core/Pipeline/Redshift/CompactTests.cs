using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>Small objects packed into a few before the cluster reads them.</summary>
public sealed class CompactTests
{
    [Fact]
    public async Task Songs_OneToAnObject_AreReadInAFewParts_AndTheStarIsTheSame()
    {
        const int Songs = 2000;
        await using var cloud = await CloudWarehouse.ProvisionAsync(async bench =>
        {
            await CloudWarehouse.PutAsync(bench, "log_data/1.json", Source.Event());
            await Parallel.ForEachAsync(Enumerable.Range(0, Songs), async (n, _) => await CloudWarehouse.PutAsync(
                bench, string.Create(CultureInfo.InvariantCulture, $"song_data/{n:D5}.json"), Source.Song(
                    $"SO{n}", $"Title {n}", $"AR{n % 300}", $"Artist {n % 300}")));
        });

        var run = await cloud.LoadAsync();

        var compact = run.Steps.Single(s => s.Name == "compact");
        Assert.Matches("^songs: 2,000 objects of [1-9][0-9,]+ bytes became 2 of [1-9][0-9,]+$", compact.Message);
        Assert.Equal(Songs, compact.Files);
        Assert.Equal(2, run.Steps.Single(s => s.Name == "stage-songs").Files);
        Assert.Equal(Songs, run.Steps.Single(s => s.Name == "stage-songs").Rows);
        Assert.Equal(Songs, (await cloud.RowsAsync("select song_id from dwh.songs")).Count);
        Assert.Empty(await cloud.KeysAsync("sparkify-staging/"));
    }

    [Fact]
    public async Task Rejects_OfPackedObjects_NameTheObjectAndItsLine()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                for (var n = 0; n < 20; n++)
                {
                    await CloudWarehouse.PutAsync(bench, string.Create(
                        CultureInfo.InvariantCulture, $"log_data/{n:D2}.json"), Source.Event(item: n) + "\n" + Source.Event(item: 100 + n));
                }

                await CloudWarehouse.PutAsync(
                    bench, "log_data/07.json", Source.Event(item: 7) + "\n\n" + Source.Event(item: 107, level: new string('x', 40)));
                await CloudWarehouse.PutAsync(bench, "log_data/08.json.gz", Gzip(Source.Event(item: 8, level: new string('y', 40)) + "\n"));
                await CloudWarehouse.PutAsync(bench, "log_data/09.json", "{\"page\": \"NextSong\"");
                await CloudWarehouse.PutAsync(bench, "song_data/1.json", Source.Song());
            }, services: services => services.AddOptions<Sparkify.Core.Pipeline.Staging.LoadOptions>().Configure(o => o.CompactAbove = 10));

        var run = await cloud.LoadAsync();

        // The broken one would spoil what comes after it, so it is left as it is.
        Assert.StartsWith("events: 20 objects of", run.Steps.Single(s => s.Name == "compact").Message, StringComparison.Ordinal);
        var rejects = (await cloud.Bench.GetAsync($"/api/v1/warehouses/{cloud.Name}/rejects?run={run.Id}")).GetProperty("items")
            .EnumerateArray()
            .Select(r => (r.GetProperty("file").GetString(), r.GetProperty("line").GetInt64(), r.GetProperty("raw").GetString()));
        Assert.Equal(
            [
                ("07.json", 3, Source.Event(item: 107, level: new string('x', 40))),
                ("08.json.gz", 1, Source.Event(item: 8, level: new string('y', 40))),
                ("09.json", 1, "{\"page\": \"NextSong\""),
            ],
            rejects.OrderBy(r => r.Item1));
        Assert.Equal(37, (await cloud.RowsAsync("select * from dwh.songplays")).Count);
    }

    [Fact]
    public async Task FailedLoad_LeavesNoPartsBehind_AndTheRetryReadsTheObjectsThemselves()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                for (var n = 0; n < 20; n++)
                {
                    await CloudWarehouse.PutAsync(
                        bench, string.Create(CultureInfo.InvariantCulture, $"log_data/{n:D2}.json"), Source.Event(item: n));
                }

                await CloudWarehouse.PutAsync(bench, "log_data/zz.json", "nonsense");
                await CloudWarehouse.PutAsync(bench, "song_data/1.json", Source.Song());
            }, maxRejects: 1, services: services => services.AddOptions<Sparkify.Core.Pipeline.Staging.LoadOptions>().Configure(o =>
                o.CompactAbove = 10));

        var failed = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Empty(await cloud.KeysAsync("sparkify-staging/"));

        await cloud.App.Http.PatchAsync(new Uri($"/api/v1/warehouses/{cloud.Name}", UriKind.Relative), new StringContent(
            "{\"maxRejects\": 5}", Encoding.UTF8, "application/json"));
        await cloud.App.Http.PostAsync(new Uri($"/api/v1/runs/{failed.Id}/retry", UriKind.Relative), null);
        var retried = await cloud.App.EndAsync(failed.Id);

        Assert.True(retried.State == RunState.Succeeded, retried.Error);
        Assert.Equal(20, (await cloud.RowsAsync("select * from dwh.songplays")).Count);
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
