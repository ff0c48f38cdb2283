using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Identity.SingleSignOn;

/// <summary>
/// A sentence for the page where one signs in. It travels in the address, in a form that nobody else can write: no link makes the page say
/// what somebody wants it to.
/// </summary>
internal sealed class SignInNote(IDataProtectionProvider protection)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("sign-in note").ToTimeLimitedDataProtector();

    /// <summary>The address of the page with a sentence.</summary>
    public string Page(string sentence, string? then) =>
        Url.With("/sign-in", ("return", Visit.Inside(then) is "/" ? null : then), ("note", _protector.Protect(sentence, Life)));

    /// <summary>The sentence of an address; none when it has none, or not any more.</summary>
    public string? Read(string? note)
    {
        try
        {
            return string.IsNullOrEmpty(note) ? null : _protector.Unprotect(note);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
