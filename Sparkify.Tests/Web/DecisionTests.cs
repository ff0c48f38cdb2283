using Bunit;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Runs;

namespace Sparkify.Tests.Web;

/// <summary>A load that needs a decision, on its page.</summary>
public sealed class DecisionTests : PageTest
{
    public DecisionTests()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", plays: null, Sample.Table("songplays", 100), Sample.Table("users", 10), Sample.Table("songs", 5));
        Tables.HaveChecks(
            "music", new CheckResult("near_the_published", "As large?", CheckOutcome.NeedsDecision, 60, "Plays fell."),
            new CheckResult("keys", "Unique?", CheckOutcome.Passed, 0));
        Runs.Have(Sample.Asking());
        Runs.OnAnswer = (run, answer) => Sample.Asking(revision: 2) with
        {
            State = answer == RunAnswer.Publish ? RunState.Queued : RunState.Discarded,
            Decision = new RunDecision("Plays fell.", Sample.Noon, answer, "ada", Sample.Noon.AddSeconds(90), "Because"),
        };
    }

    [Fact]
    public void Decision_Shown_SaysWhyAndWhatWouldChange()
    {
        var cut = Open();

        var panel = cut.Find("[data-testid=decision]");
        Assert.Equal("Needs a decision", cut.Find("[data-testid=run-state]").TextContent.Trim());
        Assert.Equal(["Plays fell."], panel.QuerySelectorAll(".asks li").Select(static li => li.TextContent));
        Assert.Contains("Readers keep the star of load #1", Words(panel), StringComparison.Ordinal);
        // songs has no step of its own here, so nothing is said of it.
        Assert.Equal(
            ["songplays 100 40 −60.0 %", "users 10 10 0"], panel.QuerySelectorAll("tbody tr").Select(Words));
    }

    [Theory]
    [InlineData("Publish anyway", RunAnswer.Publish, "Published anyway by ada")]
    [InlineData("Discard the new star", RunAnswer.Discard, "Discarded by ada")]
    public void Decision_Answered_KeepsTheReasonAndShowsWhoDecided(string button, RunAnswer answer, string note)
    {
        var cut = Open();

        On(cut, "#why", static e => e.Input("Because"));
        Press(cut, button);

        cut.WaitForAssertion(
            () => Assert.Contains(note, Words(cut.Find("[data-testid=decision-note]")), StringComparison.Ordinal), Patience);
        Assert.Equal((7, answer, "Because"), Assert.Single(Runs.Answered));
        Assert.Empty(cut.FindAll("[data-testid=decision]"));
    }

    [Fact]
    public void Decision_TakenBySomebodyElse_IsSeenAndTheRefusalIsSaid()
    {
        Runs.OnAnswer = static (_, _) => throw SparkifyException.Conflict("ada has had run 7 published already.");
        var cut = Open();

        Press(cut, "Publish anyway");

        cut.WaitForAssertion(
            () => Assert.Contains("ada has had run 7 published already.", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Decision_WarehousePaused_OffersToResumeInsteadOfPublishing()
    {
        Warehouses.Have(Sample.Warehouse(state: WarehouseState.Paused, published: true));

        var cut = Open();

        Assert.DoesNotContain(cut.FindAll("button"), static b => b.TextContent.Trim() == "Publish anyway");
        Assert.Single(cut.FindAll("button"), static b => b.TextContent.Trim() == "Resume the cluster");
        Assert.Single(cut.FindAll("button"), static b => b.TextContent.Trim() == "Discard the new star");
    }

    [Fact]
    public void Decision_OnACluster_ShowsWhatWaitingCosts()
    {
        Warehouses.Have(Sample.Warehouse(published: true) with
        {
            Target = WarehouseTarget.Redshift,
            Redshift = new RedshiftSettings { Simulated = true },
        });
        Redshift.Cost = new ClusterCost(
            RedshiftPrices.Of("ra3.large", 1, "us-west-2"), Sample.Noon, [], RedshiftPrices.StoragePerGigabyteMonth);

        var cut = Open();

        var cost = Words(cut.WaitForElement("[data-testid=waiting-cost]", Patience));
        Assert.StartsWith("The cluster runs on while it waits: $0.543 an hour, $", cost, StringComparison.Ordinal);
        Assert.Contains("were it real. Paused, it keeps the new star", cost, StringComparison.Ordinal);
    }

    private IRenderedComponent<RunScreen> Open() => Render<RunScreen>(static p => p.Add(s => s.Id, 7));
}
