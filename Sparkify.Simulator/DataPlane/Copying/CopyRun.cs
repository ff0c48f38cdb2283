using System.Buffers;
using System.Globalization;
using System.Text;
using Sparkify.Simulator.DataPlane.History;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>
/// Runs a COPY: reads the files with the role's rights and passes the rows to the server behind, within the client's own transaction.
/// </summary>
internal sealed class CopyRun(CopyStatement copy)
{
    private const int MostShown = 1024;

    private string Target =>
        copy.Schema is null
            ? ClusterDatabase.Quote(copy.Table)
            : $"{ClusterDatabase.Quote(copy.Schema)}.{ClusterDatabase.Quote(copy.Table)}";

    public async Task<string> RunAsync(SqlConversation conversation, QueryRecord record, CancellationToken ct)
    {
        var load = record.Load = new LoadRecord
        {
            Table = copy.Table,
            Source = copy.From.ToString(),
            Format = copy.Json is not null ? "JSON" : copy.Fields.Csv ? "CSV" : "TEXT",
        };
        try
        {
            await LoadAsync(conversation, load, record, ct);
            load.Status = "completed";
        }
        catch
        {
            load.Status = "aborted";
            throw;
        }

        if (!copy.NoLoad && !copy.WithoutStatistics)
        {
            // As Redshift does; who does not own the table is told so by the server, and nobody else.
            await conversation.AskAsync($"analyze {Target}", ct);
        }

        record.Rows = load.Rows;
        await conversation.AskAsync(
            $"set sim.last_copy_count = '{(copy.NoLoad ? 0 : load.Rows)}'; set sim.last_copy_id = '{record.Id}'", ct);
        conversation.Tell(SqlError.Info(copy.NoLoad
            ? $"Load into table '{copy.Table}' completed, NOLOAD option was specified: {load.Rows} record(s) checked, none loaded."
            : $"Load into table '{copy.Table}' completed, {load.Rows} record(s) loaded successfully."));
        return "COPY";
    }

    private async Task LoadAsync(SqlConversation conversation, LoadRecord load, QueryRecord record, CancellationToken ct)
    {
        var columns = await ColumnsAsync(conversation, ct);
        var source = new CopySource(copy, conversation.Session.Cluster);
        var files = source.Files();
        (load.SourceFiles, load.SourceBytes) = (files.Count, files.Sum(static f => f.Length));
        ICopyRows rows = copy.Json is { } json ? await JsonRowsAsync(json, source, columns, ct) : new FieldRows(copy, columns);
        if (copy.NoLoad)
        {
            await ReadAllAsync(conversation, source, files, rows, load, static (_, _) => ValueTask.CompletedTask, ct);
            return;
        }

        var names = string.Join(", ", columns.Select(static c => ClusterDatabase.Quote(c.Name)));
        await using var sink = await CopySink.OpenAsync(conversation, $"copy {Target} ({names}) from stdin", ct);
        await ReadAllAsync(conversation, source, files, rows, load, sink.WriteAsync, ct);
        await sink.CompleteAsync(ct);
    }

    private async Task<JsonRows> JsonRowsAsync(string json, CopySource source, IReadOnlyList<CopyColumn> columns, CancellationToken ct)
    {
        var paths = S3Url.TryParse(json) is { } url ? await source.JsonPathsAsync(url, ct)
            : json is "auto" or "auto ignorecase" ? null
            : throw new SqlErrorException(
                "XX000", $"Invalid JSON argument '{json}': it is 'auto', 'auto ignorecase' or the s3:// location of a JSONPaths file.");
        return paths is null || paths.Count == columns.Count ? new JsonRows(copy, columns, paths) : throw new SqlErrorException("XX000",
            $"Number of jsonpaths and the number of columns should match. JSONPath size: {paths.Count}, Number of columns in table or column list: {columns.Count}");
    }

    private async Task ReadAllAsync(
        SqlConversation conversation, CopySource source, IReadOnlyList<CopyFile> files, ICopyRows rows, LoadRecord load,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken ct)
    {
        var (cluster, clock) = (conversation.Session.Cluster, conversation.Session.Cluster.Journal);
        var buffer = new ArrayBufferWriter<byte>(256 * 1024);
        foreach (var file in files)
        {
            await cluster.Faults.CopyTurnAsync(conversation.Session.HangUp, load.Rows, ct);
            var started = clock.Now;
            await using var stream = source.Open(file.Url, copy.Compression);
            ICopyRecords records = copy.Json is null ? new FieldRecords(stream, copy.Fields) : new JsonRecords(stream);
            try
            {
                while (await records.NextAsync(ct) is { } found)
                {
                    var before = buffer.WrittenCount;
                    var wrong = found.Problem is null
                        ? rows.Append(found.Bytes, buffer)
                        : new RowProblem(null, new ValueProblem(1216, found.Problem));
                    if (wrong is { } error)
                    {
                        // What the row had so far is taken back.
                        Keep(buffer, before);
                        Fail(load, file, found, error, clock.Now);
                        continue;
                    }

                    load.AddRow(buffer.WrittenCount - before);
                    if (buffer.WrittenCount > 128 * 1024)
                    {
                        await write(buffer.WrittenMemory, ct);
                        buffer.ResetWrittenCount();
                        await cluster.Faults.CopyTurnAsync(conversation.Session.HangUp, load.Rows, ct);
                    }
                }
            }
            catch (InvalidDataException)
            {
                var damaged = new ValueProblem(1216, $"The file is not {copy.Compression}, or is damaged.");
                Fail(load, file, default, new RowProblem(null, damaged), clock.Now);
            }

            load.AddFileBytes(file.Length);
            load.Add(new LoadedFile(file.Url.ToString(), file.Length, records.Lines, started, clock.Now));
        }

        await write(buffer.WrittenMemory, ct);
    }

