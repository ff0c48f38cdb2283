using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Reports and queries over HTTP, on data that means harm to whoever shows or opens it.</summary>
public sealed class ReportsApiTests(ReportsApiTests.Hostile hostile) : IClassFixture<ReportsApiTests.Hostile>
{
    private HttpClient Http => hostile.App.Http;

    private string Base => $"/api/v1/warehouses/{hostile.Name}";

    [Fact]
    public async Task Report_WithHostileTitles_KeepsThemAsTheyAreInJson()
    {
        var answer = await JsonAsync($"{Base}/reports/top-songs?top=100");

        Assert.Equal(Hostile.Titles.Order(StringComparer.Ordinal), answer.GetProperty("rows").EnumerateArray()
            .Select(r => r[0].GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal("text", answer.GetProperty("columns")[0].GetProperty("format").GetString());
        // What a browser would run stands in no page, but in a document of another type.
        Assert.Equal("application/json", (await Http.GetAsync($"{Base}/reports/top-songs")).Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("reports/top-songs?top=100&format=csv&csv=excel&notes=false", 0)]
    [InlineData("reports/top-artists/rows?format=csv&csv=excel&notes=false&mark.artist=Artist", 5)]
    public async Task Csv_ForExcelWithHostileTitles_MakesThemHarmlessAndLosesNothing(string path, int column)
    {
        var answer = await Http.GetAsync($"{Base}/{path}");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        var cells = Rfc4180(text).Skip(1).Select(row => row[column]).ToList();
        Assert.All(cells, cell => Assert.DoesNotContain(cell[0], "=+-@\t\r\n"));
        Assert.Equal(Hostile.Titles.Select(Guarded).Order(StringComparer.Ordinal), cells.Order(StringComparer.Ordinal));
        Assert.Equal([0xEF, 0xBB, 0xBF], (await answer.Content.ReadAsByteArrayAsync())[..3]);
    }

    [Theory]
    [InlineData("reports/top-songs?top=100&format=csv", 0)]
    [InlineData("reports/top-songs?top=100&format=csv&csv=raw", 0)]
    [InlineData("reports/top-artists/rows?format=csv&mark.artist=Artist", 5)]
    public async Task Csv_Raw_AltersNothing(string path, int column)
    {
        var bytes = await Http.GetByteArrayAsync($"{Base}/{path}");

        Assert.NotEqual(0xEF, bytes[0]);
        Assert.Equal(
            Hostile.Titles.Order(StringComparer.Ordinal),
            Rfc4180(System.Text.Encoding.UTF8.GetString(bytes)).Skip(1).Select(row => row[column]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task QueryCsv_Raw_TellsNullFromEmpty_AndEveryTypeHasOneShape()
    {
        var answer = await Http.PostAsJsonAsync(
            $"{Base}/queries?format=csv",
            new
            {
                sql = "select '-M- Zed' as artist, -1 as n, null as gone, '' as empty, date_trunc('day', min(start_time)) as day, " +
                    "min(start_time) as moment, cast(min(start_time) as date) as d, true as yes from songplays",
            });

        Assert.Equal(
            "artist,n,gone,empty,day,moment,d,yes\r\n-M- Zed,-1,,\"\",2018-11-01 00:00:00.000,2018-11-01 20:57:10.796,2018-11-01,t\r\n",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task QueryCsv_ForExcelWithHostileTitles_IsHarmlessToo_AndNumbersStayNumbers()
    {
        var answer = await Http.PostAsJsonAsync(
            $"{Base}/queries?format=csv&csv=excel&notes=false",
            new { sql = "select song_title, -1.5 as n, '-1' as t, null as gone, '' as empty from songplays order by 1" });
        var rows = Rfc4180(await answer.Content.ReadAsStringAsync());

        Assert.Equal(["song_title", "n", "t", "gone", "empty"], rows[0]);
        Assert.All(rows.Skip(1), row => Assert.Equal(["-1.5", "'-1", "", ""], row[1..]));
        Assert.Equal(
            Hostile.Titles.Select(Guarded).Order(StringComparer.Ordinal), rows.Skip(1).Select(r => r[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Query_OneHugeCell_IsStreamedWhole()
    {
        var answer = await Http.PostAsJsonAsync(
            $"{Base}/queries?format=csv&notes=false", new { sql = "select repeat('a\"😀', 300001) as x" });
        var rows = Rfc4180(await answer.Content.ReadAsStringAsync());

        Assert.Equal(string.Concat(Enumerable.Repeat("a\"😀", 300001)), rows[1][0]);
    }

    [Fact]
    public async Task Query_ThatFailed_IsAnAnswerWithANumber_AndAsCsvARefusal()
    {
        var wrong = new { sql = "select\n  nothing from songplays" };
        using var answer = await Http.PostAsJsonAsync($"{Base}/queries", wrong);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var failed = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("failed", failed.GetProperty("state").GetString());
        Assert.Equal(2, failed.GetProperty("error").GetProperty("line").GetInt32());
        var history = await JsonAsync($"{Base}/queries");
        Assert.Contains(
            history.GetProperty("items").EnumerateArray(), q => q.GetProperty("id").GetInt64() == failed.GetProperty("id").GetInt64());

        foreach (var path in new[] { "queries?format=csv", "queries/explain" })
        {
            using var refused = await Http.PostAsJsonAsync($"{Base}/{path}", wrong);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.StartsWith(
                "Line 2, column 3: ", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Query_ItsHistoryAndItsCsvAgain_GoTogether()
    {
        var posted = await (await Http.PostAsJsonAsync(
            $"{Base}/queries", new { sql = "select 1 as one union all select 2", maxRows = 1 })).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("succeeded", posted.GetProperty("state").GetString());
        Assert.Equal(1, posted.GetProperty("more").GetInt32());
        Assert.Equal("1", posted.GetProperty("rows")[0][0].GetString());

        var history = await JsonAsync($"{Base}/queries");
        var id = posted.GetProperty("id").GetInt64();
        Assert.Contains(history.GetProperty("items").EnumerateArray(), q => q.GetProperty("id").GetInt64() == id);
        Assert.Equal("# Query:\r\n#   select 1 as one union all select 2\r\n", string.Concat(
            (await Http.GetStringAsync($"{Base}/queries/{id}/csv?notes=true")).Split("\r\n").Take(2).Select(l => l + "\r\n")));

        var failed = await (await Http.PostAsJsonAsync(
            $"{Base}/queries", new { sql = "select wrong" })).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(
            ("failed", 8), (failed.GetProperty("state").GetString(), failed.GetProperty("error").GetProperty("column").GetInt32()));
        Assert.Equal(
            HttpStatusCode.BadRequest, (await Http.PostAsJsonAsync($"{Base}/queries?format=csv", new { sql = "select wrong" })).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await Http.PostAsJsonAsync($"{Base}/queries", new { sql = "select 1", maxRows = 0 })).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await Http.PostAsJsonAsync($"{Base}/queries", new { sql = "select 1", maxrowz = 5 })).StatusCode);
        var plan = await (await Http.PostAsJsonAsync(
            $"{Base}/queries/explain", new { sql = "select 1" })).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains("Result", plan[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Saved_Queries_CanBeKeptChangedAndDeleted()
    {
        var created = await Http.PostAsJsonAsync("/api/v1/queries", new { name = "One", sql = "select 1" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        Assert.Equal(
            HttpStatusCode.Conflict, (await Http.PostAsJsonAsync("/api/v1/queries", new { name = "One", sql = "select 1" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Http.PatchAsJsonAsync($"/api/v1/queries/{id}", new { name = "Uno" })).StatusCode);
        Assert.Equal("Uno", (await JsonAsync("/api/v1/queries"))[0].GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/api/v1/queries/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.DeleteAsync($"/api/v1/queries/{id}")).StatusCode);
    }

    [Fact]
    public async Task Report_Catalogue_Trust_AndCache_AnswerOverHttp()
    {
        Assert.True((await JsonAsync("/api/v1/reports")).GetArrayLength() >= 14);
        Assert.True((await JsonAsync($"{Base}/trust")).GetProperty("reconciled").GetBoolean());
        await JsonAsync($"{Base}/reports/locations");
        Assert.True((await JsonAsync($"{Base}/reports/locations")).GetProperty("cached").GetBoolean());
        Assert.False((await JsonAsync($"{Base}/reports/locations?fresh=true")).GetProperty("cached").GetBoolean());
        var rows = await JsonAsync($"{Base}/reports/top-artists/rows?mark.artist=Artist&size=3&page=2");
        Assert.Equal(
            (Hostile.Titles.Count, 3),
            (rows.GetProperty("rows").GetProperty("total").GetInt32(), rows.GetProperty("rows").GetProperty("items").GetArrayLength()));
    }

    [Theory]
    [InlineData("reports/top-songs?tpo=5", HttpStatusCode.BadRequest, "no parameter 'tpo'")]
    [InlineData("reports/top-songs?top=5&top=6", HttpStatusCode.BadRequest, "given 2 times")]
    [InlineData("reports/top-songs?format=xml", HttpStatusCode.BadRequest, "json, csv")]
    [InlineData("reports/top-songs?format=csv&csv=calc", HttpStatusCode.BadRequest, "There are: excel, raw")]
    [InlineData("reports/top-songs?csv=raw", HttpStatusCode.BadRequest, "add format=csv")]
    [InlineData("reports/top-songs?fresh=maybe", HttpStatusCode.BadRequest, "true, false")]
    [InlineData("reports/top-songs?format=csv&from=x", HttpStatusCode.BadRequest, "no day")]
    [InlineData("reports/no-such", HttpStatusCode.NotFound, "There are: plays-by-hour")]
    [InlineData("reports/never-played/rows", HttpStatusCode.BadRequest, "no rows behind")]
    [InlineData("reports/top-songs/rows?mark.x=1", HttpStatusCode.BadRequest, "named by song and artist")]
    [InlineData("queries/999999/csv", HttpStatusCode.NotFound, "no query 999999")]
    public async Task Request_ThatIsWrong_GetsASentence(string path, HttpStatusCode status, string sentence)
    {
        var answer = await Http.GetAsync($"{Base}/{path}");

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(sentence, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail")
            .GetString(), StringComparison.Ordinal);
    }

    private static string Guarded(string title) => title switch
    {
        "\t=1+1" or "\r=1+1" or "\n=1+1" => $"'{title[0]}'=1+1",
        "'; drop table songplays; --" => "'; drop table songplays; '--",
        _ => "=+-@".Contains(title[0], StringComparison.Ordinal) ? $"'{title}" : title,
    };

    private async Task<JsonElement> JsonAsync(string path)
    {
        var answer = await Http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    // A reader of its own: what is written is judged by the standard, not by the writer.
    private static List<List<string>> Rfc4180(string text)
    {
        List<List<string>> rows = [];
        var (row, cell, quoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        for (var at = 0; at < text.Length; at++)
        {
            if (quoted)
            {
                if (text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"')
                {
                    cell.Append('"');
                    at++;
                }
                else if (text[at] == '"')
                {
                    quoted = false;
                }
                else
                {
                    cell.Append(text[at]);
                }
            }
            else if (text[at] == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (text[at] is ',' or '\r')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (text[at] == '\r')
                {
                    Assert.Equal('\n', text[++at]);
                    rows.Add(row);
                    row = [];
                }
            }
            else
            {
                cell.Append(text[at]);
            }
        }

        Assert.False(quoted);
        return rows;
    }

    /// <summary>The real application with a warehouse whose songs have titles one would rather not have.</summary>
    public sealed class Hostile : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();

        public static IReadOnlyList<string> Titles { get; } =
        [
            "<script>alert('x')</script>", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1",
            "\"quoted\", and, \"commas\"", "two\r\nlines",
            "שיר ‮מימין לשמאל‬", "𝔼𝕞𝕠𝕛𝕚 🎵👩‍🎤", "'; drop table songplays; --", "{{7*7}} ${7*7} %s", "#comment", new string('x', 1000),
            " leading and trailing ",
        ];

        internal TestApp App { get; private set; } = null!;

        internal string Name { get; } = TestApp.NewName();

        public async Task InitializeAsync()
        {
            App = await TestApp.StartAsync();
            await App.CreateAsync(
                Name, Source.Write(_folder, Titles.Select((title, at) => Source.Event(item: at, song: title)), [Source.Song()]));
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
