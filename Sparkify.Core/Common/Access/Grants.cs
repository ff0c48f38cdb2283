namespace Sparkify.Core.Common.Access;

/// <summary>A role somebody has.</summary>
/// <param name="Role">Which.</param>
/// <param name="Warehouse">On which warehouse; none for all of them.</param>
public sealed record Grant(Role Role, string? Warehouse = null)
{
    /// <summary>It in words: <c>viewer</c>, <c>operator of music</c>.</summary>
    public override string ToString() => Warehouse is { } w ? $"{Role.Word()} of {w}" : Role.Word();
}

/// <summary>Everything somebody may.</summary>
public sealed class Grants(IEnumerable<Grant> all)
{
    private readonly Grants? _bound;

    private Grants(IEnumerable<Grant> all, Grants bound)
        : this(all) => _bound = bound;

    /// <summary>Nothing at all.</summary>
    public static Grants None { get; } = new([]);

    /// <summary>Everything there is.</summary>
    public static Grants Everything { get; } = new([new Grant(Role.Admin)]);

    /// <summary>The roles these are made of.</summary>
    public IReadOnlyList<Grant> All { get; } = [.. all];

    /// <summary>What these may not go beyond; none for who is bound by nothing but their roles.</summary>
    public IReadOnlyList<Grant>? Bound => _bound?.All;

    /// <summary>What is left of these for one who may not go beyond a bound, as a token's bearer.</summary>
    public Grants Within(Grants bound) => new(All, bound);

    /// <summary>Whether one may on every warehouse, those to come included.</summary>
    public bool MayEverywhere(Right right) =>
        All.Any(g => g.Warehouse is null && g.Role.Has(right)) && _bound?.MayEverywhere(right) != false;

    /// <summary>Whether one may on a warehouse.</summary>
    public bool MayOn(Right right, string warehouse) =>
        All.Any(g => (g.Warehouse is null || g.Warehouse == warehouse) && g.Role.Has(right)) && _bound?.MayOn(right, warehouse) != false;

    /// <summary>Whether one may anywhere at all.</summary>
    public bool MayAnywhere(Right right) => Warehouses(right) is not [];

    /// <summary>The warehouses on which one may; none for all of them.</summary>
    public IReadOnlyList<string>? Warehouses(Right right)
    {
        IReadOnlyList<string>? own = All.Any(g => g.Warehouse is null && g.Role.Has(right)) ? null
            : [.. All.Where(g => g.Role.Has(right)).Select(g => g.Warehouse!).Distinct(StringComparer.Ordinal)];
        return _bound is null ? own
            : own is null ? _bound.Warehouses(right)
            : [.. own.Where(w => _bound.MayOn(right, w))];
    }
}
