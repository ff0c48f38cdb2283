using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd.Faults;

/// <summary>The application may have only few files open at once.</summary>
[Trait("Category", Fault.Category)]
public sealed class OpenFilesTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(1023)]
    public Task Start_WithFewFiles_IsRefusedInASentence(int most) => Fault.RowAsync(
        $"ulimit -n {most}", "refused at once, in a sentence with what there is, what is needed and how to raise it", async row =>
        {
            using var folder = new TempFolder();
            var data = Path.Combine(folder.Path, "data");
            row.Strikes();

            var (code, said) = await AppProcess.RefusedAsync(most, "--Sparkify:DataDirectory", data);

            Assert.Equal(
                (1, $"Sparkify cannot start. This process may have {most} files open at once, and Sparkify needs at least 1024. Raise the limit: ulimit -n 4096 in " +
                    "the shell that starts it, LimitNOFILE=4096 in its systemd unit, or --ulimit nofile=4096 for its container.\n"),
                (code, said));
            Assert.False(Path.Exists(data), "The data folder was made.");
            row.Saw("exit 1 with the sentence");
        });

    [Fact]
    public Task Start_WithJustEnoughFiles_LoadsAWarehouse() => Fault.RowAsync(
        "ulimit -n 1024", "works: a warehouse is made and loaded", async row =>
        {
            await using var app = await AppProcess.StartLimitedAsync(mostFiles: 1024);
            row.Strikes();
            await app.LoadSampleAsync("small", events: 20_000);
            row.Saw("loaded");
        });
}
