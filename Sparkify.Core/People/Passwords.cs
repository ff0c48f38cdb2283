using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.People;

/// <summary>The rule for passwords, which asks for length and nothing else that people work around, and their hashes.</summary>
internal static class Passwords
{
    /// <summary>The fewest characters.</summary>
    public const int Least = 12;

    private const int Most = 256;
    private const int FewestDifferent = 5;

    private static readonly PasswordHasher<object> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));
    private static readonly object Nobody = new();

    // Verified against when there is nobody of a name, so that this takes as long.
    private static readonly string NobodysHash = Hash(Guid.NewGuid().ToString());

    /// <summary>Throws a sentence when a password will not do.</summary>
    public static void Check(string password, string name)
    {
        var problem = password.Length switch
        {
            < Least => $"A password has at least {Least} characters; a few words in a row are easy to keep in mind.",
            > Most => $"A password has at most {Most} characters.",
            _ when password.Distinct().Count() < FewestDifferent => "The password repeats the same few characters. Choose another one.",
            _ when password.Contains(name, StringComparison.OrdinalIgnoreCase) => "The password has the name in it. Choose another one.",
            _ => null,
        };
        if (problem is not null)
        {
            throw SparkifyException.Invalid(problem);
        }
    }

    /// <summary>What is kept of a password.</summary>
    public static string Hash(string password) => Hasher.HashPassword(Nobody, Normal(password));

    /// <summary>Whether a password is the one of a hash; takes as long when there is none.</summary>
    public static bool Fits(string? hash, string password)
    {
        var result = password.Length > Most ? PasswordVerificationResult.Failed
            : Hasher.VerifyHashedPassword(Nobody, hash ?? NobodysHash, Normal(password));
        return hash is not null && result != PasswordVerificationResult.Failed;
    }

    // Keyboards write one letter in several ways.
    private static string Normal(string password) => password.Normalize(NormalizationForm.FormKC);
}
