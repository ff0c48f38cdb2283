using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Npgsql;
using Sparkify.Core.Aws.Clients;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Core.Provisioning.Redshift;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Known secrets are planted, everything is used, and then they are looked for everywhere they have no business.</summary>
public sealed class SecretsTests
{
    private const string Key = "AKIAPLANTEDKEY000001", AwsSecret = "planted/aws+secret/0123456789abcdefghijk";
    private const string TypedKey = "AKIAPLANTEDKEY000002", TypedSecret = "typed/aws+secret/0123456789abcdefghijklm";
    private const string AdminPassword = "planted correct battery", WrongPassword = "planted wrong battery";
    private const string Typed = "planted.jane@example.com";

    [Fact]
    public async Task Secrets_WhateverIsDone_AreInNoLogNoAnswerNoPageNoTableAndNoFile()
    {
        await using var aws = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        aws.AddKey(Key, AwsSecret, user: "ann");
        aws.CreateBucket(SimulatedApp.Bucket);
        await SimulatedApp.FillAsync(aws);
        var logs = new LogKeeper();
        await using var app = await TestApp.StartAsync(
            before: builder =>
            {
                builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
                builder.Services.AddSingleton(new AwsTimeouts { Retries = 1, LongestBackOff = TimeSpan.FromMilliseconds(20) });
                builder.Services.AddSingleton(SimulatedApp.Patience);
                builder.Services.AddSingleton<IClusterRoles, ReadsItsPassword>();
            },
            arguments:
            [
                "--Aws:ServiceUrl", aws.Url.ToString(), "--Aws:Region", aws.Options.Region, "--Sparkify:AdminPassword", AdminPassword,
            ]);
        using var http = new HttpClient { BaseAddress = new Uri(app.Address) };
        StringBuilder answers = new();
        var token = await TokenAsync(http, AdminPassword);
        await Assert.ThrowsAsync<InvalidOperationException>(() => TokenAsync(http, WrongPassword));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        // A day at work, with what goes wrong on it.
        await SendAsync(HttpMethod.Post, "/api/v1/aws/connections", new { name = "prod", accessKey = Key, secretKey = AwsSecret });
        await SendAsync(HttpMethod.Post, "/api/v1/aws/connections", new { name = "bad", accessKey = Key, secretKey = AwsSecret + "x" });
        await SendAsync(HttpMethod.Post, "/api/v1/aws/connections", new { name = "bad", secret = AwsSecret });
        await SendAsync(HttpMethod.Put, "/api/v1/aws/connections/prod", new { accessKey = Key, secretKey = AwsSecret });
        await SendAsync(HttpMethod.Post, "/api/v1/aws/connections/prod/test", null);
        await ImportAsync($"[AWS]\nKEY={Key}\nSECRET={AwsSecret}\n", "");
        await ImportAsync($"[AWS]\nKEY={Key}\nSECRET={AwsSecret}\n", "?connection=imported");
        var name = TestApp.NewName();
        await SendAsync(HttpMethod.Post, "/api/v1/warehouses", new
        {
            name,
            source = new { events = $"s3://{SimulatedApp.Bucket}/log_data/", songs = $"s3://{SimulatedApp.Bucket}/song_data/" },
            connection = "prod",
        });
        await RunAsync("provision");
        await RunAsync("load");
        await SendAsync(HttpMethod.Post, "/api/v1/warehouses", new
        {
            name = "cloud",
            target = "redshift",
            source = new { events = $"s3://{SimulatedApp.Bucket}/log_data/", songs = $"s3://{SimulatedApp.Bucket}/song_data/" },
            connection = "prod",
        });
        await RunAsync("provision", "cloud");
        var login = await MasterAsync();
        foreach (var format in (string[])["terraform", "cloudFormation"])
        {
            using var export = await http.GetAsync($"/api/v1/warehouses/cloud/export?format={format}");
            var text = await export.Content.ReadAsStringAsync();
            Assert.True(export.IsSuccessStatusCode, text);
            Assert.Contains("sparkify-cloud", text, StringComparison.Ordinal);
            answers.AppendLine(text);
        }

        await SendAsync(HttpMethod.Post, $"/api/v1/warehouses/{name}/queries", new { sql = "select * from pg_authid" });
        await SendAsync(HttpMethod.Post, $"/api/v1/warehouses/{name}/queries", new { sql = "select current_setting('no.such')" });
        foreach (var endpoint in app.Guarded.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") != false))
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{name}", name, StringComparison.OrdinalIgnoreCase)
                .Replace("{id:long}", "1", StringComparison.OrdinalIgnoreCase);
            if (!path.Contains('{', StringComparison.Ordinal) && !path.EndsWith("/events", StringComparison.Ordinal))
            {
                await SendAsync(HttpMethod.Get, path, null);
            }
        }

        var databases = app.Services.GetRequiredService<IWarehouseDatabases>();
        var roles = Enum.GetValues<WarehouseRole>().Select(role => databases.Password(name, role)).ToList();
        roles.AddRange(Enum.GetValues<WarehouseRole>().Select(role => databases.Password("cloud", role)));
        string[] planted = [AwsSecret, AdminPassword, WrongPassword, token, login, .. roles];
        Assert.True(answers.Length > 50_000, $"Only {answers.Length} characters were answered.");
        Assert.True(logs.All.Length > 50_000, $"Only {logs.All.Length} characters were logged.");
        var dump = await DumpAsync(app.Store);
        Assert.Contains("aws_connections", dump, StringComparison.Ordinal);
        AssertNone(planted, [("the log", logs.All), ("an answer or a page", answers.ToString()), ("a table", dump)]);
        AssertNone(planted, Files(app.DataDirectory));

        async Task SendAsync(HttpMethod method, string path, object? body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await http.SendAsync(request);
            answers.Append(path).Append(' ').Append(answer.Headers).AppendLine(await answer.Content.ReadAsStringAsync());
        }

        async Task ImportAsync(string text, string query)
        {
            using var content = new StringContent(text, Encoding.UTF8, "text/plain");
            using var answer = await http.PostAsync("/api/v1/imports/dwh-cfg" + query, content);
            var said = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, said);
            answers.AppendLine(said);
        }

