using Sparkify.Core.Runs;

namespace Sparkify.Web.Components.Layout;

/// <summary>One thing the palette found.</summary>
/// <param name="Group">The heading it stands under.</param>
/// <param name="Text">What it is called.</param>
/// <param name="Icon">Its icon.</param>
/// <param name="Note">A quiet word behind it.</param>
/// <param name="Href">Where it leads, for a link.</param>
/// <param name="Do">What it starts, for a command.</param>
internal sealed record Found(
    string Group, string Text, string Icon, string? Note = null, string? Href = null, Func<CancellationToken, Task<RunView>>? Do = null);
