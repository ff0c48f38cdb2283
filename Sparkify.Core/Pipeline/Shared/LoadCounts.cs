using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>What came of the records of each part, in the build's own table <c>load_counts</c>.</summary>
internal static class LoadCounts
{
    /// <summary>Writes what came of one part's records, in place of what an earlier attempt wrote.</summary>
    public static async Task SetAsync(NpgsqlConnection db, string build, SourcePart part, long staged, long rejected, CancellationToken ct)
    {
        var values = new { part = part.Word(), read = staged + rejected, staged, rejected };
        await using var transaction = await db.BeginTransactionAsync(ct);
        await db.ExecuteAsync(
            new CommandDefinition($"delete from {build}.load_counts where part = @part", values, transaction, cancellationToken: ct));
        await db.ExecuteAsync(new CommandDefinition(
            $"insert into {build}.load_counts (part, read, staged, rejected) values (@part, @read, @staged, @rejected)", values,
            transaction,
            cancellationToken: ct));
        await transaction.CommitAsync(ct);
    }
}
