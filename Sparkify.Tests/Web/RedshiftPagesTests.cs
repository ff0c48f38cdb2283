using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Redshift;
using Sparkify.Web.Features.Rejects;
using Sparkify.Web.Features.Warehouses;
using Sparkify.Web.Features.Wizard;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

/// <summary>Pages of warehouses on Redshift.</summary>
public sealed class RedshiftPagesTests : PageTest
{
    private static readonly SimulatedAwsAccess Simulator = new(new Uri("http://localhost:1"), "us-west-2", "key", "secret");

    [Fact]
    public void Wizard_SimulatorOff_DoesNotOfferIt()
    {
        var cut = Render<NewWarehousePage>();

        Assert.DoesNotContain("simulator", cut.Markup, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, cut.FindAll("input[name=target]").Count);
    }

    [Fact]
    public void Wizard_SimulatorChosen_IsLabelled_AndCreatesASimulatedWarehouse()
    {
        Redshift.Access = Simulator;
        Sources.OnTest = _ => FakeSources.Good;
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 12, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = AtSource(simulated: true);
        Press(cut, "Use the sample bucket");
        Next(cut, "Cluster", "[data-testid=account]");
        Assert.NotEmpty(cut.FindAll("[data-testid=simulated]"));
        On(cut, "input[name=node]", static e => e.Change("on"), at: 1);
        Assert.Equal(
            ["rg.xlarge", "4", "32 GiB", "2", "$0.7602", "$36.49", "$1,109.89"],
            cut.Find("tr.on").Children.Skip(1).Select(static cell => cell.TextContent.Trim()));
        Next(cut, "Name and plan", "#name");
        Assert.Contains("$1.5204", cut.Find("[data-testid=price-hour]").TextContent, StringComparison.Ordinal);

        Press(cut, "Create warehouse");

        cut.WaitForAssertion(() => Assert.Single(Warehouses.Created), Patience);
        var created = Warehouses.Created.Single();
        Assert.Equal(
            new LocationSource("s3://sparkify-sample/log_data/", "s3://sparkify-sample/song_data/", Simulated: true), created.Source);
        Assert.Equal(
            (WarehouseTarget.Redshift, true, "rg.xlarge", 2),
            (created.Target, created.Redshift!.Simulated, created.Redshift.NodeType, created.Redshift.Nodes));
    }

