using System.Text;
using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// A session's connection to the server behind: what it answers reaches the client in the cluster's names and in the words of an 8.0.2.
/// </summary>
internal sealed class BackendSession(PgStream backend, PgStream client, ClusterDatabase database)
{
    private const string DeniedFunction = "permission denied for function ";

    private static readonly HashSet<string> Withheld = new(StringComparer.Ordinal)
    {
        // Redshift's age knows none of these.
        "standard_conforming_strings", "in_hot_standby", "default_transaction_read_only", "scram_iterations", "search_path",
        "session_authorization",
    };

    /// <summary><c>I</c> outside a transaction, <c>T</c> in one, <c>E</c> in one that failed.</summary>
    public char Status { get; private set; } = 'I';

    /// <summary>Lets the client in once the server behind has: what that refuses is thrown.</summary>
    public async Task StartAsync(Action<int, int> known, CancellationToken ct)
    {
        client.Write('R', new PgBody().Int32(0).ToArray());
        while (true)
        {
            var message = await ReadAsync(ct);
            if (message.Type == 'E')
            {
                throw new SqlErrorException(Translated(message.Body.Span, null));
            }

            if (message.Type == 'K')
            {
                var reader = new PgReader(message.Body.Span);
                known(reader.Int32(), reader.Int32());
            }

            Relay(message);
            if (message.Type == 'Z')
            {
                await client.FlushAsync(ct);
                return;
            }
        }
    }

    public void Write(char type, ReadOnlySpan<byte> body) => backend.Write(type, body);

    public ValueTask FlushAsync(CancellationToken ct) => backend.FlushAsync(ct);

    public async ValueTask<PgMessage> ReadAsync(CancellationToken ct)
        => await backend.ReadAsync(ct) ?? throw new EndOfStreamException("The server behind the cluster closed the connection.");

    /// <summary>What the server behind said at the end of an exchange.</summary>
    public void Settled(char status) => Status = status;

    /// <summary>Runs a statement on the server behind without telling the client, and gives its rows.</summary>
    public async Task<IReadOnlyList<string?[]>> AskAsync(string sql, CancellationToken ct)
    {
        backend.Write('Q', new PgBody().Text(sql).ToArray());
        await backend.FlushAsync(ct);
        List<string?[]> rows = [];
        SqlError? error = null;
        while (true)
        {
            var message = await ReadAsync(ct);
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

    /// <summary>
    /// What is wrong with a statement, at its place in it, or the columns it would give. A transaction goes on as it was.
    /// </summary>
    public async Task<(SqlError? Error, IReadOnlyList<string> Columns)> ProbeAsync(
        string sql, ReadOnlyMemory<byte> parameterTypes, CancellationToken ct)
    {
        const string Name = "sim_probe";
        var within = Status == 'T';
        if (within)
        {
            await AskAsync($"savepoint {Name}", ct);
        }

        backend.Write('P', new PgBody().Text(Name).Text(sql).Bytes(parameterTypes.IsEmpty ? [0, 0] : parameterTypes.Span).ToArray());
        backend.Write('D', new PgBody().Byte((byte)'S').Text(Name).ToArray());
        backend.Write('C', new PgBody().Byte((byte)'S').Text(Name).ToArray());
        backend.Write('S', []);
        await backend.FlushAsync(ct);
        SqlError? error = null;
        IReadOnlyList<string> columns = [];
        for (var message = await ReadAsync(ct); message.Type != 'Z'; message = await ReadAsync(ct))
        {
            error = message.Type == 'E' ? SqlError.Read(message.Body.Span).Error : error;
            columns = message.Type == 'T' ? Columns(message.Body.Span) : columns;
        }

        if (within)
        {
            await AskAsync(error is null ? $"release {Name}" : $"rollback to {Name}; release {Name}", ct);
        }

        return (error, columns);
    }

    /// <summary>Passes the answer on as it comes, up to but without its ReadyForQuery.</summary>
    public async Task<(SqlError? Error, string? Tag, long Rows)> RelayAsync(Prepared? statement, CancellationToken ct)
    {
        SqlError? error = null;
        string? tag = null;
        var rows = 0L;
        while (true)
        {
            var message = await ReadAsync(ct);
            switch (message.Type)
            {
                case 'Z':
                    Status = (char)message.Body.Span[0];
                    return (error, tag, rows);
                case 'E':
                    error = Translated(message.Body.Span, statement);
                    client.Write('E', error.ToBody());
                    break;
                case 'G':
                    backend.Write('f', new PgBody().Text("not supported").ToArray());
                    await backend.FlushAsync(ct);
                    break;
                case 'D':
                    rows++;
                    client.Write('D', message.Body.Span);
                    break;
                case 'C':
                    tag = new PgReader(message.Body.Span).Text();
                    client.Write('C', message.Body.Span);
                    break;
                default:
                    Relay(message);
                    break;
            }

            if (client.ShouldFlush || !backend.HasMessage)
            {
                await client.FlushAsync(ct);
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
                    client.Write('S', new PgBody().Text(name).Text(name == "server_version" ? "8.0.2" : reader.Text()).ToArray());
                }

                break;
            case 'N':
                client.Write('N', Translated(message.Body.Span, null).ToBody());
                break;
            default:
                client.Write(message.Type, message.Body.Span);
                break;
        }
    }

    /// <summary>An error of the server behind, in the cluster's names and Redshift's words.</summary>
    public SqlError Translated(ReadOnlySpan<byte> body, Prepared? statement)
    {
        var (error, constraint) = SqlError.Read(body);
        error = error with
        {
            Message = database.Public(error.Message),
            Detail = error.Detail is null ? null : database.Public(error.Detail),
            Hint = error.Hint is null ? null : database.Public(error.Hint),
            Position = error.Position is { } at && statement is not null ? statement.PositionInText(at) : null,
        };
        return error.Code switch
        {
            "40001" or "40P01" => Redshift.SerializationFailure(error.Message),
            "23514" when constraint?.StartsWith(CreateTable.ByteLimit, StringComparison.Ordinal) == true => Redshift.TooLong(),
            "22001" => Redshift.TooLong(),
            "42P01" or "3F000" when statement?.IsLateBinding == true => error with { Hint = LateBinding.Hint },
            // Those of PostgreSQL that were taken from everyone.
            "42501" when error.Message.StartsWith(DeniedFunction, StringComparison.Ordinal) =>
                Redshift.NoFunction(error.Message[DeniedFunction.Length..]),
            _ => error,
        };
    }

    private static string[] Columns(ReadOnlySpan<byte> body)
    {
        const int Description = 18;
        var reader = new PgReader(body);
        var columns = new string[reader.Int16()];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = reader.Text();
            reader.Bytes(Description);
        }

        return columns;
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
