using System.Diagnostics;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The measuring program, which is not measured here: that it can be started, and gets to the end of what it compares.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task Bench_OfFewEvents_LoadsThem_AddsToThem_AndFindsTheSameStar()
    {
        using TempFolder folder = new();
        // Beside this one: …/Sparkify.Tests/bin/Release/net10.0.
        var program = Path.Combine(
            AppContext.BaseDirectory.Replace("Sparkify.Tests", "Sparkify.Bench", StringComparison.Ordinal), "Sparkify.Bench.dll");
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [program, "new", "--events", "30000", "--runs", "1", "--directory", folder.Path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(4));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        Assert.True(process.ExitCode == 0, $"{await output}\n{await errors}");
        Assert.Contains("of a full load (wanted: 0.25)", await output, StringComparison.Ordinal);
    }
}