    [Fact]
    public void Wizard_NoCredentials_SaysWhatToDo_AndLosesNothing()
    {
        Redshift.Problem = "There are no usable AWS credentials.";
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtSource(simulated: false);
        On(cut, "#events", static e => e.Input("s3://music/log_data/"));
        On(cut, "#songs", static e => e.Input("s3://music/song_data/"));
        Next(cut, "Cluster", ".trouble");
        Assert.Contains("There are no usable AWS credentials", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("aws sso login", cut.Find(".trouble").TextContent, StringComparison.Ordinal);

        Redshift.Problem = null;
        Press(cut, "Try again");

        cut.WaitForElement("[data-testid=account]", Patience);
        Press(cut, "Back");
        Assert.Equal("s3://music/log_data/", cut.WaitForElement("#events", Patience).GetAttribute("value"));
    }

    [Fact]
    public void Wizard_AFolderForACluster_IsRefusedBesideTheField()
    {
        var cut = AtSource(simulated: false);
        On(cut, "#events", static e => e.Input("s3:/"));
        Assert.Empty(cut.FindAll("#events-problem"));

        On(cut, "#events", static e => e.Input("/data/log_data"));

        cut.WaitForAssertion(
            () => Assert.Contains("A cluster reads from S3", cut.Find("#events-problem").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Import_FillsTheWizard_ShowsItsNotes_AndKeepsNoKey()
    {
        var cut = Render<NewWarehousePage>();
        On(cut, "input[name=target]", static e => e.Change("on"), at: 1);
        On(cut, "#dwh-cfg", static e => e.Input("""
            [AWS]
            KEY=AKIAEXAMPLEKEY000000
            SECRET=verysecret
            [DWH]
            DWH_NODE_TYPE=dc2.large
            [S3]
            LOG_DATA=s3://udacity-dend/log_data
            SONG_DATA=s3://udacity-dend/song_data
            """));
        Press(cut, "Fill in the wizard");

        cut.WaitForAssertion(
            () => Assert.Contains("can no longer be ordered", cut.Find(".note").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("The file holds an AWS key. It is used for nothing unless a connection is made of it.", cut.Find(".note").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", cut.Markup, StringComparison.Ordinal);
        Press(cut, "Source");
        Assert.Equal("s3://udacity-dend/log_data/", cut.WaitForElement("#events", Patience).GetAttribute("value"));
    }

    [Fact]
    public void Draft_ThatChangesTheKindOfCluster_KeepsNeitherItsGuardNorAPassword()
    {
        WarehouseDraft draft = new();
        draft.Choose(WarehouseTarget.Redshift, simulated: false);
        draft.Redshift = draft.Redshift with { MonthlyLimit = 20, WhenIdle = IdleAction.Teardown, FinalSnapshotDays = 7 };

        draft.Use(new ExistingCluster { Host = "h.example.com", User = "u" });
        draft.Password = "secret";
        Assert.Empty(draft.Redshift.Problems());
        Assert.Equal("secret", draft.Request.Password!.Value);

        draft.Use(existing: null);
        Assert.Equal((IdleAction.Pause, "", null), (draft.Redshift.WhenIdle, draft.Password, draft.Request.Password));
    }

    [Fact]
    public void Import_Uploaded_FillsTheWizard()
    {
        var cut = Render<NewWarehousePage>();
        On(cut, "input[name=target]", static e => e.Change("on"), at: 1);
        cut.WaitForElement("#dwh-cfg", Patience);

        cut.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(
            "[S3]\nLOG_DATA=s3://udacity-dend/log_data\nSONG_DATA=s3://udacity-dend/song_data\n[DWH]\nDWH_NODE_TYPE=ra3.xlplus\nDWH_NUM_NODES=2\n", "dwh.cfg"));

        cut.WaitForAssertion(
            () => Assert.Contains("ra3.xlplus, 2 nodes", cut.Find(".note").TextContent, StringComparison.Ordinal), Patience);
        Press(cut, "Source");
        Assert.Equal("s3://udacity-dend/song_data/", cut.WaitForElement("#songs", Patience).GetAttribute("value"));
    }

    [Fact]
    public void Import_UploadTooLarge_IsRefusedAndFillsNothing()
    {
        var cut = Render<NewWarehousePage>();
        On(cut, "input[name=target]", static e => e.Change("on"), at: 1);
        cut.WaitForElement("#dwh-cfg", Patience);

        cut.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(new string('#', (64 * 1024) + 1), "huge.cfg"));

        cut.WaitForAssertion(
            () => Assert.Contains("huge.cfg has", cut.Find(".import [role=alert]").TextContent, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("Filled in from the file", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_ClusterIsIdle_SaysWhenItPauses()
    {
        Warehouses.Have(OnRedshift());
        Redshift.Verdict = new IdleVerdict(Act: false, Warn: true, Sample.Noon.AddMinutes(5));

        var cut = Render<WarehousesPage>();

        cut.WaitForAssertion(
            () => Assert.Contains("pauses at", cut.Find("tr [data-testid=idle]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Theory]
    [InlineData(RunState.Failed, true)]
    [InlineData(null, false)]
    public void Card_NotAvailable_ShowsTheCostOfAClusterThatRunsNonetheless(RunState? provisioning, bool shown)
    {
        Warehouses.Have(OnRedshift() with { State = WarehouseState.Defined });
        if (provisioning is { } state)
        {
            Redshift.Cost = new ClusterCost(
                RedshiftPrices.Of("ra3.large", 1, "us-west-2"), Sample.Noon, [], RedshiftPrices.StoragePerGigabyteMonth);
            Runs.Publish(Sample.Run(state: state, kind: RunKind.Provision));
        }

        var cut = Render<WarehousesPage>();

        cut.WaitForElement("tbody tr", Patience);
        cut.WaitForAssertion(() => Assert.Equal(shown ? 1 : 0, cut.FindAll("tr [data-testid=cost]").Count), Patience);
    }

    [Fact]
    public void Overview_ShowsCostAndGuard_AndKeepsItLonger()
    {
        Warehouses.Have(OnRedshift());
        Redshift.Verdict = new IdleVerdict(Act: false, Warn: true, Sample.Noon.AddHours(2));
        var cut = Open(WarehouseTab.Overview);

        cut.WaitForAssertion(
            () => Assert.Contains("Pauses at", cut.Find("[data-testid=guard]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("$13.03", cut.Find("[data-testid=cost]").TextContent, StringComparison.Ordinal);
        Assert.Matches(@"-\d\d\. The simulator costs nothing", cut.Find("[aria-labelledby=panel-cost] p.hint").TextContent);
        Assert.NotEmpty(cut.FindAll(".head [data-testid=simulated]"));
        Press(cut, "Keep it 2 more hours");

        cut.WaitForAssertion(() => Assert.Equal(("music", TimeSpan.FromHours(2)), Assert.Single(Redshift.Kept)), Patience);
    }

    [Fact]
    public void Overview_MonthlyLimit_IsSet_AndWhatWasSpentIsSaidAgainstIt()
    {
        Warehouses.Have(OnRedshift());
        Redshift.Cost = new ClusterCost(
            RedshiftPrices.Of("ra3.large", 1, "us-west-2"), TimeProvider.System.GetUtcNow().AddDays(-100), [], 0);
        var cut = Open(WarehouseTab.Overview);
        cut.WaitForAssertion(
            () => Assert.StartsWith("None", Words(cut.Find("[data-testid=monthly-limit]")), StringComparison.Ordinal), Patience);
        Assert.Empty(cut.FindAll("[data-testid=spending]"));

        Press(cut, "Change the limit");
        On(cut, "#monthly-limit", static i => i.Input("0.01"));
        On(cut, "[aria-labelledby=panel-monthly-limit] input[type=checkbox]", static b => b.Change(true));
        Press(cut, "Save");

        cut.WaitForAssertion(() => Assert.Contains(
            "the cluster is paused as soon as no run is at work", Words(cut.Find("[data-testid=monthly-limit]")), StringComparison.Ordinal),
            Patience);
        cut.WaitForAssertion(() => Assert.Contains(
            "The monthly limit of $0.01 is reached: $", Words(cut.Find("[data-testid=spending]")), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Resources_AMissingCluster_OffersToRecreateOrForgetIt()
    {
        Warehouses.Have(OnRedshift());
        Redshift.Drift =
        [
            new("IAM role", "sparkify-music", DriftState.InStep, "as it is", "arn:aws:iam::1:role/sparkify-music", null, []),
            new(
                "cluster", "sparkify-music", DriftState.Missing, "single-node ra3.large", null, null,
                [DriftChoice.Recreate, DriftChoice.Forget]),
        ];
        var cut = Open(WarehouseTab.Resources);

        var row = cut.WaitForElement("[data-testid=drift-cluster]", Patience);
        Assert.Contains("Missing", row.TextContent, StringComparison.Ordinal);
        Assert.Equal(["Recreate", "Forget"], row.QuerySelectorAll("button").Select(b => b.TextContent.Trim()));
        Assert.Empty(cut.Find("[data-testid=drift-IAM-role]").QuerySelectorAll("button"));
    }

    [Fact]
    public void Wizard_WhatACopyRejects_IsSaidWhereItIsTestedAndBesideThePlan()
    {
        Redshift.Access = Simulator;
        Sources.OnTest = _ => FakeSources.Good with { Events = FakeSources.Good.Events with { OnRedshift = ["COPY rejects record 3."] } };
        var cut = AtSource(simulated: true);
        Press(cut, "Use the sample bucket");
        Press(cut, "Test the connection");
        cut.WaitForAssertion(
            () => Assert.Contains("COPY rejects record 3.", cut.Find(".preview .note").TextContent, StringComparison.Ordinal), Patience);
        Next(cut, "Cluster", "[data-testid=account]");

        Next(cut, "Name and plan", "#name");

        Assert.Contains("COPY rejects record 3.", cut.Find(".note").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Wizard_WhatCannotBeLookedUp_IsSaid_AndTyped()
    {
        Redshift.Access = Simulator;
        Redshift.Missing = [.. Enum.GetValues<OfferPart>().Select(static part => new MissingOffer(part, $"{part} may not be asked for."))];
        Sources.OnTest = _ => FakeSources.Good;
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 12, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = AtSource(simulated: true);
        Press(cut, "Use the sample bucket");
        Next(cut, "Cluster", "[data-testid=missing]");
        Assert.Contains("5 things could not be looked up", cut.Find("[data-testid=missing]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Networks may not be asked for.", cut.Find("[data-testid=missing]").TextContent, StringComparison.Ordinal);

        On(cut, "#region", static e => e.Input("eu-central-1"));
        On(cut, "#region", static e => e.Blur());
        cut.WaitForAssertion(() => Assert.Equal("eu-central-1", cut.Find("#region").GetAttribute("value")), Patience);
        On(cut, "#node-type", static e => e.Input("ra3.4xlarge"));
        On(cut, "#nodes", static e => e.Input("2"));
        On(cut, "#vpc", static e => e.Input("vpc-0abc"));
        On(cut, "#subnets", static e => e.Input("subnet-1, subnet-2"));
        On(cut, "#range", static e => e.Input("198.51.100.4/32"));
        Next(cut, "Name and plan", "#name");
        Press(cut, "Create warehouse");

        cut.WaitForAssertion(() => Assert.Single(Warehouses.Created), Patience);
        var made = Warehouses.Created.Single().Redshift!;
        Assert.Equal(
            ("eu-central-1", "ra3.4xlarge", 2, "vpc-0abc", "198.51.100.4/32"),
            (made.Region, made.NodeType, made.Nodes, made.VpcId, made.AllowedRange));
        Assert.Equal(["subnet-1", "subnet-2"], made.Subnets);
    }

    [Fact]
    public void Wizard_WhatAClusterCannotBe_IsSaidBelowItsField()
    {
        Redshift.Access = Simulator;
        Sources.OnTest = _ => FakeSources.Good;
        var cut = AtSource(simulated: true);
        Press(cut, "Use the sample bucket");
        Next(cut, "Cluster", "[data-testid=account]");

        On(cut, "#nodes", static e => e.Input("0"));
        On(cut, "#nodes", static e => e.Blur());
        On(cut, "#range", static e => e.Input("0.0.0.0/0"));

        cut.WaitForAssertion(
            () => Assert.Contains("1 to 100 nodes", cut.Find("#nodes-problem").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("too much of the world", cut.Find("#range-problem").TextContent, StringComparison.Ordinal);
        Press(cut, "Name and plan");
        cut.WaitForAssertion(
            () => Assert.Contains("1 to 100 nodes", cut.Find("aside [role=alert]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Drift_WhileItIsRead_KeepsThePlaceOfWhatComes()
    {
        Redshift.Reading = new TaskCompletionSource();
        Redshift.Drift = [new("cluster", "sparkify-music", DriftState.InStep, "as it is", null, null, [])];
        var cut = Render<DriftPanel>(p => p.Add(d => d.Warehouse, OnRedshift()));
        Assert.Equal(5, cut.FindAll("tbody tr .mud-skeleton").Count);
        Assert.Contains("Comparing", cut.Find("[role=status]").TextContent, StringComparison.Ordinal);

        Redshift.Reading.SetResult();

        cut.WaitForElement("[data-testid=drift-cluster]", Patience);
        Assert.Empty(cut.FindAll(".mud-skeleton"));
        Assert.Equal("Everything is as recorded.", cut.Find("[role=status]").TextContent);
    }

    [Fact]
    public void Guard_AClusterWasLeftByACancelledProvisioning_SaysWhenItIsStopped()
    {
        Warehouses.Have(OnRedshift() with { State = WarehouseState.Defined });
        Runs.Publish(Sample.Run(state: RunState.Cancelled, kind: RunKind.Provision, steps: [Sample.Step("cluster", StepState.Succeeded)]));
        Redshift.Verdict = new IdleVerdict(Act: false, Warn: false, Sample.Noon.AddHours(2));

        var cut = Open(WarehouseTab.Overview);

        cut.WaitForAssertion(
            () => Assert.Contains("Pauses at", cut.Find("[data-testid=guard]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Resources_OnTheSimulator_SayHowToReachIt()
    {
        Redshift.Access = Simulator;
        Warehouses.Have(OnRedshift());

        var cut = Open(WarehouseTab.Resources);

        cut.WaitForAssertion(() => Assert.Contains("AWS_ENDPOINT_URL=http://localhost:1 AWS_REGION=us-west-2", cut.Find(
            "[data-testid=simulator-door]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Teardown_SnapshotChosen_IsRecordedBeforeTheRunStarts()
    {
        Warehouses.Have(OnRedshift());
        Redshift.Preview = new TeardownPreview(
            [new Remnant("cluster", "sparkify-music", "available")], [], 50_000_000_000, 0.024m, RedshiftPrices.AsOf);
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 3, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = Open(WarehouseTab.Resources);
        Press(cut, "Tear down music");
        Dialogs.WaitForAssertion(
            () => Assert.Contains("sparkify-music", Dialogs.Find(".doomed").TextContent, StringComparison.Ordinal), Patience);
        Assert.NotEmpty(Dialogs.FindAll("[data-testid=simulated]"));
        On(Dialogs, "[data-testid=snapshot] div.mud-input-control", static e => e.MouseDown());
        On(Popovers, ".mud-list-item", static item => item.Click(), "Snapshot kept 30 days, about $1.20");
        On(Dialogs, "#teardown-name", static e => e.Input("music"));
        Dialogs.WaitForAssertion(
            () => Assert.False(Dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Tear it down").HasAttribute("disabled")),
                Patience);
        Press(Dialogs, "Tear it down");

        cut.WaitForAssertion(
            () => Assert.Equal(("music", RunKind.Teardown, null, Actor.LocalAdministrator), Assert.Single(Runs.Started)), Patience);
        Assert.Equal(30, (await Warehouses.FindAsync("music", CancellationToken.None))!.Redshift!.FinalSnapshotDays);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "last-1")]
    public async Task Provision_WhereASnapshotIsKept_AsksWhatItBeginsWith(int choice, string? snapshot)
    {
        Warehouses.Have(OnRedshift() with { State = WarehouseState.Defined });
        Redshift.Snapshots.Add(new(
            "last-1", Sample.Noon, 1 << 30, "available", Sample.Noon.AddDays(7), "ra3.4xlarge", 2, "The snapshot last-1 is of 2 nodes of ra3.4xlarge."));
        Redshift.Snapshots.Add(new("last-0", Sample.Noon, null, "creating", null, "ra3.large", 1, null));
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 3, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = Open(WarehouseTab.Overview);
        Press(cut, "Provision");
        Dialogs.WaitForAssertion(() => Assert.Equal(3, Dialogs.FindAll("input[type=radio]").Count), Patience);
        Assert.Contains("From the snapshot of", Dialogs.Markup, StringComparison.Ordinal);
        Assert.True(Dialogs.FindAll("input[type=radio]")[2].HasAttribute("disabled")); // it is being taken
        On(Dialogs, "input[type=radio]", static e => e.Click(), at: choice);
        Dialogs.WaitForAssertion(() => Assert.Equal(choice == 1 ? 1 : 0, Dialogs.FindAll("[data-testid=from-snapshot]").Count), Patience);
        if (choice == 1)
        {
            Assert.Contains("the settings become 2 nodes of ra3.4xlarge", Dialogs.Markup, StringComparison.Ordinal);
        }

        Press(Dialogs, "Provision");

        cut.WaitForAssertion(() => Assert.Single(Runs.Started), Patience);
        Assert.Equal(snapshot, Assert.Single(Runs.Snapshots));
        var settings = (await Warehouses.FindAsync("music", CancellationToken.None))!.Redshift!;
        Assert.Equal(choice == 1 ? ("ra3.4xlarge", 2) : ("ra3.large", 1), (settings.NodeType, settings.Nodes));
    }

    [Fact]
    public void Provision_WhereSnapshotsCannotBeListed_SaysSo_AndBeginsEmpty()
    {
        Warehouses.Have(OnRedshift() with { State = WarehouseState.Defined });
        Redshift.Problem = "AWS does not answer.";
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 3, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = Open(WarehouseTab.Overview);
        Press(cut, "Provision");
        Dialogs.WaitForAssertion(() => Assert.Contains("AWS does not answer.", Dialogs.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("So it can only begin empty now.", Dialogs.Markup, StringComparison.Ordinal);
        Press(Dialogs, "Provision");
        cut.WaitForAssertion(() => Assert.Null(Assert.Single(Runs.Snapshots)), Patience);
    }

    private static Warehouse OnRedshift() => Sample.Warehouse() with
    {
        Target = WarehouseTarget.Redshift,
        Source = new LocationSource("s3://music/log_data/", "s3://music/song_data/", Simulated: true),
        Redshift = new RedshiftSettings { Simulated = true },
    };

    private static void Next(IRenderedComponent<NewWarehousePage> cut, string step, string until)
    {
        Press(cut, step);
        cut.WaitForElement(until, Patience);
    }

    private IRenderedComponent<NewWarehousePage> AtSource(bool simulated)
    {
        var cut = Render<NewWarehousePage>();
        On(cut, "input[name=target]", static e => e.Change("on"), at: simulated ? 2 : 1);
        Next(cut, "Source", "#events");
        return cut;
    }

    private IRenderedComponent<WarehouseScreen> Open(WarehouseTab tab) =>
        Render<WarehouseScreen>(p => p.Add(s => s.Name, "music").Add(s => s.Tab, tab)
            .Add(s => s.Rejects, RejectsQuery.From(null, null, null)));
}
