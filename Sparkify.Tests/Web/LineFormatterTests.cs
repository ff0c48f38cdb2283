using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Web.Telemetry;

namespace Sparkify.Tests.Web;

/// <summary>The log as plain text: whatever an entry holds, it is one line.</summary>
public sealed class LineFormatterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 8, 9, 10, 123, TimeSpan.Zero);

    [Theory]
    [InlineData("a title\nwith a line", @"a title\nwith a line")]
    [InlineData("a file\r\n2026-11-27T00:00:00.000Z info Forged[1]: nothing", @"a file\r\n2026-11-27T00:00:00.000Z info Forged[1]: nothing")]
    [InlineData("red \u001b[31mname\u001b[0m", @"red \u001b[31mname\u001b[0m")]
    [InlineData("a\u0000b\u2028c\u2029d\u0085e\tf", @"a\u0000b\u2028c\u2029d\u0085e\tf")]
    [InlineData("turned \u202eround", @"turned \u202eround")]
    [InlineData("Björk 🎧 שלום", "Björk 🎧 שלום")]
    public void Entry_WithTextFromAnywhere_IsOneLine(string text, string written) =>
        Assert.Equal($"2026-11-27T08:09:10.123Z warn Sparkify.Test[7]: {written}\n", Write("simple", text));

    [Fact]
    public void Entry_WithinATrace_NamesIt()
    {
        using var span = new Activity("test").Start();
        Assert.Equal($"2026-11-27T08:09:10.123Z warn Sparkify.Test[7]: said [trace {span.TraceId}]\n", Write("simple", "said"));
    }

    [Fact]
    public void Exception_WithAllBelowIt_HasIndentedLinesAndNoOthers()
    {
        var thrown = new AggregateException(
            "two\nwent wrong", Thrown(new InvalidDataException("first\u001b[31m")),
            new IOException("second\r\nline", new TimeoutException("below")));
        var lines = Write("simple", "failed", thrown).TrimEnd('\n').Split('\n');
        Assert.StartsWith("2026-11-27T08:09:10.123Z warn ", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..], static line => Assert.StartsWith("      ", line, StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains(@"System.AggregateException: two\nwent wrong", StringComparison.Ordinal));
        Assert.Contains(@"      System.IO.InvalidDataException: first\u001b[31m", lines);
        Assert.Contains(lines, static line => line.StartsWith("         at ", StringComparison.Ordinal));
        Assert.Contains(@"      System.IO.IOException: second\r\nline", lines);
        Assert.Contains("      System.TimeoutException: below", lines);
    }

    [Fact]
    public void Systemd_GetsEveryLineWithItsLevelAndNoTime()
    {
        var lines = Write("systemd", "one\ntwo", new IOException("below\nit")).TrimEnd('\n').Split('\n');
        Assert.Equal([@"<4>Sparkify.Test[7]: one\ntwo", @"<4>      System.IO.IOException: below\nit"], lines);
    }

    private static InvalidDataException Thrown(InvalidDataException exception)
    {
        try
        {
            throw exception;
        }
        catch (InvalidDataException ex)
        {
            return ex;
        }
    }

    private static string Write(string format, string text, Exception? exception = null)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new LineFormatter(format, new FakeTimeProvider(Now)).Write(
            new LogEntry<string>(LogLevel.Warning, "Sparkify.Test", new EventId(7), text, exception, static (state, _) => state), null,
            writer);
        return writer.ToString();
    }
}
