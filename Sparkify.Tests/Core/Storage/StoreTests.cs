using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Storage;

public sealed class StoreTests : ServerFixture
{
    [Fact]
    public async Task Start_EmptyDatabase_AppliesEveryMigrationOnce()
    {
        await using var store = Given(await SharedPostgres.NewDatabaseAsync());
        await store.StartAsync(default);
        var first = await VersionsAsync(store);

        await store.StartAsync(default);

        Assert.Equal(SqlText.List("Storage.Sql"), first.Select(v => v.Script));
        Assert.Equal(first, await VersionsAsync(store));
        Assert.Null(await store.FaultAsync(default));
    }

    [Fact]
    public async Task Start_ManyAtOnce_MigrateOnce()
    {
        var database = await SharedPostgres.NewDatabaseAsync();
        var stores = Enumerable.Range(0, 8).Select(_ => Given(database)).ToList();

        await Task.WhenAll(stores.Select(s => s.StartAsync(default)));

        Assert.Equal(SqlText.List("Storage.Sql"), (await VersionsAsync(stores[0])).Select(v => v.Script));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Start_MigratedByANewerVersion_IsRefusedWithASentence()
    {
        await using var store = Given(await SharedPostgres.NewDatabaseAsync());
        await store.StartAsync(default);
        await using (var newer = store.Database.CreateCommand("insert into schema_version (script) values ('Storage.Sql.9999_later.sql')"))
        {
            await newer.ExecuteNonQueryAsync();
        }

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => store.StartAsync(default));

        Assert.Equal(
            "The database was migrated by a newer Sparkify (it has Storage.Sql.9999_later.sql, which this version does not know). " +
            "Start that version or a later one.", refusal.Message);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=x;Password=x;Database=x;Timeout=5")]
    [InlineData("Host=/nowhere;Username=x;Password=x;Database=x;Timeout=5")]
    public async Task Start_GivenServerThatIsNotThere_SaysWhatToCheck(string given)
    {
        await using var store = Given(given);
        await SaysWhatToCheckAsync(store);
    }

    [Fact]
    public async Task Start_GivenServerThatRefuses_SaysWhatToCheckAndNotThePassword()
    {
        var right = new NpgsqlConnectionStringBuilder(await SharedPostgres.NewDatabaseAsync());
        await using var password = Given(
            new NpgsqlConnectionStringBuilder(right.ConnectionString) { Password = "hush-hush" }.ConnectionString);
        await using var database = Given(
            new NpgsqlConnectionStringBuilder(right.ConnectionString) { Database = "not_there" }.ConnectionString);

        Assert.DoesNotContain("hush-hush", await SaysWhatToCheckAsync(password), StringComparison.Ordinal);
        Assert.Contains("not_there", await SaysWhatToCheckAsync(database), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("revoke create on schema public from public")]
    [InlineData("revoke all on schema public from public")]
    public async Task Start_GivenAccountMayNotCreateTables_SaysWhoMustAllowIt(string denial)
    {
        var owner = await SharedPostgres.NewDatabaseAsync();
        var account = $"guest_{Guid.NewGuid():N}";
        await using (var connection = new NpgsqlConnection(owner))
        {
            await connection.ExecuteAsync($"create role {account} login password 'guest'; {denial}");
        }

        await using var store = Given(new NpgsqlConnectionStringBuilder(owner) { Username = account, Password = "guest" }.ConnectionString);
        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => store.StartAsync(default));

        Assert.StartsWith(
            "The account in ConnectionStrings:Sparkify may not create tables in that database", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Embedded_MakesItsOwnDatabaseAndClosesItToOtherRoles()
    {
        var server = Server();
        await using var store = new Store(server, given: null, [], NullLogger<Store>.Instance);
        await store.StartAsync(default);
        await AskAsync<int>(server, "create role stranger login password 'stranger'; select 1");

        foreach (var database in new[] { "sparkify", "postgres", "template1" })
        {
            await using var stranger = new NpgsqlConnection(store.ConnectionString(database, "stranger", "stranger") + ";Pooling=false");
            var refused = await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync());
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Fault_ServerStopped_IsASentence()
    {
        var server = Server();
        await using var store = new Store(server, given: null, [], NullLogger<Store>.Instance);
        await store.StartAsync(default);
        Assert.Null(await store.FaultAsync(default));

        await server.DisposeAsync();

        Assert.StartsWith("The application's database does not answer:", await store.FaultAsync(default), StringComparison.Ordinal);
    }

    private Store Given(string connection) => new(Server(), connection, [], NullLogger<Store>.Instance);

    private static async Task<string> SaysWhatToCheckAsync(Store store)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => store.StartAsync(default));
        Assert.Equal(ProblemKind.Unavailable, refusal.Kind);
        Assert.StartsWith("The database in ConnectionStrings:Sparkify cannot be reached:", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("Check host, port, database, user and password.", refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }

    private static async Task<List<(string Script, DateTime At)>> VersionsAsync(Store store)
    {
        await using var connection = await store.Database.OpenConnectionAsync();
        return (await connection.QueryAsync<(string, DateTime)>("select script, applied_at from schema_version order by script")).AsList();
    }
}
