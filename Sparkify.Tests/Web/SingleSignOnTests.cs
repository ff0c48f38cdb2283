using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web;

/// <summary>Signing in with a real provider of OpenID Connect, by the redirects a browser follows.</summary>
public sealed class SingleSignOnTests : IAsyncLifetime
{
    private SignOnProvider _provider = null!;
    private TestApp _app = null!;

    public async Task InitializeAsync()
    {
        _provider = await SignOnProvider.StartAsync();
        _app = await TestApp.StartAsync(arguments: [.. _provider.Arguments, "--Sparkify:AdminPassword", Visitor.Password]);
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task FirstVisit_MakesThePerson_WithTheRolesOfTheClaims_AndASessionLikeAnyOther()
    {
        await _app.Services.GetRequiredService<IWarehouses>().CreateAsync(
            new NewWarehouse("music", WarehouseTarget.Local, new SampleSource()), Actor.System, default);
        _provider.Roles = ["data-readers", "music-team", "of no meaning here"];
        using var carol = new Visitor(_app.Address);
        using (var page = await carol.Http.GetAsync("/sign-in?return=%2Fruns"))
        {
            Assert.Contains("Sign in with Example", await page.Content.ReadAsStringAsync());
        }

        Assert.Equal("/runs", await SignInAsync(carol, "/runs"));

        var asked = Assert.Single(_provider.Asked);
        Assert.Equal("code", asked.ResponseType);
        Assert.Equal("S256", asked.CodeChallengeMethod);
        Assert.False(string.IsNullOrEmpty(asked.Nonce));
        Assert.False(string.IsNullOrEmpty(asked.State));
        Assert.Contains("\"carol@example.com\"", await carol.Http.GetStringAsync("/api/v1/me"));
        var person = await PersonAsync();
        Assert.Equal([new Grant(Role.Viewer), new Grant(Role.Operator, "music")], person.Grants.ToHashSet());
        Assert.True(person.IsVouched);
        var session = Assert.Single(await Sessions.ListAsync(default));

        // It ends like any other.
        await Sessions.EndAsync(session.Number, Actor.System, default);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(carol));
        Assert.Equal(["people.add done", "sessions.signin done"], await TrailAsync());
    }

