using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>A warehouse whose schema is not <c>dwh</c>.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task Local_SchemaOfItsChoice_HoldsTheStar_AndLeavesASchemaOfSomebodyElseAlone()
    {
        using var folder = new TempFolder();
        folder.Write("log_data/a.json", Source.Event() + "\n");
        folder.Write("song_data/a.json", Source.Song());
        var app = await TestApp.StartAsync();
        var name = TestApp.NewName();
        await app.CreateAsync(name, Source.At(folder), schema: "music_2018");
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(app, name);
        await using (var loader = await warehouse.OpenAsync(WarehouseRole.Loader))
        {
            await loader.ExecuteAsync("create schema dwh; create table dwh.songplays as select 7 as theirs");
        }

        var first = await warehouse.LoadAsync();
        await warehouse.LoadAsync();

        await using var db = await warehouse.OpenAsync(WarehouseRole.Loader);
        Assert.Equal(["dwh", "music_2018", $"music_2018_load_{first.Id}"], await db.QueryAsync<string>(
            "select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname not in ('public', 'information_schema') order by 1"));
        Assert.Equal(7, await db.ExecuteScalarAsync<int>("select theirs from dwh.songplays"));
        await AssertServesAsync(app.Http, name, "music_2018");
    }

    [Fact]
    public async Task Redshift_SchemaOfItsChoice_HoldsTheStar()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event()], [Source.Song()], schema: "music");

        await cloud.LoadAsync();
        await cloud.LoadAsync();

        Assert.Equal(["1"], await cloud.RowsAsync("select count(*) from music.songplays"));
        await Assert.ThrowsAsync<PostgresException>(() => cloud.RowsAsync("select count(*) from dwh.songplays"));
        await AssertServesAsync(cloud.App.Http, cloud.Name, "music");
    }

    [Theory]
    [InlineData("user", "the word has a meaning of its own")]
    [InlineData("snapshot", "the word has a meaning of its own")]
    [InlineData("pg_music", "the word has a meaning of its own")]
    [InlineData("", "use 1 to 50")]
    [InlineData("Music", "use 1 to 50")]
    [InlineData("my-music", "use 1 to 50")]
    [InlineData("a;drop", "use 1 to 50")]
    public async Task Schema_ThatCannotBeOne_IsRefusedInWords(string schema, string why)
    {
        await using var app = await TestApp.StartAsync();

        var answer = await app.Http.PostAsJsonAsync("/api/v1/warehouses", new { name = TestApp.NewName(), source = "sample", schema });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail")
            .GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_EveryWordOfPostgres_IsRefusedOrNeedsNoQuotes()
    {
        await using var db = new NpgsqlConnection(await SharedPostgres.NewDatabaseAsync());
        await db.OpenAsync();
        var words = (await db.QueryAsync<string>("select word from pg_get_keywords() where catcode <> 'U'"))
            .Where(w => WarehouseSchemas.Problem(w) is null).ToList();

        Assert.Contains("time", words);
        foreach (var schema in words.Select(w => WarehouseSchemas.Of(w).Published))
        {
            await db.ExecuteAsync($"create schema {schema}; create table {schema}.songplays as select 1 as n; set search_path to {schema}");
            Assert.Equal(1, await db.ExecuteScalarAsync<int>($"select n from {schema}.songplays"));
        }
    }

    // What reads a warehouse without naming its schema.
    private static async Task AssertServesAsync(HttpClient http, string name, string schema)
    {
        var at = $"/api/v1/warehouses/{name}";
        Assert.Equal(schema, (await http.GetFromJsonAsync<JsonElement>(at)).GetProperty("schema").GetString());
        Assert.Equal(1, (await http.GetFromJsonAsync<JsonElement>($"{at}/reports/top-songs")).GetProperty("rows").GetArrayLength());
        Assert.Equal(1, (await http.GetFromJsonAsync<JsonElement>($"{at}/tables/songplays/profile")).GetProperty("columns")[0]
            .GetProperty("rows").GetInt64());
        var answer = await http.PostAsJsonAsync(
            $"{at}/queries", new { sql = "select count(*) from songplays join time using (start_time)" });
        Assert.Equal("1", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("rows")[0][0].GetString());
    }
}
