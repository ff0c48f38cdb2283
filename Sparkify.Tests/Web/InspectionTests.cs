using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Rejects;
using Sparkify.Web.Features.Schema;
using Sparkify.Web.Features.Sources;
using Sparkify.Web.Features.Tables;
using Sparkify.Web.Features.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

/// <summary>Looking into tables, their schema and the source.</summary>
public sealed class InspectionTests : PageTest
{
    [Fact]
    public void Table_Profiled_ShowsCountsRangeTopValuesAndHistogram()
    {
        Explorer.Table = new TableProfile("users", 1, Sample.Noon,
        [
            new("level", 100, 25, 2, "free", "paid", [new("<b>paid</b>", 60), new("free", 15)], []),
            new("age", 100, 0, 40, "1", "80", [], [new("1", "40", 30), new("40", "80", 70)]),
        ]);
        var cut = OpenTable("Profile");

        cut.WaitForElement("[data-testid=profile-users]", Patience);
        var level = cut.Find("section[aria-label=level]");
        Assert.Contains("25 (25 %)", level.TextContent, StringComparison.Ordinal);
        Assert.Equal("<b>paid</b>", level.QuerySelector(".top bdi")!.TextContent);
        Assert.Equal("Histogram of age: 1 to 40, 30 rows; 40 to 80, 70 rows", cut.Find("section[aria-label=age] svg")
            .GetAttribute("aria-label"));
    }

    [Fact]
    public void Table_Rows_AreTextAndNullIsTold()
    {
        Explorer.Rows = new TableSample(["name", "note"], [["<script>alert(1)</script>", null]]);
        var cut = OpenTable("Rows");

        cut.WaitForElement(".data-table", Patience);
        Assert.Empty(cut.FindAll("script"));
        Assert.Equal("null", cut.Find(".data-table .null").TextContent);
    }

