using System.Text.Json;
using System.Text.Json.Serialization;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Api;

/// <summary>The body of <c>POST /api/v1/warehouses</c>.</summary>
/// <param name="Name">Its name: <c>^[a-z][a-z0-9-]{0,40}$</c>.</param>
/// <param name="Source">Where its data is.</param>
/// <param name="Target">Where it lives; <c>local</c> when left out.</param>
/// <param name="MaxRejects">A load fails when it meets this many bad records; the configured number when left out.</param>
/// <param name="Redshift">What its cluster is to be like; what is left out keeps its careful default.</param>
/// <param name="Simulated">Whether cluster and source are the built-in simulator's.</param>
/// <param name="Schema">The schema readers see; <c>dwh</c> when left out. Loads build in the one beside it, with <c>_build</c> after its
/// name.</param>
/// <param name="DecisionLimits">When its loads ask before they publish; what is left out keeps its default.</param>
/// <param name="Connection">The AWS connection its cluster and buckets are reached with; this machine's own credentials when left
/// out.</param>
/// <param name="Freshness">How old what readers see may be; any age when left out.</param>
/// <param name="LoadMode">How much of the source its loads read; all of it when left out.</param>
/// <param name="Password">The password of the login into an existing cluster; it is kept encrypted and never given back. It can be given
/// later.</param>
public sealed record CreateWarehouse(
    string? Name, JsonElement Source, WarehouseTarget? Target = null, int? MaxRejects = null, RedshiftSettings? Redshift = null,
    bool? Simulated = null, string? Schema = null, DecisionLimitsJson? DecisionLimits = null,
    string? Connection = null, FreshnessJson? Freshness = null, LoadMode? LoadMode = null, string? Password = null)
{
    // What the API gives of a warehouse, or makes of a dwh.cfg, can be given back as it is: what is only told is passed over.
    private static readonly HashSet<string> Told = new(
        typeof(WarehouseJson).GetProperties().Concat(typeof(ImportedConfig).GetProperties()).Select(static p => p.Name),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields this call does not take.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }

    /// <summary>Never the password.</summary>
    public override string ToString() => $"CreateWarehouse({Name}, {Target})";

    /// <summary>The request as the registry takes it; throws a sentence when the source is none of the forms there are.</summary>
    internal NewWarehouse ToRequest()
    {
        if (Others?.Keys.FirstOrDefault(static k => !Told.Contains(k)) is { } unknown)
        {
            throw JsonSentence.Unknown<CreateWarehouse>(unknown);
        }

        WarehouseName.Check(Name);
        var redshift = Target == WarehouseTarget.Redshift ? Redshift ?? new RedshiftSettings() : Redshift;
        var source = SourceJson.Read(Source, simulated: redshift is { Simulated: true });
        var request = new NewWarehouse(
            Name!, Target ?? WarehouseTarget.Local,
            source is LocationSource at ? at with { Simulated = Simulated ?? at.Simulated } : source,
            MaxRejects,
            redshift is null ? null : redshift with { Simulated = Simulated ?? redshift.Simulated },
            Schema)
        {
            DecisionLimits = DecisionLimitsJson.Apply(DecisionLimits, Core.Common.DecisionLimits.Default),
            Freshness = FreshnessJson.Apply(Freshness, FreshnessLimits.None),
            LoadMode = LoadMode ?? Core.Common.LoadMode.Full,
            Password = string.IsNullOrEmpty(Password) ? null : new LoginPassword(Password),
        };
        var connection = Connection ?? request.Connection;
        return connection is not null && source is SampleSource
            ? throw SparkifyException.Invalid("The generated sample is made here: it needs no AWS connection.")
            : request.Through(connection);
    }
}

/// <summary>The body of <c>PATCH /api/v1/warehouses/{name}</c>.</summary>
/// <param name="MaxRejects">Loads fail when they meet this many bad records.</param>
/// <param name="Redshift">Settings of the cluster; those that are left out stay as they are.</param>
/// <param name="DecisionLimits">When loads ask before they publish; what is left out stays as it is.</param>
/// <param name="Connection">The AWS connection its cluster and buckets are reached with from now on; empty for this machine's own
/// credentials, and when left out the one it has.</param>
/// <param name="Freshness">How old what readers see may be; what is left out stays as it is.</param>
/// <param name="LoadMode">How much of the source its loads read.</param>
public sealed record ChangeWarehouse(
    int? MaxRejects = null, JsonElement? Redshift = null, DecisionLimitsJson? DecisionLimits = null, string? Connection = null,
    FreshnessJson? Freshness = null, LoadMode? LoadMode = null);

