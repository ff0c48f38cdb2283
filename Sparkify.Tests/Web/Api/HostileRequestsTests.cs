using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Fakes;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Requests that nobody sends who means well, against the running application with a warehouse that is loaded.</summary>
public sealed class HostileRequestsTests : IClassFixture<HostileRequestsTests.Loaded>
{
    private const string Secret = "the-key-to-everything";

    private static readonly string[] Sql =
    [
        "'; drop table warehouses; --", "1; drop table runs", "' or '1'='1", "x' union select secret from tokens --", "$1", "%' --", "\\",
        "{{x}}", "2018-11-01' or 1=1 --", "\u0000", "\u202Emoc.elgoog", "9223372036854775808", "-1",
    ];

    // Twenty spellings of the way up and out.
    private static readonly string[] Climbing =
    [
        "../secret.txt", "../../secret.txt", "../../../../../../../../etc/passwd", "..%2Fsecret.txt", "..%2F..%2Fsecret.txt",
        "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd", "..%5Csecret.txt", "..\\secret.txt",
        "%252e%252e%252fsecret.txt", "..%c0%afsecret.txt", "..%ef%bc%8fsecret.txt", "....//secret.txt", "..;/secret.txt",
        "2018/../../secret.txt", "2018%2F..%2F..%2Fsecret.txt", "./../secret.txt", "%2Fetc%2Fpasswd", "file:%2F%2F%2Fetc%2Fpasswd",
        "..%00/secret.txt", "~%2F.ssh%2Fid_rsa", "%2Fproc%2Fself%2Fenviron",
    ];

    private readonly Loaded _loaded;

    public HostileRequestsTests(Loaded loaded) => _loaded = loaded;

    private TestApp App => _loaded.App;

