using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Local;

/// <summary>Local warehouses: a database and two roles on the application's own server.</summary>
internal sealed class LocalProvisioner(
    LocalServer server, IWarehouseJournal journal, IWarehouseDatabases databases, ReaderBounds bounds, LocalLogins people,
    PersonalLoginBook logins, PersonalLoginLocks locks) : ITargetProvisioner
{
    public WarehouseTarget Target => WarehouseTarget.Local;

    public async Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct)
    {
        await using var connection = await server.OpenAsync(ct);
        var scope = await ScopeAsync(request.Name, connection, ct);
        List<PlannedResource> plan = [];
        foreach (var resource in Resources(new LocalNames(request.Name)))
        {
            plan.Add(await resource.PlanAsync(scope, journal, ct));
        }

        return plan;
    }

    public IReadOnlyList<RunStep> Provision(Warehouse warehouse)
    {
        var names = new LocalNames(warehouse.Name);
        return
        [
            new("server", "Reach the server", ReachAsync),
            new("database", "Create the database", (step, ct) => EnsureAsync([new LocalDatabase(names)], step, ct)),
            new("roles", "Create the roles", (step, ct) => RolesAsync(warehouse, names, step, ct)),
            new("verify", "Connect as both roles", async (step, ct) => await VerifyAsync(
                warehouse with { Passwords = await journal.PasswordsAsync(warehouse.Name, ct) }, names, step, ct)),
        ];
    }

    public IReadOnlyList<RunStep> Teardown(Warehouse warehouse)
    {
        var names = new LocalNames(warehouse.Name);
        return
        [
            new("disconnect", "Close connections", (step, ct) => DisconnectAsync(warehouse, step, ct)),
            new("database", "Drop the database", (step, ct) => RemoveAsync([new LocalDatabase(names)], step, ct)),
            new("roles", "Drop the roles", async (step, ct) =>
            {
                await RemoveAsync(Roles(names), step, ct);
                await RemoveLoginsAsync(step, ct);
            }),
            new("proof", "Look again", (step, ct) => ProveAsync(names, step, ct)),
        ];
    }

    private static IEnumerable<LocalResource> Resources(LocalNames names) => [new LocalDatabase(names), .. Roles(names)];

    private static IEnumerable<LocalResource> Roles(LocalNames names) =>
        Enum.GetValues<WarehouseRole>().Select(role => new LocalRole(names, role));

    private async Task<LocalScope> ScopeAsync(string warehouse, NpgsqlConnection connection, CancellationToken ct) =>
        new(warehouse, connection, await server.TagAsync(warehouse, ct), journal);

    private async Task ReachAsync(StepContext step, CancellationToken ct)
    {
        await using var connection = await server.OpenAsync(ct);
        step.Progress.Message = $"PostgreSQL {connection.PostgreSqlVersion} answers";
    }

    private async Task EnsureAsync(IEnumerable<LocalResource> resources, StepContext step, CancellationToken ct)
    {
        await using var connection = await server.OpenAsync(ct);
        var scope = await ScopeAsync(step.Warehouse, connection, ct);
        foreach (var resource in resources)
        {
            await resource.EnsureAsync(scope, journal, step, ct);
            step.Progress.Message = resource.Name;
        }
    }

    private async Task RolesAsync(Warehouse warehouse, LocalNames names, StepContext step, CancellationToken ct)
    {
        await EnsureAsync(Roles(names), step, ct);
        var passwords = databases.Newest(warehouse.PasswordsWanted);
        // Set every time: a lost key heals with a new run. Killed at any moment, the roles have those that are written down.
        await journal.SetPasswordsAsync(warehouse.Name, passwords, ct, async store =>
        {
            foreach (var role in Enum.GetValues<WarehouseRole>())
            {
                var password = databases.Password(step.Warehouse, role, passwords);
                await LocalServer.ExecuteAsync(store, $"alter role \"{names.Role(role)}\" password '{ScramVerifier.Of(password)}'", ct);
            }
        });
        await using (var connection = await server.OpenAsync(ct))
        {
            await LocalServer.ExecuteAsync(connection, $"revoke all on database \"{names.Database}\" from public", ct);
            await LocalServer.ExecuteAsync(
                connection, $"grant connect, create, temporary on database \"{names.Database}\" to \"{names.Loader}\"", ct);
            await LocalServer.ExecuteAsync(connection, $"grant connect on database \"{names.Database}\" to \"{names.Reporter}\"", ct);
            await LocalServer.ExecuteAsync(connection, $"alter role \"{names.Reporter}\" set default_transaction_read_only = on", ct);
        }

        await using (var inside = await server.OpenDatabaseAsync(names.Database, ct))
        {
            await LocalServer.ExecuteAsync(inside, "revoke all on schema public from public", ct);
        }

        await bounds.SetAsync(names, warehouse.Name, ct);
        step.Progress.Message = $"{names.Loader}, {names.Reporter}";
    }

    private async Task VerifyAsync(Warehouse warehouse, LocalNames names, StepContext step, CancellationToken ct)
    {
        await databases.CloseAsync(warehouse.Name); // pools of before may hold an older password
        await using (var loader = await databases.OpenAloneAsync(warehouse, WarehouseRole.Loader, ct))
        {
            await LocalServer.ExecuteAsync(loader, $"create schema if not exists {warehouse.Schemas.Published}", ct);
            await LocalServer.ExecuteAsync(loader, $"grant usage on schema {warehouse.Schemas.Published} to \"{names.Reporter}\"", ct);
            await LocalServer.ExecuteAsync(loader, $"alter default privileges grant select on tables to \"{names.Reporter}\"", ct);
            step.Log($"{names.Loader} can log in and create schemas.");
        }

        await using (var reporter = await databases.OpenAloneAsync(warehouse, WarehouseRole.Reporter, ct))
        {
            await RefusedAsync(reporter, warehouse.Schemas.Published, names, ct);
            step.Log($"{names.Reporter} can log in, and is refused when it tries to write.");
        }

        await people.SettleAsync(warehouse, ct);
        await journal.SetStateAsync(warehouse.Name, WarehouseState.Available, ct);
        step.Progress.Message = "Both roles can log in; the reporter cannot write";
    }

    private static async Task RefusedAsync(NpgsqlConnection reporter, string schema, LocalNames names, CancellationToken ct)
    {
        try
        {
            // Not by the read-only default, which a session may switch off, but by what the role is granted.
            await LocalServer.ExecuteAsync(reporter, "set default_transaction_read_only = off", ct);
            await LocalServer.ExecuteAsync(reporter, $"create table {schema}.must_not_be (i integer)", ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return;
        }

        throw SparkifyException.Conflict(
            $"The role {names.Reporter} was able to create a table, though it must only read. Look at what it was granted on the server, then provision again.");
    }

    private async Task DisconnectAsync(Warehouse warehouse, StepContext step, CancellationToken ct)
    {
        // From here on it is not what it was, whatever happens next.
        await journal.SetStateAsync(warehouse.Name, WarehouseState.Defined, ct);
        await databases.CloseAsync(warehouse.Name);
        step.Progress.Message = "Connections of this application are closed";
    }

    private async Task RemoveAsync(IEnumerable<LocalResource> resources, StepContext step, CancellationToken ct)
    {
        await using var connection = await server.OpenAsync(ct);
        var scope = await ScopeAsync(step.Warehouse, connection, ct);
        foreach (var resource in resources)
        {
            await resource.RemoveAsync(scope, journal, step, ct);
        }
    }

    // Whatever carries the mark still is somebody's own login, or what those are in: also what nobody finished making.
    private async Task RemoveLoginsAsync(StepContext step, CancellationToken ct)
    {
        await using var held = await locks.TakeAsync(step.Warehouse, ct);
        await using var connection = await server.OpenAsync(ct);
        var scope = await ScopeAsync(step.Warehouse, connection, ct);
        foreach (var (_, role) in (await LocalServer.MarkedAsync(connection, scope.Mark, ct)).Where(static m => m.Kind == "role"))
        {
            await people.LoosenAsync(connection, role, ct);
            await new LocalPersonRole(role).RemoveAsync(scope, journal, step, ct);
        }

        await logins.AllGoneAsync(step.Warehouse, WarehouseTarget.Local, ct);
    }

    private async Task ProveAsync(LocalNames names, StepContext step, CancellationToken ct)
    {
        var tag = await server.TagAsync(step.Warehouse, ct);
        await using var connection = await server.OpenAsync(ct);
        var left = (await LocalServer.MarkedAsync(connection, tag, ct)).ToHashSet();
        foreach (var resource in Resources(names))
        {
            if (await resource.FindAsync(connection, ct) is (true, null))
            {
                left.Add((resource.Kind, resource.Name)); // made by us, and killed before it was marked
            }
        }

        if (left.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"{left.Count} left: {string.Join(", ", left.Select(l => $"{l.Kind} {l.Name}"))}. Retry this run, or drop them by hand.");
        }

        await journal.SetStateAsync(step.Warehouse, WarehouseState.Removed, ct);
        step.Log("Looked through every database and role of the server: 0 left of this warehouse.");
        step.Progress.Message = "0 databases and 0 roles left";
    }
}
