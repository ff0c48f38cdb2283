using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Passing;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>
/// A star of before that is kept as what makes it another one's: in its schema, of every table <c>t</c>, <c>before_t</c> with the rows that
/// it has and the other has not, and <c>after_t</c> with those that the other has and it has not. Its mark names both. Applied to the other
/// it gives the star, and, with the two turned, is then what keeps the other.
/// </summary>
internal static class StarDifference
{
    private static readonly IReadOnlyList<Part> Records =
    [
        .. Enum.GetValues<SourcePart>().Select(RecordRules.TableOf)
            .Select(static t => new Part(t.Name, "file_id", [.. t.Columns.Concat(StarSchema.Origin).Select(static c => c.Name)])),
    ];

    private static readonly Part Files = new(LocalTables.Files, "file_id", ["file_id", "part", "name", "bytes", "modified", "tag"]);

    // A build has the keys of those rows that are gone, too.
    private static readonly IReadOnlyList<Part> Keyed =
    [
        new(LatestEvents.Name, "user_id", [.. LatestEvents.Columns.Select(static c => c.Name)]),
        .. StarSchema.Star.Select(static t => new Part(t.Name, t.Key.Name, [.. t.Columns.Select(static c => c.Name)])),
    ];

    private static readonly IReadOnlyList<Part> Star =
    [
        .. Keyed, Files, new("load_counts", "part", ["part", "read", "staged", "rejected"]),
        new("load", "run", ["run", "repeated_plays"]),
    ];

    /// <summary>
    /// For each of some stars that are kept as a difference, the load whose star it is a difference from.
    /// </summary>
    public static async Task<IReadOnlyDictionary<long, long>> OthersAsync(
        NpgsqlConnection db, WarehouseSchemas schemas, IEnumerable<long> runs, CancellationToken ct)
    {
        var kept = runs.ToDictionary(schemas.Kept, StringComparer.Ordinal);
        var differences = await db.QueryAsync<string>(new CommandDefinition(
            """
            select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
            where  n.nspname = any(@names) and c.relname = 'load' and a.attname = 'other' and not a.attisdropped
            """, new { names = kept.Keys.ToArray() }, cancellationToken: ct));
        Dictionary<long, long> others = [];
        foreach (var schema in differences)
        {
            others.Add(kept[schema], await db.ExecuteScalarAsync<long>(
                new CommandDefinition($"select other from {schema}.load", cancellationToken: ct)));
        }

        return others;
    }

