using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>How many pages a person may have open, with pages that are.</summary>
public sealed class OpenPagesTests
{
    [Fact]
    public async Task Page_OneTooMany_SaysSo_AndComesOnceAnotherIsClosed()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(arguments: ["--Sparkify:Network:MaxPagesOfOne", "2"]);
        var first = await browser.NewPersonAsync(app.Address);
        var heading = new PageGetByRoleOptions { Level = 1 };
        foreach (var page in new[] { first, await first.Context.NewPageAsync() })
        {
            await page.GotoAsync("/settings");
            await Expect(page.GetByRole(AriaRole.Heading, heading)).ToHaveTextAsync("Settings");
        }

        var third = await first.Context.NewPageAsync();
        var answer = await third.GotoAsync("/runs?page=1");
        Assert.Equal(429, answer!.Status);
        await Expect(third.GetByRole(AriaRole.Alert)).ToContainTextAsync("You have 2 pages open, as many as one person may.");
        await AccessibilityTests.BreaksNoRuleAsync(third);

        // A browser closes the page of before only once the new one has begun to come, so opening one anew takes a second try, which
        // then has room.
        await first.ReloadAsync();
        await first.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
        await Expect(first.GetByRole(AriaRole.Heading, heading)).ToHaveTextAsync("Settings");

        await first.CloseAsync(new() { RunBeforeUnload = true });
        await Eventually.BecomesAsync(
            async () => (await third.GotoAsync("/runs?page=1"))!.Status, static status => status == 200, seconds: 60);
        await Expect(third.GetByRole(AriaRole.Heading, heading)).ToHaveTextAsync("Runs");
    }
}
