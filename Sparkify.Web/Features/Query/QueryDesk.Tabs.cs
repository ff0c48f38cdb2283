using MudBlazor;
using Sparkify.Core.Reports.Queries;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>The tabs, and how they come from what the browser kept and from the address.</summary>
public sealed partial class QueryDesk
{
    private readonly List<QueryTab> _tabs = [];
    private QueryTab? _open;
    private (long?, string?)? _shown;

    private async Task ReadyAsync(KeptTabs? kept)
    {
        _tabs.AddRange(kept?.Tabs.Select(QueryTab.Of) ?? []);
        _open = _tabs.Find(t => t.Id == kept?.Open);
        await OpenAddressAsync();
        if (_open is null)
        {
            await ShowAsync(_tabs.FirstOrDefault() ?? Add(Untitled(), QueryTab.Example));
        }
        else
        {
            await ArrangeAsync();
        }
    }

    // What the address says, unless the page has just said it itself: links, and back and forward.
    private async Task OpenAddressAsync()
    {
        if (_shown == (Saved, Sql))
        {
            return;
        }

        _shown = (Saved, Sql);
        var tab = _open;
        if (Saved is { } id)
        {
            tab = _tabs.Find(t => t.Saved == id) ?? await FromBookAsync(id);
        }
        else if (!string.IsNullOrEmpty(Sql))
        {
            tab = _tabs.Find(t => t == _open && t.Text == Sql) ?? _tabs.Find(t => t.Text == Sql) ?? Add(Untitled(), Sql);
        }

        if (tab is not null)
        {
            foreach (var (name, value) in Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(Nav.Uri).Query))
            {
                if (name.StartsWith("p.", StringComparison.Ordinal))
                {
                    tab.Values[name[2..]] = value.ToString();
                }
            }

            await ShowAsync(tab);
        }
    }

    private async Task<QueryTab?> FromBookAsync(long id)
    {
        var book = await Book.SavedAsync(Who.Actor, Life);
        if (book.FirstOrDefault(q => q.Id == id) is { } saved)
        {
            var tab = Add(saved.Name, saved.Sql);
            tab.Saved = id;
            return tab;
        }

        _problem = $"There is no saved query {id} of yours. It was deleted, or somebody else saved it.";
        return _open;
    }

    private QueryTab Add(string name, string text)
    {
        var tab = new QueryTab(Guid.NewGuid().ToString("N")[..8], name, text);
        _tabs.Add(tab);
        return tab;
    }

    private string Untitled() => $"Query {Enumerable.Range(1, _tabs.Count + 1).First(n => !_tabs.Exists(t => t.Name == $"Query {n}"))}";

    private Task NewAsync() => GoToAsync(Add(Untitled(), ""));

    private async Task GoToAsync(QueryTab tab)
    {
        // The address before the text: whoever sees the text and goes back comes to the tab they were on.
        Nav.NavigateTo(Say(tab));
        await ShowAsync(tab);
        await _editor!.FocusAsync(Life);
    }

    // The address says what one sees, so that a reload or a link leads to the same.
    private async Task FollowAsync(QueryTab tab)
    {
        if (tab == _open)
        {
            await Js.FollowAsync(Say(tab), Life);
        }
    }

    private string Say(QueryTab tab)
    {
        _shown = (tab.Saved, tab.Sql);
        var address = tab.Address(Warehouse.Name);
        return View is null ? address : $"{address}&view={Uri.EscapeDataString(View)}";
    }

    private async Task CloseAsync(QueryTab tab)
    {
        var at = _tabs.IndexOf(tab);
        _tabs.Remove(tab);
        await tab.LetGoAsync();
        if (tab.Changed)
        {
            Snackbar.Add($"“{tab.Name}” is closed.", Severity.Normal, snack =>
            {
                snack.Action = "Undo";
                snack.OnClick = _ => InvokeAsync(async () =>
                {
                    if (Life.IsCancellationRequested)
                    {
                        return;
                    }

                    _tabs.Insert(Math.Min(at, _tabs.Count), tab);
                    await GoToAsync(tab);
                    StateHasChanged();
                });
            });
        }

        if (tab != _open)
        {
            await ArrangeAsync();
        }
        else
        {
            await GoToAsync(_tabs.Count > 0 ? _tabs[Math.Min(at, _tabs.Count - 1)] : Add(Untitled(), ""));
        }
    }

    private Task ShowAsync(QueryTab tab)
    {
        _open = tab;
        return ArrangeAsync();
    }

    private async Task ArrangeAsync()
    {
        if (_editor is not null && _open is not null)
        {
            await _editor.ArrangeAsync([.. _tabs.Select(static t => t.Kept)], _open.Id, Life);
        }
    }

    private async Task HistoryAsync()
    {
        var dialog = await Dialogs.ShowAsync<HistoryDialog>(
            "History", new DialogParameters<HistoryDialog> { { d => d.Warehouse, Warehouse.Name } });
        if (await dialog.GetReturnValueAsync<PastQuery>() is { } past)
        {
            await GoToAsync(_tabs.Find(t => t.Text == past.Sql) ?? Add(Untitled(), past.Sql));
        }
    }

    private async Task SavedAsync()
    {
        var dialog = await Dialogs.ShowAsync<SavedDialog>(
            "Saved queries", new DialogParameters<SavedDialog> { { d => d.Warehouse, Warehouse.Name } });
        await dialog.Result;
        // A tab whose query was deleted has something to save again.
        var book = await Book.SavedAsync(Who.Actor, Life);
        foreach (var tab in _tabs.Where(t => t.Saved is { } id && !book.Any(q => q.Id == id)))
        {
            (tab.Saved, tab.Base) = (null, "");
        }

        await ArrangeAsync();
    }
}
