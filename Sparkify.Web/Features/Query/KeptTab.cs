namespace Sparkify.Web.Features.Query;

/// <summary>A query tab as the browser keeps it.</summary>
/// <param name="Id">Its name among the tabs of one browser.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Saved">The saved query it shows.</param>
/// <param name="Base">What it began with, or was saved as: where the text is another, there is something to save.</param>
/// <param name="Values">The values of its parameters.</param>
/// <param name="Sql">What is written in it.</param>
public sealed record KeptTab(
    string Id, string Name, long? Saved, string Base, IReadOnlyDictionary<string, string> Values, string Sql);

/// <summary>The tabs of a warehouse, as the browser keeps them.</summary>
/// <param name="Open">The one that is shown.</param>
/// <param name="Tabs">All of them.</param>
public sealed record KeptTabs(string? Open, IReadOnlyList<KeptTab> Tabs);

/// <summary>What is in the editor.</summary>
/// <param name="Text">The text.</param>
/// <param name="From">Where the selection begins, or the cursor stands.</param>
/// <param name="To">Where the selection ends.</param>
public sealed record Written(string Text, int From, int To);
