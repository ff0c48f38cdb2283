using Microsoft.AspNetCore.Authorization;
using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;

namespace Sparkify.Web.Identity;

/// <summary>A page or an address needs a right, over everything or anywhere at all.</summary>
internal sealed record RightNeeded(Right Right, bool Anywhere) : IAuthorizationRequirement;

/// <summary>Looks whether who asks has it just now.</summary>
internal sealed class RightHandler(ICurrentActor who) : AuthorizationHandler<RightNeeded>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, RightNeeded requirement)
    {
        if (context.User.Identity is { IsAuthenticated: true }
            && (await who.NowAsync(CancellationToken.None)).Grants is var grants
            && (requirement.Anywhere ? grants.MayAnywhere(requirement.Right) : grants.MayEverywhere(requirement.Right)))
        {
            context.Succeed(requirement);
        }
    }
}
