using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Common;

/// <summary>Who asks for a command: every service command takes one, so that authorisation and audit have one place.</summary>
/// <param name="Name">The name recorded with what was done.</param>
public sealed record Actor(string Name)
{
    /// <summary>The person at the machine itself, while nobody is registered and the application serves loopback only.</summary>
    public static Actor LocalAdministrator { get; } = new("local administrator") { Grants = Grants.Everything };

    /// <summary>The application acting on its own, such as for the sample at the first start.</summary>
    public static Actor System { get; } = new("Sparkify") { Grants = Grants.Everything };

    /// <summary>What they may.</summary>
    public Grants Grants { get; init; } = Grants.None;

    /// <summary>
    /// Whether they have a right: on a warehouse, or over everything. To ask is nobody's in particular, and to have it anywhere is enough.
    /// </summary>
    public bool May(Right right, string? on = null) => on is not null ? Grants.MayOn(right, on)
        : right == Right.Ask ? Grants.MayAnywhere(right)
        : Grants.MayEverywhere(right);
}
