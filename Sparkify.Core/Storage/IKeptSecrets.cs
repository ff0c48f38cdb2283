using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>Secrets in the store that are encrypted with the key that can be renewed.</summary>
internal interface IKeptSecrets
{
    /// <summary>
    /// Encrypts each with the present key, over the connection of a transaction; gives how many there were. Throws a sentence when one
    /// cannot be opened.
    /// </summary>
    Task<int> ReencryptAsync(NpgsqlConnection db, CancellationToken ct);
}