    /// <summary>
    /// Makes of a build that adds to the published star the difference that keeps that star; to be called in a transaction, before any
    /// table is locked.
    /// </summary>
    public static async Task MakeAsync(NpgsqlConnection db, LoadContext load, long old, CancellationToken ct)
    {
        var (published, kept) = (load.Published, load.Warehouse.Schemas.Kept(old));
        await db.RunAsync($"drop schema if exists {kept} cascade; alter schema {load.Build} rename to {kept}", ct);
        foreach (var part in Records.Concat(Star))
        {
            await db.RunAsync($"alter table {kept}.{part.Table} rename to {part.After}", ct);
        }

        // Where no file was changed, no record goes: nothing has to be looked for.
        var changed = await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"select exists (select from {kept}.{NewFiles.Gone})", cancellationToken: ct));
        foreach (var part in Records.Append(Files))
        {
            await db.RunAsync(
                $"create table {kept}.{part.Before} as select {part.List} from {published}.{part.Table} " +
                $"where {(changed ? $"file_id in (select file_id from {kept}.{NewFiles.Gone})" : "false")}", ct);
        }

        foreach (var part in Keyed)
        {
            await db.RunAsync(
                $"""
                create table {kept}.{part.Before} as select {part.List} from {published}.{part.Table}
                where  {part.Key} in (
                       select {part.Key} from {kept}.{part.After} union all select {part.Key} from {kept}.{DeltaPasses.Gone(part.Table)});
                drop table {kept}.{DeltaPasses.Gone(part.Table)};
                analyze {kept}.{part.Before};
                """, ct);
        }

        var gone = Enum.GetValues<SourcePart>().Zip(
            Records, (part, records) => $"('{part.Word()}', (select count(*) from {kept}.{records.Before}))");
        await db.RunAsync(
            $"""
            create table {kept}.before_load_counts as select part, read, staged, rejected from {published}.load_counts;
            update {kept}.after_load_counts a
            set    read = a.read + b.read - gone, staged = a.staged + b.staged - gone, rejected = a.rejected + b.rejected
            from   {kept}.before_load_counts b,
                   (values {string.Join(", ", gone)}) g (part, gone)
            where  b.part = a.part and g.part = a.part;
            create table {kept}.before_load as select run, repeated_plays from {published}.load;
            create table {kept}.load (run bigint not null, other bigint not null);
            insert into {kept}.load values ({old}, {load.Step.Run});
            drop table {kept}.{NewFiles.Gone}, {kept}.{NewFiles.Listed};
            """, ct);
    }

    /// <summary>
    /// Applies what a difference changes of the records, which takes longest and which nothing points to; before any table is locked.
    /// </summary>
    public static Task ApplyRecordsAsync(NpgsqlConnection db, string difference, string published, CancellationToken ct) =>
        ApplyAsync(db, Records, difference, published, ct);

    /// <summary>Applies the rest of a difference to tables that are locked.</summary>
    public static async Task ApplyStarAsync(NpgsqlConnection db, string difference, string published, CancellationToken ct)
    {
        // The server would look for what points to a row with every row that goes.
        await db.RunAsync(PostgresDdl.DropReferences(published), ct);
        await ApplyAsync(db, Star, difference, published, ct);
        await db.RunAsync(PostgresDdl.References(published), ct);
        // Its tables are not written once any more.
        foreach (var table in await db.QueryAsync<string>(new CommandDefinition(
            """
            select format('%I.%I', @published, relname) from pg_class
            where  relnamespace = to_regnamespace(@published) and relkind = 'r' and reloptions is not null
            """, new { published }, cancellationToken: ct)))
        {
            await db.RunAsync($"alter table {table} reset (autovacuum_enabled)", ct);
        }
    }

    /// <summary>Turns a difference, so that it leads from the other star to the one it keeps.</summary>
    public static async Task TurnAsync(NpgsqlConnection db, string difference, long run, long other, CancellationToken ct)
    {
        foreach (var part in Records.Concat(Star))
        {
            await db.RunAsync(
                $"alter table {difference}.{part.Before} rename to turned; " +
                $"alter table {difference}.{part.After} rename to {part.Before}; alter table {difference}.turned rename to {part.After}", ct);
        }

        await db.RunAsync($"update {difference}.load set run = {other}, other = {run}", ct);
    }

    private static async Task ApplyAsync(
        NpgsqlConnection db, IEnumerable<Part> parts, string difference, string published, CancellationToken ct)
    {
        foreach (var part in parts)
        {
            if (await db.ExecuteScalarAsync<bool>(new CommandDefinition(
                $"select exists (select from {difference}.{part.Before})", cancellationToken: ct)))
            {
                await db.RunAsync(
                    $"delete from {published}.{part.Table} where {part.Key} in (select {part.Key} from {difference}.{part.Before})", ct);
            }

            await db.RunAsync(
                $"insert into {published}.{part.Table} ({part.List}) select {part.List} from {difference}.{part.After}", ct);
        }
    }

    /// <summary>A table of a star.</summary>
    /// <param name="Table">Its name.</param>
    /// <param name="Key">The column by which its rows are told apart, or which come and go together.</param>
    /// <param name="Columns">Its columns.</param>
    private sealed record Part(string Table, string Key, IReadOnlyList<string> Columns)
    {
        public string Before => $"before_{Table}";

        public string After => $"after_{Table}";

        public string List => string.Join(", ", Columns);
    }
}
