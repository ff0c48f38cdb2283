using System.Security.Cryptography;
using System.Text;

namespace Sparkify.Core.Storage;

/// <summary>
/// What PostgreSQL keeps of a password (RFC 5803): sent in its place, the password itself stands in no statement and no log.
/// </summary>
internal static class ScramVerifier
{
    private const int Rounds = 4096;
    private const int SaltBytes = 16;

    /// <summary>The verifier of a password of letters and digits, which need no preparation.</summary>
    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(Key(salted, "Client Key"));
        var server = Key(salted, "Server Key");
        return $"SCRAM-SHA-256${Rounds}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }

    private static byte[] Key(byte[] salted, string name) => HMACSHA256.HashData(salted, Encoding.ASCII.GetBytes(name));
}
