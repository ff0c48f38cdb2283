using System.Runtime.ExceptionServices;
using System.Transactions;
using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>Transactions on the store in which the job queue takes part.</summary>
internal static class StoreTransaction
{
    /// <summary>Does something once the transaction this is called within stands; nothing when it is rolled back.</summary>
    public static void AfterCommit(Action committed)
    {
        var transaction = Transaction.Current
            ?? throw new InvalidOperationException("What belongs together in the store is written within one of its transactions.");
        transaction.TransactionCompleted += (_, e) =>
        {
            if (e.Transaction?.TransactionInformation.Status == TransactionStatus.Committed)
            {
                committed();
            }
        };
    }

    /// <summary>
    /// Does work over one connection in one transaction, which what else writes to the store within it joins: all of it stands when the
    /// work returns, or none. The work opens no second connection: that would take a transaction over two sessions, which the server
    /// refuses (55000).
    /// </summary>
    public static async Task<T> InTransactionAsync<T>(this IStore store, Func<NpgsqlConnection, Task<T>> work, CancellationToken ct)
    {
        try
        {
            using var scope = new TransactionScope(
                TransactionScopeOption.Required,
                // The isolation of a scope is Serializable unless told otherwise.
                new TransactionOptions { IsolationLevel = IsolationLevel.ReadCommitted, Timeout = TransactionManager.MaximumTimeout },
                TransactionScopeAsyncFlowOption.Enabled);
            await using var db = await store.Database.OpenConnectionAsync(ct);
            var result = await work(db);
            scope.Complete();
            return result;
        }
        catch (TransactionException ex) when (ex.InnerException is NpgsqlException inner)
        {
            ExceptionDispatchInfo.Throw(inner); // what the server said is what callers know how to treat
            throw;
        }
    }
}
