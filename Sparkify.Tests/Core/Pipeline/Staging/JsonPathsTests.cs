using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline.Staging;

public sealed class JsonPathsTests(StagingDatabase database) : IClassFixture<StagingDatabase>
{
    private const string Nested = """
        {"jsonpaths": ["$['who']['name']", "$.list[1]", "$['a.b']", "$.deep.er[0].x", "$['ts']", "$.who"]}
        """;

    [Theory]
    [InlineData("""{"who":{"name":"Ann"},"list":[1,2],"a.b":3,"deep":{"er":[{"x":4.5}]},"ts":0}""", "'Ann' | 2 | 3 | 4.5 | 1970-01-01 00:00:00.000000 | '{\"name\":\"Ann\"}'")]
    [InlineData("""{"who":{"name":"Ann"},"who":{"other":1}}""", "NULL | NULL | NULL | NULL | NULL | '{\"other\":1}'")]
    [InlineData("""{"who":null,"list":null,"deep":{"er":7}}""", "NULL | NULL | NULL | NULL | NULL | NULL")]
    [InlineData("""{"WHO":{"name":"x"},"TS":1}""", "NULL | NULL | NULL | NULL | NULL | NULL")]
    [InlineData("""{"deep":{"er":[{"y":0,"x":1},2]},"list":[{},"9",[]]}""", "NULL | 9 | NULL | 1 | NULL | NULL")]
    public async Task Paths_lead_to_columns_in_order(string record, string expected) =>
        Assert.StartsWith(expected + " | 1 | 1", (await database.StageAsync(record, paths: Nested)).Row, StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_element_is_a_reject()
    {
        var staged = await database.StageAsync("""{"list":[1]} {"list":[1,2]}""", paths: Nested);

        Assert.Equal(
            ("i", "anInteger: the array does not have the element its path asks for."), (staged.Reject.Column, staged.Reject.Reason));
        Assert.Single(staged.Rows);
    }

    [Fact]
    public async Task The_same_path_may_fill_two_columns()
    {
        var staged = await database.StageAsync(
            "{\"x\":\n12}\n{\"x\":13}", paths: """{"jsonpaths": ["$.x", "$.x", "$.x", "$.x", "$.y", "$.y"]}""");

        Assert.Equal(["'12' | 12 | 12 | 12 | NULL | NULL | 1 | 1", "'13' | 13 | 13 | 13 | NULL | NULL | 1 | 3"], staged.Rows.Order());
    }

    [Fact]
    public async Task The_real_file_gives_what_matching_by_name_gives()
    {
        if (RealData.Folder is null)
        {
            return;
        }

        var files = Directory.GetFiles(RealData.Events, "*.json", SearchOption.AllDirectories).Order()
            .Select(f => (Path.GetFileName(f), File.ReadAllBytes(f))).ToList();
        var paths = await File.ReadAllTextAsync(Path.Combine(RealData.Folder, "log_json_path.json"));
        var byName = await database.StageAsync(new MemorySource(files), new LoadOptions(), 1, StarSchema.StagingEvents);
        var byPaths = await database.StageAsync(
            new MemorySource(files, paths), new LoadOptions { BufferBytes = 5000 }, 1, StarSchema.StagingEvents);

        Assert.Equal(1786, byName.Rows.Count);
        Assert.Equal(byName.Rows.Order(), byPaths.Rows.Order());
        Assert.Equal(1507, byName.Rows.Count(r => r.Contains("'NextSong'", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "single key \"jsonpaths\"")]
    [InlineData("""{"JsonPaths": []}""", "single key \"jsonpaths\"")]
    [InlineData("""{"jsonpaths": [], "more": 1}""", "single key \"jsonpaths\"")]
    [InlineData("""{"jsonpaths": ["$.a"]}""", "has 1 paths, but of_each_type has 6 columns")]
    [InlineData("""{"jsonpaths": [1]}""", "path number 1 is no text")]
    [InlineData("""{"jsonpaths": ["\ud800"]}""", "not valid Unicode")]
    [InlineData("""{"jsonpaths": ["a"]}""", "must start with $")]
    [InlineData("""{"jsonpaths": ["$"]}""", "must start with $")]
    [InlineData("""{"jsonpaths": ["$a"]}""", "must continue with a dot or a bracket")]
    [InlineData("""{"jsonpaths": ["$.*"]}""", "wildcards and filters are not supported")]
    [InlineData("""{"jsonpaths": ["$[*]"]}""", "wildcards and filters are not supported")]
    [InlineData("""{"jsonpaths": ["$..a"]}""", "no plain key")]
    [InlineData("""{"jsonpaths": ["$['a'].b"]}""", "mixes dots")]
    [InlineData("""{"jsonpaths": ["$[0]"]}""", "starts with an index")]
    [InlineData("""{"jsonpaths": ["$['a"]}""", "not closed")]
    public void A_file_that_is_wrong_is_refused_with_a_sentence(string file, string expected)
    {
        var error = Assert.Throws<SparkifyException>(() => JsonPaths.Parse(Encoding.UTF8.GetBytes(file), StagingDatabase.OfEachType));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }
}
