using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>What HTTP promises whoever builds on the API: methods, forms, bounds, versions, and one form of refusal.</summary>
public sealed class HttpRulesTests : IAsyncLifetime
{
    private TestApp _app = null!;

    private HttpClient Http => _app.Http;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("DELETE", "/api/v1/warehouses", "GET, HEAD, POST")]
    [InlineData("PUT", "/api/v1/warehouses/x", "DELETE, GET, HEAD, PATCH")]
    [InlineData("GET", "/api/v1/plans", "POST")]
    [InlineData("POST", "/api/v1/runs/1", "GET, HEAD")]
    [InlineData("POST", "/api/v1/me", "GET, HEAD")]
    public async Task Method_ThatAnAddressDoesNotTake_Is405_WithThoseItTakes(string method, string path, string allowed)
    {
        using var answer = await SendAsync(method, path);

        await RefusedAsync(answer, HttpStatusCode.MethodNotAllowed, allowed);
        Assert.Equal(allowed, string.Join(", ", answer.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("/api/v1/warehouses", "text/xml", "application/json")]
    [InlineData("/api/v1/warehouses", "application/x-www-form-urlencoded", "application/json")]
    [InlineData("/api/v1/imports/dwh-cfg", "application/json", "text/plain")]
    public async Task Body_OfAnotherType_Is415_WithTheOneThatIsTaken(string path, string type, string taken)
    {
        using var content = new StringContent("{}");
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await Http.PostAsync(path, content);

        await RefusedAsync(answer, HttpStatusCode.UnsupportedMediaType, taken);
    }

    [Fact]
    public async Task Body_OfNoType_Is415()
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        using var answer = await Http.PostAsync("/api/v1/warehouses", content);

        await RefusedAsync(answer, HttpStatusCode.UnsupportedMediaType, "application/json");
    }

    [Theory]
    [InlineData("GET", "/api/v1/warehouses", "text/xml", "application/json")]
    [InlineData("GET", "/api/v1/warehouses", "application/xml;q=0.9, text/csv", "application/json")]
    [InlineData("GET", "/api/v1/audit/download?format=csv", "application/json", "text/csv or application/x-ndjson")]
    [InlineData("GET", "/api/v1/me", "application/json;q=0", "application/json")]
    public async Task Form_ThatAnAnswerDoesNotHave_Is406_WithThoseThereAre(string method, string path, string accept, string forms)
    {
        using var answer = await SendAsync(method, path, accept);

        await RefusedAsync(answer, HttpStatusCode.NotAcceptable, forms);
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("text/html, */*;q=0.1")]
    [InlineData("text/html")]
    [InlineData("application/*")]
    [InlineData("application/json; charset=utf-8")]
    public async Task Form_ThatAnAnswerHas_IsGiven(string accept)
    {
        using var answer = await SendAsync("GET", "/api/v1/warehouses", accept);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/warehouses/none")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v2/warehouses")]
    [InlineData("/api/v2")]
    [InlineData("/api/")]
    [InlineData("/api/v1/runs/abc")]
    public async Task Refusal_WhateverFormIsAskedFor_IsAProblem(string path)
    {
        foreach (var accept in new[] { "text/html", "application/json", "*/*", "image/png" })
        {
            using var answer = await SendAsync("GET", path, accept);

            if (path == "/api/" && answer.Content.Headers.ContentType?.MediaType == "text/html")
            {
                continue; // the reference
            }

            await RefusedAsync(answer, accept is "image/png" && path.EndsWith("/none", StringComparison.Ordinal)
                ? HttpStatusCode.NotAcceptable : HttpStatusCode.NotFound, "");
        }
    }

    [Fact]
    public async Task Head_OfEveryResource_IsItsGetWithoutABody()
    {
        foreach (var path in new[]
        {
            "/api/v1/warehouses", "/api/v1/me", "/api/v1/runs", "/api/v1/reports", "/api/v1/dashboards/home", "/openapi/v1.json", "/healthz",
            "/readyz", "/api/v1/warehouses/none", "/api/v1/runs/1", "/api/v1/audit/download?format=csv", "/api/v1/runs?page=0", "/api/v2/x",
        })
        {
            using var get = await SendAsync("GET", path);
            using var head = await SendAsync("HEAD", path);

            Assert.Equal((path, get.StatusCode), (path, head.StatusCode));
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Head_OfARunThatIsFollowed_DoesNotWaitForItsEnd()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, new { sample = new { events = 60, songs = 10, days = 1 } });
        using var started = await Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision" });
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();

        using var head = await SendAsync("HEAD", $"/api/v1/runs/{id}/events").WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("text/event-stream", head.Content.Headers.ContentType?.MediaType);
        await _app.EndAsync(id);
        await _app.RunAsync(name, Sparkify.Core.Runs.RunKind.Teardown);
    }

    [Theory]
    [InlineData("/api/v1/warehouses?limit=5", "There is no parameter 'limit' here. This call takes none.")]
    [InlineData("/api/v1/runs?warehose=x", "There are: warehouse, kind, state, text, from, until, rejects, page, size.")]
    [InlineData("/api/v1/warehouses/none/reports/top-songs?a=1&a=2", "'a' is given 2 times")]
    [InlineData("/api/v1/warehouses/none/queries/1/csv?level=paid", "There are: csv, notes, p.…")]
    [InlineData("/api/v1/runs?page=0", "'0' is no value for 'page'. It is a whole number from 1 to 2147483647.")]
    [InlineData("/api/v1/runs?size=501", "'501' is no value for 'size'. It is a whole number from 1 to 500.")]
    [InlineData("/api/v1/runs?size=many", "'many' is no value for 'size'. It is a whole number")]
    [InlineData("/api/v1/runs?from=yesterday", "It is a time, such as")]
    [InlineData("/api/v1/runs?rejects=perhaps", "There are: true, false.")]
    [InlineData("/api/v1/audit?size=0", "from 1 to 500")]
    [InlineData("/api/v1/warehouses/none/rejects?size=501", "from 1 to 500")]
    [InlineData("/api/v1/warehouses/none/queries?size=201", "from 1 to 200")]
    [InlineData("/api/v1/warehouses/none/reports/top-songs/rows?size=1001", "from 1 to 1000")]
    [InlineData("/api/v1/warehouses/none/reports/top-songs/rows?page=1000001", "from 1 to 1000000")]
    [InlineData("/api/v1/runs/1/log?most=10001", "from 1 to 10000")]
    [InlineData("/api/v1/runs/1/log?after=-1", "from 0 to")]
    public async Task Parameter_ThatIsNotThereOrOutOfBounds_IsRefusedWithThoseThereAre(string path, string sentence)
    {
        using var answer = await SendAsync("GET", path);

        await RefusedAsync(answer, HttpStatusCode.BadRequest, sentence);
    }

    [Theory]
    [InlineData("/api/v1/warehouses", """{"name": "x", "source": "sample", "maxReject": 5}""", "maxReject. There are: name, source, target, maxRejects,")]
    [InlineData("/api/v1/warehouses", """{"name": "x", "source": "sample", "decisionLimits": {"least": 5}}""", "least. There are: leastOfPublished, leastWithField.")]
    [InlineData("/api/v1/warehouses", """{"name": "x", "source": {"event": "/a", "songs": "/b"}}""", "\"events\": FOLDER")]
    [InlineData("/api/v1/warehouses", """{"name": "x", "source": "sample", "maxRejects": "5"}""", "maxRejects")]
    [InlineData("/api/v1/tokens", """{"name": "x", "role": "viewer", "day": 5}""", "day. There are: name, role, warehouses, days.")]
    public async Task Field_ThatIsNotThere_IsRefusedWithThoseThereAre(string path, string body, string sentence)
    {
        using var answer = await Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        await RefusedAsync(answer, HttpStatusCode.BadRequest, sentence);
    }

    [Fact]
    public async Task Change_OfAnotherVersionThanWasLookedAt_Is412_AndOfNoneWhereItMattersIs428()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, "sample");
        using var read = await Http.GetAsync($"/api/v1/warehouses/{name}");
        var first = read.Headers.ETag!.Tag;

        using (var changed = await PatchAsync($"/api/v1/warehouses/{name}", """{"maxRejects": 5}""", first))
        {
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            Assert.NotEqual(first, changed.Headers.ETag!.Tag);
        }

        using (var late = await PatchAsync($"/api/v1/warehouses/{name}", """{"maxRejects": 7}""", first))
        {
            await RefusedAsync(late, HttpStatusCode.PreconditionFailed, "changed meanwhile");
        }

        Assert.Equal(5, (await Http.GetFromJsonAsync<JsonElement>($"/api/v1/warehouses/{name}")).GetProperty("maxRejects").GetInt32());
        using (var any = await PatchAsync($"/api/v1/warehouses/{name}", """{"maxRejects": 8}""", "*"))
        {
            Assert.Equal(HttpStatusCode.OK, any.StatusCode);
        }

        // Of two who looked at the same one is told.
        using var now = await Http.GetAsync($"/api/v1/warehouses/{name}");
        var both = await Task.WhenAll(
            PatchAsync($"/api/v1/warehouses/{name}", """{"maxRejects": 11}""", now.Headers.ETag!.Tag),
            PatchAsync($"/api/v1/warehouses/{name}", """{"maxRejects": 12}""", now.Headers.ETag!.Tag));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], both.Select(static b => b.StatusCode).Order());

        const string Tiles = """{"tiles": [{"report": "top-songs"}]}""";
        using (var blind = await PatchAsync("/api/v1/dashboards/home", Tiles, version: null))
        {
            await RefusedAsync(blind, HttpStatusCode.PreconditionRequired, "If-Match");
        }

        using var home = await Http.GetAsync("/api/v1/dashboards/home");
        using var arranged = await PatchAsync("/api/v1/dashboards/home", Tiles, home.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, arranged.StatusCode);
        using var again = await PatchAsync("/api/v1/dashboards/home", Tiles, home.Headers.ETag!.Tag);
        await RefusedAsync(again, HttpStatusCode.PreconditionFailed, "changed meanwhile");

        using var saved = await Http.PostAsJsonAsync("/api/v1/queries", new { name = "one", sql = "select 1" });
        var address = saved.Headers.Location!.OriginalString;
        using var renamed = await PatchAsync(address, """{"name": "two"}""", saved.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        using var stale = await PatchAsync(address, """{"name": "three"}""", saved.Headers.ETag!.Tag);
        await RefusedAsync(stale, HttpStatusCode.PreconditionFailed, "changed meanwhile");
    }

    [Fact]
    public async Task Attempts_TooMany_Are429_WithWhenToTryAgain()
    {
        using var ann = await Visitor.FirstAsync(_app);
        HttpResponseMessage last = null!;
        for (var attempt = 0; attempt < 7 && last?.StatusCode != HttpStatusCode.TooManyRequests; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens");
            request.Content = JsonContent.Create(new { name = "t", role = "viewer" });
            request.Headers.Authorization = new("Basic", Convert.ToBase64String("ann:not the right password"u8));
            last = await Http.SendAsync(request);
        }

        await RefusedAsync(last, HttpStatusCode.TooManyRequests, "Too many attempts");
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? accept = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return Http.SendAsync(request);
    }

    private Task<HttpResponseMessage> PatchAsync(string path, string body, string? version)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        return Http.SendAsync(request);
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string sentence)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {body}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Contains(sentence, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(problem.GetProperty("title").GetString()!.Length > 0 && problem.TryGetProperty("type", out _), body);
    }
}
