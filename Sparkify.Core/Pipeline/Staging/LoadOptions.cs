using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>Settings of the section <c>Sparkify:Load</c>.</summary>
public sealed class LoadOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify:Load";

    // Each worker holds a connection, and the server has others to serve.
    private const int MostByDefault = 16;

    /// <summary>How many workers parse and send at once, each over its own connection.</summary>
    public int Parallelism { get; set; } = Math.Min(Environment.ProcessorCount, MostByDefault);

    /// <summary>How many files are read at once.</summary>
    public int Readers { get; set; } = Math.Clamp(Environment.ProcessorCount, 4, MostByDefault);

    /// <summary>
    /// How many objects on S3 are read at once: an object is mostly waited for, so far more of them than there are cores.
    /// </summary>
    public int RemoteReaders { get; set; } = 32;

    /// <summary>
    /// How much of a file is read, parsed and sent at a time. Memory grows with this and those above, never with the input.
    /// </summary>
    public int BufferBytes { get; set; } = 512 * 1024;

    /// <summary>
    /// How much memory may be kept while events are staged, in bytes: the song catalogue, by which plays are made in passing, what decides
    /// about users, and the moments of plays. What does not fit the server builds afterwards, which takes longer and gives the same.
    /// </summary>
    public long InPassingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// From how many small objects on S3 on (a mean below 1 MB) they are packed into a few large ones before a cluster reads them; 0 never.
    /// </summary>
    public int CompactAbove { get; set; } = 500;

    /// <summary>
    /// At how many files of a part without one good record a load fails. Not at the first: a catalogue of one song to a file is no worse
    /// for one broken file than a log for one broken line, and such files are named in any case. But so many are no accident: somebody's
    /// export is broken. Where they are all there is, a load fails whatever the limit.
    /// </summary>
    public int MaxBadFiles { get; set; } = 10;

    /// <summary>
    /// How many stars of before each warehouse keeps, so that one can be put back; each takes as much room as the one readers see,
    /// or, after a load of only what is new, as the rows that differ.
    /// </summary>
    public int KeptStars { get; set; } = 1;

    /// <summary>
    /// From what share of a local star's files on, in percent of their bytes, a load of only what is new loads everything after all: adding
    /// so much takes longer than building anew, and readers would have to wait.
    /// </summary>
    public int AddAtMost { get; set; } = 50;

    /// <summary>
    /// How long readers of the old star may keep a new one from being published. After that, sessions of the warehouse's own users are
    /// ended, and any other one fails the load.
    /// </summary>
    public TimeSpan ReaderPatience { get; set; } = TimeSpan.FromMinutes(10);
}

internal sealed class LoadOptionsValidator : IValidateOptions<LoadOptions>
{
    public ValidateOptionsResult Validate(string? name, LoadOptions options) => new SettingRules(LoadOptions.Section)
        .Within(nameof(options.Parallelism), options.Parallelism, 1, 64)
        .Within(nameof(options.Readers), options.Readers, 1, 256)
        .Within(nameof(options.RemoteReaders), options.RemoteReaders, 1, 256)
        .Within(nameof(options.BufferBytes), options.BufferBytes, 4096, 16 * 1024 * 1024)
        .Within(nameof(options.InPassingBytes), options.InPassingBytes, 0, 16L * 1024 * 1024 * 1024)
        .Within(nameof(options.MaxBadFiles), options.MaxBadFiles, 1, int.MaxValue)
        .Within(nameof(options.KeptStars), options.KeptStars, 0, 100)
        .Within(nameof(options.AddAtMost), options.AddAtMost, 0, 1_000_000)
        .Within(nameof(options.CompactAbove), options.CompactAbove, 0, int.MaxValue)
        .Within(nameof(options.ReaderPatience), options.ReaderPatience, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))
        .Result;
}
