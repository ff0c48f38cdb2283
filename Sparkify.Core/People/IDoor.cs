using Sparkify.Core.Common;

namespace Sparkify.Core.People;

/// <summary>Where somebody comes from, as it is kept with their session.</summary>
/// <param name="Address">The address of their machine.</param>
/// <param name="Browser">What their browser says of itself.</param>
/// <param name="Kept">
/// The secret that their browser holds whoever signs in from it: from where somebody signed in before, no stranger's attempts delay them.
/// </param>
public sealed record CameFrom(string Address, string Browser, string? Kept = null);

/// <summary>Who holds a session, and which it is.</summary>
/// <param name="Actor">Who, with what they may just now.</param>
/// <param name="Session">The session's number; none for whoever needs none.</param>
/// <param name="Token">The number of a program's token; none for people.</param>
public sealed record Caller(Actor Actor, long? Session, long? Token = null);

/// <summary>
/// What has just ended or changed: whoever was let in by it has to ask again.
/// </summary>
/// <param name="Person">Whose sessions; none for those who were let in while there were no accounts.</param>
/// <param name="Session">Which session; none for all of theirs.</param>
/// <param name="Token">Which token, and then no session.</param>
public sealed record Stale(string? Person, long? Session = null, long? Token = null)
{
    /// <summary>Whether somebody was let in by it.</summary>
    public bool Concerns(Caller caller) => caller.Actor.Name == (Person ?? Actor.LocalAdministrator.Name)
        && (Session is null || Session == caller.Session) && (Token is null || Token == caller.Token);
}

/// <summary>The door: finds out who somebody is. The one service of people that is asked before anybody is known.</summary>
public interface IDoor
{
    /// <summary>Whether there are accounts. Once there are, there are for good.</summary>
    ValueTask<bool> HasAccountsAsync(CancellationToken ct);

    /// <summary>Makes the first administrator, with whom accounts begin; a conflict when there is somebody already.</summary>
    Task BeginAsync(string name, string password, CancellationToken ct);

    /// <summary>
    /// Signs somebody in and gives the secret of the new session; a denial in one sentence, whatever was wrong.
    /// </summary>
    Task<string> SignInAsync(string name, string password, CameFrom from, CancellationToken ct);

    /// <summary>
    /// Signs in whom a single sign-on vouches for, and gives the secret of the new session; a denial in one sentence when they are nobody
    /// here.
    /// </summary>
    Task<string> SignInAsync(Vouched who, CameFrom from, CancellationToken ct);

    /// <summary>
    /// Records that a single sign-on let nobody in, before it was known who it was: a reply that was forged, replayed, or sent to another
    /// browser than the one that asked.
    /// </summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="said">What was answered.</param>
    /// <param name="ct">Ends the waiting.</param>
    Task RefusedAsync(CameFrom from, string said, CancellationToken ct);

    /// <summary>Whom a session's secret stands for just now; none when it is none, or has ended.</summary>
    ValueTask<Caller?> FindAsync(string secret, CancellationToken ct);

    /// <summary>Whom a token's secret stands for just now; none when it is none, has expired or was revoked.</summary>
    ValueTask<Caller?> FindTokenAsync(string secret, CancellationToken ct);

    /// <summary>Ends the session of a secret, if it is one.</summary>
    Task SignOutAsync(string secret, CancellationToken ct);

    /// <summary>What ends or changes from now on.</summary>
    Subscription<Stale> Subscribe();
}
