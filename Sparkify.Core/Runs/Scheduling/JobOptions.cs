using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

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
    public ValidateOptionsResult Validate(string? name, JobOptions options) => new SettingRules(JobOptions.Section)
        .Within(nameof(options.Workers), options.Workers, 1, 64)
        .Within(nameof(options.TakeOverAfter), options.TakeOverAfter, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1))
        .Result;
}
