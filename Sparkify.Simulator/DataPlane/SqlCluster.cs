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
    private readonly Socket _socket;
    private readonly Task _accepting;
    private volatile bool _open;
    private int? _masterPasswords;

    public SqlCluster(string key, int port, World world, SimulatorFaults faults, S3Traffic traffic, BackendServer backend)
    {
        (World, Faults, Traffic, Backend) = (world, faults, traffic, backend);
        _socket = Listen(port);
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        Database = new ClusterDatabase(key, backend, EndSessions);
        Temporary = new TemporaryUsers(Database);
        Journal = new SqlJournal(Database, world.Options.Clock);
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public World World { get; }

    public SimulatorFaults Faults { get; }

    public S3Traffic Traffic { get; }

    public BackendServer Backend { get; }

    /// <summary>What sessions prove who they are with, when a client asks for TLS; none to speak plain only.</summary>
    public X509Certificate2? Certificate { get; init; }

    public ClusterDatabase Database { get; }

    public TemporaryUsers Temporary { get; }

    public SqlJournal Journal { get; }

    /// <summary>The cluster as the control plane has it, once it is there.</summary>
    public Cluster? Cluster { get; private set; }

    public string Region { get; private set; } = "";

    /// <summary>Opens or closes the port as the state says. The caller holds the world's gate.</summary>
    public void Follow(Cluster cluster, string region, CopyFrom? copy)
    {
        (Cluster, Region) = (cluster, region);
        Database.Prepare(cluster.MasterUsername, cluster.Database, copy);
        if (_masterPasswords is { } known && known != cluster.MasterPasswords)
        {
            Database.ForgetMasterPassword();
        }

        _masterPasswords = cluster.MasterPasswords;
        _open = cluster.Answers;
        if (!_open)
        {
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
        _socket.Dispose();
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

    private async Task AcceptAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (!_end.IsCancellationRequested)
            {
                var client = await _socket.AcceptAsync(_end.Token);
                if (!_open)
                {
                    client.Close(timeout: 0);
                    continue;
                }

                client.NoDelay = true;
                sessions.RemoveAll(static s => s.IsCompleted);
                sessions.Add(new SqlSession(this, client).RunAsync(_end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The port was closed: deleted or the end.
        }

        await Task.WhenAll(sessions);
    }

    // Listening from the start, also while clients are turned away: only a port that is listened on is nobody else's.
    private static Socket Listen(int port)
    {
        for (var candidate = port; ; candidate++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, candidate));
                socket.Listen();
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                // Several clusters count upwards from the port that was asked for.
                if (e.SocketErrorCode != SocketError.AddressAlreadyInUse || port == 0 || candidate >= port + 100)
                {
                    throw;
                }
            }
        }
    }
}
