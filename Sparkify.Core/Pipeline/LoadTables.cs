using Dapper;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>
/// The load's own tables in the build schema: which files it reads, what came of them, and a mark that tells whose build it is.
/// They are published with the rest.
/// </summary>
internal static class LoadTables
{
    /// <summary>An empty build schema, marked with the run. The mark is unlogged like the staging tables: a crash of the server empties all of them together.</summary>
    public static async Task CreateAsync(NpgsqlConnection db, long run, CancellationToken ct) => await db.ExecuteAsync(new CommandDefinition(
        $"""
        drop schema if exists {Schemas.Build} cascade;
        create schema {Schemas.Build};
        create unlogged table {Schemas.Build}.load (run bigint not null, repeated_plays bigint not null default 0);
        insert into {Schemas.Build}.load (run) values ({run});
        create table {Schemas.Build}.source_files (
            file_id integer not null primary key, part text not null, name text not null, bytes bigint not null, modified timestamptz not null, tag text);
        create table {Schemas.Build}.load_counts (part text not null primary key, read bigint not null, staged bigint not null, rejected bigint not null);
        """, cancellationToken: ct));

    /// <summary>Whether a schema holds what a run built.</summary>
    public static async Task<bool> HoldsAsync(NpgsqlConnection db, string schema, long run, CancellationToken ct) =>
        await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select to_regclass(@table) is not null", new { table = $"{schema}.load" }, cancellationToken: ct))
        && await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"select exists (select 1 from {schema}.load where run = @run)", new { run }, cancellationToken: ct));

    /// <summary>
    /// Makes sure that the build is this run's and whole. A crash of the server empties the mark and the staging tables together; asked on
    /// the session that does the work, since a crash that comes later breaks that session.
    /// </summary>
    public static async Task EnsureHoldsAsync(NpgsqlConnection db, long run, CancellationToken ct)
    {
        if (!await HoldsAsync(db, Schemas.Build, run, ct))
        {
            throw new GroundLostException("What this load had built is not there any more: the database server crashed, or somebody dropped it.");
        }
    }

    /// <summary>Writes the files of one part, numbered on from <paramref name="last"/>; gives how many and how large.</summary>
    public static async Task<(int Files, long Bytes)> AddFilesAsync(
        NpgsqlConnection db, SourcePart part, int last, IAsyncEnumerable<SourceFile> files, Action<long> onFile, CancellationToken ct)
    {
        await using var writer = await db.BeginBinaryImportAsync(
            $"copy {Schemas.Build}.source_files (file_id, part, name, bytes, modified, tag) from stdin (format binary)", ct);
        return await WriteFilesAsync(writer, run: null, part, last, files, onFile, ct);
    }

    /// <summary>Writes the columns of files into a COPY that was begun, each row after its run when one is given, and completes it.</summary>
    public static async Task<(int Files, long Bytes)> WriteFilesAsync(
        NpgsqlBinaryImporter writer, long? run, SourcePart part, int last, IAsyncEnumerable<SourceFile> files, Action<long> onFile, CancellationToken ct)
    {
        var (count, total) = (0, 0L);
        await foreach (var file in files.WithCancellation(ct))
        {
            await writer.StartRowAsync(ct);
            if (run is { } number)
            {
                await writer.WriteAsync(number, NpgsqlDbType.Bigint, ct);
            }

            await writer.WriteAsync(last + ++count, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(Word(part), NpgsqlDbType.Text, ct);
            await writer.WriteAsync(file.Name, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(file.Bytes, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(file.Modified.UtcDateTime, NpgsqlDbType.TimestampTz, ct);
            await writer.WriteAsync(file.Tag, NpgsqlDbType.Text, ct);
            total += file.Bytes;
            onFile(file.Bytes);
        }

        await writer.CompleteAsync(ct);
        return (count, total);
    }

    /// <summary>The files of one part, as they were scanned.</summary>
    public static async Task<IReadOnlyList<NumberedFile>> FilesAsync(NpgsqlConnection db, SourcePart part, CancellationToken ct)
    {
        var rows = await db.QueryAsync<(int Id, string Name, long Bytes, DateTime Modified, string? Tag)>(new CommandDefinition(
            $"select file_id, name, bytes, modified, tag from {Schemas.Build}.source_files where part = @part order by file_id",
            new { part = Word(part) }, cancellationToken: ct));
        return [.. rows.Select(r => new NumberedFile(r.Id, new SourceFile(r.Name, r.Bytes, new DateTimeOffset(r.Modified, TimeSpan.Zero), r.Tag)))];
    }

    /// <summary>Writes what came of one part's records.</summary>
    public static async Task CountAsync(NpgsqlConnection db, SourcePart part, StagingResult result, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            $"""
            insert into {Schemas.Build}.load_counts values (@part, @Read, @Staged, @Rejected)
            on conflict (part) do update set read = excluded.read, staged = excluded.staged, rejected = excluded.rejected
            """,
            new { part = Word(part), result.Read, result.Staged, result.Rejected }, cancellationToken: ct));

    /// <summary>A part's word in the database and the API.</summary>
    public static string Word(SourcePart part) => part == SourcePart.Events ? "events" : "songs";
}
