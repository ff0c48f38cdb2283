using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>What means harm, in a real browser: data that would be a script, and a viewer who wants more than to look.</summary>
public sealed class HostileSessionTests(PeopleApp people) : IClassFixture<PeopleApp>
{
    [Fact]
    public async Task Data_ThatMeansHarm_IsTextOnEveryPage()
    {
        var page = await people.AdminAsync("/settings/account");
        var dialogs = new ConcurrentQueue<string>();
        var refused = new ConcurrentQueue<string>();
        page.Dialog += (_, dialog) => dialogs.Enqueue(dialog.Message);
        page.Console += (_, message) =>
        {
            // The policy would stop what the pages let through: it must have nothing to stop.
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                refused.Enqueue(message.Text);
            }
        };
        await MakeTokenAsync(page);
        await SendAsync(page, "/api/v1/warehouses/music/queries", new { sql = $"select '{PeopleApp.Image}' as a, '{PeopleApp.Script}' as b" });
        await SignInAsHarmAsync();
        (string Path, string There, string? Shows)[] pages =
        [
            ("/", "h1", null),
            ("/warehouses/music", "[data-testid=rows-songplays]", null),
            ("/warehouses/music/source", "table", "turned\\u202egpj"),
            ("/warehouses/music/rejects", ".file", "turned\\u202egpj"),
            ("/warehouses/music/tables?table=songs", "[data-testid=rows-songplays]", null),
            ("/runs/2", "log-tail .line", null),
            ("/reports/top-songs?warehouse=music", "[data-testid=report-table]", PeopleApp.Script),
            ("/reports/top-songs?warehouse=music", "[data-testid=report-table]", PeopleApp.Image),
            ("/runs/4", "[data-testid=decision-note]", $"{PeopleApp.Image} turned\\u202egpj"),
            ("/reports", "main ul", PeopleApp.Image),
            ("/dashboards/img-src-x-onerror-window-ran-1", "h1", PeopleApp.Image),
            ("/query?warehouse=music&sql=" + Uri.EscapeDataString($"select '{PeopleApp.Image}' as a"), "[data-ready=rich] .view-line", "onerror"),
            ("/settings/account", "table", PeopleApp.Image),
            ("/settings/people", "table", "vera"),
            ("/settings/sessions", "table", "harm <img"),
            ("/settings/audit", "table", PeopleApp.Image),
            ("/settings/audit?outcome=refused", "table", "turned\\u202egpj"),
            ("/settings/audit?text=" + Uri.EscapeDataString(PeopleApp.Script), ".mud-table-container, .empty", null),
        ];
        foreach (var (path, there, shows) in pages)
        {
            await page.GotoAsync(path);
            await page.WaitForSelectorAsync(there);
            await page.WaitForFunctionAsync("() => !document.querySelector('.loading, .mud-skeleton, [aria-busy=true]')");
            if (shows is not null)
            {
                await Expect(page.Locator("main")).ToContainTextAsync(shows);
            }

            // Nothing of it became an element, or ran.
            Assert.Equal(0, await page.EvaluateAsync<int>("() => document.querySelectorAll('img[src=\"x\"], [onerror]').length"));
            Assert.Null(await page.EvaluateAsync<int?>("() => window.ran ?? null"));
            Assert.Equal("", await TurnedRoundAsync(page));
        }

