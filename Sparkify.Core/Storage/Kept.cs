using Dapper;
using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>Rows of the store that are kept for a number of days. Each feature names its own; an upkeep takes out older ones.</summary>
/// <param name="What">What they are, for the line that says how many went.</param>
/// <param name="Days">For how many days they are kept.</param>
/// <param name="Sql">
/// Takes out at most <c>@most</c> that are from before <c>@before</c>: in batches, so that none locks much or takes long.
/// </param>
internal sealed record Kept(string What, int Days, string Sql)
{
    private const int Most = 5000;

    /// <summary>Takes out those that are too old, and tells after each batch how many went.</summary>
    public async Task RemoveAsync(NpgsqlDataSource database, DateTimeOffset now, Action<int> removed, CancellationToken ct)
    {
        await using var db = await database.OpenConnectionAsync(ct);
        int gone;
        do
        {
            gone = await db.ExecuteAsync(new CommandDefinition(
                Sql, new { before = now.AddDays(-Days), most = Most }, commandTimeout: 300, cancellationToken: ct));
            removed(gone);
        }
        while (gone > 0);
    }
}
