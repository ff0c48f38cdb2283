using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
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
        // That as many rows were staged was checked.
        var records = (await db.QueryAsync<(string Part, long Read, long Staged)>(new CommandDefinition(
            $"select part, read, staged from {load.Published}.load_counts", cancellationToken: ct)))
            .ToDictionary(static r => RecordRules.TableOf(Words.Parse<SourcePart>(r.Part)));
        var star = await db.QuerySingleAsync<(long Plays, long Matched, long Timed, long Days, long Repeated, DateTime? Newest)>(
            new CommandDefinition(
            $"""
            select p.plays, p.matched, p.timed, d.days, l.repeated_plays, n.newest
            from   {load.Published}.load l, ({StarPasses.Days(load.Published)}) d, ({StarPasses.Newest(load.Published)}) n,
                   (select count(*) as plays, count(song_id) as matched, count(start_time) as timed from {load.Published}.songplays) p
            """, commandTimeout: 0, cancellationToken: ct));
        List<TableCount> counts = [];
        foreach (var table in StarSchema.Tables)
        {
            var rows = table == StarSchema.Songplays ? star.Plays
                : records.TryGetValue(table, out var staged) ? staged.Staged
                : await CountAsync($"select count(*) from {load.Published}.{table.Name}");
            counts.Add(new TableCount(
                table.Name, rows, sizes ? await CountAsync(PostgresDdl.Size($"{load.Published}.{table.Name}")) : null));
        }

        var events = records[StarSchema.StagingEvents];
        PlayCounts plays = new(
            events.Read, events.Staged, events.Staged - star.Repeated - star.Plays, star.Repeated, star.Plays, star.Matched, star.Days);
        var timeless = star.Plays - star.Timed;
        if (timeless > 0)
        {
            load.Step.WarnOfData(
                $"{timeless:N0} plays have no time: their events have no ts. They count as plays, but belong to no moment.");
        }

        DateTime? newest = star.Newest is { } at ? DateTime.SpecifyKind(at, DateTimeKind.Utc) : null;
        await journal.PublishedAsync(
            load.Warehouse.Name, load.Star, putBackBy: load.Star == load.Step.Run ? null : load.Step.Run, counts, plays, newest, ct);
        load.Step.Progress.Message = $"{plays.Plays:N0} plays, {plays.MatchedPlays:N0} of them in the catalogue";
        load.Step.Log(string.Join(", ", counts.Select(c => $"{c.Table} {c.Rows:N0}")) + ".");

        Task<long> CountAsync(string sql) =>
            db.ExecuteScalarAsync<long>(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));
    }
}
