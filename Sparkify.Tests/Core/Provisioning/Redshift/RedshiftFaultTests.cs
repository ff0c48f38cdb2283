using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;
using Sparkify.Simulator;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>The fault table: whatever happens on the way, a sentence, no duplicate, no orphan, no secret.</summary>
public sealed class RedshiftFaultTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(0.3, 0.0)]
    [InlineData(0.0, 0.3)]
    public async Task Throttling_and_errors_of_a_third_of_the_calls_are_sat_out(double throttled, double broken)
    {
        await using var bench = await RedshiftBench.StartAsync();
        (bench.Simulator.Faults.ThrottleShare, bench.Simulator.Faults.ErrorShare) = (throttled, broken);
        await bench.ProvisionAsync();
        await bench.TeardownAsync();
        Assert.Contains(bench.Simulator.Calls, c => c.Code is "Throttling" or "InternalFailure" or "ServiceFailure");
        bench.Simulator.Faults.Clear();
        Assert.Empty(await bench.LeftAsync());
    }

    [Theory]
    [InlineData("CreateRole")]
    [InlineData("PutRolePolicy")]
    [InlineData("CreateSecurityGroup")]
    [InlineData("AuthorizeSecurityGroupIngress")]
    [InlineData("CreateCluster")]
    public async Task A_create_whose_answer_is_lost_makes_no_duplicate(string action)
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.DropNext(action, DropMoment.AfterEffect);
        await bench.ProvisionAsync();
        Assert.Equal(WarehouseState.Available, bench.Journal.State);
        await bench.TeardownAsync();
        Assert.Empty(await bench.LeftAsync());
    }

    [Theory]
    [InlineData("CreateRole")]
    [InlineData("PutRolePolicy")]
    [InlineData("CreateSecurityGroup")]
    [InlineData("AuthorizeSecurityGroupIngress")]
    [InlineData("CreateCluster")]
    public async Task Killed_right_after_a_resource_was_created_a_new_run_converges(string create)
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Retries = 0;
        // From the create on nothing answers any more: what is left in account and journal is what a kill would leave.
        bench.Simulator.Faults.GoSilentAfter(create);
        await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        Assert.NotEmpty(bench.Journal.Live);
        bench.Simulator.Faults.Clear();
        bench.Retries = 8;

        await bench.ProvisionAsync();
        Assert.Equal(WarehouseState.Available, bench.Journal.State);
        await bench.TeardownAsync();
        Assert.Empty(await bench.LeftAsync());
        Assert.Empty(bench.Journal.Live);
    }

    [Fact]
    public async Task Torn_down_after_a_crash_in_the_middle_nothing_is_left()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.RefuseNext("CreateCluster", "InternalFailure", "no", 500, times: 100);
        await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        bench.Simulator.Faults.Clear();
        Assert.Equal(2, (await bench.LeftAsync()).Count);
        await bench.TeardownAsync();
        Assert.Empty(await bench.LeftAsync());
    }

    [Fact]
    public async Task A_role_that_is_seen_late_is_waited_for()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.SlowRole = TimeSpan.FromMilliseconds(700);
        await bench.ProvisionAsync();
        Assert.Contains(bench.Simulator.Calls, c => c is { Action: "CreateCluster", Code: "InvalidParameterValue" });
        Assert.Equal(WarehouseState.Available, bench.Journal.State);
    }

    [Fact]
    public async Task A_role_that_is_never_seen_ends_in_a_sentence()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.SlowRole = TimeSpan.FromHours(1);
        bench.Patience = bench.Patience with { RoleSeen = TimeSpan.FromMilliseconds(100) };
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        Assert.Contains("IAM role", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_capacity_is_told_and_a_later_run_gets_through()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.RefuseCapacity();
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        Assert.Contains("no capacity for this node type", error.Message, StringComparison.Ordinal);
        await bench.ProvisionAsync();
        Assert.Equal(WarehouseState.Available, bench.Journal.State);
    }

    [Fact]
    public async Task A_quota_is_told()
    {
        await using var bench = await RedshiftBench.StartAsync(quotas: new SimulatorQuotas { Clusters = 0 });
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        Assert.Contains("quota of the AWS account", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_blinks_is_not_taken_for_stable()
    {
        await using var bench = await RedshiftBench.StartAsync(
            RedshiftBench.Quick with { Creating = TimeSpan.Zero, RoleSync = TimeSpan.Zero });
        bench.Simulator.Faults.Blinks = 4;
        await bench.ProvisionAsync();
        // The first good look, four that blink, then three good ones in a row; one more look is the step's that ensures.
        Assert.True(bench.Simulator.Calls.Count(c => c.Action == "DescribeClusters") >= 8);
    }

    [Fact]
    public async Task A_cluster_deleted_behind_our_back_while_waiting_is_noticed()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.Blinks = 1_000_000;
        var provision = bench.ProvisionAsync();
        using var door = bench.Door();
        await UntilAsync(async () => (await bench.ClusterAsync())?.Host is not null);
        await door.Clients.Redshift.DeleteClusterAsync(bench.Names.Cluster, null, None);
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(() => provision);
        // Seen on its way out or already gone, as it happens; both name the one who did it.
        Assert.Matches("being deleted: someone did that|is gone: someone deleted it", error.Message);
        bench.Simulator.Faults.Clear();
        await bench.ProvisionAsync();
        Assert.Equal("available", (await bench.ClusterAsync())!.Status);
    }

    [Fact]
    public async Task What_was_deleted_behind_our_back_is_planned_and_made_again()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        using (var door = bench.Door())
        {
            await door.Clients.Redshift.DeleteClusterAsync(bench.Names.Cluster, null, None);
            await UntilAsync(async () => await bench.ClusterAsync() is null);
            var vpc = (await door.Clients.Ec2.ListVpcsAsync(None))[0].Id;
            var group = (await door.Clients.Ec2.FindSecurityGroupAsync(vpc, bench.Names.SecurityGroup, None))!.Id;
            await UntilAsync(async () => (await door.Clients.Ec2.ListInterfacesAsync(group, None)).Count == 0);
            await door.Clients.Ec2.DeleteSecurityGroupAsync(group, None);
        }

        Assert.Equal(
            [PlannedAction.None, PlannedAction.None, PlannedAction.Create, PlannedAction.Create, PlannedAction.Create],
            (await bench.PlanAsync()).Select(p => p.Action));
        await bench.ProvisionAsync();
        await bench.TeardownAsync();
        Assert.Empty(await bench.LeftAsync());
    }

    [Fact]
    public async Task A_group_that_something_holds_is_told_with_its_holder()
    {
        await using var bench = await RedshiftBench.StartAsync(RedshiftBench.Quick with { InterfaceLinger = TimeSpan.FromHours(1) });
        bench.Patience = bench.Patience with { GroupReleased = TimeSpan.FromMilliseconds(100) };
        await bench.ProvisionAsync();
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(bench.TeardownAsync);
        Assert.Matches(@"still held by the network interface eni-[0-9a-f]+ \(RedshiftNetworkInterface, available\)", error.Message);
        Assert.NotEqual(WarehouseState.Removed, bench.Journal.State);
    }

    [Fact]
    public async Task Cancelling_the_wait_says_that_the_cluster_goes_on()
    {
        await using var bench = await RedshiftBench.StartAsync(RedshiftBench.Quick with { Creating = TimeSpan.FromHours(1) });
        using var cancel = new CancellationTokenSource();
        var provision = bench.ProvisionAsync(ct: cancel.Token);
        await UntilAsync(
            async () => await bench.ClusterAsync() is not null && bench.Simulator.Calls.Count(c => c.Action == "DescribeClusters") > 5);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => provision);
        Assert.Contains("AWS goes on with", bench.Log, StringComparison.Ordinal);
        Assert.Equal("creating", (await bench.ClusterAsync())!.Status);
    }

    [Fact]
    public async Task A_wait_that_takes_too_long_says_so_and_what_it_costs()
    {
        await using var bench = await RedshiftBench.StartAsync(RedshiftBench.Quick with { Creating = TimeSpan.FromHours(1) });
        bench.Patience = bench.Patience with { Ceiling = TimeSpan.FromMilliseconds(100) };
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        Assert.Contains("it costs meanwhile", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GetCallerIdentity", "sts:GetCallerIdentity")]
    [InlineData("CreateRole", "iam:CreateRole")]
    [InlineData("CreateSecurityGroup", "ec2:CreateSecurityGroup")]
    [InlineData("CreateCluster", "redshift:CreateCluster")]
    public async Task A_missing_permission_is_named(string action, string permission)
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.Deny(action);
        var error = await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        Assert.Equal(ProblemKind.Denied, error.Kind);
        Assert.Contains(permission, error.Message, StringComparison.Ordinal);
        bench.Simulator.Faults.Clear();
        await bench.TeardownAsync();
        Assert.Empty(await bench.LeftAsync());
    }

    [Fact]
    public async Task No_secret_is_in_any_log_or_message()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        using var door = bench.Door();
        var login = await door.Clients.Secrets.GetLoginAsync((await bench.ClusterAsync())!.SecretArn!, None);
        await bench.TeardownAsync();
        foreach (var secret in (string[])[bench.Simulator.Options.SecretKey, login.Password])
        {
            Assert.DoesNotContain(secret, bench.Log, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, door.Logs.All, StringComparison.Ordinal);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }
}
