using System.Globalization;
using Npgsql;

namespace Sparkify.Core.Star;

/// <summary>Everything that is counted of a freshly built star, by the names that <see cref="StarPasses"/> give.</summary>
internal sealed class StarFigures
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>A number that every star has.</summary>
    public long this[string name] => Find(name) ?? throw new KeyNotFoundException($"Nothing counts {name}.");

    /// <summary>A number; none when what it is read from has lost its rows.</summary>
    public long? Find(string name) =>
        _values.TryGetValue(name, out var value) ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    /// <summary>A moment, in UTC.</summary>
    public DateTime Time(string name) => (DateTime)_values[name];

    /// <summary>Adds what a query of <see cref="StarPasses"/> counts.</summary>
    public async Task AddAsync(NpgsqlConnection db, string query, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(query, db) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        for (var at = 0; at < reader.FieldCount; at++)
        {
            if (!await reader.IsDBNullAsync(at, ct))
            {
                _values.Add(reader.GetName(at), reader.GetValue(at));
            }
        }
    }
}
