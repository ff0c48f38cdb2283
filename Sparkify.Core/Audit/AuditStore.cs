using System.Runtime.CompilerServices;
using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Audit;

/// <summary>The audit trail, in the store.</summary>
internal sealed class AuditStore(IStore store, TimeProvider clock) : IAuditTrail, IAuditWriter
{
    private const int Longest = 2000;
    private const string Columns = "id, at, actor, address, via, what, warehouse, detail, outcome, said";

    private const string Wanted =
        """
        from audit where (@outcome::text is null or outcome = @outcome)
        and (@from::timestamptz is null or at >= @from) and (@until::timestamptz is null or at < @until)
        and (@Text::text is null
             or position(lower(@Text) in lower(concat_ws(chr(10), actor, address, via, what, warehouse, detail, said))) > 0)
        """;

    /// <summary>Its lines, which go when they are older than the setting says.</summary>
    public static Kept Kept(SparkifyOptions options) => new(
        "lines of the audit trail", options.AuditDays,
        "delete from audit where id in (select id from audit where at < @before order by id limit @most)");

    public async Task WriteAsync(
        string actor, string address, string via, string what, AuditOutcome outcome, CancellationToken ct, string? warehouse = null,
        string? detail = null, string? said = null)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            insert into audit (at, actor, address, via, what, warehouse, detail, outcome, said)
            values (@now, @actor, @address, @via, @what, @warehouse, @detail, @outcome, @said)
            """,
            new
            {
                now = clock.GetUtcNow(),
                actor = Clean(actor),
                address,
                via,
                what,
                warehouse = Clean(warehouse),
                detail = Clean(detail),
                outcome = outcome.Word(),
                said = Clean(said),
            }, cancellationToken: ct));
    }

    public async Task<Page<AuditLine>> ListAsync(AuditFilter filter, int page, int size, CancellationToken ct)
    {
        size = Math.Clamp(size, 1, IAuditTrail.MostOnAPage);
        page = Math.Max(page, 1);
        var values = Values(filter);
        values.Add("size", size);
        values.Add("skip", (long)(page - 1) * size);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var total = await db.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) {Wanted}", values, cancellationToken: ct));
        var rows = await db.QueryAsync<Row>(new CommandDefinition(
            $"select {Columns} {Wanted} order by id desc limit @size offset @skip", values, cancellationToken: ct));
        return new Page<AuditLine>([.. rows.Select(Of)], total, page, size);
    }

    public async IAsyncEnumerable<AuditLine> AllAsync(AuditFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var reader = await db.ExecuteReaderAsync(new CommandDefinition(
            $"select {Columns} {Wanted} order by id", Values(filter), cancellationToken: ct));
        var read = reader.GetRowParser<Row>();
        while (await reader.ReadAsync(ct))
        {
            yield return Of(read(reader));
        }
    }

    // What somebody typed can be anything, and of any length.
    private static string? Clean(string? text)
    {
        var clean = text?.Replace('\0', ' ');
        return clean?.Length > Longest ? clean[..Longest] + "…" : clean;
    }

    private static DynamicParameters Values(AuditFilter filter) => new(new
    {
        outcome = filter.Outcome?.Word(),
        from = filter.From?.UtcDateTime,
        until = filter.Until?.UtcDateTime,
        Text = string.IsNullOrWhiteSpace(filter.Text) ? null : filter.Text.Trim(),
    });

    private static AuditLine Of(Row r) => new(
        r.Id, new DateTimeOffset(r.At, TimeSpan.Zero), r.Actor, r.Address, r.Via, r.What, r.Warehouse, r.Detail,
        Words.Parse<AuditOutcome>(r.Outcome), r.Said);

    private sealed class Row
    {
        public long Id { get; init; }
        public DateTime At { get; init; }
        public string Actor { get; init; } = "";
        public string Address { get; init; } = "";
        public string Via { get; init; } = "";
        public string What { get; init; } = "";
        public string? Warehouse { get; init; }
        public string? Detail { get; init; }
        public string Outcome { get; init; } = "";
        public string? Said { get; init; }
    }
}
