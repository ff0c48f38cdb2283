using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.People;

/// <summary>What a program signs in with, as it is shown; the secret itself is shown once, when it is made.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Person">In whose name it acts.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">What its bearer may at most.</param>
/// <param name="Warehouses">Where; none for wherever its person may.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
/// <param name="UsedAt">When it was last used, to the minute; none when it never was.</param>
public sealed record Token(
    long Id, string Person, string Name, Role Role, IReadOnlyList<string>? Warehouses, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? UsedAt);

/// <summary>What a token is to be.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Role">What its bearer may at most.</param>
/// <param name="Warehouses">Where; none for wherever its person may.</param>
/// <param name="Days">For how many days.</param>
public sealed record NewToken(string Name, Role Role, IReadOnlyList<string>? Warehouses, int Days);

/// <summary>A token that was just made.</summary>
/// <param name="Token">What it is.</param>
/// <param name="Secret">The secret, which is shown this once.</param>
public sealed record MadeToken(Token Token, string Secret);

/// <summary>Tokens of programs.</summary>
[Guarded]
public interface ITokens
{
    /// <summary>The longest one may be good, in days.</summary>
    const int MostDays = 365;

    /// <summary>One's own that are good, newest first.</summary>
    [Needs(Right.Own, Subject.Shared)]
    Task<IReadOnlyList<Token>> OwnAsync(Actor actor, CancellationToken ct);

    /// <summary>Makes one. It never does more than its person may, whatever its role.</summary>
    [Needs(Right.Own, Subject.Shared)]
    [Recorded]
    Task<MadeToken> MakeAsync(NewToken token, Actor actor, CancellationToken ct);

    /// <summary>Ends one of one's own.</summary>
    [Needs(Right.Own, Subject.Shared)]
    [Recorded]
    Task RevokeOwnAsync(long id, Actor actor, CancellationToken ct);

    /// <summary>Everybody's that are good, newest first.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<Token>> ListAsync(CancellationToken ct);

    /// <summary>Ends anybody's.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task RevokeAsync(long id, Actor actor, CancellationToken ct);
}
