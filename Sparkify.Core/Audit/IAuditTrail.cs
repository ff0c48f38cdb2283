using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Audit;

/// <summary>How something ended that stands in the audit trail.</summary>
public enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>Whoever asked may not.</summary>
    Refused,

    /// <summary>It could not be done.</summary>
    Failed,
}

/// <summary>One line of the audit trail.</summary>
/// <param name="Id">Its number.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who, or the name that was typed.</param>
/// <param name="Address">Where from.</param>
/// <param name="Via">By what: <c>session 4</c>, <c>token 7</c>, <c>machine</c>, <c>sign-in</c>.</param>
/// <param name="What">What, such as <c>runs.start</c>.</param>
/// <param name="Warehouse">On which warehouse; none where it is about none.</param>
/// <param name="Detail">With which particulars.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Said">What was answered, where it was not done.</param>
public sealed record AuditLine(
    long Id, DateTimeOffset At, string Actor, string Address, string Via, string What, string? Warehouse, string? Detail,
    AuditOutcome Outcome, string? Said);

/// <summary>Which lines to list; a none means any.</summary>
/// <param name="Text">With this text in any column.</param>
/// <param name="Outcome">That ended so.</param>
/// <param name="From">From this time on.</param>
/// <param name="Until">Before this time.</param>
public sealed record AuditFilter(
    string? Text = null, AuditOutcome? Outcome = null, DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>The audit trail, for those who review.</summary>
[Guarded]
public interface IAuditTrail
{
    /// <summary>The most lines of a page.</summary>
    const int MostOnAPage = 500;

    /// <summary>A page of lines, newest first.</summary>
    [Needs(Right.Audit, Subject.All)]
    Task<Page<AuditLine>> ListAsync(AuditFilter filter, int page, int size, CancellationToken ct);

    /// <summary>All lines, oldest first.</summary>
    [Needs(Right.Audit, Subject.All)]
    [Recorded]
    IAsyncEnumerable<AuditLine> AllAsync(AuditFilter filter, CancellationToken ct);
}
