using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>How the application logs in at the embedded server, and how its password there becomes another.</summary>
internal sealed class SuperuserLogin(PostgresFolder folder, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The superuser.</summary>
    public const string Name = "sparkify";

    /// <summary>How long a server is waited for: recovery after an unclean stop can take a while.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Between two looks whether it answers.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _renewing = new(1);

    /// <summary>
    /// Whether there is no socket yet or no more, or the server says that it stops, crashed or starts: 57P01 to 57P03.
    /// </summary>
    public static bool IsStarting(NpgsqlException ex) => ex is not PostgresException postgres || postgres.SqlState
        is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow;

    /// <summary>How to connect to one of its databases as its superuser.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = folder.Socket,
        Port = 5432, // part of the socket's name only: nothing listens on the network
        Username = Name,
        Password = folder.Password(),
        Database = database,
        // Nothing to negotiate on a socket of our own, and an answer that a dying server gives to that is taken for an attack.
        GssEncryptionMode = GssEncryptionMode.Disable,
        SslMode = SslMode.Disable,
        IncludeErrorDetail = true,
    }.ConnectionString;

    /// <summary>
    /// Gives the superuser a new password. It is written down before the server is told, and told as a verifier; killed at any moment,
    /// the next start finds out which of the two holds. An answer that is lost with the server is asked for again once it is back.
    /// </summary>
    /// <param name="stopping">Ends it with the application.</param>
    /// <param name="ct">Cancels it for as long as nothing was told.</param>
    public async Task RenewAsync(CancellationToken stopping, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, stopping);
        var until = either.Token;
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await TellNextAsync(until);
                return;
            }
            catch (NpgsqlException ex) when (IsStarting(ex) && clock.GetElapsedTime(began) < Patience)
            {
                if (File.Exists(folder.NextPasswordFile))
                {
                    until = stopping; // it may hold already: given up now, the application would go on with one that is refused
                }

                await Task.Delay(Look, clock, until);
            }
            catch (NpgsqlException ex)
            {
                throw SparkifyException.Unavailable($"The database did not confirm a new password. {ex.Message} " +
                    "See to the cause and ask again: that also finds out which password holds.", ex);
            }
        }
    }

    /// <summary>Finds out which of two passwords holds, once the server answers.</summary>
    /// <param name="first">Whether nobody can have told this server another one.</param>
    /// <param name="ct">Cancels.</param>
    public async Task SettleAsync(bool first, CancellationToken ct)
    {
        await _renewing.WaitAsync(ct);
        try
        {
            await using var probe = await OpenAsync(ct);
            if (first)
            {
                folder.ForgetNextPassword(); // whoever may have told it ended before this server began, and it has not arrived
            }
        }
        finally
        {
            _renewing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _renewing.WaitAsync(); // whoever is inside has lost the server, and goes
        _renewing.Dispose();
    }

    private async Task TellNextAsync(CancellationToken ct)
    {
        await _renewing.WaitAsync(ct);
        try
        {
            await using var connection = await OpenAsync(ct);
            // One that may have been told before is told again: if another took its place and it held after all, nobody would know it.
            var before = folder.NextPassword();
            await using var command = new NpgsqlCommand(
                $"alter role {Name} password '{ScramVerifier.Of(before ?? folder.WriteNextPassword())}'", connection)
            { CommandTimeout = 0 };
            try
            {
                await command.ExecuteNonQueryAsync(CancellationToken.None); // cancelled while it commits, it holds all the same
            }
            catch (PostgresException ex) when (before is null && ex.InvariantSeverity == "ERROR")
            {
                folder.ForgetNextPassword(); // taken back by the server itself; a connection that ends (FATAL) says nothing of the kind
                throw;
            }

            folder.TakeNextPassword();
        }
        finally
        {
            _renewing.Release();
        }
    }

    // The server takes one password: whether it has heard of the next one, it says by refusing the one there is. Within the lock only.
    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        try
        {
            return await OpenAsync(folder.Password(), ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InvalidPassword && folder.NextPassword() is not null)
        {
            var connection = await OpenAsync(folder.NextPassword()!, ct);
            folder.TakeNextPassword();
            return connection;
        }
    }

    private Task<NpgsqlConnection> OpenAsync(string password, CancellationToken ct) => LoneConnection.OpenAsync(
        new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Password = password, Timeout = 5 }.ConnectionString, ct);
}
