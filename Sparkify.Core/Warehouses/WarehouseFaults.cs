using System.Net.Sockets;
using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>Tells what a warehouse's server, or the way to it, threw from what is wrong with us.</summary>
internal static class WarehouseFaults
{
    /// <summary>
    /// Whether it refused, or could not be reached: Npgsql lets a name that does not resolve and a wait that is over through as they are.
    /// </summary>
    public static bool OfTheWay(Exception ex) => ex is NpgsqlException or SocketException or TimeoutException;

    /// <summary>Whether a server refuses a password. Redshift says 28000 where PostgreSQL says 28P01.</summary>
    public static bool IsRefusedLogin(Exception? ex) => ex is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification,
    };
}
