using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

public sealed class ApiTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private TestApp _app = null!;

    private HttpClient Http => _app.Http;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task WholeLife_FromCreateToForget_ByHttpAlone()
    {
        var name = TestApp.NewName();
        var source = Source.Write(_folder, [Source.Event(item: 1), "{bad", Source.Event(item: 2)], [Source.Song()]);

        var created = await Http.PostAsJsonAsync("/api/v1/warehouses", new { name, target = "local", source });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal($"/api/v1/warehouses/{name}", created.Headers.Location?.ToString());
        Assert.Equal("defined", (await GetAsync($"/api/v1/warehouses/{name}")).GetProperty("state").GetString());
        var plan = await GetAsync($"/api/v1/warehouses/{name}/plan");
        Assert.Equal(["create", "create", "create"], plan.EnumerateArray().Select(r => r.GetProperty("action").GetString()!));

        Assert.Equal("succeeded", await RunAsync(name, "provision"));
        Assert.Equal("available", (await GetAsync($"/api/v1/warehouses/{name}")).GetProperty("state").GetString());
        Assert.Equal("succeeded", await RunAsync(name, "load"));

        var tables = (await GetAsync($"/api/v1/warehouses/{name}/tables")).EnumerateArray()
            .ToDictionary(t => t.GetProperty("table").GetString()!);
        Assert.Equal(2, tables["songplays"].GetProperty("rows").GetInt64());
        Assert.Contains(tables["users"].GetProperty("columns").EnumerateArray(), c => c.GetProperty("name").GetString() == "user_id");
        var rejects = await GetAsync($"/api/v1/warehouses/{name}/rejects");
        Assert.Equal(1, rejects.GetProperty("total").GetInt64());
        Assert.Equal("2018/11/events.json", rejects.GetProperty("items")[0].GetProperty("file").GetString());

        Assert.Equal(HttpStatusCode.Conflict, (await Http.DeleteAsync($"/api/v1/warehouses/{name}")).StatusCode);
        Assert.Equal("succeeded", await RunAsync(name, "teardown"));
        var resources = await GetAsync($"/api/v1/warehouses/{name}/resources");
        Assert.All(resources.EnumerateArray(), r => Assert.NotEqual(JsonValueKind.Null, r.GetProperty("removedAt").ValueKind));
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/api/v1/warehouses/{name}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync($"/api/v1/warehouses/{name}")).StatusCode);
    }

    [Fact]
    public async Task Events_FollowARun_EndWithItsEnd()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, Source.Write(_folder, [Source.Event()], [Source.Song()]));
        var started = await (await Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{name}/runs", new { kind = "provision", then = "load" })).Content.ReadFromJsonAsync<JsonElement>();
        var id = started.GetProperty("id").GetInt64();

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var stream = await Http.GetStreamAsync($"/api/v1/runs/{id}/events", timeout.Token);
        var states = new List<string>();
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                states.Add(JsonDocument.Parse(line[5..]).RootElement.GetProperty("state").GetString()!);
            }
        }

        Assert.Equal("succeeded", states[^1]);
        Assert.Equal("succeeded", states.First(s => s is not ("queued" or "running")));
        var load = await Eventually.BecomesAsync(
            () => GetAsync($"/api/v1/runs?warehouse={name}&kind=load"),
            runs => runs.GetProperty("total").GetInt64() == 1
                && runs.GetProperty("items")[0].GetProperty("state").GetString() == "succeeded");
        Assert.Equal(11, load.GetProperty("items")[0].GetProperty("steps").GetArrayLength());
        Assert.Equal(1, (await GetAsync($"/api/v1/runs?text={name}&kind=load&from=2020-01-01T00:00:00Z")).GetProperty("total").GetInt64());
        Assert.Equal(0, (await GetAsync($"/api/v1/runs?text={name}&rejects=true")).GetProperty("total").GetInt64());

        // The log as a file: a line each, from the first to the last.
        var loaded = load.GetProperty("items")[0].GetProperty("id").GetInt64();
        using var file = await Http.GetAsync($"/api/v1/runs/{loaded}/log.txt");
        Assert.Equal($"run-{loaded}.log", file.Content.Headers.ContentDisposition?.FileName);
        var lines = (await file.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((await GetAsync($"/api/v1/runs/{loaded}/log")).GetArrayLength(), lines.Length);
        Assert.EndsWith(" info    run              Succeeded.", lines[^1].TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name": "Bad Name", "source": "sample"}""", "lower-case letters")]
    [InlineData("""{"name": "new", "source": "sample"}""", "Choose another")]
    [InlineData("""{"name": "x", "source": "nonsense"}""", "The source must be")]
    [InlineData("""{"name": "x"}""", "The source must be")]
    [InlineData("""{"name": "x", "source": {"events": "/no/such/folder", "songs": "/no/such/folder2"}}""", "does not exist")]
    [InlineData("""{"name": "x", "target": "moon", "source": "sample"}""", "target")]
    [InlineData("""{"name": "x", "source": "sample", "maxRejects": -1}""", "between 0 and 100,000")]
    [InlineData("""{"name": """, "JSON")]
    [InlineData("null", "body")]
    [InlineData("", "body")]
    [InlineData("""{"name": "x", "source": "sample", "maxReject": 5}""", "maxReject")]
    [InlineData("""{"name": "x", "target": "redshift", "source": "sample"}""", "s3:// locations")]
    [InlineData("""{"name": "x", "source": "sample", "redshift": {"nodes": 2}}""", "local warehouse")]
    [InlineData("""{"name": "x", "target": "redshift", "source": {"events": "s3://b/e/", "songs": "s3://b/s/"}, "redshift": {"node": 2}}""", "node")]
    [InlineData("""{"name": "x", "target": "redshift", "source": {"events": "s3://b/e/", "songs": "s3://b/s/"}, "redshift": {"allowedRange": "0.0.0.0/0"}}""", "too much of the world")]
    public async Task Create_BadBody_IsAProblemWithASentence(string body, string sentence)
    {
        var answer = await Http.PostAsync("/api/v1/warehouses", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(sentence, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Start_WhileAnotherRunIsActive_ConflictsWithItsNumber()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, "sample");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision" })));

        var won = Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Accepted);
        var id = (await won.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        foreach (var lost in answers.Where(a => a != won))
        {
            Assert.Equal(HttpStatusCode.Conflict, lost.StatusCode);
            Assert.Equal(id, (await lost.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
        }

        await _app.EndAsync(id);
        Assert.Equal("succeeded", await RunAsync(name, "teardown"));
    }

    [Fact]
    public async Task Load_BeforeProvisioning_IsRefusedWithTheNextStep()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, "sample");

        var answer = await Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" });

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("provision it first", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/api/v1/warehouses/none")]
    [InlineData("/api/v1/warehouses/none/tables")]
    [InlineData("/api/v1/warehouses/none/rejects")]
    [InlineData("/api/v1/warehouses/none/rejects/reasons")]
    [InlineData("/api/v1/warehouses/none/rejects/download")]
    [InlineData("/api/v1/warehouses/none/plan")]
    [InlineData("/api/v1/runs/999999")]
    [InlineData("/api/v1/runs/999999/events")]
    [InlineData("/api/v1/runs/999999/log")]
    [InlineData("/api/v1/runs/999999/log.txt")]
    [InlineData("/api/v1/nothing/here")]
    public async Task Get_WhatIsNotThere_IsNotFoundWithASentence(string path)
    {
        var answer = await Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.NotEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!);
    }

    [Theory]
    [InlineData("/runs/999999", HttpStatusCode.NotFound)]
    [InlineData("/warehouses/none", HttpStatusCode.NotFound)]
    [InlineData("/warehouses/none/tables", HttpStatusCode.NotFound)]
    [InlineData("/no/such/page", HttpStatusCode.NotFound)]
    [InlineData("/runs", HttpStatusCode.OK)]
    [InlineData("/runs/compare", HttpStatusCode.OK)]
    [InlineData("/warehouses/new", HttpStatusCode.OK)]
    public async Task Page_OfWhatIsNotThere_SaysSoToPrograms(string path, HttpStatusCode status)
    {
        using var page = await Http.GetAsync(path);

        Assert.Equal(status, page.StatusCode);
        Assert.Contains("blazor.web", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_AndOpenApi_Answer()
    {
        Assert.Equal("alive", await Http.GetStringAsync("/healthz"));
        Assert.Equal("ready", await Http.GetStringAsync("/readyz"));
        var document = await GetAsync("/openapi/v1.json");
        var paths = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();
        Assert.Contains("/api/v1/warehouses/{name}/runs", paths);
        Assert.Contains("/api/v1/runs/{id}/events", paths);
    }

    [Fact]
    public async Task Start_FollowedByWhatThereIsNot_IsRefusedBeforeAnythingRuns()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, "sample");

        var answer = await Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision", then = "pause" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, (await GetAsync($"/api/v1/runs?warehouse={name}")).GetProperty("total").GetInt64());
    }

    [Fact]
    public async Task Patch_ChangesTheRejectLimitOfTheNextLoad()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, Source.Write(_folder, [Source.Event(), "{bad"], [Source.Song()]), maxRejects: 0);
        Assert.Equal("succeeded", await RunAsync(name, "provision"));
        Assert.Equal("failed", await RunAsync(name, "load"));

        Assert.Equal(HttpStatusCode.OK, (await Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { maxRejects = 10 })).StatusCode);

        Assert.Equal("succeeded", await RunAsync(name, "load"));
        Assert.Equal(
            HttpStatusCode.BadRequest, (await Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { maxRejects = -1 })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.PatchAsJsonAsync("/api/v1/warehouses/none", new { maxRejects = 1 })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync($"/api/v1/warehouses/{name}/rejects?run=999999")).StatusCode);
        Assert.Equal("succeeded", await RunAsync(name, "teardown"));
    }

    [Fact]
    public async Task Get_AskedForHtml_StillAnswersWithAProblem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/warehouses/none");
        request.Headers.Add("Accept", "text/html");

        var answer = await Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task History_UnknownWord_IsAProblemThatNamesThoseThereAre()
    {
        var answer = await Http.GetAsync("/api/v1/runs?state=2");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("queued, running, succeeded", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.NotFound)]
    public async Task Post_FromAnotherSitesPage_IsRefused(string site, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs/999999/cancel");
        request.Headers.Add("Sec-Fetch-Site", site);

        Assert.Equal(expected, (await Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Post_WithAnotherSitesOrigin_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs/999999/retry");
        request.Headers.Add("Origin", "http://evil.example");

        Assert.Equal(HttpStatusCode.Forbidden, (await Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Get_UnderAnotherHostName_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/warehouses");
        request.Headers.Host = "evil.example";

        Assert.Equal(HttpStatusCode.BadRequest, (await Http.SendAsync(request)).StatusCode);
    }

    private Task<JsonElement> GetAsync(string path) => Http.GetFromJsonAsync<JsonElement>(path);

    private async Task<string> RunAsync(string name, string kind)
    {
        var answer = await Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        await _app.EndAsync(id);
        return (await GetAsync($"/api/v1/runs/{id}")).GetProperty("state").GetString()!;
    }
}