    [Fact]
    public void Tables_NoneChosen_ShowTheFactTable_AndEachIsALink()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("users", 100), Sample.Table("songplays", 7, TableRole.Fact));

        var cut = Open(WarehouseTab.Tables);

        Assert.Single(cut.FindAll("[data-testid=detail-songplays]"));
        Assert.Equal("/warehouses/music/tables?table=users", cut.Find(".tables a").GetAttribute("href"));
        Assert.Equal(["Columns", "Rows", "Profile"], cut.FindAll("[data-testid=detail-songplays] nav a").Select(static a => a.TextContent.Trim()));
    }

    [Fact]
    public void Table_ThatCannotBeProfiled_SaysWhy()
    {
        Explorer.Refusal = "The warehouse did not answer within 120 seconds.";
        var cut = OpenTable("Profile");

        cut.WaitForAssertion(() => Assert.Contains("did not answer", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Flow_PartsOfWhatIsSplit_FillItExactlyAndNothingIsDrawnForNone()
    {
        var flow = new PlaysFlow(new PlayCounts(1000, 900, 300, 0, 600, 100));

        var heights = flow.Nodes.ToDictionary(n => n.Class, n => n.Height);
        Assert.Equal(heights["staged"], heights["plays"] + heights["other"], precision: 6);
        Assert.Equal(heights["plays"], heights["matched"] + heights["unmatched"], precision: 6);
        Assert.DoesNotContain("repeated", heights.Keys);
        Assert.Equal(["staged", "rejected", "plays", "other", "matched", "unmatched"], flow.Links.Select(l => l.Class));
    }

    [Fact]
    public void Schema_OfTheRealCatalogue_DrawsEveryTableAndReferenceWithoutOverlap()
    {
        var diagram = new StarDiagram(TableCatalogue.On(WarehouseTarget.Local));

        Assert.Equal(TableCatalogue.On(WarehouseTarget.Local).Select(t => t.Table).Order(), diagram.Boxes.Select(b => b.Table.Table)
            .Order());
        Assert.Equal(
            ["songplays.artist_id>artists", "songplays.song_id>songs", "songplays.start_time>time", "songplays.user_id>users", "songs.artist_id>artists"],
            diagram.Links.Select(l => $"{l.From}.{l.Column}>{l.To}").Order(StringComparer.Ordinal));
        foreach (var (a, b) in from a in diagram.Boxes from b in diagram.Boxes where a != b select (a, b))
        {
            Assert.False(
                a.X < b.X + b.Width && b.X < a.X + a.Width && a.Y < b.Y + b.Height
                    && b.Y < a.Y + a.Height, $"{a.Table.Table} over {b.Table.Table}");
        }

        Assert.True(diagram.Width <= 1280, $"{diagram.Width} is wider than a page");
    }

    [Fact]
    public void Schema_OnRedshift_KeepsEveryTextInItsBox_AndPointsToNothingThatIsNotDrawn()
    {
        var diagram = new StarDiagram(TableCatalogue.On(WarehouseTarget.Redshift));

        Assert.All(diagram.Boxes, static box => Assert.True(box.Width >= TableBox.WidthOf(box.Table), box.Table.Table));
        Assert.All(diagram.Boxes.Where(static b => b.Table.Table == "songplays"), static b => Assert.True(b.Width > 208, $"{b.Width}"));
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, [.. TableCatalogue.On(WarehouseTarget.Local)]);
        var cut = Open(WarehouseTab.Schema);
        cut.WaitForElement("#star-diagram", Patience);
        // Their file is in a table the diagram does not show.
        Assert.Empty(cut.FindAll("[data-testid=schema-staging_events] .ref"));
        Assert.Equal(4, cut.FindAll("[data-testid=schema-songplays] .ref").Count);
    }

    [Fact]
    public void Schema_Shown_NamesTablesAndReferencesForThoseWhoDoNotSee()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, [.. TableCatalogue.On(WarehouseTarget.Local)]);

        var cut = Open(WarehouseTab.Schema);

        var words = cut.WaitForElement("#star-diagram", Patience).GetAttribute("aria-label");
        Assert.Contains("songplays.user_id refers to users.", words, StringComparison.Ordinal);
        Assert.Equal(7, cut.FindAll("[data-testid^=schema-]").Count);
        Assert.Equal("music-schema.svg", cut.Find("[data-save]").GetAttribute("data-save"));
    }

    [Fact]
    public void Schema_OnRedshift_TellsDistributionAndSortKeys()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, [.. TableCatalogue.On(WarehouseTarget.Redshift)]);

        var cut = Open(WarehouseTab.Schema);

        cut.WaitForElement("#star-diagram", Patience);
        Assert.Equal("by start_time; sorted by start_time", cut.Find("[data-testid=schema-songplays] .layout").TextContent);
        Assert.Equal("spread evenly", cut.Find("[data-testid=schema-staging_events] .layout").TextContent);
    }

    [Fact]
    public void Source_Files_ArePagedAndFound()
    {
        Explorer.Listing = new SourceListing(
            "/data/log_data", [.. Enumerable.Range(1, 60).Select(i => new SourceFile($"2018/{i:D2}.json", 10, Sample.Noon))], false,
            [new LeftOut(LeftOutReason.Ending, 2, "notes.txt")]);
        var cut = OpenSource("/warehouses/music/source?page=3");
        Assert.Equal(10, cut.FindAll("a.file").Count);
        Assert.Contains("Left out: 2 files with other endings (such as 'notes.txt').", cut.Markup, StringComparison.Ordinal);

        On(cut, "[role=search] input", i => i.Input("2018/5"));
        cut.WaitForAssertion(
            () => Assert.Equal("/warehouses/music/source?find=2018%2F5", Assert.Single(JSInterop.Invocations["sparkify.follow"]).Arguments[0]), Patience);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/warehouses/music/source?find=2018%2F5");

        cut.WaitForAssertion(() => Assert.Equal("2018/50.json", cut.Find("a.file").TextContent), Patience);
        Assert.Equal(10, cut.FindAll("a.file").Count);
        Assert.Equal("/warehouses/music/source?file=2018%2F50.json", cut.Find("a.file").GetAttribute("href"));
    }

    [Fact]
    public void Source_Folders_AreATreeThatNarrowsTheFiles()
    {
        Explorer.Listing = new SourceListing("/data",
            [
                new("2018/11/a.json", 10, Sample.Noon), new("2018/11/b.json", 10, Sample.Noon), new("2018/12/c.json", 10, Sample.Noon),
                new("2019/d.json", 10, Sample.Noon), new("e.json", 10, Sample.Noon),
            ], false, []);
        var cut = OpenSource("/warehouses/music/source");

        Assert.Equal(["All files 5", "2018 3", "2019 1"], Folders());
        Assert.Equal("/warehouses/music/source?folder=2018%2F", cut.FindAll("a.folder")[1].GetAttribute("href"));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/warehouses/music/source?folder=2018%2F11%2F");

        cut.WaitForAssertion(() => Assert.Equal(["All files 5", "2018 3", "11 2", "12 1", "2019 1"], Folders()), Patience);
        Assert.Equal(["2018/11/a.json", "2018/11/b.json"], cut.FindAll("a.file").Select(static a => a.TextContent));
        Assert.Equal("11 2", Words(cut.Find("a.folder[aria-current]")));

        // A branch is closed and opened without leaving the folder one is in.
        On(cut, "[aria-label=Collapse]", static b => b.Click());
        cut.WaitForAssertion(() => Assert.Equal(["All files 5"], Folders()), Patience);
        Assert.Equal(2, cut.FindAll("a.file").Count);

        string[] Folders() => [.. cut.FindAll("a.folder").Select(Words)];
    }

    [Fact]
    public void Source_Files_AreSortedByTheAddress_AndTheirHeadingsTurnItRound()
    {
        Explorer.Listing = new SourceListing("/data",
            [new("a", 10, Sample.Noon), new("b", 30, Sample.Noon.AddDays(-1)), new("c", 20, Sample.Noon)], false, []);
        var cut = OpenSource("/warehouses/music/source?order=sizedown");

        Assert.Equal(["b", "c", "a"], cut.FindAll("a.file").Select(static a => a.TextContent));
        Assert.Equal("Size\u00a0↓, sorted descending", cut.FindAll("th a")[1].TextContent);
        Assert.Equal("/warehouses/music/source?order=size", cut.FindAll("th a")[1].GetAttribute("href"));
        Assert.Equal("/warehouses/music/source?order=writtendown", cut.FindAll("th a")[2].GetAttribute("href"));
    }

    [Fact]
    public void Source_CanBeTakenAway_AFileOrTheFirstRecordsOfAll()
    {
        Explorer.Records = new SourceRecords([new(1, 1, "{}", null)], More: false);

        var cut = OpenSource("/warehouses/music/source?part=songs&file=A%2F1.json");

        Assert.Equal(
            ["/api/v1/warehouses/music/source/first?part=songs&most=1000", "/api/v1/warehouses/music/source/file?part=songs&file=A%2F1.json"],
            cut.FindAll("a[download]").Select(static a => a.GetAttribute("href")));
    }

    [Fact]
    public void Source_Records_AreShownAsTableAndAsJson()
    {
        Explorer.Records = new SourceRecords(
            [
                new(1, 1, """{"artist":"<script>alert(1)</script>","length":null,"nested":{"a":[1]}}""", null),
                new(2, 2, """{"other":"שלום"}""", null), new(3, 3, "[1]", "Records must be separated by white space."),
            ], More: true);

        var cut = OpenSource("/warehouses/music/source?file=a.json&page=2");
        Assert.Equal(["artist", "length", "nested", "other"], cut.FindAll(".data-table th").Select(h => h.TextContent));
        Assert.Equal(2, cut.FindAll(".data-table tbody tr").Count);
        Assert.Contains("Line 3: Records must be separated", cut.Find(".broken .problem").TextContent, StringComparison.Ordinal);
        Assert.Equal(("a.json", 25), Explorer.Read.Single());
        Assert.Empty(cut.FindAll("script"));

        Services.GetRequiredService<NavigationManager>().NavigateTo("/warehouses/music/source?file=a.json&view=json");

        cut.WaitForAssertion(() => Assert.Contains("\"nested\": {\n    \"a\": [", cut.Find(
            ".records pre").TextContent.ReplaceLineEndings("\n"), StringComparison.Ordinal), Patience);
        Assert.Empty(cut.FindAll("script"));
    }

    [Fact]
    public void Source_RecordAsDeepAsALoadTakes_IsShownAsEveryOther()
    {
        const int Below = RecordLimits.MaxDepth - 1;
        var deepest = new SourceRecord(1, 1, $"{{\"a\":{new string('[', Below)}{new string(']', Below)}}}", null);

        Assert.Single(RecordTable.Of([deepest]).Rows);
        Assert.StartsWith("{\n  \"a\": [\n", RecordTable.Pretty(deepest).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Source_Profiled_ShowsFieldsAndDrift()
    {
        Explorer.Profile = new SourceProfile(1000, 3, 2, false,
            [new("artist", 900, 90, [new("text", 800), new("number", 10)], null, "A", "Z", [new("Muse", 9)])],
            [new(DriftKind.Misfit, "ts", 4, "A load needs a number there."), new(DriftKind.Unknown, "extra", 900, "No column takes it.")]);

        var cut = OpenSource("/warehouses/music/source?view=profile");

        Assert.Contains("The first 1,000 records of 3 files, 2 of them no JSON objects", cut.Find(
            "[data-testid=profile-scope]").TextContent.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("text (800), number (10)", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("Does not fit", cut.Find("[data-testid=drift]").TextContent, StringComparison.Ordinal);
        Assert.Equal(new SourceScope(SourcePart.Events, null, SourceQuery.First), Explorer.Profiled.Single());
        Assert.Equal("/warehouses/music/source?view=profile&all=yes", cut.Find("[data-testid=profile-scope] a").GetAttribute("href"));
    }

    [Fact]
    public void Source_ThatCannotBeRead_SaysWhy()
    {
        Explorer.Refusal = "The events folder '/data/log_data' does not exist.";

        var cut = OpenSource("/warehouses/music/source");

        Assert.Contains("does not exist", cut.Find(".problem").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<WarehouseScreen> OpenTable(string view)
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("songplays", 7, TableRole.Fact), Sample.Table("users", 100));
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/warehouses/music/tables?table=users&view={view}");
        var cut = Open(WarehouseTab.Tables);
        Assert.Equal(view, cut.Find("[data-testid=detail-users] nav [aria-current=true]").TextContent.Trim());
        return cut;
    }

    private IRenderedComponent<SourceTab> OpenSource(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var cut = Render<SourceTab>(p => p.Add(s => s.Warehouse, Sample.Warehouse(published: true)));
        cut.WaitForElement("a.file, .data-table, .records, [data-testid=profile-scope], .problem", Patience);
        return cut;
    }

    private IRenderedComponent<WarehouseScreen> Open(WarehouseTab tab) => Render<WarehouseScreen>(p => p
        .Add(s => s.Name, "music").Add(s => s.Tab, tab).Add(s => s.Rejects, RejectsQuery.From(null, null, null)));
}
