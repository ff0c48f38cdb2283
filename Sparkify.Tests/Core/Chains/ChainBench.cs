using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Chains;

/// <summary>Chains of an application, as a test asks for them and waits for them.</summary>
internal static class ChainBench
{
    public static readonly object Small = new { sample = new { events = 300, songs = 30, days = 2 } };

    public static IChains Chains(this TestApp app) => app.Services.GetRequiredService<IChains>();

    /// <summary>Starts a chain as it is confirmed when the warehouse is as it is.</summary>
    public static async Task<Chain> StartChainAsync(this TestApp app, string warehouse, ChainEnd end, params string[] reports)
    {
        var found = await app.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse, default);
        return await app.Chains().StartAsync(
            warehouse, new NewChain(reports, end, warehouse, ChainPlan.Of(found, reports, end).Opening), Actor.LocalAdministrator, default);
    }

    /// <summary>Waits until a chain is over.</summary>
    public static Task<Chain> OverAsync(this TestApp app, Chain chain) => app.ChainAsync(chain, static c => c.State != ChainState.Running);

    /// <summary>Waits until a chain is as wanted.</summary>
    public static Task<Chain> ChainAsync(this TestApp app, Chain chain, Func<Chain, bool> wanted) =>
        Eventually.BecomesAsync(() => app.Chains().GetAsync(chain.Warehouse, chain.Id, default), wanted, seconds: 120);

    public static async Task<WarehouseState> StateAsync(this TestApp app, string warehouse) =>
        (await app.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse, default)).State;

    /// <summary>Its parts in a line: <c>provision succeeded, load failed</c>.</summary>
    public static string Parts(this Chain chain) =>
        string.Join(", ", chain.Parts.Select(static p => $"{p.Kind} {p.State}".ToLowerInvariant()));

    public static ChainPart Part(this Chain chain, RunKind kind) => chain.Parts.Single(p => p.Kind == kind);
}
