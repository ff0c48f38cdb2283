using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage;

/// <summary>Settings of the section <c>Sparkify:Keep</c>: for how many days what runs and queries leave behind is kept.</summary>
public sealed class KeepOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify:Keep";

    /// <summary>Lines of runs' logs.</summary>
    public int LogDays { get; set; } = 90;

    /// <summary>Rejected records.</summary>
    public int RejectDays { get; set; } = 90;

    /// <summary>What checks found.</summary>
    public int CheckDays { get; set; } = 365;

    /// <summary>Past queries, of which a person has a thousand at most.</summary>
    public int QueryDays { get; set; } = 180;

    /// <summary>Reports that were saved as files.</summary>
    public int SavedReportDays { get; set; } = 90;

    /// <summary>Runs themselves, with their steps and all that is theirs.</summary>
    public int RunDays { get; set; } = 730;
}

internal sealed class KeepOptionsValidator : IValidateOptions<KeepOptions>
{
    private const int Most = 36_500;

    public ValidateOptionsResult Validate(string? name, KeepOptions options) => new SettingRules(KeepOptions.Section)
        .Within(nameof(options.LogDays), options.LogDays, 1, Most)
        .Within(nameof(options.RejectDays), options.RejectDays, 1, Most)
        .Within(nameof(options.CheckDays), options.CheckDays, 1, Most)
        .Within(nameof(options.QueryDays), options.QueryDays, 1, Most)
        .Within(nameof(options.SavedReportDays), options.SavedReportDays, 1, Most)
        .Within(nameof(options.RunDays), options.RunDays, 1, Most)
        .Result;
}
