using Microsoft.Extensions.Options;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Sources;

/// <summary>Settings of the section <c>Sources</c>.</summary>
public sealed class SourceOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sources";

    /// <summary>
    /// The folders that sources may be read from. Empty: for whoever sits at the machine any folder that the application's user can read,
    /// since that is who they are; with accounts none, but for administrators.
    /// </summary>
    public string[] AllowedFolders { get; set; } = [];

    /// <summary>The buckets that sources and staging locations may be in; empty in the same sense.</summary>
    public string[] AllowedBuckets { get; set; } = [];
}

internal sealed class SourceOptionsValidator : IValidateOptions<SourceOptions>
{
    public ValidateOptionsResult Validate(string? name, SourceOptions options)
    {
        List<string> wrong = [];
        for (var i = 0; i < options.AllowedFolders.Length; i++)
        {
            var given = options.AllowedFolders[i];
            var folder = HomeFolder.Expand(given ?? "");
            var key = $"{SourceOptions.Section}:{nameof(SourceOptions.AllowedFolders)}:{i}";
            if (!Path.IsPathFullyQualified(folder))
            {
                wrong.Add($"{key} must be an absolute path, was '{given}'.");
            }
            else if (!Directory.Exists(folder))
            {
                wrong.Add($"{key} names the folder '{given}', which does not exist.");
            }
        }

        for (var i = 0; i < options.AllowedBuckets.Length; i++)
        {
            if (!S3Path.IsBucket(options.AllowedBuckets[i] ?? ""))
            {
                wrong.Add($"{SourceOptions.Section}:{nameof(SourceOptions.AllowedBuckets)}:{i} is no bucket's name, was '{options.AllowedBuckets[i]}'.");
            }
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
