using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Core.Connect;

/// <summary>
/// The port of this machine that leads to the embedded server: opened on request, kept in the store, and open again after a restart until
/// somebody closes it.
/// </summary>
internal sealed partial class LoopbackPorts(
    Store store, PostgresFolder folder, IOptions<ConnectOptions> options, TimeProvider clock, ILoggerFactory loggers)
    : IHostedService, IUpkeep, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<LoopbackPorts>();
    private readonly SemaphoreSlim _turn = new(1);
    private PortForwarder? _forwarder;
    private string? _fault;

    public string Name => "loopback-port";

    public string Cron => "* * * * *";

    /// <summary>Whether there is a server of our own, and so a port to be opened.</summary>
    public bool Possible => !store.IsShared;

    /// <summary>How it stands.</summary>
    public async Task<LoopbackPort> StateAsync(CancellationToken ct)
    {
        if (!Possible || await WantedAsync(ct) is not { } wanted)
        {
            return new LoopbackPort(null);
        }

        await _turn.WaitAsync(ct);
        try
        {
            return new LoopbackPort(
                wanted.Port, new DateTimeOffset(wanted.OpenedAt, TimeSpan.Zero), wanted.OpenedBy,
                _forwarder?.Port == wanted.Port ? null : _fault ?? "It is about to be opened.");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Opens it, in the place of one that is open.</summary>
    public async Task<LoopbackPort> OpenAsync(int? port, Actor actor, CancellationToken ct)
    {
        if (!Possible)
        {
            throw SparkifyException.Conflict(
                "The application uses a PostgreSQL server of your own: it is reached by its own host and port, and there is none to open.");
        }

        var number = port ?? options.Value.Port;
        if (port is < 1 or > 65535)
        {
            throw SparkifyException.Invalid($"A port is a number from 1 to 65535, not {port}. Leave it out for any that is free.");
        }

        await _turn.WaitAsync(ct);
        try
        {
            if (_forwarder is null || (port is not null && number != _forwarder.Port))
            {
                // Ours, and written down, before anybody gets in by it; the one there is stays when either fails.
                var forwarder = Taken(number);
                try
                {
                    await WriteAsync(forwarder.Port, actor, ct);
                    forwarder.Open();
                }
                catch
                {
                    await forwarder.DisposeAsync();
                    throw;
                }

                await LetGoAsync();
                _forwarder = forwarder;
            }
            else
            {
                await WriteAsync(_forwarder.Port, actor, ct);
            }

            _fault = null;
        }
        finally
        {
            _turn.Release();
        }

        return await StateAsync(ct);
    }

    /// <summary>Closes it, and ends what goes on over it.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            // First: killed in between, it is closed all the same.
            await using var db = await store.Database.OpenConnectionAsync(ct);
            await db.ExecuteAsync(new CommandDefinition("delete from loopback_port", cancellationToken: ct));
            await LetGoAsync();
            _fault = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => WorkAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => LetGoAsync();

    /// <summary>Opens the port that is to be open and is not, such as one that another program had.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        if (!Possible)
        {
            return;
        }

        await _turn.WaitAsync(ct);
        try
        {
            if (_forwarder is null && await WantedAsync(ct) is { } wanted)
            {
                Open(wanted.Port);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await LetGoAsync();
        _turn.Dispose();
    }

    private void Open(int port)
    {
        try
        {
            var forwarder = Taken(port);
            forwarder.Open();
            _forwarder = forwarder;
            _fault = null;
        }
        catch (SparkifyException ex)
        {
            if (_fault != ex.Message)
            {
                NotOpen(_logger, port, ex.Message);
            }

            _fault = ex.Message;
        }
    }

    private async Task WriteAsync(int port, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            insert into loopback_port (port, opened_at, opened_by) values (@port, @now, @Name)
            on conflict (one) do update set port = @port, opened_at = @now, opened_by = @Name
            """, new { port, now = clock.GetUtcNow(), actor.Name }, cancellationToken: ct));
    }

    private PortForwarder Taken(int port)
    {
        var forwarder = new PortForwarder(
            Path.Combine(folder.Socket, ".s.PGSQL.5432"), options.Value.PortConnections, store, loggers.CreateLogger<PortForwarder>());
        forwarder.Take(port);
        return forwarder;
    }

    private async Task LetGoAsync()
    {
        if (Interlocked.Exchange(ref _forwarder, null) is { } forwarder)
        {
            await forwarder.DisposeAsync();
        }
    }

    private async Task<Row?> WantedAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "select port, opened_at as OpenedAt, opened_by as OpenedBy from loopback_port", cancellationToken: ct));
    }

    [LoggerMessage(4131, LogLevel.Warning, "The port {Port} that leads to the embedded server is not open: {Why}")]
    private static partial void NotOpen(ILogger logger, int port, string why);

    private sealed class Row
    {
        public int Port { get; init; }
        public DateTime OpenedAt { get; init; }
        public string OpenedBy { get; init; } = "";
    }
}
