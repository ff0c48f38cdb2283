using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Local;

/// <summary>One thing a local warehouse owns on the server.</summary>
internal abstract class LocalResource(string kind, string name)
{
    public string Kind { get; } = kind;

    public string Name { get; } = name;

    /// <summary>What it is, in words.</summary>
    public abstract string Detail { get; }

    /// <summary>Whether it exists, and whose mark it carries; both none when it does not.</summary>
    public async Task<(bool Exists, string? Tag)> LookAsync(NpgsqlConnection server, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LookSql, server);
        command.Parameters.Add(new() { Value = Name });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (true, await reader.IsDBNullAsync(0, ct) ? null : reader.GetString(0)) : (false, null);
    }

    /// <summary>What provisioning would do; a sentence when something that is not ours is in the way.</summary>
    public async Task<PlannedResource> PlanAsync(NpgsqlConnection server, string tag, bool journaled, CancellationToken ct)
    {
        var (exists, found) = await LookAsync(server, ct);
        // Ours, too, if the journal knows it and it carries no mark: killed between creating and marking it.
        var unmarked = exists && found is null && journaled;
        if (exists && found != tag && !unmarked)
        {
            throw SparkifyException.Conflict(
                $"The server already has a {Kind} named '{Name}' that this Sparkify did not make{(found is null ? "" : $" (it is marked '{found}')")}. " +
                "Choose another warehouse name, or remove it there by hand.");
        }

        return new PlannedResource(Kind, Name, unmarked ? PlannedAction.Adopt : exists ? PlannedAction.None : PlannedAction.Create, Detail);
    }

    /// <summary>Creates it unless it is there already. It is in the journal before it exists.</summary>
    public async Task EnsureAsync(NpgsqlConnection server, string tag, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var plan = await PlanAsync(server, tag, await journal.HasAsync(step.Warehouse, Kind, Name, ct), ct);
        await journal.AddAsync(step.Warehouse, Kind, Name, ct);
        if (plan.Action == PlannedAction.Create)
        {
            await LocalServer.ExecuteAsync(server, CreateSql, ct);
        }

        if (plan.Action != PlannedAction.None)
        {
            await LocalServer.ExecuteAsync(server, $"comment on {Kind} \"{Name}\" is '{tag}'", ct);
        }

        step.Log(plan.Action == PlannedAction.Create ? $"Created the {Kind} {Name}." : $"The {Kind} {Name} is there already.");
    }

    /// <summary>Removes it when it is there and ours, and writes into the journal what became of it.</summary>
    public async Task RemoveAsync(NpgsqlConnection server, string tag, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var (exists, found) = await LookAsync(server, ct);
        var foreign = exists && found != tag && !(found is null && await journal.HasAsync(step.Warehouse, Kind, Name, ct));
        if (foreign)
        {
            step.Warn($"The {Kind} {Name} does not carry our mark: left alone.");
        }
        else if (exists)
        {
            await LocalServer.ExecuteAsync(server, DropSql, ct);
            step.Log($"Dropped the {Kind} {Name}.");
        }
        else
        {
            step.Log($"The {Kind} {Name} is gone already.");
        }

        await journal.RemovedAsync(step.Warehouse, Kind, Name, leftAlone: foreign, ct);
    }

    protected abstract string LookSql { get; }

    protected abstract string CreateSql { get; }

    protected abstract string DropSql { get; }
}

/// <summary>A warehouse's database.</summary>
internal sealed class LocalDatabase(LocalNames names) : LocalResource("database", names.Database)
{
    public override string Detail => "UTF-8, closed to everyone but the warehouse's own two roles";

    protected override string LookSql => "select shobj_description(oid, 'pg_database') from pg_database where datname = $1";

    protected override string CreateSql => $"create database \"{Name}\" encoding 'UTF8' template template0";

    protected override string DropSql => $"drop database \"{Name}\" with (force)";
}

/// <summary>One of a warehouse's roles.</summary>
internal sealed class LocalRole(LocalNames names, WarehouseRole role) : LocalResource("role", names.Role(role))
{
    public override string Detail => role == WarehouseRole.Loader
        ? "may log in; builds and publishes the star"
        : "may log in; reads the published star, writes nothing";

    protected override string LookSql => "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = $1";

    protected override string CreateSql => $"create role \"{Name}\" login nosuperuser nocreatedb nocreaterole noinherit noreplication";

    protected override string DropSql => $"drop role \"{Name}\"";
}
