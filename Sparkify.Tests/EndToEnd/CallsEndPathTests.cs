using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A page that waits for what never answers, with all the patience the application has.</summary>
public sealed class CallsEndPathTests
{
    [Fact]
    public async Task Wizard_OnAnEndpointThatNeverAnswers_SaysSo_AndLosesNothing()
    {
        await using var aws = new DeafServer(Deafness.Silent);
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(
            arguments: ["--Aws:Simulator", "true", "--Aws:SimulatorUrl", aws.Url.ToString()]);
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/warehouses/new");
        await page.GetByLabel("Amazon Redshift on the built-in simulator").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Source", Exact = true }).ClickAsync();
        await Expect(page.Locator("#wizard-title")).ToHaveTextAsync("Source", new() { Timeout = Browser.Patience });
        await page.GetByLabel("Events").FillAsync("s3://music/log_data/");
        await page.GetByLabel("Songs").FillAsync("s3://music/song_data/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cluster", Exact = true }).ClickAsync();
        await Expect(page.GetByText("did not answer within 15 seconds").First).ToBeVisibleAsync(new() { Timeout = Browser.Patience });
        await Expect(page.GetByLabel("Events")).ToHaveValueAsync("s3://music/log_data/");
    }
}
