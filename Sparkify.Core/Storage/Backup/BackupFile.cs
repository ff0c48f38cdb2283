using System.IO.Compression;
using System.Text.Json;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Backup;

/// <summary>What a backup says of itself.</summary>
/// <param name="MadeAt">When it was made.</param>
/// <param name="Form">The form of the file; another one is of another version.</param>
internal sealed record BackupAbout(DateTimeOffset MadeAt, int Form);

/// <summary>The file of a backup: a zip with the dump of the store, the keys, and what it is.</summary>
internal static class BackupFile
{
    private const int Form = 1;
    private const string About = "sparkify-backup.json";
    private const string Dump = "store.dump";
    private const string Keys = "keys/";

    /// <summary>Writes one, readable by its owner only; there is none, or a whole one.</summary>
    public static async Task WriteAsync(string file, string dump, string keys, DateTimeOffset now, CancellationToken ct)
    {
        var unfinished = $"{file}.{Guid.NewGuid():N}";
        try
        {
            await using (var stream = SecretFile.Open(unfinished))
            {
                using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
                {
                    await using (var about = zip.CreateEntry(About).Open())
                    {
                        await JsonSerializer.SerializeAsync(about, new BackupAbout(now, Form), cancellationToken: ct);
                    }

                    await AddAsync(zip, dump, Dump, CompressionLevel.NoCompression, ct); // it is compressed already
                    foreach (var key in Directory.EnumerateFiles(keys, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                    {
                        var name = Keys + Path.GetRelativePath(keys, key).Replace(Path.DirectorySeparatorChar, '/');
                        await AddAsync(zip, key, name, CompressionLevel.Fastest, ct);
                    }
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, file, overwrite: false);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Opens one and takes the dump out of it; throws a sentence when it is none.</summary>
    public static async Task<BackupAbout> ReadAsync(string file, string dump, CancellationToken ct)
    {
        try
        {
            using var zip = ZipFile.OpenRead(file);
            if (zip.GetEntry(About) is not { } described || zip.GetEntry(Dump) is not { } store)
            {
                throw SparkifyException.Invalid($"'{file}' is no backup of Sparkify: {About} or {Dump} is not in it.");
            }

            await using var json = described.Open();
            var about = await JsonSerializer.DeserializeAsync<BackupAbout>(json, cancellationToken: ct);
            if (about is not { Form: Form })
            {
                throw SparkifyException.Invalid($"'{file}' is of a newer Sparkify. Restore it with that version.");
            }

            await ExtractAsync(store, dump, ct);
            return about;
        }
        catch (Exception ex) when (ex is InvalidDataException or JsonException)
        {
            throw SparkifyException.Invalid($"'{file}' is no backup of Sparkify, or not all of one: {ex.Message}", ex);
        }
    }

    /// <summary>Takes the keys out of one, into an empty folder.</summary>
    public static async Task ReadKeysAsync(string file, DirectoryInfo keys, CancellationToken ct)
    {
        using var zip = ZipFile.OpenRead(file);
        foreach (var entry in zip.Entries.Where(static e => e.FullName.StartsWith(Keys, StringComparison.Ordinal)))
        {
            var path = Path.GetFullPath(Path.Combine(keys.FullName, entry.FullName[Keys.Length..]));
            if (!path.StartsWith(keys.FullName + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw SparkifyException.Invalid($"'{file}' is no backup of Sparkify: '{entry.FullName}' would be written elsewhere.");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await ExtractAsync(entry, path, ct);
        }
    }

    private static async Task AddAsync(ZipArchive zip, string from, string name, CompressionLevel level, CancellationToken ct)
    {
        await using var source = File.OpenRead(from);
        await using var entry = zip.CreateEntry(name, level).Open();
        await source.CopyToAsync(entry, ct);
    }

    private static async Task ExtractAsync(ZipArchiveEntry entry, string path, CancellationToken ct)
    {
        await using var content = entry.Open();
        await using var written = SecretFile.Open(path);
        await content.CopyToAsync(written, ct);
    }
}
