using Bunit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Notices;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Settings;

namespace Sparkify.Tests.Web;

/// <summary>Hooks and what was sent to them, in Settings.</summary>
public sealed class NoticesPageTests : PageTest
{
    [Fact]
    public void Hook_Created_ShowsItsSecretOnce_AndIsListedByItsHost()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Render<NoticesPage>();
        cut.WaitForElement("#hook-name", Patience);
        Assert.Contains("No hooks yet", cut.Markup, StringComparison.Ordinal);
        On(cut, "#hook-name", static e => e.Input("ops"));
        On(cut, "#hook-url", static e => e.Input("https://hooks.example.com/services/planted"));
        On(cut, "fieldset input[type=checkbox]", static b => b.Change(false));

        Press(cut, "Create");

        cut.WaitForAssertion(() => Assert.Equal("whsec_of_ops", cut.Find("#hook-secret").TextContent), Patience);
        var asked = Notices.Asked["ops"];
        Assert.Equal(("https://hooks.example.com/services/planted", HookForm.Json), (asked.Url, asked.Form));
        Assert.Equal([NoticeEvent.NeedsDecision, NoticeEvent.Recovered], asked.Events); // the first box was unticked
        Assert.Null(asked.Warehouses);
        Assert.Contains("https://hooks.example.com", cut.Find("table").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", cut.Markup, StringComparison.Ordinal);
        On(cut, "button[aria-label=Close]", static b => b.Click());
        On(cut, "button.link", static b => b.Click(), "ops");
        cut.WaitForAssertion(() => Assert.Contains("Send a test", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Test_OfAHook_SaysWhatCameBack_GoodOrBad()
    {
        Notices.Have("ops");
        var cut = Render<NoticesPage>();
        On(cut, "button.link", static b => b.Click(), "ops");

        Press(cut, "Send a test");
        cut.WaitForAssertion(
            () => Assert.Contains("answered 200 OK", cut.Find(".note.good").TextContent, StringComparison.Ordinal), Patience);
        Notices.Answer = new HookAnswer(Delivered: false, 500, "The receiver answered 500.");
        Press(cut, "Send a test");

        cut.WaitForAssertion(() => Assert.Contains("answered 500", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Deliveries_AreListedLive_AndCanBeSentAgain()
    {
        Notices.Have("ops");
        var cut = Render<NoticesPage>();
        On(cut, "button.link", static b => b.Click(), "ops");
        cut.WaitForAssertion(() => Assert.Contains("Nothing was sent yet", cut.Markup, StringComparison.Ordinal), Patience);

        var lost = Delivery(DeliveryState.GivenUp, attempts: 6, said: "The receiver answered 404 Not Found.");
        Notices.Deliveries.Add(lost);
        Notices.Deliveries.Add(Delivery(DeliveryState.Pending, attempts: 0, said: null));
        Notices.Publish("ops");

        cut.WaitForAssertion(() => Assert.Equal(
            ["Given up", "Queued"], cut.FindAll(".state").Select(Words)), Patience);
        Assert.Contains("404 Not Found", cut.Markup, StringComparison.Ordinal);
        Press(cut, "Send again");
        cut.WaitForAssertion(() => Assert.Equal([lost.Id], Notices.SentAgain), Patience);
        Assert.Single(cut.FindAll("button"), static b => b.TextContent.Trim() == "Send again"); // what waits is sent anyway
    }

    [Fact]
    public void Operator_SeesHooksAndDeliveries_AndNothingToChangeThem()
    {
        Who.Actor = new Actor("bob") { Grants = new([new Grant(Role.Operator)]) };
        Notices.Have("ops");
        Notices.Deliveries.Add(Delivery(DeliveryState.GivenUp, attempts: 6, said: "No."));
        var cut = Render<NoticesPage>();

        On(cut, "button.link", static b => b.Click(), "ops");

        cut.WaitForAssertion(() => Assert.Contains("Given up", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain(
            cut.FindAll("button"),
            static b => b.TextContent.Trim() is "Send a test" or "New secret" or "Delete" or "Save" or "Create" or "Send again");
    }

    private static Delivery Delivery(DeliveryState state, int attempts, string? said) => new(
        Guid.NewGuid(), DateTimeOffset.UnixEpoch, NoticeEvent.Failed, "music", 7, "Run 7 failed.", state, attempts, NextAt: null,
        EndedAt: null, said);
}
