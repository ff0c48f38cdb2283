using System.Text.Json;
using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A load that can hardly be true, decided on in the browser while somebody else looks on.</summary>
public sealed class DecisionPathTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Load_ThatNeedsADecision_DiscardedOnceAndPublishedOnce_WatchedByTwo()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await AppProcess.StartAsync();
        await app.PostAsync("/api/v1/warehouses", new { name = "music", source = Write(plays: 20) });
        await app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "provision", then = "load" });
        await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/warehouses/music"),
            static w => w.GetProperty("publishedRun").ValueKind == JsonValueKind.Number);
        Write(plays: 3);
        var page = await browser.NewPersonAsync(app.Address);
        var other = await browser.NewPersonAsync(app.Address);
        await other.GotoAsync("/");

        // Asked, and discarded: the other one hears of both without touching anything.
        var first = await LoadAsync(app);
        await page.GotoAsync($"/runs/{first}");
        await Assertions.Expect(page.GetByTestId("run-state")).ToHaveTextAsync("Needs a decision");
        await Assertions.Expect(page.GetByTestId("decision")).ToContainTextAsync("3 plays (were 20)");
        await Assertions.Expect(other.GetByTestId("needs")).ToContainTextAsync("3 plays (were 20)");
        await other.GetByTestId("needs").GetByRole(AriaRole.Link, new() { Name = "Decide" }).ClickAsync();
        await Assertions.Expect(other.GetByTestId("decision")).ToBeVisibleAsync();
        await page.GetByLabel("Why").FillAsync("A day is missing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard the new star" }).ClickAsync();
        foreach (var person in new[] { page, other })
        {
            await Assertions.Expect(person.GetByTestId("run-state")).ToHaveTextAsync("Discarded");
            await Assertions.Expect(person.GetByTestId("decision-note")).ToContainTextAsync("A day is missing");
        }

        Assert.Equal(20, await PlaysAsync(app));

        // Asked again, and published.
        var second = await LoadAsync(app);
        await page.GotoAsync($"/runs/{second}");
        await other.GotoAsync($"/runs/{second}");
        await Assertions.Expect(other.GetByTestId("decision")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish anyway" }).ClickAsync();
        foreach (var person in new[] { page, other })
        {
            await Assertions.Expect(person.GetByTestId("run-state")).ToHaveTextAsync("Succeeded with 1 warning");
            await Assertions.Expect(person.GetByTestId("decision-note")).ToContainTextAsync("Published anyway");
        }

        Assert.Equal(3, await PlaysAsync(app));
    }

    private static async Task<long> LoadAsync(AppProcess app) =>
        (await app.PostAsync("/api/v1/warehouses/music/runs", new { kind = "load" })).GetProperty("id").GetInt64();

    private static async Task<long> PlaysAsync(AppProcess app) =>
        (await app.GetAsync("/api/v1/warehouses/music/plays")).GetProperty("plays").GetInt64();

    private object Write(int plays) =>
        Source.Write(_folder, Enumerable.Range(0, plays).Select(static i => Source.Event(item: i, ts: 1541105830796 + i)), [Source.Song()]);
}
