namespace Sparkify.Core.Sources.Records;

/// <summary>What a column's value looks like in the record.</summary>
internal enum Shape
{
    Null,
    True,
    False,
    Number,
    Text,

    /// <summary>A text with at least one backslash.</summary>
    EscapedText,

    /// <summary>An object or an array.</summary>
    Composite,

    /// <summary>A path asks for an element its array does not have.</summary>
    NoElement,
}

/// <summary>Where a column's value stands in the record; nothing is converted until the whole record is known to be well formed.</summary>
internal unsafe struct Slot
{
    /// <summary>The value's first byte; of a text, the first after its quote.</summary>
    public byte* Start;

    /// <summary>Its length in bytes; of a text, without its quotes.</summary>
    public int Length;

    public Shape Shape;

    /// <summary>Set when <see cref="Shape"/> is a number.</summary>
    public Number Number;

    public readonly ReadOnlySpan<byte> Raw => new(Start, Length);
}

/// <summary>A number's digits: <c>± Digits × 10^Exponent</c>, right when <see cref="Exact"/>.</summary>
internal struct Number
{
    public ulong Digits;
    public int Exponent;
    public bool Negative;

    /// <summary>Whether all digits fit; otherwise the number's text has to be looked at again.</summary>
    public bool Exact;
}
