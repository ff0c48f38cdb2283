using System.Globalization;
using Dapper;
using Npgsql;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Backups of the real application, made while it works and while it does not, and restored by its own command.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task Backup_OfAnApplicationAtWork_RestoredIntoAnEmptyFolder_IsAnInstallationThatWorks()
    {
        await using var aws = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        aws.AddKey(ConnectedApp.Ann, ConnectedApp.AnnSecret, user: "ann");
        string[] settings = ["--Aws:ServiceUrl", aws.Url.ToString(), "--Aws:Region", aws.Options.Region];
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "sparkify.backup");
        await using var app = await AppProcess.StartAsync(arguments: settings);
        await app.PostAsync(ConnectedApp.All, new { name = "ann", accessKey = ConnectedApp.Ann, secretKey = ConnectedApp.AnnSecret });
        var sample = new { days = 2, events = 400, songs = 50 };
        await app.PostAsync("/api/v1/warehouses", new { name = "music", source = new { sample } });
        await app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        var plays = await PlaysAsync(app, loads: 1);
        await app.PostAsync("/api/v1/queries", new { name = "how many", sql = "select count(*) from songplays" });
        // At work while the backup is made: its run is not, where it is restored.
        var large = new { days = 9, events = 300_000, songs = 50 };
        await app.PostAsync("/api/v1/warehouses", new { name = "other", source = new { sample = large } });
        await app.PostAsync("/api/v1/warehouses/other/chains", new { opens = "provision", end = "teardown", confirm = "other" });
        await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/runs?kind=load&state=running"), static runs => runs.GetProperty("total").GetInt64() == 1,
            seconds: 60);

        var (code, said, wrong) = await AppProcess.CommandAsync("backup", file, "--Sparkify:DataDirectory", app.DataDirectory);

        Assert.True(code == 0, wrong);
        Assert.Contains("Backed up the store and the keys", said, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file));
        await app.DisposeAsync();
        var data = Path.Combine(folder.Path, "data");
        (code, said, wrong) = await AppProcess.CommandAsync("restore", file, "--Sparkify:DataDirectory", data);
        Assert.True(code == 0, wrong);
        Assert.Contains("Restored the store and the keys", said, StringComparison.Ordinal);

        await using var restored = await AppProcess.OnAsync(data, settings);
        var warehouses = (await restored.GetAsync("/api/v1/warehouses")).EnumerateArray()
            .Select(static w => (w.GetProperty("name").GetString(), w.GetProperty("state").GetString()));
        Assert.Equal([("music", "defined"), ("other", "defined")], warehouses);
        var runs = (await restored.GetAsync("/api/v1/runs")).GetProperty("items").EnumerateArray().ToList();
        Assert.All(runs, static r => Assert.False(r.GetProperty("active").GetBoolean()));
        var cut = Assert.Single(runs, static r => r.GetProperty("state").GetString() == "cancelled");
        Assert.Equal("other", cut.GetProperty("warehouse").GetString());
        Assert.StartsWith("It was at work when the backup was made", cut.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty((await restored.GetAsync("/api/v1/warehouses/other/chains")).EnumerateArray()); // else it would tear down
        var saved = Assert.Single((await restored.GetAsync("/api/v1/queries")).EnumerateArray());
        Assert.Equal("how many", saved.GetProperty("name").GetString());
        // What the keys encrypt opens.
        var me = await restored.PostAsync($"{ConnectedApp.All}/ann/test", new { });
        Assert.Equal("arn:aws:iam::123456789012:user/ann", me.GetProperty("arn").GetString());
        // And what was loaded loads again.
        await restored.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        Assert.Equal(plays, await PlaysAsync(restored, loads: 2));
        Assert.Contains("warehouses.create", await restored.Http.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_WhileNothingRuns_StartsTheServerForIt_AndEndsItAgain()
    {
        using var folder = new TempFolder();
        var (data, file) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "it.backup"));
        await using (var app = await AppProcess.OnAsync(data, []))
        {
            var sample = new { days = 1, events = 60, songs = 10 };
            await app.PostAsync("/api/v1/warehouses", new { name = "music", source = new { sample } });
        }

        var (code, said, wrong) = await AppProcess.CommandAsync("backup", file, "--Sparkify:DataDirectory", data);

        Assert.True(code == 0, wrong);
        Assert.Contains("Backed up", said, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data, "postgres", "data", "postmaster.pid")));
        await AssertRefusedAsync("There is something at", "backup", file, "--Sparkify:DataDirectory", data);
        await AssertRefusedAsync("There is an installation in", "restore", file, "--Sparkify:DataDirectory", data);
    }

    [Fact]
    public async Task Restore_OfWhatIsNoBackup_SaysSo_AndLeavesTheFolderEmpty()
    {
        using var folder = new TempFolder();
        var data = Path.Combine(folder.Path, "data");
        var file = Path.Combine(folder.Path, "it.backup");
        await AssertRefusedAsync("There is no file", "restore", file, "--Sparkify:DataDirectory", data);
        await AssertRefusedAsync("There is nothing to back up", "backup", file, "--Sparkify:DataDirectory", data);
        await File.WriteAllTextAsync(file, "hello");
        await AssertRefusedAsync("is no backup of Sparkify", "restore", file, "--Sparkify:DataDirectory", data);
        File.Delete(file);
        // A zip of the right form whose dump is none.
        using (var zip = System.IO.Compression.ZipFile.Open(file, System.IO.Compression.ZipArchiveMode.Create))
        {
            foreach (var (name, text) in ((string, string)[])[
                ("sparkify-backup.json", """{"MadeAt":"2026-01-01T00:00:00Z","Form":1}"""), ("store.dump", "?")])
            {
                await using var entry = new StreamWriter(zip.CreateEntry(name).Open());
                await entry.WriteAsync(text);
            }
        }

        await AssertRefusedAsync("The store was not restored. pg_restore said:", "restore", file, "--Sparkify:DataDirectory", data);

        Assert.False(Directory.Exists(Path.Combine(data, "postgres")));
        Assert.False(Directory.Exists(Path.Combine(data, "keys")));
        Assert.Equal(2, (await AppProcess.CommandAsync("restore")).Code);
    }

    [Fact]
    public async Task Backup_OfADatabaseOfOnesOwn_IsRestoredIntoAnotherOne()
    {
        await using var seed = await TestApp.StartAsync();
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "it.backup");
        await seed.CreateAsync(TestApp.NewName(), new { sample = new { days = 1, events = 60, songs = 10 } });
        string[] from = ["--ConnectionStrings:Sparkify", seed.Store, "--Sparkify:DataDirectory", seed.DataDirectory];
        var (code, _, wrong) = await AppProcess.CommandAsync(["backup", file, .. from]);
        Assert.True(code == 0, wrong);
        var database = "restored_" + Guid.NewGuid().ToString("N")[..12];
        await using var server = new NpgsqlConnection(seed.Store);
        await server.OpenAsync();
        await server.ExecuteAsync($"create database {database}");
        try
        {
            var into = new NpgsqlConnectionStringBuilder(seed.Store) { Database = database, Pooling = false }.ConnectionString;
            string[] to = ["--ConnectionStrings:Sparkify", into, "--Sparkify:DataDirectory", Path.Combine(folder.Path, "data")];
            (code, _, wrong) = await AppProcess.CommandAsync(["restore", file, .. to]);
            Assert.True(code == 0, wrong);
            await using (var db = new NpgsqlConnection(into))
            {
                Assert.Equal(1, await db.ExecuteScalarAsync<long>("select count(*) from warehouses"));
            }

            Directory.Delete(Path.Combine(folder.Path, "data"), recursive: true);
            await AssertRefusedAsync("There is a store in the database", ["restore", file, .. to]);
        }
        finally
        {
            await server.ExecuteAsync($"drop database {database} with (force)");
        }
    }

    private static async Task AssertRefusedAsync(string sentence, params string[] arguments)
    {
        var (code, _, wrong) = await AppProcess.CommandAsync(arguments);
        Assert.Equal(1, code);
        Assert.Contains(sentence, wrong, StringComparison.Ordinal);
    }

    private static async Task<long> PlaysAsync(AppProcess app, int loads)
    {
        await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/runs?kind=load&state=succeeded&warehouse=music"),
            runs => runs.GetProperty("total").GetInt64() == loads, seconds: 120);
        var answer = await app.PostAsync("/api/v1/warehouses/music/queries", new { sql = "select count(*) from songplays" });
        Assert.Equal("", answer.GetProperty("error").ToString());
        return long.Parse(answer.GetProperty("rows")[0][0].GetString()!, CultureInfo.InvariantCulture);
    }
}
