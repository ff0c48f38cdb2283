namespace Sparkify.Core.Audit;

/// <summary>Puts lines into the audit trail.</summary>
internal interface IAuditWriter
{
    /// <summary>Adds a line.</summary>
    Task WriteAsync(
        string actor, string address, string via, string what, AuditOutcome outcome, CancellationToken ct, string? warehouse = null,
        string? detail = null, string? said = null);
}
