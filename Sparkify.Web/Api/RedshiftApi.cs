using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Provisioning.Redshift.Existing;
using Sparkify.Core.Provisioning.Redshift.Import;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>
/// What only warehouses on Redshift have: offers, prices, drift, costs, the guard over idle clusters, the import of a <c>dwh.cfg</c>.
/// </summary>
internal static class RedshiftApi
{
    private const int LongestImport = 64 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        var redshift = api.MapGroup("/redshift").WithTags("Redshift");
        redshift.MapGet("/offers", OffersAsync).Is("listOffers", "Node types with prices, networks and regions, read live");
        redshift.MapGet("/price", Price).Is("getPrice", "What a cluster costs per hour, day and month").Refuses(StatusCodes.Status404NotFound);
        redshift.MapPost("/logins/test", TestLoginAsync)
            .Is("testLogin", "Log into an existing cluster and look what is missing, rights and role; nothing stays behind").Example(
                """
                {"name": "music", "target": "redshift", "source": {"events": "s3://bucket/log_data/", "songs": "s3://bucket/song_data/"},
                 "redshift": {"existing": {"host": "dwh.abc123.us-west-2.redshift.amazonaws.com", "database": "dev", "user": "awsuser"}}, "password": "…"}
                """);
        api.MapPost("/imports/dwh-cfg", ImportAsync).WithTags("Redshift").Accepts<string>("text/plain")
            .Is("importConfig", "Read a dwh.cfg: the settings and source it describes, with notes; its AWS key becomes the connection that is named, if one is")
            .Example("\"[DWH]\\nDWH_NODE_TYPE=ra3.xlplus\\nDWH_NUM_NODES=2\\n\"");
        var group = api.MapGroup("/warehouses/{name}").WithTags("Redshift");
        group.MapPut("/login", LoginAsync)
            .Is("giveLogin", "Give the password of the login into an existing cluster, in the place of the one there is").Example("""{"password": "…"}""");
        group.MapGet("/drift", DriftAsync).Is("listDrift", "Every resource, recorded against actual");
        group.MapPost("/drift", ResolveAsync).Is("resolveDrift", "Decide about a resource that has drifted: adopt, recreate or forget")
            .Example("""{"kind": "cluster", "name": "sparkify-music", "choice": "adopt"}""");
        group.MapGet("/teardown", TeardownAsync).Is("previewTeardown", "What a teardown would destroy, and what snapshots cost");
        group.MapGet("/snapshots", SnapshotsAsync)
            .Is("listSnapshots", "The snapshots kept of the warehouse's cluster, the latest first; a provisioning can begin from one");
        group.MapDelete("/snapshots/{snapshot}", DeleteSnapshotAsync)
            .Is("deleteSnapshot", "Delete a kept snapshot, and look that it is gone");
        group.MapGet("/cost", CostAsync).Is("getCost", "What the cluster has cost so far and costs on");
        group.MapGet("/guard", GuardAsync).Is("getGuard", "When the cluster is stopped unless it is used");
        group.MapPost("/guard", KeepAsync).Is("keepCluster", "Keep the cluster for some hours longer").Example("""{"hours": 2}""");
    }

    private static Task<RedshiftOffers> OffersAsync(
        IRedshift redshift, CancellationToken ct, string? region = null, bool simulated = false, string? connection = null) =>
        redshift.OffersAsync(region, simulated, ct, connection);

    private static RedshiftPrice Price(string? nodeType = null, int nodes = 1, string region = "")
    {
        var wanted = new RedshiftSettings { NodeType = nodeType ?? new RedshiftSettings().NodeType, Nodes = nodes };
        return wanted.Problems() is { Count: > 0 } wrong ? throw SparkifyException.Invalid(string.Join(" ", wrong))
            : RedshiftPrices.Of(wanted.NodeType, wanted.Nodes, region) ?? throw SparkifyException.NotFound(
                $"The price of {wanted.NodeType} is not known here. Known are: {string.Join(", ", RedshiftPrices.NodeTypes)}.");
    }

    private static async Task<ImportedConfig> ImportAsync(
        HttpRequest request, IAwsConnections connections, Actor actor, CancellationToken ct, string? connection = null)
    {
        using var reader = new StreamReader(request.Body);
        var text = new char[LongestImport + 1];
        var length = await reader.ReadBlockAsync(text, ct);
        if (length > LongestImport)
        {
            throw new HttpProblem(
                StatusCodes.Status413PayloadTooLarge, $"A dwh.cfg is a small file; this body is longer than {LongestImport / 1024} kB.");
        }

        var found = DwhConfig.Read(new string(text, 0, length));
        if (connection is null)
        {
            return ImportedConfig.Of(found);
        }

        var key = found.Key ?? throw SparkifyException.Invalid(
            "The file holds no AWS key to make a connection of (KEY and SECRET in the section AWS).");
        var made = await connections.AddAsync(
            connection, new NewAwsConnection(AccessKey: key.AccessKey, SecretKey: key.SecretKey, Region: found.Settings.Region), actor, ct);
        return ImportedConfig.Of(found with { Settings = found.Settings with { Connection = made.Name } });
    }

    private static Task<LoginReport> TestLoginAsync(CreateWarehouse body, IExistingClusters clusters, CancellationToken ct) =>
        clusters.TestAsync(body.ToRequest(), ct);

    private static async Task<NoContent> LoginAsync(
        string name, GivenLogin body, IWarehouses warehouses, Actor actor, CancellationToken ct)
    {
        await warehouses.GiveLoginAsync(
            name, new LoginPassword(body.Password ?? throw SparkifyException.Invalid("Say which: {\"password\": \"…\"}.")), actor, ct);
        return TypedResults.NoContent();
    }

    private static Task<IReadOnlyList<ResourceDrift>> DriftAsync(string name, IRedshift redshift, CancellationToken ct) =>
        redshift.DriftAsync(name, ct);

    private static async Task<Results<Accepted<StartedRun>, NoContent>> ResolveAsync(
        string name, DriftDecision body, IRedshift redshift, Actor actor, CancellationToken ct)
    {
        if (body is not { Kind.Length: > 0, Name.Length: > 0, Choice: { } choice })
        {
            throw SparkifyException.Invalid(
                "Say what and how: {\"kind\": \"cluster\", \"name\": \"…\", \"choice\": \"adopt\", \"recreate\" or \"forget\"}.");
        }

        return await redshift.ResolveAsync(name, body.Kind, body.Name, choice, actor, ct) is { } run
            ? TypedResults.Accepted($"/api/v1/runs/{run.Id}", new StartedRun(run.Id, run.State))
            : TypedResults.NoContent();
    }

    private static Task<TeardownPreview> TeardownAsync(string name, IRedshift redshift, CancellationToken ct) =>
        redshift.TeardownPreviewAsync(name, ct);

    private static Task<IReadOnlyList<KeptSnapshot>> SnapshotsAsync(string name, IRedshift redshift, CancellationToken ct) =>
        redshift.SnapshotsAsync(name, ct);

    private static async Task<NoContent> DeleteSnapshotAsync(
        string name, string snapshot, IRedshift redshift, Actor actor, CancellationToken ct)
    {
        await redshift.DeleteSnapshotAsync(name, snapshot, actor, ct);
        return TypedResults.NoContent();
    }

    private static async Task<CostJson> CostAsync(string name, IRedshift redshift, TimeProvider clock, CancellationToken ct)
        => CostJson.Of(await redshift.CostAsync(name, ct), clock.GetUtcNow());

    private static async Task<GuardJson> GuardAsync(string name, IIdleWatch watch, IWarehouses warehouses, CancellationToken ct)
    {
        var warehouse = await warehouses.GetAsync(name, ct);
        var settings = warehouse.Redshift ?? throw SparkifyException.Invalid(
            $"The warehouse '{name}' is local: it costs nothing and nothing guards it.");
        return GuardJson.Of(settings, await watch.JudgeAsync(name, ct));
    }

    private static async Task<GuardJson> KeepAsync(
        string name, KeepLonger body, IIdleWatch watch, IWarehouses warehouses, Actor actor, CancellationToken ct)
    {
        var hours = body.Hours ?? throw SparkifyException.Invalid("Say for how long: {\"hours\": 2}.");
        if (hours is not (> 0 and < 1000))
        {
            throw SparkifyException.Invalid($"A warehouse cannot be kept for {hours} hours longer.");
        }

        await watch.KeepAsync(name, TimeSpan.FromHours(hours), actor, ct);
        return await GuardAsync(name, watch, warehouses, ct);
    }

    /// <summary>The body of <c>POST …/drift</c>.</summary>
    /// <param name="Kind">The resource's kind.</param>
    /// <param name="Name">The resource's name.</param>
    /// <param name="Choice">What to do about it.</param>
    internal sealed record DriftDecision(string? Kind, string? Name, DriftChoice? Choice);

    /// <summary>The body of <c>PUT …/login</c>.</summary>
    /// <param name="Password">The password.</param>
    internal sealed record GivenLogin(string? Password)
    {
        /// <summary>Never the password.</summary>
        public override string ToString() => nameof(GivenLogin);
    }

    /// <summary>The body of <c>POST …/guard</c>.</summary>
    /// <param name="Hours">For how long.</param>
    internal sealed record KeepLonger(double? Hours);
}
