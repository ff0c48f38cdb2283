using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Connect;

/// <summary>Makes and removes people's own logins: written down first, then done on the server, one at a time for each warehouse.</summary>
internal sealed partial class PersonalLogins(
    PersonalLoginBook book, PersonalLoginLocks locks, IEnumerable<IPersonalLoginTarget> targets, IWarehouses warehouses, TimeProvider clock,
    ILogger<PersonalLogins> logger)
{
    private readonly ConcurrentDictionary<(string Warehouse, string Person), bool> _making = new();

    /// <summary>For how long a server is waited for; then it is said that it does not answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Why nobody can be given a login of a warehouse just now, and what to do first; none when they can.</summary>
    public async Task<string?> HindranceAsync(Warehouse warehouse, CancellationToken ct) => warehouse switch
    {
        { State: WarehouseState.Defined } => $"There is nothing to connect to yet: provision '{warehouse.Name}' first.",
        { State: WarehouseState.Removed } => $"'{warehouse.Name}' was torn down: provision it again first.",
        { State: WarehouseState.Paused } => $"The cluster of '{warehouse.Name}' is paused and takes no connections: resume it first.",
        _ => await For(warehouse).HindranceAsync(warehouse, ct),
    };

    /// <summary>Gives somebody a login, or the one they have another password.</summary>
    public async Task<MadeLogin> MakeAsync(string warehouse, string person, CancellationToken ct)
    {
        // Whoever asks for many at once waits for none of them, and keeps nobody else waiting.
        var once = (warehouse, person.ToLowerInvariant());
        if (!_making.TryAdd(once, value: true))
        {
            throw new SparkifyException(
                ProblemKind.TooMany, $"Your login of '{warehouse}' is being made, or given another password, just now. Wait until that is done.")
            {
                Wait = TimeSpan.FromSeconds(5),
            };
        }

        try
        {
            return await MakeInTimeAsync(warehouse, person, clock.GetUtcNow(), ct);
        }
        finally
        {
            _making.TryRemove(once, out _);
        }
    }

    private async Task<MadeLogin> MakeInTimeAsync(string warehouse, string person, DateTimeOffset asked, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await MakeHeldAsync(warehouse, person, asked, patience.Token);
        }
        catch (OperationCanceledException ex) when (!ct.IsCancellationRequested)
        {
            throw SparkifyException.Unavailable(
                $"The server of '{warehouse}' has not answered for {Patience.TotalSeconds:0} s. What was begun is taken back; try again later.", ex);
        }
        catch (Exception ex) when (WarehouseFaults.OfTheWay(ex) && DatabaseFaults.Refusal(ex) is null)
        {
            throw SparkifyException.Unavailable($"The server of '{warehouse}' did not make the login: {ex.Message}", ex);
        }
    }

    /// <summary>
    /// Takes a login away, for which that has to be written down already. Throws when the server does not let us: it is tried again.
    /// </summary>
    public async Task EndAsync(long id, CancellationToken ct)
    {
        if (await book.FindAsync(id, ct) is { } login)
        {
            await EndAsync(login, ct);
        }
    }

    private async Task EndAsync(PersonalLogin login, CancellationToken ct)
    {
        await using var held = await locks.TakeAsync(login.Warehouse, ct);
        // What was being made while we waited may be good by now.
        if (await book.FindAsync(login.Id, ct) is not { State: not PersonalLoginState.Good }
            || await warehouses.FindAsync(login.Warehouse, ct) is not { State: not WarehouseState.Removed } warehouse)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            if (await AskAsync(warehouse, server => server.EndAsync(warehouse, login.User, patience.Token)) is { } asleep)
            {
                await book.SayAsync(login, asleep, CancellationToken.None);
                return;
            }
        }
        catch (OperationCanceledException ex) when (!ct.IsCancellationRequested)
        {
            var late = SparkifyException.Unavailable($"The server has not answered for {Patience.TotalSeconds:0} s.", ex);
            await SayAsync(login, late);
            throw late;
        }
        catch (Exception ex) when (ex is SparkifyException || WarehouseFaults.OfTheWay(ex))
        {
            await SayAsync(login, ex);
            throw;
        }

        await book.GoneAsync(login, warehouse.Target, CancellationToken.None);
        Removed(logger, login.User, login.Person);
    }

    // It is of the moment it was asked for: who ends all their logins meanwhile ends this one, too.
    private async Task<MadeLogin> MakeHeldAsync(string name, string person, DateTimeOffset asked, CancellationToken patience)
    {
        await using var held = await locks.TakeAsync(name, patience);
        // As it is now: a teardown that began before us has said so.
        var warehouse = await warehouses.GetAsync(name, patience);
        if (await HindranceAsync(warehouse, patience) is { } hindrance)
        {
            throw SparkifyException.Conflict(hindrance);
        }

        var given = false;
        var replaced = await book.FindAsync(name, person, patience) is { State: PersonalLoginState.Good };
        var login = await book.BeginAsync(warehouse, person, asked, patience);
        try
        {
            var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
            await AskAsync(warehouse, async server =>
            {
                await server.GiveAsync(warehouse, login.User, password, () => given = true, patience);
                return true;
            });
            var made = await book.GoodAsync(login, replaced ? asked : null, CancellationToken.None) ?? throw SparkifyException.Conflict(
                $"The login was taken away again while it was made: '{name}' is being torn down, or somebody removed it.");
            return new MadeLogin(made, password);
        }
        catch
        {
            // One whose password nobody may know is of no use.
            await (replaced && !given ? book.AsBeforeAsync(login, CancellationToken.None)
                : book.EndAsync(login.Id, login.Warehouse, CancellationToken.None));
            throw;
        }
    }

    // A local warehouse's server is the application's own, and nobody takes a cluster for that one.
    private async Task<T> AskAsync<T>(Warehouse warehouse, Func<IPersonalLoginTarget, Task<T>> ask)
    {
        try
        {
            return await ask(For(warehouse));
        }
        catch (Exception ex) when (warehouse.Target != WarehouseTarget.Local && WarehouseFaults.OfTheWay(ex))
        {
            throw SparkifyException.Unavailable($"The cluster of '{warehouse.Name}' did not do what it was asked to: {ex.Message}", ex);
        }
    }

    private Task SayAsync(PersonalLogin login, Exception why) => book.SayAsync(
        login, $"It could not be removed yet, and is tried again each minute: {why.Message}", CancellationToken.None);

    private IPersonalLoginTarget For(Warehouse warehouse) => targets.First(t => t.Target == warehouse.Target);

    [LoggerMessage(4101, LogLevel.Information, "The login {User} of {Person} is removed and its sessions are ended")]
    private static partial void Removed(ILogger logger, string user, string person);
}
