using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Sparkify.Core.Runs;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Components.Layout;

/// <summary>Search and command palette: what is typed finds pages, warehouses, commands, runs, reports and tables.</summary>
public sealed partial class Palette : IDisposable
{
    private readonly CancellationTokenSource _life = new();
    private readonly LatestRequest _newest = new();
    private IReadOnlyList<Found> _found = [];
    private ElementReference _field;
    private PaletteContents? _contents;
    private string? _problem;
    private int _at;
    private bool _open;
    private bool _focus;
    private bool _left;

    /// <summary>Finds.</summary>
    [Inject]
    public required PaletteSearch Search { get; init; }

    /// <summary>Runs what is chosen.</summary>
    [Inject]
    public required Commands Commands { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>Opens a new tab.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>Opens it, empty.</summary>
    public async Task OpenAsync()
    {
        if (!_open)
        {
            await Js.InvokeVoidAsync("sparkify.keepFocus", _life.Token);
            (_open, _focus, _problem, _contents) = (true, true, null, null);
            StateHasChanged();
            await TypeAsync("");
            StateHasChanged();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _life.Cancel();
        _newest.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus)
        {
            _focus = false;
            await _field.FocusAsync();
        }
        else if (_left)
        {
            _left = false;
            await Js.InvokeVoidAsync("sparkify.giveFocusBack", _life.Token);
        }
    }

    private async Task TypeAsync(string? text)
    {
        _at = 0;
        try
        {
            var ct = _newest.Next(_life.Token);
            _contents ??= await LatestRequest.TakeAsync(Search.ReadAsync(ct), ct);
            _found = await LatestRequest.TakeAsync(Search.FindAsync(_contents, text ?? "", ct), ct);
        }
        catch (OperationCanceledException)
        {
            // More was typed meanwhile, or the page was left.
        }
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        switch (key.Key)
        {
            case "Escape":
                Leave();
                break;
            case "ArrowDown" when _found.Count > 0:
                _at = (_at + 1) % _found.Count;
                break;
            case "ArrowUp" when _found.Count > 0:
                _at = (_at + _found.Count - 1) % _found.Count;
                break;
            case "Enter" when _at < _found.Count && (key.CtrlKey || key.MetaKey) && _found[_at].Href is { } href:
                await Js.InvokeVoidAsync("open", href, "_blank");
                Close();
                break;
            case "Enter" when _at < _found.Count:
                var chosen = _found[_at];
                await GoAsync(chosen);
                if (chosen is { Do: null, Href: { } there })
                {
                    Nav.NavigateTo(there, forceLoad: there == "/jobs");
                }

                break;
        }
    }

    // A link goes by itself when it is clicked; only commands are done here.
    private async Task GoAsync(Found one)
    {
        if (one.Do is { } run)
        {
            RunView? started = null;
            var result = await Commands.RunAsync($"palette:{one.Text}", async ct => started = await run(ct));
            if (!result.Done)
            {
                _problem = result.Problem;
                return;
            }

            Nav.NavigateTo($"/runs/{started!.Id}");
        }

        Close();
    }

    // What had the focus before has it again, once the palette is gone from the page.
    private void Leave()
    {
        Close();
        _left = true;
    }

    private void Close() => (_open, _found) = (false, []);
}
