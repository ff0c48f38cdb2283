namespace Sparkify.Core.Sources.Records;

/// <summary>A record that cannot be staged.</summary>
/// <param name="File">The name of its file.</param>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Offset">The byte it begins at, in the file's uncompressed form.</param>
/// <param name="Column">The column that cannot take its value; none when it is no record at all.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Raw">Its text, cut when it is long.</param>
internal sealed record StagingReject(string File, long Line, long Offset, string? Column, string Reason, string Raw)
{
    /// <summary>Whether it is about the file itself and no record of it, so that it is not counted as one that was read.</summary>
    public bool OfFile { get; init; }
}

/// <summary>A file with the number its rows carry in <c>file_id</c>.</summary>
internal sealed record NumberedFile(int Id, SourceFile File);
