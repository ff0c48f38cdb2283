using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Star;

namespace Sparkify.Bench;

/// <summary>Everything that is measured, in order.</summary>
internal sealed class Suite(BenchArguments arguments, BenchServer server)
{
    private readonly Contenders _contenders = new(server);
    private readonly LoadOptions _options = new();

    public async Task<Report> RunAsync(CancellationToken ct)
    {
        Report report = new(arguments);
        if (arguments.Wants("stage"))
        {
            report.Add($"{arguments.Events:N0} events into one table", await EventsAsync(ct));
        }

        if (arguments.Wants("files") && arguments.Songs > 0)
        {
            report.Add($"{arguments.Songs:N0} one-object files", await FilesAsync(ct));
        }

        if (arguments.Wants("load") || arguments.Wants("duckdb"))
        {
            report.Whole = await new WholeLoad(arguments, server).RunAsync(ct);
        }

        if (arguments.Wants("new"))
        {
            report.New = await new NewFiles(arguments, server).RunAsync(ct);
        }

        if (arguments.Wants("reports"))
        {
            report.Reports = await new ReportsBench(arguments, server).RunAsync(ct);
        }

        if (arguments.Wants("viewers") && arguments.Viewers > 0)
        {
            report.Viewers = await new Viewers(arguments, server).RunAsync(ct);
        }

        if (arguments.Wants("waves") && arguments.Viewers > 0)
        {
            report.Waves = await new Viewers(arguments, server).WavesAsync(ct);
        }

        if (arguments.Wants("signin"))
        {
            report.SignIn = await new SignInTimes(arguments, server).RunAsync(ct);
        }

        if (arguments.Wants("scale") && arguments.Scale > 0)
        {
            report.Add(await new Scaling(arguments, server).RunAsync(ct));
        }

        return report;
    }

    private async Task<IReadOnlyList<Measurement>> EventsAsync(CancellationToken ct)
    {
        var events = await BenchData.EventsAsync(arguments.Directory, arguments.Events, ct);
        var csv = Path.Combine(arguments.Directory, "events.csv");
        Task Empty() => server.EmptyAsync(StarSchema.StagingEvents, ct);

        await Empty();
        await _contenders.StageAsync(events, _options, ct);
        await _contenders.ExportAsync(csv, ct);
        var rows = await _contenders.RowsAsync(arguments.Rows, ct);

        // The staging path is the first and what the others are compared with.
        List<Measurement> all = [new("stage", Empty, () => _contenders.StageAsync(events, _options, ct))];
        Add("csv", () => _contenders.CopyCsvAsync(csv, arguments.Events, ct));
        Add("jsonb", () => _contenders.JsonbAsync(events, ct));
        Add("insert", () => _contenders.InsertAsync(rows, ct));
        await Measurement.InterleaveAsync(all, arguments.Runs);
        return all;

        void Add(string name, Func<Task<long>> run)
        {
            if (arguments.Wants(name))
            {
                all.Add(new(name, Empty, run));
            }
        }
    }

    private async Task<IReadOnlyList<Measurement>> FilesAsync(CancellationToken ct)
    {
        var songs = await BenchData.SongsAsync(arguments.Directory, arguments.Songs, ct);
        FileByFile each = new(server, songs);
        Task Empty() => server.EmptyAsync(StarSchema.StagingSongs, ct);
        List<Measurement> all =
        [
            new("stage", Empty, () => _contenders.StageAsync(songs, _options, ct)),
            new("one COPY per file", Empty, () => each.CopyAsync(ct)),
            new("one INSERT per file", Empty, () => each.InsertAsync(ct)),
        ];
        await Measurement.InterleaveAsync(all, arguments.Runs);
        return all;
    }
}
