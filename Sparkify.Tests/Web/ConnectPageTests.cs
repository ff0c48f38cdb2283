using Bunit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Connect;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Connect;

namespace Sparkify.Tests.Web;

/// <summary>How to connect, on the page of a warehouse.</summary>
public sealed class ConnectPageTests : PageTest
{
    private static readonly ConnectWay Socket = new(
        ConnectWayKind.Socket, "/data/postgres/run", 5432, "none: nothing leaves this machine",
        ConnectLines.Of(new ConnectPlace("/data/postgres/run", 5432, "sparkify_music", "YOUR_LOGIN")));

    [Fact]
    public void Login_IsMadeAndShownOnce_AndReplacedWhenThatIsConfirmed()
    {
        Connect.Info = Connect.Info with { Ways = [Socket] };
        var cut = Open();
        Assert.Contains("for this machine", Words(cut.Find("[data-testid=own-login]")), StringComparison.Ordinal);
        Assert.Contains("user=YOUR_LOGIN", cut.Find("#socket-psql").TextContent, StringComparison.Ordinal);

        Press(cut, "Make a login");
        cut.WaitForAssertion(() => Assert.Equal("planted-password-1", cut.Find("#made-password").TextContent), Patience);
        Assert.Contains("sparkify_music_ann_p1", Words(cut.Find("[data-testid=own-login]")), StringComparison.Ordinal);
        Assert.Equal("#made-password", cut.Find("[aria-label='Copy the password']").GetAttribute("data-copy"));

        Press(cut, "Replace the password");
        Press(Dialogs, "Replace it");
        cut.WaitForAssertion(() => Assert.Equal("planted-password-2", cut.Find("#made-password").TextContent), Patience);

        // Another visit: it is nowhere.
        Assert.DoesNotContain("planted-password", Open().Markup, StringComparison.Ordinal);

        Press(cut, "Remove it");
        Press(Dialogs, "Remove it");
        cut.WaitForAssertion(() => Assert.DoesNotContain("planted-password", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.Empty(Connect.All);
    }

    [Fact]
    public void Login_ThatCannotBeMade_IsSaid_AndWhatToDoFirst()
    {
        Connect.Info = Connect.Info with { Hindrance = "There is nothing to connect to yet: provision 'music' first." };
        Assert.Contains("provision 'music' first", Open().Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Make a login", Open().Markup, StringComparison.Ordinal);

        Connect.Info = Connect.Info with { OwnLoginsOnly = true, Hindrance = "There is no separate reader: use yours." };
        Assert.Contains("No separate reader", Open().Markup, StringComparison.Ordinal);

        Connect.Info = Connect.Info with { OwnLoginsOnly = false, Hindrance = null };
        Connect.Problem = "A new star is being published just now.";
        var cut = Open();
        Press(cut, "Make a login");
        cut.WaitForAssertion(() => Assert.Contains("A new star is being published", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Port_IsOpenedAndClosedByAdministrators_AndSaysWhatIsInTheWay()
    {
        Connect.Info = Connect.Info with { Port = new LoopbackPort(null) };
        var cut = Open();
        On(cut, "#loopback-port", static e => e.Input("54321"));
        Press(cut, "Open a port");
        cut.WaitForAssertion(
            () => Assert.Contains("127.0.0.1:54321", Words(cut.Find("[data-testid=loopback-port]")), StringComparison.Ordinal), Patience);
        Press(cut, "Close it");
        cut.WaitForAssertion(
            () => Assert.Contains("Closed.", Words(cut.Find("[data-testid=loopback-port]")), StringComparison.Ordinal), Patience);

        Connect.Info = Connect.Info with
        {
            Port = new LoopbackPort(54321, DateTimeOffset.UnixEpoch, "ann", "Another program uses the port 54321 of this machine."),
        };
        cut = Open();
        Assert.Contains("Another program uses", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("Open a port", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Analysts_SeeTheirOwnLogin_AndNobodyElses_AndViewersNone()
    {
        Connect.All.Add(new PersonalLogin(
            7, "music", "bob", "sparkify_music_bob_p7", PersonalLoginState.Ending, DateTimeOffset.UnixEpoch, null, "It could not be removed yet."));
        Connect.Info = Connect.Info with { Port = new LoopbackPort(null) };
        Assert.Contains("It could not be removed yet.", Words(Open().Find("[data-testid=logins]")), StringComparison.Ordinal);

        Who.Actor = new Actor("ann") { Grants = new Grants([new Grant(Role.Analyst)]) };
        var cut = Open();
        Assert.Empty(cut.FindAll("[data-testid=logins]"));
        Assert.DoesNotContain("for this machine: nobody", Words(cut.Find("[data-testid=own-login]")), StringComparison.Ordinal);
        Assert.True(cut.FindAll("button").Single(static b => b.TextContent.Trim() == "Open a port").HasAttribute("disabled"));

        Who.Actor = new Actor("vera") { Grants = new Grants([new Grant(Role.Viewer)]) };
        cut = Render<ConnectTab>(p => p.Add(static t => t.Warehouse, Sample.Warehouse("music")));
        Assert.Empty(cut.FindAll("[data-testid=own-login]"));
        Assert.Contains("analyst", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void QueryEditor_OfARealCluster_IsLinkedInItsRegion()
    {
        Connect.Info = Connect.Info with
        {
            QueryEditor = new QueryEditor(new Uri("https://eu-central-1.console.aws.amazon.com/sqlworkbench/home?region=eu-central-1#/client"), "sparkify-music-1a2b3c"),
        };

        var cut = Open();

        Assert.StartsWith("https://eu-central-1.console.aws.amazon.com/", cut.Find("ol a").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("sparkify-music-1a2b3c", cut.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<ConnectTab> Open()
    {
        var cut = Render<ConnectTab>(p => p.Add(static t => t.Warehouse, Sample.Warehouse("music")));
        cut.WaitForElement("[data-testid=own-login]", Patience);
        return cut;
    }
}
