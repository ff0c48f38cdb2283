using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>Which of their passwords the roles of a warehouse have: they are computed, and kept nowhere.</summary>
/// <param name="Number">How often they were given new ones.</param>
/// <param name="Key">The key they were computed from; none for the first there was.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RolePasswords(int Number, string? Key);

/// <summary>
/// The keys that passwords of roles are computed from, one a line, the newest last. Older ones stay: a warehouse keeps to its own until
/// it is provisioned.
/// </summary>
internal sealed class WarehouseKeys(IOptions<SparkifyOptions> options)
{
    private const int Bytes = 32;

    private readonly string _file = Path.Combine(options.Value.DataDirectory, "keys", "warehouses.key");
    private readonly Lock _gate = new();
    private IReadOnlyList<byte[]>? _known;

    /// <summary>What the newest is called, whichever process made it.</summary>
    public string Newest => Id(Read()[^1]);

    /// <summary>What the first there was is called.</summary>
    public string First => Id(Known()[0]);

    /// <summary>When the newest was made.</summary>
    public DateTimeOffset Since
    {
        get
        {
            Known();
            return new DateTimeOffset(File.GetLastWriteTimeUtc(_file), TimeSpan.Zero);
        }
    }

    /// <summary>One by what it is called, or the first; throws a sentence when it is not there.</summary>
    public byte[] Find(string? id) => id is null ? Known()[0]
        : Known().FirstOrDefault(k => Id(k) == id) ?? Read().FirstOrDefault(k => Id(k) == id) ?? throw SparkifyException.Conflict(
            "The key that the passwords of this warehouse's roles were computed from is not in keys/warehouses.key any more. Provision the warehouse again: that gives them new ones.");

    /// <summary>Makes another, which counts for every provisioning from now on.</summary>
    public void Add()
    {
        lock (_gate)
        {
            var all = Read().Append(RandomNumberGenerator.GetBytes(Bytes));
            SecretFile.Replace(_file, string.Join('\n', all.Select(Convert.ToHexStringLower)));
            _known = null;
        }
    }

    // No part of the key: what it is called stands in the store.
    private static string Id(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key))[..16];

    private IReadOnlyList<byte[]> Known()
    {
        lock (_gate)
        {
            return _known ??= Read();
        }
    }

    private IReadOnlyList<byte[]> Read()
    {
        lock (_gate)
        {
            KeyFolder.In(options.Value.DataDirectory);
            if (!File.Exists(_file))
            {
                SecretFile.Create(_file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)));
            }

            // Another process on this data folder may have added some.
            var lines = File.ReadLines(_file).Select(static l => l.Trim()).Where(static l => l.Length > 0);
            return _known = [.. lines.Select(Convert.FromHexString)];
        }
    }
}
