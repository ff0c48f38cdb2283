using System.Text.RegularExpressions;
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
        await PasteAsync(page, other.Config);
        await Expect(page.Locator(".found")).ToContainTextAsync($"the cluster at {other.Cluster.Host}, database dev");
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "A cluster you have Two" })).ToBeCheckedAsync();
        await TestLoginAsync(page);
        await Expect(page.GetByTestId("login-report")).ToContainTextAsync("The cluster can read the source with its role.", Patiently);
        Assert.DoesNotContain(
            other.Password, await page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage)"), StringComparison.Ordinal);
        await CreateAsync(page, "theirs");

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

    [Fact]
    public async Task Login_LacksEachRightInTurn_SaysWhichOne_AndNothingIsLeftBehind()
    {
        await using var other = await OtherCluster.StartAsync();
        await other.ExecuteAsync("revoke temporary on database dev from public");
        var password = await other.UserAsync("maker", "create");
        await other.UserAsync("looker", "temporary");
        var before = await other.ListAsync();
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(arguments: SimulatedApp.Arguments(other.Bench.Simulator));

        var mistyped = other.Config.Replace(other.Password, "wrong", StringComparison.Ordinal);
        await RefusedAsync(await OpenAsync(mistyped), "refuses the user 'awsuser'");
        await RefusedAsync(await OpenAsync(ConfigOf("looker")), "may not create schemas in the database dev");
        await RefusedAsync(await OpenAsync(ConfigOf("maker")), "may not create temporary tables in the database dev");
        await FailedAsync(
            await OpenAsync(other.Config.Replace(other.Role, other.Role + "s", StringComparison.Ordinal)), "unattached",
            $"The role {other.Role}s cannot be used by the cluster");
        await other.ReadOnlyAsync("song_data/*", "log_data/*");
        await FailedAsync(await OpenAsync(other.Config), "unstaged", "or s3://music/sparkify-staging/unstaged/");

        Assert.Equal(before, await other.ListAsync());
        Assert.Empty(await other.StagedAsync());
        return;

        string ConfigOf(string user) => other.Config.Replace(OtherCluster.Master, user, StringComparison.Ordinal)
            .Replace(other.Password, password, StringComparison.Ordinal);

        async Task<IPage> OpenAsync(string config)
        {
            var page = await browser.NewPersonAsync(app.Address); // each fills in the wizard from the beginning
            await PasteAsync(page, config);
            return page;
        }
    }

    // What the login may not do is found before there is a warehouse.
    private static async Task RefusedAsync(IPage page, string sentence)
    {
        await TestLoginAsync(page);
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync(sentence, Patiently);
        await CreateAsync(page, "refused");
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync(sentence, Patiently);
        await Expect(page).ToHaveURLAsync(new Regex("/warehouses/new", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await page.GotoAsync("/warehouses");
        await Expect(page.GetByRole(AriaRole.Main)).Not.ToContainTextAsync("refused");
    }

    // What the role may not do is the first step's to find, and before it makes anything.
    private static async Task FailedAsync(IPage page, string name, string sentence)
    {
        await TestLoginAsync(page);
        await Expect(page.GetByTestId("login-report")).ToContainTextAsync(
            sentence.Replace(name + "/", "", StringComparison.Ordinal), Patiently); // the test knows no name yet
        await CreateAsync(page, name);
        await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Failed", Patiently);
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync(sentence, Patiently);
    }

    private static async Task PasteAsync(IPage page, string config)
    {
        await page.GotoAsync("/warehouses/new");
        await page.GetByLabel("Amazon Redshift on the built-in simulator").CheckAsync();
        await page.GetByText("Import a dwh.cfg").ClickAsync();
        await Expect(page.Locator(".import .mud-collapse-entered")).ToBeVisibleAsync(); // what moves is clicked beside
        await page.GetByLabel("Contents of dwh.cfg").FillAsync(config);
        await page.GetByRole(AriaRole.Button, new() { Name = "Fill in the wizard" }).ClickAsync();
    }

    private static async Task TestLoginAsync(IPage page)
    {
        await NextAsync(page, "Source");
        await NextAsync(page, "Cluster");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test the login" }).ClickAsync();
    }

    private static async Task CreateAsync(IPage page, string name)
    {
        await NextAsync(page, "Name and plan");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }).ClickAsync();
    }

    private static async Task NextAsync(IPage page, string step)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = step, Exact = true }).ClickAsync();
        await Expect(page.Locator("#wizard-title")).ToHaveTextAsync(step, new() { Timeout = Browser.Patience });
    }
}
