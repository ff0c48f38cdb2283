using Bunit;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

/// <summary>Parts that many pages are made of.</summary>
public sealed class SharedPartsTests : PageTest
{
    [Fact]
    public void DataTable_ColumnsOfNumbers_StandToTheRight()
    {
        var cut = Render<DataTable>(p => p
            .Add(t => t.Label, "Records").Add(t => t.Columns, ["ts", "song", "mixed", "none"])
            .Add(t => t.Rows, [["1541105830796", "1999", "1", null], ["12.5", "Song", "", null], ["-1E3", null, null, ""]]));

        Assert.Equal(["r num", "", "r num", ""], cut.FindAll("th").Select(static h => h.ClassName ?? ""));
        Assert.Equal(["r num", "", "r num", ""], cut.FindAll("tr:last-child td").Select(static c => c.ClassName ?? ""));
    }

    [Fact]
    public void Pager_OfWhatIsNotCounted_SaysWhatThePageHolds_AndLeadsOn()
    {
        var cut = Render<Pager>(p => p
            .Add(n => n.Number, 1).Add(n => n.More, true).Add(n => n.Words, "Records 1 to 25").Add(n => n.Url, static n => $"/?page={n}"));

        Assert.Contains("Records 1 to 25", cut.Find("nav").TextContent, StringComparison.Ordinal);
        Assert.Equal("/?page=2", Assert.Single(cut.FindAll("a")).GetAttribute("href"));
    }

    [Fact]
    public void Published_ReadingCutOff_IsNoAnswer_ButTheNextOneIs()
    {
        var cut = Render<Reader>(p => p.Add(r => r.Warehouse, Sample.Warehouse(published: true)));
        Assert.False(cut.Instance.Answered);

        cut.Instance.CutOff = false;
        cut.Render(p => p.Add(r => r.Warehouse, Sample.Warehouse(published: true) with { PublishedRun = 99 }));

        Assert.True(cut.Instance.Answered);
    }

    private sealed class Reader : PublishedComponent
    {
        public bool CutOff { get; set; } = true;

        public bool Answered => Known;

        protected override Task ReadAsync(CancellationToken ct) =>
            CutOff ? Task.FromException(new OperationCanceledException()) : Task.CompletedTask;
    }
}
