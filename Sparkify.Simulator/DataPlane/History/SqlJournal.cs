using Npgsql;
using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.History;

/// <summary>
/// What the SYS views show. Changes gather in memory and are written to the cluster's database, outside of anybody's transaction,
/// just before a statement looks at one of the views: a COPY under way is seen as it stands.
/// </summary>
internal sealed class SqlJournal(ClusterDatabase database, TimeProvider clock) : IDisposable
{
    private const int WriteAbove = 2000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<long, QueryRecord> _queries = [];
    private readonly Dictionary<long, TransactionRecord> _transactions = [];

    public DateTimeOffset Now => clock.GetUtcNow();

    public long BeginTransaction(string user)
    {
        lock (_gate)
        {
            var record = new TransactionRecord { Id = database.NextId(), User = user, StartedAt = Now };
            _transactions.Add(record.Id, record);
            return record.Id;
        }
    }

    public void Ended(long transaction, bool committed)
    {
        lock (_gate)
        {
            if (_transactions.GetValueOrDefault(transaction) is { EndedAt: null } record)
            {
                (record.EndedAt, record.Status) = (Now, committed ? "committed" : "aborted");
            }
        }
    }

    public QueryRecord Begin(Prepared statement, SqlConversation conversation)
    {
        var record = new QueryRecord
        {
            Id = database.NextId(),
            User = conversation.Session.User.Name,
            Label = conversation.QueryGroup,
            Transaction = conversation.Transaction,
            Session = conversation.Session.Pid,
            Type = TypeOf(statement.Word),
            Text = statement.Text,
            StartedAt = Now,
        };
        lock (_gate)
        {
            _queries.Add(record.Id, record);
        }

        return record;
    }

    public void End(QueryRecord record, SqlError? error)
    {
        lock (_gate)
        {
            (record.EndedAt, record.Error) = (Now, error?.Message);
            record.Status = error is null ? "success" : error.Code == "57014" ? "canceled" : "failed";
        }
    }

    /// <summary>Whether so much has gathered that it should be written.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _queries.Count > WriteAbove;
            }
        }
    }

    /// <summary>Writes what has changed.</summary>
    public async Task FlushAsync(CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            List<QueryRecord> queries;
            List<TransactionRecord> transactions;
            lock (_gate)
            {
                // What has ended is written for the last time.
                (queries, transactions) = ([.. _queries.Values], [.. _transactions.Values]);
                queries.ForEach(q => _ = q.EndedAt is null || _queries.Remove(q.Id));
                transactions.ForEach(t => _ = t.EndedAt is null || _transactions.Remove(t.Id));
            }

            await using var connection = await database.Admin.OpenConnectionAsync(ct);
            await using var batch = new NpgsqlBatch(connection);
            JournalSql.Queries(batch, queries);
            JournalSql.Transactions(batch, transactions);
            foreach (var query in queries)
            {
                JournalSql.Load(batch, query);
            }

            await batch.ExecuteNonQueryAsync(ct);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private static string TypeOf(string word) => word switch
    {
        "select" or "with" or "insert" or "update" or "delete" or "copy" or "merge" => word == "with" ? "SELECT" : word.ToUpperInvariant(),
        "create" or "alter" or "drop" or "truncate" or "grant" or "revoke" or "comment" => "DDL",
        _ => "UTILITY",
    };
}
