using Npgsql;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Whether a load can add to the star readers see.</summary>
internal static class AddableStar
{
    /// <summary>The load whose star can be added to; none when there is none, which the run's log then says with the reason.</summary>
    /// <param name="db">A connection as the loader.</param>
    /// <param name="load">The load, whose rules of reading are written down already.</param>
    /// <param name="records">The books of loads.</param>
    /// <param name="columns">The tables and columns that what is added must fit.</param>
    /// <param name="ct">Ends it early.</param>
    public static async Task<long?> FindAsync(
        NpgsqlConnection db, LoadContext load, LoadRecords records, IEnumerable<(string Table, string Column)> columns,
        CancellationToken ct)
    {
        if (load.Warehouse.PublishedRun is not { } star)
        {
            TellEverything(load.Step, "there is no star yet");
            return null;
        }

        var why =
            !await LoadMark.HoldsAsync(db, load.Published, star, ct)
                ? $"the schema {load.Published} does not hold the star of load {star} any more"
            : !await TableColumns.HasAsync(db, load.Published, columns, ct) ? $"the star of load {star} was built by another version of the application"
            : !await records.AreReadAlikeAsync(load.Step.Run, star, ct)
                ? $"the records of load {star} were read by other rules (the JSONPaths file, or whether long texts are cut)"
            : null;
        if (why is null)
        {
            return star;
        }

        TellEverything(load.Step, why);
        return null;
    }

    /// <summary>Writes to a run's log that it loads everything, though it was to load only what is new.</summary>
    public static void TellEverything(StepContext step, string why) => step.Log($"Everything is loaded, not only what is new: {why}.");
}
