using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd.Faults;

/// <summary>The application is told to stop: in the middle of its start, and after much work.</summary>
[Trait("Category", Fault.Category)]
public sealed class StopTests
{
    [Theory]
    [InlineData("the database is made", "Making the database in")]
    [InlineData("the server starts", "")]
    [InlineData("the schema is brought up to date", "0001_store.sql")]
    [InlineData("it begins to listen", "0018_account.sql")]
    public Task Term_InTheMiddleOfAStart_EndsQuietly_AndTheNextStartIsWhole(string when, string line) => Fault.RowAsync(
        $"SIGTERM while {when}", "exit 0 or 143, not a word of a failure, no server left; the next start is whole", async row =>
        {
            using var data = new TempFolder();
            var (code, said) = (0, "");
            for (var tries = 1; ; tries++)
            {
                (code, said) = await AppProcess.StoppedAsync(data.Path, row.Strikes, text => line.Length > 0
                    ? text.Contains(line, StringComparison.Ordinal) : Directory.Exists(Path.Combine(data.Path, "postgres", "data")));
                row.Saw($"exit {code}");
                if (!said.Contains("Sparkify is ready", StringComparison.Ordinal))
                {
                    break;
                }

                // It was ready before it was told to stop, which is no test: once more, from the beginning.
                Assert.True(tries < 5, "It was never caught in the middle.");
                Directory.Delete(Path.Combine(data.Path, "postgres"), recursive: true);
            }

            Assert.Contains(code, (int[])[0, 143]);
            Assert.DoesNotContain("Exception", said);
            Assert.DoesNotContain("   at ", said);
            Assert.Empty(ServersOn(data.Path));
            await using var next = await AppProcess.StartOnAsync(data.Path);
            await next.ReadyLine.WaitAsync(TimeSpan.FromSeconds(60));
        });

    [Fact]
    public Task Term_IdleAfterManyLoads_EndsWithinTenSeconds() => Fault.RowAsync(
        $"SIGTERM, idle, after {Loads} loads", "ends within 10 s", async row =>
        {
            using var source = new TempFolder();
            await using var app = await AppProcess.StartAsync();
            var events = Enumerable.Range(0, 20).Select(static at => Source.Event(item: at));
            await app.PostAsync("/api/v1/warehouses", new { name = "small", source = Source.Write(source, events, [Source.Song()]) });
            await app.PostAsync("/api/v1/warehouses/small/runs", new { kind = "provision" });
            await app.IdleAsync();
            for (var load = 1; load <= Loads; load++)
            {
                await app.PostAsync("/api/v1/warehouses/small/runs", new { kind = "load" });
                await app.IdleAsync();
            }

            Assert.Equal(Loads, (await app.GetAsync("/api/v1/runs?kind=load&state=succeeded")).GetProperty("total").GetInt32());
            row.Strikes();
            Assert.Equal(0, await app.TermAsync());
            row.Saw("exit 0");
            // Beside other tests the machine is busy; the row on record is from a quiet one.
            Assert.True(row.Took < TimeSpan.FromSeconds(Fault.Whole ? 10 : 30), $"It took {row.Took.TotalSeconds:0.0} s.");
        });

    private static int Loads => Fault.Whole ? 300 : 15;

    private static IEnumerable<string> ServersOn(string folder) => Directory.GetDirectories("/proc")
        .Where(static process => Path.GetFileName(process).All(char.IsAsciiDigit))
        .Select(CommandLine).Where(line => line.Contains(folder, StringComparison.Ordinal));

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }
}
