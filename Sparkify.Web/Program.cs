using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Web;

try
{
    if (BackupCommand.Is(args))
    {
        return await BackupCommand.RunAsync(args);
    }

    OpenFiles.MustSuffice();
    while (await Start.OnceAsync(args) is { } why)
    {
        await Console.Error.WriteLineAsync($"Sparkify waits. {why.Message}");
        if (!await WaitingRoom.WaitAsync(args, why))
        {
            break;
        }
    }

    return 0;
}
catch (OptionsValidationException ex)
{
    await Console.Error.WriteLineAsync("Sparkify cannot start with these settings:");
    foreach (var failure in ex.Failures)
    {
        await Console.Error.WriteLineAsync($"  {failure}");
    }

    return 2;
}
catch (SparkifyException ex)
{
    await Console.Error.WriteLineAsync(BackupCommand.Is(args) ? ex.Message : $"Sparkify cannot start. {ex.Message}");
    return 1;
}
catch (IOException ex) when (ex.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
{
    await Console.Error.WriteLineAsync(
        $"Sparkify cannot start. {ex.Message} Stop what uses it, or choose another with --urls http://localhost:5081");
    return 1;
}
