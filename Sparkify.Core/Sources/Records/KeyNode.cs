using System.Text;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// What to do with the keys of one object: which column each fills, or which deeper node takes its value. The root stands for the record.
/// A node learns in which order its keys come and expects that order, so each parser has its own tree.
/// </summary>
internal sealed class KeyNode
{
    /// <summary>An expected key is compared as one vector of this many bytes: <c>"key":</c>, padded with zeros.</summary>
    public const int PatternBytes = 32;

    private readonly List<KeyEntry> _entries = [];

    /// <summary>Whether the keys are told apart without regard to case when none is exactly equal (<c>auto ignorecase</c>).</summary>
    public bool IgnoreCase { get; private init; }

    /// <summary>The keys, in the columns' order.</summary>
    public KeyEntry[] Entries { get; private set; } = [];

    /// <summary>One pattern for each entry.</summary>
    public byte[] Patterns { get; private set; } = [];

    /// <summary>One mask for each entry: which bytes of the pattern count.</summary>
    public byte[] Masks { get; private set; } = [];

    /// <summary>The length of each pattern; 0 when the key is too long or strange for one.</summary>
    public int[] Lengths { get; private set; } = [];

    /// <summary>Which entry came after each entry the last time; the last place is for the object's start.</summary>
    public int[] Following { get; private set; } = [];

    /// <summary>Keys matched by name: exactly, else without regard to case.</summary>
    public static KeyNode ByName(StarTable table)
    {
        var root = new KeyNode { IgnoreCase = true };
        for (var column = 0; column < table.Columns.Count; column++)
        {
            root.Entry(PathStep.Into(table.Columns[column].JsonKey)).Columns.Add(column);
        }

        return root.Seal();
    }

    /// <summary>Keys matched by paths, exactly; the n-th path fills the n-th column.</summary>
    public static KeyNode ByPaths(IReadOnlyList<IReadOnlyList<PathStep>> paths)
    {
        var root = new KeyNode();
        for (var column = 0; column < paths.Count; column++)
        {
            var node = root;
            for (var step = 0; step < paths[column].Count; step++)
            {
                var entry = node.Entry(paths[column][step]);
                if (step == paths[column].Count - 1)
                {
                    entry.Columns.Add(column);
                }
                else
                {
                    node = entry.Child ??= new KeyNode();
                }
            }
        }

        return root.Seal();
    }

    /// <summary>The entry of a key, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        for (var at = 0; at < Entries.Length; at++)
        {
            if (Entries[at].Index < 0 && key.SequenceEqual(Entries[at].Key))
            {
                return at;
            }
        }

        return IgnoreCase ? FindAnyCase(key) : -1;
    }

    /// <summary>The entry of an array's element, or none.</summary>
    public KeyEntry? Element(int index) => Array.Find(Entries, e => e.Index == index);

    private int FindAnyCase(ReadOnlySpan<byte> key)
    {
        for (var at = 0; at < Entries.Length; at++)
        {
            if (Ascii.EqualsIgnoreCase(key, Entries[at].Key))
            {
                return at;
            }
        }

        return -1;
    }

    private KeyEntry Entry(PathStep step)
    {
        var key = step.Key is null ? [] : Encoding.UTF8.GetBytes(step.Key);
        var entry = _entries.Find(e => e.Index == step.Index && e.Key.AsSpan().SequenceEqual(key));
        if (entry is null)
        {
            entry = new KeyEntry(key, step.Index);
            _entries.Add(entry);
        }

        return entry;
    }

    private KeyNode Seal()
    {
        Entries = [.. _entries];
        Patterns = GC.AllocateArray<byte>(Entries.Length * PatternBytes, pinned: true);
        Masks = GC.AllocateArray<byte>(Entries.Length * PatternBytes, pinned: true);
        Lengths = new int[Entries.Length];
        Following = new int[Entries.Length + 1];
        for (var at = 0; at < Entries.Length; at++)
        {
            Entries[at].Child?.Seal();
            Entries[at].Seal();
            Following[at] = (at + 1) % Entries.Length;
            var key = Entries[at].Key;
            var plain = Entries[at].Index < 0 && key.Length + 3 <= PatternBytes && !key.AsSpan().ContainsAny("\"\\"u8)
                && Ascii.IsValid(key);
            if (plain)
            {
                byte[] pattern = [(byte)'"', .. key, (byte)'"', (byte)':'];
                pattern.CopyTo(Patterns, at * PatternBytes);
                Masks.AsSpan(at * PatternBytes, pattern.Length).Fill(0xFF);
                Lengths[at] = pattern.Length;
            }
        }

        return this;
    }
}

/// <summary>One key (or one element of an array, when <paramref name="index"/> is not negative) and where its value goes.</summary>
internal sealed class KeyEntry(byte[] key, int index)
{
    public byte[] Key { get; } = key;

    public int Index { get; } = index;

    /// <summary>The columns its value fills; two paths may be equal.</summary>
    public List<int> Columns { get; } = [];

    /// <summary>What takes the value's own keys or elements.</summary>
    public KeyNode? Child { get; set; }

    /// <summary>The one column it fills when there is nothing more to it, else -1.</summary>
    public int OnlyColumn { get; private set; } = -1;

    /// <summary>Every column this value and all below it fill.</summary>
    public ulong AllColumns { get; private set; }

    public void Seal()
    {
        OnlyColumn = Child is null && Columns.Count == 1 ? Columns[0] : -1;
        foreach (var column in Columns)
        {
            AllColumns |= 1UL << column;
        }

        foreach (var entry in Child?.Entries ?? [])
        {
            AllColumns |= entry.AllColumns;
        }
    }
}
