using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>
/// Places of queries and exports: how many a person has, what is told when they are taken, and that nobody who left holds one.
/// </summary>
public sealed class QueryPlacesTests(QueryPlacesTests.Asked asked) : IClassFixture<QueryPlacesTests.Asked>
{
    private const string Sleeps = "select pg_sleep(50)";

    private string Base => $"/api/v1/warehouses/{asked.Name}";

    /// <summary>
    /// Everything that reads a warehouse for a client, called so that it lasts; whether rows come while it does, and of how many
    /// statements it consists.
    /// </summary>
    public static TheoryData<string, string?, bool, int> Reads => new()
    {
        { "queries", Sleeps, false, 1 },
        { "queries", "select count(*) from songplays", false, 1 },
        { "queries?format=csv", Sleeps, false, 1 },
        { "queries?format=csv", "select generate_series(1, 1000000) as g, repeat('x', 5000) as x, pg_sleep(0.02)", true, 1 },
        { "queries?format=csv", "select generate_series(1, 1000000000) as g, repeat('x', 500) as x", true, 1 },
        { "queries/explain", "select count(*) from songplays", false, 1 },
        { "reports/top-songs?fresh=true", null, false, 1 },
        { "reports/top-songs?format=csv", null, false, 1 },
        { "reports/top-artists/rows?mark.artist=x", null, false, 1 },
        { "reports/top-artists/rows?format=csv&mark.artist=x", null, false, 1 },
        // Its columns are dealt to two connections.
        { "tables/songs/profile", null, false, 2 },
        { "tables/songs/rows", null, false, 1 },
    };

