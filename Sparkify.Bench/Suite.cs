using Sparkify.Core.Pipeline.Staging;

namespace Sparkify.Bench;

internal sealed class Suite(BenchArguments arguments, BenchServer server)
{
    private readonly Contenders _contenders = new(server);
    private readonly LoadOptions _options = new();

    public async Task RunAsync(CancellationToken ct)
    {
        var events = await BenchData.EventsAsync(arguments.Directory, arguments.Events, ct);
        await EmptyAsync(ct);
        await _contenders.StageAsync(events, _options, ct);
        var csv = Path.Combine(arguments.Directory, "events.csv");
        await _contenders.ExportAsync(csv, ct);
        List<Measurement> all = [];
        if (arguments.Wants("stage"))
        {
            all.Add(new("stage", () => EmptyAsync(ct), () => _contenders.StageAsync(events, _options, ct)));
        }

        if (arguments.Wants("csv"))
        {
            all.Add(new("csv", () => EmptyAsync(ct), async () => { await _contenders.CopyCsvAsync(csv, ct); return arguments.Events; }));
        }

        await Measurement.InterleaveAsync(all, arguments.Runs);
        foreach (var one in all)
        {
            Console.WriteLine($"{one.Name,-10} {one.Seconds,8:F3} s {one.RowsPerSecond,12:N0} rows/s");
        }
    }

    private async Task EmptyAsync(CancellationToken ct) => await server.EmptyAsync(StagingTable.Events, ct);
}
