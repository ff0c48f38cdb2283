using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Notices;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Chains;

/// <summary>Chains on local warehouses: real runs, real files.</summary>
public sealed class ChainTests : IAsyncLifetime
{
    private readonly string _name = TestApp.NewName();
    private TestApp _app = null!;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Chain_FromNothing_LoadsSavesAndTearsDown_AndItsFilesAreThereAfterwards()
    {
        await _app.CreateAsync(_name, ChainBench.Small);

        var chain = await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs", "active-users");
        Assert.Equal("provision running, load pending, export pending, teardown pending", chain.Parts());
        var over = await _app.OverAsync(chain);

        Assert.Equal("provision succeeded, load succeeded, export succeeded, teardown succeeded", over.Parts());
        Assert.Equal(
            (ChainState.Succeeded, $"Every part succeeded. '{_name}' was torn down (run {over.Part(RunKind.Teardown).Run})."),
            (over.State, over.Said));
        Assert.Equal(WarehouseState.Removed, await _app.StateAsync(_name));
        var files = await _app.Http.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{over.Part(RunKind.Export).Run}/files");
        Assert.Equal(["active-users", "top-songs"], files.EnumerateArray().Select(static f => f.GetProperty("report").GetString()));
        Assert.All(files.EnumerateArray(), static f => Assert.True(f.GetProperty("bytes").GetInt64() > 20));
    }

