using Dapper;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>
/// A schema of a warehouse on a cluster that is not its own. A table in it names store and warehouse: what has another mark, or none, is
/// somebody else's.
/// </summary>
internal sealed class SchemaResource(string name) : Resource<ExistingScope>(Word, name)
{
    /// <summary>What the journal calls it.</summary>
    public const string Word = "schema";

    public override string WayOut => "describe the warehouse with another schema, or remove that one by hand";

    public override Task<string> DetailAsync(ExistingScope scope, CancellationToken ct) => Task.FromResult(
        (Name == scope.Schemas.Published ? "what readers see" : Name == scope.Schemas.Build ? "what a load is building" : "a star of before")
        + $", owned by {Owner(scope)}");

    public override async Task<ObservedState> LookAsync(ExistingScope scope, CancellationToken ct)
    {
        if (await scope.Db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from pg_namespace where nspname = @Name", new { Name }, cancellationToken: ct)) == 0)
        {
            return ObservedState.Nothing;
        }

        try
        {
            var mark = await scope.Db.QuerySingleOrDefaultAsync<(string Store, string Warehouse)>(new CommandDefinition(
                $"select store::varchar, warehouse::varchar from {Name}.{WarehouseSchemas.Mark}", cancellationToken: ct));
            return mark == scope.Mark ? new ObservedState(Exists: true) : new ObservedState(
                Exists: true, Ours: false, Differs: $"its mark names the warehouse '{mark.Warehouse}' of another installation");
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return new ObservedState(Exists: true, Ours: false, Differs: "it carries no mark of ours");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new ObservedState(Exists: true, Ours: false, Differs: $"the user '{scope.Rights.User}' may not look into it");
        }
    }

    // With its mark or not at all, whenever this is broken off.
    protected override async Task CreateAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        await using var transaction = await scope.Db.BeginTransactionAsync(ct);
        await scope.Db.SendAsync(
            $"create schema {Name}{(scope.Alone ? "" : $" authorization {ClusterSql.Quoted(scope.Names.Loader)}")}", ct);
        await scope.Db.SendAsync($"create table {Name}.{WarehouseSchemas.Mark} (store varchar(32), warehouse varchar(64))", ct);
        await scope.Db.SendAsync(
            $"insert into {Name}.{WarehouseSchemas.Mark} values ({ClusterSql.Literal(scope.Mark.Store)}, {ClusterSql.Literal(scope.Mark.Warehouse)})", ct);
        if (!scope.Alone)
        {
            await scope.Db.SendAsync($"alter table {Name}.{WarehouseSchemas.Mark} owner to {ClusterSql.Quoted(scope.Names.Loader)}", ct);
        }

        await transaction.CommitAsync(ct);
    }

    protected override Task ChangeAsync(ExistingScope scope, StepContext step, CancellationToken ct) => Task.CompletedTask;

    protected override async Task DeleteAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        if (!scope.Alone && Name == scope.Schemas.Published)
        {
            // Nobody can be dropped to whom something is to be granted.
            await scope.Db.SendAsync(
                $"alter default privileges for user {ClusterSql.Quoted(scope.Names.Loader)} in schema {Name} revoke select on tables from {ClusterSql.Quoted(scope.Names.Reporter)}", ct);
        }

        await scope.Db.SendAsync($"drop schema {Name} cascade", ct);
    }

    protected override bool SaysGone(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.InvalidSchemaName };

    private static string Owner(ExistingScope scope) => scope.Alone ? scope.Rights.User : scope.Names.Loader;
}

/// <summary>
/// A user of a warehouse on a cluster that is not its own. A user carries no mark, so the journal alone says whose it is.
/// </summary>
internal sealed class UserResource(
    string name, IWarehouseDatabases databases, IWarehouseJournal journal, RolePasswords passwords, WarehouseRole role)
    : Resource<ExistingScope>(Word, name)
{
    /// <summary>What the journal calls it.</summary>
    public const string Word = "user";

    public override Task<string> DetailAsync(ExistingScope scope, CancellationToken ct) =>
        Task.FromResult(role == WarehouseRole.Loader ? "builds and publishes the star" : "reads what is published, and nothing else");

    public override async Task<ObservedState> LookAsync(ExistingScope scope, CancellationToken ct) =>
        await scope.Db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from pg_user where usename = @Name", new { Name }, cancellationToken: ct)) == 0 ? ObservedState.Nothing
            : await journal.HasAsync(scope.Warehouse, Kind, Name, ct) ? new ObservedState(Exists: true)
            : new ObservedState(Exists: true, Ours: false, Differs: "another installation with a warehouse of this name may use it");

    protected override Task CreateAsync(ExistingScope scope, StepContext step, CancellationToken ct) =>
        scope.Db.SendAsync(ClusterUsers.UserStatement(Name, databases.Password(scope.Warehouse, role, passwords), exists: false), ct);

    protected override Task ChangeAsync(ExistingScope scope, StepContext step, CancellationToken ct) => Task.CompletedTask;

    // Nobody is dropped who has a right left; what it had in the schemas went with them.
    protected override async Task DeleteAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        await scope.Db.SendAsync($"revoke all on database {ClusterSql.Quoted(scope.Cluster.Database)} from {ClusterSql.Quoted(Name)}", ct);
        await scope.Db.SendAsync($"drop user {ClusterSql.Quoted(Name)}", ct);
    }

    protected override bool SaysGone(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UndefinedObject };
}
