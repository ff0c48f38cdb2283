namespace Sparkify.Tests.Support;

/// <summary>Parts of the system a test needs: without them it fails with a sentence.</summary>
internal static class Need
{
    /// <summary>A Chromium or Chrome to drive; its path.</summary>
    public static string Chromium()
    {
        var found = new[] { Environment.GetEnvironmentVariable("SPARKIFY_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/google-chrome" }
            .FirstOrDefault(path => path is { Length: > 0 } && File.Exists(path));
        Assert.True(found is not null, "There is no Chromium: ./test.sh installs it, or set SPARKIFY_CHROMIUM to its program.");
        return found;
    }

    /// <summary>A small disk of its own at a folder, which may be filled.</summary>
    public static async Task<Disk> DiskAsync(int megabytes)
    {
        Assert.True(
            Disk.Missing is null, $"{Disk.Missing} With CI=true that is a failure.");
        return await Disk.MountAsync(megabytes);
    }
}
