using Npgsql;
using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.History;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// What is said on a session after its login. A request is read whole (a Query, or everything up to a Sync), its SQL is put from
/// Redshift's dialect into the server's, and its answer is relayed as it comes. Statements of our own, such as COPY, run here.
/// </summary>
internal sealed class SqlConversation(SqlSession session, BackendSession backend)
{
    private readonly PreparedStatements _prepared = new(session.Cluster.Database);
    private readonly List<PgMessage> _request = [];

    public SqlSession Session => session;

    public BackendSession Backend => backend;

    public ClusterDatabase Database => session.Cluster.Database;

    /// <summary><c>I</c> outside a transaction, <c>T</c> in one, <c>E</c> in one that failed.</summary>
    public char Status => backend.Status;

    /// <summary>The transaction that statements belong to just now.</summary>
    public long Transaction { get; private set; }

    /// <summary>What <c>SET query_group</c> gave.</summary>
    public string? QueryGroup { get; set; }

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
    public Task<IReadOnlyList<string?[]>> AskAsync(string sql, CancellationToken ct) => backend.AskAsync(sql, ct);

    public void Tell(SqlError notice) => session.Client.Write('N', notice.ToBody());

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
        if (statements.Count == 0)
        {
            // The server behind answers to an empty text.
            await ForwardAsync(null, () => backend.Write('Q', new PgBody().Text("").ToArray()), ct);
        }
        else
        {
            await RunAllAsync(statements, ct);
        }

        Ready();
    }

    /// <summary>
    /// Several statements in one text are one transaction, unless they say otherwise themselves; the first error ends them all.
    /// </summary>
    private async Task RunAllAsync(IReadOnlyList<Prepared> statements, CancellationToken ct)
    {
        var (implied, whole) = (false, false);
        try
        {
            foreach (var statement in statements)
            {
                var control = statement.Word is "begin" or "start" or "commit" or "end" or "rollback" or "abort";
                if (statements.Count > 1 && Status == 'I' && !control)
                {
                    Transaction = Journal.BeginTransaction(session.User.Name);
                    await AskAsync("begin", ct);
                    implied = true;
                }

                // What it says of transactions counts from here on, as if it had been alone.
                if (implied && control)
                {
                    implied = false;
                    if (statement.Word is "begin" or "start")
                    {
                        session.Client.Write('C', new PgBody().Text("BEGIN").ToArray());
                        continue;
                    }
                }

                if (!await RunAsync(statement, ct))
                {
                    return;
                }

                implied &= Status != 'I';
            }

            whole = true;
        }
        finally
        {
            if (implied && Status != 'I')
            {
                await AskAsync(whole ? "commit" : "rollback", ct);
                Journal.Ended(Transaction, committed: whole);
            }
        }
    }

    /// <summary>Runs one statement of a simple query; whether it went well.</summary>
    private async Task<bool> RunAsync(Prepared statement, CancellationToken ct)
    {
        if (statement.Own is { } own)
        {
            var tag = await RunOwnAsync(statement, own, ct);
            session.Client.Write('C', new PgBody().Text(tag).ToArray());
            return true;
        }

        var resolved = await ResolveAsync(statement, default, ct);
        return await ForwardAsync(resolved, () => backend.Write('Q', new PgBody().Text(resolved.Sql).ToArray()), ct);
    }

    /// <summary>Puts in what names of a list stand for that are no columns.</summary>
    public async Task<Prepared> ResolveAsync(Prepared statement, ReadOnlyMemory<byte> parameterTypes, CancellationToken ct)
    {
        if (Status == 'E')
        {
            return statement;
        }

        var resolved = await Lateral.ResolveAsync(
            statement, Database, async asked => (await backend.ProbeAsync(asked.Sql, parameterTypes, ct)).Error);
        if (resolved.Made is { } made)
        {
            var (error, columns) = await backend.ProbeAsync(made.Query, parameterTypes, ct);
            made.Check(error is null ? columns : null);
        }

        return resolved;
    }

    private async Task ExtendedAsync(CancellationToken ct)
    {
        var request = await _prepared.ReadAsync(_request, (s, types) => ResolveAsync(s, types, ct));
        if (request.Executions > 1)
        {
            throw new SqlErrorException("0A000", "Several statements in one command are not supported: send them one by one.");
        }

        if (request.HasOwn)
        {
            await AnswerOwnAsync(ct);
            return;
        }

        await ForwardAsync(request.Executed, () =>
        {
            foreach (var message in request.Forward)
            {
                backend.Write(message.Type, message.Body.Span);
            }

            backend.Write('S', []);
        }, ct);
        Ready();
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
                    var statement = _prepared.Portal(message.Body.Span)!;
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
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, session.BeginStatement());
        try
        {
            var tag = await own(this, record, either.Token);
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
            session.EndStatement();
        }
    }

    /// <summary>Has the server behind run something and relays its answer; whether it went well.</summary>
    private async Task<bool> ForwardAsync(Prepared? statement, Action send, CancellationToken ct)
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
        var (error, tag, rows) = await backend.RelayAsync(statement, ct);
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

        return error is null;
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

}

/// <summary>A statement that this side runs; it gives the tag of its completion.</summary>
internal delegate Task<string> OwnStatement(SqlConversation conversation, QueryRecord record, CancellationToken ct);
