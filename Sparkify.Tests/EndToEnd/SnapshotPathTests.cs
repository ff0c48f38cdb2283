using Microsoft.Playwright;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A warehouse with tags of its own that is taken down, comes back from its snapshot, and goes for good.</summary>
public sealed class SnapshotPathTests
{
    private static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = Browser.Patience };

    [Fact]
    public async Task Tags_Provision_Load_TeardownWithSnapshot_ProvisionFromIt_SameFigures_AndDeleted()
    {
        await using var simulator = await SimulatedApp.StartSimulatorAsync();
        await SimulatedApp.FillAsync(simulator);
        using var door = AwsTestClients.To(simulator);
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync(arguments: SimulatedApp.Arguments(simulator));
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/warehouses/new");
        await page.GetByLabel("Amazon Redshift on the built-in simulator").CheckAsync();
        await NextAsync(page, "Source");
        await page.GetByLabel("Events").FillAsync("s3://music/log_data/");
        await page.GetByLabel("Songs").FillAsync("s3://music/song_data/");
        await NextAsync(page, "Cluster");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a tag" }).ClickAsync();
        await page.GetByLabel("Key").FillAsync("aws:team");
        await Expect(page.GetByTestId("tags")).ToContainTextAsync("begins with aws:, which is Amazon's own");
        await page.GetByLabel("Key").FillAsync("team");
        await page.GetByLabel("Value").FillAsync("data");
        await Expect(page.GetByTestId("tags")).Not.ToContainTextAsync("Amazon's own");
        await NextAsync(page, "Name and plan");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("cloud");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create warehouse" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Load cloud", Patiently);
        await EndedAsync(page);
        var cluster = Assert.Single(await door.Clients.Redshift.ListClustersAsync("team", "data", CancellationToken.None));
        var figures = await FiguresAsync(page);

        await TearDownAsync(page, "Snapshot kept 7 days");
        await Expect(page.GetByTestId("step-proof")).ToContainTextAsync($"0 left; kept: snapshot {cluster.Id}-", Patiently);
        await page.GotoAsync("/warehouses/cloud/resources");
        var kept = page.GetByRole(AriaRole.Table, new() { Name = "Snapshots" });
        await Expect(kept).ToContainTextAsync(cluster.Id, Patiently);
        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('table')].filter(t => {
                const heads = [...t.querySelectorAll('thead th')], cells = [...(t.querySelector('tbody tr')?.children ?? [])];
                return cells.length === heads.length && heads.some((h, i) => Math.abs(h.getBoundingClientRect().left - cells[i].getBoundingClientRect().left) > 1);
            }).map(t => t.getAttribute('aria-label'))
            """)); // each heading stands above its column
        await Eventually.BecomesAsync(
            async () => Assert.Single(await door.Clients.Redshift.ListSnapshotsAsync(cluster.Id, CancellationToken.None)),
            static s => s.Status == "available");
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Provision from it" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Empty, to be loaded from its source");
        await Expect(page.GetByTestId("from-snapshot")).ToContainTextAsync("The star of then comes back with its data");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Provision", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/runs/*");
        await EndedAsync(page);
        await Expect(page.GetByTestId("step-sql")).ToContainTextAsync("from the snapshot: the star of load", Patiently);
        Assert.Equal(figures, await FiguresAsync(page));

        await TearDownAsync(page, "No snapshot");
        await page.GotoAsync("/warehouses/cloud/resources");
        await page.GetByTestId("snapshots").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete it" }).ClickAsync();
        await Expect(page.GetByTestId("snapshots")).ToContainTextAsync("looked again: 0 left.", Patiently);
        Assert.Empty(await door.Clients.Redshift.ListSnapshotsAsync(clusterId: null, CancellationToken.None));
    }

    // What the report shows of the songs that were played, and how many plays and songs there are.
    private static async Task<string> FiguresAsync(IPage page)
    {
        await page.GotoAsync("/reports/top-songs?warehouse=cloud");
        await Expect(page.GetByTestId("trust")).ToBeVisibleAsync(new() { Timeout = Browser.Patience });
        return await page.GetByRole(AriaRole.Table).First.InnerTextAsync();
    }

    private static async Task TearDownAsync(IPage page, string snapshot)
    {
        await page.GotoAsync("/warehouses/cloud/resources");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tear down cloud" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.List, new() { Name = "What will be destroyed" })).ToContainTextAsync("secret", Patiently);
        await page.GetByTestId("snapshot").Locator(".mud-input-control").ClickAsync();
        await page.Locator(".mud-popover-open").GetByText(snapshot).ClickAsync();
        await page.GetByLabel("Type cloud to confirm").FillAsync("cloud");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tear it down" }).ClickAsync();
        await page.WaitForURLAsync("**/runs/*");
        await EndedAsync(page);
    }

    private static Task EndedAsync(IPage page) => Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", Patiently);

    private static async Task NextAsync(IPage page, string step)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = step, Exact = true }).ClickAsync();
        await Expect(page.Locator("#wizard-title")).ToHaveTextAsync(step, new() { Timeout = Browser.Patience });
    }
}
