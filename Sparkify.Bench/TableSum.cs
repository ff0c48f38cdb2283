using System.Data.Common;
using System.Globalization;
using Sparkify.Core.Star;

namespace Sparkify.Bench;

/// <summary>What a table holds, whatever the order of its rows: two stars with the same sums are the same.</summary>
/// <param name="Rows">How many rows.</param>
/// <param name="Sum">The sum of their hashes, which mean something within this process only.</param>
internal sealed record TableSum(long Rows, long Sum)
{
    /// <summary>The sums of the star's tables.</summary>
    public static async Task<IReadOnlyDictionary<string, TableSum>> OfStarAsync(DbConnection db, string schema, CancellationToken ct)
    {
        Dictionary<string, TableSum> sums = new(StringComparer.Ordinal);
        foreach (var table in StarSchema.Star)
        {
            await using var command = db.CreateCommand();
            command.CommandText = $"select {string.Join(", ", table.Columns.Select(static c => c.Name))} from {schema}.{table.Name}";
            command.CommandTimeout = 0;
            await using var reader = await command.ExecuteReaderAsync(ct);
            var row = new object[table.Columns.Count];
            var (rows, sum) = (0L, 0L);
            for (; await reader.ReadAsync(ct); rows++)
            {
                reader.GetValues(row);
                HashCode hash = default;
                foreach (var value in row)
                {
                    // Two drivers, two types for the same number.
                    hash.Add(value is DBNull ? null : Convert.ToString(value, CultureInfo.InvariantCulture));
                }

                sum += hash.ToHashCode();
            }

            sums.Add(table.Name, new TableSum(rows, sum));
        }

        return sums;
    }
}
