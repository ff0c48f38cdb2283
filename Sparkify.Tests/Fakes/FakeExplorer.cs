using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Warehouses.Profiles;

namespace Sparkify.Tests.Fakes;

/// <summary>Sources and tables that hold, from near, what a test says.</summary>
internal sealed class FakeExplorer : ISourceExplorer, ITableProfiles
{
    public SourceListing Listing { get; set; } = new("/data/log_data", [], false, []);

    public SourceRecords Records { get; set; } = new([], false);

    public SourceProfile? Profile { get; set; }

    public TableProfile? Table { get; set; }

    public TableSample? Rows { get; set; }

    public IReadOnlyList<SourceLine> Lines { get; set; } = [];

    /// <summary>Refuses everything with a sentence.</summary>
    public string? Refusal { get; set; }

    public List<(string File, int Skip)> Read { get; } = [];

    public List<SourceScope> Profiled { get; } = [];

    public Task<SourceListing> FilesAsync(SourceSpec spec, SourcePart part, CancellationToken ct) => AnswerAsync(Listing, "the source");

    public Task<SourceRecords> RecordsAsync(SourceSpec spec, SourcePart part, string file, int skip, int most, CancellationToken ct)
    {
        Read.Add((file, skip));
        return AnswerAsync(Records, "the source");
    }

    public async Task<IReadOnlyList<SourceLine>> LinesAsync(
        SourceSpec spec, SourcePart part, string file, long from, long to, CancellationToken ct) =>
        [.. (await AnswerAsync(Lines, "the source")).Where(l => l.Number >= from && l.Number <= to)];

    public Task<Stream> OpenAsync(SourceSpec spec, SourcePart part, string file, CancellationToken ct) =>
        throw new InvalidOperationException("No page opens files.");

    public IAsyncEnumerable<string> FirstAsync(SourceSpec spec, SourcePart part, int most, CancellationToken ct) =>
        throw new InvalidOperationException("No page takes records away.");

    public Task<SourceProfile> ProfileAsync(SourceSpec spec, SourceScope scope, CancellationToken ct)
    {
        Profiled.Add(scope);
        return AnswerAsync(Profile, "the source");
    }

    public Task<TableProfile> ProfileAsync(string warehouse, string table, CancellationToken ct) => AnswerAsync(Table, table);

    public Task<TableSample> SampleAsync(string warehouse, string table, CancellationToken ct) => AnswerAsync(Rows, table);

    private async Task<T> AnswerAsync<T>(T? answer, string of)
        where T : class
    {
        await Task.Yield();
        return Refusal is { } refusal ? throw SparkifyException.Unavailable(refusal)
            : answer ?? throw new InvalidOperationException($"Nobody told this fake what {of} is like.");
    }
}
