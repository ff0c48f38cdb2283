using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Notices;

/// <summary>The application with one hook to a real receiver, a step the test decides about, and little patience.</summary>
internal sealed class NoticesApp(TestApp app, Receiver receiver, string warehouse) : IAsyncDisposable
{
    public const string PublicUrl = "https://warehouse.example.com/sparkify/";

    /// <summary>Sends again at once, two times, and waits a second for an answer.</summary>
    public static NoticePatience Hurry { get; } = new(
        TimeSpan.FromSeconds(1), [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)]);

    public TestApp App { get; } = app;

    public Receiver Receiver { get; } = receiver;

    public string Warehouse { get; } = warehouse;

    /// <summary>What the next run's only step does.</summary>
    public static Func<StepContext, CancellationToken, Task> Fails { get; } =
        (_, _) => throw SparkifyException.Invalid("The files <b> & co. are gone.");

    public INotices Notices => App.Services.GetRequiredService<INotices>();

    public IRuns Runs => App.Services.GetRequiredService<IRuns>();

    public string Secret { get; private set; } = "";

    public static async Task<NoticesApp> StartAsync(
        Func<StepContext, CancellationToken, Task> step, Func<long, CancellationToken, Task<string?>>? asks = null,
        HookForm form = HookForm.Json, NoticePatience? patience = null, params NoticeEvent[] events)
    {
        var app = await TestApp.StartAsync(
            before: builder =>
            {
                builder.Services.AddSingleton<IRunDefinition>(new FakeRun(FakeRun.Step("only", step) with { AskAsync = asks }));
                builder.Services.AddSingleton(patience ?? Hurry);
            },
            arguments: ["--Sparkify:PublicUrl", PublicUrl]);
        var bench = new NoticesApp(app, await Receiver.StartAsync(), TestApp.NewName());
        await bench.DescribeAsync(bench.Warehouse);
        var made = await bench.Notices.AddAsync(
            "ops", new NewHook(bench.Receiver.Url(), form, events.Length > 0 ? events : Enum.GetValues<NoticeEvent>()), Actor.System,
            default);
        bench.Secret = made.Secret;
        return bench;
    }

    public Task DescribeAsync(string name) => App.Services.GetRequiredService<IWarehouses>().CreateAsync(
        new NewWarehouse(name, WarehouseTarget.Local, new SampleSource(1, 1, 20, 5)), Actor.System, default);

    public async Task<RunView> RunAsync(string? name = null) =>
        await App.EndAsync((await Runs.StartAsync(name ?? Warehouse, RunKind.Pause, Actor.System, default)).Id);

    /// <summary>The latest delivery, as soon as it is as wanted.</summary>
    public async Task<Delivery> DeliveryAsync(Func<Delivery, bool> wanted) => (await Eventually.BecomesAsync(
        async () => await Notices.DeliveriesAsync("ops", default) is [var latest, ..] ? latest : null, d => d is not null && wanted(d)))!;

    /// <summary>The body of a call, once its signature was found to be the secret's over time and body.</summary>
    public JsonElement Signed(Received call)
    {
        var parts = call.Headers["X-Sparkify-Signature"].Split(',').Select(static p => p.Split('='))
            .ToDictionary(static p => p[0], static p => p[1]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{call.Body}"));
        Assert.Equal(Convert.ToHexString(expected), parts["v1"], ignoreCase: true);
        Assert.InRange(
            long.Parse(parts["t"], System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60,
            DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        return JsonDocument.Parse(call.Body).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
