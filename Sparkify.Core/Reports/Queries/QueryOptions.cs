using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Reports.Queries;

/// <summary>Limits of ad-hoc queries and exports: the section <c>Sparkify:Queries</c>.</summary>
public sealed class QueryOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify:Queries";

    /// <summary>How long a query may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a query may take whose rows are streamed as CSV.</summary>
    public TimeSpan CsvTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many rows a query keeps at most.</summary>
    public int MostRows { get; set; } = 10_000;

    /// <summary>How many queries and exports may run at once, of everybody together.</summary>
    public int AtOnce { get; set; } = 8;

    /// <summary>How many of them may be one person's.</summary>
    public int PerPerson { get; set; } = 3;

    /// <summary>How much memory all of them together may use on the server, in megabytes.</summary>
    public int MemoryMegabytes { get; set; } = 1024;

    /// <summary>How much disk the temporary files of all of them together may use, in megabytes.</summary>
    public int DiskMegabytes { get; set; } = 4096;
}

internal sealed class QueryOptionsValidator : IValidateOptions<QueryOptions>
{
    public ValidateOptionsResult Validate(string? name, QueryOptions options) => new SettingRules(QueryOptions.Section)
        .Within(nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))
        .Within(nameof(options.CsvTimeout), options.CsvTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(12))
        .Within(nameof(options.MostRows), options.MostRows, 1, 100_000)
        .Within(nameof(options.AtOnce), options.AtOnce, 1, 50)
        .Within(nameof(options.PerPerson), options.PerPerson, 1, 50)
        .Within(nameof(options.MemoryMegabytes), options.MemoryMegabytes, 128, 1 << 20)
        .Within(nameof(options.DiskMegabytes), options.DiskMegabytes, 128, 1 << 24)
        .Result;
}
