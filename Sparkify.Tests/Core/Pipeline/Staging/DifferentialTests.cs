using System.Text;
using Sparkify.Core.Pipeline.Staging;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>
/// The fast path against the plain reference: the same rows and the same rejects, whatever the input and wherever it is cut.
/// </summary>
public sealed class DifferentialTests(StagingDatabase database) : IClassFixture<StagingDatabase>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_objects_become_the_rows_and_rejects_of_the_reference(int seed)
    {
        var file = new RandomRecords(seed).File(1500);
        var truncate = seed % 2 == 0;
        var staged = await database.StageAsync(MemorySource.Of(file), new LoadOptions { BufferBytes = 4096 }, truncate: truncate);
        Compare(file, staged, truncate, "");

        // Or else the comparison would say little.
        Assert.InRange(staged.Rows.Count, 100, 1400);
    }

    [Fact]
    public async Task Mutated_files_lose_nothing()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            RandomRecords random = new(seed);
            var file = random.Mutate(random.File(12));
            await SameAsync(file, new LoadOptions { BufferBytes = 1 + random.Next(900), Parallelism = 1 + random.Next(3) }, $"seed {seed}");
        }
    }

    [Fact]
    public async Task Every_buffer_size_gives_the_same()
    {
        RandomRecords random = new(77);
        var file = "\uFEFF"u8.ToArray().Concat(random.Mutate(random.File(4)))
            .Concat("\n{\"text\":\"x\n,[{\"big\":1},\n{\"text\":"u8.ToArray()).ToArray();
        for (var bytes = 1; bytes < file.Length + 2; bytes += bytes < 64 ? 1 : 17)
        {
            await SameAsync(file, new LoadOptions { BufferBytes = bytes, Parallelism = 2 }, $"{bytes} bytes");
        }
    }

    [Fact]
    public async Task Arrays_cut_anywhere_give_the_same()
    {
        string[] files =
        [
            "[{\"big\":1},{\"big\":2},\n{\"big\":oops},{\"text\":{\"a\":[1,{}]}},5\n,{\"big\":3}]\n[{\"big\":4}]",
            "\uFEFF \n[\n  {\n    \"big\": 1\n  },\n  {\n    \"big\": 2\n  }\n]\n",
            "[\n{\"big\":1},\n{\"big\":2}\n]\n", "[ [{\"big\":1}]]", "[]\n{\"big\":1},{\"big\":2}", "[", " [ ", "[\n", "\uFEFF[", "\uFEFF",
            "{\"big\":1}\n[{\"big\":2},{\"big\":3}]",
        ];
        foreach (var text in files)
        {
            var file = Encoding.UTF8.GetBytes(text);
            for (var bytes = 1; bytes < file.Length + 2; bytes++)
            {
                await SameAsync(file, new LoadOptions { BufferBytes = bytes, Parallelism = 2 }, $"{text}, {bytes} bytes");
            }
        }

        foreach (var blanks in (int[])[3999, 4000, 4001, 4002])
        {
            foreach (var bytes in (int[])[1000, 4000, 4001, 4002, 9000])
            {
                var file = Encoding.UTF8.GetBytes($"[{new string('\n', blanks)}{{\"big\":1}},{{\"big\":2}}]");
                await SameAsync(file, new LoadOptions { BufferBytes = bytes, Parallelism = 2 }, $"{blanks} blanks, {bytes} bytes");
            }
        }
    }

    [Fact]
    public async Task Streams_that_give_one_byte_at_a_time_give_the_same()
    {
        var file = new RandomRecords(5).File(40);
        var source = new MemorySource([("one.json", file)]) { Stream = static content => new DripStream(content) };
        Compare(file, await database.StageAsync(source, new LoadOptions { BufferBytes = 300 }), truncate: false, "");
    }

    [Fact]
    public async Task A_record_over_many_lines_with_braces_at_their_starts_is_put_together_again()
    {
        // Every newline here looks like the end of a record, and none is one.
        var text = string.Concat(Enumerable.Range(0, 50)
            .Select(n => $"{{\"big\":{n},\"text\":\n{{\"a\":\n{{\"b\":[\n{{}},\n{{}}]}}}}}}\n"));
        var file = Encoding.UTF8.GetBytes(text);
        foreach (var bytes in (int[])[10, 33, 64, 100, 1000])
        {
            await SameAsync(file, new LoadOptions { BufferBytes = bytes, Parallelism = 3 });
        }
    }

    private async Task SameAsync(byte[] file, LoadOptions options, string hint = "") =>
        Compare(file, await database.StageAsync(MemorySource.Of(file), options), truncate: false, hint);

    private static void Compare(byte[] file, Staged staged, bool truncate, string hint)
    {
        StagingReference reference = new(StagingDatabase.OfEachType, truncate);
        reference.Read(file);
        var rejects = staged.Rejects.Select(r => (r.Line, r.Offset, r.Column, r.Raw)).OrderBy(r => r.Offset).ToList();
        Same(reference.Rejects.ConvertAll(r => r.ToString()), rejects.ConvertAll(r => r.ToString()), $"rejects, {hint}");
        Same([.. reference.Rows.Order(StringComparer.Ordinal)], [.. staged.Rows.Order(StringComparer.Ordinal)], $"rows, {hint}");
        Assert.All(staged.Rejects, r => Assert.EndsWith(".", r.Reason, StringComparison.Ordinal));
    }

    private static void Same(List<string> expected, List<string> actual, string hint)
    {
        var first = expected.Zip(actual).FirstOrDefault(p => p.First != p.Second);
        Assert.True(
            expected.SequenceEqual(actual), $"{hint}: {expected.Count} expected, {actual.Count} found\n  {first.First}\n  {first.Second}");
    }

    private sealed class DripStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
