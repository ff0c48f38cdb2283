using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>What is seen of the application from outside, by a collector that listens.</summary>
public sealed class TelemetryTests
{
    private const string Ours = "Sparkify";
    private static readonly string[] Facts = ["users", "artists", "songs", "time", "songplays"];

    [Fact]
    public async Task Load_ACollectorListens_ItGetsTheRunAsATraceAndWhatWasCounted()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TempFolder();
        var source = Source.Write(
            folder,
            [
                .. Enumerable.Range(0, 40).Select(static at => Source.Event(item: at, user: $"{at % 7}", ts: 1541105830796 + at)),
                "{\"broken\": ", "no record",
            ],
            [Source.Song(), Source.Song(id: "SO2", title: "Other")]);
        await using var app = await AppProcess.StartAsync(collector.Environment);
        await app.PostAsync("/api/v1/warehouses", new { name = "music", source });
        await app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision" });
        await app.IdleAsync();
        var asked = new string('a', 32);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/warehouses/music/runs");
        request.Headers.Add("traceparent", $"00-{asked}-{new string('b', 16)}-01");
        request.Content = new StringContent("""{"kind": "load"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await app.Http.SendAsync(request);
        var load = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetInt64();
        await app.EndsWellAsync(load);
        var view = await app.GetAsync($"/api/v1/runs/{load}");
        var counts = await app.CountsAsync("music");

        // One span for the run, a child for each step, and below them what they asked the database.
        var spans = await Eventually.BecomesAsync(
            () => Task.FromResult(collector.Spans), static all => all.Any(static s => s.Name == "run load"));
        var run = Assert.Single(spans, static s => s.Name == "run load");
        Assert.Equal((Ours, "", false, "succeeded"), (run.Source, run.Parent, run.Failed, run.Tags["sparkify.outcome"]));
        Assert.Equal(($"{load}", "music"), (run.Tags["sparkify.run.id"], run.Tags["sparkify.warehouse"]));
        Assert.Equal([asked], run.Links);
        var steps = spans.Where(s => s.Parent == run.Id && s.Source == Ours).ToList();
        Assert.Equal(
            view.GetProperty("steps").EnumerateArray().Select(static s => $"step {s.GetProperty("name").GetString()}").Order(),
            steps.Select(static s => s.Name).Order());
        Assert.All(steps, s => Assert.Equal((run.Trace, "succeeded"), (s.Trace, s.Tags["sparkify.outcome"])));
        Assert.All(
            steps.Where(static s => s.Name is "step songplays" or "step checks" or "step publish"),
            step => Assert.Contains(spans, s => s.Parent == step.Id && s.Source == "Npgsql"));
        Assert.Contains(spans, s => s.Trace == asked && s.Source == "Microsoft.AspNetCore"
            && s.Name.StartsWith("POST ", StringComparison.Ordinal));
        // What nobody asked for, such as the queue that looks for work, is not told.
        Assert.DoesNotContain(spans, static s => s.Source == "Npgsql" && s.Parent.Length == 0);
        Assert.DoesNotContain(spans, static s => s.Tags.ContainsKey("db.query.text"));
        // Nor where the database is.
        Assert.DoesNotContain(spans, s => s.Source == "Npgsql" && (s.Tags.ContainsKey("server.address")
            || s.Tags.Values.Any(tag => tag.Contains(app.DataDirectory, StringComparison.Ordinal))));

        // Counted as the star has it.
        await Eventually.BecomesAsync(
            () => Task.FromResult(collector.Count("sparkify.run.duration", ("sparkify.run.kind", "load"))), static ended => ended == 1);
        Assert.All(Facts, table => Assert.Equal(
            counts[table], (long)collector.Sum("sparkify.step.rows", ("sparkify.run.kind", "load"), ("sparkify.step.name", table))));
        Assert.Equal(40, (long)collector.Sum("sparkify.step.rows", ("sparkify.step.name", "stage-events")));
        Assert.Equal(2, (long)collector.Sum("sparkify.step.rejects"));
        Assert.Equal(1, (long)collector.Sum("sparkify.run.started", ("sparkify.run.kind", "load")));
        Assert.Equal(1, collector.Count("sparkify.run.queue.duration", ("sparkify.run.kind", "load")));
        Assert.Equal(1, collector.Count("sparkify.step.duration", ("sparkify.run.kind", "load"), ("sparkify.step.name", "publish")));
        Assert.Equal(
            ["needsdecision", "queued", "running", "waiting"],
            collector.Points.Where(static p => p.Name == "sparkify.run.open").Select(static p => p.Tags["sparkify.run.state"]).Order());
        Assert.Contains(collector.Points, static p => p is { Meter: "Npgsql", Name: "db.client.connection.count" });
        Assert.Contains(collector.Points, static p => p.Name == "http.server.request.duration");
        // Nothing of what somebody typed, or where something lies, is among the tags of an instrument.
        var tags = collector.Points.SelectMany(static p => p.Tags.Values).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(tags, tag => tag.Contains(app.DataDirectory, StringComparison.Ordinal)
            || tag.Contains("Host=", StringComparison.Ordinal) || tag.Contains(folder.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Provisioning_OfACluster_IsATraceWithTheCallsToAws()
    {
        await using var collector = await Collector.StartAsync();
        await using var simulator = await SimulatedApp.StartSimulatorAsync(SimulatorDelays.None);
        await SimulatedApp.FillAsync(simulator);
        await using var app = await AppProcess.StartAsync(
            collector.Environment, "--Aws:Simulator", "true", "--Aws:SimulatorUrl", simulator.Url.ToString());
        await app.PostAsync(
            "/api/v1/warehouses", new { name = "cloud", target = "redshift", source = SimulatedApp.Source, simulated = true });
        var run = (await app.PostAsync("/api/v1/warehouses/cloud/runs", new { kind = "provision" })).GetProperty("id").GetInt64();
        await app.EndsWellAsync(run);

        var spans = await Eventually.BecomesAsync(
            () => Task.FromResult(collector.Spans),
            static all => all.Any(static s => s.Name == "run provision" && s.Tags.ContainsKey("sparkify.outcome")));
        var first = Assert.Single(spans, static s => s.Name == "run provision");
        Assert.NotEmpty(first.Links);
        var created = Assert.Single(spans, static s => s.Name == "Redshift.CreateCluster");
        Assert.Contains(
            spans, s => s.Id == created.Parent && s.Trace == first.Trace && s.Name.StartsWith("step ", StringComparison.Ordinal));
        Assert.Contains(spans, s => s.Parent == created.Id && s.Source == "System.Net.Http");
        Assert.DoesNotContain(spans, static s => s.Tags.ContainsKey("url.full"));
        await Eventually.BecomesAsync(
            () => Task.FromResult(
                collector.Count("sparkify.aws.call.duration", ("rpc.service", "Redshift"), ("rpc.method", "CreateCluster"))),
            static calls => calls == 1);
        Assert.Equal(1, collector.Count("sparkify.run.queue.duration"));
        Assert.Equal(1, (long)collector.Sum("sparkify.run.started"));
        // Of calls out it is counted how they went, not where they went.
        var calls = collector.Points.Where(static p => p.Meter == "System.Net.Http").ToList();
        Assert.Contains(calls, static p => p.Name == "http.client.open_connections" && p.Tags.ContainsKey("http.connection.state"));
        Assert.Contains(calls, static p => p.Name == "http.client.request.duration" && p.Tags.ContainsKey("http.response.status_code"));
        Assert.Empty(calls.SelectMany(static p => p.Tags.Keys).Except(
            ["http.request.method", "http.response.status_code", "http.connection.state", "error.type"]));
    }

    [Fact]
    public async Task Click_ThatStartsALoad_IsLinkedToIt_AndAScheduleIsToo()
    {
        await using var collector = await Collector.StartAsync();
        await using var app = await AppProcess.StartAsync(collector.Environment);
        await app.LoadSampleAsync("music", 500);
        await using (var browser = await Browser.StartAsync())
        {
            var page = await browser.NewPersonAsync(app.Address);
            await page.GotoAsync("/warehouses/music");
            await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Load" }).First.ClickAsync();
            await LinkedAsync("command");
            await Eventually.BecomesAsync(
                () => Task.FromResult(collector.Sum("aspnetcore.components.circuit.active")), static open => open == 1);
        }

        await app.IdleAsync();
        await app.PostAsync("/api/v1/warehouses/music/schedules", new { name = "minutely", cron = "* * * * *" });
        await LinkedAsync("schedule");

        Task<bool> LinkedAsync(string name) => Eventually.BecomesAsync(
            () => Task.FromResult(collector.Spans.Where(s => s.Name == name && s.Source == Ours && s.Parent.Length == 0)
                .Any(asked => collector.Spans.Any(run => run.Name == "run load" && run.Links.Contains(asked.Trace)))),
            static linked => linked, seconds: 150);
    }

    [Fact]
    public async Task Collector_ThatIsNotThere_HoldsNothingUp()
    {
        await using var app = await AppProcess.StartAsync(
            new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9" });
        await app.LoadSampleAsync("music", 500);
        var stopped = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await app.TermAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(stopped).TotalSeconds, 0, 20);
    }

    [Fact]
    public async Task Collector_ThatIsNoAddress_IsRefusedInASentence()
    {
        var (code, said) = await AppProcess.RefusedAsync("--urls", "http://127.0.0.1:0", "--OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317");
        Assert.Equal(1, code);
        Assert.Contains(
            "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317', which is no address of a collector.", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("json")]
    public async Task Log_OfAFailureWithHostileText_IsOneLineWithTheTraceOfTheAnswer(string format)
    {
        await using var app = await AppProcess.StartAsync(
            new Dictionary<string, string> { ["Logging__Console__FormatterName"] = format });
        await app.ReadyLine.WaitAsync(TimeSpan.FromMinutes(2));
        await app.PostAsync(
            "/api/v1/warehouses", new { name = "music", source = new { sample = new { days = 1, events = 60, songs = 10 } } });
        await app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        await app.IdleAsync();

        // A failure nobody foresaw, and what the database says of it.
        const string Hostile = "one\ntwo\rthree\u001b[31mfour\u2028five\u0085six";
        await using (var db = await app.ConnectAsync("sparkify"))
        {
            await using var trap = new Npgsql.NpgsqlCommand(
                """
                create function trap() returns trigger language plpgsql as $$
                begin raise exception E'refused: one\ntwo\rthree\u001b[31mfour\u2028five\u0085six'; end $$;
                create trigger trap before insert on saved_queries for each row execute function trap();
                """, db);
            await trap.ExecuteNonQueryAsync();
        }

        using var answer = await app.Http.PostAsJsonAsync("/api/v1/queries", new { name = "mine", sql = "select 1" });
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var trace = problem.GetProperty("traceId").GetString()!;
        Assert.Matches("^[0-9a-f]{32}$", trace);
        var log = await Eventually.BecomesAsync(
            () => Task.FromResult(app.Output),
            said => said.Contains(trace, StringComparison.Ordinal) && said.Contains("refused: ", StringComparison.Ordinal));
        var lines = log.Split('\n').Where(static l => l.Length > 0 && !l.StartsWith("Sparkify is ready", StringComparison.Ordinal))
            .ToList();
        Assert.DoesNotContain(lines, static line => line.Any(static c => char.IsControl(c) || c is '\u2028' or '\u2029'));
        Assert.DoesNotContain(lines, static line => line.StartsWith("two", StringComparison.Ordinal));
        if (format == "json")
        {
            var entries = lines.ConvertAll(static line => JsonDocument.Parse(line).RootElement);
            var failed = Assert.Single(entries, entry => entry.TryGetProperty("Exception", out _)
                && entry.GetProperty("Category").GetString() == "Sparkify.Web.Api.Problems");
            Assert.Contains(failed.GetProperty("Scopes").EnumerateArray(), scope =>
                scope.TryGetProperty("TraceId", out var id) && id.GetString() == trace);
            Assert.Contains($"refused: {Hostile}", failed.GetProperty("Exception").GetString(), StringComparison.Ordinal);
        }
        else
        {
            Assert.All(lines, static line => Assert.Matches(
                @"^(      |\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (trce|dbug|info|warn|fail|crit) )", line));
            Assert.Single(lines, line => line.EndsWith($" [trace {trace}]", StringComparison.Ordinal)
                && line.Contains(" fail ", StringComparison.Ordinal));
            Assert.Contains(lines, static line => line.StartsWith("      Npgsql.PostgresException: ", StringComparison.Ordinal)
                && line.Contains("refused: one\\ntwo\\rthree\\u001b[31mfour\\u2028five\\u0085six", StringComparison.Ordinal));
        }

        // A run has a trace of its own, and its lines carry it.
        Assert.Contains(lines, static line => line.Contains("RunCarrier", StringComparison.Ordinal)
            && (line.Contains("[trace ", StringComparison.Ordinal) || line.Contains("\"TraceId\":", StringComparison.Ordinal)));
    }
}
