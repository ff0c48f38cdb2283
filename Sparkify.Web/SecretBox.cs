using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Web;

/// <summary>Secrets that have to be kept, encrypted with the key ring in the data folder.</summary>
internal sealed class SecretBox(
    IDataProtectionProvider protection, IKeyManager keys, IOptions<KeyManagementOptions> options, TimeProvider clock)
    : ISecretBox, IDisposable
{
    private const string Root = "Sparkify.Secrets";

    // What is protected begins with four bytes that say so, and the number of the key.
    private const int Magic = 4, KeyId = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _renewing = new(1);

    public DateTimeOffset KeySince => Current() is var id && keys.GetAllKeys().FirstOrDefault(k => k.KeyId == id) is { } key
        ? key.CreationDate : throw new InvalidOperationException($"The key {id} closes and is not in the ring.");

    public string Close(string purpose, string secret) => protection.CreateProtector(Root, purpose).Protect(secret);

    public async Task RenewAsync(CancellationToken ct)
    {
        await _renewing.WaitAsync(ct);
        try
        {
            var now = clock.GetUtcNow();
            var key = keys.CreateNewKey(now, now + options.Value.NewKeyLifetime);
            var began = clock.GetTimestamp();
            // The ring goes on with the key before until it has read the new one, which it does beside its work and tells nobody of.
            while (!IsInUse(key))
            {
                if (clock.GetElapsedTime(began) > Patience)
                {
                    throw SparkifyException.Unavailable("A new key was made, but the ring of keys does not use it yet. Try again in a moment.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), clock, ct);
            }
        }
        finally
        {
            _renewing.Release();
        }
    }

    public string? Open(string purpose, string closed)
    {
        try
        {
            return protection.CreateProtector(Root, purpose).Unprotect(closed);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void Dispose() => _renewing.Dispose();

    // Or one that another process on this data folder made meanwhile.
    private bool IsInUse(IKey key) => Current() is var id && (id == key.KeyId
        || keys.GetAllKeys().Any(k => k.KeyId == id && k.ActivationDate >= key.ActivationDate));

    private Guid Current() => new(WebEncoders.Base64UrlDecode(Close("", "")).AsSpan(Magic, KeyId));
}
