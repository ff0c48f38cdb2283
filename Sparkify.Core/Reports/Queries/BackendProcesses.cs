using System.Globalization;

namespace Sparkify.Core.Reports.Queries;

/// <summary>
/// The processes of queries, as <c>/proc</c> tells of them: where their server is on this machine, and the machine is Linux. Elsewhere
/// there are none to be seen.
/// </summary>
internal static class BackendProcesses
{
    // Names of roles on the server behind the simulator are cut after so many characters.
    private const int LongestShown = 33;
    private const string Worker = "postgres: parallel worker for PID ";

    /// <summary>Those there are, with the places they work for. A number that is another process's here is none of them.</summary>
    public static Dictionary<int, QueryPlace> Of(IEnumerable<QueryPlace> places)
    {
        Dictionary<int, QueryPlace> found = [];
        HashSet<string> servers = new(StringComparer.Ordinal);
        foreach (var place in places)
        {
            if (place.Backend is { } backend && Title(backend.Pid) is { } title && title.StartsWith("postgres: ", StringComparison.Ordinal)
                && title.Contains(backend.Role[..Math.Min(LongestShown, backend.Role.Length)], StringComparison.Ordinal)
                && Status(backend.Pid) is { } status)
            {
                found[backend.Pid] = place;
                servers.Add(Field(status, "PPid:"));
            }
        }

        foreach (var child in servers.SelectMany(static s => Read($"/proc/{s}/task/{s}/children")?.Split(' ') ?? []))
        {
            if (int.TryParse(child, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && !found.ContainsKey(pid)
                && Title(pid) is { } title && title.StartsWith(Worker, StringComparison.Ordinal)
                && int.TryParse(title.AsSpan(Worker.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var leader)
                && found.TryGetValue(leader, out var place))
            {
                found[pid] = place;
            }
        }

        return found;
    }

    /// <summary>The memory that is a process's alone, in bytes: not the buffers it shares with all others. None when it has gone.</summary>
    public static long Memory(int pid) =>
        Status(pid) is { } status ? (Kilobytes(status, "RssAnon:") + Kilobytes(status, "VmSwap:")) << 10 : 0;

    private static long Kilobytes(string status, string name) =>
        long.TryParse(Field(status, name).Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;

    private static string Field(string status, string name)
    {
        var at = status.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? "" : status[(at + name.Length)..status.IndexOf('\n', at)].Trim();
    }

    private static string? Title(int pid) => Read($"/proc/{pid}/cmdline")?.Split('\0')[0].TrimEnd();

    private static string? Status(int pid) => Read($"/proc/{pid}/status");

    // None of a process that has gone, or that is hidden from this one.
    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
