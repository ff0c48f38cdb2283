using System.Reflection;
using Sparkify.Core.Audit;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Schedules;

namespace Sparkify.Core.Access;

/// <summary>The line a call leaves in the audit trail.</summary>
internal static class AuditedCall
{
    // None is this machine's own credentials, which is something to be said, too.
    private const string Connection = "connection";

    // What of a call is put on record; a password is nothing of it, whatever it is called.
    private static readonly string[] Particulars =
    [
        "run", "id", "number", "person", "kind", "then", "name", "why", "sql", "choice", "format", "closed", "grants", "maxRejects", "longer",
        "token", "port", "limits", "schedule", "chain", "report", "hook", Connection,
    ];

    /// <summary>What a member is called in the trail: <c>runs.start</c>.</summary>
    public static string Word(MethodInfo method) =>
        $"{method.DeclaringType!.Name[1..]}.{method.Name.Replace("Async", "", StringComparison.Ordinal)}".ToLowerInvariant();

    /// <summary>The particulars of a call, in words.</summary>
    public static string? Detail(MethodInfo method, object?[] args)
    {
        var said = method.GetParameters().Zip(args)
            .Where(static p => (p.Second is not null || p.First.Name == Connection)
                && Particulars.Contains(p.First.Name, StringComparer.Ordinal))
            .Select(static p => $"{p.First.Name}: {(p.Second is null ? "this machine's own credentials" : Text(p.Second))}").ToList();
        return said.Count == 0 ? null : string.Join(", ", said);
    }

    /// <summary>How a failure reads in the trail.</summary>
    public static (AuditOutcome Outcome, string Said) Outcome(Exception ex) => ex switch
    {
        SparkifyException { Kind: ProblemKind.Denied or ProblemKind.SignedOut } => (AuditOutcome.Refused, ex.Message),
        SparkifyException => (AuditOutcome.Failed, ex.Message),
        OperationCanceledException => (AuditOutcome.Failed, "It was cancelled."),
        _ => (AuditOutcome.Failed, "It failed for a reason that is in the application's log."),
    };

    private static string Text(object value) => value switch
    {
        IEnumerable<Grant> grants => string.Join(" and ", grants),
        NewToken { Warehouses: { } some } token => $"{token.Name} ({token.Role.Word()} of {string.Join(" and ", some)}, {token.Days} days)",
        NewToken token => $"{token.Name} ({token.Role.Word()}, {token.Days} days)",
        NewChain chain => $"end: {chain.End.Word()}, reports: {(chain.Reports.Count == 0 ? "none" : string.Join(" and ", chain.Reports))}",
        ScheduleSettings schedule => $"{schedule.Name}, {schedule.Kind.Word()} at {schedule.Cron} in {schedule.Zone}",
        Enum word => word.ToString().ToLowerInvariant(),
        _ => value.ToString()!,
    };
}
