using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Runs: start, look, follow, decide, cancel, retry.</summary>
internal static class RunsApi
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/warehouses/{name}/runs", StartAsync).WithTags("Runs").Is("startRun", "Start a run on a warehouse")
            .Example("""{"kind": "provision", "then": "load"}""").Refuses(StatusCodes.Status422UnprocessableEntity);
        var group = api.MapGroup("/runs").WithTags("Runs");
        group.MapGet("/", HistoryAsync).Is("listRuns", "Runs, newest first: those of a warehouse, kind and state, with a text in number, warehouse, person or error, asked for from one time until another, with rejects");
        group.MapGet("/{id:long}", FindAsync).Is("getRun", "One run with its steps");
        group.MapGet("/{id:long}/events", FollowAsync)
            .Is("followRun", "One run, live: an event 'run' at every change, until it ends or needs a decision")
            .Answers("text/event-stream", "Server-sent events named 'run'; the data of each is a RunView.");
        group.MapGet("/{id:long}/log", LogAsync).Is("listLog", "Log lines after a sequence number; the latest when there are more");
        group.MapGet("/{id:long}/log.txt", LogTextAsync).Is("downloadLog", "The whole log as text, a line each: time, level, step, message")
            .Answers(MediaTypeNames.Text.Plain, "The log.");
        group.MapPost("/{id:long}/cancel", CancelAsync).Is("cancelRun", "Ask a run to stop");
        group.MapPost("/{id:long}/publish", PublishAsync).Is("publishRun", "Publish what a load made that needs a decision; why is kept with it");
        group.MapPost("/{id:long}/discard", DiscardAsync).Is("discardRun", "Discard what a load made that needs a decision; why is kept with it");
        group.MapPost("/{id:long}/retry", RetryAsync)
            .Is("retryRun", "Queue a failed or cancelled run again, from its first step that is not done");
    }

    private static async Task<Accepted<StartedRun>> StartAsync(
        string name, StartRun body, IRuns runs, Actor actor, CancellationToken ct,
        [FromHeader(Name = "Idempotency-Key")]
        [Description("Names this request, up to 255 characters of ASCII of your own: asked again within 24 hours it is answered with the run it started.")]
        string? key = null)
    {
        var kind = body.Kind ?? throw SparkifyException.Invalid(
            "Say which kind of run: {\"kind\": \"provision\"}, \"load\", \"check\", \"putBack\", \"pause\", \"resume\" or \"teardown\".");
        return Accepted(await runs.StartAsync(name, kind, actor, ct, body.Then, key, body.Star, body.Mode, body.Snapshot));
    }

    private static Task<Page<RunView>> HistoryAsync(
        IRuns runs, CancellationToken ct, string? warehouse = null, [Words(typeof(RunKind))] string? kind = null,
        [Words(typeof(RunState))] string? state = null, string? text = null, DateTimeOffset? from = null, DateTimeOffset? until = null,
        bool rejects = false, [Range(1, int.MaxValue)] int page = 1, [Range(1, RunFilter.MostOnAPage)] int size = 50) =>
        runs.HistoryAsync(
            new RunFilter(
                warehouse, QueryWord.Parse<RunKind>(kind, nameof(kind)), QueryWord.Parse<RunState>(state, nameof(state)), page, size)
            {
                Text = text,
                From = from,
                Until = until,
                WithRejects = rejects,
            },
            ct);

    private static async Task<RunView> FindAsync(long id, IRuns runs, CancellationToken ct) => await GetAsync(id, runs, ct);

    private static async Task<ServerSentEventsResult<RunView>> FollowAsync(long id, IRuns runs, TimeProvider clock, CancellationToken ct)
    {
        var subscription = runs.Subscribe(id);
        try
        {
            return TypedResults.ServerSentEvents(EventsAsync(await GetAsync(id, runs, ct), subscription, clock, ct));
        }
        catch (SparkifyException)
        {
            subscription.Dispose(); // no such run: nobody will read from it
            throw;
        }
    }

    // What has gathered during the pause is one event: each carries the whole run, so only the newest counts.
    private static async IAsyncEnumerable<SseItem<RunView>> EventsAsync(
        RunView now, Subscription<RunView> subscription, TimeProvider clock, [EnumeratorCancellation] CancellationToken ct)
    {
        using (subscription)
        {
            yield return new SseItem<RunView>(now, "run");
            while (now.Active && await subscription.Reader.WaitToReadAsync(ct))
            {
                var newest = now;
                while (subscription.Reader.TryRead(out var view))
                {
                    newest = view.IsNewerThan(newest) ? view : newest;
                }

                if (newest.IsNewerThan(now))
                {
                    now = newest;
                    yield return new SseItem<RunView>(now, "run");
                }

                await Task.Delay(Pause, clock, ct);
            }
        }
    }

    private static async Task<IReadOnlyList<RunLogLine>> LogAsync(
        long id, IRuns runs, CancellationToken ct, [Range(0, int.MaxValue)] int after = 0, [Range(1, 10_000)] int most = 1000)
    {
        await GetAsync(id, runs, ct);
        return await runs.LogAsync(id, after, most, ct);
    }

    private static async Task<PushStreamHttpResult> LogTextAsync(long id, IRuns runs, CancellationToken ct)
    {
        await GetAsync(id, runs, ct);
        return TypedResults.Stream(
            async output =>
            {
                await using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                    leaveOpen: true);
                await foreach (var line in runs.WholeLogAsync(id, ct))
                {
                    // One line of the log is one line of the file, whatever a message holds.
                    await writer.WriteLineAsync(
                        $"{line.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {line.Level.ToString().ToLowerInvariant(),-7} {line.Step ?? "run",-16} {OneLine.Of(line.Message)}");
                }
            },
            "text/plain; charset=utf-8", $"run-{id}.log");
    }

    private static async Task<Accepted<StartedRun>> CancelAsync(long id, IRuns runs, Actor actor, CancellationToken ct) =>
        Accepted(await runs.CancelAsync(id, actor, ct));

    private static async Task<Accepted<StartedRun>> RetryAsync(long id, IRuns runs, Actor actor, CancellationToken ct) =>
        Accepted(await runs.RetryAsync(id, actor, ct));

    private static async Task<Accepted<StartedRun>> PublishAsync(
        long id, IRuns runs, Actor actor, CancellationToken ct, string? why = null) =>
        Accepted(await runs.PublishAsync(id, why, actor, ct));

    private static Task<RunView> DiscardAsync(long id, IRuns runs, Actor actor, CancellationToken ct, string? why = null) =>
        runs.DiscardAsync(id, why, actor, ct);

    private static Accepted<StartedRun> Accepted(RunView run) =>
        TypedResults.Accepted($"/api/v1/runs/{run.Id}", new StartedRun(run.Id, run.State));

    private static async Task<RunView> GetAsync(long id, IRuns runs, CancellationToken ct) => await runs.FindAsync(id, ct)
        ?? throw SparkifyException.NotFound($"There is no run {id}.");
}
