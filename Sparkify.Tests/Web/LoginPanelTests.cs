using Bunit;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Redshift;

namespace Sparkify.Tests.Web;

/// <summary>The login into a cluster that somebody else made.</summary>
public sealed class LoginPanelTests : PageTest
{
    private static readonly Warehouse Theirs = Sample.Warehouse() with
    {
        Target = WarehouseTarget.Redshift,
        Redshift = new RedshiftSettings
        {
            Existing = new ExistingCluster { Host = "dwh.example.com", User = "awsuser" },
            StagingLocation = "s3://ours/",
        },
    };

    [Fact]
    public void Password_Given_IsHandedOn_AndNotShownAgain()
    {
        var cut = Open(Theirs);

        On(cut, "#login-password", static e => e.Input("Passw0rd"));
        Press(cut, "Give the password");

        cut.WaitForAssertion(() => Assert.Equal((Theirs.Name, "Passw0rd"), Assert.Single(Warehouses.Logins)), Patience);
        cut.WaitForAssertion(() => Assert.DoesNotContain("Passw0rd", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void UserAndRole_Changed_AreSaved_AndNothingElse()
    {
        var cut = Open(Theirs);
        Press(cut, "Change the login");

        On(cut, "#login-user", static e => e.Input(" etl "));
        On(cut, "#login-role", static e => e.Input("arn:aws:iam::123456789012:role/dwhRole"));
        cut.WaitForAssertion(() => Assert.Contains("give that of etl then", Words(cut.Find("p.hint")), StringComparison.Ordinal), Patience);
        Press(cut, "Save");

        cut.WaitForAssertion(() => Assert.Contains("Give its password", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(
            Theirs.Redshift! with { Existing = Theirs.Existing! with { User = "etl", Role = "arn:aws:iam::123456789012:role/dwhRole" } },
            Assert.Single(Warehouses.Configured).Settings);
    }

    [Fact]
    public void ChangeCancelled_ChangesNothing()
    {
        var cut = Open(Theirs);
        Press(cut, "Change the login");
        On(cut, "#login-user", static e => e.Input("etl"));
        Press(cut, "Cancel");

        cut.WaitForAssertion(() => Assert.Contains("awsuser", Words(cut.Find("p.hint")), StringComparison.Ordinal), Patience);
        Assert.Empty(Warehouses.Configured);
    }

    [Fact]
    public void Iam_HasNoPasswordToGive()
    {
        var byIam = Theirs.Redshift! with { Existing = Theirs.Existing! with { Login = ClusterLoginKind.Iam } };
        var cut = Open(Theirs with { Redshift = byIam });

        Assert.Empty(cut.FindAll("input"));
        Assert.Contains("none is kept", Words(cut.Find("p.hint")), StringComparison.Ordinal);
    }

    private IRenderedComponent<LoginPanel> Open(Warehouse warehouse)
    {
        Warehouses.Have(warehouse);
        return Render<LoginPanel>(p => p.Add(static l => l.Warehouse, warehouse));
    }
}
