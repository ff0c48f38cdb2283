namespace Sparkify.Web.Shared;

internal static partial class UiLog
{
    [LoggerMessage(9001, LogLevel.Error, "Command {Command} failed")]
    public static partial void CommandFailed(ILogger logger, string command, Exception exception);
}
