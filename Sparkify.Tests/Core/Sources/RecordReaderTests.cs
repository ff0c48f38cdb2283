using System.Text;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Tests.Core.Pipeline.Staging;

namespace Sparkify.Tests.Core.Sources;

public sealed class RecordReaderTests
{
    [Fact]
    public async Task Records_OnLinesAndOverLines_AreFoundWithTheirLine()
    {
        var records = await ReadAsync("\uFEFF{\"a\":1}\n\n{\n  \"b\": {\"c\": \"}\\\"{\"}\n} {\"d\":4}\n");

        Assert.Equal([(1, "{\"a\":1}", null), (3, "{\n  \"b\": {\"c\": \"}\\\"{\"}\n}", null), (5, "{\"d\":4}", null)], records);
    }

    [Theory]
    [InlineData("[,]\n{\"a\":1}", "Records must be separated by white space, not by commas and not in an array.")]
    [InlineData("hello\n{\"a\":1}", "A record must be a JSON object, which starts with a brace.")]
    [InlineData("{\"a\":}\n{\"a\":1}", "The record is not valid JSON at its byte 5: '}' is not expected there.")]
    public async Task Records_BrokenLine_IsToldAndTheNextIsRead(string text, string problem)
    {
        var records = await ReadAsync(text);

        Assert.Equal([problem, null], records.Select(r => r.Problem));
        Assert.Equal((2, "{\"a\":1}"), (records[1].Line, records[1].Text));
    }

    [Fact]
    public async Task Records_CutOff_IsTold() =>
        Assert.Equal([(1, "{\"a\": \"b", "The record ends before its JSON does.")], await ReadAsync("{\"a\": \"b"));

    [Fact]
    public async Task Records_LargerThanTheBuffer_AreWhole()
    {
        var large = $"{{\"a\":\"{new string('x', 300_000)}\"}}";

        var records = await ReadAsync(string.Join('\n', Enumerable.Repeat(large, 5)));

        Assert.Equal(Enumerable.Range(1, 5).Select(line => ((long)line, large, (string?)null)), records);
    }

    [Fact]
    public async Task Records_WithoutEnd_AreGivenUpAtTheLimit()
    {
        var records = await ReadAsync("{\"a\":\"" + new string('x', 6_000_000));

        Assert.Contains("larger than 4 MB", records[0].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\r\n ")]
    public async Task Records_NothingButSpace_AreNone(string text) => Assert.Empty(await ReadAsync(text));

    [Fact]
    public async Task Records_OfAFileThatNeverAnswers_CanBeLeft()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new MemorySource([("one.json", [1])]) { Stream = _ => new DeafStream(reading) };
        var parser = RecordReader.NewParser(new RecordRules(StarSchema.StagingEvents));
        var records = RecordReader.ReadAsync(source, SourcePart.Events, source.Files[0].File, parser, stop.Token).GetAsyncEnumerator();
        var next = records.MoveNextAsync().AsTask();
        await reading.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(TimeSpan.FromSeconds(9)));
        await records.DisposeAsync();
    }

    /// <summary>Never answers, and does not hear of a cancel either.</summary>
    private sealed class DeafStream(TaskCompletionSource reading) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            reading.TrySetResult();
            return new ValueTask<int>(new TaskCompletionSource<int>().Task);
        }
    }

    private static async Task<List<(long Line, string Text, string? Problem)>> ReadAsync(string text)
    {
        List<(long, string, string?)> records = [];
        var source = MemorySource.Of(Encoding.UTF8.GetBytes(text));
        var parser = RecordReader.NewParser(new RecordRules(StarSchema.StagingEvents));
        await foreach (var record in RecordReader.ReadAsync(source, SourcePart.Events, source.Files[0].File, parser, default))
        {
            records.Add((record.Line, Encoding.UTF8.GetString(record.Bytes.Span), record.Problem));
        }

        return records;
    }
}