/// <summary>How old what readers see may be, in hours; 0 is any age.</summary>
/// <param name="NewestEvent">How old the newest event that became a play may be.</param>
/// <param name="LastLoad">How long ago the last load may be that was published.</param>
public sealed record FreshnessJson(int? NewestEvent = null, int? LastLoad = null)
{
    internal static FreshnessLimits Apply(FreshnessJson? wanted, FreshnessLimits now) =>
        new(wanted?.NewestEvent ?? now.NewestEvent, wanted?.LastLoad ?? now.LastLoad);
}

/// <summary>When loads ask before they publish, in percent; 0 never asks.</summary>
/// <param name="LeastOfPublished">Asks when the new star has less than this share of the published one.</param>
/// <param name="LeastWithField">Asks when fewer than this share of the records have a field the star is made of.</param>
public sealed record DecisionLimitsJson(int? LeastOfPublished = null, int? LeastWithField = null)
{
    internal static DecisionLimits Apply(DecisionLimitsJson? wanted, DecisionLimits now) =>
        new(wanted?.LeastOfPublished ?? now.LeastOfPublished, wanted?.LeastWithField ?? now.LeastWithField);
}

/// <summary>The body of <c>POST /api/v1/warehouses/{name}/runs</c>.</summary>
/// <param name="Kind">What the run does.</param>
/// <param name="Then">A run to queue by itself when this one has succeeded.</param>
/// <param name="Star">Only for putBack: the load whose star to put back; without it, the star of before.</param>
/// <param name="Mode">Only for loads: how much of the source it reads; as the warehouse's loads do when left out.</param>
/// <param name="Snapshot">Only for provisionings: the snapshot to make the cluster from; an empty one when left out.</param>
public sealed record StartRun(
    RunKind? Kind, RunKind? Then = null, long? Star = null, LoadMode? Mode = null, string? Snapshot = null);

/// <summary>The answer to a started run.</summary>
/// <param name="Id">The run's number.</param>
/// <param name="State">Where it stands.</param>
public sealed record StartedRun(long Id, RunState State);

/// <summary>A warehouse in the API.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Target">Where it lives.</param>
/// <param name="Source">Where its data is.</param>
/// <param name="MaxRejects">A load fails when it meets this many bad records.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was described.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="PublishedAt">When the star readers see was published by its load; none when there is none.</param>
/// <param name="PublishedRun">The load that built it.</param>
/// <param name="PutBackBy">The run that put that star back; none when its load published it.</param>
/// <param name="Redshift">The settings of its cluster; none for a local one.</param>
/// <param name="Simulated">Whether cluster and source are the simulator's.</param>
/// <param name="Endpoint">Where its cluster answers.</param>
/// <param name="LastQueryAt">When somebody asked it something last.</param>
/// <param name="Schema">The schema readers see.</param>
/// <param name="DecisionLimits">When its loads ask before they publish.</param>
/// <param name="Connection">The AWS connection it is reached with; none for this machine's own credentials.</param>
/// <param name="Freshness">How old what readers see may be, in hours; 0 is any age.</param>
/// <param name="NewestEvent">When the newest event that became a play was; none when it is not known.</param>
/// <param name="LoadMode">How much of the source its loads read, unless one is asked for otherwise.</param>
/// <param name="UnchangedAt">When a load last found that nothing was new in the source, since the star readers see was published.</param>
/// <param name="Stale">What readers see is older than that in these ways, as sentences.</param>
/// <param name="HasPassword">Whether the password of its login into an existing cluster is kept; none where there is no such login.</param>
/// <param name="OneLogin">Whether that login does everything, so that there is no separate reader; none where there is none.</param>
public sealed record WarehouseJson(
    string Name, WarehouseTarget Target, SourceForm Source, int MaxRejects, WarehouseState State, DateTimeOffset CreatedAt,
    string CreatedBy, DateTimeOffset? PublishedAt, long? PublishedRun, long? PutBackBy, RedshiftSettings? Redshift, bool Simulated,
    WarehouseEndpoint? Endpoint, DateTimeOffset? LastQueryAt,
    string Schema, DecisionLimits DecisionLimits, string? Connection, FreshnessLimits Freshness, DateTimeOffset? NewestEvent,
    LoadMode LoadMode, DateTimeOffset? UnchangedAt,
    IReadOnlyList<string> Stale,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? HasPassword,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? OneLogin)
{
    internal static WarehouseJson Of(Warehouse w, TimeProvider clock) => new(
        w.Name, w.Target, SourceJson.Write(w.Source), w.MaxRejects, w.State, w.CreatedAt, w.CreatedBy, w.PublishedAt, w.PublishedRun,
        w.PutBackBy, w.Redshift, w.Simulated, w.Endpoint, w.LastQueryAt, w.Schemas.Published, w.DecisionLimits, w.Connection,
        w.Freshness, w.NewestEvent, w.LoadMode, w.UnchangedAt, w.Stale(clock.GetUtcNow()),
        w.Existing is null ? null : w.HasPassword, w.Existing is null ? null : w.OneLogin);
}

