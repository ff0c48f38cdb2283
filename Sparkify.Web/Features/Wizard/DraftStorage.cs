using System.Text.Json;
using Microsoft.JSInterop;

namespace Sparkify.Web.Features.Wizard;

/// <summary>What the wizard was filled with and how far it was; kept by the browser's tab, so that a refresh loses nothing.</summary>
/// <param name="Step">The step that was open.</param>
/// <param name="Draft">What was filled in.</param>
public sealed record SavedDraft(WizardStep Step, WarehouseDraft Draft);

/// <summary>Keeps the wizard's draft in the browser's tab. It holds no secret: the one password that is asked for is left out.</summary>
public sealed class DraftStorage(IJSRuntime js)
{
    private const string Key = "sparkify.new-warehouse";

    // What is derived from the rest is not kept.
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { IgnoreReadOnlyProperties = true };

    private string? _kept;

    /// <summary>Keeps a draft, when it is not the one that is kept already.</summary>
    public async Task KeepAsync(SavedDraft draft, CancellationToken ct)
    {
        var text = JsonSerializer.Serialize(draft, Form);
        if (text != _kept)
        {
            _kept = text;
            await js.InvokeVoidAsync("sessionStorage.setItem", ct, Key, text);
        }
    }

    /// <summary>Forgets it.</summary>
    public ValueTask DropAsync(CancellationToken ct)
    {
        _kept = null;
        return js.InvokeVoidAsync("sessionStorage.removeItem", ct, Key);
    }

    /// <summary>What was kept; none when nothing was, or when an earlier version kept it in another form.</summary>
    public async Task<SavedDraft?> ReadAsync(CancellationToken ct)
    {
        try
        {
            return await js.InvokeAsync<string?>("sessionStorage.getItem", ct, Key) is { } text
                && JsonSerializer.Deserialize<SavedDraft>(text, Form) is { Draft: not null } saved ? saved : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
