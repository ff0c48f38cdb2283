using Hangfire.PostgreSql;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>How the job queue keeps time; tests are less patient than people.</summary>
internal sealed record SchedulingOptions
{
    /// <summary>The schema of the queue's tables.</summary>
    public const string Schema = "hangfire";

    /// <summary>The queue of runs. Queues are served in the order of their names: this one before the upkeep's.</summary>
    public const string Runs = "runs";

    /// <summary>The queue of what happens by the clock.</summary>
    public const string Upkeep = "upkeep";

    /// <summary>
    /// For how long a worker that shows no sign of life keeps its job. A worker shows one every fifth of it, so a run of hours begins
    /// once; a process that was frozen for longer finds its run taken over.
    /// </summary>
    public TimeSpan Invisibility { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How soon jobs that another process queued or gave back are seen; those queued here are seen at once.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many runs work at once.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>How long a firing waits for the lock of its warehouse before it gives its worker up and looks again later.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The storage's own settings.</summary>
    public PostgreSqlStorageOptions Storage() => new()
    {
        SchemaName = Schema,
        // Installed with the migrations, under their lock, once the server is up; the storage is made before that.
        PrepareSchemaIfNecessary = false,
        StartupConnectionMaxRetries = 0,
        AllowDegradedModeWithoutStorage = false,
        UseSlidingInvisibilityTimeout = true,
        InvisibilityTimeout = Invisibility,
        QueuePollInterval = Poll,
        // A lock that a killed process left stands for this long.
        DistributedLockTimeout = TimeSpan.FromMinutes(1),
    };
}
