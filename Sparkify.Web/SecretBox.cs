using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Sparkify.Core.Common;

namespace Sparkify.Web;

/// <summary>Secrets that have to be kept, encrypted with the key ring in the data folder.</summary>
internal sealed class SecretBox(IDataProtectionProvider protection) : ISecretBox
{
    private const string Root = "Sparkify.Secrets";

    public string Close(string purpose, string secret) => protection.CreateProtector(Root, purpose).Protect(secret);

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
}
