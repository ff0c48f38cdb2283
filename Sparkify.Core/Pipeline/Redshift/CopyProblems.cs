using System.Text.RegularExpressions;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Why a COPY failed as a whole, as a sentence. Redshift has no codes for it, so its words are looked at: its own, not those of the names
/// of files and buckets it repeats.
/// </summary>
internal static partial class CopyProblems
{
    /// <summary>The sentence.</summary>
    public static SparkifyException Sentence(PostgresException e, CopyTarget target, string part)
    {
        var said = $"{e.MessageText} {e.Detail}".ReplaceLineEndings(" ").Trim();
        var judged = Names().Replace(said, " ");
        var (kind, what) =
            Says("AccessDenied", "Access Denied", "403") ? (ProblemKind.Denied,
                $"The cluster's {Role(target)} may not read everything of the {part}. {Grant(target)} If the object has another owner or its own key, have it granted.")
            : Says("assume role", "AssumeRole", "not authorized to") ? (ProblemKind.Denied,
                $"The cluster may not take on the {Role(target)}. {Trust(target)}")
            : Says("NoSuchBucket") ? (ProblemKind.Invalid, $"A bucket of the {part} is not there any more.")
            : Says("NoSuchKey", "mandatory", "does not exist", "404", "Not Found", "not found") ? (ProblemKind.Conflict,
                $"An object of the {part} that was scanned is not there any more. Load again, so that the source is listed anew.")
            : Says("PermanentRedirect", "wrong region", "different region", "301") ? (ProblemKind.Invalid,
                $"A bucket of the {part} is in another region than it was when the source was scanned. Load again.")
            : Says("jsonpath", "json path") ? (ProblemKind.Invalid, $"Redshift does not accept the JSONPaths file of the {part}.")
            : Says("gzip", "inflate", "decompress", "magic") ? (ProblemKind.Invalid,
                $"An object of the {part} ends in .gz but is no valid gzip file. Compress it again, or take it out of the source.")
            : e.SqlState == PostgresErrorCodes.QueryCanceled ? (ProblemKind.Conflict,
                $"The COPY of the {part} was cancelled in the cluster by somebody else, or by a limit of its workload management. Retry this run.")
            : e.SqlState is PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory ? (ProblemKind.Conflict,
                "The cluster has no room left. Resize it, or delete what is not needed, then retry this run.")
            : (ProblemKind.Invalid, $"Redshift refused the COPY of the {part}.");
        return new SparkifyException(kind, $"{what} Redshift says: {said} [{e.SqlState}]", e);

        bool Says(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
            {
                if (char.IsDigit(word[0]) ? Numbers().Matches(judged)
                    .Any(m => m.Value == word) : judged.Contains(word, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static string Grant(CopyTarget target) => target.OwnRole
        ? "Provision the warehouse again: that grants it exactly its source and the staging location."
        : "Have it granted the source and the staging location.";

    private static string Trust(CopyTarget target) => target.OwnRole
        ? "Provision the warehouse again: that puts its trust right."
        : "Have it attached to the cluster, with a trust policy that names redshift.amazonaws.com.";

    private static string Role(CopyTarget target) => target.Role is { } arn ? $"role {arn}" : "default role";

    [GeneratedRegex(@"s3://\S+|'[^']*'|""[^""]*""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"(?<![\w./-])\d+(?![\w./-])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbers();
}
