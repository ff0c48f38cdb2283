using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>New keys and passwords of the installation itself, while it works, and killed in the middle.</summary>
public sealed class RotationTests
{
    private const string Store = "sparkify";

    [Fact]
    public async Task Connections_KilledWhileTheyAreEncryptedAnew_AllOpenAfterwards_AndSoTheyDoOnceItIsDone()
    {
        await using var aws = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        aws.AddKey(ConnectedApp.Ann, ConnectedApp.AnnSecret, user: "ann");
        aws.AddKey(ConnectedApp.Bob, ConnectedApp.BobSecret, user: "bob");
        string[] settings = ["--Aws:ServiceUrl", aws.Url.ToString(), "--Aws:Region", aws.Options.Region];
        var app = await AppProcess.StartAsync(arguments: settings);
        await using var last = AppProcess.Last(() => app);
        await app.PostAsync(ConnectedApp.All, new { name = "ann", accessKey = ConnectedApp.Ann, secretKey = ConnectedApp.AnnSecret });
        await app.PostAsync(ConnectedApp.All, new { name = "bob", accessKey = ConnectedApp.Bob, secretKey = ConnectedApp.BobSecret });
        var before = await SecretsAsync(app);

        // The second one waits, when the first is written and nothing is committed.
        await using (var db = await app.ConnectAsync(Store))
        {
            await db.ExecuteAsync(
                """
                create function hold() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(7); return new; end';
                create trigger hold before update on aws_connections for each row when (new.name = 'bob') execute function hold();
                select pg_advisory_lock(7);
                """);
            var renewal = app.Http.PostAsync("/api/v1/secrets/connections", null);
            await Eventually.BecomesAsync(
                async () => await db.ExecuteScalarAsync<long>(
                    "select count(*) from pg_stat_activity where backend_xid is not null and wait_event = 'advisory'"),
                static waiting => waiting == 1);
            await app.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => renewal);
        }

        app = await AppProcess.StartAsync(after: app, arguments: settings);
        Assert.Equal(before, await SecretsAsync(app));
        await BothOpenAsync(app);
        await using (var db = await app.ConnectAsync(Store))
        {
            await db.ExecuteAsync("drop trigger hold on aws_connections; drop function hold()");
        }

        var done = await app.PostAsync("/api/v1/secrets/connections", new { });

        Assert.Equal(2, done.GetProperty("secrets").GetInt32());
        var after = await SecretsAsync(app);
        Assert.Empty(before.Intersect(after));
        // Encrypted with another key, not only anew: a key's number stands in front.
        Assert.Empty(before.Select(KeyOf).Intersect(after.Select(KeyOf)));
        Assert.Single(after.Select(KeyOf).Distinct());
        await BothOpenAsync(app);
        await app.KillAsync();
        app = await AppProcess.StartAsync(after: app, arguments: settings);
        await BothOpenAsync(app);
        Assert.Contains("awsconnections.reencrypt", await app.Http.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WarehousesKey_KilledWhileRolesGetTheirNewPasswords_EveryWarehouseWorksOn_AndEndsWithThem()
    {
        var app = await AppProcess.StartAsync();
        await using var last = AppProcess.Last(() => app);
        foreach (var name in (string[])["one", "two"])
        {
            await app.PostAsync("/api/v1/warehouses", new { name, source = new { sample = new { days = 1, events = 60, songs = 10 } } });
            await app.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision", then = "load" });
        }

        await RunsAsync(app, 4);
        var key = await File.ReadAllTextAsync(KeyFile(app));
        await using (var db = await app.ConnectAsync())
        {
            // The second role's row is held, so that its new password has to wait when the first has its own.
            await db.ExecuteAsync("begin; alter role sparkify_one_reporter connection limit -1");
            var made = await app.PostAsync("/api/v1/secrets/warehouses", new { });
            Assert.Equal(2, made.GetProperty("runs").GetArrayLength());
            Assert.Equal(0, made.GetProperty("later").GetArrayLength());
            await RunsAsync(app, 5);
            await Eventually.BecomesAsync(
                async () => await db.ExecuteScalarAsync<long>(
                    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'alter role%sparkify_one_reporter%'"),
                static waiting => waiting == 1);
            // The one has its old passwords, the other the new ones: both are read.
            await AskAsync(app, "one");
            await AskAsync(app, "two");
            await app.KillAsync();
        }

        app = await AppProcess.StartAsync(after: app);
        await AskAsync(app, "one");
        await AskAsync(app, "two");
        await RunsAsync(app, 6);

        var keys = await File.ReadAllLinesAsync(KeyFile(app));
        Assert.Equal((2, key.Trim()), (keys.Length, keys[0]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(KeyFile(app)));
        await using (var db = await app.ConnectAsync(Store))
        {
            var has = (await db.QueryAsync<string>("select password_key from warehouses")).AsList();
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(keys[1])))[..16], Assert.Single(has.Distinct()));
        }

        foreach (var name in (string[])["one", "two"])
        {
            await AskAsync(app, name);
            await LogsInAsync(app, $"sparkify_{name}", $"sparkify_{name}_reporter", Password(keys[1], $"sparkify_{name}_reporter"));
            await RefusedAsync(app, $"sparkify_{name}", $"sparkify_{name}_reporter", Password(key, $"sparkify_{name}_reporter"));
            await app.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" });
        }

        await RunsAsync(app, 8);
        Assert.Contains("warehousepasswords.renewkey", await app.Http.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DatabasePassword_OfTheEmbeddedServer_IsAnotherAtOnce_AndEverythingGoesOn()
    {
        var app = await AppProcess.StartAsync(arguments: ["--Aws:Simulator", "true"]);
        await using var last = AppProcess.Last(() => app);
        await app.ReadyLine.WaitAsync(TimeSpan.FromMinutes(2));
        var file = Path.Combine(app.DataDirectory, "postgres", "password");
        var before = await File.ReadAllTextAsync(file);

        using var answer = await app.Http.PostAsync("/api/v1/secrets/database", null);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var after = await File.ReadAllTextAsync(file);
        Assert.NotEqual(before, after);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(file));
        Assert.False(File.Exists(file + ".next"));
        await RefusedAsync(app, "postgres", "sparkify", before.Trim());
        await LogsInAsync(app, "postgres", "sparkify", after.Trim());
        // Sessions from before are gone: whoever goes on has logged in since, the simulator's clusters too.
        await using (var db = await app.ConnectAsync())
        {
            await db.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");
        }

        await Eventually.BecomesAsync(async () => (await app.Http.GetAsync("/readyz")).IsSuccessStatusCode, static ready => ready);
        var sample = new { days = 1, events = 60, songs = 10 };
        // Each session that was kept for later and is gone is found out by one call, which is to be made again.
        using (var made = await Eventually.BecomesAsync(
            () => app.Http.PostAsJsonAsync("/api/v1/warehouses", new { name = "one", source = new { sample } }),
            static answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable))
        {
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        }

        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "provision", then = "load" });
        await app.PostAsync("/api/v1/warehouses", new
        {
            name = "toy",
            target = "redshift",
            source = new { events = "s3://sparkify-sample/log_data/", songs = "s3://sparkify-sample/song_data/" },
            simulated = true,
        });
        await app.PostAsync("/api/v1/warehouses/toy/runs", new { kind = "provision" });
        await RunsAsync(app, 3);
        await AskAsync(app, "one");
        Assert.Contains("storepassword.renewpassword", await app.Http.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
        await app.KillAsync();
        app = await AppProcess.StartAsync(after: app);
        await AskAsync(app, "one");
    }

