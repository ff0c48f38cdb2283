using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>How Npgsql talks to Redshift, which calls itself PostgreSQL 8.0.2.</summary>
internal static class RedshiftConnection
{
    /// <summary>What whoever connects with Npgsql cannot do without; the rest is taste.</summary>
    public static string Needed { get; } = new NpgsqlConnectionStringBuilder
    {
        // Preferred by default since Npgsql 10, and fatal where no Kerberos is installed (npgsql#6555).
        GssEncryptionMode = GssEncryptionMode.Disable,
        NoResetOnClose = true,
    }.ConnectionString;

    /// <summary>
    /// The connection string of one user. There is no DISCARD on Redshift, so a pooled connection keeps what was set on it: whoever
    /// changes a session's settings sets them back or opens without the pool. Without a password, whoever connects asks for it each time.
    /// </summary>
    public static string Text(WarehouseEndpoint place, string user, string? password, string purpose, bool simulated) =>
        new NpgsqlConnectionStringBuilder(Needed)
        {
            Host = place.Host,
            Port = place.Port,
            Database = place.Database,
            Username = user,
            Password = password,
            // Clusters' certificates are publicly trusted. At the near end of a tunnel the name is another, and the way no stranger's.
            SslMode = !ExistingCluster.IsLoopback(place.Host) ? SslMode.VerifyFull : simulated ? SslMode.Disable : SslMode.Prefer,
            Timeout = 30,
            CommandTimeout = 60,
            CancellationTimeout = 5000,
            // Npgsql's own keep-alive only works between commands; a COPY takes longer than the 350 s a network forgets a silent connection
            // after.
            TcpKeepAlive = true,
            TcpKeepAliveTime = 60,
            TcpKeepAliveInterval = 10,
            MinPoolSize = 0,
            MaxPoolSize = 10,
            ConnectionIdleLifetime = 120,
            MaxAutoPrepare = 0,
            Enlist = false,
            // Redshift says what was wrong in the detail.
            IncludeErrorDetail = true,
            ApplicationName = $"sparkify {purpose}",
        }.ConnectionString;
}
