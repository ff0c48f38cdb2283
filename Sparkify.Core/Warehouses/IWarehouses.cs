using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Warehouses;

/// <summary>Where a warehouse lives.</summary>
public enum WarehouseTarget
{
    /// <summary>A database of its own on the PostgreSQL the application uses.</summary>
    Local,

    /// <summary>An Amazon Redshift cluster.</summary>
    Redshift,
}

/// <summary>Where a warehouse stands. What a run is doing to it just now is the run's state.</summary>
public enum WarehouseState
{
    /// <summary>Described, but nothing of it exists yet.</summary>
    Defined,

    /// <summary>Provisioned: it can be loaded and queried.</summary>
    Available,

    /// <summary>Its cluster is paused.</summary>
    Paused,

    /// <summary>Taken down, with proof that nothing is left.</summary>
    Removed,
}

/// <summary>A named data warehouse.</summary>
/// <param name="Name">Its name: <c>^[a-z][a-z0-9-]{0,40}$</c>.</param>
/// <param name="Target">Where it lives.</param>
/// <param name="Source">Where its raw data is.</param>
/// <param name="MaxRejects">A load fails when it meets this many bad records; 0 means at the first.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was described.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="PublishedAt">When the star readers see was published by its load; none when there is none.</param>
/// <param name="PublishedRun">The load that built it.</param>
/// <param name="Redshift">What its cluster is to be like; none for a local one.</param>
/// <param name="Endpoint">Where its cluster answers SQL; none before it was provisioned and for a local one.</param>
/// <param name="LastQueryAt">When somebody last queried it, to the minute; none when never.</param>
public sealed record Warehouse(
    string Name, WarehouseTarget Target, SourceSpec Source, int MaxRejects, WarehouseState State,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? PublishedAt, long? PublishedRun,
    RedshiftSettings? Redshift = null, WarehouseEndpoint? Endpoint = null, DateTimeOffset? LastQueryAt = null)
{
    /// <summary>Whether it lives on the built-in simulator.</summary>
    public bool Simulated => Redshift is { Simulated: true };

    /// <summary>The AWS connection it uses; none for this machine's own credentials, and for one that has nothing to do with AWS.</summary>
    public string? Connection => NewWarehouse.Of(this).Connection;

    /// <summary>Whether anything of it is in AWS itself: its cluster, or a location of its source.</summary>
    public bool UsesAws => NewWarehouse.Of(this).UsesAws;

    /// <summary>The run that put back the star readers see; none when its load published it.</summary>
    public long? PutBackBy { get; init; }

    /// <summary>Its schemas in its database.</summary>
    public WarehouseSchemas Schemas { get; init; } = WarehouseSchemas.Default;

    /// <summary>When its loads ask a person before they publish.</summary>
    public DecisionLimits DecisionLimits { get; init; } = DecisionLimits.Default;

    /// <summary>How old what readers see may be.</summary>
    public FreshnessLimits Freshness { get; init; } = FreshnessLimits.None;

    /// <summary>How much of the source its loads read, unless one is asked for otherwise.</summary>
    public LoadMode LoadMode { get; init; }

    /// <summary>
    /// When a load last found that nothing was new in the source; none when none has since the star readers see was published.
    /// </summary>
    public DateTimeOffset? UnchangedAt { get; init; }

    /// <summary>When the newest event that became a play was; none before the first publish, and when it is not known.</summary>
    public DateTimeOffset? NewestEvent { get; init; }

    /// <summary>In which ways what readers see is too old at a moment, as sentences; none when they see nothing.</summary>
    public IReadOnlyList<string> Stale(DateTimeOffset now) =>
        PublishedAt is null ? [] : Freshness.Stale(NewestEvent, UnchangedAt ?? PublishedAt, now);

    /// <summary>The cluster it uses, when somebody else made it.</summary>
    public ExistingCluster? Existing => Redshift?.Existing;

    /// <summary>Whether a cluster was, or will be, made for it: one that costs, and can be paused.</summary>
    public bool HasOwnCluster => Target == WarehouseTarget.Redshift && Existing is null;

    /// <summary>Whether its cluster may be paused and resumed from here: its own, or one whose people said so.</summary>
    public bool CanPause => Target == WarehouseTarget.Redshift && Existing is null or { Pausable: true };

    /// <summary>
    /// Whether the login that was given does everything itself, since it may not make users: there is no separate reader.
    /// </summary>
    public bool OneLogin => Existing is not null && Login.Alone;

    /// <summary>Whether there is a password of that login.</summary>
    public bool HasPassword => Login.Password is not null;

    /// <summary>What is kept of the login into an existing cluster.</summary>
    internal KeptLogin Login { get; init; } = KeptLogin.None;

    /// <summary>Which of their passwords its roles have.</summary>
    internal RolePasswords Passwords { get; init; }

    /// <summary>Which they are to get with the next provisioning.</summary>
    internal int PasswordsWanted { get; init; }
}

