using AngleSharp.Dom;
using Bunit;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Connections;
using Sparkify.Web.Features.Settings;
using Sparkify.Web.Features.Warehouses;
using Sparkify.Web.Features.Wizard;
using Sparkify.Web.Shared;

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
        On(cut, "#connection-name", static e => e.Input("prod"));
        On(cut, "#connection-key", e => e.Input(Key));
        On(cut, "#connection-secret", e => e.Change(Secret));

        Press(cut, "Test and save");

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

        Press(cut, "Test and save");

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
        Press(cut, "Create a connection from this key");
        cut.WaitForElement("#connection-name", Patience);
        Assert.DoesNotContain(Secret, cut.Markup, StringComparison.Ordinal);
        Press(cut, "Test and save");

        cut.WaitForAssertion(() => Assert.Equal(["dwh"], connected), Patience);
        Assert.Equal(Secret, Connections.Asked["dwh"].SecretKey);
        Assert.DoesNotContain("Create a connection from this key", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_ByAnEngineer_OffersNoConnection()
    {
        Who.Actor = new Actor("bob") { Grants = new([new Grant(Role.Engineer)]) };
        DwhImportOf(out var cut, out _);

        Press(cut, "Fill in the wizard");

        cut.WaitForAssertion(() => Assert.Contains("Filled in from the file", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("Create a connection from this key", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Field_ListsNamesWithAccounts_AndOffersToMakeOneToAdministratorsOnly()
    {
        Connections.Have("prod");
        var cut = Render<ConnectionField>(p => p.Add(f => f.Value, "prod").Add(f => f.Changed, _ => { }));
        cut.WaitForAssertion(() => Assert.Contains(
            "Account 123456789012, us-west-2, with an access key", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("New connection", cut.Markup, StringComparison.Ordinal);

        Who.Actor = new Actor("bob") { Grants = new([new Grant(Role.Engineer)]) };
        var engineers = Render<ConnectionField>(p => p.Add(f => f.Value, null).Add(f => f.Changed, _ => { }));

        Assert.DoesNotContain("New connection", engineers.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_OfAWarehouse_TestsAndChangesItsConnection()
    {
        Connections.Have("prod");
        Connections.Have("other");
        Warehouses.Have(OnS3("prod"));
        var cut = Render<WarehouseScreen>(p => p.Add(w => w.Name, "music").Add(w => w.Tab, WarehouseTab.Source));
        cut.WaitForAssertion(() => Assert.Equal("prod", cut.Find("[data-testid=connection]").TextContent), Patience);

        Press(cut, "Test");
        cut.WaitForAssertion(() => Assert.Contains("arn:aws:iam::123456789012:user/prod", cut.Markup, StringComparison.Ordinal), Patience);
        Press(cut, "Change");
        cut.WaitForAssertion(() => Assert.True(Button("Use this connection").HasAttribute("disabled")), Patience);
        Assert.DoesNotContain("user/prod", cut.Markup, StringComparison.Ordinal); // it may no longer be the one that is chosen
        Choose("other, account 123456789012");
        Press(cut, "Test");
        cut.WaitForAssertion(() => Assert.Contains("arn:aws:iam::123456789012:user/other", cut.Markup, StringComparison.Ordinal), Patience);
        Press(cut, "Use this connection");

        cut.WaitForAssertion(() => Assert.Equal("other", cut.Find("[data-testid=connection]").TextContent), Patience);
        Press(cut, "Change");
        Choose(ConnectionField.Own);
        Warehouses.ConnectProblem = "It leads into another account.";
        Press(cut, "Use this connection");
        cut.WaitForAssertion(() => Assert.Contains("It leads into another account.", cut.Markup, StringComparison.Ordinal), Patience);
        Warehouses.ConnectProblem = null;
        Press(cut, "Use this connection");
        cut.WaitForAssertion(() => Assert.Equal(ConnectionField.Own, cut.Find("[data-testid=connection]").TextContent), Patience);

        IElement Button(string text) => cut.FindAll("button").First(b => b.TextContent.Trim() == text);

        void Choose(string text)
        {
            On(cut, ".mud-select .mud-input-control", static s => s.MouseDown());
            On(Popovers, ".mud-list-item", static i => i.Click(), text);
        }
    }

    [Fact]
    public void Panel_IsThereForWhatIsInAwsOnly_AndOperatorsReadIt()
    {
        Who.Actor = new Actor("bob") { Grants = new([new Grant(Role.Operator)]) };
        Warehouses.Have(OnS3("prod"));
        Warehouses.Have(Sample.Warehouse("folders"));
        Warehouses.Have(OnS3(null) with
        {
            Name = "toy",
            Target = WarehouseTarget.Redshift,
            Redshift = new RedshiftSettings { Simulated = true },
            Source = new LocationSource("s3://b/log", "s3://b/song", Simulated: true),
        });

        var cut = Render<WarehouseScreen>(p => p.Add(w => w.Name, "music").Add(w => w.Tab, WarehouseTab.Source));
        cut.WaitForAssertion(() => Assert.Equal("prod", cut.Find("[data-testid=connection]").TextContent), Patience);
        Assert.DoesNotContain(cut.FindAll("button"), static b => b.TextContent.Trim() is "Change" or "Test");
        foreach (var name in (string[])["folders", "toy"])
        {
            var other = Render<WarehouseScreen>(p => p.Add(w => w.Name, name).Add(w => w.Tab, WarehouseTab.Source));
            other.WaitForElement("nav[aria-label='Parts of the source']", Patience);
            Assert.Empty(other.FindAll("[data-testid=connection]"));
        }
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

    private static Warehouse OnS3(string? connection) =>
        Sample.Warehouse() with { Source = new LocationSource("s3://b/log", "s3://b/song", Connection: connection) };

    private void DwhImportOf(out IRenderedComponent<ImportConfig> cut, out List<string> connected)
    {
        List<string> made = [];
        connected = made;
        cut = Render<ImportConfig>(p => p.Add(i => i.OnFound, _ => { }).Add(i => i.OnConnected, made.Add).Add(i => i.MayConnect, true));
        On(cut, ".mud-expand-panel-header", static h => h.Click());
        cut.WaitForElement("#dwh-cfg", Patience);
        On(cut, "#dwh-cfg", e => e.Input($"[AWS]\nKEY={Key}\nSECRET={Secret}\n[S3]\nLOG_DATA=s3://b/log\nSONG_DATA=s3://b/song\n"));
    }
}
