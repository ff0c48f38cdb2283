using Hangfire.PostgreSql;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>What the queue is told of itself.</summary>
internal static class HangfireSettings
{
    /// <summary>The schema of its tables.</summary>
    public const string Schema = "hangfire";

    /// <summary>The queue of runs.</summary>
    public const string Runs = "runs";

    /// <summary>The queue of what happens by the clock.</summary>
    public const string Upkeep = "upkeep";

    /// <summary>The storage's own settings.</summary>
    public static PostgreSqlStorageOptions Storage(JobOptions options) => new()
    {
        SchemaName = Schema,
        // Installed with the migrations, under their lock, once the server is up; the storage is made before that.
        PrepareSchemaIfNecessary = false,
        StartupConnectionMaxRetries = 0,
        AllowDegradedModeWithoutStorage = false,
        // A worker shows that it lives every fifth of the time.
        UseSlidingInvisibilityTimeout = true,
        InvisibilityTimeout = options.TakeOverAfter,
        // Matters for what another process queued or gave back only: what is queued here is seen at once.
        QueuePollInterval = TimeSpan.FromSeconds(2),
        // A lock that a killed process left stands for this long.
        DistributedLockTimeout = TimeSpan.FromMinutes(1),
    };
}
