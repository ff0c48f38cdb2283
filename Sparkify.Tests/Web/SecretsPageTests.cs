using Bunit;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Settings;
using Sparkify.Web.Features.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

/// <summary>New keys and passwords, from the pages.</summary>
public sealed class SecretsPageTests : PageTest
{
    [Fact]
    public void Secrets_EachIsRenewedOnRequest_AndTheOutcomeIsSaid()
    {
        Connections.Have("prod", AwsConnectionKind.Key);
        Passwords.Renewed = new([5, 6], ["paused"]);
        var cut = Render<SecretsPage>();

        Press(cut, "Re-encrypt with a new key");
        Says(cut, "1 secret re-encrypted with a new key.");
        Press(cut, "Rotate the key");
        Says(cut, "There is a new key, and 2 warehouses are being provisioned with new passwords.");
        Press(cut, "Rotate the password");
        Says(cut, "The account has a new password.");

        Assert.All(
            [Connections.KeySince, Passwords.KeySince, Passwords.PasswordSince!.Value],
            static at => Assert.NotEqual(DateTimeOffset.UnixEpoch, at));
    }

    [Fact]
    public void Secrets_OfAServerOfOnesOwn_SayWhereItsPasswordIsChanged()
    {
        Passwords.PasswordSince = null;

        var cut = Render<SecretsPage>();

        Assert.Contains("ConnectionStrings:Sparkify", cut.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(cut.FindAll("button"), static b => b.TextContent.Trim() == "Rotate the password");
    }

    [Fact]
    public void Resources_OfACluster_OfferANewMasterPassword_AndOfALocalWarehouseNone()
    {
        Warehouses.Have(Sample.Warehouse("local"));
        Warehouses.Have(Sample.Warehouse() with { Target = WarehouseTarget.Redshift, Redshift = new RedshiftSettings() });
        var cut = Render<WarehouseScreen>(p => p.Add(w => w.Name, "music").Add(w => w.Tab, WarehouseTab.Resources));

        Press(cut, "Rotate it");

        Says(cut, "AWS has been asked for a new master password.");
        Assert.Equal(["music"], Redshift.Rotated);
        var local = Render<WarehouseScreen>(p => p.Add(w => w.Name, "local").Add(w => w.Tab, WarehouseTab.Resources));
        local.WaitForAssertion(() => Assert.Contains("Rotate passwords", local.Markup, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("Rotate it", local.Markup, StringComparison.Ordinal);
    }

    private static void Says<T>(IRenderedComponent<T> cut, string text)
        where T : Microsoft.AspNetCore.Components.IComponent =>
        cut.WaitForAssertion(() => Assert.Contains(cut.FindAll("[role=status]"), s => Words(s) == text), Patience);
}
