using System.ComponentModel;
using System.Diagnostics;

namespace Sparkify.Tests.Simulator;

/// <summary>
/// A test that needs a Python module (or a program: the aws CLI, psql or npm): skipped on a laptop without it, run and failed where
/// <c>CI=true</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute(string needs)
    {
        if (!string.Equals(
            Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase) && !OutsideProgram.Has(needs))
        {
            Skip = $"{needs} is not installed here; with CI=true this test would fail.";
        }
    }
}

/// <summary>Runs programs that are not ours.</summary>
internal static class OutsideProgram
{
    // A Python of one's own may stand before the system's, which has the system's modules.
    private static readonly string[] Pythons = ["python3", "/usr/bin/python3"];

    public static bool Has(string needs) =>
        needs is "aws" or "psql" or "npm" ? Runs(needs, "--version") : Pythons.Any(p => Runs(p, "-c", $"import {needs}"));

    /// <summary>The Python that has a module.</summary>
    public static string Python(string module) => Pythons.FirstOrDefault(p => Runs(p, "-c", $"import {module}")) ?? Pythons[0];

    private static bool Runs(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(Info(program, arguments, []));
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs one to its end and returns everything it said.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, string? folder = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var info = Info(program, arguments, environment);
        info.WorkingDirectory = folder ?? "";
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    public static ProcessStartInfo Info(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var info = new ProcessStartInfo(
            program, arguments)
        { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
