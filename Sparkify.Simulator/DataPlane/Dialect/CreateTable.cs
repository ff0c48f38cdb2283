using System.Globalization;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>
/// CREATE TABLE: declared keys are dropped (Redshift does not enforce them), NOT NULL stays. Lengths count bytes by a check
/// constraint of ours; distribution and sort keys are kept in the names of two more, so that they live and die with the table.
/// </summary>
internal static class CreateTable
{
    public const string ByteLimit = "sim_bytes_";
    public const string DistPrefix = "sim_dist ";
    public const string SortPrefix = "sim_sort ";
    private const int LongestName = 63;

    /// <summary>The index of the table's name, when this creates one.</summary>
    public static int? At(SqlScript script)
    {
        var at = script[1].Value is "local" ? 2 : 1;
        at = script[at].Value is "temporary" or "temp" ? at + 1 : at;
        return !script[at].Is("table") ? null : script.Has(at + 1, "if", "not", "exists") ? at + 4 : at + 1;
    }

    /// <summary>Rewrites it; gives what its query has to be asked, when it is made from one.</summary>
    public static MadeTable? Rewrite(SqlScript script, int name)
    {
        if (script[name].Value.StartsWith('#') && script[1].Is("table"))
        {
            script.InsertBefore(1, "temp ");
        }

        var at = name + 1;
        while (script[at].Is("."))
        {
            at += 2;
        }

        var open = script[at].Is("(") ? at : -1;
        var close = open < 0 ? at - 1 : script.Close(open);
        var table = new TableParts();
        var end = Attributes(script, close + 1, table);
        if (end < script.Count && !script[end].Is("as"))
        {
            throw script.SyntaxError(end);
        }

        if (end > close + 1)
        {
            script.Remove(close + 1, end);
        }

        if (open < 0 || end < script.Count)
        {
            // Made from a query: its columns have their types from there.
            table.CheckStyle();
            return end + 1 < script.Count && open < 0 && table.HasKeys
                ? new MadeTable(script.Rewritten(end + 1, script.Count), table)
                : null;
        }

        foreach (var (from, to) in script.Items(open + 1, close))
        {
            Element(script, from, to, table);
        }

        table.CheckStyle();
        if (!table.IsLike)
        {
            table.CheckKeys(table.Columns);
        }

        List<string> elements = [];
        foreach (var (from, to) in table.Kept)
        {
            if (table.PrimaryKey.Contains(script[from].Value))
            {
                script.InsertAfter(to - 1, " not null");
            }

            elements.Add(script.Take(from, to));
        }

        elements.AddRange(table.ByteLimits.Select(static l => LimitClause(l.Column, l.Bytes)));
        if (!table.IsLike)
        {
            // What it is like has one, which comes with its constraints.
            elements.Add($"constraint {ClusterDatabase.Quote(Cut(DistPrefix + table.Distribution))} check (true)");
        }

        if (table.SortKey.Count > 0)
        {
            elements.Add($"constraint {ClusterDatabase.Quote(Cut($"{SortPrefix}{table.SortKey.Count} {table.SortKey[0]}"))} check (true)");
        }

        script.Replace(open, close + 1, $"({string.Join(", ", elements)})");
        return null;
    }

    public static string LimitClause(string column, int bytes)
        => $"constraint {ClusterDatabase.Quote(Cut(ByteLimit + column))} check (octet_length({ClusterDatabase.Quote(column)}) <= {bytes.ToString(CultureInfo.InvariantCulture)})";

    public static string Cut(string name) => name.Length <= LongestName ? name : name[..LongestName];