        // What AWS made for the cluster.
        async Task<string> MasterAsync()
        {
            using var door = AwsTestClients.To(aws);
            var cluster = Assert.Single(await door.Clients.Redshift.ListClustersAsync(null, null, default));
            return (await door.Clients.Secrets.GetLoginAsync(cluster.SecretArn!, default)).Password;
        }

        async Task RunAsync(string kind, string? of = null)
        {
            using var answer = await http.PostAsJsonAsync($"/api/v1/warehouses/{of ?? name}/runs", new { kind });
            var run = await app.EndAsync((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
            Assert.True(run.State == RunState.Succeeded, run.Error);
        }
    }

    [Fact]
    public async Task Process_AtTheLevelTrace_SaysNothingOfThem_AndThatOfTheDatabaseKnowsNothing()
    {
        await using var aws = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        aws.AddKey(TypedKey, TypedSecret, user: "bob");
        await using var collector = await Collector.StartAsync();
        await using var app = await AppProcess.StartAsync(
            new Dictionary<string, string>(collector.Environment)
            {
                ["Sparkify__AdminPassword"] = AdminPassword,
                ["AWS_ACCESS_KEY_ID"] = Key,
                ["AWS_SECRET_ACCESS_KEY"] = AwsSecret,
                ["OTHER_SECRET"] = WrongPassword,
            },
            "--Logging:LogLevel:Default", "Trace", "--Logging:LogLevel:Microsoft.AspNetCore", "Trace",
            "--Aws:ServiceUrl", aws.Url.ToString(), "--Aws:Region", aws.Options.Region, "--Aws:Simulator", "true");
        await app.ReadyLine.WaitAsync(TimeSpan.FromMinutes(2));
        var token = await TokenAsync(app.Http, AdminPassword);
        app.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await app.PostAsync(
            "/api/v1/warehouses", new { name = "music", source = new { sample = new { days = 1, events = 60, songs = 10 } } });
        await app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        await Eventually.BecomesAsync(
            async () => (await app.GetAsync("/api/v1/runs/")).GetProperty("items").EnumerateArray()
                .Select(static r => r.GetProperty("state").GetString()).ToList(),
            static states => states.Count == 2 && states.TrueForAll(static s => s == "succeeded"), seconds: 120);
        await TypeAsync(app);
        // A database's refusal quotes what somebody wrote.
        using var refused = await app.Http.PostAsJsonAsync(
            "/api/v1/warehouses/music/queries", new { sql = $"select cast('{Typed}' as integer)" });
        Assert.Contains(Typed, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await app.PostAsync("/api/v1/warehouses", new
        {
            name = "toy",
            target = "redshift",
            source = new { events = "s3://sparkify-sample/log_data/", songs = "s3://sparkify-sample/song_data/" },
            simulated = true,
        });
        await app.PostAsync("/api/v1/warehouses/toy/runs", new { kind = "provision" });
        var world = Path.Combine(app.DataDirectory, "simulator.json");
        await Eventually.BecomesAsync(
            () => Task.FromResult(Read(world)), static text => text.Contains("password", StringComparison.Ordinal));
        var superuser = File.ReadAllText(Path.Combine(app.DataDirectory, "postgres", "password")).Trim();
        var key = File.ReadAllText(Path.Combine(app.DataDirectory, "keys", "warehouses.key")).Trim();
        string[] planted = [AdminPassword, AwsSecret, TypedSecret, WrongPassword, token, superuser, key];

        var children = Descendants(app.Pid).ToList();
        Assert.Contains(app.PostgresPid(), children);
        AssertNone(planted, children.SelectMany(
            static _ => (string[])["cmdline", "environ"], static (pid, what) => ($"/proc/{pid}/{what}", Read($"/proc/{pid}/{what}"))));
        Assert.Contains(" dbug ", app.Output, StringComparison.Ordinal);
        AssertNone(planted, [("its own arguments", Read($"/proc/{app.Pid}/cmdline")), ("the console", app.Output)]);
        Assert.Contains(collector.Spans, static s => s.Name == "run load");
        Assert.Contains(collector.Spans, static s => s.Tags.GetValueOrDefault("rpc.system") == "aws-api");
        await Eventually.BecomesAsync(() => Task.FromResult(collector.Spans), static all => all.Any(
            static s => s is { Source: "Npgsql", Failed: true } && s.Tags.GetValueOrDefault("db.response.status_code") == "22P02"));
        Assert.All(collector.Spans, static s => Assert.Equal("", s.Why));
        AssertNone([.. planted, Typed, "invalid input syntax"], [("what was exported", collector.Everything)]);
        AssertNone(planted, Files(app.DataDirectory, "password", "warehouses.key"));
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            foreach (var secret in (string[])["postgres/password", "keys", "keys/web", "keys/warehouses.key", "simulator.json"])
            {
                var mode = File.GetUnixFileMode(Path.Combine(app.DataDirectory, secret));
                Assert.True((mode & Others) == UnixFileMode.None, $"{secret} is open to others.");
            }
        }
    }

    // By hand, in a browser, as people do.
    private static async Task TypeAsync(AppProcess app)
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPersonAsync(app.Address);
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=name]", "admin");
        await page.FillAsync("input[name=password]", AdminPassword);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal), new() { WaitUntil = WaitUntilState.Commit });
        await page.GotoAsync("/settings/aws");
        await page.FillAsync("#connection-name", "typed");
        await page.FillAsync("#connection-key", TypedKey);
        await page.FillAsync("#connection-secret", TypedSecret);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Test and save" }).ClickAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "typed", Exact = true })).ToBeVisibleAsync();
        Assert.DoesNotContain(TypedSecret, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal("", await page.InputValueAsync("#connection-secret"));
    }

    private static async Task<string> TokenAsync(HttpClient http, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens")
        {
            Content = JsonContent.Create(new { name = "test", role = "admin" }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{password}")));
        using var answer = await http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.Created
            ? (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!
            : throw new InvalidOperationException($"{answer.StatusCode}");
    }

    private static void AssertNone(IReadOnlyList<string> planted, IEnumerable<(string Where, string Text)> places)
    {
        var found = places.SelectMany(place => planted.Where(secret => place.Text.Contains(secret, StringComparison.Ordinal))
            .Select(secret => $"'{secret}' is in {place.Where}: …{Around(place.Text, secret)}…")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static string Around(string text, string secret)
    {
        var at = text.IndexOf(secret, StringComparison.Ordinal);
        return text[Math.Max(0, at - 300)..Math.Min(text.Length, at + secret.Length + 100)];
    }

    // Byte by byte, as text would be: a file of the database is no text.
    private static IEnumerable<(string Where, string Text)> Files(string folder, params string[] but) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !but.Contains(Path.GetFileName(file)))
            .Select(static file => (file, Read(file)));

    private static string Read(string path)
    {
        try
        {
            return Encoding.Latin1.GetString(File.ReadAllBytes(path));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return ""; // gone meanwhile, or a socket
        }
    }

    private static IEnumerable<int> Descendants(int pid)
    {
        var parents = Process.GetProcesses().Select(static p => (p.Id, Parent: ParentOf(p.Id))).ToList();
        var found = new HashSet<int> { pid };
        while (parents.Where(p => found.Contains(p.Parent) && found.Add(p.Id)).ToList().Count > 0)
        {
            // until nobody is added any more
        }

        return found.Where(one => one != pid);
    }

    private static int ParentOf(int pid)
    {
        var stat = Read($"/proc/{pid}/stat");
        var fields = stat.Length == 0 ? [] : stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;
    }

    private static async Task<string> DumpAsync(string store)
    {
        await using var db = NpgsqlDataSource.Create(store);
        var dump = new StringBuilder();
        List<string> tables = [];
        await using (var list = db.CreateCommand("select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')"))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        foreach (var table in tables)
        {
            await using var rows = db.CreateCommand($"select t::text from {table} t");
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                dump.Append(table).Append(' ').AppendLine(reader.GetString(0));
            }
        }

        return dump.ToString();
    }
}
