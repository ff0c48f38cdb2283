namespace Sparkify.Tests.Support;

/// <summary>Parts of the system a test needs: without them it is skipped on a person's machine and fails in CI.</summary>
internal static class Need
{
    /// <summary>A Chromium or Chrome to drive; its path.</summary>
    public static string Chromium()
    {
        var found = new[] { Environment.GetEnvironmentVariable("SPARKIFY_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/google-chrome" }
            .FirstOrDefault(path => path is { Length: > 0 } && File.Exists(path));
        if (found is not null)
        {
            return found;
        }

        const string Missing = "There is no Chromium: ./test.sh installs it, or set SPARKIFY_CHROMIUM to its program.";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
        throw Xunit.Sdk.SkipException.ForSkip(Missing);
    }
}
