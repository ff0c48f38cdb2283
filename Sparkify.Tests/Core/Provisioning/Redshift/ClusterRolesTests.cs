using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>Every statement that provisioning sends to a cluster.</summary>
public sealed class ClusterRolesTests
{
    [Fact]
    public void Statements_AreThese_OneToACommand()
    {
        Assert.Equal(
            [
                "create schema if not exists dwh authorization \"sparkify_my_music_loader\"",
                "create schema if not exists dwh_build authorization \"sparkify_my_music_loader\"",
                "alter schema dwh owner to \"sparkify_my_music_loader\"",
                "alter schema dwh_build owner to \"sparkify_my_music_loader\"",
                "revoke all on schema dwh from public",
                "revoke all on schema dwh_build from public",
                "grant create, temporary on database \"dev\" to \"sparkify_my_music_loader\"",
                "grant usage on schema dwh to \"sparkify_my_music_reporter\"",
                "grant select on all tables in schema dwh to \"sparkify_my_music_reporter\"",
                "alter default privileges for user \"sparkify_my_music_loader\" in schema dwh grant select on tables to \"sparkify_my_music_reporter\"",
            ],
            ClusterRoles.Statements(new LocalNames("my-music"), WarehouseSchemas.Default, "dev"));
    }

    [Fact]
    public void User_ItsPasswordIsSentAsAHash()
    {
        // The MD5 of "secretann", as PostgreSQL and Redshift have it: the password, then the user.
        Assert.Equal("create user \"ann\" password 'md59d792a3a8853c2411afb9163d088c036'", ClusterUsers.UserStatement(
            "ann", "secret", exists: false));
        Assert.Equal(
            "alter user \"ann\" password 'md59d792a3a8853c2411afb9163d088c036'", ClusterUsers.UserStatement("ann", "secret", exists: true));
    }
}
