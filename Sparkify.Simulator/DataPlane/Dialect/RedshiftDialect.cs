using Sparkify.Simulator.DataPlane.Copying;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Puts Redshift's SQL into PostgreSQL's, statement by statement, and refuses what Redshift refuses.</summary>
internal static class RedshiftDialect
{
    /// <summary>The statements of a text; an error says what Redshift would not take.</summary>
    public static IReadOnlyList<Prepared> Prepare(string sql, ClusterDatabase database)
        => [.. SqlTokens.Statements(sql).Select(tokens => Prepare(new SqlScript(sql, tokens), database))];

    /// <summary>The one statement of a text that was written anew.</summary>
    private static Prepared Anew(string sql, string text, ClusterDatabase database) =>
        Prepare(new SqlScript(sql, SqlTokens.Statements(sql)[0]), database) with { Text = text, IsRewritten = true };

    private static Prepared Prepare(SqlScript script, ClusterDatabase database)
    {
        var gone = DatabaseNames.Of(script, database.PublicName);
        var late = LateBinding.Of(script).ToList();
        gone.UnionWith(late);
        if (gone.Count == 0)
        {
            return PrepareLocal(script, database);
        }

        var local = script.Without(gone);
        if (late.Count > 0)
        {
            LateBinding.Rewrite(local);
        }

        return PrepareLocal(local, database) with
        {
            Text = script.Word == "copy" ? CopyStatement.WithoutSecrets(script) : script.Source,
            IsLateBinding = late.Count > 0,
        };
    }

    /// <summary>One in which no other database is named.</summary>
    private static Prepared PrepareLocal(SqlScript script, ClusterDatabase database)
    {
        if (Queries.WithoutQualify(script) is { } anew)
        {
            return Anew(anew, script.Source, database);
        }

        Names(script);
        Refusals.Check(script);
        Queries.Rewrite(script);
        Functions.Rewrite(script);
        Catalogues.Rewrite(script);
        LateBinding.Columns(script);
        switch (script.Word)
        {
            case "copy":
                return script.Finish() with
                {
                    Text = CopyStatement.WithoutSecrets(script),
                    Own = new CopyRun(CopyStatement.Parse(script)).RunAsync,
                };
            case "create" when script[1].Value is "user" or "group":
            case "alter" when script[1].Value is "user" or "group":
            case "drop" when script[1].Value is "user" or "group":
                return script.Finish() with { Own = UserStatements.Parse(script) };
            case "create" when CreateTable.At(script) is { } at:
                var made = CreateTable.Rewrite(script, at);
                return script.Finish() with { Made = made };
            case "create" when script[1].Value == "schema":
                UserNames.InSchema(script, database);
                break;
            case "alter" when script[1].Value == "table":
                if (AlterTable.Rewrite(script, database))
                {
                    break;
                }

                return script.Finish() with { Own = AlterTable.Accepted };
            case "alter" or "grant" or "revoke":
                UserNames.InGrant(script, database);
                break;
            case "set" or "reset" or "show":
                return Settings.Prepare(script);
            case "vacuum":
                return script.Finish() with
                {
                    Own = static (c, _, _) => c.Status == 'I'
            ? Task.FromResult("VACUUM")
            : throw new SqlErrorException("25001", "VACUUM cannot run inside a transaction block")
                };
            case "analyze":
                Analyze(script);
                break;
            case "cancel":
                return script.Finish() with { Own = Cancel(script) };
            case "delete" when !script[1].Is("from"):
                script.InsertAfter(0, " from");
                break;
            case "truncate":
                return script.Finish() with { Commits = true };
        }

        return script.Finish();
    }

    /// <summary>
    /// Quoted names are folded; a table whose name begins with <c>#</c> is a temporary one.
    /// </summary>
    private static void Names(SqlScript script)
    {
        for (var i = 0; i < script.Count; i++)
        {
            var temporary = script[i].IsName && script[i].Value.StartsWith('#');
            if (temporary || (script[i].Kind == TokenKind.Quoted && script[i].Value.Any(char.IsLetter)))
            {
                script.Replace(i, i + 1, ClusterDatabase.Quote(script[i].Value));
            }

            if (temporary && script[i - 1].Is("into") && script.Word is "select" or "with")
            {
                script.InsertAfter(i - 1, " temp");
            }
        }
    }

    private static void Analyze(SqlScript script)
    {
        if (script[1].Is("compression"))
        {
            throw Redshift.NotSupported("ANALYZE COMPRESSION in the simulator");
        }

        if (script[script.Count - 1].Is("columns"))
        {
            script.Remove(script.Count - 2, script.Count);
        }
    }

    /// <summary><c>CANCEL pid ['message']</c>.</summary>
    private static OwnStatement Cancel(SqlScript script)
    {
        var pid = int.TryParse(script[1].Value, out var number) ? number : throw script.SyntaxError(1);
        return async (conversation, _, ct) =>
        {
            conversation.Session.Cluster.CancelStatement(pid);
            await conversation.AskAsync($"select pg_cancel_backend({pid})", ct);
            return "CANCEL";
        };
    }
}
