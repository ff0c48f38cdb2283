using Dapper;
using Npgsql;
using Sparkify.Core.Common;
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
            var marks = (await scope.Db.QueryAsync<(string Store, string Warehouse)>(new CommandDefinition(
                $"select store::varchar, warehouse::varchar from {Name}.{WarehouseSchemas.Mark}", cancellationToken: ct))).AsList();
            return marks is [var only] && only == scope.Mark ? new ObservedState(Exists: true)
                : marks is [var other] ? new ObservedState(
                    Exists: true, Ours: false,
                    Differs: $"its mark names the warehouse '{other.Warehouse}' of {(other.Store == scope.Mark.Store ? "this" : "another")} installation")
                : new ObservedState(Exists: true, Ours: false, Differs: "its mark does not say whose it is");
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.UndefinedColumn)
        {
            return new ObservedState(Exists: true, Ours: false, Differs: "it carries no mark of ours");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            if (await scope.Journal.HasAsync(scope.Warehouse, Kind, Name, ct))
            {
                // Ours, and not to be seen: neither left alone nor proven gone.
                throw SparkifyException.Denied(
                    $"The user '{scope.Rights.User}' may not look into the schema {Name}, which this warehouse made with another login. Give that one, or have this one granted usage and select on it.");
            }

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
            $"insert into {Name}.{WarehouseSchemas.Mark} values ({RedshiftSql.Literal(scope.Mark.Store)}, {RedshiftSql.Literal(scope.Mark.Warehouse)})", ct);
        if (!scope.Alone)
        {
            await scope.Db.SendAsync($"alter table {Name}.{WarehouseSchemas.Mark} owner to {ClusterSql.Quoted(scope.Names.Loader)}", ct);
        }

        await transaction.CommitAsync(ct);
    }

    protected override Task ChangeAsync(ExistingScope scope, StepContext step, CancellationToken ct) => Task.CompletedTask;

    protected override async Task DeleteAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        var readers = (await scope.Db.QueryAsync<string>(new CommandDefinition(
            """
            select distinct vn.nspname || '.' || v.relname
            from   pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class
            join   pg_namespace vn on vn.oid = v.relnamespace join pg_class t on t.oid = d.refobjid
            join   pg_namespace tn on tn.oid = t.relnamespace
            where  tn.nspname = @Name and vn.nspname <> @Name
            """, new { Name }, cancellationToken: ct))).Order(StringComparer.Ordinal).ToList();
        if (readers.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"{string.Join(", ", readers)} {(readers.Count == 1 ? "reads" : "read")} from the schema {Name} and would be dropped with it. Have {(readers.Count == 1 ? "it" : "them")} dropped, or read from elsewhere, then retry this run.");
        }

        if (!scope.Alone && Name == scope.Schemas.Published && await scope.Db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from pg_user where usename in (@Loader, @Reporter)", new { scope.Names.Loader, scope.Names.Reporter },
            cancellationToken: ct)) == 2)
        {
            // Nobody can be dropped to whom something is to be granted.
            await scope.Db.SendAsync(
                $"alter default privileges for user {ClusterSql.Quoted(scope.Names.Loader)} in schema {Name} revoke select on tables from {ClusterSql.Quoted(scope.Names.Reporter)}", ct);
        }

        if (!scope.Alone && Name == scope.Schemas.Published && await ClusterPersonalLogins.HasGroupAsync(scope.Db, scope.Names.Readers, ct))
        {
            await scope.Db.SendAsync(
                $"alter default privileges for user {ClusterSql.Quoted(scope.Names.Loader)} in schema {Name} revoke select on tables from group {ClusterSql.Quoted(scope.Names.Readers)}", ct);
        }

        await scope.Db.SendAsync($"drop schema {Name} cascade", ct);
    }

    protected override bool SaysGone(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.InvalidSchemaName };

    private static string Owner(ExistingScope scope) => scope.Alone ? scope.Rights.User : scope.Names.Loader;
}

