using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Tests.Support;
using Sparkify.Web.Identity;

namespace Sparkify.Tests.Web;

/// <summary>Who is let in: on the machine itself, with accounts, and from elsewhere.</summary>
public sealed class DoorTests
{
    private static readonly string[] BehindAProxy = ["--Sparkify:Network:Proxies:0", "127.0.0.1"];

    [Fact]
    public async Task OnTheMachine_NobodyRegistered_IsTheLocalAdministrator()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Contains("\"local administrator\"", await app.Http.GetStringAsync("/api/v1/me"));
        using var visitor = new Visitor(app.Address);
        using var signIn = await visitor.Http.GetAsync("/sign-in");
        Assert.Equal("/", signIn.Headers.Location?.OriginalString.Replace(app.Address, ""));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.5", HttpStatusCode.Forbidden)]
    [InlineData("Forwarded", "for=203.0.113.5", HttpStatusCode.Forbidden)]
    [InlineData("Host", "evil.example:5080", HttpStatusCode.BadRequest)]
    public async Task OnTheMachine_ThroughWhatNobodySetUp_IsNobody(string header, string value, HttpStatusCode status)
    {
        await using var app = await TestApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/warehouses");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await app.Http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task First_OnTheMachine_TurnsAccountsOnForAll()
    {
        await using var app = await TestApp.StartAsync();

        using var ann = await Visitor.FirstAsync(app);

        Assert.Contains("\"ann\"", await ann.Http.GetStringAsync("/api/v1/me"));
        using var anybody = new Visitor(app.Address);
        using var api = await anybody.Http.GetAsync("/api/v1/warehouses");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.Contains("Sign in", await api.Content.ReadAsStringAsync());
        using var page = await anybody.Http.GetAsync("/warehouses?x=1");
        Assert.Equal("/sign-in?return=%2Fwarehouses%3Fx%3D1", page.Headers.Location?.OriginalString);
        using var circuit = await anybody.Http.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        Assert.Equal(HttpStatusCode.Unauthorized, circuit.StatusCode);
        foreach (var open in new[] { "/healthz", "/readyz", "/sign-in" })
        {
            using var answer = await anybody.Http.GetAsync(open);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using var again = await anybody.Http.GetAsync("/first");
        Assert.Equal("/sign-in", again.Headers.Location?.OriginalString.Replace(app.Address, ""));
    }

    [Fact]
    public async Task First_NeedsTheFormsOwnToken()
    {
        await using var app = await TestApp.StartAsync();
        using var visitor = new Visitor(app.Address);

        using var answer = await visitor.Http.PostAsync("/first", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "first",
            ["name"] = "ann",
            ["password"] = Visitor.Password,
            ["again"] = Visitor.Password,
        }));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(await app.Services.GetRequiredService<IDoor>().HasAccountsAsync(default));
    }

