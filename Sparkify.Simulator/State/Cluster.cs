using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sparkify.Simulator.State;

/// <summary>A cluster and the changes it has before it. Time moves it: every look settles what is due.</summary>
internal sealed class Cluster
{
    private int _looksSinceAvailable;

    public required string Id { get; init; }

    public required string NodeType { get; set; }

    public required string ClusterType { get; set; }

    public required int Nodes { get; set; }

    public required string MasterUsername { get; init; }

    public required string Database { get; init; }

    public required bool PubliclyAccessible { get; set; }

    public required string VpcId { get; init; }

    public required string Zone { get; init; }

    public required string SubnetGroup { get; init; }

    public required IReadOnlyList<string> SecurityGroups { get; set; }

    public required int SnapshotRetention { get; set; }

    public required SqlAddress Endpoint { get; set; }

    public required string NamespaceArn { get; init; }

    /// <summary>Names its database and roles on the server behind; no two clusters ever share one.</summary>
    [JsonIgnore]
    public string Key => NamespaceArn[^12..];

    public required Dictionary<string, string> Tags { get; init; }

    public Secret? Secret { get; set; }

    /// <summary>The master's password, when it is not a managed one.</summary>
    public string? MasterPassword { get; set; }

    /// <summary>Counts the passwords that the control plane has given the master; each takes the place of one that SQL gave.</summary>
    public int MasterPasswords { get; set; }

    /// <summary>The snapshot database it was made from; none when it began empty.</summary>
    public string? RestoredFrom { get; init; }

    public int ManualSnapshotRetention { get; set; } = -1;

    public string MaintenanceWindow { get; set; } = Services.RedshiftClusters.NormalWindow;

    public string ParameterGroup { get; set; } = ParameterGroups.Default;

    /// <summary>Whether its parameters differ from those it was started with.</summary>
    public bool ParametersPending { get; set; }

    /// <summary>What it is being modified to.</summary>
    [JsonInclude]
    public PendingValues? Pending { get; private set; }

    public List<AttachedRole> Roles { get; init; } = [];

    /// <summary>Temporary passwords that were handed out; they end with the simulator.</summary>
    [JsonIgnore]
    public List<TemporaryLogin> Logins { get; } = [];

    [JsonInclude]
    public string Status { get; private set; } = "creating";

    [JsonInclude]
    public string Availability { get; private set; } = "Modifying";

    /// <summary>When it became available for the first time; none before.</summary>
    [JsonInclude]
    public DateTimeOffset? CreatedAt { get; private set; }

    /// <summary>The change that is before it.</summary>
    [JsonInclude]
    public PendingChange? Change { get; private set; }

    /// <summary>When it was gone.</summary>
    [JsonInclude]
    public DateTimeOffset? GoneAt { get; private set; }

    [JsonIgnore]
    public bool IsBusy => Change is not null;

    /// <summary>When its next change of state is due; none when it rests.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => Change?.At;

    /// <summary>Whether it answers SQL: it does while it is modified, too.</summary>
    [JsonIgnore]
    public bool Answers => Status is "available" or "modifying" or "resizing";

    /// <summary>The master's password as the control plane knows it.</summary>
    [JsonIgnore]
    public string? KnownPassword => Secret is { } secret
        ? JsonSerializer.Deserialize<Dictionary<string, string>>(secret.Text)!["password"] : MasterPassword;

    /// <summary>What has happened to it since it was asked last.</summary>
    [JsonIgnore]
    public List<RedshiftEvent> Happened { get; } = [];

    /// <summary>As it is now, whatever becomes of it.</summary>
    public Cluster Copy() => JsonSerializer.Deserialize<Cluster>(JsonSerializer.SerializeToUtf8Bytes(this))!;

    public void Settle(DateTimeOffset now, SimulatorDelays delays)
    {
        while (Change is { } change && change.At <= now)
        {
            Change = null;
            Apply(change, delays);
        }

        Roles.RemoveAll(r => r.Leaving && r.SettledAt <= now);
    }

    public void BeginCreating(DateTimeOffset now, SimulatorDelays delays) =>
        Change = new PendingChange(ClusterChange.Created, now + delays.Creating);

    public void BeginPausing(DateTimeOffset now, SimulatorDelays delays)
    {
        (Status, Availability) = ("pausing", "Modifying");
        Change = new PendingChange(ClusterChange.Paused, now + delays.Pausing);
    }

    public void BeginResuming(DateTimeOffset now, SimulatorDelays delays)
    {
        (Status, Availability) = ("resuming", "Modifying");
        Change = new PendingChange(ClusterChange.Resumed, now + delays.Resuming);
    }

    /// <summary>Has it take on other values; another size takes it as long as a resize does.</summary>
    public void BeginModifying(PendingValues values, DateTimeOffset now, SimulatorDelays delays)
    {
        var resize = values.NodeType is not null;
        (Status, Availability, Pending) = (resize ? "resizing" : "modifying", "Modifying", values);
        Change = new PendingChange(ClusterChange.Modified, now + (resize ? delays.Resizing : delays.Modifying));
        if (resize)
        {
            Note(now, "REDSHIFT-EVENT-2006", "management", $"Cluster {Id} resize started at {RedshiftEvent.Time(now)}. Cluster is in read-only mode.");
        }
    }

    public void BeginRebooting(DateTimeOffset now, SimulatorDelays delays)
    {
        (Status, Availability) = ("rebooting", "Unavailable");
        Change = new PendingChange(ClusterChange.Rebooted, now + delays.Rebooting);
    }

