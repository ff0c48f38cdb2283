using System.Globalization;
using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>What every page stands on: the theme in both schemes, and questions that can be answered by keyboard.</summary>
public sealed class LookTests : IAsyncLifetime
{
    private const string Paper = "rgb(247, 245, 240)";
    private const string Charcoal = "rgb(20, 20, 19)";
    private Browser? _browser;
    private AppProcess? _app;

    public async Task InitializeAsync()
    {
        _browser = await Browser.StartAsync();
        _app = await AppProcess.StartAsync();
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
    }

    [Fact]
    public async Task Theme_FollowsTheSystemAndTheChoice_AndNothingFlashes()
    {
        var page = await _browser!.NewPersonAsync(_app!.Address);
        // Every ground the page and the canvas behind it had, from the first frame on.
        await page.AddInitScriptAsync(
            """
            window.seen = new Set();
            const look = () => {
              for (const part of [document.documentElement, document.body]) {
                if (part) { window.seen.add(getComputedStyle(part).backgroundColor); }
              }
              requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
            """);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.GotoAsync("/");
        await page.WaitForSelectorAsync("h1");
        Assert.Equal([Charcoal], await SeenAsync(page));

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", Paper);
        await Expect(page.GetByRole(AriaRole.Heading).First).ToHaveCSSAsync("color", "rgb(25, 33, 36)");

        // As the system, light, dark: what was chosen holds against the system, and from the first frame of the next visit.
        var choose = page.GetByRole(AriaRole.Button, new() { Name = "Change the theme" });
        await choose.ClickAsync();
        await choose.ClickAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", Charcoal);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("h1");
        Assert.Equal([Charcoal], await SeenAsync(page));

        await choose.ClickAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", Paper);
    }

    [Fact]
    public async Task Styles_NameOnlyWhatTheThemeSays_AndTravelLight()
    {
        var page = await _browser!.NewPersonAsync(_app!.Address);
        IResponse? home = null;
        var styles = await page.RunAndWaitForResponseAsync(
            async () =>
                home = await page.GotoAsync("/"), response => response.Url.Contains("/MudBlazor.min.css?v=", StringComparison.Ordinal));
        await page.WaitForSelectorAsync("h1");

        Assert.NotNull(await home!.HeaderValueAsync("content-encoding"));
        Assert.Equal("max-age=31536000, immutable", await styles.HeaderValueAsync("cache-control"));
        var (named, unknown) = (
            await page.EvaluateAsync<int>($"() => ({Named})().length"),
            await page.EvaluateAsync<string[]>(
                $"() => ({Named})().filter(name => !getComputedStyle(document.documentElement).getPropertyValue(name))"));
        Assert.True(named > 20, named.ToString(CultureInfo.InvariantCulture));
        Assert.Empty(unknown);
    }

    [Fact]
    public async Task Question_ByKeyboard_StartsAtTheHarmlessAnswerAndGivesTheFocusBack()
    {
        await _app!.PostAsync("/api/v1/warehouses", new { name = "idle", source = "sample" });
        var page = await _browser!.NewPersonAsync(_app.Address);
        await page.GotoAsync("/warehouses/idle/resources");
        var forget = page.GetByRole(AriaRole.Button, new() { Name = "Forget idle" });
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Forget idle?" });
        await forget.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Keep it" })).ToBeFocusedAsync();

        // The focus stays in the question until it is answered.
        await page.Keyboard.PressAsync("Shift+Tab");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Forget it" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Keep it" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(forget).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Enter");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Keep it" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(_app.Address + "/", new() { WaitUntil = WaitUntilState.Commit });
    }

    [Fact]
    public async Task Teardown_ByKeyboard_BeginsInItsField_AndEscapeKeepsTheWarehouse()
    {
        await _app!.PostAsync("/api/v1/warehouses", new { name = "doomed", source = "sample" });
        var run = await _app.PostAsync("/api/v1/warehouses/doomed/runs", new { kind = "provision" });
        await Eventually.BecomesAsync(
            () => _app.GetAsync($"/api/v1/runs/{run.GetProperty("id").GetInt64()}"), static r => r.GetProperty("state").GetString() == "succeeded");
        var page = await _browser!.NewPersonAsync(_app.Address);
        await page.GotoAsync("/warehouses/doomed/resources");
        var open = page.GetByRole(AriaRole.Button, new() { Name = "Tear down doomed" });
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Tear down doomed?" });
        await open.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var name = dialog.GetByLabel("Type doomed to confirm");
        await Expect(name).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("doomed");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Tear it down" })).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(open).ToBeFocusedAsync();
        Assert.Equal("available", (await _app.GetAsync("/api/v1/warehouses/doomed")).GetProperty("state").GetString());

        await page.Keyboard.PressAsync("Enter");
        await Expect(name).ToHaveValueAsync("");
        await Expect(name).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("doomed");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Tear it down" }).ClickAsync();
        await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", new() { Timeout = Browser.Patience });
    }

    // The names of MudBlazor's variables in our own style sheets.
    private const string Named =
        """
        () => [...new Set([...document.styleSheets]
          .filter(sheet => sheet.href && !sheet.href.includes("/_content/"))
          .flatMap(sheet => [...sheet.cssRules].flatMap(rule => rule.cssText.match(/--mud-[a-z0-9-]+/g) ?? [])))]
        """;

    private static Task<string[]> SeenAsync(IPage page) => page.EvaluateAsync<string[]>("() => [...window.seen]");
}
