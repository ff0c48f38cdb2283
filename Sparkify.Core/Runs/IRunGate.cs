using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>
/// Looks at every run that is asked for, within the transaction that adds it or queues it again.
/// The feature that has something to say brings it.
/// </summary>
internal interface IRunGate
{
    /// <summary>Throws a sentence when the run cannot be had just now.</summary>
    Task PassAsync(NpgsqlConnection db, NewRun asked, CancellationToken ct);

    /// <summary>Throws a sentence when a run that stopped cannot go on just now.</summary>
    Task PassAgainAsync(NpgsqlConnection db, RunView run, CancellationToken ct);
}
