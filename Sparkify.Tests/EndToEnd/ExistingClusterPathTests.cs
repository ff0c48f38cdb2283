using Microsoft.Playwright;
using Sparkify.Tests.Core.Provisioning.Redshift.Existing;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The settings file of those who have a cluster, from the wizard to the teardown that leaves it as it was.</summary>
public sealed class ExistingClusterPathTests
{
    private static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = Browser.Patience };

    [Fact]
    public async Task Config_Pasted_Provisioned_Loaded_TornDown_AndTheClusterRunsOn()
    {
        await using var other = await OtherCluster.StartAsync();
        var before = await other.ListAsync();
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(arguments: SimulatedApp.Arguments(other.Bench.Simulator));
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/warehouses/new");
        await page.GetByLabel("Amazon Redshift on the built-in simulator").CheckAsync();
        await page.GetByText("Import a dwh.cfg").ClickAsync();
        await Expect(page.Locator(".import .mud-collapse-entered")).ToBeVisibleAsync(); // what moves is clicked beside
        await page.GetByLabel("Contents of dwh.cfg").FillAsync(other.Config);
        await page.GetByRole(AriaRole.Button, new() { Name = "Fill in the wizard" }).ClickAsync();
        await Expect(page.Locator(".found")).ToContainTextAsync($"the cluster at {other.Cluster.Host}, database dev");
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "A cluster you have Two" })).ToBeCheckedAsync();
        await NextAsync(page, "Source");
        await NextAsync(page, "Cluster");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test the login" }).ClickAsync();
        await Expect(page.GetByTestId("login-report")).ToContainTextAsync("The cluster can read the source with its role.", Patiently);
        Assert.DoesNotContain(
            other.Password, await page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage)"), StringComparison.Ordinal);
        await NextAsync(page, "Name and plan");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("theirs");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Plan" })).ToContainTextAsync("sparkify_theirs_loader", Patiently);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Load theirs", Patiently);
        await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", Patiently);
        await page.GotoAsync("/warehouses/theirs");
        await Expect(page.GetByText("not this warehouse's own")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("cost")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true })).ToHaveCountAsync(0);
        await page.GotoAsync("/reports/top-songs?warehouse=theirs");
        await Expect(page.GetByTestId("trust")).ToBeVisibleAsync(new() { Timeout = Browser.Patience });

        await page.GotoAsync("/warehouses/theirs/resources");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tear down theirs" }).ClickAsync();
        var doomed = page.GetByRole(AriaRole.List, new() { Name = "What will be destroyed" });
        await Expect(doomed).ToContainTextAsync("sparkify_theirs_reporter", Patiently);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("it runs on, with everything else in it");
        await page.GetByLabel("Type theirs to confirm").FillAsync("theirs");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tear it down" }).ClickAsync();
        await Expect(page.GetByTestId("step-proof")).ToContainTextAsync("0 left; the cluster runs on", Patiently);

        Assert.Equal(before, await other.ListAsync());
        Assert.Equal("available", (await other.Bench.Aws.Redshift.FindClusterAsync("dwh", CancellationToken.None))!.Status);
    }

    private static async Task NextAsync(IPage page, string step)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = step, Exact = true }).ClickAsync();
        await Expect(page.Locator("#wizard-title")).ToHaveTextAsync(step, new() { Timeout = Browser.Patience });
    }
}
