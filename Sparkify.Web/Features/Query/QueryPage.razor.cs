using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>Ad-hoc SQL, as somebody who can only read.</summary>
public sealed partial class QueryPage
{
    private const int Remembered = 50;
    private SqlEditor? _editor;
    private IReadOnlyList<Warehouse>? _all;
    private IReadOnlyList<TableInfo> _tables = [];
    private IReadOnlyList<PastQuery> _history = [];
    private IReadOnlyList<SavedQuery> _saved = [];
    private IReadOnlyList<string>? _plan;
    private IQueryRun? _run;
    private QueryView? _view;
    private Subscription<QueryView>? _views;
    private (string, long?)? _read;
    private string? _problem;
    private string _name = "";
    private bool _naming;
    private bool _starting;

    /// <summary>Runs SQL.</summary>
    [Inject]
    public required IQueries Queries { get; init; }

    /// <summary>Remembers SQL.</summary>
    [Inject]
    public required IQueryStore Book { get; init; }

    /// <summary>Knows the tables.</summary>
    [Inject]
    public required ITables Tables { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Who asks.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>The warehouse in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    /// <summary>SQL that a link brings along.</summary>
    [SupplyParameterFromQuery]
    public string? Sql { get; set; }

    private Warehouse? Chosen => _all is null ? null : WarehousePicker.Choose(_all, Warehouse);

    private bool Readable => Chosen is { State: WarehouseState.Available, PublishedAt: not null };

    private bool Running => _view is { State: QueryState.Running };

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var changes = Own(Warehouses.Subscribe());
        Own(new Ending(this));
        _all = await Warehouses.ListAsync(Life);
        await ReadAsync();
        Follow(changes, async _ =>
        {
            _all = await Warehouses.ListAsync(Life);
            await ReadAsync();
        });
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_all is not null)
        {
            await ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        if (Chosen is not { } warehouse || _read == (warehouse.Name, warehouse.PublishedRun))
        {
            return;
        }

        if (_read?.Item1 != warehouse.Name)
        {
            await LetGoAsync();
        }

        _read = (warehouse.Name, warehouse.PublishedRun);
        _tables = await Tables.ListAsync(warehouse.Name, Life);
        _saved = await Book.SavedAsync(Who.Actor, Life);
        await RememberAsync();
    }

    private async Task RememberAsync() => _history = (await Book.HistoryAsync(Chosen!.Name, Who.Actor, 1, Remembered, Life)).Items;

    private Task RunAsync() => TryAsync(async sql =>
    {
        if (Running)
        {
            return;
        }

        await LetGoAsync();
        _plan = null;
        var run = await Queries.StartAsync(Chosen!.Name, sql, Who.Actor, Life);
        _views = run.Subscribe();
        (_run, _view) = (run, run.Now);
        Follow(_views, views => ShowAsync(run, views[^1]));
        await ShowAsync(run, run.Now);
    });

    private Task ExplainAsync() => TryAsync(async sql => _plan = await Queries.ExplainAsync(Chosen!.Name, sql, Life));

    private Task SaveAsync() => TryAsync(async sql =>
    {
        await Book.SaveAsync(_name.Trim(), sql, Who.Actor, Life);
        (_name, _naming) = ("", false);
        _saved = await Book.SavedAsync(Who.Actor, Life);
    });

    private Task DeleteAsync(SavedQuery query) => TryAsync(async _ =>
    {
        await Book.DeleteAsync(query.Id, Who.Actor, Life);
        _saved = await Book.SavedAsync(Who.Actor, Life);
    });

    private async Task CancelAsync()
    {
        if (_run is { } run)
        {
            await run.CancelAsync();
        }
    }

    private async Task ChooseAsync(string sql)
    {
        if (_editor is not null)
        {
            await _editor.SetAsync(sql, Life);
        }
    }

    private async Task TryAsync(Func<string, Task> work)
    {
        if (_editor is null || _starting || !Readable)
        {
            return;
        }

        _starting = true;
        _problem = null;
        try
        {
            await work(await _editor.TextAsync(Life));
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
        }
        finally
        {
            _starting = false;
        }
    }

    private async Task ShowAsync(IQueryRun run, QueryView view)
    {
        // A view that comes late, of the query before this one or of an earlier moment, says nothing any more.
        if (!ReferenceEquals(run, _run) || (_view is { State: not QueryState.Running } && view.State == QueryState.Running))
        {
            return;
        }

        var ended = view.State != QueryState.Running;
        _view = view;
        if (!ended)
        {
            return;
        }

        await RememberAsync();
        if (view.Error is { Line: { } line, Column: { } column } error && _editor is not null)
        {
            await _editor.MarkAsync(line, column, error.Message, Life);
        }
    }

    private async Task LetGoAsync()
    {
        var (run, views) = (_run, _views);
        (_run, _view, _views) = (null, null, null);
        views?.Dispose();
        if (run is not null)
        {
            await run.DisposeAsync();
        }
    }

    /// <summary>A query ends on the server when the person who asked leaves.</summary>
    private sealed class Ending(QueryPage page) : IDisposable
    {
        public void Dispose() => _ = page.LetGoAsync();
    }
}
