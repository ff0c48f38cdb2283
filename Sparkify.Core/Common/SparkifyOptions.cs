using Microsoft.Extensions.Options;

namespace Sparkify.Core.Common;

/// <summary>Settings of the section <c>Sparkify</c>.</summary>
public sealed class SparkifyOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify";

    /// <summary>Who <see cref="AdminPassword"/> lets in.</summary>
    public const string AdminName = "admin";

    /// <summary>Where the embedded PostgreSQL, sample data and keys live; a folder of the user by default.</summary>
    public string DataDirectory { get; set; } = DefaultDataDirectory();

    /// <summary>Whether the first start on an empty store creates, provisions and loads the warehouse <c>sample</c>.</summary>
    public bool AutoSample { get; set; } = true;

    /// <summary>
    /// Folder with the PostgreSQL server programs (<c>initdb</c>, <c>postgres</c>); absent: the usual places are searched.
    /// </summary>
    public string? PostgresBinaries { get; set; }

    /// <summary>
    /// The password of the administrator <c>admin</c>, who is made at the first start with it when nobody is registered; after that it
    /// means nothing.
    /// </summary>
    public string? AdminPassword { get; set; }

    /// <summary>For how many days lines of the audit trail are kept; at least 30.</summary>
    public int AuditDays { get; set; } = 365;

    /// <summary>
    /// The address people use, such as <c>https://warehouse.example.com</c>: notices link to it, and have no links without.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>How many bad records a load may have before it fails, unless the warehouse says otherwise.</summary>
    public int MaxRejects { get; set; } = 1000;

    private static string DefaultDataDirectory() => OperatingSystem.IsLinux() && Environment.UserName == "root"
        ? "/var/lib/sparkify"
        : Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "sparkify");
}

internal sealed class SparkifyOptionsValidator : IValidateOptions<SparkifyOptions>
{
    public ValidateOptionsResult Validate(string? name, SparkifyOptions options)
    {
        List<string> wrong = [];
        if (string.IsNullOrWhiteSpace(options.DataDirectory) || !Path.IsPathFullyQualified(options.DataDirectory))
        {
            wrong.Add($"{SparkifyOptions.Section}:DataDirectory must be an absolute path, was '{options.DataDirectory}'.");
        }

        if (options.AuditDays < 30)
        {
            wrong.Add($"{SparkifyOptions.Section}:AuditDays must be at least 30, was {options.AuditDays}.");
        }

        if (RejectLimits.Problem(options.MaxRejects) is { } limit)
        {
            wrong.Add($"{SparkifyOptions.Section}:MaxRejects: {limit}");
        }

        if (options.PublicUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address)
            && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }))
        {
            wrong.Add($"{SparkifyOptions.Section}:PublicUrl must be an address such as https://warehouse.example.com, was '{url}'.");
        }

        if (options.PostgresBinaries is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            wrong.Add($"{SparkifyOptions.Section}:PostgresBinaries names the folder '{folder}', which does not exist.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