    /// <summary>Deletes it, after a final snapshot when one is asked for.</summary>
    public void BeginDeleting(DateTimeOffset now, SimulatorDelays delays, bool finalSnapshot)
    {
        Availability = "Unavailable";
        if (finalSnapshot)
        {
            Status = "final-snapshot";
            Change = new PendingChange(ClusterChange.Snapshotted, now + delays.FinalSnapshot);
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

    private void Apply(PendingChange change, SimulatorDelays delays)
    {
        switch (change.Kind)
        {
            case ClusterChange.Created:
                CreatedAt = change.At;
                BecomeAvailable();
                Note(change.At, "REDSHIFT-EVENT-2000", "management", $"Cluster {Id} created at {RedshiftEvent.Time(change.At)}.");
                Roles.ForEach(role => role.SettledAt = change.At + delays.RoleSync);
                break;
            case ClusterChange.Paused:
                (Status, Availability) = ("paused", "Unavailable");
                Note(change.At, "REDSHIFT-EVENT-3619", "monitoring",
                    $"Amazon Redshift cluster {Id} was successfully paused at {RedshiftEvent.Time(change.At)}.");
                break;
            case ClusterChange.Modified:
                BecomeAvailable();
                TakeOn(Pending!, change.At);
                break;
            case ClusterChange.Rebooted:
                BecomeAvailable();
                ParametersPending = false;
                Note(change.At, "REDSHIFT-EVENT-3000", "monitoring", $"Cluster {Id} rebooted at {RedshiftEvent.Time(change.At)}.");
                break;
            case ClusterChange.Resumed:
                BecomeAvailable();
                break;
            case ClusterChange.Snapshotted:
                Vanish(change.At, delays);
                break;
            default:
                GoneAt = change.At;
                Note(change.At, "REDSHIFT-EVENT-2001", "management", $"Cluster {Id} deleted at {RedshiftEvent.Time(change.At)}.");
                break;
        }
    }

    private void TakeOn(PendingValues values, DateTimeOffset now)
    {
        Pending = null;
        if (values.NodeType is { } type)
        {
            (NodeType, Nodes, ClusterType) = (type, values.Nodes!.Value, values.Nodes == 1 ? "single-node" : "multi-node");
            Note(now, "REDSHIFT-EVENT-3002", "monitoring",
                $"The resize for your Amazon Redshift cluster {Id} is complete and your cluster is available for reads and writes.");
        }

        PubliclyAccessible = values.PubliclyAccessible ?? PubliclyAccessible;
        SecurityGroups = values.SecurityGroups ?? SecurityGroups;
        if (values.Secret is not null || values.MasterPassword is not null)
        {
            (Secret, MasterPassword) = (values.Secret, values.MasterPassword);
            MasterPasswords++;
            Note(now, "REDSHIFT-EVENT-4000", "security",
                $"Your admin credentials for your Amazon Redshift cluster {Id} were updated at {RedshiftEvent.Time(now)}.");
        }
    }

    private void Note(DateTimeOffset now, string id, string category, string message)
        => Happened.Add(new RedshiftEvent(Id, "cluster", id, category, message, now));

    private void Vanish(DateTimeOffset now, SimulatorDelays delays)
    {
        Status = "deleting";
        Change = new PendingChange(ClusterChange.Gone, now + delays.Deleting);
    }

    private void BecomeAvailable()
    {
        (Status, Availability) = ("available", "Available");
        _looksSinceAvailable = 0;
    }
}

/// <summary>What a cluster is on its way to.</summary>
internal enum ClusterChange
{
    Created,
    Paused,
    Resumed,
    Snapshotted,
    Gone,
    Modified,
    Rebooted,
}

/// <summary>What a cluster is being modified to; what stays as it is has no value.</summary>
internal sealed record PendingValues(
    string? NodeType, int? Nodes, bool? PubliclyAccessible, IReadOnlyList<string>? SecurityGroups, string? MasterPassword, Secret? Secret)
{
    public override string ToString() => nameof(PendingValues);
}

/// <summary>A change of state and when it is due.</summary>
internal sealed record PendingChange(ClusterChange Kind, DateTimeOffset At);

/// <summary>Where a cluster answers SQL.</summary>
internal sealed record SqlAddress(string Host, int Port);

/// <summary>A temporary password.</summary>
/// <param name="Name">What one logs in as, such as <c>IAM:analyst</c>.</param>
/// <param name="User">The database user one then is.</param>
/// <param name="Password">The password.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Create">Whether that user is created at the first login.</param>
/// <param name="Groups">Groups it is in as long as the session lasts.</param>
/// <param name="Database">The one database it opens; none for every one.</param>
internal sealed record TemporaryLogin(
    string Name, string User, string Password, DateTimeOffset ExpiresAt, bool Create, IReadOnlyList<string> Groups, string? Database)
{
    public override string ToString() => $"TemporaryLogin({Name})";
}

/// <summary>A role on a cluster, on its way on or off until it has settled.</summary>
internal sealed class AttachedRole(string arn, DateTimeOffset settledAt)
{
    public string Arn { get; } = arn;

    public DateTimeOffset SettledAt { get; set; } = settledAt;

    public bool Leaving { get; set; }

    public string StatusAt(DateTimeOffset now) => Leaving ? "removing" : SettledAt <= now ? "in-sync" : "adding";
}
