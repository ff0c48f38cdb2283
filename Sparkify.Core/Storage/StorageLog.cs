using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(500, LogLevel.Information, "Making the database in {Folder}")]
    public static partial void Initialising(ILogger logger, string folder);

    [LoggerMessage(501, LogLevel.Information, "The embedded PostgreSQL runs as process {Pid}, socket folder {Socket}")]
    public static partial void Started(ILogger logger, int pid, string socket);

    [LoggerMessage(502, LogLevel.Error, "The embedded PostgreSQL ended with code {Code} and is started again. Last output: {Output}")]
    public static partial void Died(ILogger logger, int code, string output);

    [LoggerMessage(503, LogLevel.Error, "The embedded PostgreSQL did not start again (failure {Failures} in a row)")]
    public static partial void RestartFailed(ILogger logger, int failures, Exception exception);

    [LoggerMessage(504, LogLevel.Warning, "PostgreSQL: {Line}")]
    public static partial void Said(ILogger logger, string line);

    [LoggerMessage(505, LogLevel.Information, "Applied the migration {Script}")]
    public static partial void Migrated(ILogger logger, string script);

    [LoggerMessage(507, LogLevel.Error, "The application's database does not answer: {Reason}")]
    public static partial void Away(ILogger logger, string reason);

    [LoggerMessage(508, LogLevel.Information, "The application's database answers again")]
    public static partial void Back(ILogger logger);

    [LoggerMessage(506, LogLevel.Information, "The embedded PostgreSQL's account has a new password, asked for by {Actor}")]
    public static partial void PasswordRenewed(ILogger logger, string actor);

    [LoggerMessage(509, LogLevel.Warning, "The database {Database} was open to every login of its server and is closed now: grant CONNECT on it to whoever else uses it")]
    public static partial void ClosedToOthers(ILogger logger, string database);

    [LoggerMessage(520, LogLevel.Warning, "What other processes change is not heard just now: {Reason}")]
    public static partial void NewsLost(ILogger logger, string reason);

    [LoggerMessage(521, LogLevel.Warning, "Something that another process changed is not shown here")]
    public static partial void NewsNotTaken(ILogger logger, Exception exception);
}
