using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("Sparkify.Tests.Support.CleaningTestFramework", "Sparkify.Tests")]

namespace Sparkify.Tests.Support;

/// <summary>
/// xunit with one thing more: when the last test has ended, what all of them shared is stopped. The end of the process is too late for
/// that: the test host may be ended before its handlers have run, and a server would be left behind.
/// </summary>
public sealed class CleaningTestFramework(IMessageSink messageSink) : XunitTestFramework(messageSink)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider sources, IMessageSink sink)
        : XunitTestFrameworkExecutor(assembly, sources, sink)
    {
        protected override void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions) =>
            _ = RunAsync(new AssemblyRunner(TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions));

        private static async Task RunAsync(AssemblyRunner runner)
        {
            using (runner)
            {
                await runner.RunAsync();
            }
        }
    }

    private sealed class AssemblyRunner(
        ITestAssembly assembly, IEnumerable<IXunitTestCase> cases, IMessageSink diagnostics, IMessageSink execution,
        ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, cases, diagnostics, execution, options)
    {
        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            await SharedPostgres.StopAsync();
            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}
