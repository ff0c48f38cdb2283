using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>Hears that a run ended or began to ask a person, within the transaction in which it does: both stand, or neither.</summary>
internal interface IRunWitness
{
    /// <summary>Writes down what follows from it, over the transaction's own connection.</summary>
    Task SeenAsync(NpgsqlConnection db, RunView run, CancellationToken ct);
}
