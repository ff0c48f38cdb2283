using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Schedules;

namespace Sparkify.Tests.Web;

public sealed class SchedulesPageTests : PageTest
{
    private static readonly DateTimeOffset Due = DateTimeOffset.Parse("2026-11-27T01:30Z");

    public SchedulesPageTests()
    {
        Warehouses.Have(Sample.Warehouse());
        Warehouses.Have(Sample.Warehouse("streams"));
        Schedules.Have(
            1, "nightly", last: new LastTime(Due, "Fri 27 Nov 2026, 02:30 CET", TimeOutcome.Started, null, 7, RunState.Succeeded));
        Schedules.Have(
            2, "hourly", "streams",
            last: new LastTime(Due, "Fri 27 Nov 2026, 02:30 CET", TimeOutcome.Skipped, "It was left out: run 6 is at work.", null, null));
        Schedules.Have(3, "files", "streams", paused: true, kind: RunKind.Check);
    }

    [Fact]
    public void Schedules_Opened_SayWhenWhatNextAndHowTheLatestTimeWent()
    {
        var rows = Rows(Open("/schedules"));

        Assert.Equal(3, rows.Count);
        Assert.Contains("nightly loadsmusic | music | ", rows[0], StringComparison.Ordinal);
        Assert.Contains("At 02:30, every day Europe/Berlin | Mon 30 Nov 2026, 02:30 CET in 3 days | Succeeded#7 | ann", rows[0], StringComparison.Ordinal);
        Assert.Contains("Left outIt was left out: run 6 is at work.", rows[1], StringComparison.Ordinal);
        Assert.Contains("files checks the files", rows[2], StringComparison.Ordinal);
        Assert.Contains("Paused", rows[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/schedules?text=NIGHT", "nightly")]
    [InlineData("/schedules?warehouse=streams", "hourly", "files")]
    [InlineData("/schedules?only=paused", "files")]
    [InlineData("/schedules?only=trouble", "hourly")]
    [InlineData("/schedules?only=nonsense", "nightly", "hourly", "files")]
    public void Schedules_FilterInTheAddress_NarrowsTheList(string address, params string[] names) =>
        Assert.Equal(names, Open(address).FindAll("tbody .strong").Select(Words));

    [Fact]
    public void Schedules_Counted_ByWhatTheyAre() => Assert.Equal(
        ["All 3", "Needs a look 1", "Paused 1"], Open("/schedules").FindAll(".choice").Select(Words));

    [Fact]
    public void Schedules_OneThatChanges_IsShownByItself()
    {
        var cut = Open("/schedules");

        Schedules.Publish(Schedules.Have(4, "weekly"));

        cut.WaitForAssertion(() => Assert.Equal(4, Rows(cut).Count), Patience);
    }

    [Fact]
    public void Schedules_TheRunOfATimeEnds_IsShownByItself()
    {
        Schedules.Have(1, "nightly", last: new LastTime(Due, "", TimeOutcome.Started, null, 7, RunState.Running));
        var cut = Open("/schedules");
        Schedules.Have(1, "nightly", last: new LastTime(Due, "", TimeOutcome.Started, null, 7, RunState.Failed));

        Runs.Publish(Sample.Run(7, RunState.Failed));

        cut.WaitForAssertion(() => Assert.Contains("Failed#7", Rows(cut)[0], StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Schedules_NoneAtAll_SaysWhatTheyAreFor()
    {
        foreach (var id in new[] { 1, 2, 3 })
        {
            await Schedules.DeleteAsync("music", id, Actor.System, default);
        }

        Assert.Contains("No schedules yet", Open("/schedules").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedules_ForAViewer_OfferNothingToDo()
    {
        Who.Actor = new Actor("eve") { Grants = new([new Grant(Role.Viewer)]) };

        var cut = Open("/schedules");

        Assert.Empty(cut.FindAll(".head button, tbody button"));
    }

    [Theory]
    [InlineData("Pause", "pause 1")]
    [InlineData("Load now", "run 1")]
    public void Menu_OfASchedule_DoesWhatItSays(string item, string asked)
    {
        Choose(Open("/schedules"), item);

        Popovers.WaitForAssertion(() => Assert.Equal([asked], Schedules.Asked), Patience);
    }

    [Fact]
    public void Menu_LoadNow_LeadsToTheRun()
    {
        Choose(Open("/schedules"), "Load now");

        Popovers.WaitForAssertion(
            () => Assert.EndsWith("/runs/77", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Menu_WhatIsRefused_IsSaid()
    {
        Schedules.Problem = "The warehouse 'music' is paused: resume it first.";
        Choose(Open("/schedules"), "Load now");

        Snackbars.WaitForAssertion(
            () => Assert.Contains("is paused: resume it first.", Snackbars.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Menu_Delete_AsksFirst()
    {
        Choose(Open("/schedules"), "Delete…");
        Press(Dialogs, "Keep it");
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")), Patience);
        Assert.Empty(Schedules.Asked);

        Choose(Open("/schedules"), "Delete…");
        Press(Dialogs, "Delete it");

        Dialogs.WaitForAssertion(() => Assert.Equal(["delete 1"], Schedules.Asked), Patience);
    }

    [Fact]
    public void Dialog_WhileOneTypes_SaysWhatItMeans_AndWhatIsWrong()
    {
        var cut = Open("/schedules");
        Press(cut, "Add a schedule");
        Dialogs.WaitForElement("#schedule-cron", Patience);
        Assert.Contains("At 02:30, every day", Preview(), StringComparison.Ordinal);

        Press(Dialogs, "Every hour");
        Dialogs.WaitForAssertion(() => Assert.Contains("Every hour on the hour, every day", Preview(), StringComparison.Ordinal), Patience);
        Assert.Equal(5, Dialogs.FindAll("[data-testid=schedule-preview] li").Count);
        On(Dialogs, "#schedule-cron", static i => i.Input("0 25 * * *"));
        Dialogs.WaitForAssertion(() => Assert.Contains("the hour, cannot be '25'", Preview(), StringComparison.Ordinal), Patience);
        Assert.Empty(Dialogs.FindAll("[data-testid=schedule-preview] li"));
        On(Dialogs, "#schedule-cron", static i => i.Input("15 6 * * *"));
        On(Dialogs, "#schedule-name", static i => i.Input("Early"));
        Press(Dialogs, "Add it");

        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")), Patience);
        Assert.Equal(
            "create on music: " + new ScheduleSettings("Early", RunKind.Load, "15 6 * * *", "UTC"), Assert.Single(Schedules.Asked));
        cut.WaitForAssertion(() => Assert.Equal(4, Rows(cut).Count), Patience);
    }

    [Fact]
    public void Dialog_OfAScheduleThereIs_BeginsWithIt_AndARefusalIsSaidInIt()
    {
        Choose(Open("/schedules"), "Change…");
        Dialogs.WaitForAssertion(() => Assert.Equal("nightly", Dialogs.Find("#schedule-name").GetAttribute("value")), Patience);
        Assert.Equal("Europe/Berlin", Dialogs.Find("#schedule-zone").GetAttribute("value"));

        Schedules.Problem = "The warehouse 'music' has a schedule named 'x' already.";
        Press(Dialogs, "Save");
        Dialogs.WaitForAssertion(
            () => Assert.Contains(Schedules.Problem, Words(Dialogs.Find(".mud-dialog")), StringComparison.Ordinal), Patience);
        Schedules.Problem = null;
        On(Dialogs, "#schedule-name", static i => i.Input("renamed"));
        Press(Dialogs, "Save");

        Dialogs.WaitForAssertion(() => Assert.Equal(
            ["change 1: " + new ScheduleSettings("renamed", RunKind.Load, "30 2 * * *", "Europe/Berlin")], Schedules.Asked), Patience);
    }

    [Fact]
    public void Panel_OfAWarehouse_ShowsItsOwn_AndItsNextLoad()
    {
        Schedules.Have(9, "check first", "streams", kind: RunKind.Check);

        var cut = Render<SchedulesPanel>(p => p.Add(s => s.Warehouse, Sample.Warehouse("streams")));

        cut.WaitForAssertion(() => Assert.Equal(["hourly", "files", "check first"], cut.FindAll("tbody .strong").Select(Words)), Patience);
        Assert.Equal("next load Mon 30 Nov 2026, 02:30 CET, in 3 days", Words(cut.Find("header .hint")));
    }

    [Fact]
    public async Task NextLoad_AmongTheFigures_IsThereWhenSomethingIsScheduled()
    {
        var cut = Render<NextLoad>(p => p.Add(n => n.Warehouse, "music"));
        Assert.Equal("02:30 CET in 3 days", Words(cut.WaitForElement("dd", Patience)));

        await Schedules.PauseAsync("music", 1, Actor.System, default);

        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll("div")), Patience);
    }

    private string Preview() => Words(Dialogs.Find("[data-testid=schedule-preview]"));

    private void Choose(IRenderedComponent<SchedulesPage> cut, string item)
    {
        On(cut, "tbody button", static e => e.Click());
        On(Popovers, ".mud-menu-item", static i => i.Click(), item);
    }

    private static List<string> Rows(IRenderedComponent<SchedulesPage> cut) =>
        [.. cut.FindAll("tbody .mud-table-row").Select(static row => string.Join(" | ", row.Children.Select(Words)))];

    private IRenderedComponent<SchedulesPage> Open(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var cut = Render<SchedulesPage>();
        cut.WaitForAssertion(() => Assert.NotEmpty(cut.FindAll(".mud-table-row, .empty")), Patience);
        return cut;
    }
}
