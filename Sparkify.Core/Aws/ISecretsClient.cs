namespace Sparkify.Core.Aws;

/// <summary>A user's name and password out of a secret.</summary>
public sealed record SecretLogin(string User, string Password)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => $"SecretLogin({User})";
}

/// <summary>AWS Secrets Manager, API 2017-10-17: the master passwords Redshift manages.</summary>
public interface ISecretsClient
{
    /// <summary>The login in a secret.</summary>
    Task<SecretLogin> GetLoginAsync(string arn, CancellationToken ct);

    /// <summary>Has the service that manages a secret give it a new password; it does so within about a minute.</summary>
    Task RotateAsync(string arn, CancellationToken ct);

    /// <summary>A secret's tags.</summary>
    Task<IReadOnlyDictionary<string, string>> TagsAsync(string arn, CancellationToken ct);

    /// <summary>Adds tags to a secret.</summary>
    Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken ct);

    /// <summary>Takes tags off a secret.</summary>
    Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken ct);

    /// <summary>Whether a secret is there.</summary>
    Task<bool> ExistsAsync(string arn, CancellationToken ct);

    /// <summary>The ARNs of the secrets whose name begins with a text.</summary>
    Task<IReadOnlyList<string>> ListAsync(string namePrefix, CancellationToken ct);
}
