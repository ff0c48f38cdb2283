using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Tests.Fakes;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>The meter: what counts, and what does not.</summary>
public sealed class ClusterCostTests
{
    private static readonly RedshiftPrice Price = RedshiftPrices.Of("ra3.large", 2, "us-west-2")!;
    private static readonly DateTimeOffset Start = Sample.Noon;

    [Fact]
    public void Running_CountsSinceTheClusterWasAskedFor()
    {
        var cost = ClusterCost.Of(Price, [Run(1, RunKind.Provision, "cluster", 0)]);
        Assert.Equal(Start, cost.RunningSince);
        Assert.Equal(2.17m, cost.SoFar(Start.AddHours(2)));
    }

    [Fact]
    public void Paused_CountsNothingOn_AndResumedGoesOn()
    {
        List<RunView> runs = [Run(1, RunKind.Provision, "cluster", 0), Run(2, RunKind.Pause, "pause", 1)];
        var paused = ClusterCost.Of(Price, runs);
        Assert.Null(paused.RunningSince);
        Assert.Equal(1.09m, paused.SoFar(Start.AddHours(100)));

        runs.Add(Run(3, RunKind.Resume, "resume", 10));
        runs.Add(Run(4, RunKind.Teardown, "cluster", 11));
        Assert.Equal(2.17m, ClusterCost.Of(Price, runs).SoFar(Start.AddHours(100)));
    }

    [Fact]
    public void ProvisionedAgain_IsTheSameCluster_AndFailedStepsCountNothing()
    {
        var again = ClusterCost.Of(Price, [Run(1, RunKind.Provision, "cluster", 0), Run(2, RunKind.Provision, "cluster", 3)]);
        Assert.Equal(Start, again.RunningSince);
        var failed = ClusterCost.Of(Price, [Run(1, RunKind.Provision, "cluster", 0, StepState.Failed)]);
        Assert.Null(failed.RunningSince);
    }

    [Fact]
    public void UnknownPrice_IsUnknown_NotFree() =>
        Assert.Null(ClusterCost.Of(null, [Run(1, RunKind.Provision, "cluster", 0)]).SoFar(Start.AddHours(1)));

    private static RunView Run(long id, RunKind kind, string step, double hours, StepState state = StepState.Succeeded) =>
        Sample.Run(id, RunState.Succeeded, kind, steps: Sample.Step(step, state) with { FinishedAt = Start.AddHours(hours) });
}
