using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Chains;

/// <summary>A report that was saved as a file.</summary>
/// <param name="Report">The report's id.</param>
/// <param name="Title">What it is called.</param>
/// <param name="FileName">A name for the file.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="SavedAt">When it was saved.</param>
public sealed record SavedReport(string Report, string Title, string FileName, long Bytes, DateTimeOffset SavedAt);

/// <summary>Reports that runs saved as CSV, for as long as they are kept.</summary>
[Guarded]
public interface ISavedReports
{
    /// <summary>What a run saved and is still there, by name.</summary>
    [Needs(Right.See, Subject.Run)]
    Task<IReadOnlyList<SavedReport>> ListAsync(long run, CancellationToken ct);

    /// <summary>
    /// Opens one of them; a not-found <see cref="SparkifyException"/> when the run saved none of this id, or it is not kept any more.
    /// </summary>
    [Needs(Right.Ask, Subject.Run)]
    [Recorded]
    Task<Stream> OpenAsync(long run, string report, Actor actor, CancellationToken ct);
}
