using System.Net;
using System.Security.Cryptography.X509Certificates;
using AngleSharp.Html.Parser;

namespace Sparkify.Tests.Support;

/// <summary>A browser without scripts: keeps its cookies, fills in forms, and follows no redirect by itself.</summary>
internal sealed class Visitor : IDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>One that knows an application, and its certificate where it has one of its own.</summary>
    public Visitor(string address, X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false };
        if (certificate is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { certificate },
            };
        }

        Http = new HttpClient(handler);
        Http.BaseAddress = new Uri(address);
        Http.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0");
    }

    public HttpClient Http { get; }

    public CookieContainer Cookies { get; } = new();

    /// <summary>One that has made the first account.</summary>
    public static async Task<Visitor> FirstAsync(TestApp app, string name = "ann")
    {
        var visitor = new Visitor(app.Address);
        using var answer = await visitor.SubmitAsync("/first", ("name", name), ("password", Password), ("again", Password));
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return visitor;
    }

    /// <summary>One that has signed in.</summary>
    public static async Task<Visitor> SignedInAsync(TestApp app, string name)
    {
        var visitor = new Visitor(app.Address);
        using var answer = await visitor.SubmitAsync("/sign-in", ("name", name), ("password", Password));
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return visitor;
    }

    /// <summary>Opens a page and sends its form with these values, as a browser does.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, params (string Name, string Value)[] values)
    {
        using var page = await Http.GetAsync(path);
        var form = (await new HtmlParser().ParseDocumentAsync(await page.Content.ReadAsStringAsync())).QuerySelector("form[method=post]");
        Assert.True(form is not null, $"{path} answers {page.StatusCode} and has no form.");
        var hidden = form.QuerySelectorAll("input[type=hidden]").Select(i => (i.GetAttribute("name")!, i.GetAttribute("value") ?? ""));
        return await Http.PostAsync(
            path, new FormUrlEncodedContent(hidden.Concat(values).Select(v => KeyValuePair.Create(v.Item1, v.Item2))));
    }

    public void Dispose() => Http.Dispose();
}
