namespace Sparkify.Web.Shared;

/// <summary>What a page of its own kind lets a browser load, in the place of what all others do.</summary>
/// <param name="Value">The value of <c>Content-Security-Policy</c>.</param>
internal sealed record ContentPolicy(string Value);
