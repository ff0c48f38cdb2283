using Microsoft.Extensions.Options;
using Sparkify.Core.Common.Access;

namespace Sparkify.Web.Identity.SingleSignOn;

/// <summary>Settings of the section <c>Sparkify:SingleSignOn</c>: a provider of OpenID Connect that people sign in with.</summary>
internal sealed class SingleSignOnOptions
{
    public const string Section = "Sparkify:SingleSignOn";

    /// <summary>The provider's address, below which <c>/.well-known/openid-configuration</c> is; none for no single sign-on.</summary>
    public string? Authority { get; set; }

    /// <summary>What the provider knows this application by.</summary>
    public string? ClientId { get; set; }

    /// <summary>What this application proves to the provider with that it is the one.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>What the button calls it: <c>Sign in with NAME</c>.</summary>
    public string Name { get; set; } = "single sign-on";

    /// <summary>What is asked for besides <c>openid</c> and <c>profile</c>, where the provider gives roles for that only.</summary>
    public string[] Scopes { get; set; } = [];

    /// <summary>The claim with a person's name.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The claim with a person's roles or groups.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Which roles go with which values of that claim.</summary>
    public RoleOfValue[] Roles { get; set; } = [];

    /// <summary>Whether there is a single sign-on.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Authority);

    /// <summary>The roles of somebody of whom the provider says these values.</summary>
    public IReadOnlyList<Grant> GrantsOf(IEnumerable<string> values)
    {
        var said = values.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Roles.Where(r => said.Contains(r.Value)).Select(static r => new Grant(Enum.Parse<Role>(r.Role, ignoreCase: true), r.On)),
        ];
    }
}

/// <summary>A role that goes with a value of the claim.</summary>
internal sealed class RoleOfValue
{
    /// <summary>The value, such as the name of a group.</summary>
    public string Value { get; set; } = "";

    /// <summary>The role.</summary>
    public string Role { get; set; } = "";

    /// <summary>The warehouse it is on; none for all of them.</summary>
    public string? Warehouse { get; set; }

    /// <summary>The warehouse; what is empty is none.</summary>
    public string? On => string.IsNullOrEmpty(Warehouse) ? null : Warehouse;
}

/// <summary>Says what is wrong with the settings, before anybody finds out by signing in.</summary>
internal sealed class SingleSignOnOptionsValidator : IValidateOptions<SingleSignOnOptions>
{
    public ValidateOptionsResult Validate(string? name, SingleSignOnOptions options)
    {
        List<string> wrong =
        [
            .. options.IsOn ? Wrong(options)
                : options is { ClientId: null or "", ClientSecret: null or "", Roles: [] } ? []
                : ["Authority is missing: the provider's address, such as https://login.example.com/realms/company."],
        ];
        return wrong.Count == 0 ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(static w => $"{SingleSignOnOptions.Section}:{w}"));
    }

    private static IEnumerable<string> Wrong(SingleSignOnOptions options)
    {
        if (!Uri.TryCreate(options.Authority, UriKind.Absolute, out var authority)
            || !(authority.Scheme == Uri.UriSchemeHttps || IsHere(authority)))
        {
            yield return $"Authority must be an https address, was '{options.Authority}'. Plain http is for a provider on this machine only.";
        }

        if (string.IsNullOrEmpty(options.ClientId))
        {
            yield return "ClientId is missing: what the provider knows this application by.";
        }

        if (string.IsNullOrEmpty(options.ClientSecret))
        {
            yield return "ClientSecret is missing: give it as the environment variable Sparkify__SingleSignOn__ClientSecret.";
        }

        if (Array.Exists([options.Name, options.NameClaim, options.RoleClaim], string.IsNullOrWhiteSpace))
        {
            yield return "Name, NameClaim and RoleClaim must not be empty; leave them out for the usual ones.";
        }

        if (options.Roles.Length == 0)
        {
            yield return "Roles is empty, so nobody could sign in: say which values of the claim give which role.";
        }

        foreach (var (at, role) in options.Roles.Index())
        {
            if (string.IsNullOrEmpty(role.Value))
            {
                yield return $"Roles:{at}:Value is missing: the value of the claim '{options.RoleClaim}' that gives the role.";
            }

            if (!Enum.GetNames<Role>().Contains(role.Role, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"Roles:{at}:Role must be one of {string.Join(", ", Enum.GetNames<Role>()).ToLowerInvariant()}, was '{role.Role}'.";
            }
            else if (role.On is not null && !Enum.Parse<Role>(role.Role, ignoreCase: true).CanBeOnOne())
            {
                yield return $"Roles:{at}: the role {role.Role} is given over everything; leave its Warehouse out.";
            }
        }
    }

    private static bool IsHere(Uri address) => address.Scheme == Uri.UriSchemeHttp
        && Loopback.Is(address.Host);
}
