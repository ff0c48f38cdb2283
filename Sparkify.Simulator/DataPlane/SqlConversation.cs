using System.Text;
using Npgsql;
using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.History;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// What is said on a session after its login. A request is read whole (a Query, or everything up to a Sync), its SQL is put from
/// Redshift's dialect into the server's, and its answer is relayed as it comes. Statements of our own, such as COPY, run here.
/// </summary>
internal sealed class SqlConversation(SqlSession session, PgStream backend)
{
    private static readonly HashSet<string> Withheld = new(StringComparer.Ordinal)
    {
        // Redshift's age knows none of these.
        "standard_conforming_strings", "in_hot_standby", "default_transaction_read_only", "scram_iterations", "search_path", "session_authorization",
    };

    private readonly Dictionary<string, Prepared> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Prepared?> _portals = new(StringComparer.Ordinal);
    private readonly List<PgMessage> _request = [];

    public SqlSession Session => session;

    public PgStream Backend => backend;

    public ClusterDatabase Database => session.Cluster.Database;

    /// <summary><c>I</c> outside a transaction, <c>T</c> in one, <c>E</c> in one that failed.</summary>
    public char Status { get; private set; } = 'I';

    /// <summary>The transaction that statements belong to just now.</summary>
    public long Transaction { get; private set; }

    /// <summary>What <c>SET query_group</c> gave.</summary>
    public string? QueryGroup { get; set; }

