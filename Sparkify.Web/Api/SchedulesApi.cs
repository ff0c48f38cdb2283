using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Schedules: when runs happen by themselves.</summary>
internal static class SchedulesApi
{
    private const string Nightly =
        """{"name": "Every night", "kind": "load", "cron": "30 2 * * *", "zone": "Europe/Berlin", "misfire": "once", "overlap": "refuse"}""";

    public static void Map(RouteGroupBuilder api)
    {
        var all = api.MapGroup("/schedules").WithTags("Schedules");
        all.MapGet("/", AllAsync).Is("listAllSchedules", "The schedules of all warehouses, the next due first");
        all.MapPost("/preview", Preview).Is("previewSchedule", "What a cron expression means: in words, and its next five times; nothing is kept")
            .Example("""{"cron": "30 2 * * 1-5", "zone": "Europe/Berlin"}""");
        var group = api.MapGroup("/warehouses/{name}/schedules").WithTags("Schedules");
        group.MapGet("/", ListAsync).Is("listSchedules", "The schedules of a warehouse, the next due first");
        group.MapPost("/", CreateAsync).Is("createSchedule", "Add a schedule; it starts runs for as long as whoever adds it may")
            .Example(Nightly).HasVersions();
        group.MapGet("/{id:long}", FindAsync).Is("getSchedule", "One schedule").HasVersions();
        group.MapPatch("/{id:long}", ChangeAsync)
            .Is("changeSchedule", "Change a schedule; from now on it starts runs for whoever changes it")
            .Example("""{"cron": "0 3 * * *"}""").HasVersions();
        group.MapDelete("/{id:long}", DeleteAsync).Is("deleteSchedule", "Delete a schedule; runs it has started stay");
        group.MapPost("/{id:long}/pause", PauseAsync)
            .Is("pauseSchedule", "Have no time of a schedule come until it is resumed").HasVersions();
        group.MapPost("/{id:long}/resume", ResumeAsync)
            .Is("resumeSchedule", "Have the times of a schedule come again, for whoever resumes it").HasVersions();
        group.MapPost("/{id:long}/run", RunAsync).Is("runSchedule", "Start what a schedule runs at once, as a run of one's own");
    }

    private static async Task<IReadOnlyList<ScheduleJson>> AllAsync(
        ISchedules schedules, CancellationToken ct, string? warehouse = null, string? text = null) =>
        [.. (await schedules.AllAsync(ct)).Where(s => (warehouse is null || s.Warehouse == warehouse) && s.Has(text))
            .Select(ScheduleJson.Of)];

    private static CronPreview Preview(PreviewSchedule body, ISchedules schedules) => schedules.Preview(body.Cron, body.Zone);

    private static async Task<IReadOnlyList<ScheduleJson>> ListAsync(string name, ISchedules schedules, CancellationToken ct) =>
        [.. (await schedules.ListAsync(name, ct)).Select(ScheduleJson.Of)];

    private static async Task<Created<ScheduleJson>> CreateAsync(
        string name, ScheduleBody body, ISchedules schedules, HttpResponse response, Actor actor, CancellationToken ct)
    {
        var made = await schedules.CreateAsync(name, body.Applied(Wanted), actor, ct);
        return TypedResults.Created($"/api/v1/warehouses/{name}/schedules/{made.Id}", Told(response, made));
    }

    private static async Task<ScheduleJson> FindAsync(
        string name, long id, ISchedules schedules, HttpResponse response, CancellationToken ct) =>
        Told(response, await schedules.GetAsync(name, id, ct));

    private static async Task<ScheduleJson> ChangeAsync(
        string name, long id, ScheduleBody body, ISchedules schedules, Versions versions, HttpContext http, Actor actor,
        CancellationToken ct) =>
        ScheduleJson.Of(await versions.ChangeAsync(
            http, () => schedules.GetAsync(name, id, ct), Version, async found => body.IsEmpty
                ? throw SparkifyException.Invalid("Say what to change: name, kind, cron, zone, misfire or overlap.")
                : await schedules.ChangeAsync(
                    name, id, body.Applied((found ?? await schedules.GetAsync(name, id, ct)).Settings), actor, ct), ct));

    private static async Task<NoContent> DeleteAsync(string name, long id, ISchedules schedules, Actor actor, CancellationToken ct)
    {
        await schedules.DeleteAsync(name, id, actor, ct);
        return TypedResults.NoContent();
    }

