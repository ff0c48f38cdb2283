using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkify.Core.Warehouses;

/// <summary>
/// What a warehouse's parts are called on the server; on a cluster only the roles are ours to name. Names hold no underscores, so that no
/// two warehouses share one.
/// </summary>
internal sealed partial record LocalNames(string Warehouse)
{
    // A server takes 63, a cluster more; but of a cluster's sessions it is told so much of whose they are.
    internal const int ToldOfSessions = 50;

    private readonly string _stem = "sparkify_" + Warehouse.Replace('-', '_');

    /// <summary>The database.</summary>
    public string Database => _stem;

    /// <summary>The role that loads.</summary>
    public string Loader => _stem + "_loader";

    /// <summary>The role that reads only.</summary>
    public string Reporter => _stem + "_reporter";

    /// <summary>
    /// The role, or the group, that holds what people's own logins may read: the same as the reporter. Nobody logs in as it.
    /// </summary>
    public string Readers => _stem + "_readers";

    /// <summary>
    /// The role of somebody's own login: its number tells it from every other one, and what letters and digits of their name there is room
    /// for tells people whose it is.
    /// </summary>
    public string OfPerson(long login, string person)
    {
        var end = string.Create(CultureInfo.InvariantCulture, $"_p{login}");
        var room = ToldOfSessions - _stem.Length - end.Length - 1;
        var told = string.Concat(person.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(room));
        return told.Length == 0 ? _stem + end : $"{_stem}_{told}{end}";
    }

    /// <summary>Whether a role of the warehouse's database is somebody's own login.</summary>
    public bool IsOfPerson(string role) =>
        role.StartsWith(_stem + "_", StringComparison.Ordinal) && PersonEnd().IsMatch(role.AsSpan(_stem.Length));

    /// <summary>Whether a role of the warehouse's database was made by us: what it does there may be ended.</summary>
    public bool IsOurs(string role) => role == Loader || role == Reporter || IsOfPerson(role);

    /// <summary>The name of one role.</summary>
    public string Role(WarehouseRole role) => role == WarehouseRole.Loader ? Loader : Reporter;

    [GeneratedRegex(@"\A_(?:[a-z0-9]+_)?p[1-9][0-9]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PersonEnd();
}
