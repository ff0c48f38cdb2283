using Dapper;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>Somebody a provider of single sign-on vouches for.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">What it calls them for good.</param>
/// <param name="Name">What it calls them for people, which is their name here from the first time on.</param>
/// <param name="Grants">The roles that go with what it says of them.</param>
public sealed record Vouched(string Issuer, string Subject, string Name, IReadOnlyList<Grant> Grants);

/// <summary>
/// People of a single sign-on: made when they come the first time, with the roles that it says they have, then and whenever they sign in.
/// </summary>
internal sealed class VouchedPeople(IStore store, PersonChanges changes, IAuditWriter audit, TimeProvider clock)
{
    /// <summary>By what they come in, as the audit trail has it.</summary>
    public const string Via = "single sign-on";

    /// <summary>Who somebody is here; a denial in a sentence when they are nobody here, or kept out.</summary>
    public async Task<Person> TakeInAsync(Vouched who, string address, CancellationToken ct)
    {
        Person? known;
        IReadOnlyList<Grant> wanted;
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            known = await KnownAsync(db, who, ct) is { } id ? await PersonRows.GetAsync(db, id, ct) : null;
            wanted = await ThereAsync(db, who.Grants, ct);
        }

        if (known is { Closed: true })
        {
            throw SparkifyException.Denied("Your account here is closed. Ask an administrator.");
        }

        if (known is null)
        {
            known = wanted.Count == 0 ? throw NoRole() : await changes.MakeAsync(db => AddAsync(db, who, wanted, ct), ct);
            await WriteAsync("people.add");
        }
        else if (!known.Grants.ToHashSet().SetEquals(wanted))
        {
            known = await changes.MakeAsync(async db =>
            {
                await PersonChanges.GrantAsync(db, known.Id, wanted, ct);
                return known.Id;
            }, ct);
            await WriteAsync("people.grant");
        }

        return wanted.Count > 0 ? known : throw NoRole();

        Task WriteAsync(string what) => audit.WriteAsync(
            known.Name, address, Via, what, AuditOutcome.Done, ct,
            detail: $"grants: {(wanted.Count == 0 ? "none" : string.Join(" and ", wanted))}");
    }

    private static SparkifyException NoRole() => SparkifyException.Denied(
        "The single sign-on knows you, but nothing it says of you gives you a role here. Ask whoever looks after it, or an administrator of this application.");

    private async Task<long> AddAsync(NpgsqlConnection db, Vouched who, IReadOnlyList<Grant> grants, CancellationToken ct)
    {
        // Two first visits at once: the second finds whom the first made.
        var id = await KnownAsync(db, who, ct)
            ?? await PersonRows.InsertAsync(db, Named(who.Name), password: null, Via, clock.GetUtcNow(), ct)
            ?? throw SparkifyException.Denied(
                $"There is or was another '{who.Name}' here, who signs in in another way. Ask an administrator.");
        await db.ExecuteAsync(new CommandDefinition(
            "update people set issuer = @Issuer, subject = @Subject where id = @id", new { who.Issuer, who.Subject, id },
            cancellationToken: ct));
        await PersonChanges.GrantAsync(db, id, grants, ct);
        return id;
    }

    private static string Named(string name)
    {
        try
        {
            return PersonName.Checked(name);
        }
        catch (SparkifyException ex)
        {
            throw SparkifyException.Denied($"The single sign-on calls you '{name}', which cannot be a name here. {ex.Message}");
        }
    }

    private static Task<long?> KnownAsync(NpgsqlConnection db, Vouched who, CancellationToken ct) => db.ExecuteScalarAsync<long?>(
        new CommandDefinition(
            "select id from people where issuer = @Issuer and subject = @Subject", new { who.Issuer, who.Subject }, cancellationToken: ct));

    // A role on a warehouse that does not exist, or not yet, is none.
    private static async Task<IReadOnlyList<Grant>> ThereAsync(NpgsqlConnection db, IReadOnlyList<Grant> grants, CancellationToken ct)
    {
        var named = grants.Select(static g => g.Warehouse).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        var there = (await db.QueryAsync<string>(new CommandDefinition(
            "select name from warehouses where name = any(@named)", new { named }, cancellationToken: ct))).ToList();
        return [.. grants.Distinct().Where(g => g.Warehouse is null || there.Contains(g.Warehouse))];
    }
}
