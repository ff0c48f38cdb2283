using Npgsql;
using NpgsqlTypes;

namespace Sparkify.Simulator.DataPlane.History;

/// <summary>The statements that write the journal, one for each kind of record whatever their number.</summary>
internal static class JournalSql
{
    public static void Queries(NpgsqlBatch batch, List<QueryRecord> records) => Add(batch, """
        insert into sim_internal.queries
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (query_id) do update set status = excluded.status, end_time = excluded.end_time, error_message = excluded.error_message,
            returned_rows = excluded.returned_rows
        """,
        Column(records, static r => r.Id), Column(records, static r => r.User), Column(records, static r => r.Label), Column(
            records, static r => r.Transaction),
        Column(records, static r => r.Session), Column(records, static r => r.Type), Column(records, static r => r.Status), Column(
            records, static r => r.StartedAt.UtcDateTime),
        Column(records, static r => r.EndedAt?.UtcDateTime), Column(
            records, static r => r.Error), Column(records, static r => r.Rows), Column(records, static r => r.Text));

    public static void Transactions(NpgsqlBatch batch, List<TransactionRecord> records) => Add(batch, """
        insert into sim_internal.transactions
        select * from unnest($1, $2, $3, $4, $5)
        on conflict (transaction_id) do update set status = excluded.status, end_time = excluded.end_time
        """,
        Column(records, static r => r.Id), Column(records, static r => r.User), Column(records, static r => r.Status),
        Column(records, static r => r.StartedAt.UtcDateTime), Column(records, static r => r.EndedAt?.UtcDateTime));

    public static void Load(NpgsqlBatch batch, QueryRecord query)
    {
        if (query.Load is not { } load)
        {
            return;
        }

        Add(batch, """
            insert into sim_internal.loads values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            on conflict (query_id) do update set status = $2, source_file_count = $6, source_file_bytes = $7, file_count_scanned = $8, file_bytes_scanned = $9,
                loaded_rows = $10, loaded_bytes = $11, error_count = $12
            """,
            query.Id, load.Status, load.Table, load.Source, load.Format, load.SourceFiles, load.SourceBytes, load.FilesScanned,
            load.FileBytesScanned,
            load.Rows, load.Bytes, load.Errors);
        var (files, errors) = load.TakeNews();
        if (files.Count > 0)
        {
            Add(batch, "insert into sim_internal.load_files select $1, * from unnest($2, $3, $4, $5, $6)",
                query.Id, Column(files, static f => f.Name), Column(files, static f => f.Bytes), Column(files, static f => f.Lines),
                Column(files, static f => f.StartedAt.UtcDateTime), Column(files, static f => f.EndedAt.UtcDateTime));
        }

        if (errors.Count > 0)
        {
            Add(batch, "insert into sim_internal.load_errors select $1, $2, * from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                query.Id, load.Table, Column(
                    errors, static e => e.At.UtcDateTime), Column(errors, static e => e.File), Column(errors, static e => e.Line),
                Column(errors, static e => e.Column), Column(errors, static e => e.Type), Column(errors, static e => e.Length), Column(
                    errors, static e => e.Position),
                Column(errors, static e => e.Code), Column(errors, static e => e.Message),
                Column(errors, static e => e.Record), Column(errors, static e => e.Value));
        }
    }

    private static TValue[] Column<T, TValue>(List<T> records, Func<T, TValue> value) => [.. records.Select(value)];

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            var parameter = new NpgsqlParameter { Value = value };
            if (value is DateTime[] or DateTime?[])
            {
                // Not to be guessed from the first element, which may not be there.
                parameter.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz;
            }

            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }
}
