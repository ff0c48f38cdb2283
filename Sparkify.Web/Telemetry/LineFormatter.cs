using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Sparkify.Core.Common;

namespace Sparkify.Web.Telemetry;

/// <summary>
/// Writes the log as plain text, one line for each entry, with the trace it belongs to. Whatever an entry is made of (titles, names of
/// files and people, what a database says) stays within its line. Only what is thrown takes more lines, which are indented: one for each
/// place in the code.
/// </summary>
/// <param name="name">Which of the framework's formats it stands in for.</param>
/// <param name="clock">The time of an entry, where the line has one.</param>
internal sealed class LineFormatter(string name, TimeProvider clock) : ConsoleFormatter(name)
{
    private const string Indented = "      ";

    // Where systemd takes the log, it has the time already and tells levels apart by a number before each line.
    private readonly bool _systemd = name == ConsoleFormatterNames.Systemd;

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        ArgumentNullException.ThrowIfNull(textWriter);
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var trace = Signals.TraceId is { } id ? $" [trace {id}]" : "";
        Begin(textWriter, logEntry.LogLevel);
        if (!_systemd)
        {
            textWriter.Write(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} "));
            textWriter.Write(Word(logEntry.LogLevel));
            textWriter.Write(' ');
        }

        textWriter.WriteLine($"{logEntry.Category}[{logEntry.EventId.Id}]: {OneLine.Of(message)}{trace}");
        if (logEntry.Exception is { } thrown)
        {
            WriteThrown(textWriter, logEntry.LogLevel, thrown);
        }
    }

    private void WriteThrown(TextWriter writer, LogLevel level, Exception thrown)
    {
        Begin(writer, level);
        writer.WriteLine($"{Indented}{thrown.GetType().FullName}: {OneLine.Of(thrown.Message)}");
        foreach (var place in (thrown.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Begin(writer, level);
            writer.WriteLine($"{Indented}   {OneLine.Of(place)}");
        }

        foreach (var inner in (thrown as AggregateException)?.InnerExceptions ?? new[] { thrown.InnerException }.OfType<Exception>())
        {
            WriteThrown(writer, level, inner);
        }
    }

    private void Begin(TextWriter writer, LogLevel level)
    {
        if (_systemd)
        {
            writer.Write($"<{Severity(level)}>");
        }
    }

    // As wide as one another, so that what comes behind stands in a column.
    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    // RFC 5424.
    private static int Severity(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 7,
        LogLevel.Information => 6,
        LogLevel.Warning => 4,
        LogLevel.Error => 3,
        _ => 2,
    };
}
