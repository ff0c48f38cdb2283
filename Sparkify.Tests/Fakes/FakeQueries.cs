using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Tests.Fakes;

/// <summary>Queries that go as a test says, and a book of them.</summary>
internal sealed class FakeQueries : IQueries, IQueryStore
{
    private readonly List<SavedQuery> _saved = [];
    private readonly List<PastQuery> _past = [];

    public ConcurrentQueue<FakeQueryRun> Started { get; } = new();

    /// <summary>What a started query shows first; running by default.</summary>
    public QueryView First { get; set; } = new(QueryState.Running, null, 0, null, false, TimeSpan.Zero, null, null);

    /// <summary>How a query would be carried out.</summary>
    public string[] Plan { get; set; } = ["Seq Scan on songplays  (cost=0.00..1.50 rows=10 width=8)", "  Filter: (level = 'paid'::text)"];

    /// <summary>How one was, with times.</summary>
    public string[] MeasuredPlan { get; set; } = [];

    /// <summary>Refuses the next start or plan with a sentence.</summary>
    public string? Refusal { get; set; }

    public int MostRows => 10_000;

    public TimeSpan Timeout => TimeSpan.FromSeconds(60);

    public Task<IQueryRun> StartAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, int? maxRows = null,
        IReadOnlyDictionary<string, string>? values = null)
    {
        if (Refusal is { } refusal)
        {
            throw SparkifyException.Invalid(refusal);
        }

        var run = new FakeQueryRun(Started.Count + 1, sql, First, values);
        Started.Enqueue(run);
        _past.Insert(0, new PastQuery(run.Id, warehouse, sql, QueryState.Succeeded, Sample.Noon, TimeSpan.FromMilliseconds(4), 3, null));
        return Task.FromResult<IQueryRun>(run);
    }

    public Task<IReadOnlyList<string>> ExplainAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, IReadOnlyDictionary<string, string>? values = null,
        bool measured = false) =>
        Refusal is { } refusal
            ? throw SparkifyException.Invalid(refusal)
            : Task.FromResult<IReadOnlyList<string>>(measured ? MeasuredPlan : Plan);

    public Task<ICsvSource> OpenCsvAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, IReadOnlyDictionary<string, string>? values = null) =>
        throw new InvalidOperationException("A page links to the API for CSV.");

    public Task<Page<PastQuery>> HistoryAsync(string warehouse, Actor actor, int page, int size, CancellationToken ct) =>
        Task.FromResult(new Page<PastQuery>([.. _past], _past.Count, page, size));

    public Task<PastQuery> GetAsync(string warehouse, long id, Actor actor, CancellationToken ct) =>
        Task.FromResult(_past.Single(p => p.Id == id));

    public Task<IReadOnlyList<SavedQuery>> SavedAsync(Actor actor, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<SavedQuery>>([.. _saved]);

    public Task<SavedQuery> GetSavedAsync(long id, Actor actor, CancellationToken ct) => Task.FromResult(_saved.Single(s => s.Id == id));

    public Task<SavedQuery> SaveAsync(string name, string sql, Actor actor, CancellationToken ct)
    {
        if (_saved.Exists(s => s.Name == name))
        {
            throw SparkifyException.Conflict($"You have a query named '{name}' already.");
        }

        var saved = new SavedQuery(_saved.Count + 1, name, sql, Sample.Noon);
        _saved.Add(saved);
        return Task.FromResult(saved);
    }

    public Task<SavedQuery> ChangeAsync(long id, string? name, string? sql, Actor actor, CancellationToken ct)
    {
        var at = _saved.FindIndex(s => s.Id == id);
        _saved[at] = _saved[at] with { Name = name ?? _saved[at].Name, Sql = sql ?? _saved[at].Sql };
        return Task.FromResult(_saved[at]);
    }

    public Task DeleteAsync(long id, Actor actor, CancellationToken ct)
    {
        _saved.RemoveAll(s => s.Id == id);
        return Task.CompletedTask;
    }
}

/// <summary>One query whose views a test publishes.</summary>
internal sealed class FakeQueryRun(long id, string sql, QueryView first, IReadOnlyDictionary<string, string>? values) : IQueryRun
{
    private readonly Feed<QueryView> _feed = new();
    private readonly TaskCompletionSource<QueryView> _done = new();

    public long Id => id;

    public string Sql => sql;

    /// <summary>The values of its parameters.</summary>
    public IReadOnlyDictionary<string, string>? Values => values;

    public QueryView Now { get; private set; } = first;

    public IReadOnlyList<IReadOnlyList<string?>> All { get; set; } = [];

    public int Cancels { get; private set; }

    public bool Disposed { get; private set; }

    public Task<QueryView> Completion => _done.Task;

    public void Publish(QueryView view)
    {
        Now = view;
        _feed.Publish(view);
        if (view.State != QueryState.Running)
        {
            _done.TrySetResult(view);
        }
    }

    public Subscription<QueryView> Subscribe() => _feed.Subscribe();

    public IReadOnlyList<IReadOnlyList<string?>> Rows(int start, int count) => [.. All.Skip(start).Take(count)];

    public Task CancelAsync()
    {
        Cancels++;
        Publish(Now with { State = QueryState.Cancelled });
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
