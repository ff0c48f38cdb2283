using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Who asks.</summary>
internal static class MeApi
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/me", Me).WithTags("People")
        .Is("whoAmI", "Who you are, and your roles");

    private static MeJson Me(ICurrentActor who) => new(who.Actor.Name, who.Actor.Grants.All);

    /// <summary>Who asks, and with which roles.</summary>
    /// <param name="Name">Their name.</param>
    /// <param name="Roles">Their roles, each over everything or on one warehouse.</param>
    internal sealed record MeJson(string Name, IReadOnlyList<Grant> Roles);
}
