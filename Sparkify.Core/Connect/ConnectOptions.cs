using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Connect;

/// <summary>Connections of other programs: the section <c>Sparkify:Connect</c>.</summary>
public sealed class ConnectOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify:Connect";

    /// <summary>
    /// The port of this machine that is opened to the embedded server on request, unless one is named; 0 for any that is free.
    /// </summary>
    public int Port { get; set; }

    /// <summary>How many connections that port takes at once.</summary>
    public int PortConnections { get; set; } = 32;

    /// <summary>How many sessions all people's own logins may have at once on the server of the store.</summary>
    public int Sessions { get; set; } = 12;
}

internal sealed class ConnectOptionsValidator : IValidateOptions<ConnectOptions>
{
    public ValidateOptionsResult Validate(string? name, ConnectOptions options) => new SettingRules(ConnectOptions.Section)
        .Within(nameof(options.Port), options.Port, 0, 65535)
        .Within(nameof(options.PortConnections), options.PortConnections, 1, 200)
        .Within(nameof(options.Sessions), options.Sessions, 1, 200)
        .Result;
}
