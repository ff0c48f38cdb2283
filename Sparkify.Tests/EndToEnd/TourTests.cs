using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>
/// Walks through the pages with the sample loaded and takes the pictures of the documentation: into the folder that
/// <c>SPARKIFY_PICTURES</c> names (see <c>scripts/pictures.sh</c>), else to nowhere.
/// </summary>
public sealed class TourTests
{
    [Fact]
    public async Task Tour_OfTheSample_ShowsEveryPageTheDocumentationShows()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(autoSample: true);
        var page = await browser.NewPersonAsync(app.Address);
        await page.SetViewportSizeAsync(1280, 900);
        // The sample's load comes after its provisioning.
        await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/runs?kind=load"), static runs => runs.GetProperty("total").GetInt64() == 1, seconds: 120);
        await page.GotoAsync("/runs/2");
        await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded");
        await app.PostAsync("/api/v1/warehouses/sample/runs", new { kind = "load" });
        await page.GotoAsync("/runs/3");
        await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded");

        await app.PostAsync("/api/v1/dashboards", new { name = "Listening" });
        foreach (var report in new[] { "plays-over-time", "top-songs", "free-and-paid", "plays-by-hour" })
        {
            await app.PostAsync("/api/v1/dashboards/listening/tiles", new { report });
        }

        await PictureAsync(page, "run", "/runs/3", "[data-testid=run-outcome]");
        await PictureAsync(page, "home", "/", ".chart [data-tip]");
        await PictureAsync(page, "dashboard", "/dashboards/listening", "[data-testid=tiles] .tile:last-child .chart");
        await PictureAsync(page, "reports", "/reports/plays-by-hour?warehouse=sample", "#chart");
        await PictureAsync(page, "query", "/query?warehouse=sample", "[data-ready=rich] .view-line");
        await PictureAsync(page, "tables", "/warehouses/sample/tables", "[data-testid=rows-songplays]");
        await PictureAsync(page, "schema", "/warehouses/sample/schema", "#star-diagram");
        await PictureAsync(page, "source", "/warehouses/sample/source", "table");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await PictureAsync(page, "run-dark", "/runs/3", "[data-testid=run-outcome]");
        await PictureAsync(page, "reports-dark", "/reports/free-and-paid?warehouse=sample", "#chart");
    }

    private static async Task PictureAsync(IPage page, string name, string path, string there)
    {
        await page.GotoAsync(path);
        await page.WaitForSelectorAsync(there);
        await Pictures.TakeAsync(page, name);
    }
}
