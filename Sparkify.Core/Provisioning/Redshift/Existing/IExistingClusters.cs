using Sparkify.Core.Common.Access;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>What a login into an existing cluster was found to be.</summary>
/// <param name="User">As whom the cluster knows it.</param>
/// <param name="Superuser">Whether it may make users, so that the warehouse gets a loader and a reader of its own.</param>
/// <param name="Version">What the server calls itself.</param>
/// <param name="Role">Whether the cluster could read source and staging location with its role; none when nothing was there.</param>
/// <param name="Problems">What is missing, as sentences that say how to grant it.</param>
public sealed record LoginReport(string User, bool Superuser, string Version, bool? Role, IReadOnlyList<string> Problems)
{
    /// <summary>Why its role could not be tried in the time there was, as a sentence; none when it was, or nothing was there.</summary>
    public string? NotTried { get; init; }

    /// <summary>Whether the warehouse can be provisioned so, as far as it was looked at.</summary>
    public bool Good => Problems.Count == 0;
}

/// <summary>Looks at clusters that somebody else made, before a warehouse uses one.</summary>
[Guarded]
public interface IExistingClusters
{
    /// <summary>
    /// Logs in and looks what is missing; the cluster copies one object of the source into a temporary table, by a manifest in the staging
    /// location. Nothing stays behind. Throws a sentence when there is no way in.
    /// </summary>
    [Needs(Right.Engineer, Subject.All)]
    Task<LoginReport> TestAsync(NewWarehouse request, CancellationToken ct);
}
