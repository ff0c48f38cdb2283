using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>What provisioning and loads write down about a warehouse.</summary>
internal interface IWarehouseJournal
{
    /// <summary>Writes that a resource is about to be created (again); call it before creating.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="run">The run that is about to make it; none when it is there already, or no run makes it.</param>
    Task AddAsync(string warehouse, string kind, string name, CancellationToken ct, long? run = null);

    /// <summary>What a run has made, or was about to make, and nobody has removed since.</summary>
    Task<IReadOnlySet<(string Kind, string Name)>> MadeByAsync(string warehouse, long run, CancellationToken ct);

    /// <summary>Whether anything that a run had made was removed again, and is not there anew.</summary>
    Task<bool> HasTakenBackAsync(string warehouse, long run, CancellationToken ct);

    /// <summary>Writes by what a resource that was made is known again, where it carries no mark of ours.</summary>
    Task KnowByAsync(string warehouse, string kind, string name, string mark, CancellationToken ct);

    /// <summary>By what it is known again; none where that was not written down.</summary>
    Task<string?> KnownByAsync(string warehouse, string kind, string name, CancellationToken ct);

    /// <summary>Whether the journal says that a resource may exist.</summary>
    Task<bool> HasAsync(string warehouse, string kind, string name, CancellationToken ct);

    /// <summary>Whether the journal says that a resource was made, and did not leave it to somebody else.</summary>
    Task<bool> HadAsync(string warehouse, string kind, string name, CancellationToken ct);

    /// <summary>Writes that a resource was seen to be gone, or that it is not ours and was left alone.</summary>
    Task RemovedAsync(string warehouse, string kind, string name, bool leftAlone, CancellationToken ct);

    /// <summary>
    /// Writes in which AWS account a warehouse's resources are made, and gives the one that is written then: it stays the same while the
    /// journal says that any may exist.
    /// </summary>
    Task<string?> KeepAccountAsync(string warehouse, string account, CancellationToken ct);

    /// <summary>Moves a warehouse to a state; anything but available and paused forgets what was published.</summary>
    Task SetStateAsync(string warehouse, WarehouseState state, CancellationToken ct);

    /// <summary>Writes where the warehouse's cluster answers SQL, or that it no longer does.</summary>
    Task SetEndpointAsync(string warehouse, WarehouseEndpoint? endpoint, CancellationToken ct);

    /// <summary>Writes which star readers see now, with its counts.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="run">The load that built it.</param>
    /// <param name="putBackBy">The run that put it back; none when its load has just published it.</param>
    /// <param name="counts">Rows and bytes of its tables.</param>
    /// <param name="plays">How records became plays.</param>
    /// <param name="newestEvent">When its newest event was, in UTC; none when no play has a time.</param>
    /// <param name="ct">Cancels.</param>
    Task PublishedAsync(
        string warehouse, long run, long? putBackBy, IReadOnlyList<TableCount> counts, PlayCounts plays, DateTime? newestEvent,
        CancellationToken ct);

    /// <summary>Writes that a load found nothing new in the source: what readers see is up to date.</summary>
    Task UnchangedAsync(string warehouse, CancellationToken ct);

    /// <summary>Writes that the roles of a warehouse are to get new passwords with its next provisioning.</summary>
    Task WantPasswordsAsync(string warehouse, CancellationToken ct);

    /// <summary>
    /// Writes which of their passwords the roles have got, in one transaction with what gives them these where that is possible.
    /// </summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="which">The passwords.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="give">Gives them to roles on the store's own server; none when they are elsewhere and have them already.</param>
    Task SetPasswordsAsync(string warehouse, RolePasswords which, CancellationToken ct, Func<NpgsqlConnection, Task>? give = null);

    /// <summary>Which they have got.</summary>
    Task<RolePasswords> PasswordsAsync(string warehouse, CancellationToken ct);

    /// <summary>Writes whether the login into an existing cluster does everything itself.</summary>
    Task SetOneLoginAsync(string warehouse, bool alone, CancellationToken ct);

    /// <summary>What is kept of the login into an existing cluster.</summary>
    Task<KeptLogin> LoginAsync(string warehouse, CancellationToken ct);

    /// <summary>Writes by which version of the bounds the readers of a local warehouse are kept.</summary>
    Task SetReaderBoundsAsync(string warehouse, string version, CancellationToken ct);

    /// <summary>The local warehouses that answer and whose readers are not kept by this version of the bounds.</summary>
    Task<IReadOnlyList<string>> WithoutReaderBoundsAsync(string version, CancellationToken ct);

    /// <summary>The keys of the warehouse's own tags that may stand on what it owns.</summary>
    Task<IReadOnlyList<string>> TagKeysAsync(string warehouse, CancellationToken ct);

    /// <summary>Writes which those are; before one is put on, and after one was taken off everywhere.</summary>
    Task SetTagKeysAsync(string warehouse, IReadOnlyCollection<string> keys, CancellationToken ct);

    /// <summary>What tells this application's resources from anyone else's.</summary>
    Task<Guid> StoreIdAsync(CancellationToken ct);
}

/// <summary>Rows and bytes of one published table.</summary>
internal sealed record TableCount(string Table, long Rows, long? Bytes);
