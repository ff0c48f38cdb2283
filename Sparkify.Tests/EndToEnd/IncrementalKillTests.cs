using Dapper;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A load of what is new whose process is killed, before readers see what it adds and after.</summary>
public sealed class IncrementalKillTests : IDisposable
{
    private const string Plays = "select count(*) from dwh.songplays";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kill_BeforeAndAfterTheRowsAreSeen_TheNextStartEndsIt_AndTheyAreThereOnce()
    {
        var app = await AppProcess.StartAsync();
        await using var last = AppProcess.Last(() => app);
        await app.PostAsync("/api/v1/warehouses", new { name = "one", source = Write(1), loadMode = "incremental" });
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "provision", then = "load" });
        await app.EndedAsync("load", times: 1);

        Write(2);
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "load" });
        // A reader in its transaction keeps them before they are seen.
        await app.KilledAsync("load", "publish", "sparkify_one", $"begin; {Plays}");
        app = await AppProcess.StartAsync(after: app);
        await app.EndedAsync("load", times: 2);
        Assert.Equal(500, await CountAsync(app));

        Write(3);
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "load" });
        // The store's own table of counts keeps it after, when readers see them already.
        await app.KilledAsync("load", "counts", "sparkify", "begin; lock table table_counts in exclusive mode");
        app = await AppProcess.StartAsync(after: app);
        await app.EndedAsync("load", times: 3);

        Assert.Equal(600, await CountAsync(app));
        await using var db = await app.ConnectAsync("sparkify_one");
        Assert.Equal(600, await db.ExecuteScalarAsync<long>("select staged from dwh.load_counts where part = 'events'"));
        Assert.Equal(0, await db.ExecuteScalarAsync<long>("select repeated_plays from dwh.load"));
    }

    private object Write(int file)
    {
        var (events, songs) = (Path.Combine(_folder.Path, "events"), Path.Combine(_folder.Path, "songs"));
        Directory.CreateDirectory(events);
        File.WriteAllLines(
            Path.Combine(events, $"{file}.json"),
            Enumerable.Range(0, file == 1 ? 400 : 100).Select(i => Source.Event(item: i, ts: 1541105830796 + (file * 1000L) + i)));
        if (!Directory.Exists(songs))
        {
            Directory.CreateDirectory(songs);
            File.WriteAllText(Path.Combine(songs, "1.json"), Source.Song());
        }

        return new { events, songs };
    }

    private static async Task<long> CountAsync(AppProcess app)
    {
        await using var db = await app.ConnectAsync("sparkify_one");
        return await db.ExecuteScalarAsync<long>(Plays);
    }
}
