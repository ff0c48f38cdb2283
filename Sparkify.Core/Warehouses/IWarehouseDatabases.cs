using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>As whom to connect to a warehouse.</summary>
internal enum WarehouseRole
{
    /// <summary>Builds and publishes the star.</summary>
    Loader,

    /// <summary>Reads what is published, and nothing else.</summary>
    Reporter,
}

/// <summary>Connections to warehouses.</summary>
internal interface IWarehouseDatabases
{
    /// <summary>Pooled connections to one warehouse in one role. A conflict with a sentence while its cluster has never answered.</summary>
    NpgsqlDataSource Open(Warehouse warehouse, WarehouseRole role);

    /// <summary>
    /// A connection of the reporter's, from among those that may read at once on the store's server. Throws a sentence when none comes
    /// free in time.
    /// </summary>
    Task<ReaderConnection> ReadAsync(Warehouse warehouse, CancellationToken ct);

    /// <summary>A connection no pool keeps: what is done to its session, whatever that is, ends with it.</summary>
    Task<NpgsqlConnection> OpenAloneAsync(Warehouse warehouse, WarehouseRole role, CancellationToken ct);

    /// <summary>One of the passwords of a role. It is computed, not kept: never log or store it.</summary>
    string Password(string warehouse, WarehouseRole role, RolePasswords which = default);

    /// <summary>The passwords of a number as they are to be set now.</summary>
    RolePasswords Newest(int number);

    /// <summary>Closes every connection of ours to one warehouse.</summary>
    Task CloseAsync(string warehouse);
}
