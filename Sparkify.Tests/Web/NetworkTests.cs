using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Tests.Support;
using Sparkify.Web.Identity;

namespace Sparkify.Tests.Web;

/// <summary>What goes over the wire: TLS, names, other sites' pages, and how many pages may be open.</summary>
public sealed class NetworkTests
{
    [Fact]
    public async Task Tls_ByKestrelsSettings_Serves_WithSecureCookies_AndTellsBrowsersToKeepToIt()
    {
        using var folder = new TempFolder();
        using var certificate = Certificate();
        var file = Path.Combine(folder.Path, "own.pfx");
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "of the test"));
        await using var app = await TestApp.StartAsync(arguments:
        [
            "--Kestrel:Endpoints:Https:Url", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path", file,
            "--Kestrel:Certificates:Default:Password", "of the test", "--AllowedHosts", "127.0.0.1;sparkify.example",
            "--Sparkify:AdminPassword", Visitor.Password,
        ]);
        Assert.StartsWith("https://", app.Address, StringComparison.Ordinal);
        using var admin = new Visitor(app.Address, certificate);

        using var signedIn = await admin.SubmitAsync("/sign-in", ("name", "admin"), ("password", Visitor.Password));

        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Contains("\"admin\"", await admin.Http.GetStringAsync("/api/v1/me"));
        var cookies = admin.Cookies.GetAllCookies();
        Assert.Contains(cookies, static c => c.Name == "sparkify");
        Assert.Contains(cookies, static c => c.Name == "sparkify-browser");
        Assert.Contains(cookies, static c => c.Name.Contains("Antiforgery", StringComparison.Ordinal));
        Assert.All(cookies, static c => Assert.True(c is { Secure: true, HttpOnly: true }, c.Name));
        // Under a real name; ASP.NET Core leaves out those of the machine itself, which are every developer's.
        Assert.Equal("max-age=31536000", await HstsAsync("sparkify.example"));
        Assert.Null(await HstsAsync("127.0.0.1"));
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync("evil.example")).StatusCode);

        async Task<string?> HstsAsync(string host) =>
            (await AskAsync(host)).Headers.TryGetValues("Strict-Transport-Security", out var said) ? said.Single() : null;

        async Task<HttpResponseMessage> AskAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in");
            request.Headers.Host = host;
            return await admin.Http.SendAsync(request);
        }
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Unauthorized)]
    [InlineData("null", HttpStatusCode.Unauthorized)]
    [InlineData(null, HttpStatusCode.SwitchingProtocols)]
    public async Task Circuit_OfSomebodySignedIn_OpensForThisSitesPagesOnly(string? origin, HttpStatusCode status)
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.Cookies = ann.Cookies;
        socket.Options.SetRequestHeader("Origin", origin ?? app.Address);

        try
        {
            await socket.ConnectAsync(new Uri(app.Address.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), default);
        }
        catch (WebSocketException)
        {
            Assert.NotEqual(HttpStatusCode.SwitchingProtocols, status);
        }

        Assert.Equal(status, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Pages_OneTooMany_IsAnsweredWithASentence_UntilAnotherIsClosed()
    {
        await using var app = await TestApp.StartAsync(
            arguments: ["--Sparkify:Network:MaxPagesOfOne", "2", "--Sparkify:Network:MaxPages", "3"]);
        using var ann = await Visitor.FirstAsync(app);
        await app.Services.GetRequiredService<IPeople>().AddAsync("bob", Visitor.Password, [new Grant(Role.Viewer)], Actor.System, default);
        using var bob = await Visitor.SignedInAsync(app, "bob");
        var pages = app.Services.GetRequiredService<OpenPages>();
        pages.Enter("ann");
        pages.Enter("ann");

        Assert.Throws<SparkifyException>(() => pages.Enter("ann"));
        var (status, text) = await OpenAsync(ann);
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("You have 2 pages open, as many as one person may.", text);
        Assert.DoesNotContain("blazor.web.js", text);
        Assert.Equal(HttpStatusCode.OK, (await OpenAsync(bob)).Status);

        pages.Enter("bob");
        (status, text) = await OpenAsync(bob);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Everybody together has 3 pages open", text);
        // One gets out all the same.
        using (await bob.SubmitAsync("/sign-out"))
        {
        }

        pages.Leave("ann");
        Assert.Equal(HttpStatusCode.OK, (await OpenAsync(ann)).Status);

        static async Task<(HttpStatusCode Status, string Text)> OpenAsync(Visitor visitor)
        {
            using var answer = await visitor.Http.GetAsync("/runs?page=2");
            return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task Settings_OfPagesAndProxies_AreCheckedAtTheStart()
    {
        var (code, said) = await AppProcess.RefusedAsync(
            "--urls", "http://127.0.0.1:0", "--Sparkify:Network:MaxPages", "0", "--Sparkify:Network:MaxPagesOfOne", "-1",
            "--Sparkify:Network:Proxies:0", "a proxy");

        Assert.Equal(2, code);
        Assert.Contains("Network:MaxPages must be at least 1, was 0.", said);
        Assert.Contains("Network:MaxPagesOfOne must be at least 1, was -1.", said);
        Assert.Contains("'a proxy' is neither an address nor a network", said);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sparkify.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("sparkify.example");
        names.AddDnsName("evil.example"); // so that it is the application that refuses the name
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
