using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Npgsql;
using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// One client's connection: it logs in against the cluster's users and then speaks with the server behind through a
/// <see cref="SqlConversation"/>.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source with neither timer nor link holds nothing to dispose of.")]
internal sealed class SqlSession
{
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;
    private const int CancelRequest = 80877102;

    private readonly Socket _socket;
    private readonly NetworkStream _network;
    private PgStream _client;

    // Never disposed of: who cancels them comes from other threads, at any moment, the session's own end included.
    private readonly CancellationTokenSource _life = new();
    private CancellationTokenSource? _statement;
    private IReadOnlyList<string> _groups = [];

    public SqlSession(SqlCluster cluster, Socket socket)
    {
        (Cluster, _socket, _network) = (cluster, socket, new NetworkStream(socket, ownsSocket: true));
        _client = new PgStream(_network);
    }

    public SqlCluster Cluster { get; }

    public PgStream Client => _client;

    /// <summary>The process id that names the session, which is the one of the server behind.</summary>
    public int Pid { get; private set; }

    /// <summary>What a cancel request has to know.</summary>
    public int Secret { get; private set; }

    public SqlUser User { get; private set; } = new("", null, IsSuperuser: false);

    /// <summary>Serves the client until either side goes.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _life.Token);
        try
        {
            await ServeAsync(either.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException
            or InvalidDataException or AuthenticationException)
        {
            // Either side has gone, or does not trust the other: there is nobody left to tell.
        }
        finally
        {
            await _client.DisposeAsync();
            await Cluster.Temporary.LeaveAsync(User, _groups);
        }
    }

    /// <summary>Ends the session, whatever it is doing.</summary>
    public void End()
    {
        _life.Cancel();
        HangUp();
    }

    /// <summary>Cuts the client off; a statement that is under way goes on.</summary>
    public void HangUp() => _socket.Close(timeout: 0);

    /// <summary>A token for a statement that this side runs; a cancel request cancels it.</summary>
    public CancellationToken BeginStatement()
    {
        CancellationTokenSource statement = new();
        Volatile.Write(ref _statement, statement);
        return statement.Token;
    }

    public void EndStatement() => Volatile.Write(ref _statement, null);

    /// <summary>Cancels the statement that this side runs just now.</summary>
    public void CancelStatement() => Volatile.Read(ref _statement)?.Cancel();

    private async Task CancelAsync(CancellationToken ct)
    {
        CancelStatement();
        await Cluster.Backend.CancelAsync(Pid, Secret, ct);
    }

