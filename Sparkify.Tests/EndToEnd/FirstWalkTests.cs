using System.Diagnostics;
using Microsoft.Playwright;
using Sparkify.Tests.Support;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>
/// The first time somebody uses the application: from the page it opens with to a report on data of their own. A picture of every step
/// goes to the folder that <c>SPARKIFY_PICTURES</c> names (see <c>scripts/pictures.sh</c>), else to nowhere; clicks and seconds are said.
/// </summary>
public sealed class FirstWalkTests(ITestOutputHelper output) : IDisposable
{
    private const int MostClicks = 8;
    private readonly TempFolder _folder = new();
    private readonly List<string> _steps = [];
    private readonly Stopwatch _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Local_FromNothingToTheFirstOwnReport()
    {
        var events = Enumerable.Range(0, 300).Select(i => Source.Event(item: i, ts: 1541105830796 + (i * 600_000L)));
        Source.Write(_folder, events, [Source.Song()]);
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(autoSample: true);
        var page = await OpenAsync(browser, app);

        await StepAsync(page, "local", page.GetByRole(AriaRole.Link, new() { Name = "A folder or a bucket, here" }));
        await StepAsync(page, "local", page.GetByRole(AriaRole.Button, new() { Name = "Source", Exact = true }));
        await page.GetByLabel("Events location").FillAsync(Path.Combine(_folder.Path, "log_data"));
        await page.GetByLabel("Songs location").FillAsync(Path.Combine(_folder.Path, "song_data"));
        await StepAsync(page, "local", page.GetByRole(AriaRole.Button, new() { Name = "Name and plan", Exact = true }));
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("own");
        await Expect(page.GetByText("sparkify_own_loader")).ToBeVisibleAsync();
        await StepAsync(page, "local", page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }));
        await ReportAsync(page, "local", "own");

        await Expect(page.GetByTestId("report-table").Locator("tbody tr").First).ToContainTextAsync("300");
        await EndAsync(page, "local");
    }

    [Fact]
    public async Task SimulatedRedshift_FromNothingToTheFirstOwnReport()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(autoSample: true, arguments: ["--Aws:Simulator", "true"]);
        var page = await OpenAsync(browser, app);

        await StepAsync(page, "redshift", page.GetByRole(AriaRole.Link, new() { Name = "Redshift on the simulator" }));
        await StepAsync(page, "redshift", page.GetByRole(AriaRole.Button, new() { Name = "Source", Exact = true }));
        await StepAsync(page, "redshift", page.GetByRole(AriaRole.Button, new() { Name = "Use the sample bucket" }));
        await StepAsync(page, "redshift", page.GetByRole(AriaRole.Button, new() { Name = "Cluster", Exact = true }));
        await Expect(page.GetByTestId("price-hour")).ToHaveTextAsync("$0.543");
        await StepAsync(page, "redshift", page.GetByRole(AriaRole.Button, new() { Name = "Name and plan", Exact = true }));
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("cloud");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Plan" })).ToContainTextAsync("$0.543 an hour");
        await StepAsync(page, "redshift", page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }));
        await ReportAsync(page, "redshift", "cloud");
        await EndAsync(page, "redshift");
    }

    private async Task<IPage> OpenAsync(Browser browser, AppProcess app)
    {
        var page = await browser.NewPersonAsync(app.Address);
        await page.SetViewportSizeAsync(1280, 900);
        // What a person presses, counted by the browser; the pages are one document, so nothing of it is lost.
        await page.AddInitScriptAsync("window.presses = 0; addEventListener('pointerdown', () => window.presses++, true);");
        _clock.Start();
        await page.GotoAsync("/");
        return page;
    }

    // The load follows the provisioning by itself, on the page that was opened by creating the warehouse.
    private async Task ReportAsync(IPage page, string walk, string warehouse)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync($"Load {warehouse}");
        await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded");
        await StepAsync(page, walk, page.GetByRole(AriaRole.Link, new() { Name = "Open the reports" }));
        await StepAsync(page, walk, page.GetByRole(AriaRole.Link, new() { Name = "Top songs" }));
        await Expect(page.Locator("#chart .chart")).ToBeVisibleAsync();
        Assert.Contains($"warehouse={warehouse}", page.Url, StringComparison.Ordinal);
    }

    private async Task StepAsync(IPage page, string walk, ILocator next)
    {
        await Expect(next).ToBeEnabledAsync();
        await PictureAsync(page, walk);
        await next.ClickAsync();
    }

    private async Task EndAsync(IPage page, string walk)
    {
        _clock.Stop();
        await PictureAsync(page, walk);
        var presses = await page.EvaluateAsync<int>("() => window.presses");
        output.WriteLine($"{walk}: {presses} clicks, {_clock.Elapsed.TotalSeconds:N1} s, {string.Join(", ", _steps)}");

        Assert.Equal(_steps.Count - 1, presses);
        Assert.InRange(presses, 1, MostClicks);
    }

    private async Task PictureAsync(IPage page, string walk)
    {
        _steps.Add($"{walk}-{_steps.Count + 1}");
        if (Pictures.Folder is not null)
        {
            // Its own time is nobody's.
            _clock.Stop();
            await Pictures.TakeAsync(page, $"walk-{_steps[^1]}");
            _clock.Start();
        }
    }
}
