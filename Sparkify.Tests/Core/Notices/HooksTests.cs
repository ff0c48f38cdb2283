using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Notices;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Notices;

/// <summary>Hooks as they are made, changed, tried and looked at, through the API.</summary>
public sealed class HooksTests
{
    [Theory]
    [InlineData("https://hooks.example.com/x", false, null)]
    [InlineData("http://localhost:5000/x", false, null)]
    [InlineData("http://127.0.0.1/x", false, null)]
    [InlineData("http://[::1]/x", false, null)]
    [InlineData("http://hooks.example.com/x", true, null)]
    [InlineData("http://hooks.example.com/x", false, "would travel unencrypted")]
    [InlineData("https://169.254.169.254/latest", true, "never called")]
    [InlineData("https://2852039166/latest", true, "never called")]
    [InlineData("https://[::ffff:169.254.169.254]/x", true, "never called")]
    [InlineData("https://[fe80::1]/x", true, "never called")]
    [InlineData("https://[fd00:ec2::254]/x", true, "never called")]
    [InlineData("https://metadata.google.internal/x", true, "never called")]
    [InlineData("https://ann:secret@hooks.example.com/x", true, "a name or a password")]
    [InlineData("ftp://hooks.example.com/x", true, "begins with https://")]
    [InlineData("hooks.example.com/x", true, "begins with https://")]
    [InlineData("https://hooks.example.com/x y", true, "begins with https://")]
    [InlineData("", true, "begins with https://")]
    [InlineData(null, true, "begins with https://")]
    public void Address_OfAHook_IsOneThatMayBeCalled(string? url, bool plainHttp, string? problem)
    {
        var found = HookRules.UrlProblem(url, plainHttp);

        if (problem is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.Contains(problem, found, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hook_ThroughItsLife_ShowsItsSecretOnce_AndItsAddressNever()
    {
        await using var app = await TestApp.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var path = new Uri(receiver.Url("services/T0/planted-path")).AbsolutePath;
        var name = TestApp.NewName();
        await app.CreateAsync(name, new { sample = new { events = 60, songs = 10, days = 1 } });

        var made = await SendAsync(
            HttpMethod.Post, "/api/v1/hooks",
            new
            {
                name = "ops",
                url = receiver.Url("services/T0/planted-path"),
                form = "slack",
                events = new[] { "failed", "needsDecision" },
                warehouses = new[] { name },
            });
        var secret = made.GetProperty("secret").GetString()!;
        Assert.Matches("^whsec_[A-Za-z0-9_-]{43}$", secret);
        Assert.Equal(new Uri(receiver.Url()).GetLeftPart(UriPartial.Authority), made.GetProperty("hook").GetProperty("host").GetString());

        var tested = await SendAsync(HttpMethod.Post, "/api/v1/hooks/ops/test", null);
        Assert.True(tested.GetProperty("delivered").GetBoolean());
        Assert.Equal("The receiver answered 200 OK.", tested.GetProperty("said").GetString());
        var call = Assert.Single(receiver.All);
        Assert.Equal(path, call.Path);
        Assert.Contains(
            "This is a test of the hook 'ops'", JsonDocument.Parse(call.Body).RootElement.GetProperty("text").GetString(),
            StringComparison.Ordinal);
        Assert.Empty((await SendAsync(HttpMethod.Get, "/api/v1/hooks/ops/deliveries", null)).EnumerateArray());

        var changed = await SendAsync(HttpMethod.Put, "/api/v1/hooks/ops", new { form = "json", events = new[] { "recovered" } });
        Assert.Equal(("json", JsonValueKind.Null), (changed.GetProperty("form").GetString(), changed.GetProperty("warehouses").ValueKind));
        await SendAsync(HttpMethod.Post, "/api/v1/hooks/ops/test", null);
        Assert.Equal(path, receiver.All[1].Path);
        Assert.Equal("test", JsonDocument.Parse(receiver.All[1].Body).RootElement.GetProperty("event").GetString());

        var renewed = (await SendAsync(HttpMethod.Post, "/api/v1/hooks/ops/secret", null)).GetProperty("secret").GetString()!;
        Assert.NotEqual(secret, renewed);
        var keys = await SendAsync(HttpMethod.Post, "/api/v1/secrets/connections", null);
        Assert.Equal(2, keys.GetProperty("secrets").GetInt32());
        receiver.AnswerAsync = static (http, _) =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        var refused = await SendAsync(HttpMethod.Post, "/api/v1/hooks/ops/test", null);
        Assert.Equal(
            (410, "The receiver answered 410 Gone."),
            (refused.GetProperty("status").GetInt32(), refused.GetProperty("said").GetString()));

        await using var db = new NpgsqlConnection(app.Store);
        var kept = string.Join('\n', await db.QueryAsync<string>("select h::text from hooks h union all select a::text from audit a"));
        var shown = await app.Http.GetStringAsync("/api/v1/hooks") + await app.Http.GetStringAsync("/api/v1/audit") + kept;
        Assert.All([secret, renewed, "planted-path"], s => Assert.DoesNotContain(s, shown, StringComparison.Ordinal));
        Assert.Contains("notices.add", kept, StringComparison.Ordinal);
        Assert.Contains($"slack for failed and needsdecision of {name}", kept, StringComparison.Ordinal);
        using var deleted = await app.Http.DeleteAsync("/api/v1/hooks/ops");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal("[]", await app.Http.GetStringAsync("/api/v1/hooks"));

        async Task<JsonElement> SendAsync(HttpMethod method, string at, object? body)
        {
            using var request = new HttpRequestMessage(method, at) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await app.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            return JsonDocument.Parse(text).RootElement;
        }
    }

    [Theory]
    [InlineData("""{"name": "Ops", "url": "https://x.example/", "events": ["failed"]}""", 400, "no name for a hook")]
    [InlineData("""{"name": "ops", "url": "https://x.example/"}""", 400, "at least one event")]
    [InlineData("""{"name": "ops", "url": "https://x.example/", "events": ["failed"], "warehouses": []}""", 400, "at least one warehouse")]
    [InlineData("""{"name": "ops", "url": "https://x.example/", "events": ["failed"], "warehouses": ["none"]}""", 400, "no warehouse named 'none'")]
    [InlineData("""{"name": "ops", "url": "http://x.example/", "events": ["failed"]}""", 400, "unencrypted")]
    [InlineData("""{"name": "ops", "url": "https://x.example/", "events": ["test"]}""", 400, "events")]
    [InlineData("""{"name": "there", "url": "https://x.example/", "events": ["failed"]}""", 409, "a hook named 'there' already")]
    public async Task Hook_ThatCannotBe_IsRefusedInASentence_AndNothingOfItStays(string body, int status, string says)
    {
        await using var app = await TestApp.StartAsync();
        using var there = await app.Http.PostAsJsonAsync(
            "/api/v1/hooks", new { name = "there", url = "https://x.example/", events = new[] { "failed" } });
        Assert.Equal(HttpStatusCode.Created, there.StatusCode);

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await app.Http.PostAsync("/api/v1/hooks", content);

        Assert.Equal(status, (int)answer.StatusCode);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(JsonDocument.Parse(await app.Http.GetStringAsync("/api/v1/hooks")).RootElement.EnumerateArray());
    }
}
