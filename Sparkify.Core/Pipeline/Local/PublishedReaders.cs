using Dapper;
using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>A session that reads the published star and so keeps a new one from being put in its place.</summary>
/// <param name="Pid">The number of its process on the server.</param>
/// <param name="User">As whom it is logged in.</param>
/// <param name="Application">The name its program gave.</param>
/// <param name="State">What it does, such as <c>active</c> or <c>idle in transaction</c>; none where the server does not tell us.</param>
/// <param name="Age">For how long its transaction has been open; none where the server does not tell us.</param>
internal sealed record PublishedReader(int Pid, string User, string Application, string? State, TimeSpan? Age)
{
    /// <summary>Who it is, for people.</summary>
    public override string ToString()
    {
        var name = Application.Length > 0 ? $"{User}, {Application}" : User;
        var age = Age switch
        {
            { TotalMinutes: >= 1 } old => $", {State} for {(int)old.TotalMinutes} min",
            { } young => $", {State} for {(int)young.TotalSeconds} s",
            null => "",
        };
        return $"process {Pid} ({name}{age})";
    }
}

/// <summary>Finds, and at the end of our patience ends, those who read a local warehouse's published star.</summary>
internal sealed class PublishedReaders(IStore store)
{
    /// <summary>
    /// Who holds the published tables, the oldest first. <paramref name="loader"/> is the session that wants to publish into
    /// <paramref name="schema"/>.
    /// </summary>
    public async Task<IReadOnlyList<PublishedReader>> ListAsync(NpgsqlConnection loader, string schema, CancellationToken ct)
    {
        // The names of tables are the database's own, what its sessions do the server tells to its administrator.
        var tables = (await loader.QueryAsync<long>(new CommandDefinition(
            "select oid::bigint from pg_class where relnamespace = to_regnamespace(@schema) and relkind = 'r'",
            new { schema }, cancellationToken: ct))).ToArray();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<(int Pid, string? User, string? Application, string? State, double? Age)>(new CommandDefinition(
            """
            select distinct a.pid, a.usename::text, a.application_name, a.state,
                   cast(extract(epoch from clock_timestamp() - a.xact_start) as double precision) as age
            from   pg_locks l join pg_stat_activity a on a.pid = l.pid
            where  l.granted and l.database = (select oid from pg_database where datname = @database)
              and  l.relation = any(@tables::bigint[]::oid[]) and a.pid <> @own
            order  by age desc nulls last
            """,
            new { database = loader.Database, tables, own = loader.ProcessID }, cancellationToken: ct));
        return [.. rows.Select(static r => new PublishedReader(
            r.Pid, r.User ?? "somebody", r.Application ?? "", r.State, r.Age is { } age ? TimeSpan.FromSeconds(age) : null))];
    }

    /// <summary>Ends a session; false when the server does not let us.</summary>
    public async Task<bool> EndAsync(PublishedReader reader, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        try
        {
            return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
                "select pg_terminate_backend(@Pid, 5000)", new { reader.Pid }, cancellationToken: ct));
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }
}
