using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Opens a cluster's SQL as its master user. The managed password is read for each try and kept nowhere.</summary>
internal static class ClusterLogin
{
    /// <summary>A connection, after as many tries as a young cluster needs; then a sentence that names the likely cause.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(
        ProvisioningContext context, ClusterInfo cluster, WarehouseEndpoint place, StepContext step, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await OpenOnceAsync(context, cluster, place, "provision", ct);
            }
            catch (Exception e) when (WarehouseFaults.OfTheWay(e))
            {
                if (step.Elapsed > context.Patience.Reachable)
                {
                    throw SparkifyException.Unavailable(
                        $"{await ReasonAsync(context, place, e, ct)} Retry this run when that is mended.", e);
                }

                step.Progress.Message = $"{Short(e)}; tried again for {context.Patience.Reachable.TotalMinutes:0} min";
                await ProvisioningContext.PauseAsync(step, context.Patience.Poll / 3, ct);
            }
        }
    }

    /// <summary>A connection, or what stood in the way of it.</summary>
    /// <param name="context">The warehouse.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="place">Where that answers.</param>
    /// <param name="what">What the connection is for, as the cluster is told.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<NpgsqlConnection> OpenOnceAsync(
        ProvisioningContext context, ClusterInfo cluster, WarehouseEndpoint place, string what, CancellationToken ct)
    {
        var login = await context.Aws.Secrets.GetLoginAsync(Secret(cluster), ct);
        return await LoneConnection.OpenOnceAsync(
            RedshiftConnection.Text(place, login.User, login.Password, what, context.Aws.Simulated), ct);
    }

    /// <summary>Where AWS keeps the master's password; throws a sentence when it does not.</summary>
    public static string Secret(ClusterInfo cluster) => cluster.SecretArn ?? throw SparkifyException.Conflict(
        $"The cluster {cluster.Id} keeps no master password in AWS Secrets Manager: someone set one by hand. Let AWS manage it again, then try again.");

    /// <summary>Whether a failure says that a host's name is not known.</summary>
    public static bool IsUnknownName(Exception e) =>
        e is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData };

    private static string Short(Exception e) => Cause(e) switch
    {
        var cause when IsUnknownName(cause) => "The endpoint's name is not known yet",
        PostgresException => "The login is refused",
        _ => "The endpoint does not answer yet",
    };

    private static async Task<string> ReasonAsync(ProvisioningContext context, WarehouseEndpoint place, Exception e, CancellationToken ct)
    {
        var at = $"{place.Host}:{place.Port}";
        return Cause(e) switch
        {
            var cause when IsUnknownName(cause) =>
                $"The name {place.Host} is not known on this machine. A new endpoint's name takes some minutes to spread; a cluster without a public address is only known inside its network (VPC).",
            PostgresException refused => $"{at} refuses the master user: {refused.MessageText} [{refused.SqlState}].",
            AuthenticationException tls =>
                $"The secure connection to {at} failed: {tls.Message} Something between this machine and AWS may answer in its place, or its clock is wrong.",
            _ when context.Settings.Reach == ClusterReach.Private =>
                $"{at} does not answer. The cluster has no public address, so Sparkify has to run inside its network (VPC), or reach it through a VPN.",
            _ => $"{at} does not answer. Most likely the security group {context.Names.SecurityGroup} does not let this machine in (it lets in {await context.AllowedRangeAsync(ct)} only: "
                + "a VPN or proxy may give SQL another address than the calls to AWS), or the network (VPC) has no way in from outside: no internet gateway, PubliclyAccessible switched off, or VPC Block Public Access on.",
        };
    }

    /// <summary>What of a failure says most.</summary>
    public static Exception Cause(Exception e) =>
        e is PostgresException or SocketException or AuthenticationException || e.InnerException is null ? e : Cause(e.InnerException);
}
