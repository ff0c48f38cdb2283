using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>A run that is asked for again under the same key is the same run.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private static readonly object Small = new { sample = new { events = 60, songs = 10, days = 1 } };
    private TestApp _app = null!;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Run_AskedForAgain_IsTheSame_AtTheSameTime_LaterAndAfterARestart()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, Small);

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => StartAsync(name, "provision", "one")));
        var run = await IdAsync(asked[0]);
        foreach (var answer in asked)
        {
            Assert.Equal((HttpStatusCode.Accepted, run), (answer.StatusCode, await IdAsync(answer)));
        }

        await _app.EndAsync(run);
        // By now a provisioning could be started again; it is not.
        Assert.Equal(run, await IdAsync(await StartAsync(name, "provision", "one")));
        await _app.StopAsync();
        _app = await TestApp.StartAsync(after: _app);
        Assert.Equal(run, await IdAsync(await StartAsync(name, "provision", "one")));
        Assert.Equal(1, await RunsAsync(name));

        // Another request under this key is no repetition.
        foreach (var (kind, then) in new[] { ("load", null), ("provision", "load") })
        {
            using var other = await StartAsync(name, kind, "one", then);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
            Assert.Contains($"The key 'one' stands for another request of yours: provision of '{name}', run {run}.", await other.Content.ReadAsStringAsync());
        }

        var load = await IdAsync(await StartAsync(name, "load", "two"));
        Assert.NotEqual(run, load);
        await _app.EndAsync(load);
        Assert.Equal(2, await RunsAsync(name));

        // A day later it is forgotten.
        await ExecuteAsync("update run_requests set at = at - interval '25 hours' where key = 'two'");
        var again = await IdAsync(await StartAsync(name, "load", "two"));
        Assert.NotEqual(load, again);
        await _app.EndAsync(again);
        await _app.RunAsync(name, RunKind.Teardown);
        using var forgotten = await _app.Http.DeleteAsync($"/api/v1/warehouses/{name}");
        Assert.Equal(HttpStatusCode.NoContent, forgotten.StatusCode);
    }

    [Fact]
    public async Task Key_OfARunThatWasRefused_IsFree()
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, Small);
        using (var early = await StartAsync(name, "load", "k"))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        }

        var provision = await IdAsync(await StartAsync(name, "provision", "k"));
        await _app.EndAsync(provision);
        await _app.RunAsync(name, RunKind.Teardown);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\tb")]
    public async Task Key_ThatIsNone_IsRefused(string key)
    {
        var name = TestApp.NewName();
        await _app.CreateAsync(name, Small);

        using var answer = await StartAsync(name, "provision", key);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await RunsAsync(name));
    }

    [Fact]
    public async Task Key_OfAnotherPerson_IsAnother()
    {
        using var ann = await Visitor.FirstAsync(_app);
        await _app.Services.GetRequiredService<IPeople>().AddAsync(
            "bob", Visitor.Password, [new Grant(Role.Engineer)], Actor.System, default);
        using var bob = await Visitor.SignedInAsync(_app, "bob");
        var (one, two) = (TestApp.NewName(), TestApp.NewName());
        await _app.CreateAsync(one, Small, client: ann.Http);
        await _app.CreateAsync(two, Small, client: ann.Http);

        var first = await IdAsync(await StartAsync(one, "provision", "same", client: ann.Http));
        var second = await IdAsync(await StartAsync(two, "provision", "same", client: bob.Http));

        Assert.NotEqual(first, second);
        var runs = _app.Services.GetRequiredService<IRuns>();
        foreach (var (name, run) in new[] { (one, first), (two, second) })
        {
            await _app.EndAsync(run);
            await _app.EndAsync((await runs.StartAsync(name, RunKind.Teardown, Actor.System, default)).Id);
        }
    }

    private async Task<HttpResponseMessage> StartAsync(string name, string kind, string key, string? then = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/warehouses/{name}/runs")
        {
            Content = JsonContent.Create(new { kind, then }),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await (client ?? _app.Http).SendAsync(request);
    }

    private async Task<long> RunsAsync(string name) =>
        (await _app.Http.GetFromJsonAsync<JsonElement>($"/api/v1/runs?warehouse={name}")).GetProperty("total").GetInt64();

    private static async Task<long> IdAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("id").GetInt64();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var store = NpgsqlDataSource.Create(_app.Store);
        await using var command = store.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}
