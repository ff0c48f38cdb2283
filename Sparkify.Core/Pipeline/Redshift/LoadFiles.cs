using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>An object of a load, and where it was packed to, if it was.</summary>
/// <param name="File">The object.</param>
/// <param name="PackedInto">The name of the part it is in; none when it is read itself.</param>
/// <param name="PackedLine">The part's line it begins on, from 1.</param>
internal sealed record LoadFile(NumberedFile File, string? PackedInto, long? PackedLine)
{
    /// <summary>Whether it is gzip: as its name says, until its first bytes were looked at.</summary>
    public bool IsGzip { get; init; } = WholeGzip.Is(File.File.Name);

    /// <summary>Whether its first bytes begin one JSON array: a COPY would take all of it for a single record.</summary>
    public bool IsArray { get; init; }
}

/// <summary>What loads on Redshift read, in the store.</summary>
internal sealed class LoadFiles(IStore store)
{
    /// <summary>
    /// Forgets what this and earlier loads of a warehouse were to read, but for those whose stars there are: it says what is in these.
    /// </summary>
    public async Task ClearAsync(string warehouse, long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            $"""
            delete from load_files
            where  run in ({RunQueries.OfWarehouse})
              and  (run = @run or run not in (select published_run from warehouses where name = @warehouse and published_run is not null
                                              union all select run from kept_stars where warehouse = @warehouse))
            """, new { warehouse, run }, cancellationToken: ct));
    }

    /// <summary>Whether it is known what is in the star of a load.</summary>
    public async Task<bool> KnowsAsync(long star, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from load_files where run = @star)", new { star }, cancellationToken: ct));
    }

    /// <summary>
    /// What has become of the files of a star, by what a load has listed; a file has changed when its size or its ETag has. When none has,
    /// the load is to read the new ones alone: the star's files are carried.
    /// </summary>
    public async Task<FileChanges> CompareAsync(long run, long star, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var values = new { run, star };
        var changes = await db.QuerySingleAsync<FileChanges>(new CommandDefinition(
            """
            select count(*) filter (where s.run is null) as New,
                   count(*) filter (where s.bytes <> l.bytes or s.tag <> l.tag) as Changed,
                   count(*) filter (where l.run is null) as Missing,
                   coalesce(sum(l.bytes) filter (where s.run is null), 0)::bigint as Bytes,
                   coalesce(sum(s.bytes), 0)::bigint as Before
            from   (select * from load_files where run = @run) l
                   full join (select * from load_files where run = @star) s on s.part = l.part and s.name = l.name
            """, values, transaction, commandTimeout: 0, cancellationToken: ct));
        if (changes.Changed == 0)
        {
            await db.ExecuteAsync(new CommandDefinition(
                """
                update load_files l set carried = true
                from   load_files s where l.run = @run and s.run = @star and s.part = l.part and s.name = l.name;
                insert into load_files (run, file_id, part, name, bytes, modified, tag, carried, listed)
                select @run, (select max(file_id) from load_files where run = @run) + row_number() over (order by s.file_id),
                       s.part, s.name, s.bytes, s.modified, s.tag, true, false
                from   load_files s
                where  s.run = @star and not exists (
                       select from load_files l where l.run = @run and l.part = s.part and l.name = s.name)
                """, values, transaction, commandTimeout: 0, cancellationToken: ct));
        }

        await transaction.CommitAsync(ct);
        return changes;
    }

    /// <summary>Writes the files of one part, numbered on from <paramref name="last"/>; gives how many and how large.</summary>
    public async Task<(int Files, long Bytes)> AddAsync(
        long run, SourcePart part, int last, IAsyncEnumerable<SourceFile> files, Action<long> onFile, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var writer = await db.BeginBinaryImportAsync(
            "copy load_files (run, file_id, part, name, bytes, modified, tag) from stdin (format binary)", ct);
        return await FileRows.WriteAsync(writer, run, part, last, files, onFile, ct);
    }

    /// <summary>The files of one part that a load is to read, in order.</summary>
    public Task<IReadOnlyList<LoadFile>> ListAsync(long run, SourcePart part, CancellationToken ct) =>
        WhereAsync("not carried", run, part, ct);

    /// <summary>The files of one part that a load has listed, in order.</summary>
    public async Task<IReadOnlyList<NumberedFile>> ListedAsync(long run, SourcePart part, CancellationToken ct) =>
        [.. (await WhereAsync("listed", run, part, ct)).Select(static f => f.File)];

    private async Task<IReadOnlyList<LoadFile>> WhereAsync(string which, long run, SourcePart part, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<(int Id, string Name, long Bytes, DateTime Modified, string? Tag, string? Into, long? Line)>(
            new CommandDefinition(
            $"select file_id, name, bytes, modified, tag, packed_into, packed_line from load_files where run = @run and part = @part and {which} order by file_id",
            new { run, part = part.Word() }, cancellationToken: ct));
        return [.. rows.Select(r => new LoadFile(
            new NumberedFile(
                r.Id, new SourceFile(r.Name, r.Bytes, new DateTimeOffset(r.Modified, TimeSpan.Zero), r.Tag)), r.Into, r.Line))];
    }

    /// <summary>Writes where files were packed to.</summary>
    public async Task PackAsync(long run, IReadOnlyList<PackedFile> packed, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            update load_files f set packed_into = p.name, packed_line = p.line
            from   unnest(@ids::integer[], @names::text[], @lines::bigint[]) p (id, name, line)
            where  f.run = @run and f.file_id = p.id
            """,
            new
            {
                run,
                ids = packed.Select(p => p.FileId).ToArray(),
                names = packed.Select(p => p.Into)
                .ToArray(),
                lines = packed.Select(p => p.Line).ToArray()
            },
            cancellationToken: ct));
    }

    /// <summary>Writes that nothing is packed any more.</summary>
    public async Task UnpackAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "update load_files set packed_into = null, packed_line = null where run = @run and packed_into is not null", new { run },
            cancellationToken: ct));
    }
}

/// <summary>Where one file was packed to.</summary>
internal sealed record PackedFile(int FileId, string Into, long Line);
