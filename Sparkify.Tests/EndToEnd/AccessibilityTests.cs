using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Sparkify.Tests.EndToEnd;

/// <summary>
/// The pages, charts of bars whose labels are cut aside, as axe sees them in a real browser: no rule of WCAG 2.2, levels A and AA, is
/// broken in light or in dark.
/// </summary>
public sealed class AccessibilityTests(LoadedApp loaded) : IClassFixture<LoadedApp>
{
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
    };

    [Theory]
    [InlineData("/")]
    [InlineData("/warehouses")]
    [InlineData("/warehouses/new")]
    [InlineData("/warehouses/music")]
    [InlineData("/warehouses/music/tables")]
    [InlineData("/warehouses/music/schema")]
    [InlineData("/warehouses/music/source")]
    [InlineData("/warehouses/music/runs")]
    [InlineData("/warehouses/music/rejects")]
    [InlineData("/warehouses/music/checks")]
    [InlineData("/warehouses/music/resources")]
    [InlineData("/runs")]
    [InlineData("/runs/2")]
    [InlineData("/runs/compare")]
    [InlineData("/schedules")]
    [InlineData("/settings")]
    [InlineData("/reports?warehouse=music")]
    [InlineData("/reports/plays-by-hour?warehouse=music")]
    [InlineData("/dashboards/hits?warehouse=music")]
    [InlineData("/query?warehouse=music")]
    [InlineData("/settings/people")]
    [InlineData("/settings/account")]
    [InlineData("/settings/aws")]
    [InlineData("/settings/secrets")]
    [InlineData("/settings/notices")]
    [InlineData("/first")]
    [InlineData("/no/such/page")]
    public async Task Page_InLightAndDark_BreaksNoRule(string path)
    {
        var page = await loaded.OpenAsync(path);
        await BreaksNoRuleAsync(page);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Wizard_InEveryStep_BreaksNoRule()
    {
        var page = await loaded.OpenAsync("/warehouses/new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Source", Exact = true }).ClickAsync();
        await page.GetByLabel("Events location").FillAsync("/no/such/folder");
        await page.GetByLabel("Songs location").FillAsync("/no/such/songs");
        await page.GetByRole(AriaRole.Button, new() { Name = "Name and plan", Exact = true }).ClickAsync();
        await page.GetByText("does not exist").First.WaitForAsync();
        await BreaksNoRuleAsync(page);

        await page.GetByRole(AriaRole.Radio, new() { Name = "Generated sample" }).CheckAsync();
        await BreaksNoRuleAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Name and plan", Exact = true }).ClickAsync();
        await page.GetByText("_loader").First.WaitForAsync();
        await BreaksNoRuleAsync(page);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Dialog_OfASchedule_RightAndWrong_BreaksNoRule()
    {
        var page = await loaded.OpenAsync("/schedules");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a schedule" }).ClickAsync();
        await page.GetByText("At 02:30, every day").First.WaitForAsync();
        await BreaksNoRuleAsync(page);

        await page.Locator("#schedule-cron").FillAsync("0 25 * * *");
        await page.GetByText("cannot be '25'").WaitForAsync();
        await BreaksNoRuleAsync(page);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Answers_OfAQuery_AsRowsChartAndPlan_BreakNoRule()
    {
        var page = await loaded.OpenAsync("/query?warehouse=music&view=both&sql=select%20level%2C%20count(*)%20from%20songplays%20group%20by%201");
        await page.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await page.WaitForSelectorAsync(".drawn .bar");
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await page.GetByTestId("plan").WaitForAsync();
        await BreaksNoRuleAsync(page);
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData("/warehouses/music/resources", "Tear down music")]
    [InlineData("/settings", "Search or go to")]
    [InlineData("/reports", "New dashboard")]
    public async Task Dialog_Open_BreaksNoRule(string path, string opens)
    {
        var page = await loaded.OpenAsync(path);
        await page.GetByRole(AriaRole.Button, new() { Name = opens }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await BreaksNoRuleAsync(page);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Broken_APlantedFault_IsFound()
    {
        var page = await loaded.OpenAsync("/runs");
        await page.EvaluateAsync("""
            () => document.querySelector('main').insertAdjacentHTML('beforeend', '<input><p style="color:#999;background:#aaa">faint</p>')
            """);

        var broken = await BrokenAsync(page, ColorScheme.Light);

        Assert.Contains(broken, b => b.Contains(" label ", StringComparison.Ordinal));
        Assert.Contains(broken, b => b.Contains(" color-contrast ", StringComparison.Ordinal));
    }

    internal static async Task BreaksNoRuleAsync(IPage page)
    {
        List<string> broken = [];
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            broken.AddRange(await BrokenAsync(page, scheme));
        }

        Assert.Empty(broken);
    }

    private static async Task<IEnumerable<string>> BrokenAsync(IPage page, ColorScheme scheme)
    {
        // Without motion, so that no colour is caught on its way into another.
        await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        await page.WaitForFunctionAsync(
            "() => !document.querySelector('.loading, .mud-skeleton, [aria-busy=true]') && document.getAnimations().every(a => a.playState === 'finished')");
        var result = await page.RunAxe(Rules);
        return result.Violations.SelectMany(rule => rule.Nodes.Select(node => $"{scheme}: {rule.Id} ({rule.Help}) {node.Html}"));
    }
}
