using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources;

/// <summary>Why a load does not read something that is at its source's location.</summary>
public enum LeftOutReason
{
    /// <summary>Its name ends in none of the ways data files' names end.</summary>
    Ending,

    /// <summary>It is a pipe, a socket or a device: reading it might never end.</summary>
    Special,

    /// <summary>It, or a folder it is in, is hidden.</summary>
    Hidden,

    /// <summary>It is the empty object that a console makes to show a folder.</summary>
    FolderMarker,

    /// <summary>Its name has no ending, and its first bytes are neither JSON nor gzip.</summary>
    Unrecognised,

    /// <summary>Its name has no ending, and its first bytes could not be looked at.</summary>
    Unreadable,

    /// <summary>Its name has no ending, and it is empty, as the marks are that tools leave behind when they are done.</summary>
    Empty,
}

/// <summary>What a load does not read for one reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Count">How many there are; a hidden folder on disk counts once.</param>
/// <param name="Example">The name of one of them, below the location.</param>
public sealed record LeftOut(LeftOutReason Reason, long Count, string Example);

/// <summary>Counts what a listing meets besides data, so that nothing is left out in silence. Not for use by two threads.</summary>
public sealed class LeftOutTally
{
    private readonly SortedDictionary<LeftOutReason, LeftOut> _found = [];

    /// <summary>What was left out, by reason.</summary>
    public IReadOnlyList<LeftOut> Found => [.. _found.Values];

    /// <summary>Whether something was left out that somebody may have meant to be read.</summary>
    public bool MayBeMissed => _found.Keys.Any(static r =>
        r is LeftOutReason.Ending or LeftOutReason.Special or LeftOutReason.Unrecognised or LeftOutReason.Unreadable);

    /// <summary>Whether nothing was.</summary>
    public bool IsEmpty => _found.Count == 0;

    /// <summary>Counts one.</summary>
    public void Add(LeftOutReason reason, string name) =>
        _found[reason] = _found.TryGetValue(reason, out var before)
            ? before with { Count = before.Count + 1 }
            : new LeftOut(reason, 1, name);

    /// <summary>
    /// What was left out, in words: <c>4 files with other endings (such as 'notes.txt') and 1 that is hidden ('.git')</c>.
    /// </summary>
    public override string ToString() => Words(Found);

    /// <summary>The same of what another tally found.</summary>
    public static string Words(IReadOnlyList<LeftOut> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return string.Join(" and ", found.Select(static (one, at) => string.Create(CultureInfo.InvariantCulture,
            $"{one.Count:N0}{(at > 0 ? "" : one.Count == 1 ? " file" : " files")} {Why(one)} ({(one.Count == 1 ? "" : "such as ")}'{one.Example}')")));
    }

    /// <summary>The sentence for a location that holds no data, which says what it holds instead.</summary>
    internal SparkifyException NoData(string what, string location) => SparkifyException.Invalid(
        $"The {what} '{location}' holds no data: {(IsEmpty ? "it is empty" : $"there is nothing but {this}")}. " +
        $"Choose the folder that holds the files ending in {SourceNames.Endings}, or JSON without any ending, at any depth.");

    private static string Why(LeftOut one) => (one.Reason, one.Count == 1) switch
    {
        (LeftOutReason.Ending, true) => "with another ending",
        (LeftOutReason.Ending, _) => "with other endings",
        (LeftOutReason.Special, true) => "that is a pipe, a socket or a device",
        (LeftOutReason.Special, _) => "that are pipes, sockets or devices",
        (LeftOutReason.Hidden, true) => "that is hidden",
        (LeftOutReason.Hidden, _) => "that are hidden",
        (LeftOutReason.Unrecognised, true) => "without an ending that is neither JSON nor gzip",
        (LeftOutReason.Unrecognised, _) => "without an ending that are neither JSON nor gzip",
        (LeftOutReason.Unreadable, _) => "without an ending that cannot be read",
        (LeftOutReason.Empty, true) => "without an ending that is empty",
        (LeftOutReason.Empty, _) => "without an ending that are empty",
        (_, true) => "that only marks a folder",
        _ => "that only mark folders",
    };
}
