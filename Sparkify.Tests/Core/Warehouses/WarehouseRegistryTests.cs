using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Provisioning.Local;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Warehouses;

public sealed class WarehouseRegistryTests(LocalWarehouses local) : IClassFixture<LocalWarehouses>
{
    private static readonly SourceSpec Source = new SampleSource(1, 1, 20, 5);

    [Fact]
    public async Task Create_NewName_IsDefinedAndOwnsNothing()
    {
        var name = TestApp.NewName();

        var warehouse = await local.Registry.CreateAsync(
            new NewWarehouse(name, WarehouseTarget.Local, Source, 7), new Actor("Ada"), default);

        Assert.Equal(
            (WarehouseState.Defined, 7, "Ada", null), (warehouse.State, warehouse.MaxRejects, warehouse.CreatedBy, warehouse.PublishedAt));
        Assert.Equal(Source, warehouse.Source);
        Assert.Equal(warehouse, await local.Registry.FindAsync(name, default));
        Assert.Empty(await local.Registry.ResourcesAsync(name, default));
        Assert.Contains(warehouse, await local.Registry.ListAsync(default));
    }

    [Fact]
    public async Task Create_NameThatIsTaken_IsAConflict()
    {
        var name = await local.DescribedAsync();

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => local.DescribeAsync(name));

        Assert.Equal(
            (ProblemKind.Conflict, $"There is a warehouse named '{name}' already. Choose another name."), (refusal.Kind, refusal.Message));
    }

    [Fact]
    public async Task Create_TheSameNameManyTimesAtOnce_MakesOne()
    {
        var name = TestApp.NewName();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Record.ExceptionAsync(() => local.DescribeAsync(name))));

        Assert.Single(answers, a => a is null);
        Assert.All(answers.OfType<Exception>(), a => Assert.Equal(ProblemKind.Conflict, Assert.IsType<SparkifyException>(a).Kind));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_001)]
    public async Task Create_LimitOfRejectsOutOfRange_IsRefused(int limit)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => local.Registry.CreateAsync(
            new NewWarehouse(TestApp.NewName(), WarehouseTarget.Local, Source, limit), Actor.System, default));

        Assert.Equal(FormattableString.Invariant($"The reject limit must be between 0 and 100,000, was {limit:N0}."), refusal.Message);
    }

    [Fact]
    public async Task Create_SourceThatIsNotThere_IsRefusedAndNothingIsKept()
    {
        var name = TestApp.NewName();

        await Assert.ThrowsAsync<SparkifyException>(() => local.Registry.CreateAsync(
            new NewWarehouse(name, WarehouseTarget.Local, new LocationSource("/not/there", "/not/there")), Actor.System, default));

        Assert.Null(await local.Registry.FindAsync(name, default));
    }

    [Fact]
    public async Task Forget_WhileItOwnsSomething_IsRefused()
    {
        var name = await local.ProvisionedAsync();

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => local.Registry.ForgetAsync(name, Actor.System, default));

        Assert.Equal(ProblemKind.Conflict, refusal.Kind);
        Assert.EndsWith("Tear it down first, then forget it.", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(await local.Registry.FindAsync(name, default));
    }

    [Fact]
    public async Task Forget_TornDown_ForgetsItsRunsToo()
    {
        var name = await local.ProvisionedAsync();
        var run = await local.App.RunAsync(name, RunKind.Teardown);
        Assert.Equal(RunState.Succeeded, run.State);

        await local.Registry.ForgetAsync(name, Actor.System, default);

        Assert.Null(await local.Registry.FindAsync(name, default));
        Assert.Equal(0, (await local.Runs.HistoryAsync(new RunFilter(name), default)).Total);
        var unknown = await Assert.ThrowsAsync<SparkifyException>(() => local.Registry.ForgetAsync(name, Actor.System, default));
        Assert.Equal(ProblemKind.NotFound, unknown.Kind);
    }

    [Fact]
    public async Task Subscriber_OfTheRegistry_HearsOfEveryChange()
    {
        using var subscription = local.Registry.Subscribe();

        var name = await local.DescribedAsync();
        await local.Registry.ForgetAsync(name, Actor.System, default);

        var heard = new List<string>();
        while (subscription.Reader.TryRead(out var changed))
        {
            heard.Add(changed);
        }

        Assert.Equal([name, name], heard);
    }
}
