using System.Diagnostics;

namespace Sparkify.Tests.Support;

/// <summary>A small disk (of memory) that a test may fill.</summary>
internal sealed class Disk : IAsyncDisposable
{
    private readonly TempFolder _at = new();

    private Disk()
    {
    }

    /// <summary>Why there can be none; none when there can.</summary>
    public static string? Missing => !OperatingSystem.IsLinux() ? "A disk to fill is made on Linux only."
        : Environment.UserName != "root" ? "Only root may mount a disk to fill."
        : null;

    /// <summary>Where it is.</summary>
    public string Path => _at.Path;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static async Task<Disk> MountAsync(int megabytes)
    {
        var disk = new Disk();
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "none", disk.Path);
        return disk;
    }

    /// <summary>Takes all the room there is, to the last block.</summary>
    public async Task FillAsync()
    {
        // By the megabyte, then by the block.
        foreach (var size in (int[])[1 << 20, 4096])
        {
            try
            {
                await using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
                for (var block = new byte[size]; ;)
                {
                    await file.WriteAsync(block);
                }
            }
            catch (IOException)
            {
                // No room for one of that size any more.
            }
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Empty() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Path);
        _at.Dispose();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed with code {process.ExitCode}.");
    }
}

/// <summary>A test that fills a disk: skipped where none can be had, except in CI, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DiskFactAttribute : FactAttribute
{
    public DiskFactAttribute()
    {
        if (!string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Skip = Disk.Missing;
        }
    }
}
