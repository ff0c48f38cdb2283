using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The shell around every page, and what holds for all pages at every width.</summary>
public sealed class ShellTests(LoadedApp loaded) : IClassFixture<LoadedApp>
{
    /// <summary>Every page there is, with a part of it that is there when it is done.</summary>
    public static TheoryData<string, string> Pages => new()
    {
        { "/", ".kpi" },
        { "/warehouses", "[data-testid=warehouse-music]" },
        { "/warehouses/new", ".wizard" },
        { "/warehouses/music", "[data-testid=rows-songplays]" },
        { "/warehouses/music/tables", "[data-testid=rows-songplays]" },
        { "/warehouses/music/schema", "#star-diagram" },
        { "/warehouses/music/source", "table" },
        { "/warehouses/music/runs", ".mud-table-row" },
        { "/warehouses/music/rejects", ".empty, table" },
        { "/warehouses/music/checks", ".panel, table" },
        { "/warehouses/music/resources", "table" },
        { "/runs", ".mud-table-row" },
        { "/runs/2", "log-tail .line" },
        { "/schedules", ".mud-table-row" },
        { "/runs/compare", ".panel, .empty" },
        { "/reports?warehouse=music", "main ul" },
        { "/reports/plays-over-time?warehouse=music", "[data-testid=report-table]" },
        { "/query?warehouse=music", "[data-ready]" },
        { "/settings", ".panel" },
        { "/no/such/page", ".empty" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_OnAPhone_NeverScrollsSideways(string path, string there)
    {
        var page = await loaded.OpenAsync(path, width: 400);
        await page.WaitForSelectorAsync(there);

        Assert.Equal(400, await page.EvaluateAsync<int>("() => Math.max(400, document.documentElement.scrollWidth)"));
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData("/runs", ".mud-table-container")]
    [InlineData("/warehouses", ".scroll")]
    [InlineData("/warehouses/music/runs", ".mud-table-container")]
    [InlineData("/warehouses/music/resources", "table")]
    [InlineData("/warehouses/music/source", "table")]
    public async Task Grid_OnAWideScreen_UsesTheWidth(string path, string grid)
    {
        var page = await loaded.OpenAsync(path, width: 2560);
        await page.WaitForSelectorAsync(grid);

        var share = await page.EvaluateAsync<double>(
            """
            (grid) => {
              const main = document.querySelector("main");
              const style = getComputedStyle(main);
              const content = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
              return document.querySelector(grid).getBoundingClientRect().width / content;
            }
            """,
            grid);
        Assert.True(share >= 0.9, $"{grid} takes {share:P0} of the width.");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Palette_ByKeyboard_FindsAndGoes()
    {
        var page = await loaded.OpenAsync("/settings");
        await page.Keyboard.PressAsync("Control+k");
        var field = page.GetByRole(AriaRole.Combobox, new() { Name = "Search or go to" });
        await Expect(field).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("top son");
        var option = page.GetByRole(AriaRole.Option, new() { Name = "Top songs" });
        await Expect(option).ToHaveAttributeAsync("aria-selected", "true");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Top songs" })).ToBeVisibleAsync();

        // By hand: what it finds are links.
        await page.GetByRole(AriaRole.Button, new() { Name = "Search or go to" }).ClickAsync();
        await field.FillAsync("music");
        await page.GetByRole(AriaRole.Option, new() { Name = "music available" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(loaded.App.Address + "/warehouses/music");

        // A page that was gone to takes the focus to its heading; only then is it somebody's to move.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "music" })).ToBeFocusedAsync();
        var tab = page.GetByRole(AriaRole.Link, new() { Name = "Tables", Exact = true });
        await tab.FocusAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(field).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(field).ToHaveCountAsync(0);
        await Expect(tab).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Drawer_CollapsesToIcons_IsRemembered_AndIsAMenuOnAPhone()
    {
        var page = await loaded.OpenAsync("/runs");
        var main = page.GetByRole(AriaRole.Navigation, new() { Name = "Main" });
        var reports = main.GetByRole(AriaRole.Link, new() { Name = "Reports" });
        var menu = page.GetByRole(AriaRole.Button, new() { Name = "Menu" });
        await Expect(reports).ToBeVisibleAsync();
        await Expect(menu).ToHaveAttributeAsync("aria-expanded", "true");
        await menu.ClickAsync();
        await Expect(menu).ToHaveAttributeAsync("aria-expanded", "false");
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("h1");
        await Expect(menu).ToHaveAttributeAsync("aria-expanded", "false");

        await page.SetViewportSizeAsync(400, 800);
        await Expect(reports).Not.ToBeInViewportAsync();
        await menu.ClickAsync();
        await Expect(reports).ToBeInViewportAsync();
        await reports.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Reports" })).ToBeVisibleAsync();
        await Expect(reports).Not.ToBeInViewportAsync();
    }

    [Fact]
    public async Task Density_Chosen_HoldsOnTheNextVisit()
    {
        var page = await loaded.OpenAsync("/settings");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-density", "compact");
        await page.GetByRole(AriaRole.Button, new() { Name = "Roomy" }).ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-density", "roomy");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Roomy" })).ToHaveAttributeAsync("aria-pressed", "true");
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("h1");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-density", "roomy");
    }

    [Fact]
    public async Task FirstVisit_OurFilesWeighLittle_AndTheFontForCodeStaysAway()
    {
        var page = await loaded.OpenAsync("/settings");
        await page.EvaluateAsync("() => document.fonts.ready");

        // MudBlazor's own style sheet travels compressed (43 kB) only from a published application; a build has no compressed twin of it.
        const string Counted = "performance.getEntriesByType('resource').filter(r => !r.name.includes('/_content/'))";
        var files = await page.EvaluateAsync<string[]>(
            $"() => {Counted}.map(r => `${{Math.round(r.encodedBodySize / 1000)}} kB ${{new URL(r.name).pathname}}`)");
        var bytes = await page.EvaluateAsync<long>(
            $"() => {Counted}.reduce((sum, r) => sum + r.encodedBodySize, 0)");

        Assert.True(bytes is > 50_000 and < 250_000, $"{bytes} bytes: {string.Join(", ", files)}");
        Assert.Contains(files, f => f.Contains("geist", StringComparison.Ordinal) && !f.Contains("mono", StringComparison.Ordinal));
        Assert.DoesNotContain(files, f => f.Contains("geist-mono", StringComparison.Ordinal));
        Assert.StartsWith("Geist", await page.EvaluateAsync<string>("() => getComputedStyle(document.body).fontFamily"), StringComparison.Ordinal);
    }
}
