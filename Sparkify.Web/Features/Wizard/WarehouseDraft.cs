using System.Text.Json.Serialization;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Import;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Features.Wizard;

/// <summary>What a person has said so far about the warehouse they are making.</summary>
public sealed class WarehouseDraft
{
    private string? _suggested;

    /// <summary>Where it will live.</summary>
    public WarehouseTarget Target { get; set; } = WarehouseTarget.Local;

    /// <summary>What its cluster is to be like, when it lives on Redshift.</summary>
    public RedshiftSettings Redshift { get; set; } = new();

    /// <summary>The region AWS was asked in, when the settings leave it to the configuration.</summary>
    public string? Region { get; set; }

    /// <summary>The AWS connection it will use; none for this machine's own credentials.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether it will live on Redshift, real or simulated.</summary>
    public bool OnRedshift => Target == WarehouseTarget.Redshift;

    /// <summary>Whether it will use a cluster that exists.</summary>
    public bool OnExisting => OnRedshift && Redshift.Existing is not null;

    /// <summary>The password of the login into a cluster that exists; the browser's tab does not keep it.</summary>
    [JsonIgnore]
    public string Password { get; set; } = "";

    /// <summary>Whether it will live on the built-in simulator.</summary>
    public bool Simulated => OnRedshift && Redshift.Simulated;

    /// <summary>Whether the raw data is generated.</summary>
    public bool Sample { get; set; }

    /// <summary>Where the events are.</summary>
    public string Events { get; set; } = "";

    /// <summary>Where the songs are.</summary>
    public string Songs { get; set; } = "";

    /// <summary>The JSONPaths file, or nothing.</summary>
    public string JsonPaths { get; set; } = "";

    /// <summary>Days of generated events.</summary>
    public int Days { get; set; } = new SampleSource().Days;

    /// <summary>How many generated events.</summary>
    public int EventCount { get; set; } = new SampleSource().Events;

    /// <summary>How many generated songs.</summary>
    public int SongCount { get; set; } = new SampleSource().Songs;

    /// <summary>What starts the random numbers.</summary>
    public int Seed { get; set; } = new SampleSource().Seed;

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The schema readers see.</summary>
    public string Schema { get; set; } = WarehouseSchemas.Default.Published;

    /// <summary>What is wrong with the schema.</summary>
    public string? SchemaProblem => WarehouseSchemas.Problem(Schema);

    /// <summary>How many bad records a load may have.</summary>
    public int MaxRejects { get; set; }

    /// <summary>Whether the load follows the provisioning by itself.</summary>
    public bool LoadWhenReady { get; set; } = true;

    /// <summary>The source as described.</summary>
    public SourceSpec Source => Request.Source;

    /// <summary>The warehouse as described.</summary>
    public NewWarehouse Request => UsesAws ? Described.Through(Connection) : Described;

    /// <summary>Whether anything of it will be in AWS: its cluster, or a location of its source.</summary>
    public bool UsesAws => Described.UsesAws;

    /// <summary>What is missing at the events' field.</summary>
    public string? EventsProblem => Missing(Events, "events", "log_data");

    /// <summary>What is missing at the songs' field.</summary>
    public string? SongsProblem => Missing(Songs, "songs", "song_data");

    /// <summary>What is wrong with the sample's size.</summary>
    public string? SizeProblem => (Source as SampleSource)?.Problem;

    /// <summary>What is wrong with the reject limit.</summary>
    public string? LimitProblem => RejectLimits.Problem(MaxRejects);

    /// <summary>Chooses where it will live. What a cluster cannot read from is given up.</summary>
    public void Choose(WarehouseTarget target, bool simulated)
    {
        Target = target;
        Redshift = Redshift with { Simulated = simulated };
        Sample = Sample && !OnRedshift;
    }

    /// <summary>
    /// Chooses a cluster that exists, or a new one. What is chosen for the one kind means nothing to the other, and a password belongs to
    /// the cluster it was given for.
    /// </summary>
    public void Use(ExistingCluster? existing)
    {
        if (OnExisting != existing is not null)
        {
            Redshift = new RedshiftSettings { Region = Redshift.Region, Simulated = Redshift.Simulated, Owner = Redshift.Owner };
        }

        (Redshift, Password) = (Redshift with { Existing = existing }, "");
    }

    /// <summary>Takes over what a <c>dwh.cfg</c> says; what a person chose for the guard and the owner stays.</summary>
    public void Take(DwhImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        var found = import.Settings;
        Use(found.Existing);
        Password = import.Password?.Value ?? "";
        Redshift = Redshift with
        {
            Region = found.Region ?? Redshift.Region,
            Database = found.Database,
            MasterUser = found.MasterUser,
            Port = found.Port,
            NodeType = found.NodeType,
            Nodes = found.Nodes,
        };
        if (import.Source is { } source)
        {
            (Events, Songs, JsonPaths) = (source.Events, source.Songs, source.JsonPaths ?? "");
        }
    }

    /// <summary>What is wrong with the name, given the names there are.</summary>
    public string? NameProblem(IReadOnlySet<string> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        return WarehouseName.Problem(Name)
            ?? (taken.Contains(Name) ? $"There is already a warehouse named {Name}; choose another name." : null);
    }

    /// <summary>Suggests a name nobody has, in place of an earlier suggestion; a name that a person chose stays.</summary>
    public void SuggestName(IReadOnlySet<string> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        if (Name.Length > 0 && Name != _suggested)
        {
            return;
        }

        var wish = Sample ? "sample" : "music";
        Name = wish;
        for (var i = 2; taken.Contains(Name); i++)
        {
            Name = $"{wish}-{i}";
        }

        _suggested = Name;
    }

    private NewWarehouse Described => new(
        Name, Target,
        Sample ? new SampleSource(Seed, Days, EventCount, SongCount)
            : new LocationSource(
                Events.Trim(), Songs.Trim(), string.IsNullOrWhiteSpace(JsonPaths) ? null : JsonPaths.Trim(), Simulated,
                Region: OnRedshift ? Redshift.Region : null),
        MaxRejects, OnRedshift ? Redshift : null, Schema)
    {
        Password = OnExisting && Redshift.Existing is { Login: ClusterLoginKind.Password } && Password.Length > 0
            ? new LoginPassword(Password) : null,
    };

    private static bool IsOnS3(string location) => new LocationSource(location, location).IsOnS3;

    private string? Missing(string location, string what, string folder) => Sample ? null
        : string.IsNullOrWhiteSpace(location) ? $"Say where the {what} are, such as {(OnRedshift ? $"s3://my-bucket/{folder}/" : $"/data/{folder}")}."
        : OnRedshift && !location.Trim().StartsWith(
            "s3://", StringComparison.OrdinalIgnoreCase) ? $"A cluster reads from S3: begin with s3://, such as s3://my-bucket/{folder}/."
        : null;
}
