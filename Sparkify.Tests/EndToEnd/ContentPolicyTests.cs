using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>
/// What the browser may do with a page: nothing that any page needs is forbidden, and a script that got into one does not run.
/// </summary>
public sealed class ContentPolicyTests(LoadedApp loaded) : IClassFixture<LoadedApp>
{
    [Fact]
    public async Task Pages_AllThereAre_NeedNothingThatIsForbidden()
    {
        var page = await loaded.OpenAsync("/");
        var broken = Watch(page);
        string[] more =
        [
            "/warehouses/music/tables?table=songplays", "/dashboards/hits?warehouse=music", "/settings/account", "/settings/people",
            "/reports/plays-by-hour?warehouse=music",
        ];
        foreach (var path in ShellTests.Pages.Select(static row => (string)row[0]).Concat(more))
        {
            await page.GotoAsync(path);
            await page.WaitForSelectorAsync("h1");
            await page.WaitForFunctionAsync("() => !document.querySelector('.loading, .mud-skeleton, [aria-busy=true]')");
        }

        // The editor, with its worker, completes and colours.
        await page.GotoAsync("/query?warehouse=music&sql=select%20count(*)%20from%20songplays");
        await page.WaitForSelectorAsync("[data-testid=sql-editor][data-ready=rich] .view-line");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("result-grid")).ToContainTextAsync("77");
        await page.Locator(".monaco-editor .view-lines").ClickAsync(new() { Position = new() { X = 4, Y = 6 } });
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("select * from songpl");
        await Expect(page.Locator(".suggest-widget")).ToContainTextAsync("songplays");
        // The queue's own pages.
        foreach (var path in new[] { "/jobs", "/jobs/jobs/succeeded", "/jobs/recurring", "/jobs/servers", "/jobs/retries" })
        {
            await page.GotoAsync(path);
            await page.WaitForSelectorAsync(".page-header");
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        }

        Assert.Empty(broken);
    }

    [Fact]
    public async Task Script_ThatGotIntoAPage_DoesNotRun_AndIsReported()
    {
        var page = await loaded.OpenAsync("/runs");
        var broken = Watch(page);

        await page.EvaluateAsync(
            """
            () => {
              const script = document.createElement("script");
              script.textContent = "window.ran = 'inline'";
              document.body.append(script);
              document.body.insertAdjacentHTML("beforeend", "<img src='/none' onerror=\"window.ran = 'handler'\">");
              const away = document.createElement("script");
              away.src = "https://evil.example/x.js";
              document.body.append(away);
            }
            """);
        await Eventually(() => broken.Count >= 3);

        Assert.Null(await page.EvaluateAsync<string?>("() => window.ran ?? null"));
        Assert.All(broken, static b => Assert.Contains("Content Security Policy", b));
    }

    private static async Task Eventually(Func<bool> holds) =>
        await Support.Eventually.BecomesAsync(() => Task.FromResult(holds()), static yes => yes, seconds: 30);

    // Everything the browser says it refused, whatever refused it.
    private static ConcurrentQueue<string> Watch(IPage page)
    {
        var broken = new ConcurrentQueue<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                broken.Enqueue($"{page.Url}: {message.Text}");
            }
        };
        return broken;
    }
}
