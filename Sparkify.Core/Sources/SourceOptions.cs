using Microsoft.Extensions.Options;

namespace Sparkify.Core.Sources;

/// <summary>Settings of the section <c>Sources</c>.</summary>
public sealed class SourceOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sources";

    /// <summary>
    /// The folders that sources may be read from, besides the data directory. Empty: any folder that the application's user can
    /// read, since the application answers only on loopback and the person at the browser is the person at the machine.
    /// </summary>
    public string[] AllowedFolders { get; set; } = [];
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

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
