namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Puts the server's role names in place of a cluster's users and groups.</summary>
internal static class UserNames
{
    /// <summary>GRANT, REVOKE and ALTER … OWNER TO; also ALTER DEFAULT PRIVILEGES.</summary>
    public static void InGrant(SqlScript script, ClusterDatabase database)
    {
        var keyword = -1;
        for (var (i, depth) = (0, 0); i < script.Count; i++)
        {
            depth += script[i].Is("(") ? 1 : script[i].Is(")") ? -1 : 0;
            if (depth > 0 || !script[i].IsName)
            {
                continue;
            }

            if (script[i].Value is "to" or "from" && !script[i - 1].Is("rename"))
            {
                keyword = i;
            }
            else if (script.Has(i, "for", "user"))
            {
                script.Replace(i + 1, i + 2, "role");
                Replace(script, i + 2, database);
            }
            else if (script.Has(i, "on", "database"))
            {
                script.Replace(i + 2, i + 3, ClusterDatabase.Quote(database.Name));
            }
            else if (script[i].Is("assumerole") || script[i].Is("language"))
            {
                throw Redshift.NotSupported($"{script.Word.ToUpperInvariant()} on {script[i].Value.ToUpperInvariant()} in the simulator");
            }
        }

        for (var i = keyword + 1; keyword > 0 && i < script.Count && script[i].Value is not ("with" or "cascade" or "restrict"); i++)
        {
            if (script[i].IsName && !script[i].Is("public"))
            {
                i = Replace(script, i, database);
            }
        }
    }

    /// <summary>CREATE SCHEMA … AUTHORIZATION user [QUOTA …].</summary>
    public static void InSchema(SqlScript script, ClusterDatabase database)
    {
        for (var i = 2; i < script.Count; i++)
        {
            if (script[i].Is("authorization"))
            {
                Replace(script, ++i, database);
            }
            else if (script[i].Is("quota"))
            {
                script.Remove(i, script.Count);
                return;
            }
        }
    }

    /// <summary>Replaces the name at an index, with a GROUP before it; gives the index of its last token.</summary>
    public static int Replace(SqlScript script, int at, ClusterDatabase database)
    {
        if (script[at].Value is "group" or "role" or "user" && script[at + 1].IsName)
        {
            var name = script[at + 1].Value;
            script.Replace(at, at + 2, ClusterDatabase.Quote(script[at].Is("group") ? database.RoleOfGroup(name) : database.RoleOf(name)));
            return at + 1;
        }

        script.Replace(at, at + 1, ClusterDatabase.Quote(database.RoleOf(script[at].Value)));
        return at;
    }
}
