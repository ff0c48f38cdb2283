using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>What a CREATE TABLE says besides its columns' types.</summary>
internal sealed class TableParts
{
    private const int MostSortColumns = 400;

    private string? _key;

    /// <summary>What DISTSTYLE gave.</summary>
    public string? Style { get; set; }

    /// <summary>As SVV_TABLE_INFO shows it.</summary>
    public string Distribution => _key is not null ? $"KEY({_key})" : Style is null or "auto" ? "AUTO(ALL)" : Style.ToUpperInvariant();

    /// <summary>Whether it takes its columns from another table.</summary>
    public bool IsLike { get; set; }

    public HashSet<string> Columns { get; } = new(StringComparer.Ordinal);

    public List<string> SortKey { get; } = [];

    public HashSet<string> PrimaryKey { get; } = new(StringComparer.Ordinal);

    public List<(string Column, int Bytes)> ByteLimits { get; } = [];

    public List<(int From, int To)> Kept { get; } = [];

    public void DistributeBy(string column) =>
        _key = _key is null ? column : throw Invalid($"A table has one DISTKEY; \"{_key}\" and \"{column}\" are given.");

    public bool HasKeys => _key is not null || SortKey.Count > 0;

    /// <summary>Refuses a distribution that cannot be.</summary>
    public void CheckStyle()
    {
        if (_key is not null && Style is not null and not "key")
        {
            throw Invalid($"DISTSTYLE {Style.ToUpperInvariant()} goes without a DISTKEY; \"{_key}\" is given.");
        }

        if (_key is null && Style == "key")
        {
            throw Invalid("DISTSTYLE KEY needs a DISTKEY.");
        }

        if (SortKey.Count > MostSortColumns)
        {
            throw Invalid($"A sort key has at most {MostSortColumns} columns; {SortKey.Count} are given.");
        }
    }

    /// <summary>Refuses keys that are none of the columns.</summary>
    public void CheckKeys(IEnumerable<string> columns)
    {
        if (SortKey.Concat(_key is null ? [] : [_key]).Except(columns, StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new SqlErrorException("42703", $"column \"{missing}\" named in key does not exist");
        }
    }

    private static SqlErrorException Invalid(string message) => new("42P16", message);
}

/// <summary>A table made from a query, whose columns only the server behind can tell.</summary>
internal sealed record MadeTable(string Query, TableParts Table)
{
    /// <summary>Refuses keys that are none of its columns; a query that is not understood is refused when it runs.</summary>
    public void Check(IReadOnlyList<string>? columns)
    {
        if (columns is not null)
        {
            Table.CheckKeys(columns);
        }
    }
}
