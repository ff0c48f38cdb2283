using Dapper;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Counts what was published, for everyone who looks at the warehouse from now on.</summary>
/// <param name="journal">Where the counts are kept.</param>
/// <param name="sizes">Whether the server tells sizes; Redshift tells them to superusers only.</param>
internal sealed class CountsStep(IWarehouseJournal journal, bool sizes) : ILoadStep
{
    public string Name => "counts";

    public string Title => "Count rows";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        List<TableCount> counts = [];
        foreach (var table in StarSchema.Tables.Select(static t => t.Name))
        {
            var rows = await CountAsync($"select count(*) from {load.Published}.{table}");
            counts.Add(
                new TableCount(table, rows, sizes ? await CountAsync(PostgresDdl.Size($"{load.Published}.{table}")) : null));
        }

        var plays = await db.QuerySingleAsync<PlayCounts>(new CommandDefinition(
            $"""
            select c.read as EventsRead, c.staged as EventsStaged, c.staged - l.repeated_plays - p.plays as OtherPages,
                   l.repeated_plays as RepeatedPlays, p.plays as Plays, p.matched as MatchedPlays, d.days as Days
            from   {load.Published}.load_counts c, {load.Published}.load l,
                   (select count(*) as plays, count(song_id) as matched from {load.Published}.songplays) p,
                   ({PlausibilityChecks.Days(load.Published)}) d
            where  c.part = 'events'
            """, commandTimeout: 0, cancellationToken: ct));
        var timeless = await CountAsync($"select count(*) from {load.Published}.songplays where start_time is null");
        if (timeless > 0)
        {
            load.Step.WarnOfData(
                $"{timeless:N0} plays have no time: their events have no ts. They count as plays, but belong to no moment.");
        }

        await journal.PublishedAsync(load.Warehouse.Name, load.Step.Run, counts, plays, ct);
        load.Step.Progress.Message = $"{plays.Plays:N0} plays, {plays.MatchedPlays:N0} of them in the catalogue";
        load.Step.Log(string.Join(", ", counts.Select(c => $"{c.Table} {c.Rows:N0}")) + ".");

        Task<long> CountAsync(string sql) =>
            db.ExecuteScalarAsync<long>(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));
    }
}
