using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Playwright;
using Npgsql;
using Sparkify.Tests.Core.Connect;
using Sparkify.Tests.Simulator;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>
/// A login made on the page and used by the page's very lines: by the socket of the embedded server, in a folder whose name needs quotes,
/// and by the port that is opened to it.
/// </summary>
public sealed class ConnectPathTests : IAsyncLifetime
{
    private static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = Browser.Patience };
    private readonly TempFolder _folder = new();
    private AppProcess _app = null!;

    private string Data => Path.Combine(_folder.Path, "it's my $data");

    public async Task InitializeAsync()
    {
        _folder.Write("log_data/1.json", string.Join('\n', Source.Event(item: 1), Source.Event(item: 2, ts: 1541105830799)));
        _folder.Write("song_data/1.json", Source.Song());
        Directory.CreateDirectory(Data);
        _app = await AppProcess.StartOnAsync(Data);
        await _app.PostAsync("/api/v1/warehouses", new { name = "music", source = Source.At(_folder) });
        await _app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        await Eventually.BecomesAsync(
            () => _app.GetAsync("/api/v1/runs?kind=load"),
            static all => all.GetProperty("total").GetInt64() == 1 && !all.GetProperty("items")[0].GetProperty("active").GetBoolean());
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Login_MadeOnThePage_IsShownOnce_Used_Replaced_AndTheOldOneIsRefused()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPersonAsync(_app.Address);
        await page.GotoAsync("/warehouses/music");
        await page.GetByRole(AriaRole.Link, new() { Name = "Connect", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("own-login")).ToContainTextAsync("for this machine", Patiently);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a login" }).ClickAsync();
        await Expect(page.Locator("#made-password")).ToBeVisibleAsync(new() { Timeout = Browser.Patience });
        var first = await page.Locator("#made-password").TextContentAsync();
        var line = await page.Locator("#socket-psql").TextContentAsync();
        Assert.DoesNotContain(first!, line!, StringComparison.Ordinal);
        Assert.Equal("2", await PsqlAsync(line!, first!));

        await page.ReloadAsync();
        await Expect(page.GetByTestId("own-login")).ToContainTextAsync("sparkify_music_localadministrator_p1", Patiently);
        Assert.DoesNotContain(first!, await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Replace the password" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Replace it" }).ClickAsync();
        await Expect(page.Locator("#made-password")).ToBeVisibleAsync(new() { Timeout = Browser.Patience });
        var second = await page.Locator("#made-password").TextContentAsync();
        Assert.NotEqual(first, second);
        Assert.Contains("password authentication failed", await PsqlAsync(line!, first!), StringComparison.Ordinal);
        Assert.Equal("2", await PsqlAsync(line!, second!));

        await page.GetByTestId("loopback-port").GetByRole(AriaRole.Button, new() { Name = "Open a port" }).ClickAsync();
        await Expect(page.Locator("#loopback-psql")).ToBeVisibleAsync(new() { Timeout = Browser.Patience });
        Assert.Equal("2", await PsqlAsync((await page.Locator("#loopback-psql").TextContentAsync())!, second!));
        await page.GetByRole(AriaRole.Button, new() { Name = "Close it" }).ClickAsync();
        await Expect(page.Locator("#loopback-psql")).ToHaveCountAsync(0, new() { Timeout = Browser.Patience });

        await page.GetByTestId("logins").GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();
        var make = page.GetByRole(AriaRole.Button, new() { Name = "Make a login" });
        await Expect(make).ToBeVisibleAsync(new() { Timeout = Browser.Patience });
        Assert.Contains("password authentication failed", await PsqlAsync(line!, second!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_TakesLoginsAndNobodyElse_IsOpenAgainAfterAKill_AndCloses()
    {
        var login = await Login.MakeAsync(_app.Http, "music");
        var opened = await PutAsync(port: null);
        var port = opened.GetProperty("number").GetInt32();
        login = login with { Connect = await _app.GetAsync("/api/v1/warehouses/music/connect") };
        Assert.Equal("2", await PsqlAsync(login.Line("psql", "loopback"), login.Password));
        Assert.Equal($"ssh -N -L {port}:127.0.0.1:{port} YOU@{Environment.MachineName}", login.Line("ssh", "loopback"));
        await using (var session = await login.OpenAsync("loopback"))
        {
            Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
            // A cancel goes to the session it is for.
            await using var slow = new NpgsqlCommand("select pg_sleep(600)", session);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.ExecuteNonQueryAsync(patience.Token));
            Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        }

        // The superuser has a password, and does not get to where it is asked for; nor do the application's own roles, nor two at once.
        foreach (var user in new[] { "sparkify", "sparkify_music_reporter", "sparkify_music_loader", "sparkify_music_readers", "postgres" })
        {
            Assert.Contains("for no others", await GreetAsync(port, user), StringComparison.Ordinal);
        }

        Assert.Contains("for no others", await GreetAsync(port, login.User, "sparkify"), StringComparison.Ordinal);
        Assert.Contains("for no others", await GreetAsync(port, "sparkify", login.User), StringComparison.Ordinal);
        Assert.Contains("SCRAM-SHA-256", await GreetAsync(port, login.User), StringComparison.Ordinal);
        Assert.Equal("", await SayAsync(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray()));

        // Either end closes the other.
        await using (var server = await _app.ConnectAsync())
        {
            var session = await login.OpenAsync("loopback");
            Assert.Equal(1, await server.ExecuteScalarAsync<long>("select count(*) from pg_stat_activity where usename = @User", new { login.User }));
            await session.DisposeAsync();
            await Eventually.BecomesAsync(
                () => server.ExecuteScalarAsync<long>("select count(*) from pg_stat_activity where usename = @User", new { login.User }), static n => n == 0);
            await using var other = await login.OpenAsync("loopback");
            await server.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where usename = @User", new { login.User });
            await Login.EndsAsync(other);
        }

        // Taken, it is a sentence, and the one there is stays.
        using (var taken = new TcpListener(IPAddress.Loopback, 0))
        {
            taken.Start();
            var number = ((IPEndPoint)taken.LocalEndpoint).Port;
            using var refused = await _app.Http.PutAsJsonAsync("/api/v1/loopback-port", new { port = number });
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains($"Another program uses the port {number}", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal("2", await PsqlAsync(login.Line("psql", "loopback"), login.Password));
        }

        await _app.KillAsync();
        _app = await AppProcess.StartOnAsync(Data);
        Assert.Equal(port, (await _app.GetAsync("/api/v1/loopback-port")).GetProperty("number").GetInt32());
        Assert.Equal("2", await PsqlAsync(login.Line("psql", "loopback"), login.Password));
        await using var open = await login.OpenAsync("loopback");
        using var closed = await _app.Http.DeleteAsync(new Uri("/api/v1/loopback-port", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, closed.StatusCode);
        await Login.EndsAsync(open);
        Assert.Contains("Connection refused", await PsqlAsync(login.Line("psql", "loopback"), login.Password), StringComparison.Ordinal);
        var audit = await _app.GetAsync("/api/v1/audit?size=200");
        Assert.Contains(audit.GetProperty("items").EnumerateArray(), static l => l.GetProperty("what").GetString() == "connect.openport");
        Assert.Contains(audit.GetProperty("items").EnumerateArray(), static l => l.GetProperty("what").GetString() == "connect.closeport");
    }

    [Fact]
    public async Task Port_WithStrangersWhoSayNothing_OrHalf_LetsALoginIn_AndTakesFewOfTheServersConnections()
    {
        await PutAsync(port: null);
        var login = await Login.MakeAsync(_app.Http, "music");
        var port = login.Connect.GetProperty("port").GetProperty("number").GetInt32();
        List<TcpClient> strangers = [];
        try
        {
            // As many as it takes connections, of those who know a name and no password, and of those who know nothing.
            for (var i = 0; i < 80; i++)
            {
                var client = new TcpClient();
                strangers.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, port);
                if (i % 2 == 0)
                {
                    await client.GetStream().WriteAsync(Startup(login.User));
                }
            }

            await using var server = await _app.ConnectAsync();
            await Eventually.BecomesAsync(
                () => server.ExecuteScalarAsync<long>("select count(*) from pg_stat_activity where backend_type = 'client backend' and usename = @User or usename is null and backend_type = 'client backend'", new { login.User }),
                static n => n <= 8);
            await using var session = await login.OpenAsync("loopback");
            Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
            // Whoever is in stays in, however many come.
            for (var i = 0; i < 20; i++)
            {
                var client = new TcpClient();
                strangers.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, port);
            }

            Assert.Equal("", await ReadAsync(strangers[1]));
            Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        }
        finally
        {
            strangers.ForEach(static c => c.Dispose());
        }
    }

    [Fact]
    public async Task Port_ThatAnotherProgramHasAtTheStart_IsSaid_AndOpensOnceItIsFree()
    {
        var port = (await PutAsync(port: null)).GetProperty("number").GetInt32();
        await _app.TermAsync();
        JsonElement state;
        using (var taken = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true })
        {
            taken.Start();
            _app = await AppProcess.StartOnAsync(Data);
            state = await _app.GetAsync("/api/v1/loopback-port");
            Assert.Contains($"Another program uses the port {port}", state.GetProperty("fault").GetString(), StringComparison.Ordinal);
        }

        state = await PutAsync(port);
        Assert.Equal((port, JsonValueKind.Null), (state.GetProperty("number").GetInt32(), state.GetProperty("fault").ValueKind));
    }

    [Fact]
    public async Task Port_ThatCannotBeWrittenDown_IsNotOpened_AndTheOneThereIsStays()
    {
        var port = (await PutAsync(port: null)).GetProperty("number").GetInt32();
        var login = await Login.MakeAsync(_app.Http, "music");
        await using var store = await _app.ConnectAsync("sparkify");
        await store.ExecuteAsync($"alter table loopback_port add check (port = {port})");
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        var another = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        using var failed = await _app.Http.PutAsJsonAsync("/api/v1/loopback-port", new { port = another });

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        using TcpClient client = new();
        Assert.Equal(
            SocketError.ConnectionRefused,
            (await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, another))).SocketErrorCode);
        var state = await _app.GetAsync("/api/v1/loopback-port");
        Assert.Equal((port, JsonValueKind.Null), (state.GetProperty("number").GetInt32(), state.GetProperty("fault").ValueKind));
        await using var session = await login.OpenAsync("loopback");
        Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
    }

    [PythonFact("psycopg")]
    public async Task Line_ForPython_Connects()
    {
        var login = await Login.MakeAsync(_app.Http, "music");
        var (code, output) = await OutsideProgram.RunAsync(
            OutsideProgram.Python("psycopg"),
            ["-c", $"{login.Line("python")}\nprint(connection.execute('select count(*) from songplays').fetchone()[0])"],
            [new("PGPASSWORD", login.Password)]);

        Assert.True(code == 0, output);
        Assert.Equal("2", output.Trim());
    }

    private async Task<JsonElement> PutAsync(int? port)
    {
        using var answer = await _app.Http.PutAsJsonAsync("/api/v1/loopback-port", new { port });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    // The line as a person pastes it into a shell, with the password in a file of theirs.
    private async Task<string> PsqlAsync(string line, string password)
    {
        var file = _folder.Write("pgpass", $"*:*:*:*:{password}\n");
        var (_, output) = await OutsideProgram.RunAsync(
            "/bin/sh", ["-c", $"chmod 600 \"$PGPASSFILE\"; {line} -w -At -c 'select count(*) from songplays'"], [new("PGPASSFILE", file)]);
        return output.Trim();
    }

    private static Task<string> GreetAsync(int port, params string[] users) => SayAsync(port, Startup(users));

    private static byte[] Startup(params string[] users)
    {
        List<byte> packet = [0, 3, 0, 0];
        foreach (var (name, value) in users.Select(static u => ("user", u)).Append(("database", "sparkify_music")))
        {
            packet.AddRange([.. Encoding.UTF8.GetBytes(name), 0, .. Encoding.UTF8.GetBytes(value), 0]);
        }

        packet.Add(0);
        var length = packet.Count + 4;
        return [0, 0, (byte)(length >> 8), (byte)length, .. packet];
    }

    // What is answered to the first that is said, until the other end waits or closes.
    private static async Task<string> SayAsync(int port, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(bytes);
        return await ReadAsync(client);
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var stream = client.GetStream();
        var buffer = new byte[4096];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        }
        catch (IOException)
        {
            return ""; // it was closed with something unread
        }
    }
}
