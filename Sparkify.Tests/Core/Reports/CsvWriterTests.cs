using System.Text;
using Sparkify.Core.Common.Csv;

namespace Sparkify.Tests.Core.Reports;

/// <summary>How values stand in a CSV file, whatever it is a file of.</summary>
public sealed class CsvWriterTests
{
    [Theory]
    [InlineData("2018-11-01 00:00:00", "2018-11-01 00:00:00.000")]
    [InlineData("2018-11-01 10:00:01.796", "2018-11-01 10:00:01.796")]
    [InlineData("2018-11-01 10:00:01.7", "2018-11-01 10:00:01.700")]
    [InlineData("2018-11-01 10:00:01.796482", "2018-11-01 10:00:01.796")]
    [InlineData("2018-11-01 10:00:01+00", "2018-11-01 10:00:01.000+00")]
    [InlineData("2018-11-01 10:00:01.5+05:30", "2018-11-01 10:00:01.500+05:30")]
    [InlineData("0044-03-15 00:00:00 BC", "0044-03-15 00:00:00.000 BC")]
    [InlineData("12018-11-01 00:00:00", "12018-11-01 00:00:00.000")]
    [InlineData("infinity", "infinity")]
    [InlineData("-infinity", "-infinity")]
    public async Task Moment_OfAQuery_HasThreeDigits(string written, string shape) =>
        Assert.Equal(shape, await WriteAsync(csv => csv.Moment(written)));

    [Fact]
    public async Task Cell_OfEveryType_HasOneShape()
    {
        var midnight = new DateTime(2018, 11, 1, 0, 0, 0, DateTimeKind.Utc);

        Assert.Equal(
            "2018-11-01 00:00:00.000,2018-11-01 10:00:01.796,2018-11-01,2018-11-01,-1,200.12345,1e+20,,\"\",t", await WriteAsync(csv =>
            {
                csv.Cell(midnight, "timestamp without time zone");
                csv.Cell(midnight.AddMilliseconds(36_001_796), "timestamp without time zone");
                csv.Cell(midnight, "date");
                csv.Cell(new DateOnly(2018, 11, 1), "date");
                csv.Cell(-1L, "bigint");
                csv.Cell(200.12345, "double precision");
                csv.Cell(1e20, "double precision");
                csv.Cell(null, "text");
                csv.Cell("", "text");
                csv.Cell(true, "boolean");
            }));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-M- Zed", "'-M- Zed")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("+49", "'+49")]
    [InlineData("\t=1", "'\t'=1")]
    [InlineData("\tharmless", "'\tharmless")]
    [InlineData("a;=1+1", "a;'=1+1")]
    [InlineData("a; \"=1+1", "\"a; \"\"'=1+1\"")]
    [InlineData("a\t@SUM(A1)", "a\t'@SUM(A1)")]
    [InlineData("a\n=1", "\"a\n'=1\"")]
    [InlineData(";;=1", ";;'=1")]
    [InlineData("\"=1\"", "\"\"\"'=1\"\"\"")]
    [InlineData("a=1, b=-2", "\"a=1, b=-2\"")]
    [InlineData("a;b", "a;b")]
    [InlineData("AC-DC", "AC-DC")]
    public async Task Text_ForExcel_IsNoFormula_AndRawIsAsItIs(string text, string guarded)
    {
        Assert.Equal("\uFEFF" + guarded, await WriteAsync(csv => csv.Text(text), forExcel: true));
        Assert.Equal(text, Unquoted(await WriteAsync(csv => csv.Text(text))));

        // In pieces, wherever they are cut.
        for (var cut = 1; cut < text.Length; cut++)
        {
            var pieces = await WriteAsync(
                csv =>
                {
                    csv.BeginLong();
                    csv.Piece(text.AsSpan(0, cut));
                    csv.Piece(text.AsSpan(cut));
                    csv.EndLong();
                }, forExcel: true);
            Assert.Equal(Unquoted(guarded), Unquoted(pieces[1..]));
        }
    }

    [Fact]
    public async Task Note_ForExcel_IsOneCellThatComputesNothing_AndRawIsAComment()
    {
        const string Note = "Query: select 1;=cmd(), 2";

        Assert.Equal("\uFEFF\"# Query: select 1;'=cmd(), 2\"\r\nn", await WriteAsync(Write, forExcel: true));
        Assert.Equal("# Query: select 1;=cmd(), 2\r\nn", await WriteAsync(Write));

        static void Write(CsvWriter csv)
        {
            csv.Note(Note);
            csv.Text("n");
        }
    }

    [Fact]
    public async Task Text_RawThatBeginsAsANoteDoes_IsQuoted() =>
        Assert.Equal("\"#comment\"", await WriteAsync(csv => csv.Text("#comment")));

    private static string Unquoted(string cell) =>
        cell.StartsWith('"') ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;

    private static async Task<string> WriteAsync(Action<CsvWriter> write, bool forExcel = false)
    {
        using var memory = new MemoryStream();
        var csv = new CsvWriter(memory, forExcel);
        write(csv);
        await csv.FlushAsync(default);
        return Encoding.UTF8.GetString(memory.ToArray());
    }
}
