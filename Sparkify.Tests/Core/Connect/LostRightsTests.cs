using System.Net;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Connect;
using Sparkify.Core.People;
using Sparkify.Core.Provisioning.Local;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>A login goes with the right to query.</summary>
public sealed class LostRightsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public LostRightsTests()
    {
        _folder.Write("log_data/1.json", Source.Event());
        _folder.Write("song_data/1.json", Source.Song());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Logins_OfWhoLosesTheRight_EndAtOnce_AndThoseOfOthersStay()
    {
        await using var app = await TestApp.StartAsync();
        var warehouse = await ProvisionedAsync(app);
        await warehouse.LoadAsync();
        var machine = await Login.MakeAsync(app.Http, warehouse.Name);
        await using var ofMachine = await machine.OpenAsync();

        // The first account: whoever sits at the machine is nobody from then on.
        using var ann = await Visitor.FirstAsync(app);
        await Login.EndsAsync(ofMachine);
        await Eventually.BecomesAsync(() => LoginsAsync(app), static all => all.Count == 0);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await machine.RefusedAsync()).SqlState);

        var people = app.Services.GetRequiredService<IPeople>();
        var bob = await AddAsync(people, "bob", Role.Analyst, warehouse.Name);
        var cleo = await AddAsync(people, "Cleo.O-Neill_x@example.com", Role.Analyst, on: null);
        var vera = await AddAsync(people, "vera", Role.Viewer, on: null);
        using var ofBob = await Visitor.SignedInAsync(app, bob.Name);
        using var ofCleo = await Visitor.SignedInAsync(app, cleo.Name);
        using var ofVera = await Visitor.SignedInAsync(app, vera.Name);
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(ofVera, HttpMethod.Post, warehouse.Name, "/login")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(ofVera, HttpMethod.Get, warehouse.Name, "")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await With(ofBob).GetAsync("/api/v1/logins")).StatusCode);
        var bobs = await Login.MakeAsync(With(ofBob), warehouse.Name);
        var cleos = await Login.MakeAsync(With(ofCleo), warehouse.Name);
        Assert.Matches("_cleooneillx[a-z]*_p[0-9]+$", cleos.User);
        await using var bobIn = await bobs.OpenAsync();
        await using var cleoIn = await cleos.OpenAsync();

        await people.GrantAsync(bob.Id, [new Grant(Role.Viewer)], Actor.System, default);

        await Login.EndsAsync(bobIn);
        await Eventually.BecomesAsync(() => LoginsAsync(app), static all => all.Count == 1);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await bobs.RefusedAsync()).SqlState);
        Assert.Equal(1, await cleoIn.ExecuteScalarAsync<long>("select count(*) from songplays"));
        // A role that may still query is none the less.
        await people.GrantAsync(cleo.Id, [new Grant(Role.Operator, warehouse.Name)], Actor.System, default);
        await people.GrantAsync(bob.Id, [new Grant(Role.Analyst)], Actor.System, default);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await bobs.RefusedAsync()).SqlState);
        Assert.Equal(1, await cleoIn.ExecuteScalarAsync<long>("select count(*) from songplays"));

        await people.CloseAsync(cleo.Id, closed: true, Actor.System, default);

        await Login.EndsAsync(cleoIn);
        await Eventually.BecomesAsync(() => LoginsAsync(app), static all => all.Count == 0);
        await people.CloseAsync(cleo.Id, closed: false, Actor.System, default);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await cleos.RefusedAsync()).SqlState);
    }

    [Fact]
    public async Task Logins_OfWhoIsSignedOutEverywhere_OrGetsAnotherPassword_End_AndLaterOnesStay()
    {
        await using var app = await TestApp.StartAsync();
        var warehouse = await ProvisionedAsync(app);
        using var ann = await Visitor.FirstAsync(app);
        var people = app.Services.GetRequiredService<IPeople>();
        var bob = await AddAsync(people, "bob", Role.Analyst, warehouse.Name);
        using (var ofBob = await Visitor.SignedInAsync(app, bob.Name))
        {
            var first = await Login.MakeAsync(With(ofBob), warehouse.Name);
            await app.Services.GetRequiredService<ISessions>().EndAllOwnAsync(new Actor(bob.Name), default);
            await Eventually.BecomesAsync(() => LoginsAsync(app), static all => all.Count == 0);
            Assert.Equal(PostgresErrorCodes.InvalidPassword, (await first.RefusedAsync()).SqlState);
        }

        using var again = await Visitor.SignedInAsync(app, bob.Name);
        var second = await Login.MakeAsync(With(again), warehouse.Name);
        await app.Services.GetServices<IUpkeep>().Single(static u => u.Name == "personal-logins").WorkAsync(default);
        await using (await second.OpenAsync())
        {
            await people.SetPasswordAsync(bob.Id, "quite another one 4711", Actor.System, default);
        }

        await Eventually.BecomesAsync(() => LoginsAsync(app), static all => all.Count == 0);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await second.RefusedAsync()).SqlState);
    }

    [Fact]
    public async Task Login_ThatTheServerDoesNotDrop_IsShut_Said_AndHoldsUpNoOther()
    {
        await using var app = await TestApp.StartAsync();
        var warehouse = await ProvisionedAsync(app);
        await warehouse.LoadAsync();
        using var ann = await Visitor.FirstAsync(app);
        var people = app.Services.GetRequiredService<IPeople>();
        var adam = await AddAsync(people, "adam", Role.Analyst, on: null);
        var zoe = await AddAsync(people, "zoe", Role.Analyst, on: null);
        using var ofAdam = await Visitor.SignedInAsync(app, adam.Name);
        using var ofZoe = await Visitor.SignedInAsync(app, zoe.Name);
        var adams = await Login.MakeAsync(With(ofAdam), warehouse.Name);
        var zoes = await Login.MakeAsync(With(ofZoe), warehouse.Name);
        await using NpgsqlConnection administrator = new(app.Store);
        await administrator.OpenAsync();
        // What was granted by hand goes with the login; a database it was given keeps the server from dropping it.
        var database = TestApp.NewName();
        await administrator.ExecuteAsync($"create database {database}");
        await administrator.ExecuteAsync($"revoke all on database {database} from public");
        await administrator.ExecuteAsync($"grant connect on database {database} to {zoes.User}");
        await administrator.ExecuteAsync($"alter database {database} owner to {adams.User}");
        try
        {
            await people.CloseAsync(adam.Id, closed: true, Actor.LocalAdministrator, default);
            await people.CloseAsync(zoe.Id, closed: true, Actor.LocalAdministrator, default);

            Assert.Contains(
                "the server drops nobody who stands in something",
                Assert.Single(await Eventually.BecomesAsync(
                    async () => await app.Services.GetRequiredService<PersonalLoginBook>().ListAsync(default),
                    static all => all is [{ Said: not null }])).Said,
                StringComparison.Ordinal);
            Assert.Equal(PostgresErrorCodes.InvalidPassword, (await zoes.RefusedAsync()).SqlState);
            Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, (await adams.RefusedAsync()).SqlState);
        }
        finally
        {
            await administrator.ExecuteAsync($"drop database {database}");
        }
    }

    [Fact]
    public async Task Logins_WhoseRightWentUnheard_EndByTheLookOfEachMinute()
    {
        await using var app = await TestApp.StartAsync();
        var warehouse = await ProvisionedAsync(app);
        using var ann = await Visitor.FirstAsync(app);
        var bob = await AddAsync(app.Services.GetRequiredService<IPeople>(), "bob", Role.Analyst, warehouse.Name);
        using var ofBob = await Visitor.SignedInAsync(app, bob.Name);
        var login = await Login.MakeAsync(With(ofBob), warehouse.Name);
        await using var store = new NpgsqlConnection(app.Store);
        await store.ExecuteAsync("update people set closed = true where name = 'bob'"); // another process did, and died

        await app.Services.GetServices<IUpkeep>().Single(static u => u.Name == "personal-logins").WorkAsync(default);

        Assert.Empty(await LoginsAsync(app));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await login.RefusedAsync()).SqlState);
    }

    [Fact]
    public async Task Server_ThatHangs_HoldsUpNeitherAnotherWarehouseNorALaterLook_AndIsGivenUp()
    {
        var hanging = new HangingTarget();
        await using var app = await TestApp.StartAsync(before: builder => builder.Services.AddSingleton<IPersonalLoginTarget>(
            services => hanging.On(services.GetRequiredService<LocalLogins>())));
        var stuck = await ProvisionedAsync(app);
        var well = await ProvisionedAsync(app);
        using var ann = await Visitor.FirstAsync(app);
        var people = app.Services.GetRequiredService<IPeople>();
        var bob = await AddAsync(people, "bob", Role.Analyst, on: null);
        var cleo = await AddAsync(people, "cleo", Role.Analyst, on: null);
        using var ofBob = await Visitor.SignedInAsync(app, bob.Name);
        using var ofCleo = await Visitor.SignedInAsync(app, cleo.Name);
        await Login.MakeAsync(With(ofBob), stuck.Name);
        var bobs = await Login.MakeAsync(With(ofBob), well.Name);
        var cleos = await Login.MakeAsync(With(ofCleo), well.Name);
        hanging.Warehouse = stuck.Name;

        await people.CloseAsync(bob.Id, closed: true, Actor.System, default);
        await hanging.Asked;
        await Eventually.BecomesAsync(() => LoginsAsync(app), all => !all.Contains(bobs.User));
        // It hangs still, and somebody else loses the right.
        await people.CloseAsync(cleo.Id, closed: true, Actor.System, default);
        await Eventually.BecomesAsync(() => LoginsAsync(app), all => !all.Contains(cleos.User));

        Assert.Single(await LoginsAsync(app));
        hanging.Ends();
        await Eventually.BecomesAsync(() => LoginsAsync(app), static all => all.Count == 0);
    }

    [Fact]
    public async Task Server_ThatHangs_IsWaitedForOnlySoLong_AndItIsSaid()
    {
        await using var app = await TestApp.StartAsync();
        var warehouse = await ProvisionedAsync(app);
        var login = await Login.MakeAsync(app.Http, warehouse.Name);
        var hanging = new HangingTarget { Warehouse = warehouse.Name };
        var book = app.Services.GetRequiredService<PersonalLoginBook>();
        PersonalLogins logins = new(
            book, app.Services.GetRequiredService<PersonalLoginLocks>(), [hanging.On(app.Services.GetRequiredService<LocalLogins>())],
            app.Services.GetRequiredService<IWarehouses>(), TimeProvider.System, NullLogger<PersonalLogins>.Instance)
        {
            Patience = TimeSpan.FromMilliseconds(200),
        };
        await book.EndAsync(login.Id, warehouse.Name, default);

        var late = await Assert.ThrowsAsync<SparkifyException>(
            () => logins.EndAsync(login.Id, default).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal(ProblemKind.Unavailable, late.Kind);
        Assert.Contains("has not answered", (await book.FindAsync(login.Id, default))!.Said, StringComparison.Ordinal);
    }

    private async Task<LoadedWarehouse> ProvisionedAsync(TestApp app)
    {
        var name = TestApp.NewName();
        await app.CreateAsync(name, Source.At(_folder));
        return await LoadedWarehouse.ProvisionAsync(app, name);
    }

    private static async Task<Person> AddAsync(IPeople people, string name, Role role, string? on) => await people.AddAsync(
        name, Visitor.Password, [new Grant(role, on)], Actor.System, default);

    private static HttpClient With(Visitor visitor)
    {
        visitor.Http.DefaultRequestHeaders.Remove("Origin");
        visitor.Http.DefaultRequestHeaders.Add("Origin", visitor.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        return visitor.Http;
    }

    private static Task<HttpResponseMessage> CallAsync(Visitor visitor, HttpMethod method, string warehouse, string below) =>
        With(visitor).SendAsync(new HttpRequestMessage(method, new Uri($"/api/v1/warehouses/{warehouse}/connect{below}", UriKind.Relative)));

    // One that says nothing when a login of one warehouse is to end.
    private sealed class HangingTarget : IPersonalLoginTarget
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ends = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IPersonalLoginTarget _real = null!;

        public string? Warehouse { get; set; }

        public Task Asked => _asked.Task;

        public WarehouseTarget Target => WarehouseTarget.Local;

        public HangingTarget On(IPersonalLoginTarget real)
        {
            _real = real;
            return this;
        }

        public void Ends() => _ends.SetResult();

        public Task<string?> HindranceAsync(Warehouse warehouse, CancellationToken ct) => _real.HindranceAsync(warehouse, ct);

        public Task GiveAsync(Warehouse warehouse, string user, string password, Action given, CancellationToken ct) =>
            _real.GiveAsync(warehouse, user, password, given, ct);

        public async Task<string?> EndAsync(Warehouse warehouse, string user, CancellationToken ct)
        {
            if (warehouse.Name == Warehouse)
            {
                _asked.TrySetResult();
                await _ends.Task.WaitAsync(ct);
            }

            return await _real.EndAsync(warehouse, user, ct);
        }
    }

    private static async Task<IReadOnlyList<string>> LoginsAsync(TestApp app)
    {
        await using var store = new NpgsqlConnection(app.Store);
        return (await store.QueryAsync<string>("select role from personal_logins")).AsList();
    }
}
