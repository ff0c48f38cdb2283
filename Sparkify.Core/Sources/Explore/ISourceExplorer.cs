using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Sources.Explore;

/// <summary>The files of one part of a source.</summary>
/// <param name="Location">Where they are.</param>
/// <param name="Files">The files, in the order they are loaded.</param>
/// <param name="More">Whether the list stops early because there are very many.</param>
/// <param name="LeftOut">What a load does not read of what is there.</param>
public sealed record SourceListing(string Location, IReadOnlyList<SourceFile> Files, bool More, IReadOnlyList<LeftOut> LeftOut);

/// <summary>A record as it stands in a file.</summary>
/// <param name="Number">Its place in the file, from 1.</param>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Text">The record, cut when it is very long.</param>
/// <param name="Problem">Why a load would reject it whatever its values are: it is no JSON object in UTF-8.</param>
public sealed record SourceRecord(long Number, long Line, string Text, string? Problem);

/// <summary>Some records of a file, in its order.</summary>
/// <param name="Records">The records.</param>
/// <param name="More">Whether others follow.</param>
public sealed record SourceRecords(IReadOnlyList<SourceRecord> Records, bool More);

/// <summary>A line of a file, cut when it is very long.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Text">What stands there.</param>
public sealed record SourceLine(long Number, string Text);

/// <summary>Which records are profiled.</summary>
/// <param name="Part">Events or songs.</param>
/// <param name="File">One file, or none for all of them in order.</param>
/// <param name="Most">At most so many records.</param>
public sealed record SourceScope(SourcePart Part, string? File, int Most)
{
    /// <summary>How many records are profiled when all are asked for.</summary>
    public const int MostRecords = 1_000_000;
}

/// <summary>What the records of a source are like.</summary>
/// <param name="Records">How many were read.</param>
/// <param name="Files">Out of how many files.</param>
/// <param name="Broken">How many of them are no JSON objects in UTF-8.</param>
/// <param name="Whole">Whether that was all there is.</param>
/// <param name="Fields">The keys met, in the order they were met.</param>
/// <param name="Drift">Where they differ from what a load expects.</param>
public sealed record SourceProfile(
    long Records, long Files, long Broken, bool Whole, IReadOnlyList<FieldProfile> Fields, IReadOnlyList<FieldDrift> Drift);

/// <summary>What the values under one key are like.</summary>
/// <param name="Key">The key.</param>
/// <param name="Present">Records that have it.</param>
/// <param name="Nulls">Records that have it with null.</param>
/// <param name="Kinds">The kinds of its values other than null, most frequent first.</param>
/// <param name="Distinct">Different values; none when there are too many to keep.</param>
/// <param name="Min">The lowest number, or the first text in byte order.</param>
/// <param name="Max">The highest number, or the last text in byte order.</param>
/// <param name="Top">The most frequent values, most frequent first; empty when there are too many different ones.</param>
public sealed record FieldProfile(
    string Key, long Present, long Nulls, IReadOnlyList<FieldCount> Kinds, long? Distinct, string? Min, string? Max,
    IReadOnlyList<FieldCount> Top);

/// <summary>A value or a kind of value with how many records have it.</summary>
/// <param name="Value">The value, cut when it is long.</param>
/// <param name="Records">How many records have it.</param>
public sealed record FieldCount(string Value, long Records);

/// <summary>How a key differs from what a load expects.</summary>
public enum DriftKind
{
    /// <summary>No column takes it: a load ignores it.</summary>
    Unknown,

    /// <summary>A column expects it and records lack it: a load puts NULL.</summary>
    Missing,

    /// <summary>Its values do not fit the column: a load rejects the record.</summary>
    Misfit,
}

/// <summary>One difference between the records and what a load expects.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Key">The key; of a column, the name it has without a JSONPaths file.</param>
/// <param name="Records">In how many of the records read: of those a load stages, or rejects for this key.</param>
/// <param name="Detail">What a load does about it, as a sentence.</param>
public sealed record FieldDrift(DriftKind Kind, string Key, long Records, string Detail);

/// <summary>Looks into a source before it is loaded: reads only, streams, and stops at limits it tells.</summary>
[Guarded]
public interface ISourceExplorer
{
    /// <summary>The files of one part. Throws a sentence when they cannot be listed.</summary>
    [Needs(Right.Operate, Subject.Source)]
    Task<SourceListing> FilesAsync(SourceSpec spec, SourcePart part, CancellationToken ct);

    /// <summary>Records of one file, after the first <paramref name="skip"/>.</summary>
    [Needs(Right.Operate, Subject.Source)]
    Task<SourceRecords> RecordsAsync(SourceSpec spec, SourcePart part, string file, int skip, int most, CancellationToken ct);

    /// <summary>The lines of one file from one number to another, both included; those behind its end are left out.</summary>
    [Needs(Right.Operate, Subject.Source)]
    Task<IReadOnlyList<SourceLine>> LinesAsync(SourceSpec spec, SourcePart part, string file, long from, long to, CancellationToken ct);

    /// <summary>One file as it is stored. The caller disposes of it.</summary>
    [Needs(Right.Operate, Subject.Source)]
    Task<Stream> OpenAsync(SourceSpec spec, SourcePart part, string file, CancellationToken ct);

    /// <summary>The first records of all files of a part, each on one line.</summary>
    [Needs(Right.Operate, Subject.Source)]
    IAsyncEnumerable<string> FirstAsync(SourceSpec spec, SourcePart part, int most, CancellationToken ct);

    /// <summary>Profiles the first records of a file, or of the whole part.</summary>
    [Needs(Right.Operate, Subject.Source)]
    Task<SourceProfile> ProfileAsync(SourceSpec spec, SourceScope scope, CancellationToken ct);
}
