using System.Security.Cryptography;

namespace Sparkify.Simulator;

/// <summary>What an AWS stand-in is like: who may call it, how long things take, how much it allows.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The loopback port to listen on; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>The account everything lives in.</summary>
    public string Account { get; init; } = "123456789012";

    /// <summary>The region callers are told to use; others work too and are separate worlds.</summary>
    public string Region { get; init; } = "us-west-2";

    /// <summary>The access key of the one user there is.</summary>
    public string AccessKey { get; init; } = "SIMULATEDACCESSKEY00";

    /// <summary>That user's secret: it opens nothing but this simulator.</summary>
    public string SecretKey { get; init; } = "simulated/secret/that/opens/only/this/simulator";

    /// <summary>What opens its controls below <c>/_simulator</c>; made up anew at each start unless one is given.</summary>
    public string ControlToken { get; init; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    /// <summary>The clock the state machines follow. Signatures are judged by the machine's own clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long things take.</summary>
    public SimulatorDelays Delays { get; init; } = new();

    /// <summary>How much there may be.</summary>
    public SimulatorQuotas Quotas { get; init; } = new();

    /// <summary>Starts the random numbers that decide which calls of a share misbehave.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where clusters say they answer SQL; none for an invented host and the port asked for.</summary>
    public (string Host, int Port)? SqlEndpoint { get; init; }

    /// <summary>
    /// A PostgreSQL server to stand behind the clusters, as a connection string of a superuser (password or scram): clusters then
    /// answer SQL on loopback, each on a port of its own. None for a control plane only.
    /// </summary>
    public string? SqlBackend { get; init; }

    /// <summary>That superuser's password as it is at each login; none for the one in the connection string.</summary>
    public Func<string>? SqlPassword { get; init; }

    /// <summary>The SQL port of the first cluster, the others count up from it; 0 for any free ones.</summary>
    public int SqlPort { get; init; }

    /// <summary>Buckets whose objects lie in a folder, by name; what is written to them stays in memory.</summary>
    public IReadOnlyDictionary<string, string> Buckets { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A file that keeps the state over restarts; none to keep it in memory only.</summary>
    public string? StateFile { get; init; }

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"SimulatorOptions({Account}, {Region})";
}

/// <summary>How long things take; long enough by default to be watched.</summary>
public sealed record SimulatorDelays
{
    /// <summary>Everything at once.</summary>
    public static SimulatorDelays None { get; } = new()
    {
        Creating = TimeSpan.Zero,
        Deleting = TimeSpan.Zero,
        FinalSnapshot = TimeSpan.Zero,
        Pausing = TimeSpan.Zero,
        Resuming = TimeSpan.Zero,
        RoleSync = TimeSpan.Zero,
        InterfaceLinger = TimeSpan.Zero,
        Modifying = TimeSpan.Zero,
        Resizing = TimeSpan.Zero,
        Rebooting = TimeSpan.Zero,
        Snapshot = TimeSpan.Zero,
    };

    /// <summary>From CreateCluster to <c>available</c>.</summary>
    public TimeSpan Creating { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From DeleteCluster (or the end of the final snapshot) to gone.</summary>
    public TimeSpan Deleting { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a deleted cluster is in <c>final-snapshot</c>.</summary>
    public TimeSpan FinalSnapshot { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>From PauseCluster to <c>paused</c>.</summary>
    public TimeSpan Pausing { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>From ResumeCluster to <c>available</c>.</summary>
    public TimeSpan Resuming { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>From <c>available</c> (or ModifyClusterIamRoles) to a role being <c>in-sync</c>.</summary>
    public TimeSpan RoleSync { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a deleted cluster's network interface still holds its security group.</summary>
    public TimeSpan InterfaceLinger { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>From ModifyCluster to <c>available</c>, unless it changes the size.</summary>
    public TimeSpan Modifying { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From a ModifyCluster that changes the size to <c>available</c>.</summary>
    public TimeSpan Resizing { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From RebootCluster to <c>available</c>.</summary>
    public TimeSpan Rebooting { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>From CreateClusterSnapshot to <c>available</c>, at least: a large database takes longer to be copied.</summary>
    public TimeSpan Snapshot { get; init; } = TimeSpan.FromSeconds(6);
}

/// <summary>How much there may be; small enough for tests to reach.</summary>
public sealed record SimulatorQuotas
{
    /// <summary>Clusters in a region.</summary>
    public int Clusters { get; init; } = 20;

    /// <summary>Nodes over all clusters of a region.</summary>
    public int Nodes { get; init; } = 200;

    /// <summary>Roles in the account.</summary>
    public int Roles { get; init; } = 1000;

    /// <summary>Security groups in a VPC.</summary>
    public int SecurityGroups { get; init; } = 500;

    /// <summary>Rules in a security group.</summary>
    public int RulesPerSecurityGroup { get; init; } = 60;
}
