using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Tokens of programs, and what a browser may not be made to do in somebody's name.</summary>
public sealed class TokensTests
{
    [Fact]
    public async Task Token_MadeWithAPassword_ActsForItsPerson_UntilItIsRevoked()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);

        using var made = await MakeAsync(app, "ann", Visitor.Password, new { name = "nightly", role = "operator" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var body = await made.Content.ReadFromJsonAsync<JsonElement>();
        var secret = body.GetProperty("secret").GetString()!;
        using var program = Program(app, secret);

        Assert.Contains("\"ann\"", await program.GetStringAsync("/api/v1/me"));
        var tokens = app.Services.GetRequiredService<ITokens>();
        var token = Assert.Single(await tokens.ListAsync(default));
        Assert.NotNull(token.UsedAt);
        // At most what it was made for, though its person may everything.
        using var refused = await program.PostAsJsonAsync("/api/v1/warehouses", new { name = "w", source = "sample" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("This token goes no further than operator.", await refused.Content.ReadAsStringAsync());
        Assert.DoesNotContain(secret, await DumpAsync(app, "tokens"));
        // The password opened no session that stays.
        var sessions = app.Services.GetRequiredService<ISessions>();
        await Eventually.BecomesAsync(() => sessions.ListAsync(default), s => s.Count == 1, seconds: 10);

        using (var revoke = await ann.Http.DeleteAsync($"/api/v1/tokens/{token.Id}"))
        {
            Assert.Equal(HttpStatusCode.NoContent, revoke.StatusCode);
        }

        using var after = await program.GetAsync("/api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Token_Revoked_EndsWhatIsStillBeingReadWithIt_PostedQuestionsToo()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        var name = TestApp.NewName();
        await app.CreateAsync(name, new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        var run = await app.Services.GetRequiredService<IRuns>().StartAsync(name, RunKind.Provision, Actor.System, default);
        await app.EndAsync(run.Id);
        using var made = await MakeAsync(app, "ann", Visitor.Password, new { name = "export", role = "analyst" });
        var body = await made.Content.ReadFromJsonAsync<JsonElement>();
        var token = Assert.Single(await app.Services.GetRequiredService<ITokens>().ListAsync(default));
        using var program = Program(app, body.GetProperty("secret").GetString()!);
        using var ask = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/warehouses/{name}/queries?format=csv")
        {
            Content = JsonContent.Create(new { sql = "select g, repeat('x', 1000), pg_sleep(0.01) from generate_series(1, 100000) g" }),
        };
        using var answer = await program.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var rest = answer.Content.ReadAsByteArrayAsync();

        using var revoke = await ann.Http.DeleteAsync($"/api/v1/tokens/{token.Id}");

        Assert.Equal(HttpStatusCode.NoContent, revoke.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => rest.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(rest.IsFaulted, "It is still being sent.");
    }

    [Fact]
    public async Task Token_NeverDoesMoreThanItsPerson_NorOnOtherWarehouses()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        await app.CreateAsync("own", new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        await app.CreateAsync("other", new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        var people = app.Services.GetRequiredService<IPeople>();
        var bob = await people.AddAsync("bob", Visitor.Password, [new Grant(Role.Viewer)], Actor.System, default);
        var tokens = app.Services.GetRequiredService<ITokens>();
        var made = await tokens.MakeAsync(
            new NewToken("t", Role.Engineer, ["own"], 1), new Actor("bob") { Grants = Grants.Everything }, default);
        using var program = Program(app, made.Secret);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/api/v1/warehouses/own"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(program, "/api/v1/warehouses/other"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program, "/api/v1/warehouses/own/plan"));
        await people.GrantAsync(bob.Id, [new Grant(Role.Engineer, "own")], Actor.System, default);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/api/v1/warehouses/own/plan"));
        await people.CloseAsync(bob.Id, true, Actor.System, default);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "/api/v1/warehouses/own"));
    }

    [Fact]
    public async Task Token_ForAWarehouseThatIsNotThere_OrAnothers_IsRefusedInTheSameWords()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        await app.CreateAsync("own", new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        await app.CreateAsync("other", new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        await app.Services.GetRequiredService<IPeople>().AddAsync(
            "bob", Visitor.Password, [new Grant(Role.Viewer, "own")], Actor.System, default);

        foreach (var (warehouses, status, sentence) in new (string[], HttpStatusCode, string)[]
        {
            (["own", "typo"], HttpStatusCode.NotFound, "There is no warehouse named 'typo'."),
            (["other"], HttpStatusCode.NotFound, "There is no warehouse named 'other'."),
            ([], HttpStatusCode.BadRequest, "Name the warehouses the token is for"),
            (["own"], HttpStatusCode.Created, "own"),
        })
        {
            using var answer = await MakeAsync(app, "bob", Visitor.Password, new { name = "t", role = "viewer", warehouses });
            Assert.Equal(status, answer.StatusCode);
            Assert.Contains(sentence, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Token_ThatIsNone_OrExpired_IsRefused()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        var tokens = app.Services.GetRequiredService<ITokens>();
        var made = await tokens.MakeAsync(new NewToken("t", Role.Admin, null, 1), new Actor("ann"), default);
        var cookie = ann.Cookies.GetAllCookies()["sparkify"]!.Value;
        foreach (var secret in new[] { "x", made.Secret[..^1], made.Secret + "A", made.Secret.ToUpperInvariant(), cookie })
        {
            using var program = Program(app, secret);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "/api/v1/me"));
        }

        await using var store = NpgsqlDataSource.Create(app.Store);
        await using (var expire = store.CreateCommand("update tokens set expires_at = now() - interval '1 second'"))
        {
            await expire.ExecuteNonQueryAsync();
        }

        using var expired = Program(app, made.Secret);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(expired, "/api/v1/me"));
    }

    [Fact]
    public async Task Password_IsTakenForTokensOnly()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);

        using (var wrong = await MakeAsync(app, "ann", "wrong, all wrong", new { name = "t", role = "viewer" }))
        {
            Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        }

        using var http = new HttpClient { BaseAddress = new Uri(app.Address) };
        http.DefaultRequestHeaders.Authorization = Basic("ann", Visitor.Password);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/api/v1/me"));
        using var asked = await new HttpClient { BaseAddress = new Uri(app.Address) }.PostAsJsonAsync("/api/v1/tokens", new { });
        Assert.Equal("Basic", asked.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task Cookie_SentForAnotherSitesPage_IsNobodys(string header, string value)
    {
        await using var app = await TestApp.StartAsync();
        // Neither whoever sits at the machine nor somebody who is signed in.
        await RefusedAsync(app.Http, HttpStatusCode.Forbidden);
        using var ann = await Visitor.FirstAsync(app);
        await RefusedAsync(ann.Http, HttpStatusCode.Unauthorized);

        async Task RefusedAsync(HttpClient http, HttpStatusCode status)
        {
            foreach (var path in new[] { "/api/v1/warehouses", "/api/v1/runs/1/events", "/openapi/v1.json", "/_blazor" })
            {
                using var get = new HttpRequestMessage(HttpMethod.Get, path);
                get.Headers.TryAddWithoutValidation(header, value);
                using var answer = await http.SendAsync(get);
                Assert.Equal(status, answer.StatusCode);
            }

            using var post = new HttpRequestMessage(HttpMethod.Post, "/api/v1/dashboards");
            post.Headers.TryAddWithoutValidation(header, value);
            using var refused = await http.SendAsync(post);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Circuit_OfAnotherSitesPage_IsNotOpened()
    {
        await using var app = await TestApp.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");

        var ex = await Assert.ThrowsAsync<WebSocketException>(
            () => socket.ConnectAsync(new Uri(app.Address.Replace("http", "ws") + "/_blazor"), default));

        Assert.Contains("403", ex.Message);
    }

    private static async Task<HttpResponseMessage> MakeAsync(TestApp app, string name, string password, object body)
    {
        using var http = new HttpClient { BaseAddress = new Uri(app.Address) };
        http.DefaultRequestHeaders.Authorization = Basic(name, password);
        return await http.PostAsJsonAsync("/api/v1/tokens", body);
    }

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    private static HttpClient Program(TestApp app, string secret)
    {
        var http = new HttpClient { BaseAddress = new Uri(app.Address) };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
        return http;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<string> DumpAsync(TestApp app, string table)
    {
        await using var store = NpgsqlDataSource.Create(app.Store);
        await using var command = store.CreateCommand($"select string_agg(t::text, '') from {table} t");
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
