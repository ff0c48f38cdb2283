using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>Opens warehouses on clusters that somebody else made, and says what belongs to each.</summary>
internal sealed class ExistingScopes(
    ClusterLogins logins, IWarehouseJournal journal, IWarehouseDatabases databases, PersonalLoginBook book)
{
    /// <summary>A session in the warehouse's database; a sentence when there is no way in.</summary>
    public async Task<ExistingScope> OpenAsync(NewWarehouse warehouse, CancellationToken ct)
    {
        var settings = warehouse.CheckedSettings()!;
        var cluster = settings.Existing!;
        NpgsqlConnection db;
        try
        {
            db = await LogInAsync();
        }
        catch (SparkifyException e) when (cluster.Login == ClusterLoginKind.Iam && WarehouseFaults.IsRefusedLogin(e.InnerException))
        {
            // What AWS gave out for some minutes ends before, as when the cluster comes back from a snapshot.
            logins.Forget(settings);
            db = await LogInAsync();
        }

        try
        {
            var rights = await ExistingSession.WithinAsync(cluster, within => LoginRights.LookAsync(db, within), ct);
            var names = new LocalNames(warehouse.Name);
            // What it was provisioned as it stays: tables belong to whoever made them.
            var alone = warehouse.Login.Alone
                || (!rights.Superuser && !await journal.HasAsync(warehouse.Name, UserResource.Word, names.Loader, ct));
            return new ExistingScope(
                warehouse.Name, cluster, WarehouseSchemas.Of(warehouse.Schema), rights, alone, await journal.StoreIdAsync(ct), journal, db);
        }
        catch
        {
            await db.DisposeAsync(); // the caller never gets it
            throw;
        }

        async Task<NpgsqlConnection> LogInAsync()
        {
            var login = warehouse.Password is { } given ? new SecretLogin(cluster.User, given.Value)
                : await logins.OfAsync(warehouse.Name, settings, warehouse.Login, ct);
            return await ExistingSession.OpenAsync(cluster, login.User, login.Password, settings.Simulated, ct);
        }
    }

    /// <summary>The two schemas.</summary>
    public static IEnumerable<SchemaResource> Schemas(WarehouseSchemas schemas) => [new(schemas.Published), new(schemas.Build)];

    /// <summary>Everything a warehouse needs, in the order it is made.</summary>
    public IReadOnlyList<Resource<ExistingScope>> Needed(ExistingScope scope, RolePasswords passwords) =>
        [.. scope.Alone ? [] : Users(scope, passwords), .. Schemas(scope.Schemas)];

    /// <summary>
    /// Everything it may have, in the order it is removed: the stars of before, which loads made, are ours by their mark.
    /// </summary>
    public async Task<IReadOnlyList<Resource<ExistingScope>>> OwnedAsync(ExistingScope scope, CancellationToken ct) =>
    [
        .. (await scope.KeptAsync(ct)).Select(static s => new SchemaResource(s)), .. Schemas(scope.Schemas),
        .. scope.Alone ? [] : await PeopleAsync(scope, ct),
        .. scope.Alone ? [] : Users(scope, databases.Newest(0)),
    ];

    // Before the schemas have gone nobody could be dropped who may read in them; of people's logins that is their group alone.
    private async Task<IReadOnlyList<Resource<ExistingScope>>> PeopleAsync(ExistingScope scope, CancellationToken ct) =>
    [
        .. (await book.OfAsync(scope.Warehouse, ct)).Select(l => new PersonUserResource(l.User, journal)),
        new GroupResource(scope.Names.Readers, journal),
    ];

    private IEnumerable<UserResource> Users(ExistingScope scope, RolePasswords passwords) => Enum.GetValues<WarehouseRole>()
        .Select(role => new UserResource(scope.Names.Role(role), databases, journal, passwords, role));
}
