using System.Text.Json.Serialization;
using Sparkify.Simulator.DataPlane.Wire;

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
public sealed class SimulatorFaults(int seed)
{
    private readonly Lock _gate = new();
    private readonly List<Plan> _plans = [];
    private readonly List<StatementPlan> _statements = [];
    private readonly HashSet<string> _denied = new(StringComparer.OrdinalIgnoreCase);
#pragma warning disable CA5394 // Repeatable misfortune is the point; nothing here is a secret.
    private Random _random = new(seed);
#pragma warning restore CA5394
    private readonly HashSet<string> _deniedObjects = new(StringComparer.Ordinal);
    private TaskCompletionSource? _held;
    private long? _dropAfter;
    private long _holdAfter;
    private TimeSpan _copyPause;
    private double _throttleShare, _errorShare;
    private bool _htmlErrors;
    private TimeSpan _slowRole;
    private int _blinks;
    private string? _lastAnswered;
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

    /// <summary>Cuts the connection of the next calls of an action, such as <c>CreateCluster</c>.</summary>
    public void DropNext(string action, DropMoment moment, int times = 1)
        => Add(new Plan(action, moment == DropMoment.BeforeEffect ? Misfortune.DroppedBefore : Misfortune.DroppedAfter, null, times));

    /// <summary>Lets the next call of an action take effect and then cuts every connection until <see cref="Clear"/>, as if the network had gone.</summary>
    public void GoSilentAfter(string action) => Write(ref _lastAnswered, action);

    /// <summary>Answers the next calls of an action with an error.</summary>
    public void RefuseNext(string action, string code, string message, int status = 400, int times = 1)
        => Add(new Plan(action, Misfortune.None, new AwsError(code, message, status), times));

    /// <summary>Has no capacity for the next clusters to be created or resumed.</summary>
    public void RefuseCapacity(int times = 1)
    {
        const string Message = "There is insufficient capacity of this node type in the selected Availability Zones; try again later or choose another.";
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

    /// <summary>
    /// Fails the next statements whose text begins with something, such as <c>commit</c> or <c>insert into songplays</c> (case and
    /// white space do not matter). Without more it is Redshift's error 1023, a serializable isolation violation.
    /// </summary>
    public void FailNextStatement(string startsWith, string code = "40001", string message = "1023",
        string? detail = "Serializable isolation violation on table - 100042, transactions forming the cycle are: 5002, 5003 (pid:1073807529)", int times = 1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(startsWith);
        lock (_gate)
        {
            _statements.Add(new StatementPlan(OneLine(startsWith), new SqlError(code, message, detail), times));
        }
    }

    /// <summary>How long every COPY pauses before each file and each 128 KB of rows.</summary>
    public TimeSpan CopyPause { get => Read(ref _copyPause); set => Write(ref _copyPause, value); }

    /// <summary>Refuses everyone one object of S3, COPY included, until <see cref="Clear"/>.</summary>
    public void DenyObject(string bucket, string key)
    {
        lock (_gate)
        {
            _deniedObjects.Add($"{bucket}/{key}");
        }
    }

    /// <summary>Cuts the connection of the next client whose COPY has read so many records; the COPY itself goes on.</summary>
    public void DropDuringCopy(long afterRecords = 0) => Write(ref _dropAfter, afterRecords);

    /// <summary>Holds every COPY that has read so many records, until <see cref="ReleaseCopies"/> or <see cref="Clear"/>.</summary>
    public void HoldCopies(long afterRecords = 0)
    {
        lock (_gate)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _holdAfter = afterRecords;
        }
    }

    /// <summary>Lets held COPYs go on.</summary>
    public void ReleaseCopies()
    {
        lock (_gate)
        {
            _held?.TrySetResult();
            _held = null;
        }
    }

    /// <summary>Behaves well again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _plans.Clear();
            _statements.Clear();
            _deniedObjects.Clear();
            _held?.TrySetResult();
            (_held, _dropAfter, _copyPause) = (null, null, TimeSpan.Zero);
            _denied.Clear();
            (_lastAnswered, _silent) = (null, false);
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

    /// <summary>The error a statement is to end with; none when it may run.</summary>
    internal SqlError? NextStatement(string text)
    {
        lock (_gate)
        {
            var line = _statements.Count == 0 ? "" : OneLine(text);
            var index = _statements.FindIndex(p => line.StartsWith(p.StartsWith, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                return null;
            }

            var plan = _statements[index];
            _statements[index] = plan with { Times = plan.Times - 1 };
            _statements.RemoveAll(static p => p.Times <= 0);
            return plan.Error;
        }
    }

    internal bool IsObjectDenied(string bucket, string key)
    {
        lock (_gate)
        {
            return _deniedObjects.Contains($"{bucket}/{key}");
        }
    }

    /// <summary>What befalls a COPY on its way: it is cut off, held or slowed down.</summary>
    internal async Task CopyTurnAsync(Action hangUp, long records, CancellationToken ct)
    {
        Task? held;
        TimeSpan pause;
        lock (_gate)
        {
            if (_dropAfter is { } after && records >= after)
            {
                _dropAfter = null;
                hangUp();
            }

            held = records >= _holdAfter ? _held?.Task : null;
            pause = _copyPause;
        }

        if (held is not null)
        {
            await held.WaitAsync(ct);
        }

        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, TimeProvider.System, ct);
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

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

    private sealed record StatementPlan(string StartsWith, SqlError Error, int Times);

    private sealed record Plan(string Action, Misfortune Misfortune, AwsError? Refusal, int Times);
}
