namespace Sparkify.Core.Storage.Backup;

/// <summary>
/// Backs the store and the keys up into one file, and fills an empty installation from it. Asked for by the account that the application
/// runs under, on its machine; a backup also beside an application at work.
/// </summary>
public interface IStoreBackups
{
    /// <summary>Writes a backup; gives what was written, as sentences. Throws a sentence.</summary>
    Task<string> BackUpAsync(string file, CancellationToken ct);

    /// <summary>
    /// Restores one into a data folder, or a database of one's own, that is empty, and leaves it empty when that fails; gives what was
    /// restored, as sentences. Throws a sentence.
    /// </summary>
    Task<string> RestoreAsync(string file, CancellationToken ct);
}
