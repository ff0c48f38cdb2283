using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>The rule for warehouse names, which also become names of databases, roles and clusters.</summary>
public static partial class WarehouseName
{
    /// <summary>Throws a sentence when a name does not follow the rule.</summary>
    public static void Check(string? name)
    {
        if (name == "new")
        {
            throw SparkifyException.Invalid("'new' cannot be a warehouse's name: it is the address of the page that makes one. Choose another.");
        }

        if (name is null || !Rule().IsMatch(name))
        {
            throw SparkifyException.Invalid(
                $"'{name}' cannot be a warehouse's name: use 1 to 41 lower-case letters, digits and hyphens, beginning with a letter.");
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,40}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();
}
