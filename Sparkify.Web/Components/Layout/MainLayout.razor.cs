using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Components.Layout;

/// <summary>The shell around every page: bar, drawer, search. The drawer is a menu on a phone and collapses to icons elsewhere.</summary>
public sealed partial class MainLayout : IDisposable
{
    private readonly CancellationTokenSource _life = new();
    private DotNetObjectReference<MainLayout>? _self;
    private ErrorBoundary? _boundary;
    private Palette? _palette;
    private BrowserFacts? _facts;
    private int _reads;
    private int _pages;
    private bool _narrow;
    private bool _open;

    /// <summary>The browser's zone.</summary>
    [Inject]
    public required BrowserClock Browser { get; init; }

    /// <summary>The browser itself.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>Where the page is.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    // Who has no role yet has an account, and nothing to look at.
    private bool Sees => Who.Actor.Grants.MayAnywhere(Right.See);

    // With a base address, a bare #main would lead to Home.
    private string Here => new Uri(Nav.Uri).PathAndQuery;

    /// <summary>The window became as narrow as a phone, or is no more.</summary>
    [JSInvokable]
    public Task NarrowIsAsync(bool narrow) => InvokeAsync(() =>
    {
        (_narrow, _open) = (narrow, !narrow && _facts!.DrawerOpen);
        StateHasChanged();
    });

    /// <summary>The key for the search was pressed.</summary>
    [JSInvokable]
    public Task SearchAsync() => InvokeAsync(() => _palette?.OpenAsync() ?? Task.CompletedTask);

    /// <inheritdoc/>
    public void Dispose()
    {
        Nav.LocationChanged -= Left;
        _life.Cancel();
        _self?.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Nav.LocationChanged += Left;
        _self = DotNetObjectReference.Create(this);
        var facts = await AskAsync<BrowserFacts?>("sparkify.hello", orElse: null, _self) ?? BrowserFacts.Unknown;
        Browser.Use(facts.Zone);
        (_narrow, _open) = (facts.Narrow, facts is { Narrow: false, DrawerOpen: true });
        _facts = facts;
    }

    // Leaving a page that stopped is a fresh start.
    /// <inheritdoc/>
    protected override void OnParametersSet() => _boundary?.Recover();

    // The database is back: what could not be read meanwhile is read again. A page that got all it asked for stays as it is, with what was
    // typed into it.
    private async Task ReadAgainAsync()
    {
        _reads++;
        if (await AskAsync("sparkify.shows", orElse: true, DatabaseFaults.Away))
        {
            _pages++;
        }
    }

    private static string Sentence(Exception error) => error is SparkifyException ? error.Message : Commands.Unexpected;

    private async Task<T> AskAsync<T>(string question, T orElse, params object?[] arguments)
    {
        try
        {
            return await Js.InvokeAsync<T>(question, _life.Token, arguments);
        }
        catch (JSException)
        {
            // An old copy of the script in the browser's cache: the page works, with times in UTC.
            return orElse;
        }
    }

    private async Task TurnAsync()
    {
        _open = !_open;
        if (!_narrow)
        {
            _facts = _facts! with { DrawerOpen = _open };
            await Js.InvokeVoidAsync("sparkify.keepDrawer", _life.Token, _open);
        }
    }

    private void Left(object? sender, LocationChangedEventArgs e)
    {
        if (_narrow && _open)
        {
            _open = false;
            StateHasChanged();
        }
    }
}