    [Fact]
    public async Task Sql_InEveryParameterOfEveryGet_IsAValueAndNothingElse()
    {
        var before = await App.CountsAsync(_loaded.Name);
        List<string> wrong = [];
        var asked = 0;
        foreach (var operation in (await Described.AllAsync(App)).Where(static o => o.Method == HttpMethod.Get))
        {
            foreach (var parameter in operation.Parameters.Where(static p => p.In is "path" or "query"))
            {
                foreach (var text in Sql)
                {
                    var values = _loaded.Values(operation);
                    values[parameter.Name] = text;
                    // The names of these are not known beforehand: they are tried as names, too.
                    var address = parameter.Name != "parameters" ? operation.At(values)
                        : $"{operation.At(values)}{(operation.At(values).Contains('?') ? '&' : '?')}level={Uri.EscapeDataString(text)}&{Uri.EscapeDataString(text)}=1";
                    using var answer = await App.Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
                    var status = (int)answer.StatusCode;
                    asked++;
                    if (status >= 500 || !operation.Statuses.Contains(status)
                        // Such a path the server itself refuses.
                        || (status >= 400 && !address.Split('?')[0].Contains("%00", StringComparison.Ordinal)
                            && answer.Content.Headers.ContentType?.MediaType != "application/problem+json"))
                    {
                        wrong.Add($"{address}: {status} {await answer.Content.ReadAsStringAsync()}");
                    }
                }
            }
        }

        Assert.True(asked > 500, $"{asked}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
        Assert.Equal(before, await App.CountsAsync(_loaded.Name));
    }

    [Fact]
    public async Task Climbing_InEveryPathParameter_LeadsNowhere()
    {
        List<string> wrong = [];
        var asked = 0;
        foreach (var operation in (await Described.AllAsync(App)).Where(static o => o.Method == HttpMethod.Get))
        {
            foreach (var parameter in operation.Parameters.Where(static p => p.In == "path" || p.Name == "file"))
            {
                foreach (var way in Climbing)
                {
                    var values = _loaded.Values(operation);
                    values[parameter.Name] = "HERE";
                    wrong.AddRange(await LeadsAsync(HttpMethod.Get, operation.At(values).Replace("HERE", way, StringComparison.Ordinal)));
                    asked++;
                }
            }
        }

        Assert.True(asked > 20 * 30, $"{asked}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    [Fact]
    public async Task Climbing_InASource_ReadsNothingThatIsNoSource()
    {
        var home = Path.GetDirectoryName(_loaded.Source)!;
        List<string> wrong = [];
        foreach (var way in Climbing.SelectMany(static w => new[] { w, Uri.UnescapeDataString(w) }).Distinct())
        {
            var source = new { events = Path.Combine(_loaded.Source, way.TrimStart('/')), songs = $"{home}/{way}" };
            var body = JsonSerializer.Serialize(new { source });
            wrong.AddRange(await LeadsAsync(HttpMethod.Post, "/api/v1/sources/test", body));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(2, false)]
    [InlineData(40, true)]
    [InlineData(40, false)]
    public async Task Body_TooLarge_Is413_AtEveryOperation(int megabytes, bool lengthIsSaid)
    {
        // The answer comes while the body is still being sent; the client reads it all the same.
        var body = Encoding.UTF8.GetBytes($"{new string(' ', megabytes << 20)}{{}}");
        var operations = (await Described.AllAsync(App)).Where(static o => o.HasBody).ToList();
        Assert.NotEmpty(operations);
        foreach (var operation in megabytes > 2 ? operations.Take(2) : operations)
        {
            using var request = new HttpRequestMessage(operation.Method, operation.At(_loaded.Values(operation)))
            {
                Content = new ByteArrayContent(body),
            };
            request.Content.Headers.ContentType = new(operation.Id == "importConfig" ? "text/plain" : "application/json", "utf-8");
            request.Headers.TransferEncodingChunked = !lengthIsSaid;
            using var answer = await App.Http.SendAsync(request);
            await RefusedAsync(operation, answer, HttpStatusCode.RequestEntityTooLarge);
        }
    }

    [Fact]
    public async Task Body_WhereNoneIsTaken_IsRefused_AtEveryOperation()
    {
        var operations = (await Described.AllAsync(App)).Where(static o => !o.HasBody && o.Method != HttpMethod.Get).ToList();
        Assert.True(operations.Count > 10, $"{operations.Count}");
        foreach (var operation in operations)
        {
            using var request = new HttpRequestMessage(operation.Method, operation.At(_loaded.Values(operation)))
            {
                Content = JsonContent.Create(new { why = "It is true." }),
            };
            using var answer = await App.Http.SendAsync(request);
            await RefusedAsync(operation, answer, HttpStatusCode.BadRequest);
            using var behind = new HttpRequestMessage(operation.Method, operation.At(_loaded.Values(operation)))
            {
                Content = new StringContent($"{new string(' ', 200)}{{\"why\": \"It is true.\"}}"),
            };
            using var refused = await App.Http.SendAsync(behind);
            await RefusedAsync(operation, refused, HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Body_ThatIsNoJson_OrDeeplyNested_OrNotWhatItTakes_Is400_AtEveryOperation()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"source\":", 100_000)) + "1";
        string[] bodies =
        [
            "{", "[]", "null", "\"text\"", "{\"name\": 1e999999}", "{\"a\":1,}", "\u0000", "{\"name\": \"\\ud800\"", new string('[', 100_000), deep,
            "{\"name\": {\"name\": [[[]]]}}", "{\"__proto__\": {}}", "{\"$type\": \"System.Diagnostics.Process\"}",
        ];
        foreach (var operation in (await Described.AllAsync(App)).Where(static o => o.HasBody && o.Id != "importConfig"))
        {
            foreach (var body in bodies)
            {
                using var request = new HttpRequestMessage(operation.Method, operation.At(_loaded.Values(operation)))
                {
                    Content = new StringContent(body, Encoding.UTF8, "application/json"),
                };
                using var answer = await App.Http.SendAsync(request);
                await RefusedAsync(operation, answer, HttpStatusCode.BadRequest);
            }

            foreach (var type in new[] { "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded" })
            {
                using var request = new HttpRequestMessage(operation.Method, operation.At(_loaded.Values(operation)))
                {
                    Content = new StringContent("{}"),
                };
                request.Content.Headers.Remove("Content-Type");
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                using var answer = await App.Http.SendAsync(request);
                await RefusedAsync(operation, answer, HttpStatusCode.UnsupportedMediaType);
            }
        }
    }

    [Fact]
    public async Task Sql_AndControlCharacters_InEveryFieldOfEveryBody_AreValuesAndNothingElse()
    {
        List<string> wrong = [];
        var asked = 0;
        foreach (var operation in (await Described.AllAsync(App))
            .Where(static o => o.HasBody && o.Id is not ("importConfig" or "startRun")))
        {
            // The values of its fields: what stands in quotes and has no colon behind it.
            foreach (var text in Regex.Matches(operation.Example!, @"""[^""]*""(?!\s*:)", RegexOptions.None, TimeSpan.FromSeconds(1))
                .Select(static m => m.Value).Distinct())
            {
                foreach (var hostile in Sql.Concat(["a\r\nb", "\u001b[31m", new string('x', 10_000)]))
                {
                    var body = operation.Example!.Replace(text, JsonSerializer.Serialize(hostile), StringComparison.Ordinal);
                    using var request = new HttpRequestMessage(operation.Method, operation.At(_loaded.Values(operation)))
                    {
                        Content = new StringContent(body, Encoding.UTF8, "application/json"),
                    };
                    using var answer = await App.Http.SendAsync(request);
                    asked++;
                    if ((int)answer.StatusCode >= 500 || !operation.Statuses.Contains((int)answer.StatusCode))
                    {
                        wrong.Add($"{operation.Id} {body[..Math.Min(body.Length, 200)]}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                    }
                }
            }
        }

        Assert.True(asked > 200, $"{asked}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    [Theory]
    [InlineData(4_000, HttpStatusCode.OK)]
    [InlineData(100_000, HttpStatusCode.RequestUriTooLong)]
    public async Task Query_VeryLong_IsAnsweredOrRefused(int length, HttpStatusCode status)
    {
        using var answer = await App.Http.GetAsync($"/api/v1/runs?text={new string('x', length)}");

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Query_OfThousandsOfParameters_IsRefused()
    {
        using var answer = await App.Http.GetAsync($"/api/v1/runs?{string.Join('&', Enumerable.Range(0, 1100).Select(static i => $"{i}=1"))}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task LineBreaks_InValues_MakeNoHeaders()
    {
        const string Break = "x%0d%0aX-Injected:%20yes%0d%0a%0d%0a<script>";
        foreach (var operation in (await Described.AllAsync(App)).Where(static o => o.Method == HttpMethod.Get))
        {
            foreach (var parameter in operation.Parameters.Where(static p => p.In is "path" or "query"))
            {
                var values = _loaded.Values(operation);
                values[parameter.Name] = "HERE";
                var address = operation.At(values).Replace("HERE", Break, StringComparison.Ordinal);
                using var answer = await App.Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
                Assert.False(answer.Headers.Contains("X-Injected"), address);
                Assert.True((int)answer.StatusCode < 500, address);
                Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
            }
        }

        // In a header itself the server does not take them.
        foreach (var header in new[] { "Idempotency-Key: a\rb", "If-Match: \"a\u0000\"", "X\r\n X: b" })
        {
            Assert.StartsWith("HTTP/1.1 400", await RawAsync($"GET /api/v1/me HTTP/1.1\r\nHost: {new Uri(App.Address).Authority}\r\n{header}\r\n\r\n"));
        }
    }

    [Fact]
    public async Task Ids_OfAnothersThings_ReadAsThoseOfNothing()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        foreach (var name in new[] { "own", "other" })
        {
            await app.CreateAsync(name, new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        }

        var runs = app.Services.GetRequiredService<IRuns>();
        var run = await app.EndAsync((await runs.StartAsync("other", RunKind.Provision, Actor.System, default)).Id);
        await app.Services.GetRequiredService<IPeople>().AddAsync("bob", Visitor.Password, [new Grant(Role.Engineer, "own")], Actor.System, default);
        using var bob = await Visitor.SignedInAsync(app, "bob");
        List<string> wrong = [];
        var asked = 0;
        foreach (var operation in (await Described.AllAsync(app, ann.Http)).Where(static o => !o.HasBody && o.Path.Contains('{')))
        {
            var isOfRuns = operation.Path.Contains("/runs/{id}", StringComparison.Ordinal);
            if (!isOfRuns && !operation.Path.Contains("/warehouses/{name}", StringComparison.Ordinal))
            {
                continue;
            }

            var (theirs, nobodys) = (Values("other", run.Id), Values("nobody", 987_654));
            var (one, two) = (await AskAsync(theirs), await AskAsync(nobodys));
            asked++;
            if (one != two || !one.StartsWith("404", StringComparison.Ordinal))
            {
                wrong.Add($"{operation.Method} {operation.Path}: {one} is not {two}");
            }

            Dictionary<string, string> Values(string name, long id) => new(StringComparer.Ordinal)
            {
                ["name"] = name,
                ["id"] = isOfRuns ? $"{id}" : operation.Path.Contains("/reports/", StringComparison.Ordinal) ? "top-songs" : "1",
                ["table"] = "songs",
                ["report"] = "top-songs",
                ["snapshot"] = "none",
                ["file"] = "x",
                ["format"] = operation.Id == "exportPlan" ? "terraform" : "json",
            };

            async Task<string> AskAsync(Dictionary<string, string> values)
            {
                using var request = new HttpRequestMessage(operation.Method, operation.At(values));
                using var answer = await bob.Http.SendAsync(request);
                var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
                return $"{(int)answer.StatusCode} {(said.TryGetProperty("detail", out var detail) ? detail.GetString() : "")}"
                    .Replace(values["name"], "NAME", StringComparison.Ordinal).Replace($"{values["id"]}", "ID", StringComparison.Ordinal);
            }
        }

        Assert.True(asked > 25, $"{asked}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        await app.EndAsync((await runs.StartAsync("other", RunKind.Teardown, Actor.System, default)).Id);
    }

    [Fact]
    public async Task ControlCharacters_InNames_BreakNoLineOfTheLog()
    {
        using var logs = new LogKeeper();
        await using var app = await TestApp.StartAsync(before: builder =>
        {
            builder.Logging.AddProvider(logs);
            builder.Services.AddSingleton<ITables, BrokenTables>();
        });
        using (var failed = await app.Http.GetAsync("/api/v1/warehouses/x%0d%0aFORGED%20line%1b%5b31m/tables"))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        }

        foreach (var (path, body) in new[]
        {
            ("/api/v1/warehouses", """{"name": "x\r\nFORGED", "source": "sample"}"""),
            ("/api/v1/dashboards", """{"name": "x\r\nFORGED"}"""),
            ("/api/v1/queries", """{"name": "x\r\nFORGED", "sql": "select 1"}"""),
            ("/api/v1/tokens", """{"name": "x\r\nFORGED", "role": "viewer"}"""),
        })
        {
            using var refused = await app.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal((path, HttpStatusCode.BadRequest), (path, refused.StatusCode));
        }

        Assert.Contains("failed", logs.All, StringComparison.Ordinal);
        Assert.Contains("FORGED", logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain("\nFORGED", logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', logs.All);
        Assert.DoesNotContain('\u001b', logs.All);
    }

    [Fact]
    public async Task Source_OutsideTheAllowedFolders_IsRefused_HoweverItIsSpelt()
    {
        foreach (var way in new[] { "..", "../", "./..", "../log_data/..", "2018/../..", "//..", "../../", "../song_data/../secret.txt" })
        {
            var body = JsonSerializer.Serialize(new { source = new { events = $"{_loaded.Source}/{way}", songs = _loaded.Source } });
            using var answer = await App.Http.PostAsync("/api/v1/sources/test", new StringContent(body, Encoding.UTF8, "application/json"));
            var said = await answer.Content.ReadAsStringAsync();
            // What would also lead into the data folder is refused for that first.
            Assert.True(
                said.Contains("not allowed", StringComparison.Ordinal) || said.Contains("AllowedFolders", StringComparison.Ordinal)
                    || said.Contains("which is never a source", StringComparison.Ordinal),
                $"{way}: {said}");
            Assert.Contains("\"good\":false", said, StringComparison.Ordinal);
        }
    }

    private async Task<IEnumerable<string>> LeadsAsync(HttpMethod method, string address, string? body = null)
    {
        using var request = new HttpRequestMessage(
            method, new Uri(App.Address + address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        using var answer = await App.Http.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        return (int)answer.StatusCode >= 500 || said.Contains(Secret, StringComparison.Ordinal) || said.Contains("root:x:", StringComparison.Ordinal)
            || said.Contains("at Sparkify.", StringComparison.Ordinal)
            ? [$"{method} {address} {body}: {(int)answer.StatusCode} {said[..Math.Min(said.Length, 300)]}"] : [];
    }

    private async Task<string> RawAsync(string request)
    {
        var address = new Uri(App.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadLineAsync() ?? "";
    }

    private static async Task RefusedAsync(Described operation, HttpResponseMessage answer, HttpStatusCode status)
    {
        var said = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{operation.Id}: {answer.StatusCode} {said}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains((int)status, operation.Statuses);
        Assert.DoesNotContain("System.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    /// <summary>An application with a loaded warehouse whose source stands beside a file that is nobody's business.</summary>
    public sealed class Loaded : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();
        private long _run;
        private long _query;

        internal TestApp App { get; private set; } = null!;

        internal string Name { get; } = TestApp.NewName();

        internal string Source => Path.Combine(_folder.Path, "log_data");

        public async Task InitializeAsync()
        {
            _folder.Write("secret.txt", Secret);
            var source = Support.Source.Write(_folder, [Support.Source.Event(item: 1), "{bad"], [Support.Source.Song()]);
            App = await TestApp.StartAsync(arguments:
                ["--Sources:AllowedFolders:0", Source, "--Sources:AllowedFolders:1", Path.Combine(_folder.Path, "song_data")]);
            await App.CreateAsync(Name, source);
            await App.RunAsync(Name, RunKind.Provision);
            _run = (await App.RunAsync(Name, RunKind.Load)).Id;
            using var query = await App.Http.PostAsync(
                $"/api/v1/warehouses/{Name}/queries", new StringContent("""{"sql": "select 1"}""", Encoding.UTF8, "application/json"));
            _query = JsonDocument.Parse(await query.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetInt64();
        }

        public async Task DisposeAsync()
        {
            await App.RunAsync(Name, RunKind.Teardown);
            await App.DisposeAsync();
            _folder.Dispose();
        }

        /// <summary>What makes an operation's call a good one.</summary>
        internal Dictionary<string, string> Values(Described operation)
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["name"] = Name,
                ["table"] = "songs",
                ["report"] = "top-songs",
                ["snapshot"] = "none",
                ["id"] = operation.Path.Contains("/runs/", StringComparison.Ordinal) ? $"{_run}"
                    : operation.Path.Contains("/reports/", StringComparison.Ordinal) ? "top-songs"
                    : operation.Path.Contains("/dashboards/", StringComparison.Ordinal) ? "home" : $"{_query}",
            };
            if (operation.Parameters.Any(static p => p.Name == "file"))
            {
                values["file"] = "2018/11/events.json";
            }

            if (operation.Id is "downloadAudit" or "exportPlan")
            {
                values["format"] = operation.Id == "downloadAudit" ? "csv" : "terraform";
            }

            return values;
        }
    }
}
