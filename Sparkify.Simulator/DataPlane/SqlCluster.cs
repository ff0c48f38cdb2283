using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sparkify.Simulator.DataPlane.History;
using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.DataPlane;

/// <summary>One cluster's SQL: its port, its database and its sessions.</summary>
internal sealed class SqlCluster : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, SqlSession> _sessions = new();

    // Never disposed of: sessions of a port that was closed before may still be on their way out.
    private readonly CancellationTokenSource _end = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private bool _open;

    public SqlCluster(string key, int port, World world, SimulatorFaults faults, S3Traffic traffic, BackendServer backend)
    {
        (World, Faults, Traffic, Backend) = (world, faults, traffic, backend);
        _socket = Bind(port);
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        Database = new ClusterDatabase(key, backend);
        Journal = new SqlJournal(Database, world.Options.Clock);
    }

    public int Port { get; }

    public World World { get; }

    public SimulatorFaults Faults { get; }

    public S3Traffic Traffic { get; }

    public BackendServer Backend { get; }

    /// <summary>What sessions prove who they are with, when a client asks for TLS; none to speak plain only.</summary>
    public X509Certificate2? Certificate { get; init; }

    public ClusterDatabase Database { get; }

    public SqlJournal Journal { get; }

    /// <summary>The cluster as the control plane has it, once it is there.</summary>
    public Cluster? Cluster { get; private set; }

    public string Region { get; private set; } = "";

    /// <summary>Opens or closes the port as the state says. The caller holds the world's gate.</summary>
    public void Follow(Cluster cluster, string region)
    {
        (Cluster, Region) = (cluster, region);
        Database.Prepare(cluster.MasterUsername, cluster.Database);
        var open = cluster.Status == "available";
        if (open == _open)
        {
            return;
        }

        _open = open;
        if (open)
        {
            _socket!.Listen();
            _accepting = AcceptAsync(_socket);
        }
        else
        {
            // The port stays bound, so that nobody else gets it, and refuses.
            _socket!.Dispose();
            _socket = Bind(Port);
            EndSessions();
        }
    }

    public SqlSession? Find(int pid, int secret) =>
        _sessions.TryGetValue(pid, out var session) && session.Secret == secret ? session : null;

    public void Enter(SqlSession session) => _sessions[session.Pid] = session;

    public void Leave(SqlSession session) => _sessions.TryRemove(new KeyValuePair<int, SqlSession>(session.Pid, session));

    /// <summary>Cancels a statement that this side runs for a session.</summary>
    public void CancelStatement(int pid)
    {
        if (_sessions.TryGetValue(pid, out var session))
        {
            session.CancelStatement();
        }
    }

    /// <summary>Closes the port and ends the sessions; the database stays.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        await _end.CancelAsync();
        EndSessions();
        await _accepting;
        Journal.Dispose();
        await Database.DisposeAsync();
    }

    /// <summary>Closes it and removes the database.</summary>
    public async Task DropAsync()
    {
        await DisposeAsync();
        await Database.DropAsync();
    }

    private void EndSessions()
    {
        foreach (var session in _sessions.Values)
        {
            session.End();
        }
    }

    private async Task AcceptAsync(Socket socket)
    {
        List<Task> sessions = [];
        try
        {
            while (!_end.IsCancellationRequested)
            {
                var client = await socket.AcceptAsync(_end.Token);
                client.NoDelay = true;
                sessions.RemoveAll(static s => s.IsCompleted);
                sessions.Add(new SqlSession(this, client).RunAsync(_end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The port was closed: paused, deleted or the end.
        }

        await Task.WhenAll(sessions);
    }

    private static Socket Bind(int port)
    {
        for (var candidate = port; ; candidate++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, candidate));
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && port != 0 && candidate < port + 100)
            {
                // Several clusters count upwards from the port that was asked for.
                socket.Dispose();
            }
        }
    }
}
