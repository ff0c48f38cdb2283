using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Local;

/// <summary>One warehouse's part of the server.</summary>
/// <param name="Warehouse">Its name.</param>
/// <param name="Server">A connection as the server's administrator.</param>
/// <param name="Mark">The comment that tells what is this warehouse's.</param>
/// <param name="Journal">What was begun to be made.</param>
internal sealed record LocalScope(string Warehouse, NpgsqlConnection Server, string Mark, IWarehouseJournal Journal) : IResourceScope
{
    public string Owner => "The server";
}

/// <summary>One thing a local warehouse owns on the server; its mark is a comment.</summary>
internal abstract class LocalResource(string kind, string name) : Resource<LocalScope>(kind, name)
{
    /// <summary>Whether it exists, and whose mark it carries; both none when it does not.</summary>
    public async Task<(bool Exists, string? Mark)> FindAsync(NpgsqlConnection server, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LookSql, server);
        command.Parameters.Add(new() { Value = Name });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (true, await reader.IsDBNullAsync(0, ct) ? null : reader.GetString(0)) : (false, null);
    }

    public override async Task<ObservedState> LookAsync(LocalScope scope, CancellationToken ct) => await FindAsync(scope.Server, ct) switch
    {
        (false, _) => ObservedState.Nothing,
        (_, null) when await scope.Journal.HasAsync(scope.Warehouse, Kind, Name, ct) =>
            new ObservedState(Exists: true) { Unmarked = true },
        (_, var mark) when mark == scope.Mark => new ObservedState(Exists: true),
        (_, var mark) => new ObservedState(Exists: true, Ours: false, Differs: mark is null ? null : $"it is marked '{mark}'"),
    };

    protected override async Task CreateAsync(LocalScope scope, StepContext step, CancellationToken ct)
    {
        await LocalServer.ExecuteAsync(scope.Server, CreateSql, ct);
        await ChangeAsync(scope, step, ct);
    }

    protected override Task ChangeAsync(LocalScope scope, StepContext step, CancellationToken ct) =>
        LocalServer.ExecuteAsync(scope.Server, $"comment on {Kind} \"{Name}\" is '{scope.Mark}'", ct);

    protected abstract string LookSql { get; }

    protected abstract string CreateSql { get; }
}

/// <summary>A warehouse's database.</summary>
internal sealed class LocalDatabase(LocalNames names) : LocalResource("database", names.Database)
{
    public override Task<string> DetailAsync(LocalScope scope, CancellationToken ct) =>
        Task.FromResult("UTF-8, closed to everyone but the warehouse's own two roles");

    protected override string LookSql => "select shobj_description(oid, 'pg_database') from pg_database where datname = $1";

    // Every database is open to everybody at first: this one lets nobody in until it is closed to them.
    protected override async Task ChangeAsync(LocalScope scope, StepContext step, CancellationToken ct)
    {
        await LocalServer.ExecuteAsync(scope.Server, $"revoke all on database \"{Name}\" from public", ct);
        await LocalServer.ExecuteAsync(scope.Server, $"alter database \"{Name}\" allow_connections true", ct);
        await base.ChangeAsync(scope, step, ct);
    }

    // Text is ordered by its bytes, as Redshift does; every other order costs a multiple in sorts and groups.
    protected override string CreateSql => $"create database \"{Name}\" encoding 'UTF8' lc_collate 'C' template template0 allow_connections false";

    protected override Task DeleteAsync(LocalScope scope, StepContext step, CancellationToken ct) =>
        LocalServer.ExecuteAsync(scope.Server, $"drop database \"{Name}\" with (force)", ct);
}

/// <summary>A role that a warehouse owns.</summary>
internal abstract class LocalRoleResource(string name) : LocalResource("role", name)
{
    protected override string LookSql => "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = $1";

    protected override Task DeleteAsync(LocalScope scope, StepContext step, CancellationToken ct) =>
        LocalServer.DropRoleAsync(scope.Server, Name, ct);
}

/// <summary>One of a warehouse's two roles.</summary>
internal sealed class LocalRole(LocalNames names, WarehouseRole role) : LocalRoleResource(names.Role(role))
{
    public override Task<string> DetailAsync(LocalScope scope, CancellationToken ct) => Task.FromResult(role == WarehouseRole.Loader
        ? "may log in; builds and publishes the star"
        : "may log in; reads the published star, writes nothing");

    protected override string CreateSql => $"create role \"{Name}\" login nosuperuser nocreatedb nocreaterole noinherit noreplication";
}

/// <summary>The role of somebody's own login, or the one that holds what those may read; logins make them.</summary>
internal sealed class LocalPersonRole(string name) : LocalRoleResource(name)
{
    public override Task<string> DetailAsync(LocalScope scope, CancellationToken ct) =>
        Task.FromResult("somebody's own login; reads the published star, writes nothing");

    protected override string CreateSql => throw new NotSupportedException("Logins make it, with what it may.");
}
