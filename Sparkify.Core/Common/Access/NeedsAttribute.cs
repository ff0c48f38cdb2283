namespace Sparkify.Core.Common.Access;

/// <summary>What a right is needed on.</summary>
public enum Subject
{
    /// <summary>The warehouse the call names: its parameter <c>warehouse</c> or <c>name</c>, or the one described.</summary>
    Warehouse,

    /// <summary>The warehouse of the run the call names by its number.</summary>
    Run,

    /// <summary>The warehouse whose source it is.</summary>
    Source,

    /// <summary>Any warehouse: what comes back is narrowed to those on which one has the right.</summary>
    Seen,

    /// <summary>Nothing of any warehouse: to have the right anywhere is enough.</summary>
    Shared,

    /// <summary>All of them, those to come included.</summary>
    All,
}

/// <summary>A service that is reached through a guard: every member says what it needs.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class GuardedAttribute : Attribute;

/// <summary>What a member of a guarded service needs; one that does not say so is refused to everybody.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class NeedsAttribute(Right right, Subject subject) : Attribute
{
    /// <summary>The right.</summary>
    public Right Right { get; } = right;

    /// <summary>What it is needed on.</summary>
    public Subject Subject { get; } = subject;
}
