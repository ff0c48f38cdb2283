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
        await using var transaction = await db.BeginTransactionAsync(ct);
        await ForgetAsync(db, build, part, ct);
        await AddAsync(db, build, part, staged, rejected, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Takes out what came of one part's records.</summary>
    public static Task ForgetAsync(NpgsqlConnection db, string build, SourcePart part, CancellationToken ct) => db.ExecuteAsync(
        new CommandDefinition($"delete from {build}.load_counts where part = @part", new { part = part.Word() }, cancellationToken: ct));

    /// <summary>Writes what came of one part's records, within a transaction of the caller's.</summary>
    public static Task AddAsync(NpgsqlConnection db, string build, SourcePart part, long staged, long rejected, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            $"insert into {build}.load_counts (part, read, staged, rejected) values (@part, @read, @staged, @rejected)",
            new { part = part.Word(), read = staged + rejected, staged, rejected }, cancellationToken: ct));

    /// <summary>How many records of a part were staged and rejected; none when that is not written.</summary>
    public static async Task<(long Staged, long Rejected)?> FindAsync(
        NpgsqlConnection db, string schema, SourcePart part, CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<(long, long)?>(new CommandDefinition(
            $"select staged, rejected from {schema}.load_counts where part = @part", new { part = part.Word() }, cancellationToken: ct));
}
