using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Local;

public sealed class ProvisionTests(LocalWarehouses local) : IClassFixture<LocalWarehouses>
{
    [Fact]
    public async Task Provision_NewWarehouse_MakesADatabaseAndTwoMarkedRoles()
    {
        var name = await local.DescribedAsync();
        var names = new LocalNames(name);
        var plan = await local.Plans.PlanAsync(LocalWarehouses.Request(name), default);

        var run = await local.App.RunAsync(name, RunKind.Provision);

        Assert.Equal(["server", "database", "roles", "verify"], run.Steps.Select(s => s.Name));
        Assert.Equal(RunState.Succeeded, run.State);
        Assert.Equal([names.Database, names.Loader, names.Reporter], (await local.OnTheServerAsync(name)).Select(f => f.Name));
        Assert.All(await local.OnTheServerAsync(name), f => Assert.StartsWith(
            $"sparkify:warehouse={name};store=", f.Mark, StringComparison.Ordinal));
        Assert.Equal([("database", names.Database), ("role", names.Loader), ("role", names.Reporter)], plan.Select(p => (p.Kind, p.Name)));
        Assert.All(plan, p => Assert.Equal(PlannedAction.Create, p.Action));
        Assert.Equal(plan.Select(p => p.Name), (await local.Registry.ResourcesAsync(name, default)).Select(r => r.Name));
        Assert.Equal(WarehouseState.Available, (await local.Registry.GetAsync(name, default)).State);
    }

    [Fact]
    public async Task Provision_Again_ChangesNothing()
    {
        var name = await local.ProvisionedAsync();
        await using (var loader = await local.ConnectAsync(name, WarehouseRole.Loader))
        {
            await loader.ExecuteAsync("create table dwh.kept as select 7 as i");
        }

        Assert.All(await local.Plans.PlanAsync(LocalWarehouses.Request(name), default), p => Assert.Equal(PlannedAction.None, p.Action));
        var run = await local.App.RunAsync(name, RunKind.Provision);

        Assert.Equal((RunState.Succeeded, null), (run.State, run.Error));
        await using var reporter = await local.ConnectAsync(name, WarehouseRole.Reporter);
        Assert.Equal(7, await reporter.ExecuteScalarAsync<int>("select i from dwh.kept"));
        Assert.Equal(3, (await local.Registry.ResourcesAsync(name, default)).Count);
    }

    [Fact]
    public async Task Provision_KilledBetweenMakingAndMarking_AdoptsWhatIsThere()
    {
        var name = await local.ProvisionedAsync();
        var names = new LocalNames(name);
        await using (var administrator = await local.AdministratorAsync())
        {
            await administrator.ExecuteAsync($"comment on database {names.Database} is null; comment on role {names.Loader} is null");
        }

        var plan = await local.Plans.PlanAsync(LocalWarehouses.Request(name), default);
        var run = await local.App.RunAsync(name, RunKind.Provision);

        Assert.Equal([PlannedAction.Adopt, PlannedAction.Adopt, PlannedAction.None], plan.Select(p => p.Action));
        Assert.Equal((RunState.Succeeded, null), (run.State, run.Error));
        Assert.All(await local.OnTheServerAsync(name), f => Assert.NotNull(f.Mark));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("someone else's")]
    public async Task Provision_ForeignDatabaseOfThatName_IsRefusedAndLeftAlone(string? mark)
    {
        var name = await local.DescribedAsync();
        var database = new LocalNames(name).Database;
        await using (var administrator = await local.AdministratorAsync())
        {
            await administrator.ExecuteAsync($"create database {database} allow_connections false");
            await administrator.ExecuteAsync(
                $"comment on database {database} is {(mark is null ? "null" : $"'{mark.Replace("'", "''", StringComparison.Ordinal)}'")}");
        }

        var planned = await Assert.ThrowsAsync<SparkifyException>(() => local.Plans.PlanAsync(LocalWarehouses.Request(name), default));
        var run = await local.App.RunAsync(name, RunKind.Provision);
        var teardown = await Assert.ThrowsAsync<SparkifyException>(
            () => local.Runs.StartAsync(name, RunKind.Teardown, Actor.System, default));

