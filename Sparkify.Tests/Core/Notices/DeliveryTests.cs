using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Tests.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Notices;

/// <summary>From what happens to a run to what a receiver gets, whatever becomes of either in between.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task Run_Failed_IsToldSignedWithAllThereIsToSay()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);

        var run = await bench.RunAsync();

        var call = (await bench.Receiver.GotAsync(1))[0];
        var body = bench.Signed(call);
        Assert.Equal("/hook", call.Path);
        Assert.Equal("application/json; charset=utf-8", call.Headers["Content-Type"]);
        Assert.Equal(("failed", bench.Warehouse), (body.GetProperty("event").GetString(), body.GetProperty("warehouse").GetString()));
        Assert.Equal(
            $"Run {run.Id}, the pause of '{bench.Warehouse}', failed. The files <b> & co. are gone.", body.GetProperty("text").GetString());
        Assert.InRange(body.GetProperty("time").GetDateTimeOffset(), run.CreatedAt, DateTimeOffset.UtcNow);
        var told = body.GetProperty("run");
        Assert.Equal((run.Id, "pause", "failed", "The files <b> & co. are gone."), (
            told.GetProperty("id").GetInt64(), told.GetProperty("kind").GetString(), told.GetProperty("state").GetString(),
            told.GetProperty("error").GetString()));
        Assert.Equal($"{NoticesApp.PublicUrl}runs/{run.Id}", told.GetProperty("link").GetString());
        var delivery = await bench.DeliveryAsync(static d => d.State == DeliveryState.Delivered);
        Assert.Equal((call.Headers["X-Sparkify-Delivery"], 1, run.Id), ($"{delivery.Id}", delivery.Attempts, delivery.Run));
        Assert.Equal("The receiver answered 200 OK.", delivery.Said);
    }

    [Fact]
    public async Task Run_NeedsADecision_IsToldOnce_InSlacksFormWithItsCharactersEscaped()
    {
        await using var bench = await NoticesApp.StartAsync(
            static (_, _) => Task.CompletedTask, static (_, _) => Task.FromResult<string?>("Half of <songs> & plays are gone."),
            HookForm.Slack);

        var run = await bench.RunAsync();

        Assert.Equal(RunState.NeedsDecision, run.State);
        var body = bench.Signed((await bench.Receiver.GotAsync(1))[0]);
        Assert.Equal(["text"], body.EnumerateObject().Select(static p => p.Name));
        Assert.Equal(
            $"Run {run.Id}, the pause of '{bench.Warehouse}', needs a decision: publish it anyway, or discard it. " +
            $"Half of &lt;songs&gt; &amp; plays are gone.\n<{NoticesApp.PublicUrl}runs/{run.Id}|Open in Sparkify>",
            body.GetProperty("text").GetString());
        await bench.Runs.PublishAsync(run.Id, why: null, Actor.System, default);
        await bench.App.EndAsync(run.Id);
        Assert.Single(await bench.Notices.DeliveriesAsync("ops", default)); // that it succeeds then is no recovery
    }

    [Fact]
    public async Task Run_ThatSucceedsAfterAFailure_HasRecovered_ByRetryAndByAnother_AndOnlyThen()
    {
        var fails = true;
        await using var bench = await NoticesApp.StartAsync(
            (step, ct) => fails ? NoticesApp.Fails(step, ct) : Task.CompletedTask, events: [NoticeEvent.Recovered]);
        fails = false;
        await bench.RunAsync();
        fails = true;
        var failed = await bench.RunAsync();
        fails = false;
        await bench.Runs.RetryAsync(failed.Id, Actor.System, default);
        Assert.Equal(RunState.Succeeded, (await bench.App.EndAsync(failed.Id)).State);
        await bench.RunAsync();
        fails = true;
        await bench.RunAsync();
        fails = false;
        var second = await bench.RunAsync();
        await bench.RunAsync();

        var told = (await bench.Receiver.GotAsync(2)).Select(c => bench.Signed(c)).ToList();

        Assert.All(told, static t => Assert.Equal("recovered", t.GetProperty("event").GetString()));
        Assert.Equal([failed.Id, second.Id], told.Select(static t => t.GetProperty("run").GetProperty("id").GetInt64()));
        Assert.Equal(2, (await bench.Notices.DeliveriesAsync("ops", default)).Count);
    }

    [Fact]
    public async Task Run_WithRejectsAndWarnings_IsTold_AndAPlainOneIsNot()
    {
        var plain = true;
        await using var bench = await NoticesApp.StartAsync((step, _) =>
        {
            if (!plain)
            {
                step.Progress.AddRejects(1200);
                step.WarnOfData("Look at it.");
            }

            return Task.CompletedTask;
        });
        await bench.RunAsync();
        plain = false;
        var run = await bench.RunAsync();

        var told = bench.Signed((await bench.Receiver.GotAsync(1))[0]);

        Assert.Equal("warnings", told.GetProperty("event").GetString());
        Assert.Equal(
            $"Run {run.Id}, the pause of '{bench.Warehouse}', succeeded with 1,200 rejects and 1 warning.", told.GetProperty("text").GetString());
        Assert.Single(await bench.Notices.DeliveriesAsync("ops", default));
    }

    [Fact]
    public async Task Hook_ForSomeEventsOfSomeWarehouses_HearsOfNothingElse_AndOfAForgottenOneNoMore()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        var other = TestApp.NewName();
        await bench.DescribeAsync(other);
        await bench.Notices.AddAsync(
            "narrow", new NewHook(bench.Receiver.Url("narrow"), HookForm.Json, [NoticeEvent.Failed], [other]), Actor.System, default);
        await bench.Notices.AddAsync(
            "decisions", new NewHook(bench.Receiver.Url("decisions"), HookForm.Json, [NoticeEvent.NeedsDecision]), Actor.System, default);

        await bench.RunAsync();
        await bench.RunAsync(other);

        var calls = await bench.Receiver.GotAsync(3);
        Assert.Equal(["/hook", "/hook", "/narrow"], calls.Select(static c => c.Path).Order(StringComparer.Ordinal));
        Assert.Contains(other, calls.Single(static c => c.Path == "/narrow").Body, StringComparison.Ordinal);
        Assert.Empty(await bench.Notices.DeliveriesAsync("decisions", default));

        await bench.App.Services.GetRequiredService<Sparkify.Core.Warehouses.IWarehouses>().ForgetAsync(other, Actor.System, default);
        await bench.DescribeAsync(other);
        Assert.Empty((await bench.Notices.GetAsync("narrow", default)).Warehouses!);
    }

    [Fact]
    public async Task Receiver_ThatAnswers500Twice_GetsTheSameDeliveryUntilItTakesIt()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        bench.Receiver.AnswerAsync = static async (http, call) =>
        {
            http.Response.StatusCode = call < 3 ? 500 : 204;
            if (call < 3)
            {
                await http.Response.WriteAsync("no\u0001room " + new string('x', 100_000));
            }
        };

        await bench.RunAsync();

        var delivery = await bench.DeliveryAsync(static d => d.State == DeliveryState.Delivered);
        Assert.Equal((3, "The receiver answered 204 No Content."), (delivery.Attempts, delivery.Said));
        Assert.Equal(3, bench.Receiver.All.Count);
        Assert.Equal([$"{delivery.Id}"], bench.Receiver.All.Select(static c => c.Headers["X-Sparkify-Delivery"]).Distinct());
        Assert.All(bench.Receiver.All, c => bench.Signed(c));
    }

    [Fact]
    public async Task Receiver_ThatNeverTakesIt_IsGivenUp_WithTheBeginningOfWhatItSaid_AndCanBeSentAgain()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        bench.Receiver.AnswerAsync = static (http, _) =>
        {
            http.Response.StatusCode = 403;
            return http.Response.WriteAsync("no\u0001room " + new string('x', 100_000));
        };
        await bench.RunAsync();

        var lost = await bench.DeliveryAsync(static d => d.State == DeliveryState.GivenUp);
        Assert.Equal((3, null), (lost.Attempts, lost.NextAt));
        Assert.StartsWith("The receiver answered 403 Forbidden: no room xxx", lost.Said, StringComparison.Ordinal);
        Assert.InRange(lost.Said!.Length, 200, 260);
        Assert.Equal(1, (await bench.Notices.GetAsync("ops", default)).GivenUp);

        bench.Receiver.AnswerAsync = static (_, _) => Task.CompletedTask;
        await bench.Notices.SendAgainAsync("ops", lost.Id, Actor.System, default);

        var taken = await bench.DeliveryAsync(static d => d.State == DeliveryState.Delivered);
        Assert.Equal((lost.Id, 1), (taken.Id, taken.Attempts));
        Assert.Equal(4, bench.Receiver.All.Count);
        var unknown = await Assert.ThrowsAsync<SparkifyException>(
            () => bench.Notices.SendAgainAsync("ops", Guid.NewGuid(), Actor.System, default));
        Assert.Equal(ProblemKind.NotFound, unknown.Kind);
    }

    [Fact]
    public async Task Receiver_ThatHangs_IsNotWaitedForLong_AndHoldsUpNoOther()
    {
        var gate = new Gate();
        await using var bench = await NoticesApp.StartAsync(
            NoticesApp.Fails, patience: new NoticePatience(TimeSpan.FromSeconds(5), []));
        await bench.Notices.AddAsync(
            "other", new NewHook(bench.Receiver.Url("other"), HookForm.Json, [NoticeEvent.Failed]), Actor.System, default);
        bench.Receiver.AnswerAsync = (http, _) => http.Request.Path == "/hook" ? gate.PassAsync(http.RequestAborted) : Task.CompletedTask;

        await bench.RunAsync();
        await Eventually.BecomesAsync(
            () => bench.Notices.DeliveriesAsync("other", default), static all => all is [{ State: DeliveryState.Delivered }]);
        Assert.Equal(DeliveryState.Pending, (await bench.DeliveryAsync(static d => d.Attempts == 1)).State);

        var lost = await bench.DeliveryAsync(static d => d.State == DeliveryState.GivenUp);
        Assert.Equal("The receiver did not answer within 5 seconds.", lost.Said);
    }

    [Fact]
    public async Task Receiver_ThatRedirects_IsNotFollowed()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        bench.Receiver.AnswerAsync = static (http, _) =>
        {
            http.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };

        await bench.RunAsync();

        var lost = await bench.DeliveryAsync(static d => d.State == DeliveryState.GivenUp);
        Assert.Equal(
            "The receiver answered 302 Found. Redirects are not followed: give the hook the address that it leads to.", lost.Said);
        Assert.All(bench.Receiver.All, static c => Assert.Equal("/hook", c.Path));
    }

    [Fact]
    public async Task Receiver_ThatIsNotThere_IsSaidSo()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        await bench.Receiver.DisposeAsync();

        await bench.RunAsync();

        var lost = await bench.DeliveryAsync(static d => d.State == DeliveryState.GivenUp);
        Assert.Equal("The receiver cannot be reached: Connection refused", lost.Said);
    }

    [Fact]
    public async Task Call_OfALinkLocalAddress_IsRefusedBeforeItIsMade()
    {
        using var call = new HookCall(NoticesApp.Hurry, TimeProvider.System);

        var answer = await call.SendAsync(new Uri("http://169.254.169.254/latest/meta-data"), "s", Guid.NewGuid(), "{}", default);

        Assert.Equal((false, null), (answer.Delivered, answer.Status));
        Assert.Contains("link-local address, which is never called", answer.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Application_StoppedWhileItSends_SendsTheSameDeliveryAfterTheRestart()
    {
        var gate = new Gate();
        await using var bench = await NoticesApp.StartAsync(
            NoticesApp.Fails, patience: new NoticePatience(TimeSpan.FromSeconds(2), [TimeSpan.FromHours(1)]));
        bench.Receiver.AnswerAsync = (http, call) => call == 1 ? gate.PassAsync(http.RequestAborted) : Task.CompletedTask;
        await bench.RunAsync();
        var first = (await bench.Receiver.GotAsync(1))[0];
        await bench.App.StopAsync();

        await using var again = await TestApp.StartAsync(after: bench.App);
        var second = (await bench.Receiver.GotAsync(2))[1];

        Assert.Equal(first.Headers["X-Sparkify-Delivery"], second.Headers["X-Sparkify-Delivery"]);
        await Eventually.BecomesAsync(
            () => again.Services.GetRequiredService<INotices>().DeliveriesAsync("ops", default),
            static all => all is [{ State: DeliveryState.Delivered, Attempts: 2 }]);
    }

    [Fact]
    public async Task TwoApplications_OnOneStore_SendEachNoticeOnce()
    {
        const int Count = 40;
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        await using var beside = await TestApp.StartAsync(after: bench.App, before: static b => b.Services.AddSingleton(NoticesApp.Hurry));
        foreach (var name in (string[])["a", "b", "c"])
        {
            await bench.Notices.AddAsync(
                name, new NewHook(bench.Receiver.Url(name), HookForm.Json, [NoticeEvent.Idle]), Actor.System, default);
        }

        await Parallel.ForAsync(0, Count, async (at, ct) =>
        {
            var notice = new Notice(NoticeEvent.Idle, DateTimeOffset.UtcNow, bench.Warehouse, $"Number {at}.");
            var (one, other) = (bench.App, beside);
            // Both see it, and both tell.
            await one.Services.GetRequiredService<INoticeOutbox>().TellAsync(notice, $"number {at}", ct);
            await other.Services.GetRequiredService<INoticeOutbox>().TellAsync(notice, $"number {at}", ct);
            other.Services.GetRequiredService<DeliverySignal>().Set();
        });

        await Eventually.BecomesAsync(
            () => bench.Notices.ListAsync(default), static all => all.All(static h => h.Pending == 0));
        Assert.Equal(Count * 4, bench.Receiver.All.Count);
        Assert.Equal(Count * 4, bench.Receiver.All.Select(static c => c.Headers["X-Sparkify-Delivery"]).Distinct().Count());
    }

    [Fact]
    public async Task Claim_OfOneWhoDied_IsAnothersWhenItHasRunOut_AndWhatTheFirstSaysLateCountsForNothing()
    {
        await using var app = await TestApp.StartAsync();
        // A day ahead: the application itself finds nothing that is due.
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds()));
        var store = app.Services.GetRequiredService<IStore>();
        var deliveries = new Deliveries(store, NoticePatience.Default, clock);
        await app.Services.GetRequiredService<INotices>().AddAsync(
            "ops", new NewHook("https://hooks.example.com/x", HookForm.Json, [NoticeEvent.Idle]), Actor.System, default);
        await new NoticeOutbox(store, new HookChanges(), new DeliverySignal(), clock).TellAsync(
            new Notice(NoticeEvent.Idle, clock.GetUtcNow(), "music", "Soon."), "once", default);

        var first = await deliveries.ClaimAsync([], default);
        Assert.NotNull(first);
        Assert.Null(await deliveries.ClaimAsync([], default));
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Null(await deliveries.ClaimAsync([], default));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await deliveries.ClaimAsync(["ops"], default));
        var second = await deliveries.ClaimAsync([], default);
        Assert.Equal((first.Id, 2), (second!.Id, second.Attempts));

        await deliveries.EndAttemptAsync(first, new HookAnswer(Delivered: true, 200, "Late."), default);
        Assert.Equal(DeliveryState.Pending, Assert.Single(await deliveries.ListAsync("ops", default)).State);
        await deliveries.EndAttemptAsync(second, new HookAnswer(Delivered: false, 500, "No."), default);
        Assert.Equal(clock.GetUtcNow() + TimeSpan.FromMinutes(1), await deliveries.NextAsync([], default));
    }

    [Fact]
    public async Task Deliveries_ThatHaveEnded_AreKeptUpToABound()
    {
        await using var bench = await NoticesApp.StartAsync(NoticesApp.Fails);
        await using (var store = NpgsqlDataSource.Create(bench.App.Store))
        await using (var fill = store.CreateCommand(
            """
            insert into notice_deliveries (hook, at, event, notice, state, ended_at)
            select 'ops', now() - n * interval '1 minute', 'failed',
                   '{"Event": 0, "Time": "2018-11-01T00:00:00Z", "Warehouse": "w", "Text": "t"}', 'delivered', now()
            from   generate_series(1, 300) n
            """))
        {
            await fill.ExecuteNonQueryAsync();
        }

        var run = await bench.RunAsync();

        var all = await Eventually.BecomesAsync(() => bench.Notices.DeliveriesAsync("ops", default), static all => all.Count == 200);
        Assert.Equal(run.Id, all[0].Run);
    }
}
