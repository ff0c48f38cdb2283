using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Tables and sources over HTTP: what they hold, and what is refused with a sentence.</summary>
public sealed class ExploreApiTests(ExploreApiTests.Explored explored) : IClassFixture<ExploreApiTests.Explored>
{
    private HttpClient Http => explored.App.Http;

    private string Base => $"/api/v1/warehouses/{explored.Name}";

    [Fact]
    public async Task TableProfile_OverHttp_CountsWhatWasLoaded()
    {
        var profile = await JsonAsync($"{Base}/tables/songplays/profile");

        Assert.Equal("songplays", profile.GetProperty("table").GetString());
        var title = profile.GetProperty("columns").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "song_title");
        Assert.Equal(
            (3, 0, 2),
            (title.GetProperty("rows").GetInt32(), title.GetProperty("nulls").GetInt32(), title.GetProperty("distinct").GetInt32()));
        var top = title.GetProperty("top").EnumerateArray().Single();
        Assert.Equal((Explored.Hostile, 2), (top.GetProperty("value").GetString(), top.GetProperty("rows").GetInt32()));
    }

    [Fact]
    public async Task TableRows_OverHttp_AreTheTable()
    {
        var rows = await JsonAsync($"{Base}/tables/songs/rows");

        Assert.Equal("song_id", rows.GetProperty("columns")[0].GetString());
        Assert.Equal("SO1", rows.GetProperty("rows").EnumerateArray().Single()[0].GetString());
    }

    [Fact]
    public async Task SourceFiles_OverHttp_AreThoseOfTheirPart()
    {
        var events = await JsonAsync($"{Base}/source/files");
        var songs = await JsonAsync($"{Base}/source/files?part=songs");

        Assert.Equal(["2018/11/events.json"], events.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("name").GetString()));
        Assert.Equal(["A/0000.json"], songs.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task SourceRecords_OverHttp_GoOnAfterThoseSkipped()
    {
        var page = await JsonAsync($"{Base}/source/records?file=2018/11/events.json&skip=1&most=1");

        var record = page.GetProperty("records").EnumerateArray().Single();
        Assert.Equal((2, 2), (record.GetProperty("number").GetInt32(), record.GetProperty("line").GetInt32()));
        Assert.Equal(Explored.Hostile, JsonDocument.Parse(record.GetProperty("text").GetString()!).RootElement.GetProperty("song")
            .GetString());
        Assert.True(page.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task SourceProfile_OverHttp_StopsWhereItIsToldTo()
    {
        var some = await JsonAsync($"{Base}/source/profile?most=2");
        var all = await JsonAsync($"{Base}/source/profile?file=2018/11/events.json");

        Assert.Equal((2, false), (some.GetProperty("records").GetInt32(), some.GetProperty("whole").GetBoolean()));
        Assert.Equal((3, true), (all.GetProperty("records").GetInt32(), all.GetProperty("whole").GetBoolean()));
    }

    [Fact]
    public async Task SourceFile_TakenAway_IsAsItIsStoredAndHasItsName()
    {
        using var answer = await Http.GetAsync($"{Base}/source/file?file=2018/11/events.json");

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("attachment", "events.json"), (
            answer.Content.Headers.ContentDisposition?.DispositionType, answer.Content.Headers.ContentDisposition?.FileName));
        Assert.Equal(explored.Stored, await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task SourceFirst_TakenAway_HasARecordOnEachLine()
    {
        using var answer = await Http.GetAsync($"{Base}/source/first?most=2");

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"{explored.Name}-events-first-2.ndjson", answer.Content.Headers.ContentDisposition?.FileName);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(["Song", Explored.Hostile],
            lines[..2].Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("song").GetString()));
        Assert.Equal([""], lines[2..]);
    }

    [Theory]
    [InlineData("/warehouses/nobody", HttpStatusCode.NotFound)]
    [InlineData("/warehouses/nobody/rejects?run=1", HttpStatusCode.NotFound)]
    [InlineData("/warehouses/{0}/no-such-tab", HttpStatusCode.NotFound)]
    [InlineData("/warehouses/{0}/tables", HttpStatusCode.OK)]
    [InlineData("/warehouses/{0}", HttpStatusCode.OK)]
    [InlineData("/warehouses/new", HttpStatusCode.OK)]
    public async Task Page_OfAWarehouse_HasItsStatus(string path, HttpStatusCode status)
    {
        using var answer = await Http.GetAsync(path.Replace("{0}", explored.Name, StringComparison.Ordinal));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("tables/nope/profile", HttpStatusCode.NotFound, "has no table 'nope'")]
    [InlineData("tables/pg_class/rows", HttpStatusCode.NotFound, "has no table 'pg_class'")]
    [InlineData("tables/Users/rows", HttpStatusCode.NotFound, "There are: songplays, users")]
    [InlineData("source/files?part=nope", HttpStatusCode.BadRequest, "'nope' is no part. There are: events, songs.")]
    [InlineData("source/files?part=1", HttpStatusCode.BadRequest, "'1' is no part")]
    [InlineData("source/records", HttpStatusCode.BadRequest, "'file' is missing")]
    [InlineData("source/records?file=nope", HttpStatusCode.NotFound, "There is no file 'nope'")]
    [InlineData("source/records?file=../../../etc/passwd", HttpStatusCode.NotFound, "There is no file '../../../etc/passwd'")]
    [InlineData("source/records?part=songs&file=2018/11/events.json", HttpStatusCode.NotFound, "There is no file")]
    [InlineData("source/records?file=2018/11/events.json&skip=-1", HttpStatusCode.BadRequest, "'-1' is no value for 'skip'")]
    [InlineData("source/records?file=2018/11/events.json&most=0", HttpStatusCode.BadRequest, "from 1 to 1000")]
    [InlineData("source/records?file=2018/11/events.json&most=1001", HttpStatusCode.BadRequest, "'1001' is no value for 'most'")]
    [InlineData(
        "source/records?file=2018/11/events.json&most=ten", HttpStatusCode.BadRequest,
        "'ten' is no value for 'most'. It is a whole number up to 2147483647.")]
    [InlineData("source/records?file=2018/11/events.json&most=body", HttpStatusCode.BadRequest, "'body' is no value for 'most'")]
    [InlineData("source/records?file=2018/11/events.json&most=a\"b", HttpStatusCode.BadRequest, "'a\"b' is no value for 'most'")]
    [InlineData("source/file?file=../../../etc/passwd", HttpStatusCode.NotFound, "There is no file '../../../etc/passwd'")]
    [InlineData("source/first?most=1001", HttpStatusCode.BadRequest, "'1001' is no value for 'most'")]
    [InlineData("source/profile?most=0", HttpStatusCode.BadRequest, "from 1 to 1000000")]
    [InlineData("source/profile?most=99999999999", HttpStatusCode.BadRequest, "'99999999999' is no value for 'most'")]
    [InlineData("source/profile?file=nope", HttpStatusCode.NotFound, "There is no file 'nope'")]
    public async Task WhatIsWrong_IsRefusedWithASentence(string path, HttpStatusCode status, string sentence)
    {
        var answer = await Http.GetAsync($"{Base}/{path}");

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(sentence, await DetailAsync(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tables/users/profile")]
    [InlineData("tables/users/rows")]
    public async Task Tables_OfAWarehouseThatWasNeverLoaded_SayToLoadIt(string path)
    {
        var name = TestApp.NewName();
        await explored.App.CreateAsync(name, "sample");

        var answer = await Http.GetAsync($"/api/v1/warehouses/{name}/{path}");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("Load it first", await DetailAsync(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tables/users/profile")]
    [InlineData("source/files")]
    [InlineData("source/records?file=x")]
    [InlineData("source/profile")]
    [InlineData("source/file?file=x")]
    [InlineData("source/first")]
    public async Task AWarehouseThereIsNot_IsNotFound(string path)
    {
        var answer = await Http.GetAsync($"/api/v1/warehouses/nobody/{path}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is no warehouse named 'nobody'", await DetailAsync(answer), StringComparison.Ordinal);
    }

    private static async Task<string> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;

    private async Task<JsonElement> JsonAsync(string path)
    {
        var answer = await Http.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>A loaded warehouse of three plays and one song.</summary>
    public sealed class Explored : IAsyncLifetime
    {
        public const string Hostile = "<script>=cmd()</script> \u202E\U0001F600";

        private readonly TempFolder _folder = new();

        internal TestApp App { get; private set; } = null!;

        internal string Name { get; } = TestApp.NewName();

        internal byte[] Stored => File.ReadAllBytes(Path.Combine(_folder.Path, "log_data", "2018", "11", "events.json"));

        public async Task InitializeAsync()
        {
            App = await TestApp.StartAsync();
            var events = new[] { "Song", Hostile, Hostile }.Select((song, at) => Source.Event(item: at, song: song));
            await App.CreateAsync(Name, Source.Write(_folder, events, [Source.Song()]));
            Assert.Equal(RunState.Succeeded, (await App.RunAsync(Name, RunKind.Provision)).State);
            Assert.Equal(RunState.Succeeded, (await App.RunAsync(Name, RunKind.Load)).State);
        }

        public async Task DisposeAsync()
        {
            await App.RunAsync(Name, RunKind.Teardown);
            await App.DisposeAsync();
            _folder.Dispose();
        }
    }
}
