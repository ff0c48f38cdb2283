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
        // So many reserved that what is left lies between the bounds, whatever this server has.
        await using var command = database.CreateCommand(
            "select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer - 100");
        var reserved = (int)(await command.ExecuteScalarAsync())!;
        var few = await ConnectionBudget.ForLoadsAsync(database, reserved, default);

        Assert.Equal(few - 4, await ConnectionBudget.ForLoadsAsync(database, reserved + 4, default));
        Assert.InRange(await ConnectionBudget.ForLoadsAsync(database, reserved + 1000, default), 1, few);
    }
}
