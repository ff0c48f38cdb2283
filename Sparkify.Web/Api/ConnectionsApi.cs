using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>The ways into AWS that warehouses can name. A secret goes in, and never comes out.</summary>
internal static class ConnectionsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/aws/connections").WithTags("AWS");
        group.MapGet("/", (IAwsConnections connections, CancellationToken ct) => connections.NamesAsync(ct))
            .Is("listAwsConnections", "The AWS connections there are, to choose from");
        group.MapPost("/", AddAsync)
            .Is(
                "createAwsConnection",
                "Make an AWS connection by a profile of this machine, a role to assume, or an access key; kept once AWS has said who it is")
            .Example("""{"name": "analytics", "role": "arn:aws:iam::123456789012:role/sparkify", "region": "eu-central-1"}""");
        group.MapGet("/{name}", (string name, IAwsConnections connections, CancellationToken ct) => connections.GetAsync(name, ct))
            .Is("getAwsConnection", "One AWS connection: who it is in AWS, and what uses it");
        group.MapPut("/{name}", ReplaceAsync)
            .Is("replaceAwsConnection", "Put another way in into the place of a connection's own, once AWS has said who that is")
            .Example("""{"profile": "analytics"}""");
        group.MapPost("/{name}/test", TestAsync).Is("testAwsConnection", "Ask AWS again who a connection is");
        group.MapDelete("/{name}", DeleteAsync).Is("deleteAwsConnection", "Delete an AWS connection that nothing uses");
        api.MapGet("/aws/identity", WhoAmIAsync).WithTags("AWS")
            .Is("getAwsIdentity", "Ask AWS who a connection is, or without one who this machine's own credentials are");
        api.MapGet("/aws/profiles", (IAwsConnections connections, CancellationToken ct) => connections.ProfilesAsync(ct)).WithTags("AWS")
            .Is("listAwsProfiles", "The profiles of this machine's AWS configuration");
    }

    private static async Task<Created<AwsConnection>> AddAsync(
        WantedConnection body, IAwsConnections connections, Actor actor, CancellationToken ct)
    {
        var made = await connections.AddAsync(body.Name ?? "", body.Login, actor, ct);
        return TypedResults.Created($"/api/v1/aws/connections/{made.Name}", made);
    }

    private static Task<AwsConnection> ReplaceAsync(
        string name, NewAwsConnection body, IAwsConnections connections, Actor actor, CancellationToken ct) =>
        connections.ReplaceAsync(name, body, actor, ct);

    private static Task<AwsConnection> TestAsync(string name, IAwsConnections connections, Actor actor, CancellationToken ct) =>
        connections.TestAsync(name, actor, ct);

    private static Task<AwsIdentity> WhoAmIAsync(IAwsConnections connections, CancellationToken ct, string? connection = null) =>
        connections.WhoAmIAsync(connection, ct);

    private static async Task<NoContent> DeleteAsync(string name, IAwsConnections connections, Actor actor, CancellationToken ct)
    {
        await connections.DeleteAsync(name, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>POST /api/v1/aws/connections</c>: a name, and a profile, a role or a key.</summary>
    /// <param name="Name">What warehouses refer to it by.</param>
    /// <param name="Profile">A profile of this machine's AWS configuration.</param>
    /// <param name="Role">The ARN of a role to assume.</param>
    /// <param name="ExternalId">The external id the role asks for.</param>
    /// <param name="On">The connection the role is assumed on; this machine's own credentials when left out.</param>
    /// <param name="AccessKey">The id of an access key.</param>
    /// <param name="SecretKey">Its secret, which is kept encrypted and never given out.</param>
    /// <param name="Region">The region, where a warehouse does not say.</param>
    internal sealed record WantedConnection(
        string? Name, string? Profile = null, string? Role = null, string? ExternalId = null, string? On = null, string? AccessKey = null,
        string? SecretKey = null, string? Region = null)
    {
        internal NewAwsConnection Login => new(Profile, Role, ExternalId, On, AccessKey, SecretKey, Region);

        /// <summary>Never the secret.</summary>
        public override string ToString() => $"{Name} {Login}";
    }
}