    [Fact]
    public async Task BehindAProxy_NobodyRegistered_NothingButHealthAnswers_UntilTheCodeIsGiven()
    {
        await using var app = await TestApp.StartAsync(arguments: BehindAProxy);
        using var visitor = new Visitor(app.Address);
        foreach (var path in new[] { "/api/v1/warehouses", "/openapi/v1.json", "/api/v1/me" })
        {
            using var refused = await visitor.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using (var page = await visitor.Http.GetAsync("/"))
        {
            Assert.Equal("/first", page.Headers.Location?.OriginalString);
        }

        using (var health = await visitor.Http.GetAsync("/healthz"))
        {
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        }

        (string, string)[] account = [("name", "ann"), ("password", Visitor.Password), ("again", Visitor.Password)];
        using (var without = await visitor.SubmitAsync("/first", [.. account, ("code", "abcdefghjkmnpqrstuvw")]))
        {
            Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        }

        using var with = await visitor.SubmitAsync("/first", [.. account, ("code", app.Services.GetRequiredService<FirstCode>().Text)]);
        Assert.Equal(HttpStatusCode.Redirect, with.StatusCode);
        Assert.Contains("\"ann\"", await visitor.Http.GetStringAsync("/api/v1/me"));
    }

    [Fact]
    public async Task BehindAProxy_ItsWordIsTaken_AndNobodyElses()
    {
        await using var app = await TestApp.StartAsync(arguments: [.. BehindAProxy, "--Sparkify:AdminPassword", Visitor.Password]);
        using var admin = new Visitor(app.Address);
        admin.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.5");
        admin.Http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using (await admin.Http.GetAsync("/sign-in"))
        {
            // Between here and the proxy nothing is encrypted; the browser, beyond it, would send them.
            foreach (var kept in admin.Cookies.GetAllCookies().AsEnumerable())
            {
                Assert.True(kept.Secure, kept.Name);
                kept.Secure = false;
            }
        }


        using var answer = await admin.SubmitAsync("/sign-in", ("name", "admin"), ("password", Visitor.Password));

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var session = Assert.Single(await app.Services.GetRequiredService<ISessions>().ListAsync(default));
        Assert.Equal("203.0.113.5", session.Address);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("sparkify=", StringComparison.Ordinal));
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task AdminPassword_TooShort_IsSaidAtTheStart()
    {
        var (code, said) = await AppProcess.RefusedAsync(
            "--urls", "http://127.0.0.1:0", "--ConnectionStrings:Sparkify", await SharedPostgres.NewDatabaseAsync(),
            "--Sparkify:AutoSample", "false", "--Sparkify:AdminPassword", "short");

        Assert.Equal(1, code);
        Assert.Contains("Sparkify:AdminPassword: A password has at least 12 characters", said);
        Assert.DoesNotContain("short\"", said);
    }

    [Theory]
    [InlineData("/settings", "/settings")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/a\r\nSet-Cookie: x", "/")]
    [InlineData(null, "/")]
    public void Inside_AnAddressOfOurs_IsFollowed_AndNoOther(string? address, string leads) => Assert.Equal(leads, Visit.Inside(address));

    [Fact]
    public async Task SignOut_ThisBrowser_OrAllOfThem()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        using var there = await Visitor.SignedInAsync(app, "ann");
        using var elsewhere = await Visitor.SignedInAsync(app, "ann");
        var replayed = new Visitor(app.Address);
        replayed.Cookies.Add(there.Cookies.GetAllCookies());

        using (await there.SubmitAsync("/sign-out"))
        {
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(there));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(replayed));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ann));
        using (await ann.SubmitAsync("/sign-out", ("everywhere", "true")))
        {
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(elsewhere));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ann));
    }

    [Fact]
    public async Task SignIn_Again_EndsTheSessionTheBrowserHad()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        await app.Services.GetRequiredService<IPeople>().AddAsync("bob", Visitor.Password, [new Grant(Role.Viewer)], Actor.System, default);
        using var old = new Visitor(app.Address);
        old.Cookies.Add(ann.Cookies.GetAllCookies());
        // A sign-in page that was open while somebody signed in elsewhere in this browser.
        using var open = new Visitor(app.Address);
        using var form = await open.SubmitAsync("/sign-in", ("name", "bob"), ("password", "wrong, all wrong"));
        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        using var bob = await Visitor.SignedInAsync(app, "bob");

        Assert.Equal(2, (await app.Services.GetRequiredService<ISessions>().ListAsync(default)).Count);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(old));
    }

    [Fact]
    public async Task Cookie_ForgedOrExpired_IsNobodys()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        var cookie = ann.Cookies.GetAllCookies()["sparkify"]!.Value;
        foreach (var forged in new[] { "x", cookie[..^4] + "AAAA", cookie[4..], new string('A', 4000) })
        {
            using var visitor = new Visitor(app.Address);
            visitor.Cookies.Add(new Uri(app.Address), new Cookie("sparkify", forged));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(visitor));
        }

        await using var store = NpgsqlDataSource.Create(app.Store);
        await using var command = store.CreateCommand("update sessions set seen_at = now() - interval '13 hours'");
        await command.ExecuteNonQueryAsync();
        await Eventually.BecomesAsync(() => StatusAsync(ann), s => s == HttpStatusCode.Unauthorized, seconds: 15);
    }

    [Fact]
    public async Task SignIn_ManyAttemptsFromOneAddress_HaveToWait()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        using var visitor = new Visitor(app.Address);
        List<HttpStatusCode> answers = [];
        for (var attempt = 0; attempt < 32; attempt++)
        {
            // Another name each time: it is the address that is counted.
            using var answer = await visitor.Http.PostAsync(
                "/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "sign-in", ["name"] = $"n{attempt}" }));
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(HttpStatusCode.BadRequest, answers[0]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ann));
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/healthz")]
    [InlineData("/api/v1/me")]
    [InlineData("/app.css")]
    public async Task Answers_TellBrowsersWhatTheyMayNotDo(string path)
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        using var visitor = new Visitor(app.Address);

        using var answer = await visitor.Http.GetAsync(path);

        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(answer.Headers.Contains("Server"));
        Assert.Equal(path.StartsWith("/api", StringComparison.Ordinal), path != "/sign-in" && answer.Headers.CacheControl?.NoStore == true);
    }

    private static async Task<HttpStatusCode> StatusAsync(Visitor visitor)
    {
        using var answer = await visitor.Http.GetAsync("/api/v1/me");
        return answer.StatusCode;
    }
}
