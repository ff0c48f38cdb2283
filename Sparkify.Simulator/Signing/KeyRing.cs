using System.Collections.Concurrent;

namespace Sparkify.Simulator.Signing;

/// <summary>An access key with its secret; temporary ones carry a token and an end.</summary>
internal sealed record AccessKey(string Id, string Secret, string? Token = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Whose it is; none for the account's engineer.</summary>
    public string? Arn { get; init; }


    public override string ToString() => $"AccessKey({Id})";
}

/// <summary>The keys that open the simulator.</summary>
internal sealed class KeyRing
{
    private readonly ConcurrentDictionary<string, AccessKey> _keys = new(StringComparer.Ordinal);

    /// <summary>Takes a key back.</summary>
    public void Remove(string id) => _keys.TryRemove(id, out _);

    public void Add(AccessKey key) => _keys[key.Id] = key;

    public AccessKey? Find(string id) => _keys.GetValueOrDefault(id);
}