    [Fact]
    public async Task Person_WithAllTheirPlacesTaken_IsTold_AndAnotherStillGetsIn()
    {
        using var first = Begin(asked.Ann, "queries", Sleeps);
        // Another token of hers, and rows on their way to a file: both count as hers.
        using var second = Begin(asked.AnnsOther, "queries?format=csv", Sleeps);
        await Eventually.BecomesAsync(asked.ActiveAsync, static active => active == 2, seconds: 10);

        foreach (var ann in new[] { asked.Ann, asked.AnnsOther })
        {
            await FullAsync(ann.PostAsJsonAsync($"{Base}/queries", new { sql = "select 1" }), "You already have as many queries and exports running as one person may (2)");
        }

        await FullAsync(asked.Ann.PostAsJsonAsync($"{Base}/queries?format=csv", new { sql = "select 1" }), "You already have");
        await FullAsync(asked.Ann.PostAsJsonAsync($"{Base}/queries/explain", new { sql = "select 1" }), "You already have");
        await FullAsync(asked.Ann.GetAsync($"{Base}/reports/top-songs?format=csv"), "You already have");
        await FullAsync(asked.Ann.GetAsync($"{Base}/reports/top-artists/rows?mark.artist=x"), "You already have");
        var past = (await asked.Ann.GetFromJsonAsync<JsonElement>($"{Base}/queries")).GetProperty("items")[0].GetProperty("id").GetInt64();
        await FullAsync(asked.Ann.GetAsync($"{Base}/queries/{past}/csv"), "You already have");
        // Reports as such are answered: they are computed once for everybody.
        using (var report = await asked.Ann.GetAsync($"{Base}/reports/top-songs"))
        {
            Assert.Equal(HttpStatusCode.OK, report.StatusCode);
        }

        using (var answer = await asked.Bob.PostAsJsonAsync($"{Base}/queries", new { sql = "select 1" }))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using var third = Begin(asked.Bob, "queries", Sleeps);
        await Eventually.BecomesAsync(asked.ActiveAsync, static active => active == 3, seconds: 10);
        await FullAsync(
            asked.Bob.PostAsJsonAsync($"{Base}/queries", new { sql = "select 1" }), "All 3 places for queries and exports are in use right now");

        first.Dispose();
        await Eventually.BecomesAsync(asked.ActiveAsync, static active => active == 2, seconds: 2);
        using var again = await asked.Ann.PostAsJsonAsync($"{Base}/queries", new { sql = "select 1" });
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Client_ThatHangsUp_EndsWhatItAskedWithin2Seconds(string path, string? sql, bool rowsCome, int statements)
    {
        await Eventually.BecomesAsync(asked.ActiveAsync, static active => active == 0, seconds: 10);
        // Whoever reads the star waits behind this, for as long as it stands.
        await using var administrator = await asked.AdministratorAsync();
        await administrator.ExecuteAsync("begin; lock table dwh.songplays, dwh.songs, dwh.load in access exclusive mode");

        using (var call = Begin(asked.Bob, path, sql))
        {
            await Eventually.BecomesAsync(asked.ActiveAsync, active => active == statements, seconds: 10);
            if (rowsCome)
            {
                await call.Answered.WaitAsync(TimeSpan.FromSeconds(10));
            }
        }

        await Eventually.BecomesAsync(asked.ActiveAsync, static active => active == 0, seconds: 2);
        await administrator.ExecuteAsync("rollback");
        // And nothing holds a place any more.
        foreach (var place in Enumerable.Range(0, 4))
        {
            using var answer = await asked.Bob.PostAsJsonAsync($"{Base}/queries", new { sql = $"select {place}" });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private Call Begin(HttpClient person, string path, string? sql) => new(person, $"{Base}/{path}", sql);

    private static async Task FullAsync(Task<HttpResponseMessage> asking, string sentence)
    {
        using var answer = await asking;
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.TooManyRequests, body);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith(sentence, JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString());
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>A request under way; disposing it hangs up.</summary>
    private sealed class Call : IDisposable
    {
        private readonly CancellationTokenSource _hangUp = new();
        private readonly TaskCompletionSource _answered = new();

        public Call(HttpClient person, string address, string? sql) => _ = SendAsync(person, address, sql);

        /// <summary>Whether an answer has begun.</summary>
        public Task Answered => _answered.Task;

        public void Dispose() => _hangUp.Cancel();

        private async Task SendAsync(HttpClient person, string address, string? sql)
        {
            using var request = new HttpRequestMessage(sql is null ? HttpMethod.Get : HttpMethod.Post, address);
            request.Content = sql is null ? null : JsonContent.Create(new { sql });
            using var answer = await person.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _hangUp.Token);
            _answered.SetResult();
            // Reads nothing more: rows that come pile up before the client.
            await Task.Delay(Timeout.InfiniteTimeSpan, _hangUp.Token);
        }
    }

    /// <summary>A loaded warehouse, and two people with tokens.</summary>
    public sealed class Asked : IAsyncLifetime
    {
        private LoadedWarehouse _warehouse = null!;

        internal string Name => _warehouse.Name;

        internal HttpClient Ann { get; private set; } = null!;

        internal HttpClient AnnsOther { get; private set; } = null!;

        internal HttpClient Bob { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _warehouse = await LoadedWarehouse.ProvisionAsync(
                new { sample = new { events = 300, songs = 20, days = 2 } },
                arguments: ["--Sparkify:Queries:AtOnce", "3", "--Sparkify:Queries:PerPerson", "2"]);
            await _warehouse.LoadAnywayAsync();
            using (await Visitor.FirstAsync(_warehouse.App))
            {
                await _warehouse.App.Services.GetRequiredService<IPeople>().AddAsync(
                    "bob", Visitor.Password, [new Grant(Role.Analyst)], Actor.System, default);
            }

            (Ann, AnnsOther, Bob) = (await ProgramAsync("ann", "one"), await ProgramAsync("ann", "two"), await ProgramAsync("bob", "one"));
        }

        public async Task DisposeAsync()
        {
            Ann.Dispose();
            AnnsOther.Dispose();
            Bob.Dispose();
            await _warehouse.App.DisposeAsync();
        }

        internal async Task<NpgsqlConnection> AdministratorAsync()
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_warehouse.App.Store)
            {
                Database = new LocalNames(Name).Database,
                Pooling = false,
            }.ConnectionString);
            await connection.OpenAsync();
            return connection;
        }

        /// <summary>How many statements of the warehouse's reader the server is at.</summary>
        internal async Task<long> ActiveAsync()
        {
            await using var administrator = await AdministratorAsync();
            return await administrator.ExecuteScalarAsync<long>(
                "select count(*) from pg_stat_activity where usename = @Reporter and state <> 'idle' and backend_type = 'client backend'",
                new { new LocalNames(Name).Reporter });
        }

        private async Task<HttpClient> ProgramAsync(string person, string name)
        {
            var made = await _warehouse.App.Services.GetRequiredService<ITokens>().MakeAsync(
                new NewToken(name, Role.Analyst, null, 1), new Actor(person) { Grants = Grants.Everything }, default);
            // Who hangs up reads nothing more.
            var http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
            {
                BaseAddress = new Uri(_warehouse.App.Address),
            };
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {made.Secret}");
            return http;
        }
    }
}
