using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>What keeps tables of its own in the store, beside those of the migrations.</summary>
internal interface IStoreSchema
{
    /// <summary>
    /// Makes them or brings them up to date; called at each start, before anything uses the store and by one application at a time.
    /// </summary>
    void Install(NpgsqlConnection connection);
}
