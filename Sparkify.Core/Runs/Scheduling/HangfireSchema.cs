using Hangfire.PostgreSql;
using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>The queue's own tables in the store.</summary>
internal sealed class HangfireSchema : IStoreSchema
{
    public void Install(NpgsqlConnection connection) => PostgreSqlObjectsInstaller.Install(connection, HangfireSettings.Schema);
}
