using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>Settings, prices, names, the guard: what needs no AWS.</summary>
public sealed class RedshiftRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0.0.0.0/0", "lets in too much of the world")]
    [InlineData("::/0", "lets in too much of the world")]
    [InlineData("10.0.0.0/8", "lets in too much of the world")]
    [InlineData("2001:db8::/32", "lets in too much of the world")]
    [InlineData("203.0.113.7", "is not a range of addresses")]
    [InlineData("everyone", "is not a range of addresses")]
    public void A_range_that_lets_in_the_world_is_refused(string range, string sentence)
        => Assert.Contains(sentence, Assert.Single(new RedshiftSettings { AllowedRange = range }.Problems()), StringComparison.Ordinal);

    [Theory]
    [InlineData("203.0.113.7/32")]
    [InlineData("2001:db8::7/128")]
    [InlineData("192.168.0.0/16")]
    public void A_narrow_range_is_allowed(string range) => Assert.Empty(new RedshiftSettings { AllowedRange = range }.Problems());

    [Fact]
    public void Everything_wrong_is_told_at_once()
        => Assert.Equal(
            4, new RedshiftSettings { Nodes = 0, Port = 80, FinalSnapshotDays = 0, IdleLimit = TimeSpan.FromMinutes(1) }.Problems().Count);

    [Fact]
    public void The_defaults_are_right_and_careful()
    {
        var settings = new RedshiftSettings();
        Assert.Empty(settings.Problems());
        Assert.Equal((IdleAction.Pause, ClusterReach.CallerOnly, 1), (settings.WhenIdle, settings.Reach, settings.Nodes));
    }

    [Fact]
    public void A_price_is_exact_where_it_was_read_a_guide_elsewhere_and_unknown_for_the_unknown()
    {
        Assert.Equal(new RedshiftPrice(1.086m, RedshiftPrices.AsOf, Exact: true), RedshiftPrices.Of("ra3.large", 2, "us-west-2"));
        Assert.StartsWith("about $0.543 an hour", RedshiftPrices.Of("ra3.large", 1, "eu-west-1")!.ToString(), StringComparison.Ordinal);
        Assert.Null(RedshiftPrices.Of("ra9.huge", 1, "us-west-2"));
        Assert.Null(RedshiftPrices.Of("ra3.large", 0, "us-west-2"));
        Assert.Equal(1.36m, RedshiftPrices.Of("ra3.large", 1, "us-west-2")!.For(TimeSpan.FromHours(2.5)));
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(109, false, false)]
    [InlineData(110, false, true)]
    [InlineData(119, false, true)]
    [InlineData(120, true, false)]
    [InlineData(600, true, false)]
    public void The_guard_warns_and_then_acts(int idleMinutes, bool act, bool warn)
        => Assert.Equal(
            new IdleVerdict(act, warn, Noon.AddHours(2)), IdleGuard.Judge(new RedshiftSettings(), Noon, Noon.AddMinutes(idleMinutes)));

    [Fact]
    public void The_guard_can_be_switched_off()
        => Assert.Equal(new IdleVerdict(false, false, null), IdleGuard.Judge(
            new RedshiftSettings { WhenIdle = IdleAction.Nothing }, Noon, Noon.AddYears(1)));

    [Theory]
    [InlineData("a")]
    [InlineData("a--b-")]
    [InlineData("a-very-long-name-of-a-warehouse-with-forty")]
    public void Names_are_what_Redshift_takes(string warehouse)
    {
        var names = new RedshiftNames(warehouse, Guid.NewGuid());
        Assert.Matches("^[a-z](-?[a-z0-9])*$", names.Cluster);
        Assert.InRange(names.Cluster.Length, 1, 63);
        Assert.InRange(names.Snapshot(Noon).Length, 1, 255);
        Assert.NotEqual(names.Cluster, new RedshiftNames(warehouse, Guid.NewGuid()).Cluster);
    }

    [Fact]
    public void A_source_outside_of_S3_needs_no_access()
    {
        Assert.True(SourceGrant.Of(new NewWarehouse("w", WarehouseTarget.Redshift, new SampleSource())).IsEmpty);
        Assert.True(SourceGrant.Of(new NewWarehouse("w", WarehouseTarget.Redshift, new LocationSource("/data/log", "/data/song"))).IsEmpty);
    }

    [Fact]
    public void Access_is_to_the_source_as_folders_and_to_the_staging_location()
    {
        var source = new LocationSource("S3://logs/2018", "s3://music", "s3://logs/paths.json");
        Assert.Equal(
            ["s3://logs/2018/", "s3://music/", "s3://logs/sparkify-staging/w/"],
            SourceGrant.Of(new NewWarehouse("w", WarehouseTarget.Redshift, source)).Prefixes.Select(p => p.ToString()));
        var elsewhere = SourceGrant.Of(new NewWarehouse(
            "w", WarehouseTarget.Redshift, source, Redshift: new RedshiftSettings { StagingLocation = "s3://scratch/tmp" }));
        Assert.Equal("s3://scratch/tmp/sparkify-staging/w/", elsewhere.Prefixes[^1].ToString());
        Assert.Equal(["logs", "music", "scratch"], elsewhere.Buckets);
        Assert.Equal("s3://logs/paths.json", Assert.Single(elsewhere.Files).ToString());
    }
}
