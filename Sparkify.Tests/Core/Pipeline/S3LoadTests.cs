using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Local warehouses whose source is on S3.</summary>
public sealed class S3LoadTests
{
    private static readonly string[] Tables = ["songplays", "users", "songs", "artists", "time", "staging_events", "staging_songs"];

    [Fact]
    public async Task Load_FromS3_GivesTheStarOfTheSameFilesInAFolder()
    {
        await using var account = await CloudAccount.OpenAsync();
        await using var folder = await LoadedWarehouse.ProvisionAsync(
            new { sample = new { seed = 3, days = 4, events = 3000, songs = 1500 } });
        var run = await folder.LoadAsync();
        var (events, songs) = Directories(folder.App);
        await account.UploadAsync(events, "log_data");
        await account.UploadAsync(songs, "song_data");

        var app = await TestApp.StartAsync(before: b => b.Services.AddSingleton<ISimulatedAws>(account));
        var s3 = await CreateAsync(app, CloudAccount.Source);
        var loaded = await s3.LoadAsync();

        Assert.Equal(
            (run.Steps[1].Rows, run.Steps[1].Bytes, run.Steps[2].Rows),
            (loaded.Steps[1].Rows, loaded.Steps[1].Bytes, loaded.Steps[2].Rows));
        foreach (var table in Tables)
        {
            Assert.Equal(await folder.RowsAsync($"select * from {table}"), await s3.RowsAsync($"select * from {table}"));
        }
    }

    [Fact]
    public async Task Explore_S3_ListsReadsAndProfilesAsAFolder()
    {
        await using var account = await CloudAccount.OpenAsync();
        await account.PutAsync(
            "log_data/1.json", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Source.Event(), Source.Event(item: 1))));
        await account.PutAsync("log_data/2.json", System.Text.Encoding.UTF8.GetBytes(Source.Event(item: 2)));
        await account.PutAsync("song_data/1.json", System.Text.Encoding.UTF8.GetBytes(Source.Song()));
        await using var app = await TestApp.StartAsync(before: b => b.Services.AddSingleton<ISimulatedAws>(account));
        var explorer = app.Services.GetRequiredService<ISourceExplorer>();

        var files = await explorer.FilesAsync(CloudAccount.Source, SourcePart.Events, default);
        var records = await explorer.RecordsAsync(CloudAccount.Source, SourcePart.Events, "1.json", 1, 10, default);
        var profile = await explorer.ProfileAsync(CloudAccount.Source, new SourceScope(SourcePart.Events, null, 100), default);

        Assert.Equal(["1.json", "2.json"], files.Files.Select(f => f.Name));
        Assert.Equal(Source.Event(item: 1), Assert.Single(records.Records).Text);
        Assert.Equal((3, 2, true), (profile.Records, profile.Files, profile.Whole));
        Assert.Empty(profile.Drift);
    }

    [Fact]
    public async Task Load_OfPartsInDifferentPlaces_TakesEachFromWhereItIs()
    {
        using var folder = new TempFolder();
        Source.Write(folder, [], [Source.Song()]);
        await using var account = await CloudAccount.OpenAsync();
        await account.PutAsync("log_data/1.json", System.Text.Encoding.UTF8.GetBytes(Source.Event()));
        var app = await TestApp.StartAsync(before: b => b.Services.AddSingleton<ISimulatedAws>(account));
        var warehouse = await CreateAsync(app, CloudAccount.Source with { Songs = Path.Combine(folder.Path, "song_data") });

        await warehouse.LoadAsync();

        Assert.Equal(["(SO1)"], await warehouse.RowsAsync("select song_id from songplays"));
    }

    [Fact]
    public async Task Load_OfAnObjectThatMayNotBeRead_FailsWithASentence()
    {
        await using var account = await CloudAccount.OpenAsync();
        await account.PutAsync("log_data/1.json", System.Text.Encoding.UTF8.GetBytes(Source.Event()));
        await account.PutAsync("song_data/1.json", System.Text.Encoding.UTF8.GetBytes(Source.Song()));
        var app = await TestApp.StartAsync(before: b => b.Services.AddSingleton<ISimulatedAws>(account));
        var warehouse = await CreateAsync(app, CloudAccount.Source);
        account.Simulator.Faults.Deny("GetObject");

        var run = await warehouse.TryLoadAsync();

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("they lack s3:GetObject on arn:aws:s3:::music/log_data/1.json", run.Error, StringComparison.Ordinal);
    }

    private static async Task<LoadedWarehouse> CreateAsync(TestApp app, SourceSpec source)
    {
        var name = TestApp.NewName();
        await app.Services.GetRequiredService<IWarehouses>()
            .CreateAsync(new NewWarehouse(name, WarehouseTarget.Local, source), Actor.System, default);
        return await LoadedWarehouse.ProvisionAsync(app, name);
    }

    private static (string Events, string Songs) Directories(TestApp app)
    {
        var data = Directory.EnumerateDirectories(app.DataDirectory, "log_data", SearchOption.AllDirectories).Single();
        return (data, Path.Combine(Path.GetDirectoryName(data)!, "song_data"));
    }
}
