using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane;

/// <summary>The statements and portals of a session, by the names its client gave them.</summary>
internal sealed class PreparedStatements(ClusterDatabase database)
{
    private readonly Dictionary<string, Prepared> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Prepared?> _portals = new(StringComparer.Ordinal);

    /// <summary>Understands everything up to a Sync.</summary>
    public async Task<ExtendedRequest> ReadAsync(IEnumerable<PgMessage> messages, Resolve resolve)
    {
        Prepared? executed = null;
        var (executions, own) = (0, false);
        List<PgMessage> forward = [];
        foreach (var message in messages)
        {
            var kept = message;
            Prepared? meant = null;
            switch (message.Type)
            {
                case 'P':
                    (kept, meant) = await ParseAsync(message.Body, resolve);
                    break;
                case 'B':
                    meant = Bind(message.Body.Span);
                    break;
                case 'E':
                    executions++;
                    executed = meant = Portal(message.Body.Span);
                    break;
                case 'D':
                    meant = Named(message.Body.Span);
                    break;
            }

            own |= meant?.Own is not null;
            forward.Add(kept);
        }

        return new ExtendedRequest(forward, executed, executions, own);
    }

    /// <summary>A Parse: its statement, and the message as the server behind gets it.</summary>
    private async Task<(PgMessage, Prepared)> ParseAsync(ReadOnlyMemory<byte> body, Resolve resolve)
    {
        var (name, text, types) = Parse(body);
        var prepared = RedshiftDialect.Prepare(text, database) switch
        {
            [] => new Prepared("", ""),
            [var one] => await resolve(one, types),
            _ => throw new SqlErrorException("42601", "cannot insert multiple commands into a prepared statement"),
        };
        _statements[name] = prepared;
        return (new PgMessage('P', new PgBody().Text(name).Text(prepared.Sql).Bytes(types.Span).ToArray()), prepared);
    }

    private static (string Name, string Text, ReadOnlyMemory<byte> Types) Parse(ReadOnlyMemory<byte> body)
    {
        var reader = new PgReader(body.Span);
        var (name, text) = (reader.Text(), reader.Text());
        var types = body[^reader.Rest.Length..];
        for (var left = reader.Int16(); left > 0; left--)
        {
            Refusals.ParameterType(reader.Int32());
        }

        return (name, text, types);
    }

    private Prepared? Bind(ReadOnlySpan<byte> body)
    {
        var reader = new PgReader(body);
        var portal = reader.Text();
        return _portals[portal] = _statements.GetValueOrDefault(reader.Text());
    }

    /// <summary>What a Describe names.</summary>
    private Prepared? Named(ReadOnlySpan<byte> body)
    {
        var reader = new PgReader(body);
        return reader.Byte() == (byte)'S' ? _statements.GetValueOrDefault(reader.Text()) : _portals.GetValueOrDefault(reader.Text());
    }

    /// <summary>What an Execute names.</summary>
    public Prepared? Portal(ReadOnlySpan<byte> body) => _portals.GetValueOrDefault(new PgReader(body).Text());
}

/// <summary>Puts in what names of a statement's lists stand for; it knows its parameters by their types, as a Parse has them.</summary>
internal delegate Task<Prepared> Resolve(Prepared statement, ReadOnlyMemory<byte> parameterTypes);

/// <summary>A request of the extended protocol.</summary>
/// <param name="Forward">The messages as the server behind gets them.</param>
/// <param name="Executed">The statement it executes, when it does.</param>
/// <param name="Executions">How many it executes.</param>
/// <param name="HasOwn">Whether one of its statements runs on this side.</param>
internal sealed record ExtendedRequest(IReadOnlyList<PgMessage> Forward, Prepared? Executed, int Executions, bool HasOwn);
