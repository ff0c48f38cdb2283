using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Provisioning.Local;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Connect;

/// <summary>
/// Ends the logins of people who may not query their warehouse any more, and those of before all their sessions were ended: at once
/// when this process changes what somebody may, and by a look each minute, which also finishes what was broken off.
/// </summary>
internal sealed partial class LoginCare(
    PersonalLoginBook book, PersonalLogins logins, Standing standing, IStore store, LocalLogins local,
    ILogger<LoginCare> logger) : BackgroundService, IUpkeep
{
    private readonly Subscription<Stale> _ends = standing.Subscribe();
    private readonly SemaphoreSlim _looking = new(1);
    private volatile bool _unknownGone;
    private readonly LoginRounds _rounds = new(book, logins, logger);

    public string Name => "personal-logins";

    public string Cron => "* * * * *";

    /// <summary>Looks who may not any more, and takes away what is to be taken away.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        if (!_unknownGone)
        {
            await TryAsync(DropUnknownAsync, ct);
        }

        await Task.WhenAll(await BeginAsync(ct)).WaitAsync(ct);
    }

    public override void Dispose()
    {
        _ends.Dispose();
        _rounds.Dispose();
        _looking.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(DropUnknownAsync, stoppingToken);
        await TryAsync(BeginAsync, stoppingToken); // what an earlier process left
        await foreach (var stale in _ends.Reader.ReadAllAsync(stoppingToken))
        {
            if (stale is { Session: null, Token: null })
            {
                await TryAsync(BeginAsync, stoppingToken); // what hangs holds up no look
            }
        }
    }

    private async Task DropUnknownAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(logins.Patience); // a lock that somebody holds is waited for the next minute
        await local.DropUnknownAsync(patience.Token);
        _unknownGone = true;
    }

    private async Task TryAsync(Func<CancellationToken, Task> what, CancellationToken ct)
    {
        try
        {
            await what(ct);
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            NotSeen(logger, ex); // the look of the next minute
        }
    }

    // Writes down what is to end, and gives the rounds that see to it.
    private async Task<IReadOnlyList<Task>> BeginAsync(CancellationToken ct)
    {
        await _looking.WaitAsync(ct);
        try
        {
            foreach (var lost in await LostAsync(ct))
            {
                await book.EndAsync(lost.Id, lost.Warehouse, ct);
            }
        }
        finally
        {
            _looking.Release();
        }

        return [.. (await book.UnsettledAsync(ct)).Select(_rounds.Begin)];
    }

    private async Task<IReadOnlyList<Row>> LostAsync(CancellationToken ct)
    {
        var accounts = await standing.HasAccountsAsync(ct);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<Row>(new CommandDefinition(
            $"""
            select l.id, l.warehouse, l.person,
                   case when p.closed or coalesce(l.replaced_at, l.made_at) < p.logins_since then null else {PersonRows.Grants} end as Grants
            from   personal_logins l left join people p on lower(p.name) = lower(l.person) where l.state = 'good'
            """, cancellationToken: ct));
        return [.. rows.Where(row => !May(row, accounts))];
    }

    private static bool May(Row row, bool accounts) => accounts
        ? row.Grants is { } grants && new Grants(PersonRows.Parse(grants)).MayOn(Right.Ask, row.Warehouse)
        : row.Person == Actor.LocalAdministrator.Name;

    [LoggerMessage(4111, LogLevel.Warning, "Logins that are to end could not be looked after; it is tried again each minute")]
    private static partial void NotSeen(ILogger logger, Exception exception);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Warehouse { get; init; } = "";
        public string Person { get; init; } = "";
        public string[]? Grants { get; init; }
    }
}
