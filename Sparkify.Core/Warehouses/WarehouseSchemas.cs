using System.Globalization;
using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>
/// The schemas of a warehouse in its database: a name it may choose, one beside it for what a load is building, and others for the stars of
/// before.
/// </summary>
/// <param name="Published">What readers see; an identifier that needs no quotes.</param>
public sealed partial record WarehouseSchemas(string Published)
{
    /// <summary>The table that says, in a schema on a cluster somebody else made, whose it is.</summary>
    internal const string Mark = "sparkify_mark";

    /// <summary>The schemas of a warehouse that has not chosen.</summary>
    public static WarehouseSchemas Default { get; } = new("dwh");

    // Words that need quotes as an identifier: reserved in PostgreSQL 15 (pg_get_keywords) or in Redshift
    // (https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html); and the servers' own schemas.
    private static readonly HashSet<string> Reserved = new(
        """
        aes128 aes256 all allowoverwrite analyse analyze and any array as asc asymmetric authorization az64 backup between binary blanksasnull
        both bytedict bzip2 case cast catalog_history check collate collation column concurrently connect constraint create credentials cross
        current_catalog current_date current_role current_schema current_time current_timestamp current_user current_user_id default deferrable
        deflate defrag delta delta32k desc disable distinct do else emptyasnull enable encode encrypt encryption end except explicit false fetch
        for foreign freeze from full globaldict256 globaldict64k grant group gzip having identity ignore ilike in information_schema initially
        inner intersect interval into is isnull join language lateral leading left like limit localtime localtimestamp lun luns lzo lzop minus
        mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset oid old on only open or order outer overlaps parallel
        partition percent permissions pivot placing primary public qualify raw readratio recover references rejectlog resort respect restore
        returning right select session_user similar snapshot some symmetric sysdate system table tablesample tag tdes text255 text32k then
        timestamp to top trailing true truncatecolumns type union unique unnest unpivot user using variadic verbose wallet when where window with
        without
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    /// <summary>What a load is building, before it takes the place of what readers see.</summary>
    public string Build => $"{Published}_build";

    /// <summary>Where the star that a load built is kept once another took its place.</summary>
    public string Kept(long run) => string.Create(CultureInfo.InvariantCulture, $"{Published}_load_{run}");

    /// <summary>The load whose star a schema of that name keeps; none when it is another's.</summary>
    public long? KeptRun(string schema) =>
        schema.StartsWith($"{Published}_load_", StringComparison.Ordinal)
        && long.TryParse(schema.AsSpan(Published.Length + "_load_".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var run)
        && schema == Kept(run) ? run : null;

    /// <summary>The schemas of a name, or those of one that has not chosen; throws a sentence when it cannot be one.</summary>
    public static WarehouseSchemas Of(string? name) =>
        name is null ? Default : Problem(name) is { } problem ? throw SparkifyException.Invalid(problem) : new WarehouseSchemas(name);

    /// <summary>What is wrong with a name, or none.</summary>
    public static string? Problem(string name) =>
        !Rule().IsMatch(name) ? $"'{name}' cannot be a schema: use 1 to 50 lower-case letters, digits and underscores, beginning with a letter."
        : Reserved.Contains(name) || name.StartsWith("pg_", StringComparison.Ordinal)
            ? $"'{name}' cannot be a schema: the word has a meaning of its own in SQL. Choose another, such as {name}_dwh."
        : null;

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,49}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();
}
