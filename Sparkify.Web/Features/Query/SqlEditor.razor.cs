using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Features.Query;

/// <summary>The SQL editor. What is typed stays in the browser until it is asked for.</summary>
public sealed partial class SqlEditor
{
    /// <summary>What a person who comes for the first time finds.</summary>
    public const string Example = """
        -- Ctrl+Enter runs it. Whatever you type, it can only read.
        select artist_name, count(*) as plays
        from   songplays
        group  by artist_name
        order  by plays desc
        limit  20
        """;

    private ElementReference _host;
    private DotNetObjectReference<SqlEditor>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _editor;
    private IReadOnlyList<TableInfo>? _known;
    private IReadOnlyList<TableInfo> _told = [];

    /// <summary>The browser.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>What to begin with; none for what was typed last.</summary>
    [Parameter]
    public string? Text { get; set; }

    /// <summary>The tables that can be completed.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<TableInfo> Tables { get; set; }

    /// <summary>Called when the keyboard asks to run the text.</summary>
    [Parameter, EditorRequired]
    public required EventCallback OnRun { get; set; }

    /// <summary>What is written in it.</summary>
    public async Task<string> TextAsync(CancellationToken ct) =>
        _editor is null ? Text ?? Example : await _editor.InvokeAsync<string>("text", ct) ?? "";

    /// <summary>Writes something else into it.</summary>
    public ValueTask SetAsync(string text, CancellationToken ct) => _editor?.InvokeVoidAsync("set", ct, text) ?? ValueTask.CompletedTask;

    /// <summary>Marks where something is wrong.</summary>
    public ValueTask MarkAsync(int line, int column, string message, CancellationToken ct) =>
        _editor?.InvokeVoidAsync("mark", ct, line, column, message) ?? ValueTask.CompletedTask;

    /// <summary>The keyboard's wish to run the text.</summary>
    [JSInvokable]
    public Task RunAsync() => OnRun.InvokeAsync();

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
                _editor = await _module.InvokeAsync<IJSObjectReference>("create", _host, _self, Text);
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
}
