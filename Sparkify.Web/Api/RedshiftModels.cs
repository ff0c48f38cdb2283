using System.Text.Json;
using System.Text.Json.Nodes;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Provisioning.Redshift.Import;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Api;

/// <summary>What was found in a <c>dwh.cfg</c>, as <c>POST /api/v1/warehouses</c> takes it; no secret of the file is in it.</summary>
/// <param name="Name">What the warehouse could be called.</param>
/// <param name="Target">Where it would live.</param>
/// <param name="Redshift">The settings of the cluster, or the one that exists.</param>
/// <param name="Source">Where the data is; none when the file does not say.</param>
/// <param name="Notes">What was changed or left out, and why.</param>
public sealed record ImportedConfig(
    string Name, WarehouseTarget Target, RedshiftSettings Redshift, SourceForm? Source, IReadOnlyList<string> Notes)
{
    internal static ImportedConfig Of(DwhImport import) => new(
        import.Name, WarehouseTarget.Redshift, import.Settings,
        import.Source is { } source ? SourceJson.Write(source with { Connection = import.Settings.Connection }) : null, import.Notes);
}

/// <summary>What a cluster has cost and costs on.</summary>
/// <param name="Price">Per hour, day and month while it runs; none when it is not known.</param>
/// <param name="RunningSince">Since when it runs; none while it does not.</param>
/// <param name="RunningSeconds">How long it has run altogether.</param>
/// <param name="SoFar">US dollars so far, without storage; none when the price is not known.</param>
/// <param name="ThisMonth">US dollars in this calendar month (UTC) so far, without storage; none when the price is not known.</param>
/// <param name="StoragePerGigabyteMonth">What its data costs, also while it is paused.</param>
public sealed record CostJson(
    RedshiftPrice? Price, DateTimeOffset? RunningSince, double RunningSeconds, decimal? SoFar, decimal? ThisMonth,
    decimal StoragePerGigabyteMonth)
{
    internal static CostJson Of(ClusterCost cost, DateTimeOffset now) => new(
        cost.Price, cost.RunningSince, Math.Round(cost.Running(now).TotalSeconds), cost.SoFar(now), cost.ThisMonth(now),
        cost.StoragePerGigabyteMonth);
}

/// <summary>What the guard over idle clusters does and when.</summary>
/// <param name="Action">What it does.</param>
/// <param name="IdleLimit">How long nobody may use the cluster before.</param>
/// <param name="At">When, unless the cluster is used before; none while there is nothing to guard.</param>
/// <param name="Warn">Whether that is soon.</param>
/// <param name="KeepUntil">Until when it leaves the cluster alone in any case.</param>
public sealed record GuardJson(IdleAction Action, TimeSpan IdleLimit, DateTimeOffset? At, bool Warn, DateTimeOffset? KeepUntil)
{
    internal static GuardJson Of(RedshiftSettings settings, IdleVerdict? verdict)
        => new(settings.WhenIdle, settings.IdleLimit, verdict?.At, verdict is { Warn: true }, settings.KeepUntil);
}

/// <summary>Changes to settings: what is given replaces, the rest stays.</summary>
internal static class SettingsPatch
{
    public static RedshiftSettings Apply(RedshiftSettings settings, JsonElement patch, JsonSerializerOptions options)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            throw SparkifyException.Invalid("The settings to change are an object, such as {\"redshift\": {\"idleLimit\": \"04:00:00\"}}.");
        }

        var merged = JsonSerializer.SerializeToNode(settings, options)!.AsObject();
        foreach (var property in patch.EnumerateObject())
        {
            var name = merged.Select(static p => p.Key)
                .FirstOrDefault(k => string.Equals(k, property.Name, StringComparison.OrdinalIgnoreCase)) ?? property.Name;
            merged[name] = JsonNode.Parse(property.Value.GetRawText());
        }

        try
        {
            return merged.Deserialize<RedshiftSettings>(options)!;
        }
        catch (JsonException ex)
        {
            throw SparkifyException.Invalid($"The settings of the cluster cannot be read. {JsonSentence.Of(ex, options)}", ex);
        }
    }
}
