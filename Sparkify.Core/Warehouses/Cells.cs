using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>Values of rows as the reports' face promises them.</summary>
internal static class Cells
{
    public static object?[] Row(NpgsqlDataReader reader)
    {
        var row = new object?[reader.FieldCount];
        for (var at = 0; at < row.Length; at++)
        {
            row[at] = Value(reader, at);
        }

        return row;
    }

    public static object? Value(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetValue(at) switch
    {
        int number => (long)number,
        short number => (long)number,
        decimal number => (double)number,
        float number => (double)number,
        DateTime moment => DateTime.SpecifyKind(moment, DateTimeKind.Utc),
        var value => value,
    };
}
