using System.Net.Sockets;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What the failure of a step means: whether waiting can help, and how to say it to a person.</summary>
internal static class RunFailures
{
    /// <summary>Whether the same thing may well succeed a little later.</summary>
    public static bool IsTransient(Exception ex) => ex switch
    {
        GroundLostException => true,
        // 57P01–57P03: the server is being stopped or started; 53300 (no connection left), 08xxx and broken sockets are transient by
        // Npgsql's own word.
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is "57P01" or "57P02" or "57P03",
        NpgsqlException npgsql => npgsql.IsTransient || npgsql.InnerException is IOException or SocketException or TimeoutException,
        // What a step makes of several things going wrong at once, and of a stream whose connection broke below it.
        AggregateException many => many.InnerExceptions.Any(IsTransient),
        SparkifyException => false, // says itself what is to be done
        { InnerException: { } inner } => IsTransient(inner),
        _ => false,
    };

    /// <summary>The failure as a sentence.</summary>
    public static string Sentence(Exception ex) => ex switch
    {
        SparkifyException or GroundLostException => ex.Message,
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            "The database has no connection left: its max_connections are all in use.",
        PostgresException postgres =>
            $"The database refused a statement: {postgres.MessageText}{(postgres.Detail is { } detail ? $" ({detail})" : "")} [{postgres.SqlState}]",
        NpgsqlException => $"The connection to the database broke: {ex.InnerException?.Message ?? ex.Message}",
        OperationCanceledException => "The step gave up waiting for something, though nobody cancelled it.",
        _ => $"Something unexpected happened ({ex.GetType().Name}): {ex.Message}",
    };
}
