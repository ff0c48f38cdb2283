using Microsoft.Extensions.Logging.Abstractions;
using Sparkify.Core.Common;
using Sparkify.Web.Shared;
using Sparkify.Web.Telemetry;

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

    [Fact]
    public async Task Run_ThatFailsForAReasonNobodyForesaw_NamesTheTraceUnderWhichTheLogHasIt()
    {
        using var ids = new TraceIds();
        await ids.StartAsync(CancellationToken.None);
        using var commands = new Commands(NullLogger<Commands>.Instance);
        string? trace = null;

        var result = await commands.RunAsync("any", _ =>
        {
            trace = Signals.TraceId;
            throw new InvalidDataException("planted");
        });

        Assert.NotNull(trace);
        Assert.Equal($"That did not work, for a reason that is in the application's log under {trace}. Try again.", result.Problem);
        Assert.DoesNotContain("planted", result.Problem, StringComparison.Ordinal);
    }
}
