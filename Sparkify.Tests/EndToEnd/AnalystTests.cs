using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>What an analyst does in the browser: reports, queries, looking into tables and files.</summary>
public sealed partial class AnalystTests(LoadedApp loaded) : IClassFixture<LoadedApp>
{
    [Fact]
    public async Task Reports_ParameterBackDrillCsv_AndFreshFiguresAfterALoad()
    {
        var page = await loaded.OpenAsync("/reports?warehouse=music");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("top songs");
        await page.GetByRole(AriaRole.Link, new() { Name = "Top songs" }).ClickAsync();
        var rows = page.GetByTestId("report-table").Locator("tbody tr");
        await Expect(page.GetByTestId("report-table")).ToContainTextAsync("<script>alert(1)</script>");
        var all = await rows.CountAsync();
        Assert.Equal(17, all);
        await page.EvaluateAsync("() => { window.neverReloaded = true; }");

        await page.Locator("input[name=top]").FillAsync("3");
        await page.Locator("input[name=top]").PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(TopOfThree());
        await Expect(rows).ToHaveCountAsync(3);
        await Expect(page.Locator("#chart a.mark")).ToHaveCountAsync(3);
        await page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(all);
        await page.GoForwardAsync();
        await Expect(rows).ToHaveCountAsync(3);

        // By keyboard: a chart is one stop, arrow keys move, and a mark is a link.
        await page.Locator("#chart .chart").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator("#chart a.mark").Nth(1)).ToBeFocusedAsync();
        await Expect(page.Locator(".tip b")).ToContainTextAsync("<script>alert(1)</script>");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".drill tbody tr")).ToHaveCountAsync(5);
        await Expect(page.Locator(".drill h2")).ToContainTextAsync("<script>alert(1)</script>");

        var csv = await DownloadAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "CSV for Excel" }).First);
        Assert.Contains("'=cmd()", csv, StringComparison.Ordinal);
        var raw = await DownloadAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Raw CSV" }).First);
        Assert.Contains("\n=cmd()", raw, StringComparison.Ordinal);
        Assert.Equal(3, raw.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1);
        var svg = await DownloadAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "SVG" }));
        Assert.Contains("&lt;script&gt;", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", svg, StringComparison.Ordinal);
        Assert.Contains("fill: rgb(", svg, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Close" }).ClickAsync();
        await loaded.LoadMoreAsync([.. Enumerable.Repeat("Brand new", 50)]);
        await Expect(rows.First).ToContainTextAsync("Brand new", new() { Timeout = Browser.Patience });
        Assert.True(await page.EvaluateAsync<bool>("() => window.neverReloaded === true"));
    }

    [Fact]
    public async Task Query_TypeRunScrollFailAndCancel()
    {
        var page = await loaded.OpenAsync("/query?warehouse=music");
        await page.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");
        var state = page.GetByTestId("query-state");

        await TypeAsync(page, "select g, case when g = 3 then null else 'row ' || g end as words from generate_series(1, 50000) g");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(state).ToHaveAttributeAsync("data-state", "succeeded");
        await Expect(state).ToContainTextAsync("more");
        var grid = page.GetByTestId("result-grid");
        await Expect(grid.GetByRole(AriaRole.Cell, new() { Name = "row 1", Exact = true })).ToBeVisibleAsync();
        Assert.True(await grid.Locator("tbody tr").CountAsync() < 200, "The grid holds rows that nobody sees.");
        await grid.EvaluateAsync("e => e.scrollTo(0, e.scrollHeight)");
        await Expect(grid.GetByRole(AriaRole.Cell, new() { Name = "10,000", Exact = true })).ToBeVisibleAsync();

        await TypeAsync(page, "select nonsense from songplays");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(state).ToHaveAttributeAsync("data-state", "failed");
        await Expect(page.Locator(".problem")).ToContainTextAsync("Line 1, character 8.");
        await Expect(page.Locator(".squiggly-error")).ToHaveCountAsync(1);

        await TypeAsync(page, "select count(*) from songplays a, songplays b, songplays c, songplays d, songplays e");
        await page.Keyboard.PressAsync("Control+Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(state).ToHaveAttributeAsync("data-state", "cancelled");

        await TypeAsync(page, "delete from songplays");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(state).ToHaveAttributeAsync("data-state", "failed");

        await TypeAsync(page, "select song_title from songplays order by song_title");
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await Expect(page.GetByTestId("plan")).ToContainTextAsync("Seq Scan on songplays");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run it and measure" }).ClickAsync();
        await Expect(page.GetByTestId("plan")).ToContainTextAsync("ms");
        await page.Keyboard.PressAsync("Control+Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(grid).ToContainTextAsync("<script>alert(1)</script>");

        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("titles");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save it" }).ClickAsync();
        await Expect(page.Locator(".tabs a[aria-current]")).ToHaveTextAsync("titles");
        await page.GetByRole(AriaRole.Button, new() { Name = "Saved", Exact = true }).ClickAsync();
        await Expect(page.Locator(".kept b")).ToHaveTextAsync("titles");
        await page.Keyboard.PressAsync("Escape");
        Assert.Contains("saved=", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await Expect(page.Locator(".view-lines")).ToContainTextAsync("song_title");
    }

    [Fact]
    public async Task Query_OfAPageThatIsClosed_EndsWithin2Seconds_AndAPersonHasSoManyPlaces()
    {
        const string Sleeps = "select pg_sleep(55) /* of a page */";
        var page = await RunAsync(await loaded.OpenAsync("/query?warehouse=music"));
        await RunAsync(await page.Context.NewPageAsync());
        await RunAsync(await page.Context.NewPageAsync());
        await using var administrator = await loaded.App.ConnectAsync();
        await Eventually.BecomesAsync(ActiveAsync, static active => active == 3, seconds: 10);
        var fourth = await RunAsync(await page.Context.NewPageAsync());
        await Expect(fourth.Locator(".problem")).ToContainTextAsync("You already have as many queries and exports running as one person may (3)");

        await page.CloseAsync();

        await Eventually.BecomesAsync(ActiveAsync, static active => active == 2, seconds: 2);
        await fourth.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(fourth.GetByTestId("query-state")).ToHaveAttributeAsync("data-state", "running");
        await Eventually.BecomesAsync(ActiveAsync, static active => active == 3, seconds: 10);

        // The others' places are wanted by the next test.
        await administrator.ExecuteAsync("select pg_cancel_backend(pid) from pg_stat_activity where query = @Sleeps", new { Sleeps });
        await Eventually.BecomesAsync(ActiveAsync, static active => active == 0, seconds: 10);

        async Task<IPage> RunAsync(IPage one)
        {
            await one.GotoAsync($"/query?warehouse=music&sql={Uri.EscapeDataString(Sleeps)}");
            await one.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");
            await one.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
            return one;
        }

        Task<long> ActiveAsync() => administrator.ExecuteScalarAsync<long>(
            "select count(*) from pg_stat_activity where query = @Sleeps and state = 'active'", new { Sleeps });
    }

    [Fact]
    public async Task Query_Tabs_OutliveAReloadAndRunTheStatementAtTheCursor()
    {
        var page = await loaded.OpenAsync("/query?warehouse=music");
        await page.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");
        var tabs = page.GetByRole(AriaRole.Navigation, new() { Name = "Open queries" }).GetByRole(AriaRole.Link);
        await page.GetByRole(AriaRole.Button, new() { Name = "New query" }).ClickAsync();
        await Expect(tabs).ToHaveCountAsync(2);

        await TypeAsync(page, "select 'one' as w group by 1; select {{what}} || 's' as w");
        await page.GetByLabel("what", new() { Exact = true }).FillAsync("two'");
        await page.GetByLabel("what", new() { Exact = true }).PressAsync("Enter");
        var grid = page.GetByTestId("result-grid");
        await Expect(grid.GetByRole(AriaRole.Cell, new() { Name = "two's", Exact = true })).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(WrittenParameter());
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");

        await Expect(tabs).ToHaveCountAsync(2);
        await Expect(page.GetByLabel("what", new() { Exact = true })).ToHaveValueAsync("two'");
        // At its beginning, where no list of suggestions lies over it.
        await page.Locator(".monaco-editor .view-lines").ClickAsync(new() { Position = new() { X = 4, Y = 6 } });
        await page.Keyboard.PressAsync("Control+Home");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(grid.GetByRole(AriaRole.Cell, new() { Name = "one", Exact = true })).ToBeVisibleAsync();
        // Each word of the grammar has one colour: "by" is a keyword like "group".
        Assert.Equal(1, await page.EvaluateAsync<int>(
            """
            () => new Set([...document.querySelectorAll('.view-line span span')].filter(s => /^.?(select|group|by)$/.test(s.textContent.trim()))
              .map(s => getComputedStyle(s).color)).size
            """));

        await tabs.First.ClickAsync();
        await Expect(page.Locator(".view-lines")).ToContainTextAsync("artist_name");
        await page.GoBackAsync();
        await Expect(page.Locator(".view-lines")).ToContainTextAsync("'one'");
    }

    [Fact]
    public async Task Query_TwoWindows_KeepEachOthersTabs_AndTheHalvesAreResized()
    {
        var first = await loaded.OpenAsync("/query?warehouse=music&sql=select%201");
        await Expect(first.Locator("[data-ready=rich]")).ToBeVisibleAsync();
        var second = await first.Context.NewPageAsync();
        await second.GotoAsync("/query?warehouse=music&sql=select%202");
        await Expect(second.Locator(".tabs a[aria-current]")).ToHaveCountAsync(1);
        await Expect(second.Locator(".view-lines")).ToContainTextAsync("select");
        // What the first window writes now is not the end of the second one's tab.
        await first.GetByRole(AriaRole.Button, new() { Name = "New query" }).ClickAsync();
        await Expect(first.Locator(".tabs a")).ToHaveCountAsync(2);
        await first.ReloadAsync();
        await Expect(first.Locator(".tabs a")).ToHaveCountAsync(3);

        var tree = first.GetByRole(AriaRole.Complementary, new() { Name = "Tables" });
        var before = (await tree.BoundingBoxAsync())!.Width;
        await first.GetByRole(AriaRole.Separator, new() { Name = "Resize panels" }).FocusAsync();
        await first.Keyboard.PressAsync("ArrowRight");
        await first.Keyboard.PressAsync("ArrowRight");
        Assert.Equal(before + 20, (await tree.BoundingBoxAsync())!.Width, 1.0);
        await first.Context.CloseAsync();
    }

    [Fact]
    public async Task Query_Completion_KnowsTheColumnsBehindAnAlias()
    {
        var page = await loaded.OpenAsync("/query?warehouse=music");
        await page.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");
        await TypeAsync(page, "select  from songplays p");
        await page.Keyboard.PressAsync("Home");
        foreach (var _ in "select ")
        {
            await page.Keyboard.PressAsync("ArrowRight");
        }

        await page.Keyboard.TypeAsync("p.song_t");

        await Expect(page.Locator(".suggest-widget")).ToContainTextAsync("song_title");
    }

    [Fact]
    public async Task Tables_LookedInto_ShowProfileAndRows()
    {
        var page = await loaded.OpenAsync("/warehouses/music/tables");
        await page.GetByRole(AriaRole.Link, new() { Name = "users", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("detail-users")).ToContainTextAsync("user_id");
        await page.GetByRole(AriaRole.Link, new() { Name = "songplays", Exact = true }).ClickAsync();

        // Until the table is there, its tabs are those of the table before.
        await Expect(page.GetByTestId("detail-songplays")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Profile", Exact = true }).ClickAsync();
        var title = page.GetByTestId("profile-songplays").GetByRole(AriaRole.Region, new() { Name = "song_title" });
        await Expect(title.Locator(".top")).ToContainTextAsync("<script>alert(1)</script>");
        await Expect(page.GetByTestId("profile-songplays").GetByRole(
            AriaRole.Region, new() { Name = "start_time" }).Locator("svg rect").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Rows", Exact = true }).ClickAsync();
        await Expect(page.Locator(".data-table tbody tr")).ToHaveCountAsync(20);
        Assert.EndsWith("/warehouses/music/tables?table=songplays&view=rows", page.Url, StringComparison.Ordinal);
        await Expect(page.Locator("svg.flow rect").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Schema_IsDrawnWithinThePage_ZoomsAndIsDownloaded()
    {
        var page = await loaded.OpenAsync("/warehouses/music/schema");
        var diagram = page.Locator("#star-diagram");
        await Expect(page.GetByTestId("schema-songplays")).ToBeVisibleAsync();
        var box = (await diagram.BoundingBoxAsync())!;
        Assert.True(
            box.X >= 0 && box.X + box.Width <= 1280 && box.Y + box.Height <= 900,
            $"The diagram is at {box.X}, {box.Y} and {box.Width} by {box.Height}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Zoom in" }).ClickAsync();
        await page.Locator("zoom-view").FocusAsync();
        await page.Keyboard.PressAsync("+");
        await WidthAsync(width => width > box.Width * 1.5);
        await page.GetByRole(AriaRole.Button, new() { Name = "Fit" }).ClickAsync();
        await WidthAsync(width => Math.Abs(width - box.Width) < 2);

        var svg = await DownloadAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "SVG" }));
        Assert.StartsWith("<svg", svg, StringComparison.Ordinal);
        Assert.Contains("songplay_id", svg, StringComparison.Ordinal);

        async Task WidthAsync(Func<float, bool> condition) =>
            await Eventually.BecomesAsync(async () => (await diagram.BoundingBoxAsync())!.Width, condition, seconds: 10);
    }

    [Fact]
    public async Task Source_FromFilesToRecordsToDriftToLoad()
    {
        var page = await loaded.OpenAsync("/warehouses/music/source");
        await page.GetByRole(AriaRole.Link, new() { Name = "2018/11/01.json" }).ClickAsync();
        await Expect(page.Locator(".data-table")).ToContainTextAsync("<script>alert(1)</script>");
        await page.GetByRole(AriaRole.Link, new() { Name = "JSON" }).ClickAsync();
        await Expect(page.Locator(".records pre").First).ToContainTextAsync("\"song\": \"<script>");
        await page.GetByRole(AriaRole.Link, new() { Name = "Profile" }).ClickAsync();
        await Expect(page.GetByTestId("profile-scope")).ToContainTextAsync("All 17 records of this file");
        await Expect(page.GetByText("Every key is known")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Load again" })).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator(".records pre").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Songs" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "A/1.json" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Dashboard_PinnedFilteredAndHandedOn_IsTheSameForEverybody()
    {
        var page = await loaded.OpenAsync("/reports/plays-over-time?warehouse=music&per=week");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pin" }).ClickAsync();
        await page.GetByText("New dashboard…").ClickAsync();
        await page.GetByLabel("Name").FillAsync("Weekly look");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        var tiles = page.GetByTestId("tiles");
        await Expect(tiles.GetByRole(AriaRole.Heading, new() { Name = "Plays over time" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a report" }).ClickAsync();
        await page.GetByText("Top artists", new() { Exact = true }).ClickAsync();
        await Expect(tiles.Locator(".chart")).ToHaveCountAsync(2);

        await page.GetByLabel("Open the calendar").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Last 7 days" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(LastWeek());
        var other = await loaded.OpenAsync(new Uri(page.Url).PathAndQuery);
        await Expect(other.GetByTestId("tiles").Locator(".chart")).ToHaveCountAsync(2);
        await Expect(other.Locator("[data-filter=days] label")).ToHaveTextAsync("Last 7 days");

        await page.GetByRole(AriaRole.Button, new() { Name = "Arrange" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take Plays over time off" }).ClickAsync();

        await Expect(other.GetByTestId("tiles").Locator(".chart")).ToHaveCountAsync(1);
        await other.Context.CloseAsync();
    }

    [Fact]
    public async Task Grid_PageScrolled_KeepsItsHeadsBelowTheBar()
    {
        var page = await loaded.OpenAsync("/warehouses/music/tables");
        await page.SetViewportSizeAsync(1280, 320);
        await page.WaitForSelectorAsync(".tables td");
        await page.EvaluateAsync("() => window.scrollBy(0, document.querySelector('.tables tbody').getBoundingClientRect().top)");

        Assert.Equal(48, await page.EvaluateAsync<double>("() => document.querySelector('.tables th').getBoundingClientRect().top"), 1.0);
    }

    [Theory]
    [InlineData("/reports?warehouse=music", "main ul")]
    [InlineData("/dashboards/hits?warehouse=music", ".of-rows table")]
    [InlineData("/reports/top-songs?warehouse=music", "#chart .chart")]
    [InlineData("/reports/plays-by-hour?warehouse=music", "#chart .chart")]
    [InlineData("/query?warehouse=music&sql=select%20*%20from%20songplays", "[data-ready]")]
    [InlineData("/warehouses/music/tables?table=songplays&view=profile", "[data-testid=plays-read]")]
    [InlineData("/warehouses/music/schema", "#star-diagram")]
    [InlineData("/warehouses/music/source?file=2018%2F11%2F01.json", ".data-table")]
    [InlineData("/warehouses/music/source?file=2018%2F11%2F01.json&view=json", ".records")]
    [InlineData("/warehouses/music/source?view=profile", "[data-testid=drift]")]
    public async Task Page_WithHostileData_FitsANarrowScreen(string path, string there)
    {
        var page = await loaded.OpenAsync(path, width: 400);
        await page.WaitForSelectorAsync(there);
        foreach (var name in new[] { "Run" })
        {
            var button = page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
            if (await button.CountAsync() > 0)
            {
                await button.ClickAsync();
                await page.WaitForSelectorAsync("[data-testid=result-grid] td");
            }
        }

        Assert.Equal(400, await page.EvaluateAsync<int>("() => Math.max(400, document.documentElement.scrollWidth)"));
    }

    private static async Task TypeAsync(IPage page, string sql)
    {
        // At its beginning, where no list of suggestions lies over it.
        await page.Locator(".monaco-editor .view-lines").ClickAsync(new() { Position = new() { X = 4, Y = 6 } });
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.InsertTextAsync(sql);
        // What is typed has arrived before anything is pressed.
        await Expect(page.Locator("[data-testid=sql-editor] > textarea")).ToHaveValueAsync(sql);
    }

    private static async Task<string> DownloadAsync(IPage page, ILocator link)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        await using var stream = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex(@"/dashboards/weekly-look\?warehouse=music&last=7$", RegexOptions.None, 1000)]
    private static partial Regex LastWeek();

    [GeneratedRegex("p[.]what=two%27", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WrittenParameter();

    [GeneratedRegex(@"/reports/top-songs\?warehouse=music&top=3$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TopOfThree();
}