    /// <summary>Rewrites a column's type; gives its length in bytes when it is text, and where the type ends.</summary>
    public static (int? Bytes, int End) Type(SqlScript script, int at, string column)
    {
        var type = script[at].Value;
        var varying = script.Has(at, "character", "varying");
        var end = varying || script.Has(at, "double", "precision") ? at + 2 : at + 1;
        if (Refusals.NoType.Contains(type) || script[end].Is("["))
        {
            throw new SqlErrorException(
                "0A000", $"Column \"{column}\" has unsupported type \"{type}{(script[end].Is("[") ? "[]" : "")}\".");
        }

        if (type is "super" or "varbyte" or "geometry" or "geography" or "hllsketch")
        {
            throw Redshift.NotSupported($"The type {type} in the simulator");
        }

        var sized = script[end].Is("(");
        var after = sized ? script.Close(end) + 1 : end;
        if (varying || type is "varchar" or "nvarchar" or "text" or "char" or "character" or "nchar" or "bpchar")
        {
            var fixedLength = !varying && type is "char" or "character" or "nchar";
            var most = fixedLength ? 4096 : 65535;
            var bytes = !sized || type == "text" ? (fixedLength ? 1 : 256) : script[end + 1].Is("max") ? most
                : int.TryParse(script[end + 1].Value, CultureInfo.InvariantCulture, out var given)
                    ? given
                    : throw script.SyntaxError(end + 1);
            if (bytes < 1 || bytes > most)
            {
                throw new SqlErrorException(
                    "22023", $"length for type {(fixedLength ? "char" : "varchar")} must be at least 1 and cannot exceed {most}");
            }

            script.Replace(at, after, $"{(fixedLength ? "char" : "varchar")}({bytes})");
            return (bytes, after);
        }

        if (type is "datetime" or "smalldatetime")
        {
            script.Replace(at, after, "timestamp");
        }

        if (type is "decimal" or "numeric" && !sized)
        {
            script.Replace(at, after, "numeric(18,0)");
        }
        else if (type is "decimal" or "numeric")
        {
            Refusals.Precision(script, end + 1);
        }

        return (null, after);
    }

    /// <summary>Rewrites what stands behind a column's type.</summary>
    public static void ColumnAttributes(SqlScript script, int at, int to, string column, TableParts table, string? type)
    {
        while (at < to)
        {
            var from = at;
            switch (script[at].Value)
            {
                case "distkey":
                    table.DistributeBy(column);
                    script.Remove(at, ++at);
                    break;
                case "sortkey":
                    table.SortKey.Add(column);
                    script.Remove(at, ++at);
                    break;
                case "encode":
                    Encodings.Check(script[at + 1].Value, column, type);
                    script.Remove(from, at += 2);
                    break;
                case "collate":
                    script.Remove(from, at += 2);
                    break;
                case "constraint":
                    script.Remove(from, at += 2);
                    break;
                case "primary":
                    script.Replace(from, at += 2, "not null");
                    break;
                case "unique":
                    script.Remove(at, ++at);
                    break;
                case "references":
                    at += 2;
                    at = script[at].Is(".") ? at + 2 : at;
                    at = script[at].Is("(") ? script.Close(at) + 1 : at;
                    script.Remove(from, at);
                    break;
                case "check":
                    throw Redshift.NotSupported("A CHECK constraint");
                case "generated" when script[at + 1].Value is "by" or "always":
                    at = Array.FindIndex([.. Enumerable.Range(0, to).Select(i => script[i])], at, static t => t.Is("identity"));
                    at = at < 0 ? throw script.SyntaxError(from) : at;
                    at = Identity(script, from, at, script[from + 1].Is("by"));
                    break;
                case "identity":
                    at = Identity(script, at, at, byDefault: false);
                    break;
                case "(":
                    at = script.Close(at) + 1;
                    break;
                default:
                    at++;
                    break;
            }
        }
    }

    // Without seed and step, which no page of AWS's has and many programs write, it begins with 1.
    private static int Identity(SqlScript script, int from, int at, bool byDefault)
    {
        var given = script[at + 1].Is("(");
        var end = given ? script.Close(at + 1) + 1 : at + 1;
        var (seed, step) = given ? (script[at + 2].Value, script[at + 4].Value) : ("1", "1");
        script.Replace(
            from, end, $"generated {(byDefault ? "by default" : "always")} as identity (start with {seed} minvalue {seed} increment by {step})");
        return end;
    }

    private static void Element(SqlScript script, int from, int to, TableParts table)
    {
        var kind = script[from].Is("constraint") ? from + 2 : from;
        switch (script[kind].Kind == TokenKind.Word ? script[kind].Value : "")
        {
            case "primary" when script[kind + 1].Is("key"):
                table.PrimaryKey.UnionWith(Enumerable.Range(kind + 3, Math.Max(0, to - kind - 4)).Select(i => script[i])
                    .Where(static t => t.IsName).Select(static t => t.Value));
                return;
            case "unique" or "foreign":
                return;
            case "check" or "exclude":
                throw Redshift.NotSupported("A CHECK constraint");
            case "like":
                table.IsLike = true;
                script.InsertAfter(to - 1, " including constraints");
                break;
            default:
                var column = script[from].Value;
                var (bytes, end) = Type(script, from + 1, column);
                table.Columns.Add(column);
                ColumnAttributes(script, end, to, column, table, script[from + 1].Value);
                if (bytes is { } most)
                {
                    table.ByteLimits.Add((column, most));
                }

                break;
        }

        table.Kept.Add((from, to));
    }

    private static int Attributes(SqlScript script, int at, TableParts table)
    {
        while (at < script.Count)
        {
            var from = at;
            switch (script[at].Value)
            {
                case "backup":
                    at += 2;
                    break;
                case "diststyle":
                    var style = script[at + 1].Value;
                    table.Style = style is "auto" or "even" or "all" or "key" ? style : throw script.SyntaxError(at + 1);
                    at += 2;
                    break;
                case "distkey" when script[at + 1].Is("("):
                    table.DistributeBy(script[at + 2].Value);
                    at = script.Close(at + 1) + 1;
                    break;
                case "compound" or "interleaved" when script[at + 1].Is("sortkey"):
                    at++;
                    break;
                case "sortkey" or "encode" when script[at + 1].Is("auto"):
                    at += 2;
                    break;
                case "sortkey" when script[at + 1].Is("("):
                    table.SortKey.AddRange(script.Items(at + 2, script.Close(at + 1)).Select(i => script[i.From].Value));
                    at = script.Close(at + 1) + 1;
                    break;
                default:
                    return from;
            }
        }

        return at;
    }
}
