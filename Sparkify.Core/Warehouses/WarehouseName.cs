using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>The rule for warehouse names, which also become names of databases, roles and clusters.</summary>
public static partial class WarehouseName
{
    private const string Wording = "use 1 to 41 lower-case letters, digits and hyphens, beginning with a letter.";

    /// <summary>What is wrong with a name, or none.</summary>
    public static string? Problem(string? name) => name switch
    {
        null or "" => $"A warehouse needs a name: {Wording}",
        "new" => "'new' cannot be a warehouse's name: it is the address of the page that makes one. Choose another.",
        _ when !Rule().IsMatch(name) => $"'{name}' cannot be a warehouse's name: {Wording}",
        _ => null,
    };

    /// <summary>Throws the sentence when there is one.</summary>
    public static void Check(string? name)
    {
        if (Problem(name) is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }
    }

    /// <summary>What is said where a name is nobody's.</summary>
    internal static SparkifyException Unknown(string name) =>
        SparkifyException.NotFound($"There is no warehouse named '{name}'. The overview lists those there are.");

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,40}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();
}