/// <summary>Where a cluster answers SQL.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Port">Its port.</param>
/// <param name="Database">The database of the warehouse.</param>
public sealed record WarehouseEndpoint(string Host, int Port, string Database);

/// <summary>What is asked for when a warehouse is created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Target">Where it is to live.</param>
/// <param name="Source">Where its raw data is.</param>
/// <param name="MaxRejects">At how many bad records its loads fail; none for the configured number.</param>
/// <param name="Redshift">What its cluster is to be like; none for the careful defaults, and for a local one.</param>
/// <param name="Schema">The schema readers see; none for <c>dwh</c>.</param>
public sealed record NewWarehouse(
    string Name, WarehouseTarget Target, SourceSpec Source, int? MaxRejects =
        null, RedshiftSettings? Redshift = null, string? Schema = null)
{
    /// <summary>When its loads ask a person before they publish.</summary>
    public DecisionLimits DecisionLimits { get; init; } = DecisionLimits.Default;

    /// <summary>How old what readers see may be.</summary>
    public FreshnessLimits Freshness { get; init; } = FreshnessLimits.None;

    /// <summary>How much of the source its loads are to read.</summary>
    public LoadMode LoadMode { get; init; }

    /// <summary>The password of the login into an existing cluster; none to give it later, and where there is none.</summary>
    public LoginPassword? Password { get; init; }

    /// <summary>Which passwords its roles are to get.</summary>
    internal int Passwords { get; init; }

    /// <summary>What is kept of the login into an existing cluster.</summary>
    internal KeptLogin Login { get; init; } = KeptLogin.None;

    /// <summary>
    /// The AWS connection it is to use; none for this machine's own credentials, and for one that has nothing to do with AWS.
    /// </summary>
    public string? Connection => Redshift?.Connection ?? (Source as LocationSource)?.Connection;

    /// <summary>Whether anything of it will be in AWS itself: its cluster, or a location of its source.</summary>
    public bool UsesAws => Target == WarehouseTarget.Redshift
        ? Redshift is not { Simulated: true } : Source is LocationSource { Simulated: false, IsPartlyOnS3: true };

    /// <summary>The same with another connection, for its cluster and its source alike; none for this machine's own credentials.</summary>
    public NewWarehouse Through(string? connection) => this with
    {
        Redshift = Redshift is null ? null : Redshift with { Connection = connection },
        Source = Source is LocationSource at ? at with { Connection = connection } : Source,
    };

    /// <summary>The request that would describe a warehouse there is.</summary>
    public static NewWarehouse Of(Warehouse warehouse)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        return new NewWarehouse(
            warehouse.Name, warehouse.Target, warehouse.Source, warehouse.MaxRejects, warehouse.Redshift, warehouse.Schemas.Published)
        {
            DecisionLimits = warehouse.DecisionLimits,
            Freshness = warehouse.Freshness,
            LoadMode = warehouse.LoadMode,
            Passwords = warehouse.PasswordsWanted,
            Login = warehouse.Login,
        };
    }

    /// <summary>The settings of a warehouse on Redshift after a look at them and at what they go with; none for a local one.</summary>
    public RedshiftSettings? CheckedSettings()
    {
        if (Source is LocationSource { Connection: not null } on && (on.Simulated || !on.IsPartlyOnS3))
        {
            throw SparkifyException.Invalid(
                "An AWS connection was named, but nothing of this warehouse is in AWS: leave it out.");
        }

        if (Password is not null && Redshift?.Existing is not { Login: ClusterLoginKind.Password })
        {
            throw SparkifyException.Invalid("A password was given, but no existing cluster that is logged into with one: leave it out.");
        }

        if (Target != WarehouseTarget.Redshift)
        {
            return Redshift is null ? null : throw SparkifyException.Invalid(
                "Settings of a Redshift cluster were given for a local warehouse. Leave them out, or choose the target redshift.");
        }

        var settings = Redshift ?? new RedshiftSettings();
        settings.Check();
        if (Source is not LocationSource source || !source.IsOnS3)
        {
            throw SparkifyException.Invalid(
                "A Redshift cluster reads its source from S3: give s3:// locations for the events and the songs.");
        }

        if (source.Simulated != settings.Simulated)
        {
            throw SparkifyException.Invalid("A simulated cluster reads from the simulator's S3, a real one from Amazon's: say the same for the source and the cluster.");
        }

        return source.Connection == settings.Connection ? settings : throw SparkifyException.Invalid(
            "A cluster and its source use one AWS connection: name it once, for the warehouse.");
    }
}

