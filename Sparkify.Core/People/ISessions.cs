using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.People;

/// <summary>A browser somebody is signed in with.</summary>
/// <param name="Number">What it is called here; what its cookie holds nobody can read.</param>
/// <param name="Person">Whose it is.</param>
/// <param name="MadeAt">When they signed in.</param>
/// <param name="SeenAt">When it was last used, to the minute.</param>
/// <param name="Address">Where from.</param>
/// <param name="Browser">With what.</param>
public sealed record Session(
    long Number, string Person, DateTimeOffset MadeAt, DateTimeOffset SeenAt, string Address, string Browser);

/// <summary>Where people are signed in.</summary>
[Guarded]
public interface ISessions
{
    /// <summary>One's own, last used first.</summary>
    [Needs(Right.Own, Subject.Shared)]
    Task<IReadOnlyList<Session>> OwnAsync(Actor actor, CancellationToken ct);

    /// <summary>Ends one of one's own.</summary>
    [Needs(Right.Own, Subject.Shared)]
    [Recorded]
    Task EndOwnAsync(long number, Actor actor, CancellationToken ct);

    /// <summary>Ends all of one's own: signs out everywhere.</summary>
    [Needs(Right.Own, Subject.Shared)]
    [Recorded]
    Task EndAllOwnAsync(Actor actor, CancellationToken ct);

    /// <summary>Changes one's own password, and ends one's sessions except the one this is asked from.</summary>
    [Needs(Right.Own, Subject.Shared)]
    [Recorded]
    Task ChangePasswordAsync(string now, string wanted, long session, Actor actor, CancellationToken ct);

    /// <summary>Everybody's, last used first.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<Session>> ListAsync(CancellationToken ct);

    /// <summary>Ends anybody's.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task EndAsync(long number, Actor actor, CancellationToken ct);
}
