using System.Reflection;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Access;

/// <summary>One call of a member of a guarded service by somebody.</summary>
internal sealed class GuardedCall(
    Member member, object?[] args, object service, ICurrentActor who, Subjects subjects, IAuditWriter audit, CallPatience patience)
{
    // Whose rights the answer is narrowed to.
    private Actor? _actor;

    // Which warehouse it is about, once that is known.
    private string? _on;

    /// <summary>Makes the whole call, and puts it on record.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await RecordedAsync(work);
        }
        catch (Exception ex) when (DatabaseFaults.Refusal(ex) is not null)
        {
            throw DatabaseFaults.Refusal(ex)!;
        }
    }

    private async Task<T> RecordedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            await CheckAsync();
            var answer = await work();
            if (member.IsRecorded)
            {
                await WriteAsync(AuditOutcome.Done, said: null);
            }

            return answer;
        }
        catch (Exception ex) when (_actor is not null && (member.IsRecorded || ex is SparkifyException { Kind: ProblemKind.Denied }))
        {
            var (outcome, said) = AuditedCall.Outcome(ex);
            await WriteAsync(outcome, said);
            throw;
        }
    }

    // Whatever became of the caller meanwhile: it happened.
    private Task WriteAsync(AuditOutcome outcome, string? said) => audit.WriteAsync(
        _actor!.Name, who.Address, who.Via, AuditedCall.Word(member.Method), outcome, CancellationToken.None, _on,
        AuditedCall.Detail(member.Method, args), said);

    /// <summary>Throws a sentence unless whoever calls may, as it stands now.</summary>
    public async ValueTask CheckAsync()
    {
        var ct = Member.Token(args);
        var needs = Needs();
        _actor = await who.NowAsync(ct);
        var (on, kinds) = needs.Subject switch
        {
            Subject.Run => await subjects.RunAsync(member.Run(args), ct) is { } run
                ? (run.Warehouse, [run.Kind])
                : throw NoRun(),
            Subject.Source => (await subjects.OwnerAsync(member.Source(args), needs.Right, _actor!.Grants, ct), []),
            Subject.Warehouse => (member.Warehouse(args), Member.Kinds(args)),
            _ => (null, Member.Kinds(args)),
        };
        _on = on ?? args.OfType<NewWarehouse>().FirstOrDefault()?.Name;
        foreach (var right in needs.Right == Right.OfTheRun ? kinds.Select(static k => k.Needs()).Distinct() : [needs.Right])
        {
            Check(right, needs.Subject, on);
        }

        await AdmitAsync(needs, on, ct);
    }

    // Who describes a source has the application read it: no more than they may have it read.
    private async ValueTask AdmitAsync(NeedsAttribute needs, string? on, CancellationToken ct)
    {
        if (args.OfType<SourceSpec>().FirstOrDefault() is { } source && needs.Right != Right.Nobody
            && (needs.Subject != Subject.Source || on is null))
        {
            var admitted = await subjects.AdmitAsync(source, _actor!, ct);
            member.Put<SourceSpec>(args, _ => admitted);
        }

        if (args.OfType<NewWarehouse>().FirstOrDefault() is { } wanted)
        {
            var admitted = await subjects.AdmitAsync(wanted.Source, _actor!, ct);
            member.Put<NewWarehouse>(args, w => w with { Source = admitted });
        }

        if ((args.OfType<RedshiftSettings>().FirstOrDefault() ?? args.OfType<NewWarehouse>().FirstOrDefault()?.Redshift) is { } settings)
        {
            await subjects.DemandStagingAsync(_on ?? "", settings, _actor!, ct);
        }
    }

    /// <summary>Throws a sentence unless whoever calls may, as far as that can be told without waiting.</summary>
    public void CheckWhatIsKnown()
    {
        var needs = Needs();
        _actor = who.Actor;
        Check(needs.Right, needs.Subject == Subject.Run ? Subject.Seen : needs.Subject, on: null);
    }

    /// <summary>From here on somebody waits for the answer: what the call asks of AWS has to end with their patience.</summary>
    public IDisposable BeginWaiting() => CallBudget.Begin(TimeProvider.System, patience.Interactive);

    /// <summary>Makes the call: in the name of whoever calls, whatever name was given.</summary>
    public object? Invoke()
    {
        member.Put<Actor>(args, _ => _actor!);
        if (Needs().Subject == Subject.Seen)
        {
            member.Put<RunFilter>(args, filter => filter with { Only = _actor!.Grants.Warehouses(Right.See) });
        }

        return member.Method.Invoke(service, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
    }

    /// <summary>What there is of an answer to whoever calls.</summary>
    public object? Narrow(object? answer) => Needs().Subject != Subject.Seen || _actor!.Grants.MayEverywhere(Right.See) ? answer
        : answer switch
        {
            Warehouse or RunView => Shows(answer) ? answer : null,
            IReadOnlyList<Warehouse> all => all.Where(w => Shows(w)).ToList(),
            IReadOnlyList<RunView> all => all.Where(r => Shows(r)).ToList(),
            IReadOnlyList<Schedule> all => all.Where(s => Shows(s)).ToList(),
            // Narrowed by what was asked for.
            null or Page<RunView> or RunTally => answer,
            _ => throw new InvalidOperationException($"{member.Name} answers with what the guard cannot narrow."),
        };

    /// <summary>Whether one thing is there for whoever calls.</summary>
    public bool Shows(object? one) => Needs().Subject != Subject.Seen || (one switch
    {
        Warehouse warehouse => warehouse.Name,
        RunView run => run.Warehouse,
        Schedule schedule => schedule.Warehouse,
        string name => name,
        _ => null,
    } is { } on ? _actor!.Grants.MayOn(Right.See, on) : _actor!.Grants.MayEverywhere(Right.See));

    private NeedsAttribute Needs() => member.Needs ?? throw SparkifyException.Denied($"{member.Name} is nobody's to call.");

    private void Check(Right right, Subject subject, string? on)
    {
        var grants = _actor!.Grants;
        var may = right switch
        {
            Right.Own => true,
            Right.Nobody => false,
            _ => on is not null ? grants.MayOn(right, on)
                : subject is Subject.All or Subject.Source ? grants.MayEverywhere(right)
                : grants.MayAnywhere(right),
        };
        if (!may)
        {
            throw on is not null && !grants.MayOn(Right.See, on) ? NotThere(subject, on) : Refusal.Of(_actor, right, on);
        }
    }

    // Another's warehouse is none, in the same words.
    private SparkifyException NotThere(Subject subject, string warehouse) => subject == Subject.Run ? NoRun()
        : SparkifyException.NotFound($"There is no warehouse named '{warehouse}'. The overview lists those there are.");

    private SparkifyException NoRun() => SparkifyException.NotFound($"There is no run {member.Run(args)}.");
}
