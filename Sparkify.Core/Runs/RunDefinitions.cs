using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>Finds what a kind of run consists of.</summary>
internal static class RunDefinitions
{
    /// <summary>The definition of one kind; a sentence with the kinds there are when no feature brings it.</summary>
    public static IRunDefinition For(this IEnumerable<IRunDefinition> definitions, RunKind kind) =>
        definitions.FirstOrDefault(d => d.Kind == kind)
        ?? throw SparkifyException.Invalid(
            $"There are no runs of the kind '{kind.Word()}' here. There are: {string.Join(", ", definitions.Select(d => d.Kind.Word()))}.");
}