        Assert.StartsWith(
            $"The server already has a database named '{database}' that this Sparkify did not make", planned.Message,
            StringComparison.Ordinal);
        Assert.Equal((RunState.Failed, planned.Message), (run.State, run.Error));
        Assert.Equal([(database, mark)], await local.OnTheServerAsync(name));
        Assert.Empty(await local.Registry.ResourcesAsync(name, default));
        Assert.Contains("owns nothing", teardown.Message, StringComparison.Ordinal);
        Assert.Equal(WarehouseState.Defined, (await local.Registry.GetAsync(name, default)).State);
    }

    [Fact]
    public async Task Teardown_Provisioned_LeavesNoDatabaseAndNoRole()
    {
        var name = await local.ProvisionedAsync();
        await using var foreign = await local.AdministratorAsync(new LocalNames(name).Database);
        await using var loader = await local.ConnectAsync(name, WarehouseRole.Loader);

        var run = await local.App.RunAsync(name, RunKind.Teardown);

        Assert.Equal((RunState.Succeeded, null), (run.State, run.Error));
        Assert.Equal(["disconnect", "database", "roles", "proof"], run.Steps.Select(s => s.Name));
        Assert.Equal("0 databases and 0 roles left", run.Steps[^1].Message);
        Assert.Empty(await local.OnTheServerAsync(name));
        Assert.All(await local.Registry.ResourcesAsync(name, default), r => Assert.NotNull(r.RemovedAt));
        Assert.Equal(WarehouseState.Removed, (await local.Registry.GetAsync(name, default)).State);
    }

    [Fact]
    public async Task Teardown_SomeOfItGoneAlready_StillProvesThatNothingIsLeft()
    {
        var name = await local.ProvisionedAsync();
        await using (var administrator = await local.AdministratorAsync())
        {
            await administrator.ExecuteAsync($"drop database {new LocalNames(name).Database} with (force)");
            await administrator.ExecuteAsync($"comment on role {new LocalNames(name).Reporter} is null");
        }

        var run = await local.App.RunAsync(name, RunKind.Teardown);

        Assert.Equal((RunState.Succeeded, null), (run.State, run.Error));
        Assert.Empty(await local.OnTheServerAsync(name));
    }

    [Fact]
    public async Task Teardown_OfARoleThatOwnsSomethingElsewhere_SaysWhat_AndEndsOnceThatIsGone()
    {
        var name = await local.ProvisionedAsync();
        var (loader, database) = (new LocalNames(name).Loader, TestApp.NewName());
        await using var administrator = await local.AdministratorAsync();
        await administrator.ExecuteAsync($"create database {database} owner {loader}");

        RunView run;
        try
        {
            run = await local.App.RunAsync(name, RunKind.Teardown);
        }
        finally
        {
            await administrator.ExecuteAsync($"drop database {database}");
        }

        Assert.Equal(
            (RunState.Failed, $"The role {loader} is still there, since the server drops nobody who stands in something: owner of database {database}. Look there what that is, take it away, and try again."),
            (run.State, run.Error));
        var again = await local.Runs.RetryAsync(run.Id, Actor.System, default);
        Assert.Equal(RunState.Succeeded, (await local.App.EndAsync(again.Id)).State);
        Assert.Empty(await local.OnTheServerAsync(name));
    }

    [Fact]
    public async Task Provision_AfterATeardown_Works()
    {
        var name = await local.ProvisionedAsync();
        Assert.Equal(RunState.Succeeded, (await local.App.RunAsync(name, RunKind.Teardown)).State);

        Assert.Equal(RunState.Succeeded, (await local.App.RunAsync(name, RunKind.Provision)).State);

        Assert.Equal(3, (await local.OnTheServerAsync(name)).Count);
        await using var loader = await local.ConnectAsync(name, WarehouseRole.Loader);
        Assert.Equal(0, await loader.ExecuteScalarAsync<long>("select count(*) from pg_tables where schemaname = 'dwh'"));
        Assert.Equal(3, (await local.Registry.ResourcesAsync(name, default)).Count(r => r.RemovedAt is null));
    }
}
