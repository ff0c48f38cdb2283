using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Runs;

/// <summary>What a kind of run asks of whoever starts it, or has it tried again.</summary>
public static class RunRights
{
    /// <summary>The right on its warehouse.</summary>
    public static Right Needs(this RunKind kind) =>
        kind is RunKind.Load or RunKind.Check or RunKind.PutBack or RunKind.Export ? Right.Operate : Right.Engineer;
}
