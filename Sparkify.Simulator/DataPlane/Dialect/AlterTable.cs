using Sparkify.Simulator.DataPlane.History;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>ALTER TABLE: one action at a time; keys and physical settings are taken and have no effect.</summary>
internal static class AlterTable
{
    /// <summary>Rewrites it; false when there is nothing for the server behind to do.</summary>
    public static bool Rewrite(SqlScript script, ClusterDatabase database)
    {
        var at = script[2].Is("if") ? 5 : 3;
        while (script[at].Is("."))
        {
            at += 2;
        }

        if (script.Items(at, script.Count).Count() > 1)
        {
            throw new SqlErrorException("0A000", "ALTER TABLE takes one action at a time: send one ALTER TABLE for each.");
        }

        switch (script[at].Value)
        {
            case "add" when script[at + 1].Value is "constraint" or "primary" or "foreign" or "unique":
                return Enumerable.Range(at, script.Count - at).Any(i => script[i].Is("check"))
                    ? throw Redshift.NotSupported("A CHECK constraint")
                    : false;
            case "add":
                AddColumn(script, script[at + 1].Is("column") ? at + 2 : at + 1);
                return true;
            case "alter" when script[at + 1].Value is "diststyle" or "distkey" or "sortkey" or "compound" or "interleaved" or "encode":
                return false;
            case "alter":
                return AlterColumn(script, script[at + 1].Is("column") ? at + 2 : at + 1);
            case "append" or "set" or "enable" or "disable" or "cluster" or "inherit" or "attach" or "detach":
                throw Redshift.NotSupported($"ALTER TABLE {script[at].Value.ToUpperInvariant()} in the simulator");
            case "owner":
                UserNames.Replace(script, at + 2, database);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Done without doing anything.</summary>
    public static Task<string> Accepted(SqlConversation conversation, QueryRecord record, CancellationToken ct) =>
        Task.FromResult("ALTER TABLE");

    private static void AddColumn(SqlScript script, int at)
    {
        if (script[at].Is("if"))
        {
            throw script.SyntaxError(at);
        }

        var column = script[at].Value;
        var (bytes, end) = CreateTable.Type(script, at + 1, column);
        CreateTable.ColumnAttributes(script, end, script.Count, column, new TableParts(), script[at + 1].Value);
        if (bytes is { } most)
        {
            script.InsertAfter(script.Count - 1, " " + CreateTable.LimitClause(column, most));
        }
    }

    private static bool AlterColumn(SqlScript script, int at)
    {
        if (script[at + 1].Is("encode"))
        {
            return false;
        }

        if (!script[at + 1].Is("type"))
        {
            throw Redshift.NotSupported($"ALTER COLUMN {script[at + 1].Value.ToUpperInvariant()}");
        }

        var column = script[at].Value;
        if (CreateTable.Type(script, at + 2, column) is not { Bytes: { } bytes })
        {
            throw new SqlErrorException("0A000", $"Only the length of a VARCHAR can be altered; column \"{column}\" cannot.");
        }

        script.InsertAfter(script.Count - 1, $", drop constraint if exists {ClusterDatabase.Quote(CreateTable.Cut(CreateTable.ByteLimit + column))}, add {CreateTable.LimitClause(column, bytes)}");
        return true;
    }
}
