using System.Net;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage.Embedded;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Provisioning.Redshift.Existing;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>People's own logins on a server of one's own, as such servers are: everybody may connect to every database.</summary>
public sealed class OpenServerTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private EmbeddedPostgres _server = null!;

    public async Task InitializeAsync()
    {
        _folder.Write("source/log_data/1.json", Source.Event());
        _folder.Write("source/song_data/1.json", Source.Song());
        _server = new EmbeddedPostgres(
            new PostgresFolder(_folder.Path), binaries: null, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance);
        await _server.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Login_IsGivenOut_OnceNoOtherDatabaseIsOpen_AndReachesNone_AndATeardownEndsItEverywhere()
    {
        await using var administrator = await OpenAsync("postgres");
        await administrator.ExecuteAsync("create database given");
        await administrator.ExecuteAsync("create database \"Their shop\"");
        await using var app = await TestApp.StartAsync(store: _server.ConnectionString("given"));
        var name = TestApp.NewName();
        await app.CreateAsync(name, new
        {
            events = Path.Combine(_folder.Path, "source", "log_data"),
            songs = Path.Combine(_folder.Path, "source", "song_data"),
        });
        Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Provision)).State);

        var refused = await app.Http.PostAsync($"/api/v1/warehouses/{name}/connect/login", null);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var why = await OtherCluster.DetailAsync(refused);
        // The store's own is closed already.
        Assert.EndsWith("run: revoke connect on database \"Their shop\", postgres, template1 from public", why, StringComparison.Ordinal);
        Assert.Equal(0, await administrator.ExecuteScalarAsync<long>(
            "select count(*) from pg_roles where starts_with(rolname, @stem) and rolname ~ '_p[0-9]+$'", new { stem = new LocalNames(name).Database }));
        // What it says is what has to be done.
        await administrator.ExecuteAsync(why[(why.LastIndexOf("run: ", StringComparison.Ordinal) + 5)..]);
        var login = await Login.MakeAsync(app.Http, name);
        foreach (var database in new[] { "given", "Their shop", "postgres", "template1" })
        {
            var shut = await Assert.ThrowsAsync<PostgresException>(() => OpenAsync(database, login));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, shut.SqlState);
        }

        // Opened again by somebody, it holds a session and something that the login made there.
        await administrator.ExecuteAsync("grant connect, temporary on database postgres to public");
        await using var session = await OpenAsync("postgres", login);
        await session.ExecuteAsync("set default_transaction_read_only = off");
        await session.ExecuteAsync("alter default privileges grant select on tables to public");
        await session.ExecuteAsync("create temporary table mine (i int)");
        Assert.Contains("database postgres,", await OtherCluster.DetailAsync(
            await app.Http.PostAsync($"/api/v1/warehouses/{name}/connect/login", null)), StringComparison.Ordinal);

        var torn = await app.RunAsync(name, RunKind.Teardown);

        Assert.True(torn.State == RunState.Succeeded, torn.Error);
        await Login.EndsAsync(session);
        Assert.Equal(0, await administrator.ExecuteScalarAsync<long>(
            "select count(*) from pg_roles where starts_with(rolname, @stem)", new { stem = new LocalNames(name).Database }));
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, Login? login = null)
    {
        NpgsqlConnectionStringBuilder text = new(_server.ConnectionString(database)) { Pooling = false };
        if (login is not null)
        {
            (text.Username, text.Password) = (login.User, login.Password);
        }

        var db = new NpgsqlConnection(text.ConnectionString);
        await db.OpenAsync();
        return db;
    }
}
