using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>The audit trail of the running application.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task Trail_OfCommandsWithoutAName_SaysWhoGaveThemAndAboutWhat()
    {
        await using var app = await TestApp.StartAsync();
        using var ann = await Visitor.FirstAsync(app);
        await app.CreateAsync("here", new { sample = new { events = 60, songs = 10, days = 1 } }, client: ann.Http);
        using (await ann.Http.PostAsJsonAsync("/api/v1/dashboards", new { name = "Mondays" }))
        using (await ann.Http.DeleteAsync("/api/v1/dashboards/mondays"))
        using (await ann.Http.PostAsJsonAsync("/api/v1/warehouses/here/queries/explain", new { sql = "select 41" }))
        using (await ann.Http.PostAsJsonAsync("/api/v1/warehouses/here/queries?format=csv", new { sql = "select 42" }))
        using (await ann.Http.GetAsync("/api/v1/warehouses/here/reports/top-songs?format=csv"))
        {
        }

        var lines = (await app.Services.GetRequiredService<IAuditTrail>().ListAsync(new AuditFilter(), 1, 50, default)).Items;
        foreach (var (what, warehouse, detail) in new[]
        {
            ("dashboards.delete", null, "id: mondays"), ("queries.explain", "here", "sql: select 41"),
            ("queries.opencsv", "here", "sql: select 42"), ("reports.opencsv", "here", "id: top-songs"),
        })
        {
            var line = Assert.Single(lines, l => l.What == what);
            Assert.Equal(("ann", warehouse, detail), (line.Actor, line.Warehouse, line.Detail));
        }
    }

    [Fact]
    public async Task Trail_OfAnEvening_SaysWhoDidWhatFromWhere_AndWhatWasRefused()
    {
        await using var app = await TestApp.StartAsync();
        await app.CreateAsync("before", new { sample = new { events = 60, songs = 10, days = 1 } });
        using var ann = await Visitor.FirstAsync(app);
        using var wrong = new Visitor(app.Address);
        using (await wrong.SubmitAsync("/sign-in", ("name", "=cmd|' /C calc'!A0"), ("password", "a very secret one")))
        {
        }

        var people = app.Services.GetRequiredService<IPeople>();
        await people.AddAsync("bob", Visitor.Password, [new Grant(Role.Viewer)], Actor.System, default);
        await people.AddAsync("eve", Visitor.Password, [new Grant(Role.Auditor)], Actor.System, default);
        using var bob = await Visitor.SignedInAsync(app, "bob");
        using (await bob.Http.DeleteAsync("/api/v1/warehouses/before"))
        {
        }

        using (await bob.Http.GetAsync("/api/v1/audit"))
        {
        }

        using (await ann.Http.PostAsJsonAsync("/api/v1/queries", new { name = "mine", sql = "select 1" }))
        {
        }

        using var eve = await Visitor.SignedInAsync(app, "eve");
        var csv = await eve.Http.GetStringAsync("/api/v1/audit/download?format=csv");
        var json = await eve.Http.GetStringAsync("/api/v1/audit/download?format=jsonl");
        var lines = json.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => JsonDocument.Parse(l).RootElement)
            .Select(static l => (Text(l, "actor"), Text(l, "what"), Text(l, "warehouse"), Text(l, "outcome"))).ToList();

        Assert.Contains(("local administrator", "warehouses.create", "before", "done"), lines);
        Assert.Contains(("ann", "people.begin", null, "done"), lines);
        Assert.Contains(("ann", "sessions.signin", null, "done"), lines);
        Assert.Contains(("=cmd|' /C calc'!A0", "sessions.signin", null, "refused"), lines);
        Assert.Contains(("bob", "warehouses.forget", "before", "refused"), lines);
        Assert.Contains(("bob", "audittrail.list", null, "refused"), lines);
        Assert.Contains(("ann", "querystore.save", null, "done"), lines);
        Assert.Contains(("eve", "audittrail.all", null, "done"), lines);
        Assert.DoesNotContain("secret", csv);
        Assert.Contains(",'=cmd|' /C calc'!A0,127.0.0.1,sign-in,", csv);
        var refused = await eve.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?outcome=refused&text=forget");
        Assert.Equal(1, refused.GetProperty("total").GetInt64());
        using var wide = await eve.Http.GetAsync("/api/v1/audit/download?format=xml");
        Assert.Equal(HttpStatusCode.BadRequest, wide.StatusCode);

        static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Trail_ByWhomeverIsTheDatabases_IsNotChanged_AndOldLinesGo()
    {
        await using var app = await TestApp.StartAsync();
        var audit = app.Services.GetRequiredService<AuditStore>();
        await audit.WriteAsync("ann", "", "machine", "new", AuditOutcome.Done, default);
        await using var store = NpgsqlDataSource.Create(app.Store);
        foreach (var sql in new[] { "update audit set actor = 'eve'", "delete from audit", "truncate audit" })
        {
            await using var command = store.CreateCommand(sql);
            var ex = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, ex.SqlState);
        }

        await using (var old = store.CreateCommand(
            """
            insert into audit (at, actor, address, via, what, outcome)
            values (now() - interval '366 days', 'ann', '', 'machine', 'old', 'done'),
                   (now() - interval '364 days', 'ann', '', 'machine', 'kept', 'done')
            """))
        {
            await old.ExecuteNonQueryAsync();
        }

        await app.Services.GetServices<IUpkeep>().Single(static u => u.Name == "retention").WorkAsync(default);

        var left = await app.Services.GetRequiredService<IAuditTrail>().ListAsync(new AuditFilter(), 1, 50, default);
        Assert.Equal(["retention.remove", "kept", "new"], left.Items.Select(static l => l.What));
    }
}
