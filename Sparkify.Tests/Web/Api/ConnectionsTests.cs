using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>AWS connections, against an account that knows its keys, as the API and the services see them.</summary>
public sealed class ConnectionsTests : IAsyncLifetime
{
    private const string All = ConnectedApp.All;
    private const string Key = ConnectedApp.Ann, Secret = ConnectedApp.AnnSecret;
    private const string Other = ConnectedApp.Bob, OtherSecret = ConnectedApp.BobSecret;

    private ConnectedApp _bench = null!;

    private TestApp App => _bench.App;

    public async Task InitializeAsync() => _bench = await ConnectedApp.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Key_ThatOpens_IsKeptEncrypted_AndNeverShownAgain()
    {
        var made = await AddAsync(new { name = "prod", accessKey = Key, secretKey = Secret });

        Assert.Equal("123456789012", made.GetProperty("account").GetString());
        Assert.Equal("arn:aws:iam::123456789012:user/ann", made.GetProperty("arn").GetString());
        foreach (var path in (string[])[All, "/api/v1/aws/connections/prod", "/api/v1/audit"])
        {
            Assert.DoesNotContain(Secret, await App.Http.GetStringAsync(path), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Secret, _bench.Logs.All, StringComparison.Ordinal);
        await using var store = NpgsqlDataSource.Create(App.Store);
        await using var row = store.CreateCommand("select secret from aws_connections where name = 'prod'");
        var kept = (string)(await row.ExecuteScalarAsync())!;
        Assert.True(kept.Length > Secret.Length);
        Assert.DoesNotContain(Secret, kept, StringComparison.Ordinal);
        // Moved into another's row it does not open there.
        await using var copy = store.CreateCommand(
            "insert into aws_connections select 'copy', kind, profile, role, external_id, base, access_key, secret, region, account, arn, tested_at, made_at, made_by from aws_connections");
        await copy.ExecuteNonQueryAsync();
        var moved = await RefusedAsync(HttpMethod.Post, "/api/v1/aws/connections/copy/test", null, HttpStatusCode.Forbidden);
        Assert.Contains("was encrypted with keys that are not in this data folder", moved, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AKIANOSUCHKEY0000001", Secret, "does not accept the login of the AWS connection 'prod'")]
    [InlineData(Key, "some/other+secret", "does not accept the login of the AWS connection 'prod'")]
    public async Task Key_ThatOpensNothing_IsRefusedInWords_AndNotKept(string id, string secret, string says)
    {
        var said = await RefusedAsync(
            HttpMethod.Post, All, new { name = "prod", accessKey = id, secretKey = secret }, HttpStatusCode.Forbidden);

        Assert.Contains(says, said, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        Assert.Equal("[]", await App.Http.GetStringAsync(All));
    }

    [Theory]
    [InlineData("""{"name": "Prod", "profile": "default"}""", "no name for a connection")]
    [InlineData("""{"name": "prod"}""", "in one way")]
    [InlineData("""{"name": "prod", "profile": "a", "role": "arn:aws:iam::123456789012:role/x"}""", "in one way")]
    [InlineData("""{"name": "prod", "accessKey": "AKIATESTKEY000000001"}""", "two parts")]
    [InlineData("""{"name": "prod", "accessKey": "ASIATESTKEY000000001", "secretKey": "x"}""", "temporary key")]
    [InlineData("""{"name": "prod", "role": "analytics"}""", "no role's ARN")]
    [InlineData("""{"name": "prod", "profile": "a", "on": "b"}""", "Only a role")]
    [InlineData("""{"name": "prod", "profile": "a", "region": "http://169.254.169.254/"}""", "no AWS region")]
    [InlineData("""{"name": "prod", "profile": "a", "region": "fe80::1"}""", "no AWS region")]
    [InlineData("""{"name": "prod", "role": "arn:aws:iam::123456789012:role/x@169.254.169.254", "region": "169.254.169.254"}""", "no AWS region")]
    [InlineData("""{"name": "prod", "role": "arn:aws:iam::169.254.169.254:role/x"}""", "no role's ARN")]
    [InlineData("""{"name": "prod", "role": "arn:aws:iam::123456789012:role/analytics", "on": "none"}""", "no AWS connection named 'none'")]
    public async Task Login_ThatCannotBe_IsRefusedBeforeAnyCall(string body, string says)
    {
        _bench.Aws.ForgetCalls();

        var said = await RefusedAsync(HttpMethod.Post, All, JsonDocument.Parse(body).RootElement, HttpStatusCode.BadRequest);

        Assert.Contains(says, said, StringComparison.Ordinal);
        Assert.Empty(_bench.Aws.Calls);
    }

    [Fact]
    public async Task Profile_ThatIsNotThere_IsNamed()
    {
        var said = await RefusedAsync(
            HttpMethod.Post, All, new { name = "prod", profile = "no-such-profile-here" }, HttpStatusCode.Forbidden);

        Assert.Contains("There is no AWS profile named 'no-such-profile-here'", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Role_OnAKey_IsAssumed_WhereItsTrustAndExternalIdFit()
    {
        await AddAsync(new { name = "ann", accessKey = Key, secretKey = Secret });
        await AddAsync(new { name = "bob", accessKey = Other, secretKey = OtherSecret });
        var notTrusted = await RefusedAsync(
            HttpMethod.Post, All, new { name = "role", role = _bench.Role, on = "bob", externalId = "x-1" }, HttpStatusCode.Forbidden);
        var noExternal = await RefusedAsync(
            HttpMethod.Post, All, new { name = "role", role = _bench.Role, on = "ann" }, HttpStatusCode.Forbidden);
        var made = await AddAsync(new { name = "role", role = _bench.Role, on = "ann", externalId = "x-1" });

        Assert.Contains("may not assume its role", notTrusted, StringComparison.Ordinal);
        Assert.Contains("external id", noExternal, StringComparison.Ordinal);
        Assert.Equal("arn:aws:sts::123456789012:assumed-role/analytics/sparkify-web", made.GetProperty("arn").GetString());
        var chained = await RefusedAsync(
            HttpMethod.Post, All, new { name = "again", role = _bench.Role, on = "role" }, HttpStatusCode.BadRequest);
        Assert.Contains("assumes a role itself", chained, StringComparison.Ordinal);
        var used = await RefusedAsync(HttpMethod.Delete, "/api/v1/aws/connections/ann", null, HttpStatusCode.Conflict);
        Assert.Contains("is used by connection role", used, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warehouse_OfAConnection_IsReadWithIt_AndKeepsItFromDeletion()
    {
        await AddAsync(new { name = "prod", accessKey = Key, secretKey = Secret });
        var source = new { events = "s3://music/log_data/", songs = "s3://music/song_data/" };
        var unknown = await RefusedAsync(
            HttpMethod.Post, "/api/v1/warehouses", new { name = "none", source, connection = "nope" }, HttpStatusCode.BadRequest);
        var name = TestApp.NewName();
        using var made = await App.Http.PostAsJsonAsync("/api/v1/warehouses", new { name, source, connection = "prod" });

        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        Assert.Equal("prod", (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("connection").GetString());
        Assert.Contains("There is no AWS connection named 'nope'", unknown, StringComparison.Ordinal);
        var used = await RefusedAsync(HttpMethod.Delete, "/api/v1/aws/connections/prod", null, HttpStatusCode.Conflict);
        Assert.Contains($"is used by warehouse {name}", used, StringComparison.Ordinal);

        // What is put into its place counts for a load, too.
        _bench.Aws.RemoveKey(Key);
        var put = await App.Http.PutAsJsonAsync("/api/v1/aws/connections/prod", new { accessKey = Other, secretKey = OtherSecret });
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal(RunState.Succeeded, (await App.RunAsync(name, RunKind.Provision)).State);
        Assert.Equal(RunState.Succeeded, (await App.RunAsync(name, RunKind.Load)).State);
    }

    [Fact]
    public async Task Connection_TheServerItselfSeesToIt_ThatAWarehousesOwnIsThere()
    {
        await using var store = NpgsqlDataSource.Create(App.Store);
        await using var insert = store.CreateCommand(
            """insert into warehouses (name, target, source, max_rejects, created_at, created_by, schema) values ('x', 'local', '{"kind":"locations","Connection":"none"}', 1, now(), 'x', 'dwh')""");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => insert.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, refused.SqlState);
    }

    private Task<JsonElement> AddAsync(object body) => _bench.AddAsync(body);

    private Task<string> RefusedAsync(HttpMethod method, string path, object? body, HttpStatusCode status) =>
        _bench.RefusedAsync(method, path, body, status);
}
