using MudBlazor;

namespace Sparkify.Web.Shared;

/// <summary>Questions to the person at the page.</summary>
internal static class Questions
{
    /// <summary>Asks before something is done. Only the button that says so is a yes; closing the dialog in any way is a no.</summary>
    public static async Task<bool> AskAsync(this IDialogService dialogs, string title, string text, string yes, string no)
    {
        var dialog = await dialogs.ShowAsync<ConfirmDialog>(
            title, new DialogParameters<ConfirmDialog> { { d => d.Text, text }, { d => d.Yes, yes }, { d => d.No, no } });
        return await dialog.Result is { Canceled: false };
    }

    /// <summary>Asks for a name; none when the dialog is closed without one.</summary>
    public static async Task<string?> NameAsync(this IDialogService dialogs, string title, string name, string yes, int longest)
    {
        var dialog = await dialogs.ShowAsync<NameDialog>(
            title, new DialogParameters<NameDialog> { { d => d.Name, name }, { d => d.Yes, yes }, { d => d.Longest, longest } });
        return await dialog.GetReturnValueAsync<string>();
    }
}
