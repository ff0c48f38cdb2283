using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Storage;

/// <summary>The password of the application's own account on its PostgreSQL server.</summary>
[Guarded]
public interface IStorePassword
{
    /// <summary>When it was made; none for a server of one's own, whose password is not the application's to change.</summary>
    [Needs(Right.Administer, Subject.All)]
    DateTimeOffset? PasswordSince { get; }

    /// <summary>
    /// Gives the account on the embedded server a new one. Sessions stay open. A conflict for a server of one's own.
    /// </summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task RenewPasswordAsync(Actor actor, CancellationToken ct);
}
