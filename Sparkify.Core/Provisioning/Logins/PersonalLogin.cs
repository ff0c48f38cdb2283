using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Logins;

/// <summary>Where somebody's login into a warehouse's database stands.</summary>
public enum PersonalLoginState
{
    /// <summary>It is being made, or given another password. Left so, it is taken back: nobody knows its password.</summary>
    Making,

    /// <summary>It can be used.</summary>
    Good,

    /// <summary>It is being taken away, and tried again until it has gone.</summary>
    Ending,
}

/// <summary>Somebody's own login into a warehouse's database; it reads what the reporter reads.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">The warehouse.</param>
/// <param name="Person">Whose it is.</param>
/// <param name="User">What the server knows it by.</param>
/// <param name="State">Where it stands.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="ReplacedAt">When it last got another password; none when it has its first.</param>
/// <param name="Said">Why it could not be taken away yet, as a sentence.</param>
public sealed record PersonalLogin(
    long Id, string Warehouse, string Person, string User, PersonalLoginState State, DateTimeOffset MadeAt, DateTimeOffset? ReplacedAt,
    string? Said);

/// <summary>Makes and removes the logins of people on the servers of one target.</summary>
internal interface IPersonalLoginTarget
{
    /// <summary>The target it serves.</summary>
    WarehouseTarget Target { get; }

    /// <summary>Why nobody can be given a login just now, as a sentence; none when they can.</summary>
    Task<string?> HindranceAsync(Warehouse warehouse, CancellationToken ct);

    /// <summary>Makes a login, or gives it this password in the place of its own, with which every session that was open ends.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="user">The login.</param>
    /// <param name="password">The password.</param>
    /// <param name="given">Told just before the server is: when that fails it may have this password or the one from before.</param>
    /// <param name="ct">Cancels.</param>
    Task GiveAsync(Warehouse warehouse, string user, string password, Action given, CancellationToken ct);

    /// <summary>
    /// Ends its sessions and drops it; it may have gone already. Throws when that cannot be done just now; a sentence when nobody can log
    /// in there until it is done.
    /// </summary>
    Task<string?> EndAsync(Warehouse warehouse, string user, CancellationToken ct);
}

/// <summary>How much one login of a person may use.</summary>
/// <param name="Sessions">How many sessions at once.</param>
/// <param name="Timeout">For how long a statement may work, and a transaction be open.</param>
internal sealed record PersonalLoginLimits(int Sessions, TimeSpan Timeout);