/// <summary>
/// A user of a warehouse on a cluster that is not its own. A user carries no mark, so the journal alone says whose it is, by the number the
/// cluster gave it: one that was dropped and made anew by somebody else has another.
/// </summary>
internal sealed class UserResource(
    string name, IWarehouseDatabases databases, IWarehouseJournal journal, RolePasswords passwords, WarehouseRole role)
    : Resource<ExistingScope>(Word, name)
{
    /// <summary>What the journal calls it.</summary>
    public const string Word = "user";

    public override Task<string> DetailAsync(ExistingScope scope, CancellationToken ct) =>
        Task.FromResult(role == WarehouseRole.Loader ? "builds and publishes the star" : "reads what is published, and nothing else");

    public override async Task<ObservedState> LookAsync(ExistingScope scope, CancellationToken ct)
    {
        if (await ClusterUsers.NumberAsync(scope.Db, Name, ct) is not { } number)
        {
            return ObservedState.Nothing;
        }

        return !await journal.HasAsync(scope.Warehouse, Kind, Name, ct)
            ? new ObservedState(Exists: true, Ours: false, Differs: "another installation with a warehouse of this name may use it")
            : (await journal.KnownByAsync(scope.Warehouse, Kind, Name, ct) ?? number) != number
            ? new ObservedState(Exists: true, Ours: false, Differs: "somebody else made it, after the one this warehouse had was dropped")
            : new ObservedState(Exists: true);
    }

    protected override async Task CreateAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        await scope.Db.SendAsync(ClusterUsers.UserStatement(Name, databases.Password(scope.Warehouse, role, passwords), exists: false), ct);
        if (await ClusterUsers.NumberAsync(scope.Db, Name, ct) is { } number)
        {
            await journal.KnowByAsync(scope.Warehouse, Kind, Name, number, ct);
        }
    }

    protected override Task ChangeAsync(ExistingScope scope, StepContext step, CancellationToken ct) => Task.CompletedTask;

    // Nobody is dropped who has a right left; what it had in the schemas went with them.
    protected override async Task DeleteAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        await scope.Db.SendAsync($"revoke all on database {ClusterSql.Quoted(scope.Cluster.Database)} from {ClusterSql.Quoted(Name)}", ct);
        await scope.Db.SendAsync($"drop user {ClusterSql.Quoted(Name)}", ct);
    }

    protected override bool SaysGone(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UndefinedObject };
}

/// <summary>What is made with people's own logins, and only removed here.</summary>
internal abstract class OfPeople(string kind, string name) : Resource<ExistingScope>(kind, name)
{
    protected sealed override Task CreateAsync(ExistingScope scope, StepContext step, CancellationToken ct) => throw Made();

    protected sealed override Task ChangeAsync(ExistingScope scope, StepContext step, CancellationToken ct) => throw Made();

    private static NotSupportedException Made() => new("Logins make it.");
}

/// <summary>Somebody's own login on a cluster that is not its warehouse's own.</summary>
internal sealed class PersonUserResource(string name, IWarehouseJournal journal) : OfPeople(UserResource.Word, name)
{
    public override Task<string> DetailAsync(ExistingScope scope, CancellationToken ct) =>
        Task.FromResult("somebody's own login; reads what is published, and nothing else");

    public override async Task<ObservedState> LookAsync(ExistingScope scope, CancellationToken ct) =>
        await ClusterUsers.HasAsync(scope.Db, Name, ct)
            ? new ObservedState(Exists: true, Ours: await journal.HasAsync(scope.Warehouse, Kind, Name, ct)) : ObservedState.Nothing;

    protected override Task DeleteAsync(ExistingScope scope, StepContext step, CancellationToken ct) =>
        ClusterPersonalLogins.DropAsync(scope.Db, Name, ct);
}

/// <summary>The group of people's own logins, which holds what they may read. It carries no mark, as a user does not.</summary>
internal sealed class GroupResource(string name, IWarehouseJournal journal) : OfPeople(Word, name)
{
    /// <summary>What the journal calls it.</summary>
    public const string Word = "group";

    public override Task<string> DetailAsync(ExistingScope scope, CancellationToken ct) =>
        Task.FromResult("what people's own logins may read");

    public override async Task<ObservedState> LookAsync(ExistingScope scope, CancellationToken ct) =>
        await ClusterPersonalLogins.HasGroupAsync(scope.Db, Name, ct)
            ? new ObservedState(Exists: true, Ours: await journal.HasAsync(scope.Warehouse, Kind, Name, ct)) : ObservedState.Nothing;

    protected override Task DeleteAsync(ExistingScope scope, StepContext step, CancellationToken ct) =>
        scope.Db.SendAsync($"drop group {ClusterSql.Quoted(Name)}", ct);

    protected override bool SaysGone(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UndefinedObject };
}
