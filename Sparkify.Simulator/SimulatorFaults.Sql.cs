using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator;

/// <content>Misfortunes of statements and of COPY.</content>
public sealed partial class SimulatorFaults
{
    private readonly List<StatementPlan> _statements = [];
    private readonly HashSet<string> _deniedObjects = new(StringComparer.Ordinal);
    private TaskCompletionSource? _held;
    private long? _dropAfter;
    private long _holdAfter;
    private TimeSpan _copyPause;

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

    private void ClearSql()
    {
        _statements.Clear();
        _deniedObjects.Clear();
        _held?.TrySetResult();
        (_held, _dropAfter, _copyPause) = (null, null, TimeSpan.Zero);
    }

    private sealed record StatementPlan(string StartsWith, SqlError Error, int Times);
}
