using Sparkify.Core.Common;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Tests.Fakes;

/// <summary>Keys and passwords that can be renewed, as a test says they are.</summary>
internal sealed class FakePasswords : IWarehousePasswords, IStorePassword
{
    public DateTimeOffset KeySince { get; private set; } = DateTimeOffset.UnixEpoch;

    public DateTimeOffset? PasswordSince { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>What becomes of a new key.</summary>
    public RenewedKey Renewed { get; set; } = new([], []);

    /// <summary>The warehouses that have not got the newest key's passwords.</summary>
    public IReadOnlyList<string> Earlier { get; set; } = [];

    public Task<IReadOnlyList<string>> OfEarlierKeysAsync(CancellationToken ct) => Task.FromResult(Earlier);

    public Task<RunView> RotateAsync(string warehouse, Actor actor, CancellationToken ct) =>
        throw new InvalidOperationException("Nobody told this page to rotate anything.");

    public Task<RenewedKey> RenewKeyAsync(Actor actor, CancellationToken ct)
    {
        (KeySince, Earlier) = (DateTimeOffset.UtcNow, Renewed.Later);
        return Task.FromResult(Renewed);
    }

    public Task RenewPasswordAsync(Actor actor, CancellationToken ct)
    {
        PasswordSince = DateTimeOffset.UtcNow;
        return Task.CompletedTask;
    }
}
