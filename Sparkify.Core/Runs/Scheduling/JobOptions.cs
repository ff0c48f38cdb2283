using Microsoft.Extensions.Options;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>Settings of the section <c>Sparkify:Jobs</c>.</summary>
public sealed class JobOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify:Jobs";

    /// <summary>How many runs work at once in this process. Runs that wait for something outside are not counted.</summary>
    public int Workers { get; set; } = 8;

    /// <summary>
    /// For how long a worker that shows no sign of life keeps its run: when another process may take over what a killed or frozen one was
    /// at. A worker shows one every fifth of it, so a run of hours begins once.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);
}

internal sealed class JobOptionsValidator : IValidateOptions<JobOptions>
{
    public ValidateOptionsResult Validate(string? name, JobOptions options)
    {
        List<string> wrong = [];
        if (options.Workers is < 1 or > 64)
        {
            wrong.Add($"{JobOptions.Section}:{nameof(options.Workers)} must be between 1 and 64, was {options.Workers}.");
        }

        if (options.TakeOverAfter < TimeSpan.FromSeconds(5) || options.TakeOverAfter > TimeSpan.FromHours(1))
        {
            wrong.Add($"{JobOptions.Section}:{nameof(options.TakeOverAfter)} must be between 00:00:05 and 01:00:00, was {options.TakeOverAfter}.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
