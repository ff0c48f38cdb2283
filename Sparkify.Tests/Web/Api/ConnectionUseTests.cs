using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Provisioning.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>What is done through a warehouse's AWS connection, and what becomes of it when the warehouse is given another.</summary>
public sealed class ConnectionUseTests
{
    private const string AnnArn = "arn:aws:iam::123456789012:user/ann", BobArn = "arn:aws:iam::123456789012:user/bob";

    [Fact]
    public async Task Objects_ThroughARole_AreReadAsTheRole_AndAsNobodyElse()
    {
        await using var bench = await ConnectedApp.StartAsync();
        await bench.AddAsync(new { name = "ann", accessKey = ConnectedApp.Ann, secretKey = ConnectedApp.AnnSecret });
        await bench.AddAsync(new { name = "role", role = bench.Role, on = "ann", externalId = "x-1" });
        var name = TestApp.NewName();
        bench.Aws.ForgetCalls();

        await CreateAsync(bench, new { name, source = ConnectedApp.Source, connection = "role" });
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync(name, RunKind.Provision)).State);
        var load = await bench.App.RunAsync(name, RunKind.Load);

        Assert.True(load.State == RunState.Succeeded, load.Error);
        Assert.Equal(1, (await bench.App.CountsAsync(name))["songplays"]);
        var s3 = bench.Aws.Calls.Where(static c => c.Service == "s3").ToList();
        Assert.Contains(s3, static c => c is { Action: "ListObjectsV2", Status: 200 });
        Assert.Contains(s3, static c => c is { Action: "GetObject", Status: 200 or 206 });
        Assert.All(s3, static c => Assert.Equal("arn:aws:sts::123456789012:assumed-role/analytics/sparkify-web", c.Caller));
        Assert.All(
            bench.Aws.Calls.Where(static c => c.Service == "sts"),
            static c => Assert.Equal(("AssumeRole", AnnArn), (c.Action, c.Caller)));
    }

    [Fact]
    public async Task Cluster_ThroughAConnection_IsMadeAndTakenDown_ByItsCredentialsAlone()
    {
        await using var bench = await ConnectedApp.StartAsync(static b => b.Services.AddSingleton<IClusterRoles, ReadsItsPassword>());
        await bench.AddAsync(new { name = "ann", accessKey = ConnectedApp.Ann, secretKey = ConnectedApp.AnnSecret });
        bench.Aws.ForgetCalls();

        await CreateAsync(bench, new { name = "cloud", target = "redshift", source = ConnectedApp.Source, connection = "ann" });
        var made = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.True(made.State == RunState.Succeeded, made.Error);
        await bench.Http.GetStringAsync("/api/v1/warehouses/cloud/drift");
        Assert.Equal("0 left", (await bench.App.RunAsync("cloud", RunKind.Teardown)).Steps[^1].Message);

        var done = bench.Aws.Calls.Where(static c => c.Status is >= 200 and < 300).Select(static c => c.Action)
            .ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "GetCallerIdentity", "ListObjectsV2", "CreateRole", "PutRolePolicy", "CreateSecurityGroup", "AuthorizeSecurityGroupIngress",
                "CreateCluster", "DescribeClusters", "GetSecretValue", "DeleteCluster", "DeleteSecurityGroup", "DeleteRole", "ListSecrets",
            },
            done);
        Assert.All(bench.Aws.Calls, static c => Assert.Equal(AnnArn, c.Caller));
    }

    [Fact]
    public async Task LocalWarehouse_GivenAnotherConnection_IsReadWithIt_OnceThatWasTried()
    {
        await using var bench = await ConnectedApp.StartAsync();
        await bench.AddBothAsync();
        var name = TestApp.NewName();
        await CreateAsync(bench, new { name, source = ConnectedApp.Source, connection = "ann" });
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync(name, RunKind.Provision)).State);
        var path = $"/api/v1/warehouses/{name}";

        Assert.Contains("There is no AWS connection named 'nope'", await bench.RefusedAsync(
            HttpMethod.Patch, path, new { connection = "nope" }, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        bench.Aws.RemoveKey(ConnectedApp.Bob);
        Assert.Contains("With the connection 'bob' the source cannot be read", await bench.RefusedAsync(
            HttpMethod.Patch, path, new { connection = "bob" }, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal("ann", (await bench.Http.GetFromJsonAsync<JsonElement>(path)).GetProperty("connection").GetString());
        bench.Aws.AddKey(ConnectedApp.Bob, ConnectedApp.BobSecret, user: "bob");
        // Also away from one whose key is lost.
        bench.Aws.RemoveKey(ConnectedApp.Ann);
        bench.Aws.ForgetCalls();
        var moved = await MoveAsync(bench, name, "bob");
        var load = await bench.App.RunAsync(name, RunKind.Load);

        Assert.Equal("bob", moved.GetProperty("connection").GetString());
        Assert.True(load.State == RunState.Succeeded, load.Error);
        Assert.Contains(bench.Aws.Calls, static c => c.Action == "GetObject");
        Assert.All(bench.Aws.Calls, static c => Assert.Equal(BobArn, c.Caller));
        var audit = await bench.Http.GetStringAsync("/api/v1/audit");
        Assert.Contains("warehouses.connect", audit, StringComparison.Ordinal);
        Assert.Contains("connection: bob", audit, StringComparison.Ordinal);
        using var deleted = await bench.Http.DeleteAsync($"{ConnectedApp.All}/ann");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Cluster_GivenAnotherConnection_OfItsAccount_IsTakenDownThroughThat_AndIntoAnotherAccountItIsNotMoved()
    {
        await using var bench = await ConnectedApp.StartAsync(static b => b.Services.AddSingleton<IClusterRoles, ReadsItsPassword>());
        await bench.AddBothAsync();
        await bench.AddAsync(new { name = "far", accessKey = ConnectedApp.Bob, secretKey = ConnectedApp.BobSecret });
        await using (var store = NpgsqlDataSource.Create(bench.App.Store))
        await using (var elsewhere = store.CreateCommand("update aws_connections set account = '999999999999' where name = 'far'"))
        {
            Assert.Equal(1, await elsewhere.ExecuteNonQueryAsync());
        }

        await CreateAsync(bench, new { name = "cloud", target = "redshift", source = ConnectedApp.Source, connection = "ann" });
        Assert.Equal("far", (await MoveAsync(bench, "cloud", "far")).GetProperty("connection").GetString()); // it owns nothing yet
        await MoveAsync(bench, "cloud", "ann");
        var made = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.True(made.State == RunState.Succeeded, made.Error);

        foreach (var body in (object[])[new { connection = "far" }, new { redshift = new { connection = "far" } }])
        {
            var said = await bench.RefusedAsync(HttpMethod.Patch, "/api/v1/warehouses/cloud", body, HttpStatusCode.Conflict);
            Assert.Contains("owns resources in the account 123456789012", said, StringComparison.Ordinal);
            Assert.Contains("'far' would lead into the account 999999999999", said, StringComparison.Ordinal);
        }

        var moved = await MoveAsync(bench, "cloud", "bob");
        Assert.Equal("bob", moved.GetProperty("redshift").GetProperty("connection").GetString());
        Assert.Equal("bob", moved.GetProperty("source").GetProperty("connection").GetString());
        bench.Aws.ForgetCalls();
        Assert.Equal("0 left", (await bench.App.RunAsync("cloud", RunKind.Teardown)).Steps[^1].Message);
        Assert.Contains(bench.Aws.Calls, static c => c is { Action: "DeleteCluster", Status: 200 });
        Assert.All(bench.Aws.Calls, static c => Assert.Equal(BobArn, c.Caller));
    }

    [Theory]
    [InlineData(
        """{"connection": "bob"}""",
        "insert into runs (warehouse, kind, actor, created_at, revision) values ('cloud', 'provision', 'eve', now(), 1)",
        "A run of the warehouse 'cloud' is active")]
    [InlineData(
        """{"connection": "bob"}""",
        "update warehouses set redshift = jsonb_set(redshift::jsonb, '{Nodes}', '3')::json",
        "or the connection was changed meanwhile")]
    [InlineData(
        """{"connection": "bob"}""",
        "update warehouses set source = jsonb_set(source::jsonb, '{Songs}', '\"s3://music/more/\"')::json",
        "or the connection was changed meanwhile")]
    [InlineData(
        """{"connection": "bob"}""",
        "insert into resources (warehouse, kind, name, journaled_at) values ('cloud', 'IAM role', 'adopted', now())",
        "or the connection was changed meanwhile")]
    [InlineData(
        """{"redshift": {"idleLimit": "04:00:00"}}""",
        "update warehouses set redshift = jsonb_set(redshift::jsonb, '{Nodes}', '3')::json",
        "cluster settings of 'cloud' were changed meanwhile")]
    public async Task Warehouse_ChangedWhileItIsBeingChanged_StaysAsTheFirstMadeIt(string body, string meanwhile, string says)
    {
        await using var bench = await ConnectedApp.StartAsync();
        await bench.AddBothAsync();
        await CreateAsync(bench, new { name = "cloud", target = "redshift", source = ConnectedApp.Source, connection = "ann" });
        await using var store = NpgsqlDataSource.Create(bench.App.Store);
        await using var first = await store.OpenConnectionAsync();
        await using var transaction = await first.BeginTransactionAsync();
        await first.ExecuteAsync("select 1 from warehouses for update");

        var second = bench.RefusedAsync(
            HttpMethod.Patch, "/api/v1/warehouses/cloud", JsonSerializer.Deserialize<JsonElement>(body), HttpStatusCode.Conflict);
        // Everything was tried and found good: only writing is left. Over another session: within a transaction activity stands still.
        await using var look = await store.OpenConnectionAsync();
        await Eventually.BecomesAsync(
            async () => await look.ExecuteScalarAsync<long>(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%warehouses%'"),
            static waiting => waiting == 1);
        Assert.Equal(1, await first.ExecuteAsync(meanwhile));
        var kept = await KeptAsync(first);
        await transaction.CommitAsync();

        Assert.Contains(says, await second, StringComparison.Ordinal);
        Assert.Equal(kept, await KeptAsync(first));
        Assert.Equal("ann", kept.Connection);
    }

    [Fact]
    public async Task Cluster_IsInTheAccountItWasMadeIn_WhateverThisMachinesCredentialsAreNow()
    {
        await using var bench = await ConnectedApp.StartAsync(static b => b.Services.AddSingleton<IClusterRoles, ReadsItsPassword>());
        await bench.AddBothAsync();
        await CreateAsync(bench, new { name = "cloud", target = "redshift", source = ConnectedApp.Source, connection = "ann" });
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Provision)).State);
        await using var store = NpgsqlDataSource.Create(bench.App.Store);
        await using var db = await store.OpenConnectionAsync();
        // As if made with this machine's own credentials, of which there are none (any more).
        await db.ExecuteAsync(
            """
            update warehouses set redshift = (redshift::jsonb - 'Connection')::json, source = (source::jsonb - 'Connection')::json;
            update warehouses set account = '999999999999';
            """);
        Assert.Null((await KeptAsync(db)).Connection);

        var elsewhere = await bench.RefusedAsync(
            HttpMethod.Patch, "/api/v1/warehouses/cloud", new { connection = "bob" }, HttpStatusCode.Conflict);
        await db.ExecuteAsync("update warehouses set account = '123456789012'");
        var moved = await MoveAsync(bench, "cloud", "bob");

        Assert.Contains(
            "owns resources in the account 999999999999, and the connection 'bob' would lead into the account 123456789012", elsewhere,
            StringComparison.Ordinal);
        Assert.Equal("bob", moved.GetProperty("connection").GetString());
        Assert.Equal("0 left", (await bench.App.RunAsync("cloud", RunKind.Teardown)).Steps[^1].Message);
    }

    [Fact]
    public async Task Cluster_GivenAConnectionAmongItsSettings_IsConnectedByTheTrailToo()
    {
        await using var bench = await ConnectedApp.StartAsync();
        await bench.AddBothAsync();
        await CreateAsync(bench, new { name = "cloud", target = "redshift", source = ConnectedApp.Source, connection = "ann" });

        var alone = await PatchAsync(bench, "cloud", new { redshift = new { connection = "bob" } });
        Assert.Equal("bob", alone.GetProperty("connection").GetString());
        Assert.Equal(["name: cloud, connection: bob"], await TrailAsync("warehouses.connect"));
        Assert.Empty(await TrailAsync("warehouses.reconfigure"));
        var both = await PatchAsync(bench, "cloud", new { connection = "ann", redshift = new { idleLimit = "04:00:00" } });
        Assert.Equal("ann", both.GetProperty("connection").GetString());
        Assert.Equal("ann", both.GetProperty("source").GetProperty("connection").GetString());
        Assert.Equal("04:00:00", both.GetProperty("redshift").GetProperty("idleLimit").GetString());
        Assert.Equal(["name: cloud, connection: ann", "name: cloud, connection: bob"], await TrailAsync("warehouses.connect"));
        Assert.Single(await TrailAsync("warehouses.reconfigure"));

        // Settings that cannot be: neither part is done.
        await bench.RefusedAsync(
            HttpMethod.Patch, "/api/v1/warehouses/cloud",
            new { connection = "bob", redshift = new { nodes = 0 } }, HttpStatusCode.BadRequest);
        var warehouses = bench.App.Services.GetRequiredService<IWarehouses>();
        var now = await warehouses.GetAsync("cloud", default);
        Assert.Equal("ann", now.Connection);
        var refused = await Assert.ThrowsAsync<SparkifyException>(
            () => warehouses.ReconfigureAsync("cloud", now.Redshift! with { Connection = "bob" }, Actor.System, default));
        Assert.Contains("is reached through the connection 'ann', and these settings name the connection 'bob'", refused.Message, StringComparison.Ordinal);

        async Task<List<string?>> TrailAsync(string what) =>
            [.. (await bench.App.Services.GetRequiredService<IAuditTrail>().ListAsync(new AuditFilter(), 1, 100, default)).Items
                .Where(l => l.What == what && l.Outcome == AuditOutcome.Done).Select(static l => l.Detail).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Warehouse_WithNothingInAws_TakesNoConnection()
    {
        await using var bench = await ConnectedApp.StartAsync();
        await bench.AddBothAsync();
        var name = TestApp.NewName();
        await CreateAsync(bench, new { name, source = new { sample = new { days = 1, events = 60, songs = 10 } } });

        var said = await bench.RefusedAsync(
            HttpMethod.Patch, $"/api/v1/warehouses/{name}", new { connection = "ann" }, HttpStatusCode.BadRequest);

        Assert.Contains($"Nothing of the warehouse '{name}' is in AWS: it needs no connection.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identity_OfAConnection_IsWhatAwsSaysOfIt()
    {
        await using var bench = await ConnectedApp.StartAsync();
        await bench.AddBothAsync();

        var me = await bench.Http.GetFromJsonAsync<JsonElement>("/api/v1/aws/identity?connection=bob");
        bench.Aws.RemoveKey(ConnectedApp.Bob);
        var gone = await bench.RefusedAsync(HttpMethod.Get, "/api/v1/aws/identity?connection=bob", null, HttpStatusCode.Forbidden);

        Assert.Equal(("123456789012", BobArn), (me.GetProperty("account").GetString(), me.GetProperty("arn").GetString()));
        Assert.Contains("does not accept the login of the AWS connection 'bob'", gone, StringComparison.Ordinal);
    }

    private static async Task CreateAsync(ConnectedApp bench, object body)
    {
        using var made = await bench.Http.PostAsJsonAsync("/api/v1/warehouses", body);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
    }

    private static Task<(string Redshift, string Source, string? Connection)> KeptAsync(NpgsqlConnection db) =>
        db.QuerySingleAsync<(string, string, string?)>("select redshift::text, source::text, connection from warehouses where name = 'cloud'");

    private static Task<JsonElement> MoveAsync(ConnectedApp bench, string name, string connection) =>
        PatchAsync(bench, name, new { connection });

    private static async Task<JsonElement> PatchAsync(ConnectedApp bench, string name, object body)
    {
        using var moved = await bench.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", body);
        Assert.True(moved.IsSuccessStatusCode, await moved.Content.ReadAsStringAsync());
        return await moved.Content.ReadFromJsonAsync<JsonElement>();
    }
}
