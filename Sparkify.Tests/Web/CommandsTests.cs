using Microsoft.Extensions.Logging.Abstractions;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

/// <summary>What buttons ask for, at the edge of a visit.</summary>
public sealed class CommandsTests
{
    [Fact]
    public async Task Run_AfterTheVisitHasEnded_IsCancelledAndNoProblem()
    {
        var commands = new Commands(NullLogger<Commands>.Instance);
        commands.Dispose();

        var result = await commands.RunAsync("late", ct =>
        {
            ct.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        });

        Assert.Equal(new CommandResult(Done: false), result);
    }
}
