using Deque.AxeCore.Playwright;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Signing in, and being signed out, in a real browser.</summary>
public sealed class PeopleTourTests
{
    [Fact]
    public async Task Accounts_FromTheFirstToTheLastSignOut_ByKeyboard_AndWithoutAFinding()
    {
        await using var app = await TestApp.StartAsync();
        await using var browser = await Browser.StartAsync();
        var ann = await browser.NewPersonAsync(app.Address);
        await ann.GotoAsync("/settings/people");
        await ann.GetByRole(AriaRole.Link, new() { Name = "Make the first account" }).ClickAsync();
        await FindNothingAsync(ann);
        await ann.GetByLabel("Name").FocusAsync();
        await ann.Keyboard.TypeAsync("ann");
        await ann.Keyboard.PressAsync("Tab");
        await ann.Keyboard.TypeAsync(Visitor.Password);
        await ann.Keyboard.PressAsync("Tab");
        await ann.Keyboard.TypeAsync(Visitor.Password);
        await ann.Keyboard.PressAsync("Enter");
        await Expect(ann.GetByText("Let somebody in")).ToBeVisibleAsync();
        await FindNothingAsync(ann);

        // Whoever has a page open is out at once when their session ends, and in again with other roles when those change.
        var people = app.Services.GetRequiredService<IPeople>();
        var bob = await people.AddAsync("bob", Visitor.Password, [new Grant(Role.Viewer)], Actor.System, default);
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/runs");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await FindNothingAsync(page);
        await page.GetByLabel("Name").FillAsync("bob");
        await page.GetByLabel("Password").FillAsync(Visitor.Password);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Query" })).ToHaveCountAsync(0);
        await people.GrantAsync(bob.Id, [new Grant(Role.Analyst)], Actor.System, default);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Query" })).ToBeVisibleAsync();
        await people.CloseAsync(bob.Id, true, Actor.System, default);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();

        foreach (var (path, text) in new[]
        {
            ("/settings/account", "Your roles"), ("/settings/sessions", "this one"), ("/settings/audit", "people.begin"),
        })
        {
            await ann.GotoAsync(path);
            await Expect(ann.GetByText(text).First).ToBeVisibleAsync();
            await FindNothingAsync(ann);
        }

        await ann.GotoAsync("/sign-out");
        await FindNothingAsync(ann);
        await ann.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await Expect(ann.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    private static async Task FindNothingAsync(IPage page) => Assert.Empty((await page.RunAxe()).Violations.Select(
        static v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(static n => n.Html))}"));
}
