using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>The tables of a warehouse, the queries one has open on it, and what came of them.</summary>
public sealed partial class QueryDesk
{
    private SqlEditor? _editor;
    private string? _problem;
    private bool _busy;

    /// <summary>Runs SQL.</summary>
    [Inject]
    public required IQueries Queries { get; init; }

    /// <summary>Remembers SQL.</summary>
    [Inject]
    public required IQueryStore Book { get; init; }

    /// <summary>Who asks.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>Keeps the address.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>Asks and lists.</summary>
    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>Says what was done.</summary>
    [Inject]
    public required ISnackbar Snackbar { get; init; }

    /// <summary>Where to ask.</summary>
    [Parameter, EditorRequired]
    public required Warehouse Warehouse { get; set; }

    /// <summary>What can be asked.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<TableInfo> Tables { get; set; }

    /// <summary>SQL that a link brings along.</summary>
    [Parameter]
    public string? Sql { get; set; }

    /// <summary>The saved query that a link leads to.</summary>
    [Parameter]
    public long? Saved { get; set; }

    /// <summary>How a result is shown.</summary>
    [Parameter]
    public string? View { get; set; }

    /// <summary>What stands above the tables.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        Own(new Ending(this));
        // A query without rows says nothing before its end.
        Every(TimeSpan.FromSeconds(1), () => _open is { Running: true });
    }

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => _open is null ? Task.CompletedTask : OpenAddressAsync();

    private Task RunAsync() => TryAsync(async (tab, text, meant) =>
    {
        if (tab.Running)
        {
            return;
        }

        await tab.LetGoAsync();
        var run = await Queries.StartAsync(Warehouse.Name, text[meant], Who.Actor, Life, values: tab.Values);
        var views = tab.Begin(run, Clock.GetUtcNow(), Warehouse.PublishedRun);
        Follow(views, all => ShowAsync(tab, run, all[^1], text, meant));
        await ShowAsync(tab, run, run.Now, text, meant);
        await FollowAsync(tab);
    });

    private Task ExplainAsync(bool measured) => TryAsync(async (tab, text, meant) => tab.Plan =
        PlanNode.Parse(await Queries.ExplainAsync(Warehouse.Name, text[meant], Who.Actor, Life, tab.Values, measured)));

    private Task FormatAsync() => TryAsync(async (_, text, _) => await _editor!.SetAsync(SqlFormat.Of(text), Life));

    // A saved query is saved again; one without a name gets one.
    private Task SaveAsync() => TryAsync(async (tab, text, _) =>
    {
        SavedQuery saved;
        if (tab.Saved is { } id)
        {
            saved = await Book.ChangeAsync(id, null, text, Who.Actor, Life);
        }
        else if (await Dialogs.NameAsync("Save the query", "", "Save it", IQueryStore.LongestName) is { } name)
        {
            saved = await Book.SaveAsync(name, text, Who.Actor, Life);
        }
        else
        {
            return;
        }

        (tab.Name, tab.Saved, tab.Base) = (saved.Name, saved.Id, saved.Sql);
        await ArrangeAsync();
        await FollowAsync(tab);
        Snackbar.Add($"“{saved.Name}” is saved.");
    });

    private async Task ValueAsync((string Name, string Value) value)
    {
        _open!.Values[value.Name] = value.Value;
        await ArrangeAsync();
        await FollowAsync(_open);
    }

    private async Task CancelAsync()
    {
        if (_open?.Run is { } run)
        {
            await run.CancelAsync();
        }
    }

    private async Task ChangeAsync((string Tab, string Text) change)
    {
        if (_tabs.Find(t => t.Id == change.Tab) is { } tab)
        {
            await WriteAsync(tab, change.Text);
        }
    }

    private async Task WriteAsync(QueryTab tab, string text)
    {
        if (await tab.WriteAsync(text))
        {
            await FollowAsync(tab);
        }
    }

    private async Task CopyAsync((string Text, string What) copy) => Snackbar.Add(
        await _editor!.CopyAsync(copy.Text, Life) ? $"Copied {copy.What}." : "The browser did not allow it to be copied.");

    private async Task ShowAsAsync(string view) =>
        await Js.FollowAsync(Nav.GetUriWithQueryParameter("view", view == "rows" ? null : view), Life);

    private async Task TryAsync(Func<QueryTab, string, Range, Task> work)
    {
        if (_busy || _open is not { } tab || _editor is null || await _editor.ReadAsync(Life) is not { } written)
        {
            return;
        }

        await WriteAsync(tab, written.Text);
        (_busy, _problem, tab.Problem) = (true, null, null);
        try
        {
            await work(tab, written.Text, SqlStatements.Meant(written.Text, written.From, written.To));
        }
        catch (SparkifyException ex)
        {
            tab.Problem = ex.Message;
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task ShowAsync(QueryTab tab, IQueryRun run, QueryView view, string text, Range meant)
    {
        // A place in the statement is one in the whole text.
        if (view.Error is { Line: { } line, Column: { } column } error)
        {
            var before = text[..meant.Start.Value];
            var lines = before.Count('\n');
            view = view with
            {
                Error = error with
                {
                    Line = line + lines,
                    Column = line > 1 ? column : column + before.Length - (before.LastIndexOf('\n') + 1),
                },
            };
        }

        if (tab.Show(run, view) && ReferenceEquals(tab, _open) && tab.Text == text
            && view.Error is { Line: { } at, Column: { } character } wrong && _editor is not null)
        {
            await _editor.MarkAsync(at, character, wrong.Message, Life);
        }
    }

    /// <summary>A query ends on the server when the person who asked leaves.</summary>
    private sealed class Ending(QueryDesk desk) : IDisposable
    {
        public void Dispose()
        {
            foreach (var tab in desk._tabs)
            {
                _ = tab.LetGoAsync();
            }
        }
    }
}
