namespace Sparkify.Simulator.State;

/// <summary>A cluster and the changes it has before it. Time moves it: every look settles what is due.</summary>
internal sealed class Cluster
{
    private (DateTimeOffset At, Action<DateTimeOffset> Apply)? _change;
    private int _looksSinceAvailable;

    public required string Id { get; init; }

    public required string NodeType { get; init; }

    public required string ClusterType { get; init; }

    public required int Nodes { get; init; }

    public required string MasterUsername { get; init; }

    public required string Database { get; init; }

    public required int Port { get; init; }

    public required bool PubliclyAccessible { get; init; }

    public required string VpcId { get; init; }

    public required string Zone { get; init; }

    public required string SubnetGroup { get; init; }

    public required IReadOnlyList<string> SecurityGroups { get; set; }

    public required int SnapshotRetention { get; init; }

    public required (string Host, int Port) Endpoint { get; init; }

    public required string NamespaceArn { get; init; }

    /// <summary>Names its database and roles on the server behind; no two clusters ever share one.</summary>
    public string Key => NamespaceArn[^12..];

    public required Dictionary<string, string> Tags { get; init; }

    public Secret? Secret { get; init; }

    /// <summary>The master's password, when it is not a managed one.</summary>
    public string? MasterPassword { get; init; }

    public List<AttachedRole> Roles { get; } = [];

    public string Status { get; private set; } = "creating";

    public string Availability { get; private set; } = "Modifying";

    /// <summary>When it became available for the first time; none before.</summary>
    public DateTimeOffset? CreatedAt { get; private set; }

    /// <summary>When it was gone.</summary>
    public DateTimeOffset? GoneAt { get; private set; }

    public bool IsBusy => _change is not null;

    /// <summary>When its next change of state is due; none when it rests.</summary>
    public DateTimeOffset? DueAt => _change?.At;

    public void Settle(DateTimeOffset now)
    {
        while (_change is { } change && change.At <= now)
        {
            _change = null;
            change.Apply(change.At);
        }

        Roles.RemoveAll(r => r.Leaving && r.SettledAt <= now);
    }

    public void BeginCreating(DateTimeOffset now, SimulatorDelays delays) => Later(now + delays.Creating, at =>
    {
        CreatedAt = at;
        BecomeAvailable();
        foreach (var role in Roles)
        {
            role.SettledAt = at + delays.RoleSync;
        }
    });

    public void BeginPausing(DateTimeOffset now, SimulatorDelays delays)
    {
        (Status, Availability) = ("pausing", "Modifying");
        Later(now + delays.Pausing, _ => (Status, Availability) = ("paused", "Unavailable"));
    }

    public void BeginResuming(DateTimeOffset now, SimulatorDelays delays)
    {
        (Status, Availability) = ("resuming", "Modifying");
        Later(now + delays.Resuming, _ => BecomeAvailable());
    }

    /// <summary>Deletes it, after a final snapshot when one is asked for.</summary>
    public void BeginDeleting(DateTimeOffset now, SimulatorDelays delays, bool finalSnapshot)
    {
        Availability = "Unavailable";
        if (finalSnapshot)
        {
            Status = "final-snapshot";
            Later(now + delays.FinalSnapshot, at => Vanish(at, delays));
        }
        else
        {
            Vanish(now, delays);
        }
    }

    /// <summary>Counts a look at an available cluster; tells whether it shows up as modifying again this time.</summary>
    public bool Blinks(int blinks)
    {
        if (Status != "available")
        {
            return false;
        }

        var look = _looksSinceAvailable++;
        return look >= 1 && look <= blinks;
    }

    private void Vanish(DateTimeOffset now, SimulatorDelays delays)
    {
        Status = "deleting";
        Later(now + delays.Deleting, at => GoneAt = at);
    }

    private void BecomeAvailable()
    {
        (Status, Availability) = ("available", "Available");
        _looksSinceAvailable = 0;
    }

    private void Later(DateTimeOffset at, Action<DateTimeOffset> apply) => _change = (at, apply);
}

/// <summary>A role on a cluster, on its way on or off until it has settled.</summary>
internal sealed class AttachedRole(string arn, DateTimeOffset settledAt)
{
    public string Arn { get; } = arn;

    public DateTimeOffset SettledAt { get; set; } = settledAt;

    public bool Leaving { get; set; }

    public string StatusAt(DateTimeOffset now) => Leaving ? "removing" : SettledAt <= now ? "in-sync" : "adding";
}
