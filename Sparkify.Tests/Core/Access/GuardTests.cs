using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Access;
using Sparkify.Core.Audit;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;
using Sparkify.Core.Storage.Backup;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Access;

/// <summary>What every member of every service needs, and what each role gets of it.</summary>
public sealed class GuardTests
{
    private const string Own = "own", Other = "other";

    // Reached by nobody from outside, or asked before anybody is known.
    private static readonly Type[] Open =
    [
        typeof(IDoor), typeof(ICurrentActor), typeof(IStore), typeof(IStoreBackups), typeof(IStoreWatch), typeof(IAws),
        typeof(ISimulatedAws), typeof(IRedshiftClient), typeof(IIamClient), typeof(IEc2Client), typeof(IS3Client), typeof(IStsClient),
        typeof(ISecretsClient), typeof(IRunDefinition), typeof(IRunHealth), typeof(ISecretBox), typeof(IWarehouseUse), typeof(ISource),
        typeof(ICsvSource), typeof(IQueryRun),
    ];

    private readonly FakeAudit _audit = new();

    private static IEnumerable<Type> Guarded =>
        typeof(Guard).Assembly.GetTypes().Where(static t => t.GetCustomAttribute<GuardedAttribute>() is not null);

    private static IEnumerable<MethodInfo> Members => Guarded.SelectMany(static t => t.GetMethods().Where(static m => m.IsVirtual))
        .OrderBy(Named, StringComparer.Ordinal);

    [Fact]
    public void Services_OfCore_AreGuarded_OrKnownToNeedNone() => Assert.Empty(
        typeof(Guard).Assembly.GetExportedTypes().Where(static t => t.IsInterface).Except(Guarded).Except(Open));

