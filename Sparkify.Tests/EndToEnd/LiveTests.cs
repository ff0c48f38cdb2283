using System.Text.Json;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>What a page does while it is live: figures change in place, and nothing else does.</summary>
public sealed class LiveTests
{
    // Where each part of the page begins, in every frame in which the run was shown as running.
    private const string Recorder =
        """
        window.tops = {};
        window.frames = 0;
        const look = () => {
          if (/Running/.test(document.querySelector("[data-testid=run-state]")?.textContent ?? "")) {
            window.frames++;
            for (const part of document.querySelectorAll("main h1, main h2, main dt, [data-testid^=step-], [role=progressbar]")) {
              const name = part.dataset.testid ?? part.textContent.trim();
              (window.tops[name] ??= new Set()).add(Math.round(part.getBoundingClientRect().top + window.scrollY));
            }
          }
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        """;

    // How wide the page's content is, in every frame from the first one that has any.
    private const string WidthRecorder =
        """
        window.widths = new Set();
        window.frames = 0;
        const measure = () => {
          if (document.querySelector("main h1")) {
            window.frames++;
            window.widths.add(Math.round(document.querySelector("main").getBoundingClientRect().width));
          }
          requestAnimationFrame(measure);
        };
        requestAnimationFrame(measure);
        """;

    [Theory]
    [InlineData(1280)]
    [InlineData(800)]
    [InlineData(400)]
    public async Task Page_FromItsFirstFrame_HasItsWidth(int width)
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync();
        var page = await browser.NewPersonAsync(app.Address);
        await page.SetViewportSizeAsync(width, 850);
        await page.AddInitScriptAsync(WidthRecorder);

        await page.GotoAsync("/settings");

        // More frames than any transition takes.
        await page.WaitForFunctionAsync("() => window.frames > 60");
        Assert.Single(await page.EvaluateAsync<int[]>("() => [...window.widths]"));
    }

    [Fact]
    public async Task Run_WhileItIsLive_MovesNothingOnThePage()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync();
        await app.PostAsync(
            "/api/v1/warehouses", new { name = "big", source = new { sample = new { events = 200_000, songs = 500, days = 10 } } });
        await app.PostAsync("/api/v1/warehouses/big/runs", new { kind = "provision" });
        await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/runs"), static runs => !runs.GetProperty("items")[0].GetProperty("active").GetBoolean());
        var wide = await browser.NewPersonAsync(app.Address);
        var phone = await browser.NewPersonAsync(app.Address);
        await phone.SetViewportSizeAsync(400, 850);
        var load = (await app.PostAsync("/api/v1/warehouses/big/runs", new { kind = "load" })).GetProperty("id").GetInt64();

        foreach (var page in new[] { wide, phone })
        {
            await page.AddInitScriptAsync(Recorder);
            await page.GotoAsync($"/runs/{load}");
        }

        foreach (var page in new[] { wide, phone })
        {
            await Expect(page.GetByTestId("run-state")).ToContainTextAsync("Succeeded", new() { Timeout = Browser.Patience });
            var seen = JsonSerializer.Deserialize<JsonElement>(await page.EvaluateAsync<string>(
                "() => JSON.stringify({ frames: window.frames, tops: Object.entries(window.tops).map(([name, tops]) => ({ name, tops: [...tops] })) })"));
            Assert.True(seen.GetProperty("frames").GetInt32() > 10, "The load was over before it could be watched.");
            var tops = seen.GetProperty("tops").EnumerateArray().ToList();
            Assert.Contains(tops, static part => part.GetProperty("name").GetString() == "step-stage-events");
            Assert.Contains(tops, static part => part.GetProperty("name").GetString() == "Log");
            var moved = tops.Where(static part => part.GetProperty("tops").GetArrayLength() > 1).Select(static part => part.ToString());
            Assert.True(!moved.Any(), $"Moved: {string.Join("; ", moved)}");
        }
    }
}
