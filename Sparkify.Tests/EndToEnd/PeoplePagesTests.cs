using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The pages of accounts, as axe sees them, by keyboard, and on a phone.</summary>
public sealed class PeoplePagesTests(PeopleApp people) : IClassFixture<PeopleApp>
{
    [Theory]
    [InlineData("/settings")]
    [InlineData("/settings/account")]
    [InlineData("/settings/people")]
    [InlineData("/settings/sessions")]
    [InlineData("/settings/audit")]
    [InlineData("/sign-out")]
    public async Task Page_BreaksNoRule_AndFitsAPhone(string path)
    {
        var page = await people.AdminAsync(path);
        await AccessibilityTests.BreaksNoRuleAsync(page);
        await FitsAsync(page);
        await page.CloseAsync();
    }

    [Fact]
    public async Task SignIn_ByKeyboard_WithItsProblem_BreaksNoRule()
    {
        var page = await people.NewAsync();
        await page.GotoAsync("/sign-in?return=%2Fruns");
        await AccessibilityTests.BreaksNoRuleAsync(page);
        await FitsAsync(page);
        await Expect(page.Locator("input[name=name]")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("vera");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("wrong, all wrong");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("do not fit together");
        await AccessibilityTests.BreaksNoRuleAsync(page);

        // The name stands; the password is what is asked for again.
        await Expect(page.Locator("input[name=password]")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(Visitor.Password);
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync(people.App.Address + "/runs", new() { WaitUntil = WaitUntilState.Commit });
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task People_ByKeyboard_OneIsAddedAndOpened()
    {
        var page = await people.AdminAsync("/settings/people");
        await page.Locator("#person-name").FocusAsync();
        await page.Keyboard.TypeAsync("kay");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(Visitor.Password);
        await TabToAsync(page, "Add this role");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Roles" })).ToContainTextAsync("viewer");
        await TabToAsync(page, "Add person");
        await page.Keyboard.PressAsync("Enter");

        var kay = page.GetByRole(AriaRole.Button, new() { Name = "kay", Exact = true });
        await kay.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 2, Name = "kay" })).ToBeVisibleAsync();
        await AccessibilityTests.BreaksNoRuleAsync(page);
        await page.CloseAsync();
    }

    private static async Task TabToAsync(IPage page, string name)
    {
        for (var at = 0; at < 10; at++)
        {
            await page.Keyboard.PressAsync("Tab");
            if ((await page.EvaluateAsync<string>("() => document.activeElement.innerText ?? ''")).Trim() == name)
            {
                return;
            }
        }

        Assert.Fail($"Ten steps by Tab do not lead to '{name}'.");
    }

    private static async Task FitsAsync(IPage page)
    {
        await page.SetViewportSizeAsync(400, 800);
        Assert.Equal(400, await page.EvaluateAsync<int>("() => Math.max(400, document.documentElement.scrollWidth)"));
    }
}
