using System.Text.Json.Serialization;

namespace Sparkify.Simulator;

/// <summary>When a connection is cut.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DropMoment>))]
public enum DropMoment
{
    /// <summary>Before the call did anything.</summary>
    BeforeEffect,

    /// <summary>After the call did its work, before the answer.</summary>
    AfterEffect,
}

/// <summary>What the simulator makes of managed master passwords; what stands in for AWS elsewhere may know none.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ManagedPasswords>))]
public enum ManagedPasswords
{
    /// <summary>It manages them, as AWS does.</summary>
    Known,

    /// <summary>It refuses a call that asks for one.</summary>
    Refused,

    /// <summary>It overlooks that one is asked for, and makes a cluster whose password nobody is told.</summary>
    Overlooked,
}

/// <summary>What a call is made to suffer.</summary>
internal enum Misfortune
{
    None,
    Throttled,
    ServerError,
    HtmlError,
    DroppedBefore,
    DroppedAfter,
}

/// <summary>How the simulator misbehaves just now. Everything may be changed at any time, from any thread.</summary>
/// <param name="seed">Starts the random numbers.</param>
public sealed partial class SimulatorFaults(int seed)
{
    private readonly Lock _gate = new();
    private readonly List<Plan> _plans = [];
    private readonly HashSet<string> _denied = new(StringComparer.OrdinalIgnoreCase);
#pragma warning disable CA5394 // Repeatable misfortune is the point; nothing here is a secret.
    private Random _random = new(seed);
#pragma warning restore CA5394
    private double _throttleShare, _errorShare;
    private bool _htmlErrors;
    private TimeSpan _slowRole;
    private int _blinks;
    private string? _lastAnswered;
    private ManagedPasswords _managedPasswords;
    private bool _bareRestores;
    private bool _silent;

    /// <summary>The share of calls that are throttled, 0 to 1.</summary>
    public double ThrottleShare { get => Read(ref _throttleShare); set => Write(ref _throttleShare, Share(value)); }

    /// <summary>The share of calls that end in a 500 or 503, 0 to 1.</summary>
    public double ErrorShare { get => Read(ref _errorShare); set => Write(ref _errorShare, Share(value)); }

    /// <summary>Whether those errors are web pages, as a load balancer sends them.</summary>
    public bool HtmlErrors { get => Read(ref _htmlErrors); set => Write(ref _htmlErrors, value); }

    /// <summary>How long after its creation Redshift cannot yet assume a role (IAM is eventually consistent).</summary>
    public TimeSpan SlowRole { get => Read(ref _slowRole); set => Write(ref _slowRole, value); }

    /// <summary>How many describes after the first <c>available</c> one show a cluster as <c>modifying</c> again (airflow#58645).</summary>
    public int Blinks { get => Read(ref _blinks); set => Write(ref _blinks, value); }

    /// <summary>What becomes of managed master passwords.</summary>
    public ManagedPasswords ManagedPasswords { get => Read(ref _managedPasswords); set => Write(ref _managedPasswords, value); }

    /// <summary>Whether clusters come back from their snapshots without the tags these had.</summary>
    public bool BareRestores { get => Read(ref _bareRestores); set => Write(ref _bareRestores, value); }

    /// <summary>Cuts the connection of the next calls of an action, such as <c>CreateCluster</c>.</summary>
    public void DropNext(string action, DropMoment moment, int times = 1)
        => Add(new Plan(action, moment == DropMoment.BeforeEffect ? Misfortune.DroppedBefore : Misfortune.DroppedAfter, null, times));

    /// <summary>
    /// Lets the next call of an action take effect and then cuts every connection until <see cref="Clear"/>, as if the network had gone.
    /// </summary>
    public void GoSilentAfter(string action) => Write(ref _lastAnswered, action);

    /// <summary>Answers the next calls of an action with an error.</summary>
    public void RefuseNext(string action, string code, string message, int status = 400, int times = 1)
        => Add(new Plan(action, Misfortune.None, new AwsError(code, message, status), times));

    /// <summary>Has no capacity for the next clusters to be created or resumed.</summary>
    public void RefuseCapacity(int times = 1)
    {
        const string Message =
            "There is insufficient capacity of this node type in the selected Availability Zones; try again later or choose another.";
        RefuseNext("CreateCluster", "InsufficientClusterCapacity", Message, 400, times);
        RefuseNext("ResumeCluster", "InsufficientClusterCapacity", Message, 400, times);
    }

    /// <summary>Denies the caller an action, such as <c>CreateRole</c>, until <see cref="Clear"/>.</summary>
    public void Deny(string action)
    {
        lock (_gate)
        {
            _denied.Add(action);
        }
    }

    /// <summary>Behaves well again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _plans.Clear();
            ClearSql();
            _denied.Clear();
            (_lastAnswered, _silent) = (null, false);
            (_managedPasswords, _bareRestores) = (ManagedPasswords.Known, false);
            (_throttleShare, _errorShare, _htmlErrors, _slowRole, _blinks) = (0, 0, false, TimeSpan.Zero, 0);
#pragma warning disable CA5394
            _random = new Random(seed);
#pragma warning restore CA5394
        }
    }

    internal bool IsDenied(string action)
    {
        lock (_gate)
        {
            return _denied.Contains(action);
        }
    }

    /// <summary>What befalls the next call of an action; a planned refusal is handed out as an error.</summary>
    internal Misfortune Next(string action, out AwsError? refusal)
    {
        lock (_gate)
        {
            refusal = null;
            if (_silent)
            {
                return Misfortune.DroppedBefore;
            }

            if (string.Equals(action, _lastAnswered, StringComparison.OrdinalIgnoreCase))
            {
                _silent = true;
                return Misfortune.DroppedAfter;
            }

            var index = _plans.FindIndex(p => string.Equals(p.Action, action, StringComparison.OrdinalIgnoreCase));
            if (index >= 0)
            {
                var plan = _plans[index];
                if (plan.Times <= 1)
                {
                    _plans.RemoveAt(index);
                }
                else
                {
                    _plans[index] = plan with { Times = plan.Times - 1 };
                }

                refusal = plan.Refusal;
                return plan.Misfortune;
            }

#pragma warning disable CA5394
            var draw = _random.NextDouble();
#pragma warning restore CA5394
            return draw < _throttleShare ? Misfortune.Throttled
                : draw < _throttleShare + _errorShare ? (_htmlErrors ? Misfortune.HtmlError : Misfortune.ServerError)
                : Misfortune.None;
        }
    }

    private static double Share(double value) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A share is between 0 and 1.");

    private void Add(Plan plan)
    {
        lock (_gate)
        {
            _plans.Add(plan);
        }
    }

    private T Read<T>(ref T field)
    {
        lock (_gate)
        {
            return field;
        }
    }

    private void Write<T>(ref T field, T value)
    {
        lock (_gate)
        {
            field = value;
        }
    }

    private sealed record Plan(string Action, Misfortune Misfortune, AwsError? Refusal, int Times);
}
