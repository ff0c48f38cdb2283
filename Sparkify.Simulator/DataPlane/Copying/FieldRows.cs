using System.Buffers;
using System.Text;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>Turns records of separated fields into rows of a table's columns.</summary>
internal sealed class FieldRows(CopyStatement copy, IReadOnlyList<CopyColumn> columns) : ICopyRows
{
    private readonly FieldForm _form = copy.Fields;
    private readonly ColumnValue _values = new(copy);
    private readonly List<byte[]?> _fields = [];
    private readonly List<byte> _field = [];

    public RowProblem? Append(ReadOnlyMemory<byte> record, ArrayBufferWriter<byte> rows)
    {
        _fields.Clear();
        if (!(_form.Csv ? SplitCsv(record.Span) : Split(record.Span)))
        {
            return new RowProblem(null, new ValueProblem(1214, _form.Csv ? "Invalid quote formatting for CSV" : "Invalid quote formatting"));
        }

        if (_fields.Count > columns.Count)
        {
            return new RowProblem(null, new ValueProblem(1202, "Extra column(s) found"));
        }

        if (_fields.Count < columns.Count && !_form.FillRecord)
        {
            return new RowProblem(columns[_fields.Count], new ValueProblem(1214, "Delimiter not found"));
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0)
            {
                rows.Write("\t"u8);
            }

            var field = i < _fields.Count ? _fields[i] : null;
            if (_values.Write(columns[i], field, rows) is { } problem)
            {
                return new RowProblem(columns[i], problem, field is null ? "" : Encoding.UTF8.GetString(field));
            }
        }

        rows.Write("\n"u8);
        return null;
    }

    private bool SplitCsv(ReadOnlySpan<byte> record)
    {
        for (var at = 0; ;)
        {
            _field.Clear();
            var quoted = at < record.Length && record[at] == _form.Quote;
            if (quoted)
            {
                for (at++; ; at++)
                {
                    if (at >= record.Length)
                    {
                        return false;
                    }

                    if (record[at] == _form.Quote && (++at >= record.Length || record[at] != _form.Quote))
                    {
                        break;
                    }

                    _field.Add(record[at]);
                }
            }
            else
            {
                for (; at < record.Length && record[at] != _form.Separator; at++)
                {
                    _field.Add(record[at]);
                }
            }

            Add();
            if (at >= record.Length)
            {
                return true;
            }

            if (record[at++] != _form.Separator)
            {
                return false;
            }
        }
    }

    private bool Split(ReadOnlySpan<byte> record)
    {
        _field.Clear();
        var (quote, escaped) = ((byte)0, false);
        for (var at = 0; at < record.Length; at++)
        {
            var b = record[at];
            if (_form.Escape && b == '\\' && at + 1 < record.Length)
            {
                // What stands for NULL is no escape.
                escaped = record[at + 1] != 'N';
                _field.AddRange(escaped ? [record[at + 1]] : record.Slice(at, 2));
                at++;
            }
            else if (_form.RemoveQuotes && quote == 0 && _field.Count == 0 && !escaped && b is (byte)'"' or (byte)'\'')
            {
                quote = b;
            }
            else if (quote != 0 && b == quote && (at + 1 == record.Length || record[at + 1] == _form.Separator))
            {
                quote = 0;
            }
            else if (b == _form.Separator && quote == 0)
            {
                Add();
                _field.Clear();
                escaped = false;
            }
            else
            {
                _field.Add(b);
            }
        }

        Add();
        return quote == 0;
    }

    private void Add()
    {
        var field = _field.ToArray();
        _fields.Add(field.AsSpan().SequenceEqual(_form.Null) ? null : field);
    }
}
