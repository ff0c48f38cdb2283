using System.Globalization;
using Microsoft.AspNetCore.Components;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Wizard;

/// <summary>Size, network and guard rails of a cluster, from what AWS offers just now.</summary>
public sealed partial class ClusterStep
{
    private readonly LatestRequest _newest = new();
    private RedshiftOffers? _offers;
    private string? _problem;

    /// <summary>Says what there is.</summary>
    [Inject]
    public required IRedshift Redshift { get; init; }

    /// <summary>What the person has said so far.</summary>
    [Parameter, EditorRequired]
    public required WarehouseDraft Draft { get; set; }

    /// <summary>Told of every change.</summary>
    [Parameter, EditorRequired]
    public required Action OnChanged { get; set; }

    private IReadOnlyList<SubnetInfo> Subnets =>
        _offers?.Networks.FirstOrDefault(n => Draft.Redshift.VpcId is { } id ? n.Id == id : n.IsDefault)?.Subnets ?? [];

    private string? RangeProblem =>
        new RedshiftSettings { AllowedRange = Draft.Redshift.AllowedRange }.Problems() is [var first, ..] ? first : null;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        Own(_newest);
        return ReadAsync();
    }

    private async Task ReadAsync()
    {
        var token = _newest.Next(Life);
        (_offers, _problem) = (null, null);
        try
        {
            _offers = await Redshift.OffersAsync(Draft.Redshift.Region, Draft.Redshift.Simulated, token);
            Draft.Region = _offers.Region;
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
        }
        catch (OperationCanceledException)
        {
            // Another region was chosen meanwhile, or the person left.
        }
    }

    private Task RegionAsync(string region)
    {
        // Networks are a region's own.
        Set(s => s with { Region = region, VpcId = null, Subnets = [] });
        return ReadAsync();
    }

    private void Take(NodeOffer node) =>
        Set(s => s with { NodeType = node.NodeType, Nodes = node.SingleNode ? s.Nodes : Math.Max(s.Nodes, 2) });

    private void Stand(string subnet, bool chosen) =>
        Set(s => s with { Subnets = [.. chosen ? s.Subnets.Append(subnet) : s.Subnets.Where(x => x != subnet)] });

    private void Set(Func<RedshiftSettings, RedshiftSettings> change)
    {
        Draft.Redshift = change(Draft.Redshift);
        OnChanged();
    }

    private static int Number(ChangeEventArgs e) =>
        int.TryParse(e.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static DateTimeOffset? Day(ChangeEventArgs e)
        => DateOnly.TryParse(e.Value as string, CultureInfo.InvariantCulture, out var day)
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : null;
}
