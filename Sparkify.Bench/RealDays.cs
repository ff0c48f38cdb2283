using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkify.Bench;

/// <summary>
/// Real logs, repeated until there are as many events as wanted. Each repeat lies as many days later as the logs span, and its sessions are
/// its own, so that no play repeats another one.
/// </summary>
internal sealed partial class RealDays
{
    private const long MillisecondsPerDay = 86_400_000;
    private const long SessionsPerRepeat = 1_000_000;

    private readonly IReadOnlyList<IReadOnlyList<string>> _days;

    private RealDays(IReadOnlyList<IReadOnlyList<string>> days) => _days = days;

    private int EventsPerRepeat => _days.Sum(static d => d.Count);

    /// <summary>Reads a folder of logs, a file a day.</summary>
    public static async Task<RealDays> ReadAsync(string folder, CancellationToken ct)
    {
        List<IReadOnlyList<string>> days = [];
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            days.Add([.. (await File.ReadAllLinesAsync(file, ct)).Where(static l => l.Length > 0)]);
        }

        return days.Count > 0 ? new RealDays(days) : throw new ArgumentException($"There are no .json files in {folder}.", nameof(folder));
    }

    /// <summary>How many files there are for so many events when each repeat of a day is one.</summary>
    public int SmallFiles(int events) => _days.Count * ((events + EventsPerRepeat - 1) / EventsPerRepeat);

    /// <summary>
    /// Writes exactly so many events into so many files, in order of time; gives their folder. What is there already is kept.
    /// </summary>
    public async Task<string> WriteAsync(string directory, int events, int files, CancellationToken ct)
    {
        var folder = Path.Combine(directory, "real-days", $"{EventsPerRepeat}-{events}-{files}");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        // Under another name until it is whole.
        var unfinished = $"{folder}.unfinished";
        Directory.CreateDirectory(unfinished);
        using var lines = Lines().Take(events).GetEnumerator();
        for (var (file, written) = (0, 0L); file < files; file++)
        {
            await using var writer = new StreamWriter(
                Path.Combine(unfinished, string.Create(CultureInfo.InvariantCulture, $"{file:D6}-events.json")));
            for (var end = (long)events * (file + 1) / files; written < end && lines.MoveNext(); written++)
            {
                await writer.WriteAsync(lines.Current.AsMemory(), ct);
                await writer.WriteAsync('\n');
            }
        }

        Directory.Move(unfinished, folder);
        return folder;
    }

    private IEnumerable<string> Lines()
    {
        for (var repeat = 0L; ; repeat++)
        {
            var (later, sessions) = (repeat * _days.Count * MillisecondsPerDay, repeat * SessionsPerRepeat);
            foreach (var line in _days.SelectMany(static d => d))
            {
                yield return Moved().Replace(line, match =>
                {
                    var key = match.Groups["key"].Value;
                    var value = long.Parse(match.Groups["value"].ValueSpan, CultureInfo.InvariantCulture);
                    var by = key.StartsWith("\"ts", StringComparison.Ordinal) ? later : sessions;
                    return string.Create(CultureInfo.InvariantCulture, $"{key}{value + by}");
                });
            }
        }
    }

    [GeneratedRegex("""(?<key>"(ts|sessionId)":)(?<value>\d+)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Moved();
}
