using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Sparkify.Simulator.DataPlane.Wire;

/// <summary>A PostgreSQL server that stands behind simulated clusters, reached by TCP or a Unix socket.</summary>
internal sealed class BackendServer(string connectionString, Func<string>? password = null)
{
    private readonly NpgsqlConnectionStringBuilder _settings = new(connectionString);

    /// <summary>Npgsql's connections to one of its databases, as the superuser.</summary>
    public NpgsqlDataSource Open(string? database)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Database = database ?? _settings.Database,
            Enlist = false,
            GssEncryptionMode = GssEncryptionMode.Disable,
            MaxPoolSize = 4,
            IncludeErrorDetail = true,
            ApplicationName = "redshift simulator",
        };
        settings.Password = password is null ? settings.Password : null;
        var pool = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = settings.ApplicationName };
        if (password is not null)
        {
            pool.UsePasswordProvider(_ => password(), (_, _) => ValueTask.FromResult(password()));
        }

        return pool.Build();
    }

    /// <summary>A connection on which nothing has been said yet.</summary>
    public async Task<PgStream> ConnectAsync(CancellationToken ct)
    {
        var host = _settings.Host?.Split(',')[0] ?? "localhost";
        var socket = host.StartsWith('/')
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await (host.StartsWith('/')
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint($"{host}/.s.PGSQL.{_settings.Port}"), ct)
                : socket.ConnectAsync(host, _settings.Port, ct));
            return new PgStream(new NetworkStream(socket, ownsSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Cancels what a session is doing, as the protocol has it: on a connection of its own.</summary>
    public async Task CancelAsync(int pid, int secret, CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct);
        connection.WriteRaw(new PgBody().Int32(16).Int32(80877102).Int32(pid).Int32(secret).ToArray());
        await connection.FlushAsync(ct);
        await connection.ReadAsync(ct);
    }
}

/// <summary>Logs a session in at the server behind.</summary>
internal static class BackendLogin
{
    public static async Task StartAsync(
        PgStream backend, IReadOnlyDictionary<string, string> parameters, string password, CancellationToken ct)
    {
        var body = new PgBody().Int32(196608);
        foreach (var (name, value) in parameters)
        {
            body.Text(name).Text(value);
        }

        var packet = body.Byte(0).ToArray();
        backend.WriteRaw(new PgBody().Int32(packet.Length + 4).Bytes(packet).ToArray());
        await backend.FlushAsync(ct);
        Scram? scram = null;
        while (true)
        {
            var message = await backend.ReadAsync(ct) ?? throw new EndOfStreamException(
                "The server behind the cluster closed the connection.");
            if (message.Type == 'E')
            {
                throw new SqlErrorException(SqlError.Read(message.Body.Span).Error);
            }

            if (message.Type != 'R')
            {
                continue;
            }

            var reader = new PgReader(message.Body.Span);
            var kind = reader.Int32();
            switch (kind)
            {
                case 0:
                    return;
                case 3:
                    backend.Write('p', new PgBody().Text(password).ToArray());
                    break;
                case 5:
                    backend.Write('p', new PgBody()
                        .Text(Md5Password.Answer(Md5Password.Hash(password, parameters["user"]), reader.Bytes(4))).ToArray());
                    break;
                case 10:
                    scram = new Scram(password);
                    backend.Write('p', new PgBody().Text("SCRAM-SHA-256").Int32(scram.First.Length).Bytes(scram.First).ToArray());
                    break;
                case 11:
                    backend.Write('p', scram!.Final(Encoding.UTF8.GetString(reader.Rest)));
                    break;
                case 12:
                    break;
                default:
                    throw new NotSupportedException(
                        $"The server behind the cluster asks for authentication of kind {kind}; use scram-sha-256.");
            }

            await backend.FlushAsync(ct);
        }
    }
}

/// <summary>The client's half of SCRAM-SHA-256 (RFC 5802), without channel binding.</summary>
internal sealed class Scram(string password)
{
    private readonly string _nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));

    public byte[] First => Encoding.UTF8.GetBytes($"n,,n=,r={_nonce}");

    public byte[] Final(string serverFirst)
    {
        var parts = serverFirst.Split(',').ToDictionary(static p => p[0], static p => p[2..]);
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            password, Convert.FromBase64String(parts['s']), int.Parse(
                parts['i'], CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var withoutProof = $"c=biws,r={parts['r']}";
        var signature = HMACSHA256.HashData(
            SHA256.HashData(clientKey), Encoding.UTF8.GetBytes($"n=,r={_nonce},{serverFirst},{withoutProof}"));
        for (var i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= signature[i];
        }

        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(clientKey)}");
    }
}

/// <summary>Passwords as md5 authentication keeps and proves them.</summary>
internal static class Md5Password
{
#pragma warning disable CA5351 // The protocol of Redshift's day; the passwords open nothing but this simulator.
    public static string Hash(string password, string user) =>
        "md5" + Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + user)));

    public static string Answer(string hash, ReadOnlySpan<byte> salt) =>
        "md5" + Convert.ToHexStringLower(MD5.HashData([.. Encoding.UTF8.GetBytes(hash[3..]), .. salt]));
#pragma warning restore CA5351
}
