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

    private string? NodesProblem =>
        new RedshiftSettings { Nodes = Draft.Redshift.Nodes }.Problems() is [var first, ..] ? first : null;

    private string? RangeProblem =>
        new RedshiftSettings { AllowedRange = Draft.Redshift.AllowedRange }.Problems() is [var first, ..] ? first
        : Draft.Redshift.AllowedRange is null && _offers is { CallerRange: null }
            ? "This machine's own address could not be found out: give the addresses to let in, such as 203.0.113.7/32." : null;

    private string? VpcProblem => Draft.Redshift.VpcId is null ? "The networks could not be listed: give the id of the one to use." : null;

    private string RangeHint => _offers switch
    {
        null => "Leave empty for this machine's own",
        { CallerRange: { } own } => $"Leave empty for this machine's own, {own}",
        _ => "This machine's own could not be found out: type a range such as 203.0.113.7/32",
    };

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        Own(_newest);
        return Draft.OnExisting ? Task.CompletedTask : ReadAsync();
    }

    private async Task ReadAsync()
    {
        var token = _newest.Next(Life);
        (_offers, _problem) = (null, null);
        try
        {
            _offers = await LatestRequest.TakeAsync(
                Redshift.OffersAsync(
                    Draft.Redshift.Region, Draft.Redshift.Simulated, token, Draft.UsesAws ? Draft.Connection : null), token);
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

    private void Set(Func<RedshiftSettings, RedshiftSettings> change)
    {
        Draft.Redshift = change(Draft.Redshift);
        OnChanged();
    }

    private static string Named(OfferPart part) => part switch
    {
        OfferPart.Identity => "Account and caller",
        OfferPart.Regions => "Regions",
        OfferPart.Address => "This machine's own address",
        OfferPart.Nodes => "Node types that can be ordered",
        _ => "Networks and subnets",
    };

    private static string Reach(ClusterReach reach) => reach == ClusterReach.Private ? "From inside its network only" : "From here only";

    private string Network(string? id) => _offers?.Networks.FirstOrDefault(n => n.Id == id) is { } network
        ? $"{network.Id}, {network.Cidr}{(network.IsDefault ? ", default" : null)}"
        : string.IsNullOrEmpty(id) ? "The account's default one" : id;

    private static DateTimeOffset? Day(DateTime? day) => day is { } date ? new DateTimeOffset(date, TimeSpan.Zero) : null;
}