    public async Task StartAsync(Action<int, int> known, CancellationToken ct)
    {
        while (true)
        {
            var message = await ReadBackendAsync(ct);
            if (message.Type == 'K')
            {
                var reader = new PgReader(message.Body.Span);
                known(reader.Int32(), reader.Int32());
            }

            Relay(message);
            if (message.Type == 'Z')
            {
                await session.Client.FlushAsync(ct);
                return;
            }
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (await session.Client.ReadAsync(ct) is { } message)
        {
            switch (message.Type)
            {
                case 'X':
                    return;
                case 'Q':
                    await AnswerAsync(SimpleAsync(new PgReader(message.Body.Span).Text(), ct), ct);
                    break;
                case 'S':
                    await AnswerAsync(ExtendedAsync(ct), ct);
                    _request.Clear();
                    break;
                case 'P' or 'B' or 'D' or 'E' or 'C':
                    _request.Add(message.Kept());
                    break;
                case 'F':
                    await FailAsync(new SqlError("0A000", "Function calls of the wire protocol are not supported."), ct);
                    break;
                default:
                    // Flush: the answer comes with the Sync. Copy data: there is no COPY FROM STDIN that would want them.
                    break;
            }
        }
    }

    /// <summary>Runs a statement on the server behind without telling the client, and gives its rows.</summary>
    public async Task<IReadOnlyList<string?[]>> AskAsync(string sql, CancellationToken ct)
    {
        backend.Write('Q', new PgBody().Text(sql).ToArray());
        await backend.FlushAsync(ct);
        List<string?[]> rows = [];
        SqlError? error = null;
        while (true)
        {
            var message = await ReadBackendAsync(ct);
            switch (message.Type)
            {
                case 'D':
                    rows.Add(Row(message.Body.Span));
                    break;
                case 'E':
                    error = Translated(message.Body.Span, null);
                    break;
                case 'Z':
                    Status = (char)message.Body.Span[0];
                    return error is null ? rows : throw new SqlErrorException(error);
            }
        }
    }

    /// <summary>What the server behind said at the end of an exchange.</summary>
    public void Settled(char status) => Status = status;

    public void Tell(SqlError notice) => session.Client.Write('N', notice.ToBody());

    public async ValueTask<PgMessage> ReadBackendAsync(CancellationToken ct)
        => await backend.ReadAsync(ct) ?? throw new EndOfStreamException("The server behind the cluster closed the connection.");

    private async Task AnswerAsync(Task work, CancellationToken ct)
    {
        try
        {
            await work;
        }
        catch (SqlErrorException e)
        {
            await FailAsync(e.Error, ct);
        }
        catch (NpgsqlException e)
        {
            await FailAsync(new SqlError("XX000", $"The simulator could not write down or read what it keeps: {e.Message}"), ct);
        }

        await session.Client.FlushAsync(ct);
    }

    /// <summary>Ends a request with an error; an open transaction fails with it.</summary>
    private async Task FailAsync(SqlError error, CancellationToken ct)
    {
        if (Status == 'T')
        {
            try
            {
                await AskAsync("sim_fail", ct);
            }
            catch (SqlErrorException)
            {
                // The point of it: the server's transaction has failed as well.
            }
        }

        session.Client.Write('E', error.ToBody());
        Ready();
    }

    private void Ready() => session.Client.Write('Z', [(byte)Status]);

    private async Task SimpleAsync(string sql, CancellationToken ct)
    {
        var statements = RedshiftDialect.Prepare(sql, Database);
        if (statements.Count > 1 && !statements.All(static s => s.IsRead))
        {
            throw new SqlErrorException("0A000", "Several statements in one command are not supported by the simulator unless all of them only read: send them one by one.");
        }

        if (statements is [{ Own: { } own } only])
        {
            var tag = await RunOwnAsync(only, own, ct);
            session.Client.Write('C', new PgBody().Text(tag).ToArray());
            Ready();
            return;
        }

        await ForwardAsync(statements.Count > 0 ? statements[0] : null, () =>
            backend.Write('Q', new PgBody().Text(string.Join(";\n", statements.Select(static s => s.Sql))).ToArray()), ct);
    }

    private async Task ExtendedAsync(CancellationToken ct)
    {
        Prepared? executed = null;
        var (executions, own) = (0, false);
        List<PgMessage> forward = [];
        foreach (var message in _request)
        {
            var kept = message;
            Prepared? meant = null;
            switch (message.Type)
            {
                case 'P':
                    (kept, meant) = Parse(message.Body.Span);
                    break;
                case 'B':
                    meant = Bind(message.Body.Span);
                    break;
                case 'E':
                    executions++;
                    executed = meant = _portals.GetValueOrDefault(new PgReader(message.Body.Span).Text());
                    break;
                case 'D':
                    meant = Named(message.Body.Span);
                    break;
            }

            own |= meant?.Own is not null;
            forward.Add(kept);
        }

        if (executions > 1)
        {
            throw new SqlErrorException("0A000", "Several statements in one command are not supported: send them one by one.");
        }

        if (own)
        {
            await AnswerOwnAsync(ct);
            return;
        }

        await ForwardAsync(executed, () =>
        {
            foreach (var message in forward)
            {
                backend.Write(message.Type, message.Body.Span);
            }

            backend.Write('S', []);
        }, ct);
    }

    private (PgMessage, Prepared) Parse(ReadOnlySpan<byte> body)
    {
        var reader = new PgReader(body);
        var name = reader.Text();
        var text = reader.Text();
        var rest = reader.Rest;
        for (var left = reader.Int16(); left > 0; left--)
        {
            Refusals.ParameterType(reader.Int32());
        }

        var prepared = RedshiftDialect.Prepare(text, Database) switch
        {
            [] => new Prepared("", ""),
            [var one] => one,
            _ => throw new SqlErrorException("42601", "cannot insert multiple commands into a prepared statement"),
        };
        _statements[name] = prepared;
        return (new PgMessage('P', new PgBody().Text(name).Text(prepared.Sql).Bytes(rest).ToArray()), prepared);
    }

    private Prepared? Bind(ReadOnlySpan<byte> body)
    {
        var reader = new PgReader(body);
        var portal = reader.Text();
        return _portals[portal] = _statements.GetValueOrDefault(reader.Text());
    }

    private Prepared? Named(ReadOnlySpan<byte> body)
    {
        var reader = new PgReader(body);
        return reader.Byte() == (byte)'S' ? _statements.GetValueOrDefault(reader.Text()) : _portals.GetValueOrDefault(reader.Text());
    }

    /// <summary>The same messages the server would answer with, for a statement it never sees.</summary>
    private async Task AnswerOwnAsync(CancellationToken ct)
    {
        var client = session.Client;
        foreach (var message in _request)
        {
            switch (message.Type)
            {
                case 'P':
                    client.Write('1', []);
                    break;
                case 'B':
                    client.Write('2', []);
                    break;
                case 'C':
                    client.Write('3', []);
                    break;
                case 'D':
                    if (message.Body.Span[0] == (byte)'S')
                    {
                        client.Write('t', [0, 0]);
                    }

                    client.Write('n', []);
                    break;
                case 'E':
                    var statement = _portals[new PgReader(message.Body.Span).Text()]!;
                    var tag = await RunOwnAsync(statement, statement.Own!, ct);
                    client.Write('C', new PgBody().Text(tag).ToArray());
                    break;
            }
        }

        Ready();
    }

    private async Task<string> RunOwnAsync(Prepared statement, OwnStatement own, CancellationToken ct)
    {
        if (Status == 'E')
        {
            throw new SqlErrorException("25P02", "current transaction is aborted, commands ignored until end of transaction block");
        }

        await MisfortuneAsync(statement, ct);
        var record = Begin(statement);
        var running = session.BeginStatement();
        try
        {
            var tag = await own(this, record, running.Token);
            End(record, null, tag);
            return tag;
        }
        catch (SqlErrorException e)
        {
            End(record, e.Error, null);
            throw;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            var error = new SqlError("57014", "Query cancelled on user's request");
            End(record, error, null);
            throw new SqlErrorException(error);
        }
        finally
        {
            session.EndStatement(running);
        }
    }

    private async Task ForwardAsync(Prepared? statement, Action send, CancellationToken ct)
    {
        QueryRecord? record = null;
        if (statement is not null)
        {
            await MisfortuneAsync(statement, ct);
            if (statement.ReadsHistory || Journal.IsFull)
            {
                await Journal.FlushAsync(ct);
            }

            record = Begin(statement);
        }

        send();
        await backend.FlushAsync(ct);
        var (error, tag, rows) = await RelayAsync(statement, ct);
        if (statement is { Commits: true } && Status == 'T')
        {
            await AskAsync("commit", ct);
        }

        if (record is not null)
        {
            record.Rows = rows;
            End(record, error, tag);
        }

        if (error is null)
        {
            statement?.Done?.Invoke(this);
        }

        Ready();
    }

    /// <summary>Passes the answer on as it comes, up to but without its ReadyForQuery.</summary>
    private async Task<(SqlError? Error, string? Tag, long Rows)> RelayAsync(Prepared? statement, CancellationToken ct)
    {
        SqlError? error = null;
        string? tag = null;
        var rows = 0L;
        while (true)
        {
            var message = await ReadBackendAsync(ct);
            switch (message.Type)
            {
                case 'Z':
                    Status = (char)message.Body.Span[0];
                    return (error, tag, rows);
                case 'E':
                    error = Translated(message.Body.Span, statement);
                    session.Client.Write('E', error.ToBody());
                    break;
                case 'G':
                    backend.Write('f', new PgBody().Text("not supported").ToArray());
                    await backend.FlushAsync(ct);
                    break;
                case 'D':
                    rows++;
                    session.Client.Write('D', message.Body.Span);
                    break;
                case 'C':
                    tag = new PgReader(message.Body.Span).Text();
                    session.Client.Write('C', message.Body.Span);
                    break;
                default:
                    Relay(message);
                    break;
            }

            if (session.Client.ShouldFlush || !backend.HasMessage)
            {
                await session.Client.FlushAsync(ct);
            }
        }
    }

    private void Relay(PgMessage message)
    {
        var reader = new PgReader(message.Body.Span);
        switch (message.Type)
        {
            case 'S':
                var name = reader.Text();
                if (!Withheld.Contains(name))
                {
                    session.Client.Write('S', new PgBody().Text(name).Text(name == "server_version" ? "8.0.2" : reader.Text()).ToArray());
                }

                break;
            case 'N':
                session.Client.Write('N', Translated(message.Body.Span, null).ToBody());
                break;
            default:
                session.Client.Write(message.Type, message.Body.Span);
                break;
        }
    }

    private async Task MisfortuneAsync(Prepared statement, CancellationToken ct)
    {
        if (session.Cluster.Faults.NextStatement(statement.Text) is not { } planned)
        {
            return;
        }

        if (statement.Word is "commit" or "end" && Status != 'I')
        {
            await AskAsync("rollback", ct);
        }

        Journal.Ended(Transaction, committed: false);
        throw new SqlErrorException(planned);
    }

    private SqlJournal Journal => session.Cluster.Journal;

    private QueryRecord Begin(Prepared statement)
    {
        if (Status == 'I')
        {
            Transaction = Journal.BeginTransaction(session.User.Name);
        }

        return Journal.Begin(statement, this);
    }

    private void End(QueryRecord record, SqlError? error, string? tag)
    {
        Journal.End(record, error);
        if (Status == 'I')
        {
            Journal.Ended(Transaction, committed: error is null && tag != "ROLLBACK");
        }
    }

    /// <summary>An error of the server behind, in the cluster's names and Redshift's words.</summary>
    public SqlError Translated(ReadOnlySpan<byte> body, Prepared? statement)
    {
        var (error, constraint) = SqlError.Read(body);
        error = error with
        {
            Message = Database.Public(error.Message),
            Detail = error.Detail is null ? null : Database.Public(error.Detail),
            Hint = error.Hint is null ? null : Database.Public(error.Hint),
            Position = error.Position is { } at && statement is not null ? statement.PositionInText(at) : null,
        };
        return error.Code switch
        {
            "40001" or "40P01" => Redshift.SerializationFailure(error.Message),
            "23514" when constraint?.StartsWith(CreateTable.ByteLimit, StringComparison.Ordinal) == true => Redshift.TooLong(),
            "22001" => Redshift.TooLong(),
            _ => error,
        };
    }

    private static string?[] Row(ReadOnlySpan<byte> body)
    {
        var reader = new PgReader(body);
        var row = new string?[reader.Int16()];
        for (var i = 0; i < row.Length; i++)
        {
            var length = reader.Int32();
            row[i] = length < 0 ? null : Encoding.UTF8.GetString(reader.Bytes(length));
        }

        return row;
    }
}

/// <summary>A statement that this side runs; it gives the tag of its completion.</summary>
internal delegate Task<string> OwnStatement(SqlConversation conversation, QueryRecord record, CancellationToken ct);
