using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>Temporary passwords: whose they are, what they open, and when they end.</summary>
public sealed class SqlCredentialsTests
{
    private const string Trust = """{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}""";

    [Fact]
    public async Task They_open_the_database_until_they_expire_and_several_hold_at_once()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 23, 0, 0, TimeSpan.Zero));
        await using var bench = await SqlBench.StartAsync(o => o with { Clock = clock });
        using var door = new QueryDoor(bench.Server);
        await bench.RunAsync("create user analyst password 'Analyst1pass'");

        var first = await AskAsync(door, ("DbUser", "analyst"));
        var second = await AskAsync(door, ("DbUser", "analyst"), ("DurationSeconds", 3600), ("DbName", "dev"));

        Assert.Equal(("IAM:analyst", clock.GetUtcNow().AddSeconds(900)), (first.User, first.Until));
        Assert.Equal(("IAM:analyst", clock.GetUtcNow().AddSeconds(3600)), (second.User, second.Until));
        Assert.NotEqual(first.Password, second.Password);
        Assert.Equal("analyst", await WhoAsync(bench, first));
        Assert.Equal("analyst", await WhoAsync(bench, second));
        clock.Advance(TimeSpan.FromSeconds(900));
        Assert.Equal("28000", await StateAsync(bench, first));
        Assert.Equal("analyst", await WhoAsync(bench, second));
        clock.Advance(TimeSpan.FromSeconds(2700));
        Assert.Equal("28000", await StateAsync(bench, second));
    }

    [Fact]
    public async Task A_user_who_is_not_there_is_made_only_when_that_was_asked_for()
    {
        await using var bench = await SqlBench.StartAsync();
        using var door = new QueryDoor(bench.Server);
        Assert.Equal("28000", await StateAsync(bench, await AskAsync(door, ("DbUser", "newcomer"))));
        Assert.Equal(["admin"], await bench.RowsAsync("select usename from pg_user"));

        var made = await AskAsync(door, ("DbUser", "newcomer"), ("AutoCreate", "true"));
        Assert.Equal("IAMA:newcomer", made.User);
        var both = await Task.WhenAll(WhoAsync(bench, made), WhoAsync(bench, made));
        Assert.Equal(["newcomer", "newcomer"], both);
        Assert.Equal(["admin", "newcomer"], await bench.RowsAsync("select usename from pg_user order by 1"));
        // It has no password of its own, and the temporary one is of the name it was given for.
        Assert.Equal("28000", await StateAsync(bench, made with { User = "newcomer" }));
        Assert.Equal("28000", await StateAsync(bench, made with { User = "IAM:newcomer" }));
    }

    [Fact]
    public async Task Groups_are_the_sessions_own()
    {
        await using var bench = await SqlBench.StartAsync();
        using var door = new QueryDoor(bench.Server);
        await bench.RunAsync("create group readers");
        await bench.RunAsync("create table t as select 42 as answer");
        await bench.RunAsync("grant select on t to group readers");
        const string Members = "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname like '%newcomer'";
        var plain = await AskAsync(door, ("DbUser", "newcomer"), ("AutoCreate", "true"));
        var grouped = await AskAsync(door, ("DbUser", "newcomer"), ("AutoCreate", "true"), ("DbGroups.DbGroup.1", "readers"));
        Assert.Equal("newcomer", await WhoAsync(bench, plain));
        await using (var source = Source(bench, grouped))
        await using (var connection = await source.OpenConnectionAsync())
        {
            await using var command = new NpgsqlCommand("select answer from t", connection);
            Assert.Equal(42, await command.ExecuteScalarAsync());
            Assert.Equal(1L, await BehindAsync(bench, Members));
        }

        await Eventually.BecomesAsync(() => BehindAsync(bench, Members), left => left == 0L);
        var error = await Assert.ThrowsAsync<PostgresException>(async () =>
            await WhoAsync(bench, await AskAsync(door, ("DbUser", "newcomer"), ("DbGroups.DbGroup.1", "nobody"))));
        Assert.Equal(("42704", "group \"nobody\" does not exist"), (error.SqlState, error.MessageText));
    }

    [Fact]
    public async Task The_callers_own_name_is_a_user_as_well_and_a_roles()
    {
        await using var bench = await SqlBench.StartAsync();
        using var door = new QueryDoor(bench.Server);
        var mine = await OwnAsync(door);
        Assert.Equal(("IAM:engineer", "IAM:engineer"), (mine.User, await WhoAsync(bench, mine)));

        using (var iam = new QueryDoor(bench.Server, "iam"))
        using (var sts = new QueryDoor(bench.Server, "sts"))
        {
            await iam.CallAsync("CreateRole", ("RoleName", "analysts"), ("AssumeRolePolicyDocument", Trust));
            var keys = await sts.CallAsync(
                "AssumeRole", ("RoleArn", "arn:aws:iam::123456789012:role/analysts"), ("RoleSessionName", "monday"));
            using var assumed = new QueryDoor(bench.Server, key: (
                Text(keys, "AccessKeyId"), Text(keys, "SecretAccessKey"), Text(keys, "SessionToken")));
            var role = await OwnAsync(assumed);
            Assert.Equal(("IAMR:analysts", "IAMR:analysts"), (role.User, await WhoAsync(bench, role)));
        }

        Assert.Equal(["IAM:engineer", "IAMR:analysts", "admin"], await bench.RowsAsync("select usename from pg_user order by 1"));
    }

    [Fact]
    public async Task What_is_no_user_group_time_or_cluster_is_refused_and_another_database_is_not_opened()
    {
        await using var bench = await SqlBench.StartAsync();
        using var door = new QueryDoor(bench.Server);
        (string, object) cluster = ("ClusterIdentifier", "c");
        Assert.Equal((404, "ClusterNotFound", "Cluster none not found."), await door.RefusedAsync(
            "GetClusterCredentials", ("ClusterIdentifier", "none"), ("DbUser", "admin")));
        Assert.Equal("MissingParameter", (await door.RefusedAsync("GetClusterCredentials", cluster)).Code);
        foreach (var user in (string[])["PUBLIC", "1st", "a:b", "a/b", new string('a', 65)])
        {
            Assert.Equal("InvalidParameterValue", (await door.RefusedAsync("GetClusterCredentials", cluster, ("DbUser", user))).Code);
        }

        Assert.Equal("InvalidParameterValue", (await door.RefusedAsync(
            "GetClusterCredentials", cluster, ("DbUser", "admin"), ("DbGroups.DbGroup.1", "Upper"))).Code);
        Assert.Equal("InvalidParameterValue", (await door.RefusedAsync(
            "GetClusterCredentialsWithIAM", cluster, ("DurationSeconds", 899))).Code);
        Assert.Equal("28000", await StateAsync(bench, await AskAsync(door, ("DbUser", "admin"), ("DbName", "other"))));
    }

    private static async Task<Login> AskAsync(QueryDoor door, params (string, object)[] parameters) =>
        Read(await door.CallAsync("GetClusterCredentials", [("ClusterIdentifier", "c"), .. parameters]));

    private static async Task<Login> OwnAsync(QueryDoor door) =>
        Read(await door.CallAsync("GetClusterCredentialsWithIAM", ("ClusterIdentifier", "c")));

    private static Login Read(System.Xml.Linq.XElement answer) => new(Text(answer, "DbUser"), Text(answer, "DbPassword"),
        DateTimeOffset.Parse(Text(answer, "Expiration"), CultureInfo.InvariantCulture));

    private static string Text(System.Xml.Linq.XElement answer, string name) => answer.Descendants(name).Single().Value;

    private static NpgsqlDataSource Source(SqlBench bench, Login login) =>
        NpgsqlDataSource.Create(SqlBench.ConnectionString(bench.Port, login.User, login.Password) + ";Pooling=false");

    private static async Task<string> WhoAsync(SqlBench bench, Login login)
    {
        await using var source = Source(bench, login);
        return (string)(await SqlBench.ScalarAsync(source, "select current_user"))!;
    }

    private static async Task<string> StateAsync(SqlBench bench, Login login) =>
        (await Assert.ThrowsAsync<PostgresException>(() => WhoAsync(bench, login))).SqlState;

    private static async Task<long> BehindAsync(SqlBench bench, string sql)
    {
        await using var server = NpgsqlDataSource.Create(bench.Server.Options.SqlBackend!);
        return (long)(await SqlBench.ScalarAsync(server, sql))!;
    }

    private sealed record Login(string User, string Password, DateTimeOffset Until);
}