    [Fact]
    public async Task SignOut_EndsTheSession()
    {
        _provider.Roles = ["data-readers"];
        using var carol = new Visitor(_app.Address);
        await SignInAsync(carol);

        using var answer = await carol.SubmitAsync("/sign-out");

        Assert.Empty(await Sessions.ListAsync(default));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(carol));
    }

    [Fact]
    public async Task Roles_FollowTheClaims_AndWithoutAny_ThereIsNoWayIn()
    {
        _provider.Roles = ["data-readers"];
        using var carol = new Visitor(_app.Address);
        await SignInAsync(carol);
        _provider.Roles = ["data-admins"];
        using var again = new Visitor(_app.Address);
        // Under another name, too: it is who they are that counts, and what they were called first stands.
        _provider.Name = "carol.lee@example.com";

        await SignInAsync(again);

        Assert.Equal([new Grant(Role.Admin)], (await PersonAsync()).Grants);
        Assert.Contains("\"carol@example.com\"", await again.Http.GetStringAsync("/api/v1/me"));

        _provider.Roles = [];
        using var last = new Visitor(_app.Address);
        Assert.Contains("nothing it says of you gives you a role here", await RefusedAsync(last));
        Assert.Empty((await PersonAsync()).Grants);
        using var still = await again.Http.GetAsync("/api/v1/audit");
        Assert.Equal(HttpStatusCode.Forbidden, still.StatusCode);
        Assert.Equal(
            [
                "people.add done", "sessions.signin done", "people.grant done", "sessions.signin done", "people.grant done",
                "sessions.signin refused", "audittrail.list refused",
            ],
            await TrailAsync());
    }

    [Fact]
    public async Task FirstVisit_WithNoRole_LeavesNobodyBehind_ButALine()
    {
        _provider.Roles = ["of no meaning here"];
        using var carol = new Visitor(_app.Address);

        Assert.Contains("gives you a role here", await RefusedAsync(carol));

        Assert.Equal("admin", Assert.Single(await People.ListAsync(default)).Name);
        Assert.Equal(["sessions.signin refused"], await TrailAsync());
    }

    [Fact]
    public async Task SomebodysName_IsNotTakenOver_AndWhoIsKeptOutStaysOut()
    {
        _provider.Roles = ["data-admins"];
        _provider.Name = "ADMIN";
        using var carol = new Visitor(_app.Address);
        Assert.Contains("signs in in another way", await RefusedAsync(carol));
        _provider.Name = "Carol Lee";
        Assert.Contains("cannot be a name here", await RefusedAsync(carol));

        _provider.Name = "carol@example.com";
        await SignInAsync(carol);
        await People.CloseAsync((await PersonAsync()).Id, closed: true, Actor.System, default);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(carol));
        Assert.Contains("Your account here is closed", await RefusedAsync(carol));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(carol));
    }

    [Fact]
    public async Task Vouched_HaveNoPassword_UntilAnAdministratorSetsOne()
    {
        _provider.Roles = ["data-readers"];
        using var carol = new Visitor(_app.Address);
        await SignInAsync(carol);
        var person = await PersonAsync();
        await Assert.ThrowsAsync<SparkifyException>(() => People.GrantAsync(person.Id, [new Grant(Role.Admin)], Actor.System, default));
        using (var byPassword = await new Visitor(_app.Address).SubmitAsync("/sign-in", ("name", person.Name), ("password", "")))
        {
            Assert.Equal(HttpStatusCode.Forbidden, byPassword.StatusCode);
        }

        await People.SetPasswordAsync(person.Id, Visitor.Password, Actor.System, default);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(carol));
        using var signedIn = await Visitor.SignedInAsync(_app, person.Name);
        Assert.Contains("signs in in another way", await RefusedAsync(carol));
    }

    [Fact]
    public async Task Callback_ReplayedForgedOrAnothers_SignsNobodyIn()
    {
        _provider.Roles = ["data-admins"];
        using var carol = new Visitor(_app.Address);
        var back = await BackAsync(carol);
        var before = carol.Cookies.GetAllCookies();

        // In another's browser: what it was begun with is not there.
        using var stranger = new Visitor(_app.Address);
        Assert.Contains("begun in another browser", await NoteAsync(stranger, back));
        // With another state, or none.
        var forged = back.AbsoluteUri.Replace("state=", "state=x", StringComparison.Ordinal);
        Assert.Contains("Begin again", await NoteAsync(carol, new Uri(forged)));
        Assert.Contains("Begin again", await NoteAsync(carol, new Uri(_app.Address + "/sign-in/back?code=1")));
        Assert.Contains("Begin again", await NoteAsync(carol, new Uri(_app.Address + "/sign-in/back")));

        Assert.Equal("/", await FollowAsync(carol, back));
        // Once more in the same browser, which is signed in already, and in one that kept all that there was before.
        Assert.StartsWith("/sign-in?note=", await FollowAsync(carol, back), StringComparison.Ordinal);
        using var thief = new Visitor(_app.Address);
        thief.Cookies.Add(before);
        Assert.Contains("done already", await NoteAsync(thief, back));

        Assert.Single(await Sessions.ListAsync(default));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(thief));
        // Each of them is on record; of a flood not all.
        Assert.Equal(6, await RefusalsAsync());
        for (var i = 0; i < 40; i++)
        {
            await NoteAsync(thief, new Uri(forged));
        }

        Assert.Equal(30, await RefusalsAsync());
    }

    [Fact]
    public async Task Provider_ThatRefuses_IsDown_OrComesBack_IsToldInASentence()
    {
        _provider.Roles = ["data-readers"];
        _provider.Denies = true;
        using var carol = new Visitor(_app.Address);
        Assert.Contains("You were not let in by Example", await RefusedAsync(carol));
        _provider.Denies = false;
        var back = await BackAsync(carol);
        await _provider.DisposeAsync();

        // It went away in the middle, and is away at the beginning of the next one.
        Assert.Contains("Example does not answer just now", await NoteAsync(carol, back));
        await using var later = await TestApp.StartAsync(
            arguments: [.. Away(), "--Sparkify:AdminPassword", Visitor.Password]);
        using var dan = new Visitor(later.Address);
        Assert.Contains("Example does not answer just now", await NoteAsync(dan, new Uri(later.Address + "/sign-in/through")));
        using var byPassword = await Visitor.SignedInAsync(later, "admin");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(byPassword));
    }

    [Fact]
    public async Task NobodyRegistered_TheFirstAccountComesFirst()
    {
        _provider.Roles = ["data-admins"];
        await using var fresh = await TestApp.StartAsync(arguments: _provider.Arguments);
        using var carol = new Visitor(fresh.Address);

        Assert.DoesNotContain("/runs", await SignInAsync(carol, "/runs"));

        Assert.False(await fresh.Services.GetRequiredService<IDoor>().HasAccountsAsync(default));
    }

    [Fact]
    public async Task Note_OfSomebodyElse_IsNotShown_AndWithoutSettings_ThereIsNoButton()
    {
        using var visitor = new Visitor(_app.Address);
        Assert.DoesNotContain("call 555", await visitor.Http.GetStringAsync("/sign-in?note=call+555"));
        using var outside = await visitor.Http.GetAsync("/sign-in/through?return=https%3A%2F%2Fevil.example");
        Assert.StartsWith(_provider.Address, outside.Headers.Location!.OriginalString, StringComparison.Ordinal);
        await using var plain = await TestApp.StartAsync(arguments: ["--Sparkify:AdminPassword", Visitor.Password]);
        using var anybody = new Visitor(plain.Address);
        Assert.DoesNotContain("Sign in with", await anybody.Http.GetStringAsync("/sign-in"));
        using var none = await anybody.Http.GetAsync("/sign-in/through");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Settings_ThatWillNotDo_AreToldAtTheStart()
    {
        var (code, said) = await AppProcess.RefusedAsync(
            "--urls", "http://127.0.0.1:0", "--Sparkify:SingleSignOn:Authority", "http://login.example.com",
            "--Sparkify:SingleSignOn:Roles:0:Value", "x", "--Sparkify:SingleSignOn:Roles:0:Role", "king",
            "--Sparkify:SingleSignOn:Roles:1:Role", "admin", "--Sparkify:SingleSignOn:Roles:1:Warehouse", "music");

        Assert.Equal(2, code);
        foreach (var sentence in new[]
        {
            "SingleSignOn:Authority must be an https address, was 'http://login.example.com'", "ClientId is missing", "ClientSecret is missing",
            "Roles:0:Role must be one of viewer, analyst, operator, engineer, admin, auditor, was 'king'", "Roles:1:Value is missing",
            "Roles:1: the role admin is given over everything",
        })
        {
            Assert.Contains(sentence, said);
        }
    }

    private IPeople People => _app.Services.GetRequiredService<IPeople>();

    private ISessions Sessions => _app.Services.GetRequiredService<ISessions>();

    private async Task<Person> PersonAsync() => Assert.Single(await People.ListAsync(default), static p => p.Name != "admin");

    private async Task<IReadOnlyList<string>> TrailAsync()
    {
        List<string> lines = [];
        await foreach (var line in _app.Services.GetRequiredService<IAuditTrail>().AllAsync(new AuditFilter(), default))
        {
            lines.Add($"{line.What} {line.Outcome.ToString().ToLowerInvariant()}");
        }

        return lines[1..]; // without the first account
    }

    // Settings that lead to where nobody answers.
    private string[] Away()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        return [.. _provider.Arguments[..1], $"http://127.0.0.1:{port}", .. _provider.Arguments[2..]];
    }

    /// <summary>Signs in; where that leads, as a path.</summary>
    private static async Task<string> SignInAsync(Visitor visitor, string then = "/") =>
        await FollowAsync(visitor, await BackAsync(visitor, then));

    /// <summary>What is said to somebody who is not let in.</summary>
    private static async Task<string> RefusedAsync(Visitor visitor) => await NoteAsync(visitor, await BackAsync(visitor));

    private async Task<long> RefusalsAsync()
    {
        var lines = await _app.Services.GetRequiredService<IAuditTrail>()
            .ListAsync(new AuditFilter("single sign-on", AuditOutcome.Refused), 1, 100, default);
        Assert.All(lines.Items, static l => Assert.Equal(("sessions.signin", "unknown"), (l.What, l.Actor)));
        return lines.Total;
    }

    /// <summary>Begins to sign in: where the provider sends the browser back to.</summary>
    private static async Task<Uri> BackAsync(Visitor visitor, string then = "/")
    {
        using var begun = await visitor.Http.GetAsync($"/sign-in/through?return={Uri.EscapeDataString(then)}");
        Assert.Equal(HttpStatusCode.Redirect, begun.StatusCode);
        var cookie = Assert.Single(begun.Headers.GetValues("Set-Cookie"), static c => c.Contains("Correlation", StringComparison.Ordinal));
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        using var there = await visitor.Http.GetAsync(begun.Headers.Location);
        Assert.True(there.StatusCode == HttpStatusCode.Redirect, await there.Content.ReadAsStringAsync());
        return there.Headers.Location!;
    }

    private static async Task<string> FollowAsync(Visitor visitor, Uri back)
    {
        using var answer = await visitor.Http.GetAsync(back);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.OriginalString;
    }

    // The sentence on the page that an address leads to.
    private static async Task<string> NoteAsync(Visitor visitor, Uri back)
    {
        var page = await FollowAsync(visitor, back);
        Assert.StartsWith("/sign-in?", page, StringComparison.Ordinal);
        return WebUtility.HtmlDecode(await visitor.Http.GetStringAsync(page));
    }

    private static async Task<HttpStatusCode> StatusAsync(Visitor visitor)
    {
        using var answer = await visitor.Http.GetAsync("/api/v1/me");
        return answer.StatusCode;
    }
}