    private async Task ServeAsync(CancellationToken ct)
    {
        if (await GreetAsync(ct) is not { } wanted)
        {
            return;
        }

        PgStream? backend = null;
        try
        {
            BackendSession behind;
            try
            {
                await Cluster.Database.ReadyAsync().WaitAsync(ct);
                User = await AuthenticateAsync(wanted, ct);
                backend = await Cluster.Database.ConnectAsync(User, wanted, ct);
                behind = new BackendSession(backend, _client, Cluster.Database);
                await behind.StartAsync((pid, secret) => (Pid, Secret) = (pid, secret), ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                await RefuseAsync(e, ct);
                return;
            }

            Cluster.Enter(this);
            try
            {
                await new SqlConversation(this, behind).RunAsync(ct);
            }
            finally
            {
                Cluster.Leave(this);
            }
        }
        finally
        {
            if (backend is not null)
            {
                await backend.DisposeAsync();
            }
        }
    }

    /// <summary>Says why nobody gets in, whatever it was: a client that finds the connection closed knows nothing.</summary>
    private async Task RefuseAsync(Exception why, CancellationToken ct)
    {
        var error = why is SqlErrorException known
            ? known.Error
            : new SqlError("08006", $"The simulator cannot reach the PostgreSQL server behind this cluster: {why.Message}");
        _client.Write('E', (error with { Severity = "FATAL", Message = Cluster.Database.Public(error.Message) }).ToBody());
        await _client.FlushAsync(ct);
    }

    /// <summary>The start of a connection: what the client wants, or none when there is nothing more to do.</summary>
    private async Task<Dictionary<string, string>?> GreetAsync(CancellationToken ct)
    {
        var secured = false;
        while (await _client.ReadStartupAsync(ct) is { } packet)
        {
            switch (BinaryPrimitives.ReadInt32BigEndian(packet.Span))
            {
                case SslRequest when !secured && Cluster.Certificate is { } certificate:
                    await SecureAsync(certificate, ct);
                    secured = true;
                    continue;
                case SslRequest or GssRequest:
                    _client.WriteRaw("N"u8);
                    await _client.FlushAsync(ct);
                    continue;
                case CancelRequest:
                    var pid = BinaryPrimitives.ReadInt32BigEndian(packet.Span[4..]);
                    if (Cluster.Find(pid, BinaryPrimitives.ReadInt32BigEndian(packet.Span[8..])) is { } session)
                    {
                        await session.CancelAsync(ct);
                    }

                    return null;
                case 196608:
                    return Parameters(packet.Span);
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Goes on in TLS, as the client has asked.</summary>
    private async Task SecureAsync(X509Certificate2 certificate, CancellationToken ct)
    {
        if (_client.HasBytes)
        {
            throw new InvalidDataException("Bytes in plain text before TLS was agreed on.");
        }

        _client.WriteRaw("S"u8);
        await _client.FlushAsync(ct);
        var secured = new SslStream(_network);
        _client = new PgStream(secured);
        await secured.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }, ct);
    }

    private static Dictionary<string, string> Parameters(ReadOnlySpan<byte> packet)
    {
        Dictionary<string, string> parameters = new(StringComparer.Ordinal);
        var reader = new PgReader(packet[4..]);
        while (!reader.AtEnd && reader.Text() is { Length: > 0 } name)
        {
            parameters[name] = reader.Text();
        }

        return parameters;
    }

    private async Task<SqlUser> AuthenticateAsync(Dictionary<string, string> wanted, CancellationToken ct)
    {
        var name = wanted.GetValueOrDefault("user") ?? "";
        var salt = RandomNumberGenerator.GetBytes(4);
        _client.Write('R', new PgBody().Int32(5).Bytes(salt).ToArray());
        await _client.FlushAsync(ct);
        var answer = await _client.ReadAsync(ct) ?? throw new EndOfStreamException();
        var given = Encoding.UTF8.GetBytes(new PgReader(answer.Body.Span).Text());
        var database = wanted.GetValueOrDefault("database") ?? name;
        var login = TemporaryLoginOf(name, database, password => Proves(Md5Password.Hash(password, name)));
        var user = login is not null ? await Cluster.Temporary.UserAsync(login, ct)
            : TemporaryUsers.Is(name) ? null : Cluster.Database.User(name);
        var hash = user?.Name == Cluster.Database.Master ? user.PasswordHash ?? MasterHash(user.Name) : user?.PasswordHash;
        if (user is null || (login is null && (hash is null || !Proves(hash))))
        {
            throw new SqlErrorException("28000", $"password authentication failed for user \"{name}\"");
        }

        if (database != Cluster.Database.PublicName)
        {
            throw new SqlErrorException("3D000", $"database \"{database}\" does not exist");
        }

        _groups = login is null ? [] : await Cluster.Temporary.JoinAsync(user, login.Groups, ct);
        return user;

        bool Proves(string hash) => answer.Type == 'p'
            && CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Md5Password.Answer(hash, salt)));
    }

    /// <summary>What a temporary password was handed out for, as long as it has not expired.</summary>
    private TemporaryLogin? TemporaryLoginOf(string name, string database, Predicate<string> isGiven)
    {
        lock (Cluster.World.Gate)
        {
            return Cluster.Cluster?.Logins.Find(l => l.Name == name && l.ExpiresAt > Cluster.World.Now
                && (l.Database ?? database) == database && isGiven(l.Password));
        }
    }

    /// <summary>The master's password is the one it was created with, or the managed one.</summary>
    private string? MasterHash(string user)
    {
        var password = Cluster.Cluster?.MasterPassword;
        if (Cluster.Cluster?.Secret is { } secret)
        {
            using var document = JsonDocument.Parse(secret.Text);
            password = document.RootElement.GetProperty("password").GetString();
        }

        return password is null ? null : Md5Password.Hash(password, user);
    }
}
