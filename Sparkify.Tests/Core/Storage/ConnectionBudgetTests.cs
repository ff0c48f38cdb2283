using Npgsql;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Storage;

public sealed class ConnectionBudgetTests
{
    [Fact]
    public async Task Loads_GetWhatQueriesDoNotReserve_AndNeverNothing()
    {
        await using var database = NpgsqlDataSource.Create(await SharedPostgres.NewDatabaseAsync());
        var few = await ConnectionBudget.ForLoadsAsync(database, 8, default);

        Assert.Equal(few - 4, await ConnectionBudget.ForLoadsAsync(database, 12, default));
        Assert.InRange(await ConnectionBudget.ForLoadsAsync(database, 1000, default), 1, few);
    }
}
