using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Wizard;

namespace Sparkify.Tests.Web;

public sealed class NewWarehousePageTests : PageTest
{
    [Fact]
    public void Wizard_NothingFilledIn_SaysSoBesideEachField()
    {
        var cut = AtSource();

        Press(cut, "Name and plan");

        cut.WaitForAssertion(
            () => Assert.Contains("Say where the events are", cut.Find("#events-problem").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("Say where the songs are", cut.Find("#songs-problem").TextContent, StringComparison.Ordinal);
        Assert.Empty(Sources.Tested);
    }

    [Fact]
    public void Wizard_FolderDoesNotExist_RefusesWithTheSentenceBesideTheField()
    {
        Sources.OnTest = _ => FakeSources.Good with
        {
            Events = new(
            "/nowhere", null, null, false, [], "There is no folder /nowhere on this machine.")
        };
        var cut = AtSource();
        On(cut, "#events", static e => e.Input("/nowhere"));
        On(cut, "#songs", static e => e.Input("/data/song_data"));

        Press(cut, "Name and plan");

        cut.WaitForAssertion(() => Assert.Contains(
            "There is no folder /nowhere", cut.Find("#events-problem").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(cut.FindAll("#songs-problem"));
        Assert.Equal("true", cut.Find("#events").GetAttribute("aria-invalid"));
    }

    [Fact]
    public void Wizard_ConnectionTested_ShowsTheFirstRecordsAsText()
    {
        Sources.OnTest = _ => FakeSources.Good with { Songs = new("/s", 1, 10, false, ["""{"title":"<b>bold</b>"}"""], null) };
        var cut = AtSource();
        On(cut, "#events", static e => e.Input("/data/log_data"));
        On(cut, "#songs", static e => e.Input("/data/song_data"));

        Press(cut, "Test the connection");

        cut.WaitForAssertion(() => Assert.Equal(2, cut.FindAll(".preview").Count), Patience);
        var (events, songs) = (cut.FindAll(".preview")[0], cut.FindAll(".preview")[1]);
        Assert.Contains("30 files, 4.8 MB", events.TextContent, StringComparison.Ordinal);
        Assert.Equal(["artist", "page"], events.QuerySelectorAll("th").Select(th => th.TextContent));
        Assert.Equal(["Muse", "NextSong"], events.QuerySelectorAll("td").Select(td => td.TextContent.Trim()));
        Assert.Equal("<b>bold</b>", songs.QuerySelector("td")!.TextContent.Trim());
        Assert.Empty(songs.QuerySelectorAll("b"));
    }

    [Fact]
    public void Wizard_Complete_ProvisionsLoadsAndShowsTheRun()
    {
        Sources.OnTest = _ => FakeSources.Good;
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 12, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = AtPlan();
        cut.WaitForAssertion(() => Assert.Contains("sparkify_music", cut.Find("table").TextContent, StringComparison.Ordinal), Patience);

        Press(cut, "Create warehouse");

        var nav = Services.GetRequiredService<NavigationManager>();
        cut.WaitForAssertion(() => Assert.EndsWith("/runs/12?follow=true", nav.Uri, StringComparison.Ordinal), Patience);
        Assert.Equal(new NewWarehouse(
            "music", WarehouseTarget.Local, new LocationSource("/data/log_data", "/data/song_data"), 1000,
            Schema: "dwh"), Warehouses.Created.Single());
        Assert.Equal(("music", RunKind.Provision, RunKind.Load, Actor.LocalAdministrator), Runs.Started.Single());
        Assert.Equal("sessionStorage.removeItem", JSInterop.Invocations.Last(
            static i => i.Identifier.StartsWith("sessionStorage", StringComparison.Ordinal)).Identifier);
    }

    [Fact]
    public void Wizard_CreatedButNotProvisioned_SaysSoOnTheWarehousesPage()
    {
        Sources.OnTest = _ => FakeSources.Good;
        Runs.OnStart = (_, _, _) => throw SparkifyException.Unavailable("Nobody works on runs just now.");
        var cut = AtPlan();

        Press(cut, "Create warehouse");

        var nav = Services.GetRequiredService<NavigationManager>();
        cut.WaitForAssertion(() => Assert.EndsWith("/warehouses/music", nav.Uri, StringComparison.Ordinal), Patience);
        Snackbars.WaitForAssertion(
            () => Assert.Equal(
                "music is created, but not provisioned. Nobody works on runs just now.", Snackbars.Find(
                    ".mud-snackbar-content-message").TextContent.Trim()),
            Patience);
    }

    [Fact]
    public void Wizard_LoadBoxCleared_OnlyProvisions()
    {
        Sources.OnTest = _ => FakeSources.Good;
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 12, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = AtPlan();

        On(cut, "input[type=checkbox]", static e => e.Change(false));
        Press(cut, "Create warehouse");

        cut.WaitForAssertion(() => Assert.Single(Runs.Started), Patience);
        Assert.Null(Runs.Started.Single().Then);
    }

    [Theory]
    [InlineData("Music", "lower-case letters, digits and hyphens, beginning with a letter")]
    [InlineData("1music", "lower-case letters, digits and hyphens, beginning with a letter")]
    [InlineData("taken", "already a warehouse named taken")]
    [InlineData("new", "Choose another")]
    [InlineData("", "A warehouse needs a name")]
    public void Wizard_NameCannotBe_SaysWhyAndDoesNotCreate(string name, string sentence)
    {
        Warehouses.Have(Sample.Warehouse("taken"));
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtPlan();

        On(cut, "#name", e => e.Input(name));

        cut.WaitForAssertion(() => Assert.Contains(sentence, cut.Find("#name-problem").TextContent, StringComparison.Ordinal), Patience);
        Assert.True(Button(cut, "Create warehouse").HasAttribute("disabled"));
    }

    [Fact]
    public void Wizard_PlanRefused_ShowsTheSentence()
    {
        Sources.OnTest = _ => FakeSources.Good;
        Warehouses.PlanProblem = "A database named sparkify_music is there and not ours. Choose another name.";

        var cut = AtPlan();

        cut.WaitForAssertion(() => Assert.Contains("not ours", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Wizard_SourceChangedAfterTheTest_IsTestedAgain()
    {
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtPlan();
        Press(cut, "Back");

        On(cut, "#events", static e => e.Input("/data/other"));
        Press(cut, "Name and plan");

        cut.WaitForAssertion(() => Assert.Equal(2, Sources.Tested.Count), Patience);
    }

    [Fact]
    public void Wizard_NameTyped_StaysWhenTheSourceIsChanged()
    {
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtPlan();
        On(cut, "#name", static e => e.Input("mine"));
        Press(cut, "Back");
        On(cut, "#events", static e => e.Input("/data/other"));
        Press(cut, "Name and plan");

        Assert.Equal("mine", cut.WaitForElement("#name", Patience).GetAttribute("value"));
    }

    [Fact]
    public void Wizard_Refreshed_IsAsItWasLeft_AndCanBeBegunAgain()
    {
        Sources.OnTest = _ => FakeSources.Good;
        On(AtPlan(), "#name", static e => e.Input("mine"));
        var kept = JSInterop.Invocations["sessionStorage.setItem"][^1].Arguments;
        JSInterop.Setup<string?>("sessionStorage.getItem", kept[0]!).SetResult((string)kept[1]!);

        var cut = Render<NewWarehousePage>();

        Assert.Equal("mine", cut.WaitForElement("#name", Patience).GetAttribute("value"));
        Assert.Contains("/data/log_data", cut.Find(".facts").TextContent, StringComparison.Ordinal);
        Press(cut, "Start over");
        Assert.Equal(2, cut.FindAll("input[name=target]").Count);
        Assert.DoesNotContain("Start over", cut.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("from another version")]
    public void Wizard_KeptInAFormOfAnotherVersion_BeginsAnew(string kept)
    {
        JSInterop.Setup<string?>("sessionStorage.getItem", static _ => true).SetResult(kept);

        Assert.Equal(2, Render<NewWarehousePage>().FindAll("input[name=target]").Count);
    }

    [Theory]
    [InlineData("redshift", true, "Amazon Redshift")]
    [InlineData("simulator", true, "Amazon Redshift on the built-in simulator")]
    [InlineData("simulator", false, "Local PostgreSQL")]
    public void Wizard_TargetInTheAddress_IsChosen(string target, bool simulator, string chosen)
    {
        Redshift.Access = simulator ? new SimulatedAwsAccess(new Uri("http://localhost:1"), "us-west-2", "key", "secret") : null;
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/warehouses/new?target={target}");

        var cut = Render<NewWarehousePage>();

        cut.WaitForAssertion(() => Assert.Equal(
            chosen, cut.FindAll("input[name=target]").Single(i => i.HasAttribute("checked")).GetAttribute("value")), Patience);
    }

    [Fact]
    public void Wizard_EachStep_HasItsAddress_AndBackOfTheBrowserGoesAStepBack()
    {
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtPlan();
        Assert.EndsWith("/warehouses/new?step=plan", Nav.Uri, StringComparison.Ordinal);
        Assert.Equal(
            ["Target Local PostgreSQL", "Source 2 locations, 4.8 MB", "3 Name and plan"],
            cut.FindAll(".steps li").Select(static li => string.Join(' ', li.TextContent.Split(
                (char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal("/warehouses/new?step=source", cut.FindAll(".steps a")[1].GetAttribute("href"));

        Nav.NavigateTo("/warehouses/new?step=source");

        Assert.Equal("/data/log_data", cut.WaitForElement("#events", Patience).GetAttribute("value"));
        Nav.NavigateTo("/warehouses/new?step=plan");
        Assert.Equal("music", cut.WaitForElement("#name", Patience).GetAttribute("value"));
    }

    [Theory]
    [InlineData("plan", "source")]
    [InlineData("cluster", "target")]
    [InlineData("nonsense", "target")]
    public void Wizard_AddressOfAStepThatCannotBeOpenedYet_OpensTheOneThatCan(string asked, string opened)
    {
        Nav.NavigateTo($"/warehouses/new?step={asked}");

        var cut = Render<NewWarehousePage>();

        cut.WaitForAssertion(() => Assert.EndsWith($"?step={opened}", Nav.Uri, StringComparison.Ordinal), Patience);
        Assert.Equal(opened == "source" ? 1 : 0, cut.FindAll("#events").Count);
    }

    [Fact]
    public void Wizard_SourceChanged_ThePlanBehindItHasToBeReachedAgain()
    {
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtPlan();
        Press(cut, "Back");
        On(cut, "#events", static e => e.Input("/data/other"));

        Nav.NavigateTo("/warehouses/new?step=plan");

        cut.WaitForAssertion(() => Assert.EndsWith("?step=source", Nav.Uri, StringComparison.Ordinal), Patience);
        Assert.Equal(2, cut.FindAll(".steps a").Count);
    }

    [Fact]
    public void Wizard_ANumberThatCannotBe_IsRefusedWhileItIsTyped_AndStillWhenTheFieldIsLeft()
    {
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtPlan();

        On(cut, "#limit", static e => e.Input("-1"));
        cut.WaitForElement("#limit-problem", Patience);
        On(cut, "#limit", static e => e.Blur());

        cut.WaitForAssertion(() => Assert.Equal("true", cut.Find("#limit").GetAttribute("aria-invalid")), Patience);
        Assert.NotEmpty(cut.Find("#limit-problem").TextContent.Trim());
        Assert.True(Button(cut, "Create warehouse").HasAttribute("disabled"));
        On(cut, "#limit", static e => e.Input("5"));
        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll("#limit-problem")), Patience);
    }

    private NavigationManager Nav => Services.GetRequiredService<NavigationManager>();

    private static IElement Button(IRenderedComponent<NewWarehousePage> cut, string text) =>
        cut.FindAll("button").Single(b => string.Equals(b.TextContent.Trim(), text, StringComparison.Ordinal));

    private IRenderedComponent<NewWarehousePage> AtSource()
    {
        var cut = Render<NewWarehousePage>();
        Press(cut, "Source");
        cut.WaitForElement("#events", Patience);
        return cut;
    }

    private IRenderedComponent<NewWarehousePage> AtPlan()
    {
        var cut = AtSource();
        On(cut, "#events", static e => e.Input("/data/log_data"));
        On(cut, "#songs", static e => e.Input("/data/song_data"));
        Press(cut, "Name and plan");
        cut.WaitForElement("#name", Patience);
        return cut;
    }
}
