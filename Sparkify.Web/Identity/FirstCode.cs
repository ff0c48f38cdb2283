using System.Security.Cryptography;
using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Web.Identity;

/// <summary>
/// The code with which the first administrator is made from elsewhere: printed where the application was started, and good for as long as
/// it runs and nobody is registered.
/// </summary>
internal sealed class FirstCode
{
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>The code.</summary>
    public string Text { get; } = RandomNumberGenerator.GetString(Letters, 20);

    /// <summary>Throws a sentence when it is another one.</summary>
    public void Check(string? typed)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(typed?.Trim() ?? ""), Encoding.UTF8.GetBytes(Text)))
        {
            throw SparkifyException.Denied("That is not the code. It stands where the application was started, in its last lines there.");
        }
    }
}
