using Bunit;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Connections;
using Sparkify.Web.Features.Settings;
using Sparkify.Web.Features.Wizard;

namespace Sparkify.Tests.Web;

/// <summary>AWS connections in Settings and in the wizard.</summary>
public sealed class ConnectionPagesTests : PageTest
{
    private const string Key = "AKIATESTKEY000000001", Secret = "planted/secret/of/the/page";

    [Fact]
    public void Settings_AKeyThatOpens_IsListed_AndItsSecretIsNowhereOnThePage()
    {
        var cut = Render<AwsPage>();
        cut.WaitForElement("#connection-name", Patience);
        cut.Find("#connection-name").Input("prod");
        cut.Find("#connection-key").Input(Key);
        cut.Find("#connection-secret").Change(Secret);

        Press(cut, "Test and keep");

        cut.WaitForAssertion(() => Assert.Contains(
            "arn:aws:iam::123456789012:user/prod", cut.Find("table").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal((Key, Secret), (Connections.Asked["prod"].AccessKey, Connections.Asked["prod"].SecretKey));
        Assert.DoesNotContain(Secret, cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_AKeyThatOpensNothing_IsSaidInItsSentence()
    {
        Connections.Problem = "AWS does not accept it.";
        var cut = Render<AwsPage>();
        cut.WaitForElement("#connection-name", Patience);

        Press(cut, "Test and keep");

        cut.WaitForAssertion(() => Assert.Contains("AWS does not accept it.", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("No connections yet", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OneThatIsUsed_CannotBeDeleted_AndIsReplacedWithoutItsOldSecret()
    {
        Connections.Have("prod", AwsConnectionKind.Key, "warehouse music");
        var cut = Render<AwsPage>();

        On(cut, "button.link", static b => b.Click(), "prod");

        cut.WaitForAssertion(() => Assert.True(
            cut.FindAll("button").First(b => b.TextContent.Trim() == "Delete").HasAttribute("disabled")), Patience);
        Assert.Contains("warehouse music", cut.Markup, StringComparison.Ordinal);
        Assert.Equal(Key, cut.Find("#connection-key").GetAttribute("value"));
        Assert.Equal("", cut.Find("#connection-secret").GetAttribute("value") ?? "");
    }

    [Fact]
    public void Import_OfAKey_IsOfferedAsAConnection_AndTheKeyIsNeverOnThePage()
    {
        DwhImportOf(out var cut, out var connected);

        Press(cut, "Fill in the wizard");
        Press(cut, "Make a connection of the key");
        cut.WaitForElement("#connection-name", Patience);
        Assert.DoesNotContain(Secret, cut.Markup, StringComparison.Ordinal);
        Press(cut, "Test and keep");

        cut.WaitForAssertion(() => Assert.Equal(["dwh"], connected), Patience);
        Assert.Equal(Secret, Connections.Asked["dwh"].SecretKey);
        Assert.DoesNotContain("Make a connection of the key", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_ByAnEngineer_OffersNoConnection()
    {
        Who.Actor = new Actor("bob") { Grants = new([new Grant(Role.Engineer)]) };
        DwhImportOf(out var cut, out _);

        Press(cut, "Fill in the wizard");

        cut.WaitForAssertion(() => Assert.Contains("Filled in from the file", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("Make a connection of the key", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Field_ListsNamesWithAccounts_AndOffersToMakeOneToAdministratorsOnly()
    {
        Connections.Have("prod");
        var cut = Render<ConnectionField>(p => p.Add(f => f.Value, "prod").Add(f => f.Changed, _ => { }));
        cut.WaitForAssertion(() => Assert.Contains(
            "Account 123456789012, us-west-2, by an access key", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("Make a connection", cut.Markup, StringComparison.Ordinal);

        Who.Actor = new Actor("bob") { Grants = new([new Grant(Role.Engineer)]) };
        var engineers = Render<ConnectionField>(p => p.Add(f => f.Value, null).Add(f => f.Changed, _ => { }));

        Assert.DoesNotContain("Make a connection", engineers.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Draft_NamesTheConnection_ForClusterAndSource_AndNotForFolders()
    {
        var draft = new WarehouseDraft { Name = "music", Connection = "prod", Events = "s3://b/log", Songs = "s3://b/song" };
        draft.Choose(WarehouseTarget.Redshift, simulated: false);
        Assert.Equal(("prod", "prod"), (draft.Request.Redshift!.Connection, ((LocationSource)draft.Request.Source).Connection));

        draft.Choose(WarehouseTarget.Redshift, simulated: true);
        Assert.Equal((null, null), (draft.Request.Redshift!.Connection, ((LocationSource)draft.Request.Source).Connection));

        draft.Choose(WarehouseTarget.Local, simulated: false);
        Assert.Equal("prod", ((LocationSource)draft.Request.Source).Connection);
        (draft.Events, draft.Songs) = ("/data/log", "/data/song");
        Assert.Null(((LocationSource)draft.Request.Source).Connection);
    }

    private void DwhImportOf(out IRenderedComponent<ImportConfig> cut, out List<string> connected)
    {
        List<string> made = [];
        connected = made;
        cut = Render<ImportConfig>(p => p.Add(i => i.OnFound, _ => { }).Add(i => i.OnConnected, made.Add).Add(i => i.MayConnect, true));
        On(cut, ".mud-expand-panel-header", static h => h.Click());
        cut.WaitForElement("#dwh-cfg", Patience);
        cut.Find("#dwh-cfg").Input($"[AWS]\nKEY={Key}\nSECRET={Secret}\n[S3]\nLOG_DATA=s3://b/log\nSONG_DATA=s3://b/song\n");
    }
}
