using System.Globalization;

namespace Sparkify.Tests.Support;

/// <summary>
/// A fault that a test does to the real application, with what is expected and what was seen: a row of docs/reliability.md, which
/// <c>scripts/reliability.sh</c> writes.
/// </summary>
internal sealed class Fault
{
    /// <summary>The category of tests that are rows.</summary>
    public const string Category = "Fault";

    private const string Rows = "SPARKIFY_FAULTS";
    private static readonly Lock Gate = new();

    private readonly List<(string What, TimeSpan After)> _seen = [];
    private long _struck = TimeProvider.System.GetTimestamp();

    /// <summary>Whether all of it is wanted, and not only what every run of the tests has time for.</summary>
    public static bool Whole { get; } = Environment.GetEnvironmentVariable(Rows) is { Length: > 0 };

    /// <summary>How long the last thing that was seen took, from the fault on.</summary>
    public TimeSpan Took => _seen[^1].After;

    /// <summary>Does a test and writes its row, whatever comes of it.</summary>
    public static async Task RowAsync(string fault, string expected, Func<Fault, Task> testAsync)
    {
        var row = new Fault();
        try
        {
            await testAsync(row);
            row.Write(fault, expected, "yes");
        }
        catch (Exception ex)
        {
            row.Saw(ex.Message.Split('\n')[0]);
            row.Write(fault, expected, "**no**");
            throw;
        }
    }

    /// <summary>The fault happens, or ends, now: seconds are counted from here.</summary>
    public void Strikes() => _struck = TimeProvider.System.GetTimestamp();

    /// <summary>Something was seen just now.</summary>
    public void Saw(string what) => _seen.Add((what, TimeProvider.System.GetElapsedTime(_struck)));

    private void Write(string fault, string expected, string held)
    {
        if (Environment.GetEnvironmentVariable(Rows) is { Length: > 0 } file)
        {
            var seconds = _seen.Select(static s => s.After.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture));
            string[] cells = [fault, expected, string.Join("; ", _seen.Select(static s => s.What)), string.Join("; ", seconds), held];
            lock (Gate)
            {
                File.AppendAllText(file, $"| {string.Join(" | ", cells.Select(static c => c.Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
            }
        }
    }
}
