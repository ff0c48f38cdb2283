using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The application with a loaded warehouse whose titles mean harm, and a browser to look at it.</summary>
public sealed class LoadedApp : IAsyncLifetime
{
    public const string Script = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    private readonly TempFolder _folder = new();
    private Browser? _browser;
    private AppProcess? _app;

    public static string Long { get; } = new('x', 950);

    internal AppProcess App => _app!;

    public async Task InitializeAsync()
    {
        Write("2018/11/01.json", 0,
            Enumerable.Repeat(Script, 5).Concat(Enumerable.Repeat("=cmd()|'/C calc'!A0", 6)).Concat(Enumerable.Repeat("שלום עולם", 3))
                .Concat(Enumerable.Repeat("💥🎧 boom", 2)).Append(Long));
        Write("2018/11/02.json", 100, Enumerable.Range(0, 60).Select(i => $"Song {i % 12}"));
        _folder.Write("song_data/A/1.json", Source.Song(title: Script));
        _browser = await Browser.StartAsync();
        _app = await AppProcess.StartAsync();
        await _app.PostAsync("/api/v1/warehouses", new { name = "music", source = Source.At(_folder) });
        await _app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        await LoadedAsync(loads: 1);
        // In none of the hours that tests run: on the 29th of February.
        await _app.PostAsync("/api/v1/warehouses/music/schedules", new { name = Script[..50], cron = "0 0 29 2 *" });
        await _app.PostAsync("/api/v1/dashboards", new { name = "Hits" });
        foreach (var report in new[] { "top-songs", "plays-by-hour", "first-and-last" })
        {
            await _app.PostAsync("/api/v1/dashboards/hits/tiles", new { report });
        }
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A person's page that fails the test when any script of the data runs.</summary>
    public async Task<IPage> OpenAsync(string path, int width = 1280)
    {
        var page = await _browser!.NewPersonAsync(App.Address);
        page.Dialog += (_, dialog) => throw new InvalidOperationException($"Data ran as a script: {dialog.Message}");
        await page.SetViewportSizeAsync(width, 900);
        await page.GotoAsync(path);
        await page.WaitForSelectorAsync("h1");
        return page;
    }

    /// <summary>Adds a day of plays to the source and loads it.</summary>
    public async Task LoadMoreAsync(params string[] titles)
    {
        Write("2018/11/03.json", 200, titles);
        await App.PostAsync("/api/v1/warehouses/music/runs", new { kind = "load" });
        await LoadedAsync(loads: 2);
    }

    private async Task LoadedAsync(int loads)
    {
        var runs = await Eventually.BecomesAsync(
            () => App.GetAsync("/api/v1/runs?kind=load"),
            all => all.GetProperty("total").GetInt64() >= loads && !all.GetProperty("items")[0].GetProperty("active").GetBoolean());
        Assert.Equal("succeeded", runs.GetProperty("items")[0].GetProperty("state").GetString());
    }

    private void Write(string file, int first, IEnumerable<string> titles) => _folder.Write(
        $"log_data/{file}",
        string.Join('\n', titles.Select(
            (title, at) => Source.Event(song: title, item: first + at, ts: 1541105830796 + ((first + at) * 3_600_000L)))));
}
