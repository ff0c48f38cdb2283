using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.People;

/// <summary>Somebody who may sign in.</summary>
/// <param name="Id">The number of their row.</param>
/// <param name="Name">What they sign in with, and what is recorded with what they do.</param>
/// <param name="Closed">Whether they are kept out.</param>
/// <param name="CreatedAt">When they were let in first.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="SeenAt">When one of their sessions was last used; none when they have none.</param>
/// <param name="Grants">Their roles.</param>
/// <param name="IsVouched">Whether they sign in through the single sign-on, which says what their roles are.</param>
public sealed record Person(
    long Id, string Name, bool Closed, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? SeenAt, IReadOnlyList<Grant> Grants,
    bool IsVouched);

/// <summary>The people who may sign in, and what they may. Only administrators come here.</summary>
[Guarded]
public interface IPeople
{
    /// <summary>Everybody, by name.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<Person>> ListAsync(CancellationToken ct);

    /// <summary>Lets somebody in, with a password they change themselves.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<Person> AddAsync(string name, string password, IReadOnlyList<Grant> grants, Actor actor, CancellationToken ct);

    /// <summary>Gives somebody other roles in place of those they have.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<Person> GrantAsync(long person, IReadOnlyList<Grant> grants, Actor actor, CancellationToken ct);

    /// <summary>Gives somebody another password and ends their sessions. Who signed in elsewhere signs in with it from then on.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task SetPasswordAsync(long person, string password, Actor actor, CancellationToken ct);

    /// <summary>Keeps somebody out, or lets them in again. What they did stays on record under their name.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<Person> CloseAsync(long person, bool closed, Actor actor, CancellationToken ct);
}
