using Dapper;
using Npgsql;
using Sparkify.Core.Pipeline.Passing;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>
/// Which files of a source are new or have changed since the star readers see was built: that star's own table of files says what is in
/// it, and goes with it wherever it goes.
/// </summary>
internal static class NewFiles
{
    /// <summary>The table of a build for all files that were listed.</summary>
    public const string Listed = "listed_files";

    /// <summary>The table of a build for those files of the star that were changed since: their numbers.</summary>
    public const string Gone = "gone_files";

    /// <summary>The tables and columns that what is added must fit.</summary>
    public static IEnumerable<(string Table, string Column)> Columns { get; } =
    [
        .. StarSchema.Star.SelectMany(static t => t.Columns.Select(c => (t.Name, c.Name))),
        .. StarSchema.Tables.Except(StarSchema.Star)
            .SelectMany(static t => t.Columns.Concat(StarSchema.Origin).Select(c => (t.Name, c.Name))),
        .. LatestEvents.Columns.Select(static c => (LatestEvents.Name, c.Name)),
        (LocalTables.Files, "tag"),
    ];

    /// <summary>Makes the tables of a build that adds to a star.</summary>
    public static Task CreateAsync(NpgsqlConnection db, string build, CancellationToken ct) => db.ExecuteAsync(new CommandDefinition(
        $"""
        create table {build}.{Listed} (like {build}.{LocalTables.Files});
        create table {build}.{Gone} (file_id integer not null primary key);
        """, cancellationToken: ct));

    /// <summary>
    /// Tells from what was listed what is to be read, and numbers it on from the star's own files. A file has changed when its size has,
    /// or else its ETag; where there is none, its time.
    /// </summary>
    public static Task<FileChanges> CompareAsync(NpgsqlConnection db, WarehouseSchemas schemas, CancellationToken ct) =>
        db.QuerySingleAsync<FileChanges>(new CommandDefinition(
            $"""
            insert into {schemas.Build}.{Gone}
            select f.file_id
            from   {schemas.Published}.{LocalTables.Files} f join {schemas.Build}.{Listed} l on l.part = f.part and l.name = f.name
            where  l.bytes <> f.bytes
               or  case when l.tag is null or f.tag is null then l.modified <> f.modified else l.tag <> f.tag end;

            insert into {schemas.Build}.{LocalTables.Files} (file_id, part, name, bytes, modified, tag)
            select (select coalesce(max(file_id), 0) from {schemas.Published}.{LocalTables.Files}) + row_number() over (order by l.file_id),
                   l.part, l.name, l.bytes, l.modified, l.tag
            from   {schemas.Build}.{Listed} l left join {schemas.Published}.{LocalTables.Files} f on f.part = l.part and f.name = l.name
            where  f.file_id is null or f.file_id in (select file_id from {schemas.Build}.{Gone});

            select (select count(*) from {schemas.Build}.{LocalTables.Files}) - (select count(*) from {schemas.Build}.{Gone}) as New,
                   (select count(*) from {schemas.Build}.{Gone}) as Changed,
                   (select count(*) from {schemas.Published}.{LocalTables.Files} f
                    where  not exists (select from {schemas.Build}.{Listed} l where l.part = f.part and l.name = f.name)) as Missing,
                   (select coalesce(sum(bytes), 0)::bigint from {schemas.Build}.{LocalTables.Files}) as Bytes,
                   (select coalesce(sum(bytes), 0)::bigint from {schemas.Published}.{LocalTables.Files}) as Before
            """, commandTimeout: 0, cancellationToken: ct));

    /// <summary>Makes of a build that was to add to a star one that reads all files that were listed.</summary>
    public static Task ReadAllAsync(NpgsqlConnection db, string build, CancellationToken ct) => db.ExecuteAsync(new CommandDefinition(
        $"""
        delete from {build}.{LocalTables.Files};
        insert into {build}.{LocalTables.Files} select * from {build}.{Listed};
        drop table {build}.{Listed}, {build}.{Gone};
        """, commandTimeout: 0, cancellationToken: ct));
}
