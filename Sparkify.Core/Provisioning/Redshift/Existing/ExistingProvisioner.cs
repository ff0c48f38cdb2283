using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>
/// Warehouses on clusters that somebody else made: two schemas, and two users where the login may make them. Everything that could be
/// missing is looked at before anything is made; nothing else of the cluster is touched.
/// </summary>
internal sealed class ExistingProvisioner(
    ExistingScopes scopes, RoleTrial trial, ClusterUsers users, IWarehouseJournal journal, IWarehouseDatabases databases, S3Buckets buckets,
    ProvisioningContexts contexts, ClusterPersonalLogins people, PersonalLoginBook logins, PersonalLoginLocks locks) : IExistingClusters
{
    public async Task<LoginReport> TestAsync(NewWarehouse request, CancellationToken ct)
    {
        WarehouseName.Check(request.Name);
        var settings = request.CheckedSettings();
        if (settings?.Existing is not { } cluster)
        {
            throw SparkifyException.Invalid("There is no existing cluster to look at: give redshift.existing with host, database and user.");
        }

        return await ExistingSession.WithinAsync(cluster, within => LookAsync(request, settings, cluster, within), ct);
    }

    private async Task<LoginReport> LookAsync(
        NewWarehouse request, RedshiftSettings settings, ExistingCluster cluster, CancellationToken ct)
    {
        await using var scope = await scopes.OpenAsync(request, ct);
        List<string> problems = [.. scope.Rights.Missing(cluster, scope.Alone)];
        bool? role = null;
        string? notTried = null;
        if (scope.Rights.Superuser || scope.Rights.Temporary)
        {
            try
            {
                var (tried, problem) = await ExistingSession.WithinAsync(
                    cluster, within => trial.TryAsync(scope.Db, request.Name, settings, (LocationSource)request.Source, within), ct);
                role = tried ? problem is null : null;
                problems.AddRange(problem is null ? [] : [problem]);
            }
            catch (SparkifyException e) when (e.Kind == ProblemKind.Unavailable && CallBudget.Now is { Left.Ticks: 0 })
            {
                notTried = e.Message; // what was found of the rights is worth as much without it
            }
        }

        return new LoginReport(scope.Rights.User, scope.Rights.Superuser, scope.Rights.Version, role, problems) { NotTried = notTried };
    }

    /// <summary>What provisioning would do.</summary>
    public async Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct)
    {
        var cluster = request.CheckedSettings()!.Existing!;
        if (cluster.Login == ClusterLoginKind.Password && request is { Password: null, Login.Password: null })
        {
            return
            [
                .. ExistingScopes.Schemas(WarehouseSchemas.Of(request.Schema)).Select(s => new PlannedResource(
                    s.Kind, s.Name, PlannedAction.Create, $"not looked at yet: there is no password of the user '{cluster.User}'")),
            ];
        }

        return await ExistingSession.WithinAsync(cluster, within => LookedUpAsync(request, within), ct);
    }

    private async Task<IReadOnlyList<PlannedResource>> LookedUpAsync(NewWarehouse request, CancellationToken ct)
    {
        await using var scope = await scopes.OpenAsync(request, ct);
        Demand(scope);
        List<PlannedResource> plan = [];
        foreach (var resource in scopes.Needed(scope, databases.Newest(request.Passwords)))
        {
            plan.Add(await resource.PlanAsync(scope, journal, ct));
        }

        return plan;
    }

    /// <summary>The steps that make what is missing.</summary>
    public IReadOnlyList<RunStep> Provision(Warehouse warehouse) =>
    [
        Step(warehouse, "login", "Log in and look at the rights", LoginAsync),
        Step(warehouse, "role", "Try the COPY role", (scope, step, ct) => RoleAsync(warehouse, scope, step, ct)),
        Step(warehouse, "sql", "Users and schemas", (scope, step, ct) => EnsureAsync(warehouse, scope, step, ct)),
    ];

    /// <summary>The step that makes a warehouse available again whose cluster was resumed: what it has there is as it was.</summary>
    public RunStep Return(Warehouse warehouse) => Step(warehouse, "login", "Log in", async (scope, step, ct) =>
    {
        await LoginAsync(scope, step, ct);
        if (!scope.Alone)
        {
            // Somebody may have lost a right while nobody could log in.
            await people.SettleAsync(scope.Db, warehouse.Name, scope.Schemas, ours: false, step, ct);
        }

        await journal.SetStateAsync(warehouse.Name, WarehouseState.Available, ct);
    });

    /// <summary>The steps that take it down, and nothing else of the cluster.</summary>
    public IReadOnlyList<RunStep> Teardown(Warehouse warehouse) =>
    [
        Step(warehouse, "schemas", "Drop schemas and users", (scope, step, ct) => DropAsync(warehouse, scope, step, ct)),
        new RunStep("staging", "Empty the staging folder", async (step, ct) => await StagingFolder.EmptyAsync(
            await contexts.OpenAsync(NewWarehouse.Of(warehouse), ct), (LocationSource)warehouse.Source, buckets, step, ct)),
        Step(warehouse, "proof", "Look again", (scope, step, ct) => ProveAsync(warehouse, scope, step, ct)),
    ];

    private RunStep Step(Warehouse warehouse, string name, string title, Func<ExistingScope, StepContext, CancellationToken, Task> work) =>
        new(name, title, async (step, ct) =>
        {
            // As it is now: its password may have been given since the run was asked for.
            var request = NewWarehouse.Of(warehouse) with { Login = await journal.LoginAsync(warehouse.Name, ct) };
            await using var scope = await scopes.OpenAsync(request, ct);
            await work(scope, step, ct);
        });

    private static Task LoginAsync(ExistingScope scope, StepContext step, CancellationToken ct)
    {
        step.Log($"Logged in at {scope.Cluster.Host}:{scope.Cluster.Port}, database {scope.Cluster.Database}, as {scope.Rights.User}: {scope.Rights.Version}.");
        Demand(scope);
        step.Log(scope.Alone
            ? $"{scope.Rights.User} is no superuser, so it makes no users: it loads and reads itself, each read in a transaction that may not write."
            : $"{scope.Rights.User} is a superuser: the warehouse gets a loader and a reader of its own.");
        step.Progress.Message = $"{scope.Rights.User}{(scope.Alone ? ", no separate reader" : "")}";
        return Task.CompletedTask;
    }

    private static void Demand(ExistingScope scope)
    {
        if (scope.Rights.Missing(scope.Cluster, scope.Alone) is { Count: > 0 } missing)
        {
            throw SparkifyException.Denied(string.Join(" ", missing));
        }
    }

    private async Task RoleAsync(Warehouse warehouse, ExistingScope scope, StepContext step, CancellationToken ct)
    {
        var (tried, problem) = await trial.TryAsync(scope.Db, warehouse.Name, warehouse.Redshift!, (LocationSource)warehouse.Source, ct);
        if (problem is not null)
        {
            throw SparkifyException.Denied(problem);
        }

        step.Progress.Message = tried ? "The cluster reads the source with it" : "There is no object to try it with";
        step.Log(tried
            ? $"The cluster copied one object of the songs with {scope.Cluster.Role ?? "its default role"}, into a temporary table."
            : "The songs location has no objects, so the role was not tried.");
    }

    private async Task EnsureAsync(Warehouse warehouse, ExistingScope scope, StepContext step, CancellationToken ct)
    {
        var passwords = databases.Newest(warehouse.PasswordsWanted);
        foreach (var resource in scopes.Needed(scope, passwords))
        {
            await resource.EnsureAsync(scope, journal, step, ct);
            step.Progress.Message = $"{resource.Kind} {resource.Name}";
        }

        await journal.SetOneLoginAsync(warehouse.Name, scope.Alone, ct);
        await databases.CloseAsync(warehouse.Name);
        if (!scope.Alone)
        {
            await users.EnsureAsync(scope.Db, warehouse.Name, passwords, step, ct);
            await databases.CloseAsync(warehouse.Name);
            foreach (var statement in ClusterRoles.Statements(scope.Names, scope.Schemas, scope.Cluster.Database))
            {
                await scope.Db.SendAsync(statement, ct);
            }

            await people.SettleAsync(scope.Db, warehouse.Name, scope.Schemas, ours: false, step, ct);
            await users.VerifyAsync(warehouse.Name, scope.Schemas, scope.Cluster.Place, passwords, warehouse.Simulated, ct);
            await TryAsLoaderAsync(warehouse, scope, passwords, ct);
        }

        await journal.SetEndpointAsync(warehouse.Name, scope.Cluster.Place, ct);
        await journal.SetStateAsync(warehouse.Name, WarehouseState.Available, ct);
        step.Progress.Message = $"{scope.Schemas.Published} and {scope.Schemas.Build} in {scope.Cluster.Database}";
    }

    // A superuser may use every role; others only those they are granted, where somebody has restricted that.
    private async Task TryAsLoaderAsync(Warehouse warehouse, ExistingScope scope, RolePasswords passwords, CancellationToken ct)
    {
        var loader = scope.Names.Loader;
        var password = databases.Password(warehouse.Name, WarehouseRole.Loader, passwords);
        await using var db = await ExistingSession.OpenAsync(scope.Cluster, loader, password, warehouse.Simulated, ct);
        var (_, problem) = await trial.TryAsync(
            db, warehouse.Name, warehouse.Redshift!, (LocationSource)warehouse.Source, ct, "sparkify_loader_trial");
        if (problem is not null)
        {
            throw SparkifyException.Denied(
                $"The login could use the COPY role, and the warehouse's loader cannot: {problem} Where the use of roles is restricted, have somebody who may run: grant assumerole on {RedshiftSql.Literal(scope.Cluster.Role ?? "default")} to {ClusterSql.Quoted(loader)} for copy; Then retry this run.");
        }
    }

    private async Task DropAsync(Warehouse warehouse, ExistingScope scope, StepContext step, CancellationToken ct)
    {
        if (scope is { Alone: false, Rights.Superuser: false })
        {
            Demand(scope); // before anything is gone
        }

        await databases.CloseAsync(warehouse.Name);
        await journal.SetStateAsync(warehouse.Name, WarehouseState.Defined, ct);
        await using var held = await locks.TakeAsync(warehouse.Name, ct); // a login that is being made is there by now
        foreach (var resource in await scopes.OwnedAsync(scope, ct))
        {
            await resource.RemoveAsync(scope, journal, step, ct);
            step.Progress.Message = $"No {resource.Kind} {resource.Name}";
        }
    }

    private async Task ProveAsync(Warehouse warehouse, ExistingScope scope, StepContext step, CancellationToken ct)
    {
        List<string> left = [];
        foreach (var resource in await scopes.OwnedAsync(scope, ct))
        {
            var observed = await resource.LookAsync(scope, ct);
            // Whatever is said of it now: what this warehouse made, and did not leave to somebody else, has to be gone.
            if (observed.Exists && (observed.Ours || await journal.HadAsync(warehouse.Name, resource.Kind, resource.Name, ct)))
            {
                left.Add($"{resource.Kind} {resource.Name}");
            }
        }

        if (left.Count > 0)
        {
            throw SparkifyException.Conflict($"{left.Count} left: {string.Join(", ", left)}. Retry this run, or remove them by hand.");
        }

        await logins.AllGoneAsync(warehouse.Name, WarehouseTarget.Redshift, ct);
        await journal.SetOneLoginAsync(warehouse.Name, alone: false, ct); // the next login is looked at anew
        await journal.SetStateAsync(warehouse.Name, WarehouseState.Removed, ct);
        step.Log($"Looked at every schema and user of this warehouse in the database {scope.Cluster.Database}: 0 left. The cluster at {scope.Cluster.Host} is not ours and runs on.");
        step.Progress.Message = "0 left; the cluster runs on";
    }
}
