using Sparkify.Core.Common.Access;

namespace Sparkify.Web.Identity;

/// <summary>
/// Policies of pages that are there for whoever has a right on any warehouse; those that ask for it over everything are named like it.
/// </summary>
internal static class Somewhere
{
    /// <summary>For pages about warehouses and what is in them.</summary>
    public const string See = nameof(Right.See) + Suffix;

    /// <summary>For the page of queries.</summary>
    public const string Ask = nameof(Right.Ask) + Suffix;

    /// <summary>What their names end with.</summary>
    public const string Suffix = " somewhere";
}
