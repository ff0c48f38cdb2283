namespace Sparkify.Core.Common;

/// <summary>One page of a longer list.</summary>
/// <param name="Items">The rows of this page, in order.</param>
/// <param name="Total">How many rows there are over all pages.</param>
/// <param name="Number">This page's number, from 1.</param>
/// <param name="Size">How many rows a full page has.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long Total, int Number, int Size);
