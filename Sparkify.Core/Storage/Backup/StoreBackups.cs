using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Core.Storage.Backup;

/// <summary>Backups, with PostgreSQL's own programs for the store.</summary>
internal sealed class StoreBackups(
    Store store, EmbeddedPostgres embedded, PostgresFolder folder, IOptions<SparkifyOptions> options, TimeProvider clock) : IStoreBackups
{
    // The job queue's tables are made anew; which runs there are stands in the store's own.
    private const string Queue = "hangfire";

    private string Keys => Path.Combine(options.Value.DataDirectory, "keys");

    public async Task<string> BackUpAsync(string file, CancellationToken ct)
    {
        file = Path.GetFullPath(file);
        if (Path.Exists(file))
        {
            throw SparkifyException.Conflict($"There is something at '{file}' already. Give the backup another name.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw SparkifyException.Invalid($"There is no folder '{Path.GetDirectoryName(file)}' to write the backup into.");
        }

        if (!store.IsShared && folder.Major() is null)
        {
            throw SparkifyException.Invalid(
                $"There is nothing to back up in '{options.Value.DataDirectory}'. Name the data folder with --Sparkify:DataDirectory.");
        }

        // The server of an application at work is there; otherwise it is started for as long as this takes.
        if (store.IsShared || !folder.IsLocked())
        {
            await store.ReachAsync(ct);
        }

        if (!File.Exists(Path.Combine(Keys, "warehouses.key")))
        {
            throw SparkifyException.Invalid(
                $"The keys are not in '{Keys}', and without them a backup opens nothing. Name the application's data folder with --Sparkify:DataDirectory.");
        }

        using var scratch = new Scratch();
        await Tools().DumpAsync(scratch.File, Queue, ct);
        // After the dump: a key stands in its file before anything is encrypted with it, so these open all that was dumped.
        await BackupFile.WriteAsync(file, scratch.File, Keys, clock.GetUtcNow(), ct);
        return $"Backed up the store and the keys to '{file}' ({new FileInfo(file).Length:N0} bytes). " +
            "Whoever has this file can open what is encrypted in it: keep it as you keep keys. " +
            "The data of local warehouses is not in it; after a restore they are provisioned and loaded again.";
    }

    public async Task<string> RestoreAsync(string file, CancellationToken ct)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file))
        {
            throw SparkifyException.Invalid($"There is no file '{file}'.");
        }

        using var scratch = new Scratch();
        var about = await BackupFile.ReadAsync(file, scratch.File, ct);
        if (!store.IsShared && folder.Major() is not null || Directory.Exists(Keys) && HasFiles(Keys))
        {
            throw SparkifyException.Conflict(
                $"There is an installation in '{options.Value.DataDirectory}' already. Restore into an empty folder (--Sparkify:DataDirectory), or move that one away.");
        }

        try
        {
            await store.ReachAsync(ct);
            await FillAsync(file, scratch.File, ct);
        }
        catch
        {
            await EmptyAsync(); // half an installation would be taken for a whole one
            throw;
        }

        return $"Restored the store and the keys of {about.MadeAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC. Start the application on this data folder. " +
            "Local warehouses are to be provisioned and loaded again; clusters are where they were: let only one installation work with them.";
    }

    private async Task FillAsync(string file, string dump, CancellationToken ct)
    {
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            if (await db.ExecuteScalarAsync<bool>(new CommandDefinition(
                "select exists (select from pg_class where relname = 'schema_version' and relkind = 'r')", cancellationToken: ct)))
            {
                throw SparkifyException.Conflict(
                    "There is a store in the database of ConnectionStrings:Sparkify already. Restore into an empty database.");
            }
        }

        // What is undone by deleting it comes first.
        await BackupFile.ReadKeysAsync(file, KeyFolder.In(options.Value.DataDirectory), ct);
        await Tools().RestoreAsync(dump, ct);
        await store.MigrateAsync(ct);
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        await using (var transaction = await db.BeginTransactionAsync(ct))
        {
            await db.ExecuteAsync(new CommandDefinition(
                SqlText.Load("Storage.Backup.restored.sql"), transaction: transaction, cancellationToken: ct));
            await transaction.CommitAsync(ct);
        }
    }

    // Only what was made here: both were not there before. What stands in a database of one's own is its owner's to remove.
    private async Task EmptyAsync()
    {
        if (Directory.Exists(Keys))
        {
            Directory.Delete(Keys, recursive: true);
        }

        if (!store.IsShared)
        {
            await embedded.DisposeAsync();
            Directory.Delete(folder.Root, recursive: true);
        }
    }

    private PostgresTools Tools() => new(
        PostgresBinaries.ToolsFolder(options.Value.PostgresBinaries, store.IsShared ? null : folder.Major()),
        new NpgsqlConnectionStringBuilder(store.OwnConnectionString));

    private static bool HasFiles(string path) => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Any();

    private sealed class Scratch : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sparkify-backup-");

        public string File => Path.Combine(_folder.FullName, "store.dump");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