    [Fact]
    public void Members_EachSaysWhatItNeeds_AndTheGuardFindsWhatOf()
    {
        List<string> wrong = [];
        foreach (var method in Members)
        {
            var names = method.GetParameters().Select(static p => p.ParameterType == typeof(NewWarehouse) ? "warehouse" : p.Name!).ToList();
            var sources = method.GetParameters().Any(static p => p.ParameterType == typeof(SourceSpec));
            var found = Member.Of(method).Needs is not { } needs ? "says nothing" : needs.Subject switch
            {
                Subject.Warehouse when !names.Contains("warehouse") && !names.Contains("name") => "names no warehouse",
                Subject.Run when !names.Contains("run") => "names no run",
                Subject.Source when !sources => "names no source",
                Subject.Shared or Subject.All when method.GetParameters().Any(static p => p.Name == "warehouse") =>
                    "names a warehouse and does not look at it",
                Subject.Seen when !Narrowable.Contains(method.ReturnType) => $"answers with {method.ReturnType}, which is not narrowed",
                _ => null,
            };
            if (found is not null)
            {
                wrong.Add($"{Named(method)} {found}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Roles_OfEveryMember_GetWhatTheDocumentationSays()
    {
        var table = File.ReadLines(Path.Combine(Root(), "docs", "security.md"))
            .Where(static l => l.StartsWith("| `", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        List<string> rows = [];
        foreach (var method in Members)
        {
            foreach (var kind in Member.Of(method).Needs!.Right == Right.OfTheRun ? Enum.GetValues<RunKind>() : [default])
            {
                List<string> cells = [];
                foreach (var role in Enum.GetValues<Role>())
                {
                    cells.Add(await CallAsync(method, [new Grant(role)], Own, kind) == Outcome.Done ? "yes" : "");
                }

                var own = Member.Of(method).Needs!.Right == Right.Own;
                Assert.Equal(own, await CallAsync(method, [], Own, kind) == Outcome.Done);
                var what = Member.Of(method).Needs!.Right == Right.OfTheRun ? $" ({kind.ToString().ToLowerInvariant()})" : "";
                rows.Add($"| `{Named(method)}`{what} | {string.Join(" | ", cells)} |");
            }
        }

        Assert.True(table.SetEquals(rows), $"docs/security.md should say:\n{string.Join('\n', rows)}");
    }

    [Fact]
    public async Task Members_OfAnothersWarehouse_AreNotFound_AndOfOnesOwnAreDone()
    {
        List<string> wrong = [];
        foreach (var method in Members.Where(
            static m => Member.Of(m).Needs is { Subject: Subject.Warehouse or Subject.Run or Subject.Source }))
        {
            Grant[] engineer = [new(Role.Engineer, Own)];
            var (own, other) = (await CallAsync(method, engineer, Own), await CallAsync(method, engineer, Other));
            var stranger = Member.Of(method).Needs!.Subject == Subject.Source ? Outcome.Refused : Outcome.NotFound;
            if ((own, other) != (Outcome.Done, stranger))
            {
                wrong.Add($"{Named(method)}: own {own}, other {other}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Whatever of them asks AWS, now or one day, ends with the patience of whoever waits: nobody has to think of it.
    [Fact]
    public async Task Members_ThatAreWaitedFor_EachHaveATimeToAnswerIn()
    {
        List<string> without = [];
        var asked = 0;
        foreach (var method in Members.Where(static m => Member.Of(m).Needs is not { Right: Right.Nobody } && IsWaitedFor(m.ReturnType)))
        {
            Idle.Seen.Value = [];
            await CallAsync(method, [new(Role.Admin)], Own);
            asked++;
            if (Idle.Seen.Value is not [true])
            {
                without.Add($"{Named(method)}: {string.Join(", ", Idle.Seen.Value)}");
            }
        }

        Assert.True(asked > 100, $"only {asked}");
        Assert.True(without.Count == 0, string.Join('\n', without));
        Assert.Null(CallBudget.Now);
    }

    private static bool IsWaitedFor(Type answer) => answer == typeof(Task)
        || (answer.IsGenericType && (answer.GetGenericTypeDefinition() == typeof(Task<>)
            || answer.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    [Fact]
    public async Task Lists_ForOneWhoSeesOneWarehouse_HoldNoOther()
    {
        var (runs, warehouses) = (new FakeRuns(), new FakeWarehouses());
        warehouses.Have(Sample.Warehouse(Own));
        warehouses.Have(Sample.Warehouse(Other));
        var (mine, theirs) = (runs.Have(Sample.Run(1, warehouse: Own)), runs.Have(Sample.Run(2, warehouse: Other)));
        var who = new FakeActor { Actor = new Actor("ann") { Grants = new([new Grant(Role.Viewer, Own)]) } };
        var subjects = new Subjects(runs, warehouses, FakeSources.Access);
        var guardedRuns = (IRuns)Guard.Before(typeof(IRuns), runs, who, subjects, _audit);
        var guardedWarehouses = (IWarehouses)Guard.Before(typeof(IWarehouses), warehouses, who, subjects, _audit);

        Assert.Equal([Own], (await guardedWarehouses.ListAsync(default)).Select(static w => w.Name));
        Assert.Null(await guardedWarehouses.FindAsync(Other, default));
        Assert.Equal([mine.Id], (await guardedRuns.LatestAsync(default)).Select(static r => r.Id));
        Assert.Null(await guardedRuns.FindAsync(theirs.Id, default));
        using var feed = guardedRuns.Subscribe();
        runs.Publish(theirs with { Revision = 8 });
        runs.Publish(mine with { Revision = 9 });
        Assert.False(feed.Reader.TryRead(out _)); // not before it was asked
        Assert.True(await feed.Reader.WaitToReadAsync());
        Assert.True(feed.Reader.TryRead(out var seen));
        Assert.Equal((mine.Id, 9), (seen.Id, seen.Revision));
        Assert.False(feed.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Circuit_WhosePersonLostTheirRole_IsRefusedAtItsNextCall_AndItsFeedEnds()
    {
        var runs = new FakeRuns();
        var run = runs.Have(Sample.Run(1, warehouse: Own));
        var who = new FakeActor { Actor = new Actor("ann") { Grants = new([new Grant(Role.Operator)]) } };
        var guarded = (IRuns)Guard.Before(typeof(IRuns), runs, who, new Subjects(runs, new FakeWarehouses(), FakeSources.Access), _audit);
        using var feed = guarded.Subscribe();
        runs.OnCancel = _ => run;
        runs.Publish(run with { Revision = 8 });
        Assert.True(await feed.Reader.WaitToReadAsync());
        await guarded.CancelAsync(1, who.Actor, default);

        who.Actor = new Actor("ann");

        await Assert.ThrowsAsync<SparkifyException>(() => guarded.CancelAsync(1, Actor.LocalAdministrator, default));
        await Assert.ThrowsAsync<SparkifyException>(async () => await feed.Reader.WaitToReadAsync());
    }

    [Fact]
    public async Task Actor_WhoeverIsNamed_IsWhoAsks()
    {
        var runs = new FakeRuns();
        var who = new FakeActor { Actor = new Actor("ann") { Grants = Grants.Everything } };
        var guarded = (IRuns)Guard.Before(typeof(IRuns), runs, who, new Subjects(runs, new FakeWarehouses(), FakeSources.Access), _audit);

        runs.OnStart = (_, _, _) => Sample.Run(1, warehouse: Own);

        await guarded.StartAsync(Own, RunKind.Load, Actor.System, default);

        Assert.Equal("ann", Assert.Single(runs.Started).Actor.Name);
    }

    [Fact]
    public async Task Container_OfTheApplication_HandsOutGuards()
    {
        await using var app = await TestApp.StartAsync();
        await using var scope = app.Guarded.CreateAsyncScope();

        Assert.All(Guarded, type =>
        {
            Assert.IsAssignableFrom<Guard>(scope.ServiceProvider.GetRequiredService(type));
            Assert.IsNotAssignableFrom<Guard>(app.Services.GetRequiredService(type));
        });
        // Nobody came in through the door of this scope.
        var warehouses = scope.ServiceProvider.GetRequiredService<IWarehouses>();
        var ex = await Assert.ThrowsAsync<SparkifyException>(() => warehouses.ListAsync(default));
        Assert.Equal(ProblemKind.SignedOut, ex.Kind);
    }

    [Fact]
    public async Task Record_OfWhatWasDoneRefusedAndFailed_SaysWhoWhatAndHow_AndNoPassword()
    {
        var runs = new FakeRuns
        {
            OnStart = static (warehouse, _, _) => warehouse == Own ? Sample.Run(1, warehouse: Own)
                : throw SparkifyException.Conflict("Something is at work."),
        };
        var who = new FakeActor { Actor = new Actor("ann") { Grants = new([new Grant(Role.Operator)]) } };
        var subjects = new Subjects(runs, new FakeWarehouses(), FakeSources.Access);
        var guarded = (IRuns)Guard.Before(typeof(IRuns), runs, who, subjects, _audit);

        await guarded.StartAsync(Own, RunKind.Load, who.Actor, default);
        await Assert.ThrowsAsync<SparkifyException>(() => guarded.StartAsync(Other, RunKind.Load, who.Actor, default));
        await Assert.ThrowsAsync<SparkifyException>(() => guarded.StartAsync(Own, RunKind.Teardown, who.Actor, default));
        await guarded.LatestAsync(default);
        var idle = DispatchProxy.Create<IPeople, Idle>();
        var people = (IPeople)Guard.Before(typeof(IPeople), idle, who, subjects, _audit);
        await Assert.ThrowsAsync<SparkifyException>(
            () => people.AddAsync("bob", "a very secret one", [new Grant(Role.Admin)], who.Actor, default));

        Assert.Equal(
            [
                "ann 127.0.0.1 test runs.start own kind: load Done ",
                "ann 127.0.0.1 test runs.start other kind: load Failed Something is at work.",
                "ann 127.0.0.1 test runs.start own kind: teardown Refused To describe, provision, change or tear down a warehouse, " +
                    "you need the role engineer on 'own'. An administrator can give it to you. You are operator.",
                "ann 127.0.0.1 test people.add  name: bob, grants: admin Refused To administer this installation, " +
                    "you need the role admin. An administrator can give it to you. You are operator.",
            ],
            _audit.Lines);
    }

    [Fact]
    public void Members_ThatTakeAnActorOrHandOutData_AreRecorded() => Assert.Equal(
        [
            "IConnect.GetAsync",
            "IQueryStore.GetAsync", "IQueryStore.GetSavedAsync", "IQueryStore.HistoryAsync", "IQueryStore.SavedAsync", "IReports.DrillAsync",
            "ISessions.OwnAsync", "ITokens.OwnAsync",
        ],
        Members.Where(static m => !Member.Of(m).IsRecorded
            && (m.GetParameters().Any(static p => p.ParameterType == typeof(Actor)) || m.Name.Contains("Csv", StringComparison.Ordinal)))
            .Select(Named));

    private sealed class FakeAudit : IAuditWriter
    {
        public List<string> Lines { get; } = [];

        public Task WriteAsync(
            string actor, string address, string via, string what, AuditOutcome outcome, CancellationToken ct, string? warehouse = null,
            string? detail = null, string? said = null)
        {
            Lines.Add($"{actor} {address} {via} {what} {warehouse} {detail} {outcome} {said}");
            return Task.CompletedTask;
        }
    }

    private static readonly Type[] Narrowable =
    [
        typeof(Task<IReadOnlyList<Warehouse>>), typeof(Task<Warehouse?>), typeof(Task<RunView?>), typeof(Task<IReadOnlyList<RunView>>),
        typeof(Task<Page<RunView>>), typeof(Task<RunTally>), typeof(Subscription<RunView>), typeof(Subscription<string>),
        typeof(Task<IReadOnlyList<Schedule>>),
    ];

    private enum Outcome
    {
        Done,
        Refused,
        NotFound,
    }

    // Through the guard, to a service that does nothing.
    private static async Task<Outcome> CallAsync(
        MethodInfo method, IReadOnlyList<Grant> grants, string warehouse, RunKind kind = RunKind.Load)
    {
        var (runs, warehouses) = (new FakeRuns(), new FakeWarehouses());
        warehouses.Have(Sample.Warehouse(Own) with { Source = new SampleSource(Seed: 1) });
        warehouses.Have(Sample.Warehouse(Other) with { Source = new SampleSource(Seed: 2) });
        runs.Have(Sample.Run(1, kind: kind, warehouse: Own));
        runs.Have(Sample.Run(2, kind: kind, warehouse: Other));
        var who = new FakeActor { Actor = new Actor("ann") { Grants = new(grants) } };
        var service = DispatchProxy.Create(method.DeclaringType!, typeof(Idle));
        var guard = Guard.Before(method.DeclaringType!, service, who, new Subjects(runs, warehouses, FakeSources.Access), new FakeAudit());
        try
        {
            var answer = method.Invoke(guard, [.. method.GetParameters().Select(p => Argument(p, warehouse, kind))]);
            if (answer is Task work)
            {
                await work;
            }
            else if (answer is not null && Array.Find(answer.GetType().GetInterfaces(), static i =>
                i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)) is { } stream)
            {
                await (Task)typeof(GuardTests).GetMethod(nameof(FirstAsync), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(stream.GetGenericArguments()).Invoke(null, [answer])!;
            }
            else if (answer?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Subscription<>))
            {
                dynamic reader = type.GetProperty("Reader")!.GetValue(answer)!;
                await reader.WaitToReadAsync();
            }

            return Outcome.Done;
        }
        catch (Exception ex) when (
            (ex.InnerException ?? ex) is SparkifyException { Kind: ProblemKind.Denied or ProblemKind.NotFound } refused)
        {
            return refused.Kind == ProblemKind.Denied ? Outcome.Refused : Outcome.NotFound;
        }
    }

    private static async Task FirstAsync<T>(IAsyncEnumerable<T> stream)
    {
        await using var all = stream.GetAsyncEnumerator();
        await all.MoveNextAsync();
    }

    private static object? Argument(ParameterInfo parameter, string warehouse, RunKind kind)
    {
        var type = parameter.ParameterType;
        return type == typeof(string) ? warehouse
            : type == typeof(long) ? (object)(warehouse == Own ? 1L : 2L)
            : type == typeof(RunKind) ? kind
            : type == typeof(NewWarehouse) ? new NewWarehouse(warehouse, WarehouseTarget.Local, new SampleSource())
            : type == typeof(SourceSpec) ? new SampleSource(Seed: warehouse == Own ? 1 : 2)
            : type.IsValueType ? Activator.CreateInstance(type)
            : null;
    }

    private static string Named(MethodInfo method) =>
        $"{method.DeclaringType!.Name}.{method.Name.Replace("get_", "", StringComparison.Ordinal)}";

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sparkify.Web.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    /// <summary>A service that does nothing, and answers with nothing. Its runtime makes classes of it.</summary>
#pragma warning disable CA1852 // the compiler does not see them
    internal class Idle : DispatchProxy
    {
        /// <summary>Of each call by one test whether it had a time to answer in.</summary>
        public static AsyncLocal<List<bool>?> Seen { get; } = new();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var type = targetMethod!.ReturnType;
            if (type == typeof(Task) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)))
            {
                Seen.Value?.Add(CallBudget.Now is not null);
            }

            return type == typeof(Task) ? Task.CompletedTask
                : !type.IsGenericType ? (type.IsValueType ? Activator.CreateInstance(type) : null)
                : typeof(Idle).GetMethod(
                    type.GetGenericTypeDefinition() == typeof(Task<>) ? nameof(Nothing)
                    : type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>) ? nameof(NoneAsync)
                    : type.GetGenericTypeDefinition() == typeof(Subscription<>) ? nameof(Silence)
                    : nameof(Null), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(type.GetGenericArguments()[..1]).Invoke(null, null);
        }

        private static Task<T?> Nothing<T>() => Task.FromResult(default(T));

        private static object? Null<T>() => null;

        private static async IAsyncEnumerable<T> NoneAsync<T>()
        {
            Seen.Value?.Add(CallBudget.Now is not null);
            await Task.CompletedTask;
            yield break;
        }

        private static Subscription<T> Silence<T>()
        {
            var channel = System.Threading.Channels.Channel.CreateUnbounded<T>();
            channel.Writer.Complete();
            return new Subscription<T>(channel.Reader, static () => { });
        }
    }
#pragma warning restore CA1852
}