/// <summary>A source as the API writes it, and takes it: a folder or S3 prefix for each part, or the generated sample.</summary>
/// <param name="Events">Where the events are: a folder, or <c>s3://BUCKET/PREFIX</c>.</param>
/// <param name="Songs">Where the songs are.</param>
/// <param name="JsonPaths">A file with the JSONPaths of the events, where their keys are not the columns' names.</param>
/// <param name="Simulated">Whether locations on S3 are the simulator's.</param>
/// <param name="Region">The region of the buckets, where it is not the cluster's.</param>
/// <param name="Connection">The AWS connection its buckets are read with; this machine's own credentials when left out.</param>
/// <param name="Sample">The generated sample, in the place of locations.</param>
public sealed record SourceForm(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Events = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Songs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? JsonPaths = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Simulated = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Region = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Connection = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SampleSource? Sample = null);

/// <summary>Sources as the API writes them.</summary>
internal static class SourceJson
{
    private static readonly JsonSerializerOptions Strict = new(
        JsonSerializerDefaults.Web)
    { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads one.</summary>
    /// <param name="json">One of the forms there are.</param>
    /// <param name="simulated">Whether locations are the simulator's when they do not say; a source follows its cluster.</param>
    public static SourceSpec Read(JsonElement json, bool simulated = false)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String when json.GetString() == "sample" => new SampleSource(),
                JsonValueKind.Object => json.Deserialize<SourceForm>(Strict) switch
                {
                    { Events: null, Songs: null, Sample: { } sample } => sample,
                    { Sample: null, Events.Length: > 0, Songs.Length: > 0 } at => new LocationSource(
                        at.Events, at.Songs, string.IsNullOrWhiteSpace(at.JsonPaths) ? null : at.JsonPaths, at.Simulated ?? simulated,
                        at.Region, at.Connection),
                    _ => throw Wrong(inner: null),
                },
                _ => throw Wrong(inner: null),
            };
        }
        catch (JsonException ex)
        {
            throw Wrong(ex);
        }
    }

    public static SourceForm Write(SourceSpec source) => source switch
    {
        LocationSource l => new SourceForm(l.Events, l.Songs, l.JsonPaths, l.Simulated, l.Region, l.Connection),
        SampleSource s => new SourceForm(Sample: s),
        _ => throw new System.Diagnostics.UnreachableException($"No JSON for {source.GetType().Name}."),
    };

    private static SparkifyException Wrong(Exception? inner) => SparkifyException.Invalid(
        "The source must be \"sample\", {\"events\": FOLDER or s3://…, \"songs\": FOLDER or s3://…, \"jsonPaths\": FILE or left out}, " +
        "or {\"sample\": {\"seed\": 1, \"days\": 30, \"events\": 8056, \"songs\": 14896}}.", inner);
}

/// <summary>Words in query strings.</summary>
internal static class QueryWord
{
    /// <summary>The value of a word; none for none; a sentence with the words there are for any other.</summary>
    public static T? Parse<T>(string? word, string parameter)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(word))
        {
            return null;
        }

        // By name only: Enum.TryParse would take numbers, too.
        var known = Enum.GetValues<T>().Where(v => string.Equals(v.ToString(), word, StringComparison.OrdinalIgnoreCase)).ToList();
        return known.Count == 1 ? known[0] : throw SparkifyException.Invalid(
            $"'{word}' is no {parameter}. There are: {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}.");
    }
}
