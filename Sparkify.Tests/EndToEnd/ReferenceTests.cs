using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The reference of the API in a real browser.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public async Task Reference_OfSomebodySignedIn_ShowsTheOperations_AndAsksNobodyElse()
    {
        await using var app = await AppProcess.StartAsync();
        using var ann = new Visitor(app.Address);
        using var made = await ann.SubmitAsync("/first", ("name", "ann"), ("password", Visitor.Password), ("again", Visitor.Password));
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPersonAsync(app.Address);
        await page.Context.AddCookiesAsync(
            [new Cookie { Name = "sparkify", Value = ann.Cookies.GetAllCookies()["sparkify"]!.Value, Url = app.Address }]);
        await page.GotoAsync("/settings/account");
        var link = page.GetByRole(AriaRole.Link, new() { Name = "API reference" });
        await Assertions.Expect(link).ToHaveAttributeAsync("href", "/api");

        List<string> elsewhere = [], said = [];
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(app.Address, StringComparison.Ordinal)
                && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                elsewhere.Add(request.Url);
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                said.Add(message.Text);
            }
        };
        await page.GotoAsync("/api");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sparkify Web" }).First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("when the store and the scheduler answer").First).ToBeVisibleAsync();
        Assert.Empty(elsewhere);
        Assert.Empty(said);
    }
}
