using Dapper;
using Npgsql;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>A COPY as the cluster remembers it.</summary>
/// <param name="Query">Its number.</param>
/// <param name="Session">The server process that runs it.</param>
/// <param name="Status">Such as <c>running</c> or <c>success</c>.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record CopyQuery(long Query, int Session, string Status, string? Error)
{
    /// <summary>Whether it is not over yet.</summary>
    public bool IsUnderWay => Status is "planning" or "queued" or "running" or "returning";

    /// <summary>Whether its rows are there.</summary>
    public bool Succeeded => Status == "success";
}

/// <summary>How far a COPY is.</summary>
internal sealed record CopyProgress(long Query, string Status, long Rows, long Files, long Bytes, long Errors, long SourceFiles)
{
    /// <summary>Whether it is not over yet.</summary>
    public bool IsUnderWay => Status == "running";
}

/// <summary>Reads Redshift's own books on COPYs. They are written a little later than things happen, and text in them is padded.</summary>
internal static class CopyHistory
{
    // The width of file_name.
    private const int LongestName = 256;

    /// <summary>An object's name as it stands in the books.</summary>
    public static string NameOf(S3Path path) => path.ToString() is var name && name.Length > LongestName ? name[..LongestName] : name;

    /// <summary>The label's beginning that all COPYs of one kind for one build share; what tells attempts apart comes after it.</summary>
    public static string Label(long run, string step, string build, string kind) => $"sparkify:{run}:{step}:{build}:{kind}:";

    /// <summary>The latest COPY with a label, or none.</summary>
    public static async Task<CopyQuery?> FindAsync(NpgsqlConnection db, string label, CancellationToken ct) =>
        await db.QueryFirstOrDefaultAsync<CopyQuery>(new CommandDefinition(
            """
            select query_id as Query, cast(session_id as integer) as Session, trim(status) as Status, trim(error_message) as Error
            from   sys_query_history
            where  query_label like @pattern and query_type = 'COPY'
            order  by start_time desc, query_id desc
            limit  1
            """, new { pattern = label + "%" }, cancellationToken: ct));

    /// <summary>How far the COPY of a number is; none when it has not come to reading.</summary>
    public static async Task<CopyProgress?> ProgressAsync(NpgsqlConnection db, long query, CancellationToken ct) =>
        await db.QueryFirstOrDefaultAsync<CopyProgress>(new CommandDefinition(
            """
            select query_id as Query, trim(status) as Status, cast(loaded_rows as bigint) as Rows,
                   cast(file_count_scanned as bigint) as Files, cast(file_bytes_scanned as bigint) as Bytes,
                   cast(error_count as bigint) as Errors, cast(source_file_count as bigint) as SourceFiles
            from   sys_load_history
            where  query_id = @query
            """, new { query }, cancellationToken: ct));

    /// <summary>How many objects a COPY has read, counted one by one.</summary>
    public static async Task<long> FilesAsync(NpgsqlConnection db, long query, CancellationToken ct) =>
        await db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(distinct file_name) from sys_load_detail where query_id = @query", new { query }, cancellationToken: ct));

    /// <summary>The records a COPY could not load, by object and line.</summary>
    public static async Task<IReadOnlyList<CopyError>> ErrorsAsync(NpgsqlConnection db, long query, CancellationToken ct) =>
        (await db.QueryAsync<CopyError>(new CommandDefinition(
            """
            select trim(file_name) as File, cast(line_number as bigint) as Line, trim(column_name) as Column, cast(error_code as integer) as Code, trim(error_message) as Message
            from   sys_load_error_detail
            where  query_id = @query
            order  by file_name, line_number
            """, new { query }, commandTimeout: 0, cancellationToken: ct))).AsList();
}

/// <summary>A record a COPY could not load.</summary>
internal sealed record CopyError(string File, long Line, string Column, int Code, string Message);
