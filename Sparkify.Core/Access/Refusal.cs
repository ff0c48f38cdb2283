using System.Diagnostics;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Access;

/// <summary>Why somebody may not, and what they can do about it.</summary>
public static class Refusal
{
    /// <summary>The refusal, to be thrown.</summary>
    internal static SparkifyException Of(Actor actor, Right right, string? on) => right == Right.Nobody
        ? SparkifyException.Denied("Only the application itself does this.")
        : SparkifyException.Denied($"{Sentence(right, on)} {Has(actor)}");

    /// <summary>What a right needs, in a sentence to show beside what is not offered.</summary>
    public static string Sentence(Right right, string? on = null) =>
        $"To {What(right)}, you need the role {Roles.Least(right).ToString().ToLowerInvariant()}{(on is null ? "" : $" on '{on}'")}. " +
        "An administrator can give it to you.";

    private static string Has(Actor actor) => actor.Grants.Bound is { } bound
        ? $"This token goes no further than {string.Join(", ", bound.Select(Words))}."
        : actor.Grants.All.Count == 0 ? "You have none yet."
        : $"You are {string.Join(", ", actor.Grants.All.Select(Words))}.";

    private static string Words(Grant grant) => grant.Role.ToString().ToLowerInvariant() + (grant.Warehouse is { } w ? $" of '{w}'" : "");

    private static string What(Right right) => right switch
    {
        Right.See => "look at this",
        Right.Ask => "query, export and arrange dashboards",
        Right.Operate => "load, cancel, retry, decide, schedule or look into a source",
        Right.Engineer => "describe, provision, change or tear down a warehouse",
        Right.Administer => "administer this installation",
        Right.Audit => "read the audit trail",
        _ => throw new UnreachableException($"No words for {right}."),
    };
}
