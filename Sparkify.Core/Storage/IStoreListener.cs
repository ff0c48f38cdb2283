using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>Hears what other processes on this store change, and shows it here.</summary>
internal interface IStoreListener
{
    /// <summary>
    /// Given the session that listens, before anything is heard over it. What is held by it is held for as long as this process lives and
    /// reaches the server.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="starting">Whether the application is about to start: a sentence thrown now keeps it from starting.</param>
    /// <param name="ct">Cancels.</param>
    Task JoinAsync(NpgsqlConnection session, bool starting, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Another process has changed something.</summary>
    /// <param name="topic">What sort of thing, such as <c>run</c>; one that is none of one's own is left to others.</param>
    /// <param name="what">Which one.</param>
    /// <param name="ct">Cancels.</param>
    Task HeardAsync(string topic, string what, CancellationToken ct);

    /// <summary>Nothing was heard for a while, so anything may have changed.</summary>
    Task CatchUpAsync(CancellationToken ct);
}