    private static void Keep(ArrayBufferWriter<byte> buffer, int length)
    {
        var kept = buffer.WrittenSpan[..length].ToArray();
        buffer.ResetWrittenCount();
        buffer.Write(kept);
    }

    private void Fail(LoadRecord load, CopyFile file, CopyRecord record, RowProblem wrong, DateTimeOffset now)
    {
        var column = wrong.Column;
        load.Add(new LoadError(
            file.Url.ToString(), record.Line, column?.Name ?? "", column?.Type ?? "", column?.LengthText ?? "", 0, wrong.Problem.Code,
            wrong.Problem.Message, Shown(Encoding.UTF8.GetString(record.Bytes.Span[..Math.Min(record.Bytes.Length, MostShown)])),
            Shown(wrong.Value), now));
        if (!copy.IgnoreAllErrors && load.Errors >= Math.Max(1, copy.MaxError))
        {
            throw new SqlErrorException(
                "XX000", $"Load into table '{copy.Table}' failed.  Check 'sys_load_error_detail' system table for details.");
        }
    }

    /// <summary>As much of a text as STL_LOAD_ERRORS shows, without what the server keeps in no text.</summary>
    private static string Shown(string text)
    {
        var shown = text.Replace("\0", "", StringComparison.Ordinal);
        return shown.Length > MostShown ? shown[..MostShown] : shown;
    }

    private async Task<IReadOnlyList<CopyColumn>> ColumnsAsync(SqlConversation conversation, CancellationToken ct)
    {
        var rows = await conversation.AskAsync($"""
            select a.attname, t.typname, a.atttypmod, a.attnotnull, a.attidentity from pg_attribute a join pg_type t on t.oid = a.atttypid
            where a.attrelid = '{Target.Replace("'", "''", StringComparison.Ordinal)}'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
            """, ct);
        var all = rows.Select(static r => (Column: new CopyColumn(
            r[0]!, r[1]!, int.Parse(r[2]!, CultureInfo.InvariantCulture), r[3] == "t"), Identity: r[4]!.Length > 0)).ToList();
        if (copy.Columns is null)
        {
            return [.. all.Where(c => copy.ExplicitIds || !c.Identity).Select(static c => c.Column)];
        }

        return [.. copy.Columns.Select(name => all.Find(c => c.Column.Name == name).Column
            ?? throw new SqlErrorException("42703", $"column \"{name}\" of relation \"{copy.Table}\" does not exist"))];
    }
}

/// <summary>A COPY FROM STDIN on the server behind. What it answers early, an error or a cancel, is seen at the next write.</summary>
internal sealed class CopySink : IAsyncDisposable
{
    private readonly SqlConversation _conversation;
    private Task<PgMessage>? _answer;

    private CopySink(SqlConversation conversation) => _conversation = conversation;

    public static async Task<CopySink> OpenAsync(SqlConversation conversation, string sql, CancellationToken ct)
    {
        var sink = new CopySink(conversation);
        conversation.Backend.Write('Q', new PgBody().Text(sql).ToArray());
        await conversation.Backend.FlushAsync(ct);
        sink.Listen();
        var first = await sink._answer!;
        if (first.Type == 'G')
        {
            sink.Listen();
        }
        else
        {
            await sink.EndAsync();
        }

        return sink;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_answer!.IsCompleted)
        {
            await EndAsync();
        }

        if (!data.IsEmpty)
        {
            _conversation.Backend.Write('d', data.Span);
            // Whole or not at all: half a message would spoil the connection for what comes after a cancel.
            await _conversation.Backend.FlushAsync(CancellationToken.None);
        }
    }

    public async Task CompleteAsync(CancellationToken ct)
    {
        _conversation.Backend.Write('c', []);
        await _conversation.Backend.FlushAsync(ct);
        await EndAsync();
    }

    /// <summary>Gives it up when it was not completed: the server then has no row of it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_answer is null)
        {
            return;
        }

        try
        {
            _conversation.Backend.Write('f', new PgBody().Text("given up").ToArray());
            await _conversation.Backend.FlushAsync(CancellationToken.None);
            await EndAsync();
        }
        catch (SqlErrorException)
        {
            // That it failed is what was asked for; why is known already.
        }
    }

    private void Listen() => _answer = _conversation.Backend.ReadAsync(CancellationToken.None).AsTask();

    /// <summary>Reads the answer to its end; an error in it is the statement's.</summary>
    private async Task EndAsync()
    {
        SqlError? error = null;
        for (var message = await _answer!; ; message = await _conversation.Backend.ReadAsync(CancellationToken.None))
        {
            if (message.Type == 'E')
            {
                error = _conversation.Backend.Translated(message.Body.Span, null);
            }
            else if (message.Type == 'Z')
            {
                _answer = null;
                _conversation.Backend.Settled((char)message.Body.Span[0]);
                if (error is not null)
                {
                    throw new SqlErrorException(
                        error.Code == "57014" ? error with { Message = "Query cancelled on user's request" } : error);
                }

                return;
            }
        }
    }
}
