using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A warehouse on Redshift from wizard to proof, in the browser, on the simulator inside the application.</summary>
public sealed partial class RedshiftPathTests
{
    private static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = Browser.Patience };

    [Fact]
    public async Task Wizard_Provision_Load_Pause_Resume_Teardown_InTheBrowser_LabelledSimulatedThroughout()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(arguments: ["--Aws:Simulator", "true"]);
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/warehouses/new");
        await page.EvaluateAsync("() => { window.neverReloaded = true; }");
        await page.GetByLabel("Amazon Redshift on the built-in simulator").CheckAsync();
        await NextAsync(page, "Source");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use the sample bucket" }).ClickAsync();
        await NextAsync(page, "Cluster");
        await Assertions.Expect(page.GetByTestId("account")).ToContainTextAsync("simulated");
        await Assertions.Expect(page.GetByTestId("price-hour")).ToHaveTextAsync("$0.543");
        await NextAsync(page, "Name and plan");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("cloud");
        var plan = page.GetByRole(AriaRole.Table, new() { Name = "Plan" });
        await Assertions.Expect(plan).ToContainTextAsync("$0.543 an hour ($13.03 a day, $396 a month if left running");
        await Assertions.Expect(plan).ToContainTextAsync("127.0.0.1/32 only");
        await SimulatedAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }).ClickAsync();

        await page.WaitForURLAsync(RunUrl());
        await SimulatedAsync(page);
        await Assertions.Expect(page.GetByText("Cancelling stops the waiting, not the cluster")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("step-stable")).ToContainTextAsync("usually 5 to 15 min", Patiently);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Load cloud", Patiently);
        await EndedAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "cloud" }).First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("warehouse-state")).ToContainTextAsync("Available", Patiently);
        await SimulatedAsync(page);
        await Assertions.Expect(page.GetByTestId("cost")).ToContainTextAsync("$0.543");
        await Assertions.Expect(page.GetByTestId("guard")).ToContainTextAsync("Pauses at");

        await RunAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }));
        await page.GetByRole(AriaRole.Link, new() { Name = "cloud" }).First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("warehouse-state")).ToContainTextAsync("Paused", Patiently);
        await RunAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Resume", Exact = true }));

        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await SimulatedAsync(page);
        await Assertions.Expect(page.GetByTestId("rows-songs")).ToHaveTextAsync("14,896", new() { Timeout = Browser.Patience });
        await page.GetByRole(AriaRole.Link, new() { Name = "Warehouses", Exact = true }).First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("warehouse-cloud")).ToContainTextAsync("simulated");
        await page.GetByRole(AriaRole.Link, new() { Name = "cloud", Exact = true }).First.ClickAsync();
        await TearDownAsync(page);
        Assert.True(await page.EvaluateAsync<bool>("() => window.neverReloaded === true"), "The page was loaded again on the way.");
        // Nothing of the cluster; of the snapshot that was chosen its copy, whose database and users have one name before theirs.
        Assert.Single((await app.OnServerAsync("sim\\_%")).Select(static n => string.Join('_', n.Split('_').Take(2))).Distinct());
    }

    private static async Task TearDownAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Resources" }).ClickAsync();
        await Assertions.Expect(page.GetByTestId("drift-cluster")).ToContainTextAsync("As recorded", Patiently);
        await page.GetByRole(AriaRole.Button, new() { Name = "Tear down cloud" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.List, new() { Name = "What will be destroyed" }))
            .ToContainTextAsync("secret", Patiently);
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByTestId("simulated")).ToBeVisibleAsync();
        await page.GetByTestId("snapshot").Locator(".mud-input-control").ClickAsync();
        await page.GetByText("Snapshot kept 7 days").ClickAsync();
        await page.GetByLabel("Type cloud to confirm").FillAsync("cloud");
        await RunAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Tear it down" }));
        await Assertions.Expect(page.GetByTestId("step-proof")).ToContainTextAsync("0 left; kept: snapshot sparkify-cloud-");
    }

    private static async Task RunAsync(IPage page, ILocator button)
    {
        var before = page.Url;
        await button.ClickAsync();
        await page.WaitForURLAsync(url => url != before && url.Contains("/runs/", StringComparison.Ordinal));
        await SimulatedAsync(page);
        await EndedAsync(page);
    }

    private static Task EndedAsync(IPage page) =>
        Assertions.Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", Patiently);

    private static Task SimulatedAsync(IPage page) => Assertions.Expect(page.GetByTestId("simulated").First).ToBeVisibleAsync();

    private static Task NextAsync(IPage page, string step) =>
        page.GetByRole(AriaRole.Button, new() { Name = step, Exact = true }).ClickAsync();

    [GeneratedRegex(@"/runs/\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RunUrl();
}
