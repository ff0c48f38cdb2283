using System.Globalization;

namespace Sparkify.Core.Warehouses.Profiles;

/// <summary>
/// A statement that profiles a table, or every so-manieth of its columns, in the SQL that PostgreSQL and Redshift share. Each column is
/// grouped once; its nulls, distinct values, range, most frequent values and histogram are all taken from those groups. A key is not
/// grouped: every row has its own, as the checks of a load have made sure.
/// </summary>
internal static class ProfileSql
{
    /// <summary>How many of the most frequent values are told.</summary>
    public const int MostValues = 5;

    /// <summary>How many parts a histogram has.</summary>
    public const int Bins = 12;

    /// <summary>How much of a text is compared and shown: texts that differ only beyond count as one value.</summary>
    public const int MostText = 200;

    // Redshift counts bytes, and a character has up to four.
    private const int MostBytes = MostText * 4;

    private const string Invariant = "case when abs(x) < 1e-100 then 0 else x end"; // so that no quotient can underflow

    /// <summary>
    /// Rows of (column, kind, value, other, rows, total): kind 0 is the column's summary (lowest, highest, distinct, nulls), 1 a frequent
    /// value, 2 a part of the histogram (its number in rows' place, the range as numbers), 3 the table's rows (in the first part alone).
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="schema">The schema it stands in.</param>
    /// <param name="part">Which of the parts, from 0.</param>
    /// <param name="parts">Into how many statements the columns are dealt, to be run side by side.</param>
    public static string For(TableInfo table, string schema, int part = 0, int parts = 1)
    {
        List<string> groups = [];
        List<string> answers = [];
        foreach (var (at, column) in table.Columns.Index().Where(c => c.Index % parts == part))
        {
            var text = IsText(column);
            var value = text ? Shortened(column.Name) : column.Name;
            var values = $"(select {value} as v, 1 as n from {schema}.{table.Table}) k{at}";
            if (!column.Key)
            {
                groups.Add($"g{at} as (select {value} as v, count(*) as n from {schema}.{table.Table} group by {value})");
                values = $"g{at}";
                answers.Add(
                    $"select {at}, 1, cast(v as varchar({MostBytes})), cast(null as varchar({MostBytes})), n, 0 " +
                    $"from (select v, n from g{at} where v is not null and n > 1 order by n desc, v limit {MostValues}) t{at}");
            }

            answers.Add(
                $"select {at} as col, 0 as kind, cast(min(v) as varchar({MostBytes})) as a, cast(max(v) as varchar({MostBytes})) as b, " +
                $"count(v) as n, cast(coalesce(sum(case when v is null then n else 0 end), 0) as bigint) as m from {values}");
            if (!text)
            {
                answers.Add(Histogram(at, $"(select {Invariant} as x, n from (select {Number(column)} as x, n from {values} where v is not null) x{at})"));
            }
        }

        if (part == 0)
        {
            answers.Add($"select -1, 3, null, null, count(*), 0 from {schema}.{table.Table}");
        }

        var with = groups.Count > 0 ? $"with {string.Join(",\n", groups)}\n" : "";
        return with + string.Join("\nunion all\n", answers);
    }

    /// <summary>A few rows, long texts cut; one character more than is shown tells that a text goes on.</summary>
    public static string Sample(TableInfo table, string schema, int rows, int characters) => string.Create(
        CultureInfo.InvariantCulture,
        $"select {string.Join(", ", table.Columns.Select(c => IsText(c) ? $"left({c.Name}, {characters + 1})" : c.Name))} from {schema}.{table.Table} limit {rows}");

    // Counting characters is dear, and hardly any text is long enough to be cut.
    private static string Shortened(string column) => $"case when octet_length({column}) <= {MostText} then {column} else left({column}, {MostText}) end";

    private static bool IsText(TableColumn column) => column.Type == "text" || column.Type.StartsWith("varchar", StringComparison.Ordinal);

    private static string Number(TableColumn column) =>
        column.Type == "timestamp" ? "cast(date_part('epoch', v) as double precision)" : "cast(v as double precision)";

    private static string Histogram(int at, string values) =>
        $"""
        select {at}, 2, cast(min(lo) as varchar({MostBytes})), cast(max(hi) as varchar({MostBytes})), bin, cast(sum(n) as bigint)
        from   (select cast(case when r.hi > r.lo then least(floor((h.x - r.lo) / (r.hi - r.lo) * {Bins}), {Bins - 1}) else 0 end as bigint) as bin,
                       r.lo, r.hi, h.n
                from   {values} h cross join (select min(x) as lo, max(x) as hi, max(abs(x)) as far from {values} s) r where r.far < 1e15) b{at}
        group  by bin
        """;
}
