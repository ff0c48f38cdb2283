using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Schedules through the API, as a program drives them.</summary>
public sealed class SchedulesApiTests : IAsyncLifetime
{
    private static readonly object Sample = new { sample = new { events = 60, songs = 10, days = 1 } };
    private readonly string _name = TestApp.NewName();
    private TestApp _app = null!;

    public async Task InitializeAsync()
    {
        _app = await TestApp.StartAsync();
        await _app.CreateAsync(_name, Sample);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Schedule_FromItsMakingToItsEnd()
    {
        var made = await SendAsync(
            HttpMethod.Post, "", new { name = "Every night", cron = "30 2 * * *", zone = "Europe/Berlin", overlap = "queue" },
            HttpStatusCode.Created);
        var id = made.GetProperty("id").GetInt64();
        Assert.Equal(
            ("load", "Europe/Berlin", "once", "queue", "At 02:30, every day", "local administrator", false),
            (Text(made, "kind"), Text(made, "zone"), Text(made, "misfire"), Text(made, "overlap"), Text(made, "words"), Text(made, "setUpBy"),
                made.GetProperty("paused").GetBoolean()));
        var next = made.GetProperty("next").EnumerateArray().ToList();
        Assert.Equal(5, next.Count);
        Assert.All(next, static n => Assert.Contains(", 02:30 CE", n.GetProperty("local").GetString(), StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Null, made.GetProperty("last").ValueKind);

        var changed = await SendAsync(HttpMethod.Patch, $"/{id}", new { cron = "0 4 * * 1-5", misfire = "skip" });
        Assert.Equal(
            ("Every night", "0 4 * * 1-5", "skip", "queue"),
            (Text(changed, "name"), Text(changed, "cron"), Text(changed, "misfire"), Text(changed, "overlap")));

        Assert.Empty((await SendAsync(HttpMethod.Post, $"/{id}/pause")).GetProperty("next").EnumerateArray());
        Assert.True((await SendAsync(HttpMethod.Get, $"/{id}")).GetProperty("paused").GetBoolean());
        Assert.Equal(5, (await SendAsync(HttpMethod.Post, $"/{id}/resume")).GetProperty("next").GetArrayLength());

        // Not provisioned: the refusal is that of a load which is asked for by hand.
        var refused = await SendAsync(HttpMethod.Post, $"/{id}/run", status: HttpStatusCode.Conflict);
        Assert.Equal($"The warehouse '{_name}' is defined, not available: provision it first.", Text(refused, "detail"));
        await _app.RunAsync(_name, Sparkify.Core.Runs.RunKind.Provision);
        var run = await SendAsync(HttpMethod.Post, $"/{id}/run", status: HttpStatusCode.Accepted);
        Assert.Equal("local administrator", (await _app.EndAsync(run.GetProperty("id").GetInt64())).Actor);

        Assert.Single((await SendAsync(HttpMethod.Get, "")).EnumerateArray());
        await SendAsync(HttpMethod.Delete, $"/{id}", status: HttpStatusCode.NoContent);
        await SendAsync(HttpMethod.Get, $"/{id}", status: HttpStatusCode.NotFound);
        var trail = await _app.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?text=schedules.");
        Assert.Equal(
            ["schedules.delete", "schedules.run", "schedules.run", "schedules.resume", "schedules.pause", "schedules.change", "schedules.create"],
            trail.GetProperty("items").EnumerateArray().Select(static l => Text(l, "what")));
        Assert.Equal(
            "schedule: Every night, load at 30 2 * * * in Europe/Berlin", Text(trail.GetProperty("items")[6], "detail"));
    }

    [Fact]
    public async Task Preview_OfACronExpression_GivesWordsAndTimes_AndKeepsNothing()
    {
        var preview = await SendAsync("/api/v1/schedules/preview", HttpMethod.Post, new { cron = "0 6 1 * *", zone = "America/New_York" });

        Assert.Equal("At 06:00, on the 1st of every month", Text(preview, "words"));
        Assert.Equal(5, preview.GetProperty("next").GetArrayLength());
        Assert.Matches("^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) 1 ... 20.., 06:00 E[SD]T$", Text(preview.GetProperty("next")[0], "local"));
        Assert.Empty((await SendAsync(HttpMethod.Get, "")).EnumerateArray());
    }

    [Theory]
    [InlineData("""{"cron": "30 2 * * *"}""", "The name of a schedule has 1 to 60 characters in one line.")]
    [InlineData("""{"name": "x"}""", "A cron expression has five fields")]
    [InlineData("""{"name": "x", "cron": "30 26 * * *"}""", "The 2nd field of the cron expression, the hour, cannot be '26'")]
    [InlineData("""{"name": "x", "cron": "30 2 * * *", "zone": "Europe/Berlim"}""", "Did you mean Europe/Berlin?")]
    [InlineData("""{"name": "x", "cron": "30 2 * * *", "kind": "teardown"}""", "A schedule starts a load or a check of files, not a teardown.")]
    [InlineData("""{"name": "x", "cron": "30 2 * * *", "overlap": "both"}""", "overlap")]
    [InlineData("""{"name": "x", "cron": "30 2 * * *", "crom": "x"}""", "crom")]
    public async Task Create_WhatCannotBe_IsA400WithASentence(string body, string sentence)
    {
        using var answer = await _app.Http.PostAsync(
            Path(""), new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            sentence, Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_OfAnOlderVersion_IsRefused_AndNothingNamedIsRefused()
    {
        var made = await SendAsync(HttpMethod.Post, "", new { name = "nightly", cron = "30 2 * * *" }, HttpStatusCode.Created);
        var id = made.GetProperty("id").GetInt64();
        using var read = await _app.Http.GetAsync(Path($"/{id}"));
        await SendAsync(HttpMethod.Patch, $"/{id}", new { name = "other" });

        using var request = new HttpRequestMessage(HttpMethod.Patch, Path($"/{id}"));
        request.Content = JsonContent.Create(new { name = "third" });
        request.Headers.IfMatch.Add(read.Headers.ETag!);
        using var answer = await _app.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        var nothing = await SendAsync(HttpMethod.Patch, $"/{id}", new { }, HttpStatusCode.BadRequest);
        Assert.Equal("Say what to change: name, kind, cron, zone, misfire or overlap.", Text(nothing, "detail"));
    }

    [Fact]
    public async Task Lists_HoldWhatOneMaySee_AndWhatWasAskedFor()
    {
        var other = TestApp.NewName();
        await _app.CreateAsync(other, Sample);
        // Months apart from whenever this is, so that none is due with another.
        var month = DateTime.UtcNow.Month;
        string In(int months) => string.Create(CultureInfo.InvariantCulture, $"0 12 15 {((month + months - 1) % 12) + 1} *");
        foreach (var (name, cron) in new[] { ("late", In(8)), ("early", "* * * * *") })
        {
            await SendAsync(HttpMethod.Post, "", new { name, cron }, HttpStatusCode.Created);
        }

        await SendAsync($"/api/v1/warehouses/{other}/schedules", HttpMethod.Post, new { name = "hers", cron = In(4) }, HttpStatusCode.Created);

        Assert.Equal(["early", "hers", "late"], await NamesAsync(_app.Http, "/api/v1/schedules"));
        Assert.Equal(["early", "late"], await NamesAsync(_app.Http, $"/api/v1/schedules?warehouse={_name}"));
        Assert.Equal(["hers"], await NamesAsync(_app.Http, "/api/v1/schedules?text=HER"));

        using var ann = await Visitor.FirstAsync(_app);
        var people = _app.Services.GetRequiredService<IPeople>();
        await people.AddAsync("bob", Visitor.Password, [new Grant(Role.Viewer, other)], Actor.System, default);
        using var bob = await Visitor.SignedInAsync(_app, "bob");
        Assert.Equal(["hers"], await NamesAsync(bob.Http, "/api/v1/schedules"));
        using var hidden = await bob.Http.GetAsync(Path(""));
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    private static async Task<IEnumerable<string?>> NamesAsync(HttpClient http, string path) =>
        (await http.GetFromJsonAsync<JsonElement>(path)).EnumerateArray().Select(static s => Text(s, "name"));

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private string Path(string below) => $"/api/v1/warehouses/{_name}/schedules{below}";

    private Task<JsonElement> SendAsync(
        HttpMethod method, string below, object? body = null, HttpStatusCode status = HttpStatusCode.OK) =>
        SendAsync(Path(below), method, body, status);

    private async Task<JsonElement> SendAsync(
        string path, HttpMethod method, object? body = null, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await _app.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
