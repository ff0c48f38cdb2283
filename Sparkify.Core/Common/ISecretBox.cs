namespace Sparkify.Core.Common;

/// <summary>Encrypts secrets that have to be kept, with keys that are not kept beside them.</summary>
public interface ISecretBox
{
    /// <summary>A secret in the form it is kept in.</summary>
    /// <param name="purpose">What it is of: it opens for the same purpose only.</param>
    /// <param name="secret">The secret.</param>
    string Close(string purpose, string secret);

    /// <summary>When the key was made that closes now.</summary>
    DateTimeOffset KeySince { get; }

    /// <summary>Makes a new key, which closes from then on; what was closed with those before opens on.</summary>
    Task RenewAsync(CancellationToken ct);

    /// <summary>The secret again; none when it was closed with other keys, or for another purpose.</summary>
    string? Open(string purpose, string closed);
}
