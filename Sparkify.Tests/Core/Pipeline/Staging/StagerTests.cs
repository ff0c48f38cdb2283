using System.IO.Compression;
using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>What surrounds the records: files, progress, limits, failures.</summary>
public sealed class StagerTests(StagingDatabase database) : IClassFixture<StagingDatabase>
{
    private static readonly LoadOptions Small = new() { BufferBytes = 4096, Parallelism = 3 };

    [Theory]
    [InlineData(true, 24)]
    [InlineData(false, 4)]
    public async Task RemoteFiles_AreReadManyAtOnce(bool remote, int atOnce)
    {
        var open = 0;
        var most = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var files = Enumerable.Range(0, 100).Select(n => ($"{n:D3}.json", Lines(1, "\"big\":1"))).ToList();
        var source = new MemorySource(files)
        {
            Remote = remote,
            Stream = content => new WaitingStream(
            content, WaitAsync, () => Interlocked.Decrement(ref open))
        };

        var staged = await database.StageAsync(source, new LoadOptions { Readers = 4, RemoteReaders = 24 });

        Assert.Equal(100, staged.Rows.Count);
        Assert.Equal(atOnce, most);

        // Nobody gets his bytes before as many wait as are to be read at once.
        async Task WaitAsync()
        {
            var now = Interlocked.Increment(ref open);
            InterlockedMax(ref most, now);
            if (now == atOnce)
            {
                enough.TrySetResult();
            }

            await enough.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        static void InterlockedMax(ref int most, int now)
        {
            for (var seen = most; now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = most)
            {
                // Another one was faster.
            }
        }
    }

    [Fact]
    public async Task Rows_carry_their_file_and_line_and_progress_counts_everything()
    {
        var files = Enumerable.Range(0, 200).Select(n => ($"{n}.json", Lines(n, $"\"anInteger\":{n}"))).ToList();
        var staged = await database.StageAsync(new MemorySource(files), Small);

        Assert.Equal(200 * 199 / 2, staged.Rows.Count);
        Assert.Contains(
            staged.Rows, r => r.Contains("| 199 | NULL", StringComparison.Ordinal) && r.EndsWith("| 200 | 199", StringComparison.Ordinal));
        Assert.Equal(
            staged.Rows.Count, staged.Rows.Select(r => string.Join('|', r.Split(" | ")[^2..])).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(200, staged.Progress.Files);
        Assert.Equal(200, staged.Progress.TotalFiles);
        Assert.Equal(staged.Progress.TotalBytes, staged.Progress.Bytes);
        Assert.Equal(staged.Rows.Count, staged.Progress.Rows);
    }

    [Fact]
    public async Task Gzip_files_are_unpacked_and_counted_as_stored()
    {
        var packed = Pack(Lines(5000, "\"text\":\"packed\""));
        var staged = await database.StageAsync(
            new MemorySource([("a.json.gz", packed), ("b.json", Lines(3, "\"text\":\"plain\""))]), Small);

        Assert.Equal(5003, staged.Rows.Count);
        Assert.Contains(staged.Rows, r => r.EndsWith("| 1 | 5000", StringComparison.Ordinal));
        Assert.Equal(staged.Progress.TotalBytes, staged.Progress.Bytes);
    }

    [Fact]
    public async Task Gzip_files_of_several_members_are_read_to_their_end() => Assert.Equal(
        20, (await database.StageAsync(
            new MemorySource([("a.json.gz", [.. Pack(Lines(10, "\"big\":1")), .. Pack(Lines(10, "\"big\":2"))])]), Small)).Rows.Count);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gzip_files_that_are_damaged_fail_with_a_sentence(bool truncated)
    {
        var packed = Pack(Lines(5000, "\"text\":\"packed\""));
        packed = truncated ? packed[..(packed.Length / 2)] : [.. packed[..20], 1, 2, 3, .. packed[30..]];

        Assert.Contains("no valid gzip file", await FailureAsync(new MemorySource([("a.json.gz", packed)])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_read_only_as_far_as_they_were_scanned()
    {
        var file = Lines(10, "\"big\":1");
        var staged = await database.StageAsync(MemorySourceOf(file, -file.Length / 2), Small);

        Assert.Equal(5, staged.Rows.Count);
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("a.json.gz")]
    public async Task Files_shorter_than_scanned_fail_with_a_sentence(string name)
    {
        var content = Lines(10, "\"big\":1");
        MemorySource source = new(
            [(name, name.EndsWith("gz", StringComparison.Ordinal) ? Pack(content) : content)])
        { ScannedTooLarge = 5 };

        Assert.Contains($"The file {name} is shorter than", await FailureAsync(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_fail_with_a_sentence()
    {
        MemorySource source = new([("a.json", Lines(10, "\"big\":1"))]) { Stream = _ => new BrokenStream() };

        Assert.Equal("The file a.json could not be read: the disk is on fire", await FailureAsync(source));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    public async Task The_load_fails_when_the_rejects_reach_the_limit(int limit, int bad)
    {
        var file = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"big\":\"x\"}\n{\"big\":1}\n", bad)));
        List<StagingReject> rejects = [];
        await database.ExecuteAsync("truncate of_each_type");

        var error = await Assert.ThrowsAsync<SparkifyException>(() => StagingDatabase.NewStager(Small).StageAsync(
            database.Job(MemorySource.Of(file), limit), new StepProgress(), (batch, _) =>
                { rejects.AddRange(batch); return Task.CompletedTask; }, default));

        Assert.Contains($"line {(2 * bad) - 1}: big: \"x\" is not a whole number of 64 bits.", error.Message, StringComparison.Ordinal);
        Assert.Equal(bad, rejects.Count);
        Assert.Equal(0, await database.CountAsync(StagingDatabase.OfEachType));
    }

    [Fact]
    public async Task One_reject_less_than_the_limit_is_fine() =>
        Assert.Equal(
            2, (await database.StageAsync(MemorySource.Of("{\"big\":1} x\n y\n"u8.ToArray()), Small, maxRejects: 3)).Rejects.Count);

    [Fact]
    public async Task Cancelling_reaches_the_copy_and_leaves_nothing()
    {
        await database.ExecuteAsync("truncate of_each_type");
        using CancellationTokenSource stop = new();
        StepProgress progress = new();
        MemorySource endless = new([("endless.json", [])]) { Stream = _ => new EndlessStream(), ScannedTooLarge = int.MaxValue };
        var staging = StagingDatabase.NewStager(Small).StageAsync(
            database.Job(endless), progress, (_, _) => Task.CompletedTask, stop.Token);
        await Support.Eventually.BecomesAsync(() => Task.FromResult(progress.Rows), rows => rows > 10_000);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => staging.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, await database.CountAsync(StagingDatabase.OfEachType));
    }

    [Fact]
    public async Task A_table_that_is_not_there_fails_with_what_the_server_says()
    {
        var job = database.Job(MemorySource.Of("{}"u8.ToArray())) with { QualifiedTable = "nowhere" };

        var error = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
            StagingDatabase.NewStager(Small).StageAsync(job, new StepProgress(), (_, _) => Task.CompletedTask, default));

        Assert.Equal("42P01", error.SqlState);
    }

    [Fact]
    public async Task No_files_are_no_rows() => Assert.Empty((await database.StageAsync(new MemorySource([]), Small)).Rows);

    [Fact]
    public void Options_out_of_range_are_refused_all_at_once()
    {
        LoadOptions wrong = new() { Parallelism = 0, Readers = 1000, BufferBytes = 1 };

        var result = new LoadOptionsValidator().Validate(null, wrong);

        Assert.Equal(
            ["Sparkify:Load:Parallelism must be between 1 and 64, was 0.", "Sparkify:Load:Readers must be between 1 and 256, was 1000.",
                "Sparkify:Load:BufferBytes must be between 4096 and 16777216, was 1."],
            result.Failures);
        Assert.True(new LoadOptionsValidator().Validate(null, new LoadOptions()).Succeeded);
    }

    private async Task<string> FailureAsync(MemorySource source)
    {
        var error = await Assert.ThrowsAsync<SparkifyException>(() => database.StageAsync(source, Small));
        Assert.Equal(0, await database.CountAsync(StagingDatabase.OfEachType));
        return error.Message;
    }

    private static MemorySource MemorySourceOf(byte[] file, int tooLarge) => new([("a.json", file)]) { ScannedTooLarge = tooLarge };

    private static byte[] Lines(int count, string fields) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(_ => $"{{{fields}}}\n")));

    private static byte[] Pack(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("the disk is on fire");
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = "{}\n"u8[..Math.Min(3, buffer.Length)];
            record.CopyTo(buffer.Span);
            return ValueTask.FromResult(record.Length);
        }
    }

    private sealed class WaitingStream(byte[] content, Func<Task> opened, Action closed) : MemoryStream(content, writable: false)
    {
        private bool _waited;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_waited)
            {
                _waited = true;
                await opened();
            }

            return Read(buffer.Span);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && _waited)
            {
                _waited = false;
                closed();
            }

            base.Dispose(disposing);
        }
    }
}
