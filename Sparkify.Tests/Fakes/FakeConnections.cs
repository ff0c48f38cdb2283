using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;

namespace Sparkify.Tests.Fakes;

/// <summary>Connections that a test holds; AWS takes every key but the one it is told not to.</summary>
internal sealed class FakeConnections : IAwsConnections
{
    private readonly List<AwsConnection> _all = [];

    /// <summary>Why AWS takes none.</summary>
    public string? Problem { get; set; }

    /// <summary>What was asked to be kept, by name.</summary>
    public Dictionary<string, NewAwsConnection> Asked { get; } = new(StringComparer.Ordinal);

    public AwsConnection Have(string name, AwsConnectionKind kind = AwsConnectionKind.Key, params string[] usedBy)
    {
        var made = new AwsConnection(
            name, kind, null, null, null, null, "AKIATESTKEY000000001", "us-west-2", "123456789012", $"arn:aws:iam::123456789012:user/{name}",
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "ann")
        { UsedBy = usedBy };
        _all.RemoveAll(c => c.Name == name);
        _all.Add(made);
        return made;
    }

    public Task<IReadOnlyList<AwsConnectionName>> NamesAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<AwsConnectionName>>(
        [.. _all.Select(static c => new AwsConnectionName(c.Name, c.Kind, c.Account, c.Region))]);

    public Task<AwsConnection> GetAsync(string name, CancellationToken ct) => Task.FromResult(_all.Single(c => c.Name == name));

    public Task<AwsIdentity> WhoAmIAsync(string? connection, CancellationToken ct) => Problem is not null
        ? throw new AwsException(AwsFault.Credentials, Problem)
        : Task.FromResult(new AwsIdentity("123456789012", $"arn:aws:iam::123456789012:user/{connection ?? "machine"}"));

    public Task<IReadOnlyList<AwsConnection>> ListAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<AwsConnection>>([.. _all]);

    public Task<IReadOnlyList<string>> ProfilesAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<string>>(["default"]);

    public Task<AwsConnection> AddAsync(string name, NewAwsConnection login, Actor actor, CancellationToken ct)
    {
        if (Problem is not null)
        {
            throw new AwsException(AwsFault.Credentials, Problem);
        }

        Asked[name] = login;
        return Task.FromResult(Have(name, login.Kind));
    }

    public Task<AwsConnection> ReplaceAsync(string name, NewAwsConnection login, Actor actor, CancellationToken ct) =>
        AddAsync(name, login, actor, ct);

    public Task<AwsConnection> TestAsync(string name, Actor actor, CancellationToken ct) =>
        Task.FromResult(_all.Single(c => c.Name == name));

    public DateTimeOffset KeySince { get; private set; } = DateTimeOffset.UnixEpoch;

    public Task<int> ReencryptAsync(Actor actor, CancellationToken ct)
    {
        KeySince = DateTimeOffset.UtcNow;
        return Task.FromResult(_all.Count);
    }

    public Task DeleteAsync(string name, Actor actor, CancellationToken ct)
    {
        _all.RemoveAll(c => c.Name == name);
        return Task.CompletedTask;
    }
}
