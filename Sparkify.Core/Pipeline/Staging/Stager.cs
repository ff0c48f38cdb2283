using System.Threading.Channels;
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
    public int Connections => options.Value.Parallelism;

    public async Task<StagingResult> StageAsync(
        StagingJob job, StepProgress progress, Func<IReadOnlyList<StagingReject>, CancellationToken, Task> onRejects, CancellationToken ct)
    {
        progress.Expect(job.Files.Sum(f => f.File.Bytes), job.Files.Count);
        progress.AddRows(0);
        var rules = await RecordRules.OfAsync(job.Source, job.Part, records.Value.TruncateColumns, ct, job.Table);
        using var rejects = new RejectSink(Math.Max(job.MaxRejects, 1), progress, onRejects);
        var parsers = Enumerable.Range(0, options.Value.Parallelism)
            .Select(_ => new SegmentParser(rules, options.Value.BufferBytes) { MaxRejects = Math.Max(job.MaxRejects, 1) }).ToList();
        var senders = parsers.ConvertAll(_ => new CopySender(job));
        try
        {
            var workers = parsers.Zip(senders, (parser, sender) => new BatchWorker(parser, sender, rejects, progress)).ToList();
            await FlowAsync(job, workers, progress, ct);

            // Only when every worker has sent everything does any of it stay.
            await Task.WhenAll(senders.Select(s => s.CompleteAsync(ct)));
            return Result(job, workers.Sum(w => w.Staged), rejects.Count, parsers);
        }
        finally
        {
            foreach (var sender in senders)
            {
                await sender.DisposeAsync();
            }
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
        await Task.WhenAll(readers);
        batches.Writer.Complete();
        await Task.WhenAll(all);
        await (firstFailed ?? Task.CompletedTask);

        // The first failure is the cause; what the others say when they are stopped is not.
        async Task Watch(Task task)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!task.IsCompletedSuccessfully)
            {
                _ = Interlocked.CompareExchange(ref firstFailed, task, null);
                await stop.CancelAsync();
            }
        }
    }

    private static StagingResult Result(StagingJob job, long staged, long rejected, List<SegmentParser> parsers)
    {
        var keys = KeyCounter.Sum(job.Table, parsers.ConvertAll(static p => p.Counter));
        return new StagingResult(staged + rejected, staged, rejected, keys.Unknown, keys.Missing);
    }
}
