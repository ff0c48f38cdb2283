using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>
/// The names of one warehouse's resources. A cluster's identifier allows no double and no trailing hyphen, and two installations
/// may share an account, so a piece of a hash of store and name makes them unique.
/// </summary>
internal sealed partial class RedshiftNames
{
    /// <summary>Where our roles stand among an account's.</summary>
    public const string RolePath = "/sparkify/";

    public const string Policy = "read-source";

    public RedshiftNames(string warehouse, Guid store)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{store:N}/{warehouse}")))[..6];
        Base = $"sparkify-{Hyphens().Replace(warehouse, "-").Trim('-')}-{hash}";
    }

    private string Base { get; }

    public string Cluster => Base;

    public string Role => Base;

    public string SecurityGroup => Base;

    public string SubnetGroup => Base;

    // To the second: one that is taken down again soon gets a name of its own.
    public string Snapshot(DateTimeOffset at) => $"{Base}-{at.UtcDateTime:yyyyMMddHHmmss}";

    /// <summary>Whether a snapshot was made by a teardown of ours; before, their names ended with the minute.</summary>
    public bool IsSnapshot(string id) => id.StartsWith(Base + "-", StringComparison.Ordinal)
        && id[(Base.Length + 1)..] is { Length: 12 or 14 } at && at.All(char.IsAsciiDigit);

    /// <summary>When a teardown of ours had a snapshot taken, by its name; none for another's.</summary>
    public DateTimeOffset? TakenAt(string id) => IsSnapshot(id) && DateTime.TryParseExact(
        id[(Base.Length + 1)..], ["yyyyMMddHHmm", "yyyyMMddHHmmss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
        ? new DateTimeOffset(at, TimeSpan.Zero) : null;

    [GeneratedRegex("-{2,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hyphens();
}