    private static string KeyFile(AppProcess app) => Path.Combine(app.DataDirectory, "keys", "warehouses.key");

    private static UnixFileMode Mode(string file) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file);

    private static string Password(string key, string role) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(key.Trim()), Encoding.UTF8.GetBytes(role)))[..40];

    private static string KeyOf(string secret) => secret[..24];

    private static async Task<List<string>> SecretsAsync(AppProcess app)
    {
        await using var db = await app.ConnectAsync(Store);
        return (await db.QueryAsync<string>("select secret from aws_connections order by name")).AsList();
    }

    private static async Task BothOpenAsync(AppProcess app)
    {
        foreach (var name in (string[])["ann", "bob"])
        {
            var me = await app.PostAsync($"{ConnectedApp.All}/{name}/test", new { });
            Assert.Equal($"arn:aws:iam::123456789012:user/{name}", me.GetProperty("arn").GetString());
        }
    }

    // Until so many have succeeded, and none has failed.
    private static async Task RunsAsync(AppProcess app, int succeeded) => await Eventually.BecomesAsync(
        async () =>
        {
            var runs = (await app.GetAsync("/api/v1/runs/")).GetProperty("items").EnumerateArray().ToList();
            Assert.DoesNotContain(runs, static r => r.GetProperty("state").GetString() is "failed" or "cancelled");
            return runs.Count(static r => r.GetProperty("state").GetString() == "succeeded");
        },
        count => count == succeeded, seconds: 120);

    private static async Task AskAsync(AppProcess app, string name)
    {
        var answer = await app.PostAsync($"/api/v1/warehouses/{name}/queries", new { sql = "select count(*) from songplays" });
        Assert.Equal("", answer.GetProperty("error").ToString());
    }

    private static async Task LogsInAsync(AppProcess app, string database, string user, string password)
    {
        await using var past = await app.ConnectAsync();
        await using var db = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(past.ConnectionString)
        {
            Database = database,
            Username = user,
            Password = password,
            Pooling = false,
        }.ConnectionString);
        await db.OpenAsync();
    }

    private static async Task RefusedAsync(AppProcess app, string database, string user, string password) => Assert.Equal(
        PostgresErrorCodes.InvalidPassword,
        (await Assert.ThrowsAsync<PostgresException>(() => LogsInAsync(app, database, user, password))).SqlState);
}
