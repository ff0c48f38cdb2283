namespace Sparkify.Core.Sources.Records;

/// <summary>The part for JSONPaths that lead below a record's own keys, or to one value twice.</summary>
internal sealed unsafe partial class RecordParser
{
    /// <summary>Takes a value that fills several columns, or whose parts fill columns.</summary>
    private byte* Through(byte* p, KeyEntry entry)
    {
        // What an earlier value of the same key filled is forgotten, also what this one does not have.
        _seen &= ~entry.AllColumns;
        var start = p;
        p = entry.Child is not { } child ? Skip(p)
            : *p == '{' ? ParseObject(p + 1, child)
            : *p == '[' ? Elements(p + 1, child)
            : Skip(p);
        if (p != null)
        {
            // The value's own text is noted by going over it once more; its newlines were counted already.
            var newlines = _newlines;
            foreach (var column in entry.Columns)
            {
                _ = Note(start, ref _slot[column]);
                _seen |= 1UL << column;
            }

            _newlines = newlines;
        }

        return p;
    }

    private byte* Elements(byte* p, KeyNode node)
    {
        if (++_depth > RecordLimits.MaxDepth)
        {
            return Fail(p);
        }

        var index = 0;
        p = JsonScan.SkipSpace(p, ref _newlines);
        if (*p != ']')
        {
            for (; ; index++)
            {
                p = node.Element(index) is { } entry ? Value(p, entry) : Skip(p);
                if (p == null)
                {
                    return null;
                }

                p = JsonScan.SkipSpace(p, ref _newlines);
                if (*p != ',')
                {
                    index++;
                    break;
                }

                p = JsonScan.SkipSpace(p + 1, ref _newlines);
            }
        }

        if (*p != ']')
        {
            return Fail(p);
        }

        foreach (var entry in node.Entries)
        {
            if (entry.Index >= index)
            {
                MissElement(entry);
            }
        }

        _depth--;
        return p + 1;
    }

    private void MissElement(KeyEntry entry)
    {
        _seen |= entry.AllColumns;
        for (var column = 0; column < _slots.Length; column++)
        {
            if ((entry.AllColumns & (1UL << column)) != 0)
            {
                _slot[column].Shape = Shape.NoElement;
            }
        }
    }
}
