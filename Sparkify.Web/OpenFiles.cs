using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Web;

/// <summary>How many files this process may have open at once.</summary>
internal static class OpenFiles
{
    // Measured: 380 before anybody comes (the programs' own files), 400 with a load. A page, a reader and a table's file take one each.
    private const long Least = 1024;
    private const string Limits = "/proc/self/limits";

    /// <summary>
    /// Throws a sentence when that is too few. Later it would show as parts of the program that cannot be found, and connections that
    /// break. The runtime has raised the soft limit to the hard one by now.
    /// </summary>
    public static void MustSuffice()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        const string Line = "Max open files";
        foreach (var line in File.ReadLines(Limits))
        {
            if (line.StartsWith(Line, StringComparison.Ordinal)
                && long.TryParse(Soft(line[Line.Length..]), NumberStyles.None, CultureInfo.InvariantCulture, out var most)
                && most < Least)
            {
                throw SparkifyException.Unavailable(
                    $"This process may have {most} files open at once, and Sparkify needs at least {Least}. Raise the limit: ulimit -n 4096 in the " +
                    "shell that starts it, LimitNOFILE=4096 in its systemd unit, or --ulimit nofile=4096 for its container.");
            }
        }

        static string Soft(string limits) => limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
    }
}
