using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>
/// The load's own tables in the build schema: which files it reads, what came of them, and a mark that tells whose build it is.
/// They are published with the rest.
/// </summary>
internal static class LocalTables
{
    /// <summary>An empty build schema, marked with the run.</summary>
    public static async Task CreateAsync(
        NpgsqlConnection db, string build, long run, CancellationToken ct) => await db.ExecuteAsync(new CommandDefinition(
        $"""
        drop schema if exists {build} cascade;
        create schema {build};
        create table {build}.load (run bigint not null, repeated_plays bigint not null default 0);
        insert into {build}.load (run) values ({run});
        create table {build}.{Files} (
            file_id integer not null primary key, part text not null, name text not null, bytes bigint not null, modified timestamptz not null, tag text);
        create table {build}.load_counts (part text not null primary key, read bigint not null, staged bigint not null, rejected bigint not null);
        """, cancellationToken: ct));

    /// <summary>The table of the files a load reads.</summary>
    public const string Files = "source_files";

    /// <summary>Writes the files of one part, numbered on from <paramref name="last"/>; gives how many and how large.</summary>
    public static async Task<(int Files, long Bytes)> AddFilesAsync(
        NpgsqlConnection db, string table, SourcePart part, int last, IAsyncEnumerable<SourceFile> files, Action<long> onFile,
        CancellationToken ct)
    {
        await using var writer = await db.BeginBinaryImportAsync(
            $"copy {table} (file_id, part, name, bytes, modified, tag) from stdin (format binary)", ct);
        return await FileRows.WriteAsync(writer, run: null, part, last, files, onFile, ct);
    }

    /// <summary>The files of one part in a table of them.</summary>
    public static async Task<IReadOnlyList<NumberedFile>> FilesAsync(
        NpgsqlConnection db, string table, SourcePart part, CancellationToken ct)
    {
        var rows = await db.QueryAsync<(int Id, string Name, long Bytes, DateTime Modified, string? Tag)>(new CommandDefinition(
            $"select file_id, name, bytes, modified, tag from {table} where part = @part order by file_id",
            new { part = part.Word() }, cancellationToken: ct));
        return [.. rows.Select(
            r => new NumberedFile(r.Id, new SourceFile(r.Name, r.Bytes, new DateTimeOffset(r.Modified, TimeSpan.Zero), r.Tag)))];
    }
}