    private static async Task<ScheduleJson> PauseAsync(
        string name, long id, ISchedules schedules, HttpResponse response, Actor actor, CancellationToken ct) =>
        Told(response, await schedules.PauseAsync(name, id, actor, ct));

    private static async Task<ScheduleJson> ResumeAsync(
        string name, long id, ISchedules schedules, HttpResponse response, Actor actor, CancellationToken ct) =>
        Told(response, await schedules.ResumeAsync(name, id, actor, ct));

    private static async Task<Accepted<StartedRun>> RunAsync(string name, long id, ISchedules schedules, Actor actor, CancellationToken ct)
    {
        var run = await schedules.RunAsync(name, id, actor, ct);
        return TypedResults.Accepted($"/api/v1/runs/{run.Id}", new StartedRun(run.Id, run.State));
    }

    // What is left out of a new one: a name and a cron expression have to be given, which is said by whoever keeps it.
    private static ScheduleSettings Wanted => new("", RunKind.Load, "", "UTC");

    private static string Version(Schedule schedule) => Versions.Of(schedule.Settings.ToString());

    private static ScheduleJson Told(HttpResponse response, Schedule schedule)
    {
        Versions.Tell(response, Version(schedule));
        return ScheduleJson.Of(schedule);
    }
}

/// <summary>The body of <c>POST</c> and <c>PATCH</c> on schedules.</summary>
/// <param name="Name">Its name, of which its warehouse has one.</param>
/// <param name="Kind">What it runs: <c>load</c>, which it is when left out of a new one, or <c>check</c>.</param>
/// <param name="Cron">When: minute, hour, day of month, month and day of week.</param>
/// <param name="Zone">In which time zone, by its IANA name; <c>UTC</c> when left out of a new one.</param>
/// <param name="Misfire">What becomes of times that came while the application was not at work: one run makes up for them
/// (<c>once</c>), or they are left out (<c>skip</c>).</param>
/// <param name="Overlap">What becomes of a time at which the warehouse has another run: it is left out (<c>refuse</c>), or waits for its
/// end (<c>queue</c>).</param>
internal sealed record ScheduleBody(
    string? Name = null, RunKind? Kind = null, string? Cron = null, string? Zone = null, Misfire? Misfire = null, Overlap? Overlap = null)
{
    /// <summary>Whether nothing is named.</summary>
    internal bool IsEmpty => this == new ScheduleBody();

    /// <summary>Settings with what is named in their place.</summary>
    internal ScheduleSettings Applied(ScheduleSettings now) => new(
        Name ?? now.Name, Kind ?? now.Kind, Cron ?? now.Cron, Zone ?? now.Zone, Misfire ?? now.Misfire, Overlap ?? now.Overlap);
}

/// <summary>The body of <c>POST /api/v1/schedules/preview</c>.</summary>
/// <param name="Cron">Minute, hour, day of month, month and day of week.</param>
/// <param name="Zone">The time zone, by its IANA name.</param>
internal sealed record PreviewSchedule(string? Cron, string? Zone);

/// <summary>A schedule in the API.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">Its warehouse.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it runs.</param>
/// <param name="Cron">When.</param>
/// <param name="Zone">In which time zone.</param>
/// <param name="Misfire">What becomes of times that were missed.</param>
/// <param name="Overlap">What becomes of times at which the warehouse has another run.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="SetUpBy">Who made, changed or resumed it last: it starts runs for as long as they may.</param>
/// <param name="SetUpAt">When.</param>
/// <param name="Words">Its times in words.</param>
/// <param name="Next">Its next five times; none while it is paused.</param>
/// <param name="Last">What became of its latest time; none when none has come.</param>
internal sealed record ScheduleJson(
    long Id, string Warehouse, string Name, RunKind Kind, string Cron, string Zone, Misfire Misfire, Overlap Overlap, bool Paused,
    string SetUpBy, DateTimeOffset SetUpAt, string Words, IReadOnlyList<NextTime> Next, LastTime? Last)
{
    internal static ScheduleJson Of(Schedule s) => new(
        s.Id, s.Warehouse, s.Settings.Name, s.Settings.Kind, s.Settings.Cron, s.Settings.Zone, s.Settings.Misfire, s.Settings.Overlap,
        s.Paused, s.SetUpBy, s.SetUpAt, s.Words, s.Next, s.Last);
}
