using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

public sealed partial class WholePathTests : IDisposable
{
    private static readonly LocatorAssertionsToHaveTextOptions Patiently = new() { Timeout = Browser.Patience };
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NewWarehouse_ToTeardown_InTheBrowser_WatchedByTwo()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync();
        var (events, songs, expected) = Data();
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Create your first warehouse" }).ClickAsync();
        await page.WaitForURLAsync("**/warehouses/new");
        await MarkAsync(page);

        // A folder that is not there is refused in the wizard, with a sentence.
        await page.GetByRole(AriaRole.Button, new() { Name = "Source", Exact = true }).ClickAsync();
        await page.GetByLabel("Events location").FillAsync("/no/such/folder");
        await page.GetByLabel("Songs location").FillAsync(songs);
        await page.GetByRole(AriaRole.Button, new() { Name = "Name and plan", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("does not exist")).ToBeVisibleAsync();

        await page.GetByLabel("Events location").FillAsync(events);
        await page.GetByLabel("Events location").PressAsync("Tab");
        // The sentence goes with the mistake, and what is below moves: only then is the button where it is clicked.
        await Assertions.Expect(page.GetByText("does not exist")).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test the connection" }).ClickAsync();
        await Assertions.Expect(page.GetByText("NextSong").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Name and plan", Exact = true }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("first");
        await Assertions.Expect(page.GetByText("sparkify_first_loader")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }).ClickAsync();
        await page.WaitForURLAsync(RunUrl());

        // Someone else looks at the same warehouse, and sees its numbers come without touching the page.
        var other = await browser.NewPersonAsync(app.Address);
        await other.GotoAsync("/warehouses/first?tab=tables");
        await other.GotoAsync(page.Url);
        await Assertions.Expect(other.GetByTestId("run-state")).ToContainTextAsync("Succeeded", new() { Timeout = Browser.Patience });
        await Assertions.Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", new() { Timeout = Browser.Patience });
        var load = await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/runs?kind=load"),
            runs => runs.GetProperty("total").GetInt64() == 1 && !runs.GetProperty("items")[0].GetProperty("active").GetBoolean());
        Assert.Equal("succeeded", load.GetProperty("items")[0].GetProperty("state").GetString());

        await page.GetByRole(AriaRole.Link, new() { Name = "first" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Tables", Exact = true }).ClickAsync();
        foreach (var (table, rows) in expected)
        {
            await Assertions.Expect(page.GetByTestId($"rows-{table}").First).ToHaveTextAsync(rows.ToString("N0"), Patiently);
        }

        await WatchAReloadAsync(app, page, other);
        await TearDownAsync(page);
        Assert.Empty(await app.OnServerAsync("sparkify\\_first%"));
        Assert.True(await page.EvaluateAsync<bool>("() => window.neverReloaded === true"), "The page was loaded again on the way.");
    }

    [Fact]
    public async Task FirstStart_ShowsTheSampleBeingLoaded()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(autoSample: true);
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "sample", Exact = true })).ToBeVisibleAsync(
            new() { Timeout = Browser.Patience });
        await MarkAsync(page);
        // 8,056 events, of which the plays are facts; the number arrives on the page that was opened before it was known.
        await Assertions.Expect(page.GetByTestId("rows-songs")).ToHaveTextAsync("14,896", new() { Timeout = Browser.Patience });
        Assert.True(await page.EvaluateAsync<bool>("() => window.neverReloaded === true"));
    }

    private static async Task MarkAsync(IPage page) => await page.EvaluateAsync("() => { window.neverReloaded = true; }");

    // A second load: both persons watch its page, which ends by itself in front of them.
    private static async Task WatchAReloadAsync(AppProcess app, IPage page, IPage other)
    {
        var run = (await app.PostAsync("/api/v1/warehouses/first/runs", new { kind = "load" })).GetProperty("id").GetInt64();
        await other.GotoAsync($"/runs/{run}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Runs", Exact = true }).Last.ClickAsync();
        await page.Locator($"a[href='/runs/{run}']").First.ClickAsync();
        foreach (var person in new[] { page, other })
        {
            await Assertions.Expect(person.GetByTestId("run-state")).ToContainTextAsync("Succeeded", new() { Timeout = Browser.Patience });
            await Assertions.Expect(person.GetByTestId("step-counts")).ToHaveAttributeAsync("data-state", "succeeded");
        }
    }

    private static async Task TearDownAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "first" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Resources" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Tear down first" }).ClickAsync();
        var destroy = page.GetByRole(AriaRole.Button, new() { Name = "Tear it down" });
        await Assertions.Expect(destroy).ToBeDisabledAsync();
        await page.GetByLabel("Type first to confirm").FillAsync("first");
        await destroy.ClickAsync();
        await page.WaitForURLAsync(RunUrl());
        await Assertions.Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", new() { Timeout = Browser.Patience });
        await Assertions.Expect(page.GetByTestId("step-proof")).ToContainTextAsync("0 databases and 0 roles left");
        await Assertions.Expect(page.GetByTestId("run-outcome")).ToContainTextAsync("0 databases and 0 roles left");
    }

    // The real data where they lie beside the project; else a source of the same kind.
    private (string Events, string Songs, Dictionary<string, long> Counts) Data()
    {
        if (RealData.Folder is not null)
        {
            return (RealData.Events, RealData.Songs, new()
            {
                ["songplays"] = 1507,
                ["users"] = 74,
                ["songs"] = 71,
                ["artists"] = 69,
                ["time"] = 1507,
                ["staging_events"] = 1786,
            });
        }

        Source.Write(_folder, Enumerable.Range(0, 300).Select(i => Source.Event(item: i, ts: 1541105830796 + i)), [Source.Song()]);
        return (Path.Combine(_folder.Path, "log_data"), Path.Combine(_folder.Path, "song_data"),
            new() { ["songplays"] = 300, ["users"] = 1, ["songs"] = 1, ["artists"] = 1, ["time"] = 300, ["staging_events"] = 300 });
    }

    [GeneratedRegex(@"/runs/\d+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RunUrl();
}