/// <summary>One resource of a warehouse's plan: what provisioning would do about it.</summary>
/// <param name="Kind">Such as <c>database</c> or <c>role</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Action">What would happen.</param>
/// <param name="Detail">Its settings, in words.</param>
public sealed record PlannedResource(string Kind, string Name, PlannedAction Action, string Detail);

/// <summary>What provisioning would do about one resource.</summary>
public enum PlannedAction
{
    /// <summary>It does not exist and will be created.</summary>
    Create,

    /// <summary>It exists, is ours, and will be used.</summary>
    Adopt,

    /// <summary>It exists and will be changed.</summary>
    Change,

    /// <summary>It is as it should be.</summary>
    None,
}

/// <summary>One resource a warehouse owns, from the journal that is written before it is created.</summary>
/// <param name="Kind">Such as <c>database</c> or <c>role</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="JournaledAt">When its creation was begun.</param>
/// <param name="RemovedAt">When it was seen to be gone; none while it may exist.</param>
public sealed record OwnedResource(string Kind, string Name, DateTimeOffset JournaledAt, DateTimeOffset? RemovedAt)
{
    /// <summary>Whether it was given up without being removed, because it does not carry our mark: it may still exist.</summary>
    public bool LeftAlone { get; init; }
}

/// <summary>The registry of warehouses.</summary>
[Guarded]
public interface IWarehouses
{
    /// <summary>All of them, by name.</summary>
    [Needs(Right.See, Subject.Seen)]
    Task<IReadOnlyList<Warehouse>> ListAsync(CancellationToken ct);

    /// <summary>One by name, or none.</summary>
    [Needs(Right.See, Subject.Seen)]
    Task<Warehouse?> FindAsync(string name, CancellationToken ct);

    /// <summary>One by name; a not-found <see cref="SparkifyException"/> when there is none.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    async Task<Warehouse> GetAsync(string name, CancellationToken ct) => await FindAsync(name, ct)
        ?? throw WarehouseName.Unknown(name);

    /// <summary>
    /// Describes a new warehouse after testing its source; nothing is created yet. Throws a sentence when something is wrong.
    /// </summary>
    [Needs(Right.Engineer, Subject.All)]
    [Recorded]
    Task<Warehouse> CreateAsync(NewWarehouse request, Actor actor, CancellationToken ct);

    /// <summary>Changes at how many bad records loads fail, from the next load on.</summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> LimitRejectsAsync(string name, int maxRejects, Actor actor, CancellationToken ct);

    /// <summary>
    /// Changes when loads ask a person before they publish, from the next load on. What a load asks just now was asked by the old limits:
    /// it is discarded.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> LimitDecisionsAsync(string name, DecisionLimits limits, Actor actor, CancellationToken ct);

    /// <summary>Changes how old what readers see may be before it is called stale.</summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> LimitAgesAsync(string name, FreshnessLimits limits, Actor actor, CancellationToken ct);

    /// <summary>Changes how much of its source loads read, from the next one that is asked for on.</summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> ChooseLoadsAsync(string name, LoadMode mode, Actor actor, CancellationToken ct);

    /// <summary>
    /// Has a warehouse reached through another AWS connection from the next run on: its cluster and its source, which is tried first.
    /// While its cluster owns something, only one that leads into the same account is taken. A conflict while a run is active, which
    /// goes on with what it began with, and when the warehouse is changed meanwhile.
    /// </summary>
    /// <param name="name">The warehouse.</param>
    /// <param name="connection">The connection; none for this machine's own credentials.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> ConnectAsync(string name, string? connection, Actor actor, CancellationToken ct);

    /// <summary>
    /// Changes what the cluster of a warehouse is to be like; the next provisioning sees to it. Throws a sentence for settings that cannot
    /// be, for a local warehouse, and for another connection among them, which is <see cref="ConnectAsync"/>'s to change.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> ReconfigureAsync(string name, RedshiftSettings settings, Actor actor, CancellationToken ct);

    /// <summary>
    /// Gives the password of the login into an existing cluster, in the place of the one there is; it counts from the next connection on.
    /// Throws a sentence for a warehouse that takes none.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<Warehouse> GiveLoginAsync(string name, LoginPassword password, Actor actor, CancellationToken ct);

    /// <summary>
    /// Forgets a warehouse that owns nothing any more, with its runs. A conflict while it may own resources or a run is active.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task ForgetAsync(string name, Actor actor, CancellationToken ct);

    /// <summary>The resources in a warehouse's journal, oldest first.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<OwnedResource>> ResourcesAsync(string name, CancellationToken ct);

    /// <summary>The names of warehouses that are created, change or are forgotten, from now on.</summary>
    [Needs(Right.See, Subject.Seen)]
    Subscription<string> Subscribe();
}
