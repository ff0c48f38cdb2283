using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.People;

/// <summary>
/// Makes the first administrator from <c>Sparkify:AdminPassword</c>, where that is set and nobody is registered.
/// </summary>
internal sealed class FirstPerson(IDoor door, IOptions<SparkifyOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.AdminPassword is { Length: > 0 } password && !await door.HasAccountsAsync(cancellationToken))
        {
            try
            {
                await door.BeginAsync(SparkifyOptions.AdminName, password, cancellationToken);
            }
            catch (SparkifyException ex) when (ex.Kind == ProblemKind.Invalid)
            {
                throw SparkifyException.Invalid($"{SparkifyOptions.Section}:{nameof(SparkifyOptions.AdminPassword)}: {ex.Message}", ex);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
