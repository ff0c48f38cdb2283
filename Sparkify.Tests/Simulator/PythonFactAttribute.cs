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
    public static bool Has(string needs)
    {
        try
        {
            using var process = needs is "aws" or "psql" or "npm"
                ? Process.Start(Info(needs, ["--version"], []))
                : Process.Start(Info("python3", ["-c", $"import {needs}"], []));
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