        await page.GotoAsync("/query?warehouse=music");
        await page.GetByRole(AriaRole.Button, new() { Name = "Saved" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("turned\\u202egpj");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(PeopleApp.Image);
        Assert.Equal("", await TurnedRoundAsync(page));
        Assert.Null(await page.EvaluateAsync<int?>("() => window.ran ?? null"));
        Assert.Empty(dialogs);
        Assert.Empty(refused);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Viewer_OnALiveCircuit_GetsNoFurtherThanTheyMay()
    {
        var page = await people.SignInAsync("vera");
        foreach (var path in new[]
        {
            "/query", "/settings/people", "/settings/sessions", "/settings/audit", "/warehouses/new",
        })
        {
            // Within the circuit: no request goes out that could be refused before it.
            await page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
            await page.WaitForFunctionAsync("path => location.pathname === path", path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("You have no access to this page");
            Assert.Equal(0, await page.Locator("main input, main table, [data-testid=sql-editor], .wizard").CountAsync());
        }

        await page.EvaluateAsync("path => Blazor.navigateTo(path)", "/warehouses/music/resources");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("music");
        // What is everybody's to know of is out of reach, and the rest is not there.
        var check = page.GetByRole(AriaRole.Button, new() { Name = "Check files", Exact = true });
        await Expect(check).ToBeDisabledAsync();
        foreach (var name in new[] { "Load", "Load now", "Tear down music", "Rotate passwords", "Provision" })
        {
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true, Disabled = false })).ToHaveCountAsync(0);
        }

        // Made reachable in the browser, it does nothing all the same.
        await check.EvaluateAsync("b => { b.disabled = false; b.click(); }");

        // What a circuit lets a page's script call: nothing of ours needs no object, and there is none to guess that would do anything.
        foreach (var method in new[] { "StartAsync", "AddAsync", "NarrowIsAsync", "SearchAsync", "DispatchEventAsync" })
        {
            Assert.Equal("refused", await page.EvaluateAsync<string>(
                "async m => { try { await DotNet.invokeMethodAsync('Sparkify.Web', m); return 'done'; } catch { return 'refused'; } }", method));
        }
        // And by the API, with the cookie of the same browser.
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/v1/warehouses/music/runs", new { kind = "load" }), ("/api/v1/dashboards", new { name = "x" }),
            ("/api/v1/warehouses", new { name = "y", source = "sample" }), ("/api/v1/warehouses/music/queries", new { sql = "select 1" }),
        })
        {
            Assert.Equal(403, await SendAsync(page, path, body));
        }

        await page.Context.CloseAsync();
        var trail = await people.AdminAsync("/settings/audit?text=vera&outcome=refused");
        await Expect(trail.Locator("main")).ToContainTextAsync("runs.start");
        await trail.CloseAsync();
    }

    [Fact]
    public async Task Session_Ended_EndsItsCircuit_AndTheCookieIsNobodys()
    {
        var page = await people.SignInAsync("vera");
        await page.GotoAsync("/runs");
        await page.WaitForSelectorAsync("h1");
        var cookies = await page.Context.CookiesAsync();
        var elsewhere = await people.NewAsync();
        await elsewhere.Context.AddCookiesAsync(cookies.Select(static c => new Microsoft.Playwright.Cookie
        {
            Name = c.Name,
            Value = c.Value,
            Domain = c.Domain,
            Path = c.Path,
            HttpOnly = c.HttpOnly,
        }));

        var sessions = await people.AdminAsync("/settings/sessions");
        var rows = sessions.GetByRole(AriaRole.Row).Filter(new() { HasText = "vera" });
        await Expect(rows.First).ToBeVisibleAsync();
        for (var left = await rows.CountAsync(); left > 0; left--)
        {
            await rows.First.GetByRole(AriaRole.Button, new() { Name = "End" }).ClickAsync();
            await Expect(rows).ToHaveCountAsync(left - 1);
        }

        await page.WaitForFunctionAsync("() => location.pathname === '/sign-in'", null, new() { Timeout = 60_000 });
        await elsewhere.GotoAsync("/runs");
        Assert.Contains("/sign-in?return=", elsewhere.Url);
        await page.Context.CloseAsync();
        await elsewhere.Context.CloseAsync();
        await sessions.CloseAsync();
    }

    [Fact]
    public async Task Role_TakenBack_EndsTheCircuitAtOnce_AndThePageWithIt()
    {
        await people.AddAsync("mara");
        var page = await people.SignInAsync("mara");
        await page.GotoAsync("/warehouses/music");
        await page.WaitForSelectorAsync("[data-testid=rows-songplays]");
        await page.EvaluateAsync("() => window.same = true");

        var admin = await people.AdminAsync("/settings/people");
        await admin.GetByRole(AriaRole.Button, new() { Name = "mara", Exact = true }).ClickAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Take viewer back" }).ClickAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Save roles" }).ClickAsync();

        // Nobody touches the page: its circuit ends, and it begins anew with what she may now.
        await page.WaitForFunctionAsync("() => window.same !== true", null, new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("You have no role yet");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("songplays");
        Assert.Equal(404, await page.EvaluateAsync<int>("async () => (await fetch('/api/v1/warehouses/music')).status"));
        await page.Context.CloseAsync();
        await admin.CloseAsync();
    }

    // Where a page turns what stands after it round: in its text, its title, or what is said of an element. What is typed stays as it is.
    private static Task<string> TurnedRoundAsync(IPage page) => page.EvaluateAsync<string>(
        """
        () => {
          const turns = text => text.includes("\u202e");
          if (turns(document.title)) return document.title;
          for (const one of document.querySelectorAll("body *")) {
            const own = [...one.childNodes].filter(n => n.nodeType === Node.TEXT_NODE).map(n => n.data).join("");
            if (turns(own)) return own;
            for (const name of ["title", "aria-label", "data-tip", "alt", "placeholder"]) {
              if (turns(one.getAttribute(name) ?? "")) return one.outerHTML;
            }
          }
          return "";
        }
        """);

    private static async Task MakeTokenAsync(IPage page)
    {
        await page.Locator("#token-name").FillAsync(PeopleApp.Image);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create token" }).ClickAsync();
        await page.WaitForSelectorAsync("#made-token");
    }

    // What a browser says of itself is anything.
    private async Task SignInAsHarmAsync()
    {
        using var visitor = new Visitor(people.App.Address);
        visitor.Http.DefaultRequestHeaders.UserAgent.Clear();
        visitor.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"harm {PeopleApp.Image}");
        using var answer = await visitor.SubmitAsync("/sign-in", ("name", "vera"), ("password", Visitor.Password));
        using var stranger = new Visitor(people.App.Address);
        using var wrong = await stranger.SubmitAsync("/sign-in", ("name", $"{PeopleApp.Script}{PeopleApp.Turned}"), ("password", "x"));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
    }

    private static Task<int> SendAsync(IPage page, string path, object body) => page.EvaluateAsync<int>(
        """
        async ([path, body]) => (await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body })).status
        """,
        new[] { path, JsonSerializer.Serialize(body) });
}
