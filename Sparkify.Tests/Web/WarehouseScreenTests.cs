using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Rejects;
using Sparkify.Web.Features.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

public sealed class WarehouseScreenTests : PageTest
{
    [Fact]
    public void Tables_Published_ShowsRowsAndWhatBecameOfTheEvents()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", new PlayCounts(1786, 1786, 279, 0, 1507, 0), Sample.Table(
            "songplays", 1507, TableRole.Fact), Sample.Table("users", null));

        var cut = Open(WarehouseTab.Tables);

        Assert.Equal("1,507", cut.Find("[data-testid=rows-songplays]").TextContent);
        Assert.Equal("", cut.Find("[data-testid=rows-users]").TextContent);
        Assert.Equal("1,507", cut.Find("[data-testid=plays-unmatched]").TextContent);
        Assert.Equal("0", cut.Find("[data-testid=plays-matched]").TextContent);
        Assert.Equal("279", cut.Find("[data-testid=plays-other]").TextContent);
    }

    [Fact]
    public void Tables_PublishedAgain_ShowsTheNewNumbers()
    {
        var warehouse = Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("users", 1));
        var cut = Open(WarehouseTab.Tables);

        Tables.Have("music", null, Sample.Table("users", 74));
        Warehouses.Publish(warehouse with { PublishedAt = Sample.Noon.AddHours(1), PublishedRun = 2 });

        cut.WaitForAssertion(() => Assert.Equal("74", cut.Find("[data-testid=rows-users]").TextContent), Patience);
    }

    [Fact]
    public void CheckFiles_Pressed_StartsTheRunAndShowsIt()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 3, state: RunState.Queued, kind: kind, warehouse: name);
        Warehouses.Have(Sample.Warehouse());
        var cut = Open(WarehouseTab.Overview);

        Press(cut, "Check files");

        cut.WaitForAssertion(
            () => Assert.EndsWith("/runs/3", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        Assert.Equal(RunKind.Check, Assert.Single(Runs.Started).Kind);
    }

    [Fact]
    public void Stars_PutBackPressed_AsksAndThenPutsThatOneBack()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 9, state: RunState.Queued, kind: kind, warehouse: name);
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("users", 1));
        Tables.HaveStars(
            "music", new StarVersion(7, Sample.Noon, null, 12_000, 300, 5_000_000),
            new StarVersion(5, Sample.Noon.AddDays(-1), Sample.Noon, 11_000, 280, null));
        var cut = Open(WarehouseTab.Overview);

        cut.WaitForAssertion(() => Assert.Equal(2, cut.FindAll("[data-testid=stars] tbody tr").Count), Patience);
        Assert.Contains("Readers see it", Words(cut.FindAll("[data-testid=stars] tbody tr")[0]), StringComparison.Ordinal);
        Assert.Contains("11,000", Words(cut.FindAll("[data-testid=stars] tbody tr")[1]), StringComparison.Ordinal);
        Press(cut, "Put back");
        Dialogs.WaitForAssertion(
            () => Assert.Contains("Put back the star of load #5?", Dialogs.Markup, StringComparison.Ordinal), Patience);
        Assert.Empty(Runs.Started);
        Press(Dialogs, "Put it back");

        cut.WaitForAssertion(
            () => Assert.EndsWith("/runs/9", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        Assert.Equal((RunKind.PutBack, 5L), (Assert.Single(Runs.Started).Kind, Assert.Single(Runs.Stars)));
    }

    [Fact]
    public void Rejects_OfACheck_AreShownAsSuch()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.Have(Sample.Run(id: 3, state: RunState.Succeeded, kind: RunKind.Check));
        Tables.HaveRejects("music", new Reject(3, SourcePart.Events, "a.json", 1, 0, "ts", "It is not a number.", "{}"));

        var cut = Open(WarehouseTab.Rejects, new RejectsQuery(3, null, 1));

        cut.WaitForAssertion(() => Assert.Contains(
            "It was a check of the files: nothing was loaded.", cut.Find("p.said").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Teardown_NameNotTyped_CannotBeStarted()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 3, state: RunState.Queued, kind: kind, warehouse: name);
        Warehouses.Have(Sample.Warehouse());
        Warehouses.HaveResources("music", new OwnedResource(
            "database", "sparkify_music", Sample.Noon, null), new OwnedResource("role", "gone", Sample.Noon, Sample.Noon));
        var cut = Open(WarehouseTab.Resources);
        Press(cut, "Tear down music");
        Dialogs.WaitForElement("#teardown-name", Patience);
        var destroy = () => Dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Tear it down");

        Assert.True(destroy().HasAttribute("disabled"));
        On(Dialogs, "#teardown-name", static e => e.Input("musi"));
        Assert.True(destroy().HasAttribute("disabled"));
        Assert.Equal("sparkify_music", Dialogs.Find(".doomed code").TextContent);
        Assert.DoesNotContain("gone", Dialogs.Find(".doomed").TextContent, StringComparison.Ordinal);

        On(Dialogs, "#teardown-name", static e => e.Input("music"));
        Dialogs.WaitForAssertion(() => Assert.False(destroy().HasAttribute("disabled")), Patience);
        Press(Dialogs, "Tear it down");

        cut.WaitForAssertion(() => Assert.Equal(RunKind.Teardown, Runs.Started.Single().Kind), Patience);
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll("[role=dialog]")), Patience);
        Assert.EndsWith("/runs/3", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Teardown_KeptAfterAll_DestroysNothing_AndForgetsWhatWasTyped()
    {
        Warehouses.Have(Sample.Warehouse());
        Warehouses.HaveResources("music", new OwnedResource("database", "sparkify_music", Sample.Noon, null));
        var cut = Open(WarehouseTab.Resources);
        Press(cut, "Tear down music");
        On(Dialogs, "#teardown-name", static e => e.Input("music"));
        Press(Dialogs, "Keep it");
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll("[role=dialog]")), Patience);

        Press(cut, "Tear down music");

        Assert.Equal("", Dialogs.WaitForElement("#teardown-name", Patience).GetAttribute("value") ?? "");
        Assert.Empty(Runs.Started);
    }

    [Fact]
    public void Teardown_ItsDialog_SaysWhatWillBeDestroyed_AlsoWhileThePageChanges()
    {
        Warehouses.Have(Sample.Warehouse());
        Warehouses.HaveResources("music", new OwnedResource("database", "sparkify_music", Sample.Noon, null));
        var cut = Open(WarehouseTab.Resources);
        Press(cut, "Tear down music");
        On(Dialogs, "#teardown-name", static e => e.Input("mus"));

        Runs.Publish(Sample.Run(id: 9, kind: RunKind.Load));
        cut.WaitForAssertion(() => Assert.DoesNotContain(cut.FindAll("button"), b => b.TextContent.Trim() == "Tear down music"), Patience);

        Assert.Equal("sparkify_music", Dialogs.Find(".doomed code").TextContent);
        Assert.Equal("mus", Dialogs.Find("#teardown-name").GetAttribute("value"));
    }

    [Fact]
    public void Resources_Removed_ShowsTheProofAndForgets()
    {
        Warehouses.Have(Sample.Warehouse(state: WarehouseState.Removed));
        Warehouses.HaveResources("music", new OwnedResource("database", "sparkify_music", Sample.Noon, Sample.Noon.AddHours(1)));
        var cut = Open(WarehouseTab.Resources);

        Assert.Contains("Nothing is left", cut.Find(".note").TextContent, StringComparison.Ordinal);
        Press(cut, "Forget music");
        Dialogs.WaitForAssertion(() => Assert.Contains(
            "Forget music?", Assert.Single(Dialogs.FindAll("[role=dialog]")).TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(Warehouses.Forgotten);
        Press(Dialogs, "Forget it");

        cut.WaitForAssertion(() => Assert.Equal(["music"], Warehouses.Forgotten), Patience);
    }

    [Fact]
    public void Resources_KeptAfterAll_ForgetsNothing()
    {
        Warehouses.Have(Sample.Warehouse(state: WarehouseState.Removed));
        var cut = Open(WarehouseTab.Resources);

        Press(cut, "Forget music");
        Press(Dialogs, "Keep it");

        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll("[role=dialog]")), Patience);
        Assert.Empty(Warehouses.Forgotten);
        Assert.Empty(cut.FindAll("[aria-busy=true]"));
    }

    [Fact]
    public void Overview_RejectLimit_CanBeChangedAndShowsTheNewOne()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Open(WarehouseTab.Overview);

        On(cut, "button[aria-label='Change the reject limit']", static e => e.Click());
        On(cut, ".limit .form input", static e => e.Change("7"));
        Press(cut, "Save");

        cut.WaitForAssertion(() => Assert.Contains("A load fails at 7 bad records.", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Overview_WhatALoadReads_IsShownAndCanBeChanged_AndTheOtherIsLoadedOnce()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 9, state: RunState.Queued, kind: kind, warehouse: name);
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("users", 1));
        var cut = Open(WarehouseTab.Overview);
        Assert.Equal("All files: the star is built anew.", cut.Find("[data-testid=load-mode]").TextContent);

        On(cut, "button[aria-label='Change what loads read']", static e => e.Click());
        cut.WaitForElement(".limit .form", Patience);
        On(cut, ".limit .form input[type=radio]", static e => e.Click(), at: 1);
        Press(cut, "Save");

        cut.WaitForAssertion(
            () => Assert.StartsWith(
                "Only files that are new or have changed.", cut.Find("[data-testid=load-mode]").TextContent, StringComparison.Ordinal), Patience);
        Press(cut, "Load everything now");
        cut.WaitForAssertion(() => Assert.Equal(LoadMode.Full, Assert.Single(Runs.Modes)), Patience);
        Assert.Equal(RunKind.Load, Assert.Single(Runs.Started).Kind);
    }

    [Fact]
    public void Overview_WhenLoadsAsk_IsShownAndCanBeChanged()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Open(WarehouseTab.Overview);
        Assert.Contains("fall below 50 % of the published star", cut.Find("[data-testid=asks]").TextContent, StringComparison.Ordinal);

        On(cut, "button[aria-label='Change when loads ask']", static e => e.Click());
        On(cut, ".limit .form input", static e => e.Change("0"));
        Press(cut, "Save");

        cut.WaitForAssertion(
            () => Assert.Equal("When fewer than 5 % of the records have a field the star needs.", cut.Find("[data-testid=asks]").TextContent),
            Patience);
    }

    [Fact]
    public void Overview_HowOldItMayBe_IsShownAndCanBeChanged_AndWhatIsOlderSaysSo()
    {
        Tables.Have("music", new PlayCounts(1, 1, 0, 0, 1, 0), Sample.Table("songplays", 1));
        Warehouses.Have(Sample.Warehouse(published: true) with { PublishedAt = TimeProvider.System.GetUtcNow().AddHours(-50) });
        var cut = Open(WarehouseTab.Overview);
        Assert.Equal("What readers see may be of any age.", cut.Find("[data-testid=freshness]").TextContent);

        On(cut, "button[aria-label='Change how old it may be']", static b => b.Click());
        On(cut, ".limit .form input[max]", static e => e.Change("30"), at: 1);
        Press(cut, "Save");

        cut.WaitForAssertion(
            () => Assert.Equal("Stale when its last load is older than 30 hours.", cut.Find("[data-testid=freshness]").TextContent), Patience);
        Assert.Contains("The last load is 2 days 2 hours old; it may be at most 1 day 6 hours old.", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("stale", cut.Find("[data-testid=warehouse-state]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Warehouse_WithADecisionToMake_SaysSoOnEveryTab_AlsoAfterItWasPaused()
    {
        Warehouses.Have(Sample.Warehouse(state: WarehouseState.Paused, published: true));
        Runs.Have(Sample.Asking(id: 7));
        Runs.Have(Sample.Run(id: 8, state: RunState.Succeeded, kind: RunKind.Pause));

        var cut = Open(WarehouseTab.Tables);

        var note = cut.Find("[data-testid=decision-note]");
        Assert.Contains("Load #7 needs a decision before readers see it. Plays fell.", note.TextContent, StringComparison.Ordinal);
        Assert.Equal("/runs/7", note.QuerySelector("a")!.GetAttribute("href"));
        Assert.Contains(cut.FindAll("a.mud-button-filled"), static a => a.TextContent.Trim() == "Decide on the load");
    }

    [Fact]
    public void Resources_RunActive_OffersNoTeardown()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.Have(Sample.Run());

        var cut = Open(WarehouseTab.Resources);

        Assert.DoesNotContain(cut.FindAll("button"), static b => b.TextContent.Trim() == "Tear down music");
    }

    [Fact]
    public void Rejects_HostileText_IsText()
    {
        Warehouses.Have(Sample.Warehouse());
        Tables.HaveRejects("music", new Reject(
            7, SourcePart.Events, "<i>a.json</i>", 112, 48213, "ts", "\"soon\" is not a time.", "{\"ts\":\"<script>alert(1)</script>\"}"));

        var cut = Open(WarehouseTab.Rejects);

        Assert.Empty(cut.FindAll(".reject script, .reject i"));
        Assert.Contains("<script>alert(1)</script>", cut.Find(".reject .raw").TextContent, StringComparison.Ordinal);
        Assert.Equal("112", cut.Find(".reject [data-label=Line]").TextContent);
        Assert.Equal("48,213", cut.Find(".reject [data-label=Byte]").TextContent);
        Assert.Equal("<i>a.json</i>", cut.Find(".reject .file").TextContent);
    }

    [Fact]
    public void Rejects_OfManyReasons_TheMostFrequentFirst_EachWithItsRemedyAndAnAddress()
    {
        Warehouses.Have(Sample.Warehouse());
        Tables.HaveRejects("music",
            Bad("Odd one.", 1), Bad("Cut off.", 2), Bad("Cut off.", 3) with { Part = SourcePart.Songs }, Bad("Cut off.", 4));

        var cut = Open(WarehouseTab.Rejects);

        Assert.Equal(["Cut off.", "Odd one."], cut.FindAll(".reasons a").Select(static a => a.TextContent));
        Assert.Equal(["width:100%", "width:33.3%"], cut.FindAll(".reasons .bar i").Select(static i => i.GetAttribute("style")));
        Assert.Equal("events, songs", cut.FindAll(".reasons td")[2].TextContent);
        Assert.Equal("What to do about: Cut off.", cut.Find(".remedy").TextContent.Trim());
        Assert.Equal(3, cut.FindAll(".reject").Count);
        Assert.Equal("/warehouses/music/rejects?reason=Odd%20one.", cut.FindAll(".reasons a")[1].GetAttribute("href"));

        cut.Render(p => p.Add(s => s.Rejects, new RejectsQuery(null, null, 1, "Odd one.")));

        cut.WaitForAssertion(() =>
            Assert.Equal("1", Assert.Single(cut.FindAll(".reject")).QuerySelector("[data-label=Line]")!.TextContent), Patience);
        Assert.Equal("What to do about: Odd one.", cut.Find(".remedy").TextContent.Trim());

        cut.Render(p => p.Add(s => s.Rejects, new RejectsQuery(null, null, 1, "Never heard of.")));

        cut.WaitForAssertion(() => Assert.Contains("No record has this reason.", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Rejects_OneChosen_ShowsTheFileAroundIt_UnlessItCannotBeRead()
    {
        Warehouses.Have(Sample.Warehouse());
        Explorer.Lines = [.. Enumerable.Range(1, 9).Select(static i => new SourceLine(i, i == 4 ? "not {json" : $"line {i}"))];
        Tables.HaveRejects("music", Bad("No.", 4), Bad("No.", 8));
        var cut = Open(WarehouseTab.Rejects);

        cut.WaitForAssertion(() => Assert.Equal("4not {json", cut.Find(".around .it").TextContent), Patience);
        Assert.Equal(["2", "3", "4", "5", "6"], cut.FindAll(".around .num").Select(static n => n.TextContent));

        On(cut, ".reject .file", static e => e.Click(), at: 1);

        cut.WaitForAssertion(() =>
            Assert.Contains("the record is not there any more", cut.Find(".around").TextContent, StringComparison.Ordinal), Patience);
        Explorer.Refusal = "The folder is gone.";
        On(cut, ".reject .file", static e => e.Click());

        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll(".around")), Patience);
        Assert.DoesNotContain("The folder is gone.", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_Copied_GoToTheClipboardWhole()
    {
        Warehouses.Have(Sample.Warehouse());
        Tables.HaveRejects("music", Bad("No.", 4) with { Raw = new string('x', 3000) });
        var cut = Open(WarehouseTab.Rejects);

        On(cut, "button[aria-label='Copy the record of line 4']", static b => b.Click());

        cut.WaitForElement("button[aria-label='Copied the record of line 4']", Patience);
        Assert.Equal(new string('x', 3000), JSInterop.Invocations["navigator.clipboard.writeText"].Single().Arguments.Single());
    }

    [Fact]
    public void Rejects_FiltersInTheAddress_ReachTheStoreAndTheDownload()
    {
        Warehouses.Have(Sample.Warehouse());
        Tables.HaveRejects("music", new Reject(7, SourcePart.Songs, "a.json", 1, 0, null, "It is no JSON object.", "[]"));

        var cut = Open(WarehouseTab.Rejects, new RejectsQuery(7, SourcePart.Songs, 1));

        Assert.Equal(new RejectFilter(7, SourcePart.Songs, 1, RejectsQuery.Size, "It is no JSON object."), Tables.Asked.Last());
        Assert.Equal("/api/v1/warehouses/music/rejects/download?run=7&part=songs", cut.Find("a[download]").GetAttribute("href"));
    }

    [Fact]
    public void Warehouse_Unknown_SaysWhereToLook()
    {
        var cut = Open(WarehouseTab.Overview);

        Assert.Contains("There is no warehouse “music”", cut.Find("h1").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warehouse_Disposed_LeavesNoSubscriber()
    {
        Warehouses.Have(Sample.Warehouse());
        Open(WarehouseTab.Overview);
        Assert.True(Runs.Subscribers + Warehouses.Subscribers >= 2);

        await DisposeComponentsAsync();

        Assert.Equal(0, Runs.Subscribers + Warehouses.Subscribers);
    }

    [Fact]
    public void Tabs_OfALoadWithRejects_SayHowMany_AndTheStateDoesToo()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Runs.Have(Sample.Run(id: 1, state: RunState.Succeeded,
            steps: [Sample.Step("stage-events", StepState.Succeeded, rows: 90, rejects: 9)]));

        var cut = Open(WarehouseTab.Checks);

        Assert.Contains("Rejects 9", cut.FindAll("nav.tabs a").Select(static a => a.TextContent));
        Assert.Equal("Available, 9 rejects", cut.Find("[data-testid=warehouse-state]").TextContent.Trim());
    }

    [Fact]
    public void Removed_PromisesNoFirstLoad()
    {
        Warehouses.Have(Sample.Warehouse(state: WarehouseState.Removed));

        foreach (var tab in new[] { WarehouseTab.Overview, WarehouseTab.Tables })
        {
            var cut = Open(tab);
            Assert.DoesNotContain("first load", cut.Markup, StringComparison.Ordinal);
            Assert.Contains("torn down", cut.Markup, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Checks_ThatPassed_AreFoldedBehindThoseToLookAt()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.HaveChecks(
            "music", new("a", "Is a?", CheckOutcome.Passed, 0), new("b", "Is b?", CheckOutcome.Warning, 2),
                new("c", "Is c?", CheckOutcome.Failed, 3));

        var cut = Open(WarehouseTab.Checks);

        Assert.Equal(["c", "b"], cut.FindAll("td.lead code").Select(static c => c.TextContent));
        On(cut, ".mud-expand-panel-header", static h => h.Click());
        cut.WaitForAssertion(() => Assert.Equal(["c", "b", "a"], cut.FindAll("td.lead code").Select(static c => c.TextContent)), Patience);
    }

    private static Reject Bad(string reason, long line) => new(7, SourcePart.Events, "a.json", line, line * 100, null, reason, "not {json");

    private IRenderedComponent<WarehouseScreen> Open(WarehouseTab tab, RejectsQuery? rejects = null) => Render<WarehouseScreen>(p => p
        .Add(s => s.Name, "music").Add(s => s.Tab, tab).Add(s => s.Rejects, rejects ?? RejectsQuery.From(null, null, null)));
}
