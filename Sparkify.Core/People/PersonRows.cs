using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.People;

/// <summary>People as they stand in the store.</summary>
internal static class PersonRows
{
    /// <summary>The roles of the person <c>p</c>, each as <c>role:warehouse</c>.</summary>
    public const string Grants =
        """
        array(select g.role || ':' || coalesce(g.warehouse, '') from grants g where g.person = p.id order by g.warehouse nulls first, g.role)
        """;

    private const string Columns =
        $"p.id, p.name, p.closed, p.created_at as CreatedAt, p.created_by as CreatedBy, p.issuer is not null as IsVouched, {Grants} as Grants, " +
        "(select max(s.seen_at) from sessions s where s.person = p.id) as SeenAt";

    public static async Task<IReadOnlyList<Person>> ListAsync(NpgsqlConnection db, CancellationToken ct) =>
        [.. (await db.QueryAsync<Row>(new CommandDefinition(
            $"select {Columns} from people p order by lower(p.name)", cancellationToken: ct))).Select(Of)];

    public static async Task<Person> GetAsync(NpgsqlConnection db, long id, CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Columns} from people p where p.id = @id", new { id }, cancellationToken: ct)) is { } row ? Of(row)
            : throw SparkifyException.NotFound($"There is no person {id}.");

    public static IEnumerable<Grant> Parse(string[] grants) => grants.Select(static g => g.Split(':')).Select(
        static g => new Grant(Words.Parse<Role>(g[0]), g[1] is "" ? null : g[1]));

    /// <summary>Adds somebody. False when there is somebody of that name.</summary>
    public static async Task<long?> InsertAsync(
        NpgsqlConnection db, string name, string? password, string by, DateTimeOffset now, CancellationToken ct) =>
        await db.ExecuteScalarAsync<long?>(new CommandDefinition(
            """
            insert into people (name, password, created_at, created_by) values (@name, @password, @now, @by)
            on conflict do nothing returning id
            """,
            new { name, password, now, by }, cancellationToken: ct));

    /// <summary>Gives somebody roles in place of those they have.</summary>
    public static async Task GrantAsync(NpgsqlConnection db, long person, IReadOnlyList<Grant> grants, CancellationToken ct)
    {
        await db.ExecuteAsync(new CommandDefinition("delete from grants where person = @person", new { person }, cancellationToken: ct));
        await db.ExecuteAsync(new CommandDefinition(
            "insert into grants (person, role, warehouse) values (@person, @role, @warehouse)",
            grants.Distinct().Select(g => new { person, role = g.Role.Word(), warehouse = g.Warehouse }), cancellationToken: ct));
    }

    private static Person Of(Row r) => new(
        r.Id, r.Name, r.Closed, new DateTimeOffset(r.CreatedAt, TimeSpan.Zero), r.CreatedBy,
        r.SeenAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null, [.. Parse(r.Grants)], r.IsVouched);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public bool Closed { get; init; }
        public bool IsVouched { get; init; }
        public DateTime CreatedAt { get; init; }
        public string CreatedBy { get; init; } = "";
        public DateTime? SeenAt { get; init; }
        public string[] Grants { get; init; } = [];
    }
}
