using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Access;

/// <summary>Which warehouse it is that a call is about, where the call does not name it.</summary>
internal sealed class Subjects(IRuns runs, IWarehouses warehouses, SourceAccess access)
{
    private const int MostKept = 10_000;

    // A run stays what it is: it is looked up once.
    private readonly ConcurrentDictionary<long, RunOf> _runs = new();

    /// <summary>What a run is, and on which warehouse; none when there is none of this number.</summary>
    public async ValueTask<RunOf?> RunAsync(long run, CancellationToken ct)
    {
        if (_runs.TryGetValue(run, out var known))
        {
            return known;
        }

        if (await runs.FindAsync(run, ct) is not { } view)
        {
            return null;
        }

        if (_runs.Count >= MostKept)
        {
            _runs.Clear();
        }

        return _runs[run] = new RunOf(view.Warehouse, view.Kind);
    }

    /// <summary>
    /// A warehouse with a source on which somebody has a right; none when there is none, and then it is a stranger's source.
    /// </summary>
    public async ValueTask<string?> OwnerAsync(SourceSpec source, Right right, Grants grants, CancellationToken ct)
    {
        var all = await warehouses.ListAsync(ct);
        return all.FirstOrDefault(w => w.Source == source && grants.MayOn(right, w.Name))?.Name;
    }

    /// <summary>A source as somebody may describe it; one of a warehouse they see was admitted when that was described.</summary>
    public async ValueTask<SourceSpec> AdmitAsync(SourceSpec source, Actor actor, CancellationToken ct) =>
        await OwnerAsync(source, Right.See, actor.Grants, ct) is null ? access.Admit(source, actor) : source;

    /// <summary>Throws a sentence unless somebody may have the loads of a warehouse write where its settings say.</summary>
    public async ValueTask DemandStagingAsync(string name, RedshiftSettings settings, Actor actor, CancellationToken ct)
    {
        if (settings is { StagingLocation: { } location, Simulated: false } && S3Path.Is(location)
            && (await warehouses.FindAsync(name, ct))?.Redshift?.StagingLocation != location)
        {
            access.DemandStaging(location, actor);
        }
    }
}

/// <summary>What the guard has to know of a run.</summary>
internal sealed record RunOf(string Warehouse, RunKind Kind);
