using Microsoft.Extensions.Options;

namespace Sparkify.Core.Common;

/// <summary>What is wrong with the settings of a section: all of it, as sentences.</summary>
/// <param name="section">The section's name in the configuration.</param>
internal sealed class SettingRules(string section)
{
    private readonly List<string> _wrong = [];

    /// <summary>What became of them.</summary>
    public ValidateOptionsResult Result => _wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_wrong);

    /// <summary>A setting that lies between two values, these included.</summary>
    public SettingRules Within<T>(string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            _wrong.Add($"{section}:{key} must be between {least} and {most}, was {value}.");
        }

        return this;
    }
}
