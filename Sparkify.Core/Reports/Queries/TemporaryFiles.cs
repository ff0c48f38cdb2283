using Dapper;
using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Reports.Queries;

/// <summary>The temporary files of the store's server, by the processes that made them.</summary>
internal static class TemporaryFiles
{
    // Workers of one query share folders, which bear the number of the process that leads them.
    private const string Sizes =
        """
        select substring(f.name from '^pgsql_tmp(\d+)')::int as pid,
               sum(case when not s.isdir then s.size
                        else (select coalesce(sum(i.size), 0)
                              from   pg_ls_dir('base/pgsql_tmp/' || f.name, true, false) inner_name,
                                     pg_stat_file('base/pgsql_tmp/' || f.name || '/' || inner_name, true) i) end)::bigint as bytes
        from   pg_ls_dir('base/pgsql_tmp', true, false) f (name), pg_stat_file('base/pgsql_tmp/' || f.name, true) s
        where  f.name ~ '^pgsql_tmp\d' and s.size is not null
        group  by 1
        """;

    /// <summary>Bytes by process; none when our account may not look there.</summary>
    public static async Task<IReadOnlyDictionary<int, long>> ReadAsync(IStore store, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        try
        {
            var sizes = await db.QueryAsync<(int Pid, long Bytes)>(new CommandDefinition(Sizes, cancellationToken: ct));
            return sizes.ToDictionary(static s => s.Pid, static s => s.Bytes);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new Dictionary<int, long>();
        }
    }
}
