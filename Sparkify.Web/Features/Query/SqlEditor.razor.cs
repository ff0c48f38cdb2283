using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Features.Query;

/// <summary>The SQL editor. The texts of the tabs are the browser's, which keeps them; the page is told when one has changed.</summary>
public sealed partial class SqlEditor
{
    private ElementReference _host;
    private DotNetObjectReference<SqlEditor>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _editor;
    private IReadOnlyList<TableInfo>? _known;
    private IReadOnlyList<TableInfo>? _told;

    /// <summary>The browser.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>The warehouse whose tabs these are.</summary>
    [Parameter, EditorRequired]
    public required string Place { get; set; }

    /// <summary>The tables that can be completed.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<TableInfo> Tables { get; set; }

    /// <summary>Called once it is there, with the tabs the browser has kept.</summary>
    [Parameter, EditorRequired]
    public required EventCallback<KeptTabs?> OnReady { get; set; }

    /// <summary>Called when the keyboard asks to run the text.</summary>
    [Parameter, EditorRequired]
    public required EventCallback OnRun { get; set; }

    /// <summary>Called with a tab and its text a moment after something was typed.</summary>
    [Parameter, EditorRequired]
    public required EventCallback<(string Tab, string Text)> OnChange { get; set; }

    /// <summary>Says which tabs there are, and which to show. The text of a tab that it knows already stays as it is.</summary>
    public ValueTask ArrangeAsync(IReadOnlyList<KeptTab> tabs, string open, CancellationToken ct) => TellAsync("arrange", ct, tabs, open);

    /// <summary>What is written in it; none before it is there.</summary>
    public async Task<Written?> ReadAsync(CancellationToken ct) =>
        _editor is null ? null : await _editor.InvokeAsync<Written>("read", ct);

    /// <summary>Writes something else into it.</summary>
    public ValueTask SetAsync(string text, CancellationToken ct) => TellAsync("set", ct, text);

    /// <summary>Writes something where the cursor stands.</summary>
    public ValueTask InsertAsync(string text, CancellationToken ct) => TellAsync("insert", ct, text);

    /// <summary>Puts the cursor into it.</summary>
    public ValueTask FocusAsync(CancellationToken ct) => TellAsync("focus", ct);

    /// <summary>Marks where something is wrong.</summary>
    public ValueTask MarkAsync(int line, int column, string message, CancellationToken ct) => TellAsync("mark", ct, line, column, message);

    /// <summary>Puts a text on the person's clipboard, if the browser allows it.</summary>
    public async Task<bool> CopyAsync(string text, CancellationToken ct) =>
        _module is not null && await _module.InvokeAsync<bool>("copy", ct, text);

    /// <summary>The keyboard's wish to run the text.</summary>
    [JSInvokable]
    public Task RunAsync() => OnRun.InvokeAsync();

    /// <summary>What was typed.</summary>
    [JSInvokable]
    public Task ChangedAsync(string tab, string text) => OnChange.InvokeAsync((tab, text));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_editor is not null)
            {
                await _editor.InvokeVoidAsync("dispose");
                await _editor.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the editor with it.
        }

        _self?.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => _known = Tables;

    // The editor is the browser's from here on: drawing it again would take away what was typed.
    /// <inheritdoc/>
    protected override bool ShouldRender() => !ReferenceEquals(_known, _told);

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                _self = DotNetObjectReference.Create(this);
                _module = await Js.InvokeAsync<IJSObjectReference>("import", "./sql-editor.js");
                _editor = await _module.InvokeAsync<IJSObjectReference>("create", _host, _self, Place);
                await OnReady.InvokeAsync(await _editor.InvokeAsync<KeptTabs?>("kept"));
            }

            if (_editor is not null && !ReferenceEquals(_known, _told))
            {
                _told = _known!;
                await _editor.InvokeVoidAsync("tables", _told.Select(t => new
                {
                    name = t.Table,
                    meaning = t.Meaning,
                    columns = t.Columns.Select(c => new { name = c.Name, type = c.Type, meaning = c.Meaning }),
                }));
            }
        }
        catch (JSDisconnectedException)
        {
            // The person left before the editor was there.
        }
    }

    private ValueTask TellAsync(string what, CancellationToken ct, params object?[] with) =>
        _editor?.InvokeVoidAsync(what, ct, with) ?? ValueTask.CompletedTask;
}