    [Fact]
    public async Task Files_AreWhatTheReportsAnswer_AndNobodyElsesToRead()
    {
        await _app.CreateAsync(_name, ChainBench.Small);

        var over = await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Leave, "top-songs", "plays-over-time"));

        Assert.Equal((ChainState.Succeeded, $"Every part succeeded. '{_name}' stays up."), (over.State, over.Said));
        var run = over.Part(RunKind.Export).Run;
        foreach (var report in over.Reports)
        {
            using var saved = await _app.Http.GetAsync($"/api/v1/runs/{run}/files/{report}");
            Assert.Equal("text/csv", saved.Content.Headers.ContentType?.MediaType);
            Assert.Equal($"{_name}-{report}.csv", saved.Content.Headers.ContentDisposition?.FileName);
            Assert.Equal(
                await _app.Http.GetStringAsync($"/api/v1/warehouses/{_name}/reports/{report}?format=csv"),
                await saved.Content.ReadAsStringAsync());
        }

        var folder = Path.Combine(_app.DataDirectory, "exports", _name, $"run-{run}");
        Assert.Equal(["plays-over-time.csv", "top-songs.csv"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "top-songs.csv")));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.Combine(_app.DataDirectory, "exports")));
        }

        using var none = await _app.Http.GetAsync($"/api/v1/runs/{run}/files/..%2Ftop-songs");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Load_ThatFails_IsTornDownAllTheSame_WhenTheChainProvisioned()
    {
        using TempFolder folder = new();
        await _app.CreateAsync(_name, Source.Write(folder, [Source.Event()], [Source.Song()]));
        Directory.Delete(Path.Combine(folder.Path, "log_data"), recursive: true);

        var over = await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs"));

        Assert.Equal("provision succeeded, load failed, export skipped, teardown succeeded", over.Parts());
        Assert.Equal((ChainState.Failed, WarehouseState.Removed), (over.State, await _app.StateAsync(_name)));
        Assert.StartsWith($"The load (run {over.Part(RunKind.Load).Run}) failed. ", over.Said, StringComparison.Ordinal);
        Assert.EndsWith($"'{_name}' was torn down (run {over.Part(RunKind.Teardown).Run}).", over.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_ThatFails_LeavesAWarehouseThatWasUp_AsItWas()
    {
        using TempFolder folder = new();
        await _app.CreateAsync(_name, Source.Write(folder, [Source.Event()], [Source.Song()]));
        await _app.RunAsync(_name, RunKind.Provision);
        await _app.RunAsync(_name, RunKind.Load);
        Directory.Delete(Path.Combine(folder.Path, "log_data"), recursive: true);

        var over = await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs"));

        Assert.Equal("load failed, export skipped, teardown skipped", over.Parts());
        Assert.Equal((ChainState.Failed, WarehouseState.Available), (over.State, await _app.StateAsync(_name)));
        Assert.EndsWith($"'{_name}' was up before the chain began, and stays up.", over.Said, StringComparison.Ordinal);
        Assert.Equal(1, (await _app.CountsAsync(_name))["songplays"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_InItsLoad_IsTornDownAllTheSame(bool byItsRun)
    {
        await _app.CreateAsync(_name, new { sample = new { events = 400_000, songs = 100, days = 3 } });
        var chain = await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs");
        var loading = await _app.ChainAsync(chain, static c => c.Part(RunKind.Load).State == PartState.Running);

        using var answer = await _app.Http.PostAsync(
            byItsRun ? $"/api/v1/runs/{loading.Part(RunKind.Load).Run}/cancel"
                : $"/api/v1/warehouses/{_name}/chains/{chain.Id}/cancel", null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var over = await _app.OverAsync(chain);
        Assert.Equal("provision succeeded, load cancelled, export skipped, teardown succeeded", over.Parts());
        Assert.Equal((ChainState.Cancelled, WarehouseState.Removed), (over.State, await _app.StateAsync(_name)));
        Assert.Equal(byItsRun ? null : Actor.LocalAdministrator.Name, over.CancelledBy);
        var again = await Assert.ThrowsAsync<SparkifyException>(
            () => _app.Chains().CancelAsync(_name, chain.Id, Actor.LocalAdministrator, default));
        Assert.Equal($"Chain {chain.Id} has ended already (cancelled); there is nothing to cancel.", again.Message);
    }

    [Fact]
    public async Task Load_ThatNeedsADecision_EndsTheChain_AndNothingIsTornDown()
    {
        using TempFolder folder = new();
        // One timestamp in seconds: the star it makes can hardly be true.
        await _app.CreateAsync(_name, Source.Write(folder, [Source.Event(ts: 1541105830)], [Source.Song()]));

        var over = await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs"));

        Assert.Equal("provision succeeded, load needsdecision, export skipped, teardown skipped", over.Parts());
        Assert.Equal((ChainState.Failed, WarehouseState.Available), (over.State, await _app.StateAsync(_name)));
        var load = over.Part(RunKind.Load).Run!.Value;
        Assert.Equal($"The load (run {load}) needs a decision. '{_name}' stays up until somebody has decided.", over.Said);
        var published = await _app.Services.GetRequiredService<IRuns>().PublishAsync(load, null, Actor.LocalAdministrator, default);
        Assert.Equal(RunState.Succeeded, (await _app.EndAsync(published.Id)).State);
        await _app.Services.GetRequiredService<ChainWork>().WorkAsync(default);
        Assert.Equal(ChainState.Failed, (await _app.Chains().GetAsync(_name, over.Id, default)).State);
    }

    [Fact]
    public async Task Warehouse_WithAChainAtWork_RefusesOtherRunsAndChains_AlsoBetweenTwoOfItsRuns()
    {
        await _app.CreateAsync(_name, ChainBench.Small);
        await _app.RunAsync(_name, RunKind.Provision);
        // As it is between two of its runs: begun, and nothing of it at work.
        await using var store = NpgsqlDataSource.Create(_app.Store);
        await using var db = await store.OpenConnectionAsync();
        var id = await db.ExecuteScalarAsync<long>(
            "insert into chains (warehouse, reports, ends, actor, created_at) values (@_name, '{}', 'leave', 'ann', now()) returning id",
            new { _name });

        using var run = await _app.Http.PostAsJsonAsync($"/api/v1/warehouses/{_name}/runs", new { kind = "check" });
        using var chain = await _app.Http.PostAsJsonAsync($"/api/v1/warehouses/{_name}/chains", new { end = "leave" });

        foreach (var answer in new[] { run, chain })
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains("already has a chain at work", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await _app.Services.GetRequiredService<ChainWork>().WorkAsync(default);
        var over = await _app.OverAsync(await _app.Chains().GetAsync(_name, id, default));
        Assert.Equal("load succeeded", over.Parts());
    }

    [Fact]
    public async Task Chain_ThatCannotBe_IsRefusedInASentence_AndNothingBegins()
    {
        await _app.CreateAsync(_name, ChainBench.Small);

        await RefusedAsync(new { end = "pause" }, "Only a warehouse on Redshift can be paused");
        await RefusedAsync(new { end = "teardown" }, "Confirm that with the warehouse's name.");
        await RefusedAsync(new { end = "teardown", confirm = "other" }, "Confirm that with the warehouse's name.");
        await RefusedAsync(new { end = "teardown", confirm = _name }, "Say what was confirmed to bring the warehouse up");
        await RefusedAsync(new { end = "leave", reports = new[] { "none" } }, "There is no report 'none'. There are: ");
        await RefusedAsync(new { reports = new[] { "top-songs" } }, "Say what becomes of the warehouse");
        using var then = await _app.Http.PostAsJsonAsync($"/api/v1/warehouses/{_name}/runs", new { kind = "provision", then = "export" });
        Assert.Equal(HttpStatusCode.BadRequest, then.StatusCode);
        Assert.Contains("Reports are saved by a chain", await then.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var alone = await _app.Http.PostAsJsonAsync($"/api/v1/warehouses/{_name}/runs", new { kind = "export" });
        Assert.Contains("Reports are saved by a chain", await alone.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Empty(await _app.Chains().ListAsync(_name, default));
        Assert.Equal(0, (await _app.Services.GetRequiredService<IRuns>().TallyAsync(new RunFilter(), default)).All);

        async Task RefusedAsync(object body, string says)
        {
            using var answer = await _app.Http.PostAsJsonAsync($"/api/v1/warehouses/{_name}/chains", body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Chain_ConfirmedForAWarehouseThatIsAnotherByNow_IsRefused_AndNothingBegins()
    {
        await _app.CreateAsync(_name, ChainBench.Small);
        await _app.RunAsync(_name, RunKind.Provision);

        using var answer = await _app.Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{_name}/chains", new { opens = "provision", end = "teardown", confirm = _name });

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(
            "to bring it up it would now do nothing, not provision.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(await _app.Chains().ListAsync(_name, default));
        Assert.Equal(WarehouseState.Available, await _app.StateAsync(_name));
    }

    [Fact]
    public async Task Star_OfBefore_IsNotPublishedBetweenTwoRunsOfAChain()
    {
        using TempFolder folder = new();
        await _app.CreateAsync(_name, Source.Write(folder, [Source.Event(ts: 1541105830)], [Source.Song()]));
        await _app.RunAsync(_name, RunKind.Provision);
        var runs = _app.Services.GetRequiredService<IRuns>();
        var load = await runs.StartAsync(_name, RunKind.Load, Actor.LocalAdministrator, default);
        await Eventually.BecomesAsync(async () => await runs.FindAsync(load.Id, default), static r => r!.State == RunState.NeedsDecision);
        await using var store = NpgsqlDataSource.Create(_app.Store);
        await using var db = await store.OpenConnectionAsync();
        await db.ExecuteAsync(
            "insert into chains (warehouse, reports, ends, actor, created_at) values (@_name, '{}', 'leave', 'ann', now())",
            new { _name });

        var refused = await Assert.ThrowsAsync<SparkifyException>(
            () => runs.PublishAsync(load.Id, null, Actor.LocalAdministrator, default));

        Assert.Contains("already has a chain at work", refused.Message, StringComparison.Ordinal);
        Assert.Null(refused.ActiveRun);
    }

    [Fact]
    public async Task Reports_ThatAreSavedAgain_AreThoseOfTheirOwnChain_AndNoneWithoutIt()
    {
        await _app.CreateAsync(_name, ChainBench.Small);
        await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Leave, "top-songs"));
        await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Leave));
        var export = _app.Services.GetServices<IRunDefinition>().Single(static d => d.Kind == RunKind.Export);

        Assert.Equal("save-top-songs", Assert.Single(await export.StepsAsync(_name, starting: true, default)).Name);

        await using var store = NpgsqlDataSource.Create(_app.Store);
        await using var db = await store.OpenConnectionAsync();
        await db.ExecuteAsync("delete from chains"); // as after a restore
        var refused = await Assert.ThrowsAsync<SparkifyException>(() => export.StepsAsync(_name, starting: true, default));
        Assert.Contains("Reports are saved by a chain", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chain_TakesTheRightsOfAllItsParts_AndIsOnRecord()
    {
        await _app.CreateAsync(_name, ChainBench.Small);
        using var admin = await Visitor.FirstAsync(_app);
        var people = _app.Services.GetRequiredService<IPeople>();
        await people.AddAsync("oona", Visitor.Password, [new Grant(Role.Operator)], Actor.System, default);
        await people.AddAsync("vera", Visitor.Password, [new Grant(Role.Viewer)], Actor.System, default);
        using var operates = await Visitor.SignedInAsync(_app, "oona");
        using var sees = await Visitor.SignedInAsync(_app, "vera");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(sees, new { end = "leave" }));
        // It is not up: the first part would be a provisioning.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(operates, new { end = "leave" }));
        await _app.Services.GetRequiredService<IRuns>().StartAsync(_name, RunKind.Provision, Actor.System, default);
        await Eventually.BecomesAsync(() => _app.StateAsync(_name), static s => s == WarehouseState.Available);
        await Eventually.BecomesAsync(
            async () => (await _app.Services.GetRequiredService<IRuns>().LatestAsync(default))[0], static r => !r.Active);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(operates, new { end = "teardown", confirm = _name }));
        Assert.Equal(HttpStatusCode.Accepted, await StatusAsync(operates, new { end = "leave", reports = new[] { "top-songs" } }));

        var chain = await _app.OverAsync((await _app.Chains().ListAsync(_name, default))[0]);
        Assert.Equal(("oona", ChainState.Succeeded), (chain.Actor, chain.State));
        var run = chain.Part(RunKind.Export).Run;
        using var seen = await sees.Http.GetAsync($"/api/v1/runs/{run}/files");
        using var taken = await sees.Http.GetAsync($"/api/v1/runs/{run}/files/top-songs");
        using var allowed = await operates.Http.GetAsync($"/api/v1/runs/{run}/files/top-songs");
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.OK), (seen.StatusCode, taken.StatusCode, allowed.StatusCode));
        var trail = (await admin.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit/")).GetProperty("items").EnumerateArray()
            .Select(static l => string.Join(' ', ((string[])["actor", "what", "outcome", "detail"]).Select(name => l.GetProperty(name))))
            .ToList();
        Assert.Contains("oona chains.start done chain: end: leave, reports: top-songs", trail);
        Assert.Contains("oona chains.start refused chain: end: teardown, reports: none", trail);
        Assert.Contains($"oona savedreports.open done run: {run}, report: top-songs", trail);

        async Task<HttpStatusCode> StatusAsync(Visitor who, object body)
        {
            using var answer = await who.Http.PostAsJsonAsync($"/api/v1/warehouses/{_name}/chains", body);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Chain_ThatFails_IsToldOnce_WithHowItEnded()
    {
        using TempFolder folder = new();
        await using var receiver = await Receiver.StartAsync();
        await _app.CreateAsync(_name, Source.Write(folder, [Source.Event()], [Source.Song()]));
        Directory.Delete(Path.Combine(folder.Path, "log_data"), recursive: true);
        var notices = _app.Services.GetRequiredService<INotices>();
        await notices.AddAsync("ops", new NewHook(receiver.Url(), HookForm.Json, Enum.GetValues<NoticeEvent>()), Actor.System, default);

        var over = await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs"));

        var told = JsonDocument.Parse((await receiver.GotAsync(1))[0].Body).RootElement;
        Assert.Equal("failed", told.GetProperty("event").GetString());
        Assert.Equal($"Chain {over.Id} of '{_name}' failed. {over.Said}", told.GetProperty("text").GetString());
        Assert.Equal(over.Part(RunKind.Load).Run, told.GetProperty("run").GetProperty("id").GetInt64());
        Assert.Single(await notices.DeliveriesAsync("ops", default));
    }

    [Fact]
    public async Task Files_GoAtTheirTime_AndWithTheirWarehouse()
    {
        await _app.CreateAsync(_name, ChainBench.Small);
        var (first, second) = (await SavedByAsync(ChainEnd.Leave), await SavedByAsync(ChainEnd.Teardown));
        var (files, folder) = (_app.Services.GetRequiredService<SavedReports>(), Path.Combine(_app.DataDirectory, "exports"));

        Directory.SetLastWriteTimeUtc(Path.Combine(folder, _name, $"run-{first}"), DateTime.UtcNow.AddDays(-91));
        await files.WorkAsync(default);
        Assert.Empty(await files.ListAsync(first, default));
        Assert.Single(await files.ListAsync(second, default));

        await _app.Services.GetRequiredService<IWarehouses>().ForgetAsync(_name, Actor.System, default);
        await files.WorkAsync(default);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        var trail = await _app.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit/?text=saved%20reports");
        Assert.Equal(2, trail.GetProperty("items").GetArrayLength());

        async Task<long> SavedByAsync(ChainEnd end) =>
            (await _app.OverAsync(await _app.StartChainAsync(_name, end, "top-songs"))).Part(RunKind.Export).Run!.Value;
    }

    [Fact]
    public async Task End_ThatFailedAndIsRetried_MakesTheChainWhatItThenIs()
    {
        await _app.CreateAsync(_name, ChainBench.Small);
        await using var store = NpgsqlDataSource.Create(_app.Store);
        await using var db = await store.OpenConnectionAsync();
        // The journal of resources does not let the teardown go on.
        await db.ExecuteAsync("create function no() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$");
        await db.ExecuteAsync(
            "create trigger no before update on resources for each row when (new.removed_at is not null) execute function no()");

        await using var receiver = await Receiver.StartAsync();
        await _app.Services.GetRequiredService<INotices>().AddAsync(
            "ops", new NewHook(receiver.Url(), HookForm.Json, [NoticeEvent.Failed]), Actor.System, default);

        var failed = await _app.OverAsync(await _app.StartChainAsync(_name, ChainEnd.Teardown));
        Assert.Equal(("provision succeeded, load succeeded, teardown failed", ChainState.Failed), (failed.Parts(), failed.State));
        Assert.EndsWith("It may still be there: see to it.", failed.Said, StringComparison.Ordinal);
        await receiver.GotAsync(1);
        var (runs, end) = (_app.Services.GetRequiredService<IRuns>(), failed.Part(RunKind.Teardown).Run!.Value);
        // The chain was told; what is tried again after it is told by itself.
        await runs.RetryAsync(end, Actor.LocalAdministrator, default);
        Assert.StartsWith(
            $"Run {end}, the teardown of",
            JsonDocument.Parse((await receiver.GotAsync(2))[1].Body).RootElement.GetProperty("text").GetString(),
            StringComparison.Ordinal);
        await Eventually.BecomesAsync(async () => await runs.FindAsync(end, default), static r => r is { Active: false });
        await db.ExecuteAsync("drop trigger no on resources");
        await runs.RetryAsync(end, Actor.LocalAdministrator, default);

        var mended = await _app.ChainAsync(failed, static c => c.State == ChainState.Succeeded);
        Assert.Equal("provision succeeded, load succeeded, teardown succeeded", mended.Parts());
        Assert.Equal(WarehouseState.Removed, await _app.StateAsync(_name));
    }

    [Fact]
    public async Task TwoNodes_OnOneStore_MakeOneRunOfEachPart()
    {
        await using var other = await TestApp.StartAsync(store: _app.Store, arguments: ["--Sparkify:DataDirectory", _app.DataDirectory]);
        await _app.CreateAsync(_name, ChainBench.Small);

        var chain = await _app.StartChainAsync(_name, ChainEnd.Teardown, "top-songs");
        var over = await other.OverAsync(chain);

        Assert.Equal("provision succeeded, load succeeded, export succeeded, teardown succeeded", over.Parts());
        var runs = await _app.Services.GetRequiredService<IRuns>().HistoryAsync(new RunFilter(_name), default);
        Assert.Equal([RunKind.Teardown, RunKind.Export, RunKind.Load, RunKind.Provision], runs.Items.Select(static r => r.Kind));
        Assert.All(runs.Items, r => Assert.Equal(chain.Id, r.Chain));
    }
}
