using System.Text.Json;

namespace Sparkify.Simulator.State;

/// <summary>Keeps a world in a file over restarts: replaced as a whole, before a call that changed something is answered.</summary>
internal sealed class WorldFile(World world, string path)
{
    private readonly Lock _writing = new();
    private long _changes, _written;

    /// <summary>Reads it, when it is there.</summary>
    public void Load()
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            var saved = JsonSerializer.Deserialize<SavedWorld>(File.ReadAllBytes(path)) ?? throw new JsonException("It is empty.");
            lock (world.Gate)
            {
                world.Restore(saved);
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"The simulator's state file {path} cannot be read: {e.Message} Remove it to start with an empty account.", e);
        }
    }

    /// <summary>Writes what has changed; callers at the same time share one writing.</summary>
    public void Save()
    {
        var change = Interlocked.Increment(ref _changes);
        lock (_writing)
        {
            if (_written >= change)
            {
                return;
            }

            byte[] bytes;
            lock (world.Gate)
            {
                _written = Interlocked.Read(ref _changes);
                bytes = JsonSerializer.SerializeToUtf8Bytes(world.Save());
            }

            var draft = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                // It holds the passwords of the clusters.
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(draft, options))
            {
                file.Write(bytes);
            }

            File.Move(draft, path, overwrite: true);
        }
    }
}
