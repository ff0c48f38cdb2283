using Dapper;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>A process that is killed while it makes somebody's own login.</summary>
public sealed class LoginKillTests
{
    [Fact]
    public async Task Kill_BetweenWhatIsWrittenDownAndWhatTheServerDoes_TheNextStartLeavesNoLogin_AndAnotherCanBeMade()
    {
        var app = await AppProcess.StartAsync();
        await using var last = AppProcess.Last(() => app);
        var sample = new { days = 2, events = 400, songs = 50 };
        await app.PostAsync("/api/v1/warehouses", new { name = "one", source = new { sample } });
        await app.PostAsync("/api/v1/warehouses/one/runs", new { kind = "provision", then = "load" });
        await app.EndedAsync("load", 1);
        await using (var holds = await app.ConnectAsync())
        {
            // Nobody is made while it is held.
            await holds.ExecuteAsync("begin; lock table pg_authid in share mode");
            var making = app.Http.PostAsync("/api/v1/warehouses/one/connect/login", null);
            await using var store = await app.ConnectAsync("sparkify");
            await Eventually.BecomesAsync(
                () => store.ExecuteScalarAsync<long>(
                    """
                    select count(*) from personal_logins l, pg_stat_activity a
                    where  l.state = 'making' and a.wait_event_type = 'Lock' and a.query ilike '%role%'
                    """), static waiting => waiting > 0, seconds: 60);
            await app.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => making);
        }

        app = await AppProcess.StartAsync(after: app);
        await using var after = await app.ConnectAsync("sparkify");
        await Eventually.BecomesAsync(
            () => after.ExecuteScalarAsync<long>("select count(*) from personal_logins"), static left => left == 0, seconds: 60);
        Assert.Equal(0, await after.ExecuteScalarAsync<long>("select count(*) from pg_roles where rolname ~ '_p[0-9]+$'"));
        var login = await Core.Connect.Login.MakeAsync(app.Http, "one");
        await using var session = await login.OpenAsync();
        Assert.True(await session.ExecuteScalarAsync<long>("select count(*) from songplays") > 0);
    }
}
