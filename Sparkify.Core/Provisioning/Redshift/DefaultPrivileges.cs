using Dapper;
using Npgsql;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What a user of a cluster has given away by default, of things it might make: nobody is dropped who stands there.</summary>
internal static class DefaultPrivileges
{
    // https://docs.aws.amazon.com/redshift/latest/dg/r_PG_DEFAULT_ACL.html
    private const string Given =
        """
        select n.nspname::varchar as Schema, d.defaclobjtype::varchar as Kind, array_to_string(d.defaclacl, '|') as Entries
        from   pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
        where  d.defacluser = (select usesysid from pg_user where usename = @user)
        """;

    /// <summary>The statements after which there is nothing of it left.</summary>
    public static async Task<IReadOnlyList<string>> TakenBackAsync(NpgsqlConnection db, string user, CancellationToken ct)
    {
        var given = await db.QueryAsync<(string? Schema, string Kind, string? Entries)>(
            new CommandDefinition(Given, new { user }, cancellationToken: ct));
        return [.. given.SelectMany(row => Statements(user, row.Schema, row.Kind, row.Entries ?? ""))];
    }

    /// <summary>Those for one kind of things, in one schema or in all: what is as it is by itself, the cluster forgets.</summary>
    /// <param name="user">Who gave it away.</param>
    /// <param name="schema">In which schema; none for all.</param>
    /// <param name="kind">The kind of things, as the catalogue has it.</param>
    /// <param name="entries">To whom, in the form <c>grantee=rights/grantor</c>, with bars between.</param>
    internal static IEnumerable<string> Statements(string user, string? schema, string kind, string entries)
    {
        var things = kind switch { "r" => "tables", "f" => "functions", "p" => "procedures", _ => null };
        if (things is null)
        {
            yield break;
        }

        var self = ClusterSql.Quoted(user);
        var start = $"alter default privileges for user {self}{(schema is null ? "" : $" in schema {ClusterSql.Quoted(schema)}")}";
        var grantees = entries.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Grantee).Append("public");
        foreach (var grantee in grantees.Distinct(StringComparer.Ordinal))
        {
            if (schema is not null || grantee != self)
            {
                yield return $"{start} revoke all on {things} from {grantee}";
            }
        }

        if (schema is null)
        {
            yield return $"{start} grant all on {things} to {self}";
            if (kind == "f")
            {
                yield return $"{start} grant execute on functions to public";
            }
        }
    }

    private static string Grantee(string entry)
    {
        var end = entry.LastIndexOf('=', Math.Max(0, entry.LastIndexOf('/')));
        var name = end < 0 ? "" : entry[..end].Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal);
        return name switch
        {
            "" => "public",
            _ when name.StartsWith("group ", StringComparison.Ordinal) => $"group {ClusterSql.Quoted(name[6..].Trim('"'))}",
            _ when name.StartsWith("role ", StringComparison.Ordinal) => $"role {ClusterSql.Quoted(name[5..].Trim('"'))}",
            _ => ClusterSql.Quoted(name),
        };
    }
}
