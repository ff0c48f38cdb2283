using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What lets a run be started once: it is taken in the transaction that starts the run, so that both stand or neither.</summary>
internal interface IRunClaim
{
    /// <summary>Takes it; false when it is taken. Another one that takes it at this moment is waited for.</summary>
    Task<bool> TakeAsync(NpgsqlConnection db, CancellationToken ct);

    /// <summary>Writes down which run it is.</summary>
    Task StartedAsync(NpgsqlConnection db, long run, CancellationToken ct);
}

/// <summary>Starts runs for other features of the application.</summary>
internal interface IRunStarts
{
    /// <summary>Queues a run as <see cref="IRuns.StartAsync"/> does; none when its claim is taken.</summary>
    Task<RunView?> StartAsync(string warehouse, RunKind kind, Actor actor, IRunClaim claim, CancellationToken ct);
}
