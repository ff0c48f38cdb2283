using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

public sealed class DashboardsApiTests : IAsyncLifetime
{
    private TestApp _app = null!;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task WholeLife_OfADashboard_ByHttpAlone()
    {
        var created = await _app.Http.PostAsJsonAsync("/api/v1/dashboards", new { name = "Hits" });
        Assert.Equal((HttpStatusCode.Created, "/api/v1/dashboards/hits"), (created.StatusCode, created.Headers.Location!.ToString()));
        await SendAsync(HttpMethod.Post, "/hits/tiles", new { report = "top-songs", parameters = new { top = "5" } });
        var pinned = await SendAsync(HttpMethod.Post, "/hits/tiles", new { report = "plays-by-hour", wide = true });
        Assert.Equal(
            [("top-songs", false), ("plays-by-hour", true)],
            pinned.GetProperty("tiles").EnumerateArray().Select(
                static t => (t.GetProperty("report").GetString()!, t.GetProperty("wide").GetBoolean())));
        Assert.Equal(
            ["report", "parameters", "wide"], pinned.GetProperty("tiles")[0].EnumerateObject().Select(static p => p.Name));

        Assert.Equal("Best", (await SendAsync(HttpMethod.Patch, "/hits", new { name = "Best" })).GetProperty("name").GetString());
        var version = (await SendAsync(HttpMethod.Get, "/hits", null)).GetProperty("version").GetInt32();
        var arranged = await SendAsync(HttpMethod.Patch, "/hits", new { version, tiles = new[] { new { report = "plays-by-hour" } } });
        Assert.Equal(1, arranged.GetProperty("tiles").GetArrayLength());

        await RefusedAsync(HttpMethod.Patch, "/hits", new { version, tiles = Array.Empty<object>() }, HttpStatusCode.Conflict, "meanwhile");
        await RefusedAsync(
            HttpMethod.Patch, "/hits", new { tiles = Array.Empty<object>() }, HttpStatusCode.PreconditionRequired, "version");
        await RefusedAsync(HttpMethod.Post, "/hits/tiles", new { report = "plays-by-hour" }, HttpStatusCode.Conflict, "already");
        await RefusedAsync(HttpMethod.Post, "", new { name = "best" }, HttpStatusCode.Conflict, "named “best” already");
        await RefusedAsync(HttpMethod.Delete, "/home", null, HttpStatusCode.Conflict, "only emptied");
        Assert.Equal(HttpStatusCode.OK, (await _app.Http.GetAsync("/dashboards/hits")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _app.Http.DeleteAsync("/api/v1/dashboards/hits")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Http.GetAsync("/api/v1/dashboards/hits")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Http.GetAsync("/dashboards/hits")).StatusCode);
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body)
    {
        var answer = await AskAsync(method, path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task RefusedAsync(HttpMethod method, string path, object? body, HttpStatusCode status, string words)
    {
        var answer = await AskAsync(method, path, body);
        Assert.Equal(status, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/dashboards{path}");
        request.Content = body is null ? null : JsonContent.Create(body);
        return await _app.Http.SendAsync(request);
    }
}
