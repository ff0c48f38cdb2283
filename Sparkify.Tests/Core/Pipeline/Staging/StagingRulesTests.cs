using System.Text;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>COPY's rules, one by one.</summary>
public sealed class StagingRulesTests(StagingDatabase database) : IClassFixture<StagingDatabase>
{
    [Theory]
    [InlineData("{\"big\":1} {\"big\":2}\t{\"big\":3}{\"big\":4}", 4)]
    [InlineData("{\"big\":1}\r\n\r\n{\"big\":2}\r\n", 2)]
    [InlineData("{\n  \"big\":\n  1\n}\n{\"big\":2}", 2)]
    [InlineData("\uFEFF{\"big\":1}\n", 1)]
    [InlineData("{}", 1)]
    [InlineData("", 0)]
    [InlineData(" \n\t\r\n", 0)]
    [InlineData("\uFEFF", 0)]
    public async Task Objects_are_separated_by_white_space(string content, int rows)
    {
        var staged = await database.StageAsync(content);

        Assert.Equal(rows, staged.Rows.Count);
        Assert.Empty(staged.Rejects);
    }

    [Theory]
    [InlineData("\"text\":\"é\"", "'é'")]
    [InlineData("\"text\":\"\"", "''")]
    [InlineData("\"text\":null", "NULL")]
    [InlineData("\"text\":1.50", "'1.50'")]
    [InlineData("\"text\":true", "'true'")]
    [InlineData("\"text\":{ \"a\": [1] }", "'{ \"a\": [1] }'")]
    [InlineData("\"text\":[]", "'[]'")]
    [InlineData("\"text\":\"\\ud83d\\ude00\\n\"", "'😀\n'")]
    [InlineData("\"text\":\"first\",\"text\":\"last\"", "'last'")]
    [InlineData("\"TEXT\":\"any case\"", "'any case'")]
    [InlineData("\"TEXT\":\"other\",\"text\":\"exact\",\"Text\":\"other\"", "'exact'")]
    [InlineData("\"te\\u0078t\":\"escaped key\"", "'escaped key'")]
    public async Task Text_columns_take_every_value(string field, string expected) =>
        Assert.StartsWith($"{expected} | NULL | NULL | NULL | NULL | NULL | 1 | 1", (await database.StageAsync(
            $"{{{field}}}")).Row, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"anInteger\":\"12\"", "NULL | 12 | NULL | NULL | NULL")]
    [InlineData("\"anInteger\":5.0", "NULL | 5 | NULL | NULL | NULL")]
    [InlineData("\"anInteger\":\"\"", "NULL | NULL | NULL | NULL | NULL")]
    [InlineData("\"big\":-9223372036854775808", "NULL | NULL | -9223372036854775808 | NULL | NULL")]
    [InlineData("\"big\":\"\\u0031\"", "NULL | NULL | 1 | NULL | NULL")]
    [InlineData("\"real\":246.30812", "NULL | NULL | NULL | 246.30812 | NULL")]
    [InlineData("\"real\":\"-1e-3\"", "NULL | NULL | NULL | -0.001 | NULL")]
    [InlineData("\"real\":9007199254740993", "NULL | NULL | NULL | 9007199254740992 | NULL")]
    [InlineData("\"ts\":1541105830796", "NULL | NULL | NULL | NULL | 2018-11-01 20:57:10.796000")]
    [InlineData("\"ts\":1541105830796.0", "NULL | NULL | NULL | NULL | 2018-11-01 20:57:10.796000")]
    [InlineData("\"ts\":1541105830796.1239", "NULL | NULL | NULL | NULL | 2018-11-01 20:57:10.796123")]
    [InlineData("\"ts\":\"1541105830796\"", "NULL | NULL | NULL | NULL | 2018-11-01 20:57:10.796000")]
    [InlineData("\"ts\":-1", "NULL | NULL | NULL | NULL | 1969-12-31 23:59:59.999000")]
    public async Task Number_columns_take_numbers_and_texts_of_numbers(string field, string expected) =>
        Assert.StartsWith(expected, (await database.StageAsync($"{{{field}}}")).Row, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"ts\":\"soon\"", "ts", "ts: \"soon\" is not a time in milliseconds since 1970.")]
    [InlineData("\"ts\":1e20", "ts", "ts: 1e20 is out of range for a time in milliseconds since 1970.")]
    [InlineData("\"anInteger\":5.5", "i", "anInteger: 5.5 is not a whole number.")]
    [InlineData("\"anInteger\":2147483648", "i", "anInteger: 2147483648 is out of range for a whole number of 32 bits.")]
    [InlineData("\"big\":9223372036854775808", "b", "big: 9223372036854775808 is out of range for a whole number of 64 bits.")]
    [InlineData("\"big\":true", "b", "big: true is not a whole number of 64 bits.")]
    [InlineData("\"big\":[1]", "b", "big: [1] is not a whole number of 64 bits.")]
    [InlineData("\"real\":{}", "d", "real: {} is not a number.")]
    [InlineData("\"real\":1e400", "d", "real: 1e400 is out of range for a number.")]
    [InlineData("\"real\":\" 1\"", "d", "real: \" 1\" is not a number.")]
    [InlineData("\"text\":\"twenty-five bytes exactly!\"", "t", "text: the text is longer than the 24 bytes its column takes.")]
    [InlineData("\"text\":\"日本語日本語日本語\"", "t", "text: the text is longer than the 24 bytes its column takes.")]
    [InlineData("\"text\":\"a\\u0000\"", "t", "text: the text contains \\u0000, which cannot be stored.")]
    [InlineData("\"text\":\"\\ud83d\"", "t", "text: the text contains half of a surrogate pair, which is no character.")]
    public async Task A_value_that_does_not_fit_is_a_reject_with_its_column_and_reason(string field, string column, string reason)
    {
        var staged = await database.StageAsync($"{{\"big\":1}}\n  {{{field}}}\n{{\"big\":2}}");

        Assert.Equal(2, staged.Rows.Count);
        Assert.Equal(("one.json", 2L, 12L, column, reason, $"{{{field}}}"), As(staged.Reject));
    }

    [Theory]
    [InlineData("日本語日本語日本語", "日本語日本語日本")]
    [InlineData("xx日本語日本語日本語", "xx日本語日本語日")]
    [InlineData("twenty-four bytes exactly", "twenty-four bytes exactl")]
    public async Task Texts_are_cut_at_a_character_when_asked_for(string text, string expected) => Assert.StartsWith(
        $"'{expected}' |", (await database.StageAsync($"{{\"text\":\"{text}\"}}", truncate: true)).Row, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"text\":\"no end}", "The record is not valid JSON at its byte 16: the line ends too early.")]
    [InlineData("{\"text\":\"a\" \"big\":1}", "The record is not valid JSON at its byte 12: '\"' is not expected there.")]
    [InlineData("{\"big\":1,}", "The record is not valid JSON at its byte 9: '}' is not expected there.")]
    [InlineData("{\"big\":01}", "The record is not valid JSON at its byte 8: '1' is not expected there.")]
    [InlineData("{\"big\":nul}", "The record is not valid JSON at its byte 10: '}' is not expected there.")]
    [InlineData("{\"text\":\"\\x\"}", "The record is not valid JSON at its byte 10: 'x' is not expected there.")]
    [InlineData("{\"text\":\"\u0001\"}", "The record is not valid JSON at its byte 9: a control character stands there.")]
    [InlineData("{\"a\":[{\"b\":1}", "The record is not valid JSON at its byte 14: '{' is not expected there.")]
    [InlineData("garbage", "A record must be a JSON object, which starts with a brace.")]
    [InlineData("\"text\"", "A record must be a JSON object, which starts with a brace.")]
    public async Task A_bad_line_costs_only_itself(string line, string reason)
    {
        var staged = await database.StageAsync($"{{\"big\":1}}\n{line}\n{{\"big\":2}}\n{{\"big\":3}}\n");

        Assert.Equal(3, staged.Rows.Count);
        Assert.Equal(("one.json", 2L, 10L, null, reason, line), As(staged.Reject));
    }

    [Fact]
    public async Task A_bad_record_that_balances_ends_at_its_brace()
    {
        var staged = await database.StageAsync("{\"big\":oops,\n \"text\":{}} {\"big\":2}\n{\"big\":3}");

        Assert.Equal(2, staged.Rows.Count);
        Assert.Equal("{\"big\":oops,\n \"text\":{}}", staged.Reject.Raw);
        Assert.Contains(staged.Rows, r => r.EndsWith("| 1 | 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_truncated_last_line_is_one_reject()
    {
        var staged = await database.StageAsync("{\"big\":1}\n{\"big\":2,\"text\":\"cut o");

        Assert.Single(staged.Rows);
        Assert.Equal(
            ("one.json", 2L, 10L, null, "The record ends before its JSON does.", "{\"big\":2,\"text\":\"cut o"), As(staged.Reject));
    }

    [Theory]
    [InlineData("{\"big\":1},\n{\"big\":2},\n", 2, ", ,")]
    [InlineData("{\"big\":1}\n[{\"big\":2},{\"big\":3}]", 3, "[ , ]")]
    [InlineData("[]\n{\"big\":1}", 1, "[]")]
    public async Task Commas_and_brackets_between_records_are_rejects_and_the_records_are_not(string content, int rows, string raws)
    {
        var staged = await database.StageAsync(content);

        Assert.Equal(rows, staged.Rows.Count);
        Assert.Equal(raws, string.Join(' ', staged.Rejects.Select(r => r.Raw)));
        Assert.All(
            staged.Rejects, r => Assert.Equal("Records must be separated by white space, not by commas and not in an array.", r.Reason));
    }

    [Theory]
    [InlineData("[{\"big\":1},{\"big\":2}]", 1)]
    [InlineData("[\n{\"big\":1},\n{\"big\":2}\n]\n", 1)]
    [InlineData("\uFEFF\n[\n  {\n    \"big\": 1\n  },\n  {\n    \"big\": 2\n  }\n]\n", 2)]
    [InlineData("[{\"big\":1}]\n[{\"big\":2}]", 1)]
    public async Task An_array_of_objects_is_one_reject_of_the_file_and_its_objects_are_counted_once(string content, int line)
    {
        var staged = await database.StageAsync(content);

        Assert.Equal(2, staged.Rows.Count);
        Assert.Equal((2L, 2L, 0L, 1L), (staged.Result.Read, staged.Result.Staged, staged.Result.Rejected, staged.Result.FileRejects));
        Assert.Equal((line, "[", null), (staged.Reject.Line, staged.Reject.Raw, staged.Reject.Column));
        Assert.StartsWith("This file is one JSON array: write one object per line", staged.Reject.Reason, StringComparison.Ordinal);
        Assert.Empty(staged.Result.Failed);
    }

    [Fact]
    public async Task An_array_of_thousands_costs_one_reject()
    {
        var staged = await database.StageAsync(
            MemorySource.Of(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("{\"big\":1}", 20_000))}]")),
            new LoadOptions { BufferBytes = 4096 }, maxRejects: 2);

        Assert.Equal((20_000, 20_000L), (staged.Rows.Count, staged.Result.Read));
        Assert.True(staged.Reject.OfFile);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_rejects()
    {
        byte[] file = [.. "{\"text\":\"a"u8, 0xFF, .. "\"}\n{\"other\":\""u8, 0xC3, .. "\"}\n{\"text\":\"good é\"}"u8];
        var staged = await database.StageAsync(MemorySource.Of(file), new LoadOptions { Parallelism = 1 });

        Assert.StartsWith("'good é'", staged.Row, StringComparison.Ordinal);
        Assert.Equal(["t", null], staged.Rejects.Select(r => r.Column));
        Assert.Equal("{\"text\":\"a\uFFFD\"}", staged.Rejects[0].Raw);
    }

    [Fact]
    public async Task Records_may_have_4_MB_and_no_more()
    {
        const int Most = 4 * 1024 * 1024;
        var fits = $"{{\"x\":\"{new string('x', Most - 8)}\"}}";
        var larger = $"{{\"x\":\"{new string('x', Most - 7)}\"}}";
        foreach (var bytes in (int[])[4096 * 16, 16 * Most])
        {
            var staged = await database.StageAsync($"{fits}\n{larger}\n{{\"big\":1}}", new LoadOptions { BufferBytes = bytes });

            Assert.Equal(2, staged.Rows.Count);
            Assert.Equal("The record is larger than 4 MB.", staged.Reject.Reason);
            Assert.Equal(2, staged.Reject.Line);
            Assert.Equal(4000, staged.Reject.Raw.Length);
        }
    }

    [Fact]
    public async Task Objects_may_nest_512_deep_and_no_deeper()
    {
        static string Deep(int levels) => $"{{\"x\":{new string('[', levels - 1)}{new string(']', levels - 1)}}}";
        var staged = await database.StageAsync($"{Deep(512)}\n{Deep(513)}\n{Deep(100_000)}\n{{}}");

        Assert.Equal(2, staged.Rows.Count);
        Assert.Equal([2, 3], staged.Rejects.Select(r => r.Line).Order());
    }

    [Fact]
    public async Task Unknown_and_missing_keys_are_counted_by_records()
    {
        var staged = await database.StageAsync(
            "{\"text\":1,\"new\":1,\"new\":2}\n{\"text\":1,\"new\":{\"inner\":1},\"newer\":1}\n{\"big\":1}\n{\"big\":\"bad\",\"new\":1}",
            new LoadOptions { BufferBytes = 16 });

        Assert.Equal([("new", 2L), ("newer", 1L)], staged.Result.UnknownKeys.Select(k => (k.Key, k.Value)));
        Assert.Equal((1L, 3L, 2L), (staged.Result.MissingKeys["text"], staged.Result.MissingKeys["ts"], staged.Result.MissingKeys["big"]));
    }

    [Fact]
    public async Task At_most_100_unknown_keys_are_named()
    {
        var keys = string.Join(',', Enumerable.Range(0, 3000).Select(n => $"\"k{n}\":1"));

        Assert.Equal(100, (await database.StageAsync(
            Encoding.UTF8.GetString([.. "{"u8, .. Encoding.UTF8.GetBytes(keys), .. "}"u8]))).Result.UnknownKeys.Count);
    }

    private static (string File, long Line, long Offset, string? Column, string Reason, string Raw) As(StagingReject r) =>
        (r.File, r.Line, r.Offset, r.Column, r.Reason, r.Raw);
}
