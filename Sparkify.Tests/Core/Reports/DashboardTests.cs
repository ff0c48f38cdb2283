using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Reports;

/// <summary>Dashboards in a real store.</summary>
public sealed class DashboardTests : IAsyncLifetime
{
    private static readonly Actor Ann = new("ann"), Bob = new("bob");
    private TestApp _app = null!;

    private IDashboards Dashboards => _app.Services.GetRequiredService<IDashboards>();

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task New_Store_HasHomesDashboard_WhichStays()
    {
        var home = Assert.Single(await Dashboards.ListAsync(default));
        Assert.Equal((IDashboards.Home, "Home", 0, null), (home.Id, home.Name, home.Tiles.Count, home.ChangedBy));
        await RefusedAsync(ProblemKind.Conflict, "keeps its name", () => Dashboards.RenameAsync(home.Id, "Mine", Ann, default));
        await RefusedAsync(ProblemKind.Conflict, "cannot be deleted", () => Dashboards.DeleteAsync(home.Id, Ann, default));
    }

    [Fact]
    public async Task Name_BecomesTheAddress_AndIsOneOfAKind()
    {
        Assert.Equal("top-5-songs", (await Dashboards.CreateAsync(" Top 5 (songs) ", Ann, default)).Id);
        Assert.Equal("top-5-songs-2", (await Dashboards.CreateAsync("Top-5 songs!", Ann, default)).Id);
        Assert.Equal("dashboard", (await Dashboards.CreateAsync("歌", Ann, default)).Id);
        await RefusedAsync(ProblemKind.Conflict, "named “TOP 5 (SONGS)” already", () => Dashboards.CreateAsync("TOP 5 (SONGS)", Bob, default));
        await RefusedAsync(ProblemKind.Invalid, "1 to 60 characters", () => Dashboards.CreateAsync(" ", Ann, default));
        await RefusedAsync(ProblemKind.Invalid, "1 to 60 characters", () => Dashboards.CreateAsync(new string('x', 61), Ann, default));

        var renamed = await Dashboards.RenameAsync("top-5-songs", "Hits", Bob, default);

        Assert.Equal(("top-5-songs", "Hits", "bob"), (renamed.Id, renamed.Name, renamed.ChangedBy));
        await RefusedAsync(ProblemKind.Conflict, "already", () => Dashboards.RenameAsync("dashboard", "hits", Bob, default));
        Assert.Equal(["Home", "Hits", "Top-5 songs!", "歌"], (await Dashboards.ListAsync(default)).Select(static d => d.Name));
        await Dashboards.DeleteAsync("top-5-songs", Ann, default);
        await RefusedAsync(ProblemKind.NotFound, "no dashboard 'top-5-songs'", () => Dashboards.GetAsync("top-5-songs", default));
        await RefusedAsync(ProblemKind.NotFound, "no dashboard", () => Dashboards.DeleteAsync("top-5-songs", Ann, default));
    }

    [Fact]
    public async Task Pinned_ByManyAtOnce_LosesNone()
    {
        await Task.WhenAll(Enumerable.Range(1, 12).Select(n =>
            Dashboards.PinAsync(IDashboards.Home, Tile("top-songs", ("top", $"{n}")), Ann, default)));

        var home = await Dashboards.GetAsync(IDashboards.Home, default);

        Assert.Equal(
            Enumerable.Range(1, 12).Select(static n => $"{n}").Order(StringComparer.Ordinal),
            home.Tiles.Select(static t => t.Parameters["top"]).Order(StringComparer.Ordinal));
        Assert.Equal(13, home.Version);
    }

    [Fact]
    public async Task Pinned_WhatDoesNotFit_IsRefusedInWords()
    {
        var made = await Dashboards.CreateAsync("Hits", Ann, default);
        await Dashboards.PinAsync(made.Id, Tile("top-songs", ("level", "paid"), ("top", "5")), Ann, default);

        await RefusedAsync(ProblemKind.Conflict, "“Top songs” is on Hits", () =>
            Dashboards.PinAsync(made.Id, Tile("top-songs", ("top", "5"), ("level", "paid")), Ann, default));
        await RefusedAsync(ProblemKind.NotFound, "no report 'none'", () => Dashboards.PinAsync(made.Id, Tile("none"), Ann, default));
        await RefusedAsync(ProblemKind.Invalid, "no value for 'top'", () =>
            Dashboards.PinAsync(made.Id, Tile("top-songs", ("top", "many")), Ann, default));
        await RefusedAsync(ProblemKind.Conflict, "at most 24", () => Dashboards.ArrangeAsync(
            made.Id, 2, [.. Enumerable.Range(1, 25).Select(n => Tile("top-songs", ("top", $"{n}")))], Ann, default));

        Assert.Single((await Dashboards.GetAsync(made.Id, default)).Tiles);
    }

    [Fact]
    public async Task Arranged_FromAnOlderVersion_IsAConflict_AndChangesNothing()
    {
        using var changes = Dashboards.Subscribe();
        var made = await Dashboards.CreateAsync("Hits", Ann, default);
        var one = await Dashboards.PinAsync(made.Id, Tile("top-songs"), Ann, default);
        var two = await Dashboards.PinAsync(made.Id, Tile("top-artists"), Bob, default);

        await RefusedAsync(ProblemKind.Conflict, "bob changed “Hits” meanwhile", () =>
            Dashboards.ArrangeAsync(made.Id, one.Version, [], Ann, default));
        var arranged = await Dashboards.ArrangeAsync(
            made.Id, two.Version, [.. two.Tiles.Reverse().Select(static t => t with { Wide = true })], Ann, default);

        Assert.Equal(
            [("top-artists", true), ("top-songs", true)],
            (await Dashboards.GetAsync(made.Id, default)).Tiles.Select(static t => (t.Report, t.Wide)));
        Assert.Equal((4, "ann"), (arranged.Version, arranged.ChangedBy));
        for (var n = 0; n < 4; n++)
        {
            Assert.Equal("hits", await changes.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        }

        Assert.False(changes.Reader.TryRead(out _));
    }

    private static async Task RefusedAsync(ProblemKind kind, string words, Func<Task> act)
    {
        var problem = await Assert.ThrowsAsync<SparkifyException>(act);
        Assert.Equal(kind, problem.Kind);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    private static DashboardTile Tile(string report, params (string Name, string? Value)[] parameters) =>
        new(report, parameters.ToDictionary(static p => p.Name, static p => p.Value));
}
