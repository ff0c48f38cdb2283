using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Connect;

/// <summary>Makes and removes people's own logins: written down first, then done on the server, one at a time for each warehouse.</summary>
internal sealed partial class PersonalLogins(
    PersonalLoginBook book, PersonalLoginLocks locks, IEnumerable<IPersonalLoginTarget> targets, IWarehouses warehouses,
    ILogger<PersonalLogins> logger)
{
    // A cluster that does not answer is told of, not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

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
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await MakeAsync(person, warehouse, patience.Token, ct);
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
        if (await book.FindAsync(id, ct) is not { } login)
        {
            return;
        }

        await using var held = await locks.TakeAsync(login.Warehouse, ct);
        // What was being made while we waited may be good by now.
        if (await book.FindAsync(id, ct) is not { State: not PersonalLoginState.Good }
            || await warehouses.FindAsync(login.Warehouse, ct) is not { } warehouse)
        {
            return;
        }

        if (warehouse is { Target: WarehouseTarget.Redshift, State: not WarehouseState.Available })
        {
            // Nobody can log in; whoever resumes or provisions the cluster sees to it before anybody can.
            await book.SayAsync(login, "The cluster does not answer just now: the login is removed before it does.", ct);
            return;
        }

        try
        {
            await For(warehouse).EndAsync(warehouse, login.User, ct);
        }
        catch (Exception ex) when (ex is SparkifyException || WarehouseFaults.OfTheWay(ex))
        {
            await book.SayAsync(login, $"It could not be removed yet, and is tried again each minute: {ex.Message}", CancellationToken.None);
            throw;
        }

        await book.GoneAsync(login, warehouse.Target, CancellationToken.None);
        Removed(logger, login.User, login.Person);
    }

    private async Task<MadeLogin> MakeAsync(string person, string name, CancellationToken patience, CancellationToken ct)
    {
        await using var held = await locks.TakeAsync(name, patience);
        // As it is now: a teardown that began before us has said so.
        var warehouse = await warehouses.GetAsync(name, patience);
        if (await HindranceAsync(warehouse, patience) is { } hindrance)
        {
            throw SparkifyException.Conflict(hindrance);
        }

        var replaced = await book.FindAsync(name, person, patience) is { State: PersonalLoginState.Good };
        var login = await book.BeginAsync(warehouse, person, patience);
        try
        {
            var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
            await For(warehouse).GiveAsync(warehouse, login.User, password, patience);
            var made = await book.GoodAsync(login, replaced, CancellationToken.None) ?? throw SparkifyException.Conflict(
                $"The login was taken away again while it was made: '{name}' is being torn down, or somebody removed it.");
            return new MadeLogin(made, password);
        }
        catch
        {
            await book.EndAsync(login.Id, login.Warehouse, CancellationToken.None); // nobody knows its password
            throw;
        }
    }

    private IPersonalLoginTarget For(Warehouse warehouse) => targets.First(t => t.Target == warehouse.Target);

    [LoggerMessage(4101, LogLevel.Information, "The login {User} of {Person} is removed and its sessions are ended")]
    private static partial void Removed(ILogger logger, string user, string person);
}
