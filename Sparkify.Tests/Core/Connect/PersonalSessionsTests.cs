using Dapper;
using Npgsql;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>What a session of one's own login cannot do by setting its limits back.</summary>
[Collection(Alone.Name)]
public sealed class PersonalSessionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public PersonalSessionsTests()
    {
        _folder.Write("log_data/1.json", Source.Event());
        _folder.Write("song_data/1.json", Source.Song());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Statement_ThatSetItsTimeoutBack_IsEndedAllTheSame_AndSoIsAnIdleTransaction()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Source.At(_folder), arguments: ["--Sparkify:Queries:CsvTimeout", "00:00:02"]);
        var login = await Login.MakeAsync(warehouse.App.Http, warehouse.Name);
        await using var session = await login.OpenAsync();
        await using var idle = await login.OpenAsync();
        await idle.ExecuteAsync("set idle_in_transaction_session_timeout = 0; begin; select 1");

        await EndedAsync(session, "set statement_timeout = 0; select pg_sleep(600)");
        await Login.EndsAsync(idle);
        await using var other = await login.OpenAsync();
        var late = await Assert.ThrowsAsync<PostgresException>(() => other.ExecuteAsync("select pg_sleep(600)"));
        Assert.Equal(PostgresErrorCodes.QueryCanceled, late.SqlState); // the server's own, which was not set back
    }

    [Fact]
    public async Task Sessions_BeyondThoseOfAll_AreEnded_TheNewestFirst()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Source.At(_folder), arguments: ["--Sparkify:Connect:Sessions", "2"]);
        var login = await Login.MakeAsync(warehouse.App.Http, warehouse.Name);
        await using var first = await login.OpenAsync();
        await using var second = await login.OpenAsync();
        await using var third = await login.OpenAsync();

        await Login.EndsAsync(third);

        Assert.Equal(1, await first.ExecuteScalarAsync<int>("select 1"));
        Assert.Equal(1, await second.ExecuteScalarAsync<int>("select 1"));
    }

    [Fact]
    public async Task Memory_OfASessionOfItsOwn_CountsWithThatOfAllQueries()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Source.At(_folder), arguments: ["--Sparkify:Queries:MemoryMegabytes", "256"]);
        await using var session = await (await Login.MakeAsync(warehouse.App.Http, warehouse.Name)).OpenAsync();

        await EndedAsync(session, "select array_agg(md5(g::text)) from (select generate_series(1, 200000000) as g) x");
    }

    private static async Task EndedAsync(NpgsqlConnection session, string sql)
    {
        var ended = await Assert.ThrowsAnyAsync<NpgsqlException>(
            () => session.ExecuteAsync(sql, commandTimeout: 0).WaitAsync(TimeSpan.FromSeconds(100)));
        Assert.True(ended is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown }, ended.Message);
    }
}
