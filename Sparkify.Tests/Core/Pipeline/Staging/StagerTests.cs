using System.IO.Compression;
using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
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
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(300_000)]
    public async Task Gzip_files_padded_with_zeros_are_read_whole(int zeros)
    {
        // An empty member ends in nine zero bytes of its own.
        byte[][] files =
        [
            Convert.FromHexString("1F8B080000000000000303000000000000000000"), Pack(Lines(10, "\"big\":1")),
            Pack(Lines(5000, "\"text\":\"packed\"")),
        ];
        foreach (var (file, rows) in files.Zip([0, 10, 5000]))
        {
            byte[] padded = [.. file, .. new byte[zeros]];
            foreach (var name in (string[])["a.json.gz", "a.json"])
            {
                foreach (var drip in (bool[])[false, true])
                {
                    var source = new MemorySource([(name, padded)])
                    {
                        Stream = c => drip && zeros < 1000 ? new DripStream(c) : new MemoryStream(c, writable: false),
                    };
                    var staged = await database.StageAsync(source, Small);
                    Assert.Equal((rows, 0), (staged.Rows.Count, staged.Rejects.Count));
                    Assert.Equal(staged.Progress.TotalBytes, staged.Progress.Bytes);
                }
            }
        }
    }

    [Fact]
    public async Task Gzip_files_with_zeros_within_their_content_are_read_whole()
    {
        // What does not pack is stored as it is: 100,000 zero bytes in the middle of the file.
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.NoCompression))
        {
            gzip.Write([.. Lines(3, "\"big\":1"), .. new byte[100_000], .. "\n"u8, .. Lines(3, "\"big\":2")]);
        }

        Assert.Equal(6, (await database.StageAsync(new MemorySource([("a.json.gz", packed.ToArray())]), Small)).Rows.Count);
    }

    [Fact]
    public async Task Gzip_files_followed_by_anything_else_fail_with_a_sentence()
    {
        var packed = Pack(Lines(10, "\"big\":1"));
        byte[][] wrong =
        [
            [.. packed, .. "garbage"u8], [.. packed, .. new byte[512], 1], [.. packed, 1, .. new byte[512]],
            [.. packed, .. new byte[512], .. packed], [.. packed[..^4], .. new byte[512]],
            [.. packed[..(packed.Length / 2)], .. new byte[512]],
        ];
        foreach (var content in wrong)
        {
            Assert.Contains("no valid gzip file", await FailureAsync(new MemorySource([("a.json.gz", content)])), StringComparison.Ordinal);
        }
    }

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelling_leaves_a_read_that_never_returns(bool blocking)
    {
        using Support.TempFolder folder = new();
        var pipe = Path.Combine(folder.Path, "pipe");
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        // Opened for both, so that opening returns and reading does not: nobody ever writes.
        await using FileStream hung = new(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        MemorySource source = new([("hung.json", []), ("good.json", Lines(10, "\"big\":1"))])
        {
            ScannedTooLarge = 1000,
            Stream = content =>
            {
                if (content.Length > 0)
                {
                    return new MemoryStream([.. content, .. Lines(100, "\"big\":1")], writable: false);
                }

                reading.TrySetResult();
                return blocking ? hung : new SilentStream();
            },
        };
        using CancellationTokenSource stop = new();
        var staging = StagingDatabase.NewStager(Small).StageAsync(
            database.Job(source), new StepProgress(), (_, _) => Task.CompletedTask, stop.Token);
        await reading.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => staging.WaitAsync(TimeSpan.FromSeconds(9)));
        await hung.WriteAsync(new byte[4096]); // lets go of the thread that was left behind
    }

    [Fact]
    public async Task A_failure_is_told_though_another_file_hangs()
    {
        MemorySource source = new([("hung.json", []), ("broken.json", Lines(10, "\"big\":1"))])
        {
            ScannedTooLarge = 1000,
            Stream = static content => content.Length > 0 ? new BrokenStream() : new SilentStream(),
        };

        Assert.Equal("The file broken.json could not be read: the disk is on fire", (await Assert.ThrowsAsync<SparkifyException>(
            () => database.StageAsync(source, Small).WaitAsync(TimeSpan.FromSeconds(30)))).Message);
    }

    [Fact]
    public async Task Files_without_one_good_record_are_named_apart()
    {
        var staged = await database.StageAsync(
            new MemorySource(
            [
                ("a.json", Lines(3, "\"big\":1")), ("b.json", "{\"big\":\"x\"}\n\n{\"big\":\"y\"}\n"u8.ToArray()),
                ("c.json", [.. Lines(500, "\"big\":\"x\""), .. Lines(1, "\"big\":1")]), ("d.json", "oops"u8.ToArray()), ("e.json", []),
                ("f.json", "[{\"big\":1}]"u8.ToArray()), ("g.json", "[{\"big\":\"x\"}]"u8.ToArray()),
                ("h.json", Lines(2000, "\"big\":true")),
            ]), Small);

        Assert.Equal(
            [("b.json", 2L, 1L), ("d.json", 1L, 1L), ("g.json", 2L, 1L), ("h.json", 2000L, 1L)],
            staged.Result.Failed.Select(static f => (f.Name, f.Rejects, f.Line)));
        Assert.Equal("big: \"x\" is not a whole number of 64 bits.", staged.Result.Failed[0].Reason);
        Assert.Equal((5L, 2504L), (staged.Result.Staged, staged.Result.Rejected));
    }

    [Fact]
    public void Files_without_one_good_record_are_too_many_at_their_limit_and_when_there_is_nothing_else()
    {
        List<FailedFile> failed =
        [
            .. Enumerable.Range(1, 4).Select(static n => new FailedFile(
                $"bad{n}.json", 1, 1, "A record must be a JSON object, which starts with a brace.")),
        ];

        Assert.Null(FailedFiles.Problem(SourcePart.Events, [], staged: 0, limit: 1));
        Assert.Null(FailedFiles.Problem(SourcePart.Events, failed, staged: 1, limit: 5));
        Assert.Equal(
            "4 files of the events have not one good record, and a load fails at 4: 'bad1.json' (1 bad record, line 1: A record must be a JSON object, " +
            "which starts with a brace); 'bad2.json' (1 bad record, line 1: A record must be a JSON object, which starts with a brace); " +
            "'bad3.json' (1 bad record, line 1: A record must be a JSON object, which starts with a brace); and 1 more. " +
            "Mend them, take them out of the source, or raise the limit (Sparkify:Load:MaxBadFiles).",
            FailedFiles.Problem(SourcePart.Events, failed, staged: 1, limit: 4)?.Message);
        Assert.StartsWith(
            "There is not one good record in the events: 'bad1.json'",
            FailedFiles.Problem(SourcePart.Events, failed[..1], staged: 0, limit: 5)?.Message, StringComparison.Ordinal);
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
        LoadOptions wrong = new() { Parallelism = 0, Readers = 1000, BufferBytes = 1, MaxBadFiles = 0 };

        var result = new LoadOptionsValidator().Validate(null, wrong);

        Assert.Equal(
            ["Sparkify:Load:Parallelism must be between 1 and 64, was 0.", "Sparkify:Load:Readers must be between 1 and 256, was 1000.",
                "Sparkify:Load:BufferBytes must be between 4096 and 16777216, was 1.",
                "Sparkify:Load:MaxBadFiles must be between 1 and 2147483647, was 0."],
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

    private sealed class DripStream(byte[] content) : MemoryStream(content, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }

    /// <summary>Never answers, and does not hear of a cancel either.</summary>
    private sealed class SilentStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(new TaskCompletionSource<int>().Task);
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
