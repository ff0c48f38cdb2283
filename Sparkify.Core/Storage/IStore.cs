using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>The application's own PostgreSQL: the embedded one, or the one given in <c>ConnectionStrings:Sparkify</c>.</summary>
public interface IStore
{
    /// <summary>Connections to the application's own database.</summary>
    NpgsqlDataSource Database { get; }

    /// <summary>
    /// How to connect to a database on the same server; as the application's own user unless another is given.
    /// The text holds a password: never log or show it.
    /// </summary>
    string ConnectionString(string database, string? user = null, string? password = null);

    /// <summary>
    /// More connections to the application's own database as its own user, with settings of their own. The password is asked for at each
    /// login, so that a new one ends none of them.
    /// </summary>
    NpgsqlDataSource NewPool(Action<NpgsqlConnectionStringBuilder> settings);

    /// <summary>Why the database does not answer just now, as a sentence; none when it does.</summary>
    Task<string?> FaultAsync(CancellationToken ct);
}
