using System.Threading.Channels;
using Dapper;
using Microsoft.Extensions.Options;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// Readers fill batches, a bounded channel holds a few of them, and workers parse and send: reading, parsing and sending overlap, and each
/// waits when the next one is slower.
/// </summary>
internal sealed class Stager(IOptions<LoadOptions> options, IOptions<RecordOptions> records) : IStager
{
    // What a reader needs to come back from a read that does end: then its file is closed before the step is over.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    public int Connections => options.Value.Parallelism;

    public async Task<StagingResult> StageAsync(
        StagingJob job, StepProgress progress, Func<IReadOnlyList<StagingReject>, CancellationToken, Task> onRejects, CancellationToken ct)
    {
        progress.Expect(job.Files.Sum(f => f.File.Bytes), job.Files.Count);
        progress.AddRows(0);
        var rules = await RecordRules.OfAsync(job.Source, job.Part, records.Value.TruncateColumns, ct, job.Table);
        using var rejects = new RejectSink(Math.Max(job.MaxRejects, 1), progress, onRejects);
        var outcomes = new FileOutcomes(job.Files);
        var parsers = Enumerable.Range(0, options.Value.Parallelism)
            .Select(_ => new SegmentParser(rules, options.Value.BufferBytes) { MaxRejects = Math.Max(job.MaxRejects, 1) }).ToList();
        var sinks = parsers.Select((_, at) => new WorkerSink(job, at + 1, options.Value.BufferBytes)).ToList();
        try
        {
            var workers = parsers.Zip(sinks, (parser, sink) => new BatchWorker(parser, sink, rejects, outcomes, progress)).ToList();
            await FlowAsync(job, workers, progress, ct);
            await CompleteAsync(job, sinks, ct);
            return Result(job, workers.Sum(static w => w.Staged), rejects, outcomes, parsers);
        }
        finally
        {
            foreach (var sink in sinks)
            {
                await sink.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Only when every worker has sent everything does any of it stay, and only when all of it does, the job's table has it.
    /// </summary>
    private static async Task CompleteAsync(StagingJob job, List<WorkerSink> sinks, CancellationToken ct)
    {
        var passing = job.Passing?.CompleteAsync(ct) ?? Task.CompletedTask;
        var parts = await Task.WhenAll(sinks.Select(s => s.CompleteAsync(ct)));
        await passing;
        var attach = string.Concat(parts.OfType<string>().Select(part => $"alter table {part} inherit {job.QualifiedTable};"));
        if (attach.Length > 0)
        {
            await using var db = await job.Database.OpenConnectionAsync(ct);
            await db.ExecuteAsync(new CommandDefinition(attach, cancellationToken: ct));
        }
    }

    private async Task FlowAsync(StagingJob job, List<BatchWorker> workers, StepProgress progress, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var batches = Channel.CreateBounded<Batch>(workers.Count);
        var reader = new BatchReader(job, options.Value.BufferBytes, batches.Writer, progress);
        Task? firstFailed = null;

        var most = job.Source.IsRemote(job.Part) ? options.Value.RemoteReaders : options.Value.Readers;
        var readers = Enumerable.Range(0, Math.Min(most, job.Files.Count))
            .Select(_ => Watch(Task.Run(() => reader.RunAsync(stop.Token), stop.Token))).ToList();
        var all = workers.Select(w => Watch(Task.Run(() => w.RunAsync(batches.Reader, reader.Return, stop.Token), stop.Token))).ToList();
        await EndOrLeaveAsync(Task.WhenAll(readers), stop.Token);
        batches.Writer.Complete();
        await Task.WhenAll(all);
        await (firstFailed ?? Task.CompletedTask);
        ct.ThrowIfCancellationRequested(); // readers that were left behind say nothing

        // The first failure is the cause; what the others say when they are stopped is not.
        async Task Watch(Task task)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!task.IsCompletedSuccessfully && !stop.IsCancellationRequested)
            {
                _ = Interlocked.CompareExchange(ref firstFailed, task, null);
                await stop.CancelAsync();
            }
        }
    }

    /// <summary>
    /// Waits for the readers; once they are asked to stop, not for long. Reading from a network drive that went away never returns and
    /// cannot be cancelled, so who hangs in it is left behind: should it ever come back, it finds that nobody wants its bytes.
    /// </summary>
    private static async Task EndOrLeaveAsync(Task readers, CancellationToken stop)
    {
        try
        {
            await readers.WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await readers.WaitAsync(Grace, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static StagingResult Result(
        StagingJob job, long staged, RejectSink rejects, FileOutcomes outcomes, List<SegmentParser> parsers)
    {
        var keys = KeyCounter.Sum(job.Table, parsers.ConvertAll(static p => p.Counter));
        var rejected = rejects.Count - rejects.OfFiles;
        return new StagingResult(staged + rejected, staged, rejected, rejects.OfFiles, keys.Unknown, keys.Missing, outcomes.Failed);
    }
}
