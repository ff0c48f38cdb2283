using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The reference of the API in a real browser.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public async Task Reference_OpenedFromTheAccountPage_ShowsTheOperations_AndAsksNobodyElse()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/sign-in?return=/settings/account");
        await page.GetByLabel("Name").FillAsync("ann");
        await page.GetByLabel("Password").FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        List<string> elsewhere = [], said = [];
        page.Context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(app.Address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                elsewhere.Add(request.Url);
            }
        };
        page.Context.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                said.Add(message.Text);
            }
        };
        var reference = await page.Context.RunAndWaitForPageAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "API reference" }).ClickAsync());

        await Assertions.Expect(reference.GetByRole(AriaRole.Heading, new() { Name = "Sparkify Web" })).ToBeVisibleAsync();
        await Assertions.Expect(reference.GetByText("Start a run on a warehouse").First).ToBeVisibleAsync();
        Assert.Empty(elsewhere);
        Assert.Empty(said);
    }
}
