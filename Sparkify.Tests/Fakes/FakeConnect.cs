using Sparkify.Core.Common;
using Sparkify.Core.Connect;
using Sparkify.Core.Provisioning.Logins;

namespace Sparkify.Tests.Fakes;

/// <summary>Ways to connect, and logins that can be made, as a test says they are.</summary>
internal sealed class FakeConnect : IConnect
{
    private long _made;

    /// <summary>What there is to be said of every warehouse.</summary>
    public ConnectInfo Info { get; set; } = new("sparkify_music", "dwh", "YOUR_LOGIN", null, null, []);

    /// <summary>Everybody's logins.</summary>
    public List<PersonalLogin> All { get; } = [];

    /// <summary>Why nothing is made; none when it is.</summary>
    public string? Problem { get; set; }

    public Task<ConnectInfo> GetAsync(string warehouse, Actor actor, CancellationToken ct) => Task.FromResult(Info);

    public Task<MadeLogin> MakeAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        if (Problem is not null)
        {
            throw SparkifyException.Conflict(Problem);
        }

        var before = Info.Login;
        PersonalLogin login = new(
            before?.Id ?? 1, warehouse, actor.Name, "sparkify_music_ann_p1", PersonalLoginState.Good, DateTimeOffset.UnixEpoch,
            before is null ? null : DateTimeOffset.UnixEpoch, Said: null);
        All.RemoveAll(l => l.Id == login.Id);
        All.Add(login);
        Info = Info with { Login = login, User = login.User };
        return Task.FromResult(new MadeLogin(login, $"planted-password-{++_made}"));
    }

    public Task RemoveOwnAsync(string warehouse, Actor actor, CancellationToken ct) => RemoveAsync(Info.Login!.Id, actor, ct);

    public Task<IReadOnlyList<PersonalLogin>> LoginsAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<PersonalLogin>>([.. All]);

    public Task RemoveAsync(long id, Actor actor, CancellationToken ct)
    {
        All.RemoveAll(l => l.Id == id);
        if (Info.Login?.Id == id)
        {
            Info = Info with { Login = null, User = "YOUR_LOGIN" };
        }

        return Task.CompletedTask;
    }

    public Task<LoopbackPort> PortAsync(CancellationToken ct) => Task.FromResult(Info.Port!);

    public Task<LoopbackPort> OpenPortAsync(int? port, Actor actor, CancellationToken ct)
    {
        Info = Info with { Port = new LoopbackPort(port ?? 55432, DateTimeOffset.UnixEpoch, actor.Name) };
        return Task.FromResult(Info.Port);
    }

    public Task ClosePortAsync(Actor actor, CancellationToken ct)
    {
        Info = Info with { Port = new LoopbackPort(null) };
        return Task.CompletedTask;
    }
}
