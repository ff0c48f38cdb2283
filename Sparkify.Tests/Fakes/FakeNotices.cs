using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;

namespace Sparkify.Tests.Fakes;

/// <summary>Hooks the test holds; what is sent to them goes nowhere.</summary>
internal sealed class FakeNotices : INotices
{
    private readonly List<Hook> _all = [];
    private readonly Feed<string> _changes = new();

    public Dictionary<string, NewHook> Asked { get; } = new(StringComparer.Ordinal);

    public List<Delivery> Deliveries { get; } = [];

    public List<Guid> SentAgain { get; } = [];

    public HookAnswer Answer { get; set; } = new(Delivered: true, 200, "The receiver answered 200 OK.");

    public Hook Have(string name, NewHook? hook = null)
    {
        var made = new Hook(
            name, "https://hooks.example.com", hook?.Form ?? HookForm.Json, hook?.Events ?? [NoticeEvent.Failed], hook?.Warehouses,
            PlainHttp: false, DateTimeOffset.UnixEpoch, "ann", Pending: 0, GivenUp: 0, DeliveredAt: null);
        _all.RemoveAll(h => h.Name == name);
        _all.Add(made);
        return made;
    }

    public void Publish(string name) => _changes.Publish(name);

    public Task<IReadOnlyList<Hook>> ListAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<Hook>>([.. _all]);

    public Task<Hook> GetAsync(string name, CancellationToken ct) => Task.FromResult(_all.Single(h => h.Name == name));

    public Task<IReadOnlyList<Delivery>> DeliveriesAsync(string name, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Delivery>>([.. Deliveries]);

    public Subscription<string> Subscribe() => _changes.Subscribe();

    public Task<MadeHook> AddAsync(string name, NewHook hook, Actor actor, CancellationToken ct)
    {
        Asked[name] = hook;
        return Task.FromResult(new MadeHook(Have(name, hook), $"whsec_of_{name}"));
    }

    public Task<Hook> ChangeAsync(string name, NewHook hook, Actor actor, CancellationToken ct)
    {
        Asked[name] = hook;
        return Task.FromResult(Have(name, hook));
    }

    public Task<MadeHook> RenewSecretAsync(string name, Actor actor, CancellationToken ct) =>
        Task.FromResult(new MadeHook(_all.Single(h => h.Name == name), $"whsec_new_{name}"));

    public Task DeleteAsync(string name, Actor actor, CancellationToken ct)
    {
        _all.RemoveAll(h => h.Name == name);
        return Task.CompletedTask;
    }

    public Task<HookAnswer> TestAsync(string name, Actor actor, CancellationToken ct) => Task.FromResult(Answer);

    public Task SendAgainAsync(string name, Guid id, Actor actor, CancellationToken ct)
    {
        SentAgain.Add(id);
        return Task.CompletedTask;
    }
}

/// <summary>What was told, in the test's hands.</summary>
internal sealed class FakeOutbox : INoticeOutbox
{
    public List<(Notice Notice, string Occasion)> Told { get; } = [];

    public Task AddAsync(NpgsqlConnection db, Notice notice, CancellationToken ct, string? occasion = null) =>
        throw new InvalidOperationException("There is no store here: tell it instead.");

    public Task TellAsync(Notice notice, string occasion, CancellationToken ct)
    {
        Told.Add((notice, occasion));
        return Task.CompletedTask;
    }
}
