using Sparkify.Core.Runs;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>What has become of a source's files since a star was built of them.</summary>
/// <param name="New">How many it does not have.</param>
/// <param name="Changed">How many have changed.</param>
/// <param name="Missing">How many it has that are not in the source any more.</param>
/// <param name="Bytes">The bytes of what is to be read.</param>
/// <param name="Before">The bytes of the star's files.</param>
internal sealed record FileChanges(long New, long Changed, long Missing, long Bytes, long Before)
{
    /// <summary>Writes to a run's log what it adds to the star of a load, and gives it in a few words.</summary>
    public string Tell(StepContext step, long star, string file)
    {
        if (Missing > 0)
        {
            step.Log(
                $"{Count(Missing, file)} that {(Missing == 1 ? "is" : "are")} in the star of load {star} {(Missing == 1 ? "is" : "are")} not in the source any more. " +
                "What was read stays; a full load takes it out.");
        }

        if (New + Changed == 0)
        {
            step.Log($"Nothing is new since load {star}.");
            return "nothing is new";
        }

        var words = $"{New:N0} new{(Changed == 0 ? "" : $" and {Changed:N0} changed")}, {Bytes:N0} bytes";
        step.Log($"Adds to the star of load {star}: {words}.");
        return words;
    }

    private static string Count(long count, string file) => $"{count:N0} {file}{(count == 1 ? "" : "s")}";
}
