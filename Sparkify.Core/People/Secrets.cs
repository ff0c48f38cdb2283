using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sparkify.Core.People;

/// <summary>
/// Random secrets that are handed out once. Only their hashes are kept, which need no salt: nobody can guess what they are of.
/// </summary>
internal static class Secrets
{
    /// <summary>A new one.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of one.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
