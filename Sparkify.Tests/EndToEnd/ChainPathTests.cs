using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Up, load, reports and down again in a browser, after one confirmation.</summary>
public sealed class ChainPathTests
{
    [Fact]
    public async Task Chain_ConfirmedOnce_IsWatchedToItsEnd_AndItsFilesAreTakenAway()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync();
        var sample = new { events = 2_000, songs = 50, days = 2 };
        await app.PostAsync("/api/v1/warehouses", new { name = "music", source = new { sample } });
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/warehouses/music");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run all of it…" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByTestId("if-broken")).ToContainTextAsync("the warehouse stays up");

        await ChooseAsync(page, dialog, "Reports to save as CSV", "Top songs", "Active users");
        await ChooseAsync(page, dialog, "At the end", "Tear it down");
        await Expect(dialog.GetByTestId("if-broken")).ToContainTextAsync("is torn down all the same");
        await Expect(dialog.GetByRole(AriaRole.List, new() { Name = "What it will do" })).ToContainTextAsync("2 reports");
        var go = dialog.GetByRole(AriaRole.Button, new() { Name = "Run all of it", Exact = true });
        await Expect(go).ToBeDisabledAsync();
        await dialog.GetByLabel("Type music to confirm").FillAsync("music");
        await go.ClickAsync();

        await page.WaitForURLAsync("**/runs/1", new() { WaitUntil = WaitUntilState.Commit });
        await Expect(page.GetByTestId("chain-state")).ToHaveTextAsync("Succeeded", new() { Timeout = 120_000 });
        await Expect(page.GetByTestId("chain")).ToContainTextAsync("Every part succeeded. 'music' was torn down (run 4).");
        await page.GetByTestId("chain").GetByRole(AriaRole.Link, new() { Name = "Save reports #3" }).ClickAsync();
        await Expect(page.GetByTestId("saved-reports").GetByRole(AriaRole.Link)).ToHaveCountAsync(2);
        var file = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Download Top songs" }).ClickAsync());
        Assert.Equal("music-top-songs.csv", file.SuggestedFilename);
        Assert.StartsWith("song,artist,plays", await File.ReadAllTextAsync(await file.PathAsync()), StringComparison.Ordinal);
        Assert.Equal("removed", (await app.GetAsync("/api/v1/warehouses/music")).GetProperty("state").GetString());
    }

    // Opens a list of the dialog, and takes what it is asked to take of it.
    private static async Task ChooseAsync(IPage page, ILocator dialog, string list, params string[] items)
    {
        await dialog.Locator(".mud-select .mud-input-control").Filter(new() { HasText = list }).First.ClickAsync();
        foreach (var item in items)
        {
            await page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = item }).First.ClickAsync();
        }

        if (items.Length > 1)
        {
            // Where more than one can be taken it stays open, until somebody clicks beside it.
            await page.Locator(".mud-overlay").Last.ClickAsync(new() { Position = new() { X = 4, Y = 4 } });
        }

        await Expect(page.Locator(".mud-popover-open .mud-list-item")).ToHaveCountAsync(0);
    }
}
