using System.Net.Sockets;
using Npgsql;

namespace Sparkify.Core.Common;

/// <summary>What it means to whoever asked for something that the database, or the disk below it, is out of order.</summary>
public static class DatabaseFaults
{
    /// <summary>What is said when the database does not answer.</summary>
    public const string Away = "The application's database does not answer just now. Try again in a moment.";

    /// <summary>What is said when there is no room left.</summary>
    public const string DiskFull =
        "The disk is full where the database keeps its data, so nothing can be written there. Make room and try again: nothing has to be restarted.";

    /// <summary>What is said when the database takes no more connections.</summary>
    public const string NoConnection = "The database has no connection left: its max_connections are all in use.";

    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LaterAgain = TimeSpan.FromSeconds(30);

    /// <summary>Whether something could not be written because a disk has no room, or its account none of it.</summary>
    public static bool IsDiskFull(Exception? ex) => ex switch
    {
        null => false,
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.DiskFull,
        IOException { HResult: 28 or 122 } => !OperatingSystem.IsWindows(), // ENOSPC, EDQUOT
        DatabaseFaultException fault => fault.IsDiskFull,
        _ => IsDiskFull(ex.InnerException),
    };

    /// <summary>Whether the server stops, starts or crashed, or the way to it broke: the same may well succeed a little later.</summary>
    public static bool IsAway(NpgsqlException ex) => ex switch
    {
        // 57P01–57P03: the server is being stopped or started; 53300 (no connection left), 08xxx and broken sockets are transient by
        // Npgsql's own word.
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        _ => ex.IsTransient || ex.InnerException is IOException or SocketException or TimeoutException,
    };

    /// <summary>What to tell whoever asked, when the database or its disk is what is wrong; none when it is something else.</summary>
    public static DatabaseFaultException? Refusal(Exception ex) => ex switch
    {
        SparkifyException => null,
        IOException when IsDiskFull(ex) => NoRoom($"The disk is full: {ex.Message}. Make room and try again: nothing has to be restarted.", ex),
        _ when IsDiskFull(ex) => NoRoom(DiskFull, ex),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            new DatabaseFaultException(NoConnection, ex) { Wait = SoonAgain },
        NpgsqlException npgsql when IsAway(npgsql) => new DatabaseFaultException(Away, ex) { Wait = SoonAgain },
        _ => null,
    };

    private static DatabaseFaultException NoRoom(string said, Exception ex) => new(said, ex) { IsDiskFull = true, Wait = LaterAgain };

    /// <summary>What to tell whoever asks while the database is known not to answer.</summary>
    public static DatabaseFaultException StillAway() => new(Away, inner: null) { Wait = SoonAgain };
}

/// <summary>Something was not done because the database, or the disk below it, is out of order. Waiting may help.</summary>
public sealed class DatabaseFaultException(string message, Exception? inner) : SparkifyException(ProblemKind.Unavailable, message, inner)
{
    /// <summary>Whether it is the disk that is full.</summary>
    public bool IsDiskFull { get; init; }

    /// <summary>Tells whether it is worth trying again; absent where only trying tells.</summary>
    public Func<bool>? IsOver { get; init; }
}
