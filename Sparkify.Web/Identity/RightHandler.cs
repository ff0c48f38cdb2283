using Microsoft.AspNetCore.Authorization;
using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;

namespace Sparkify.Web.Identity;

/// <summary>A page or an address needs a right, over everything or anywhere at all.</summary>
internal sealed record RightNeeded(Right Right, bool Anywhere) : IAuthorizationRequirement;

/// <summary>
/// Looks whether who asks has it, by what was found out when the request came or the circuit last called a service; what ends or changes
/// meanwhile ends the circuit. It answers at once: while a page waits for an answer, the framework takes it away, and makes another one
/// afterwards, without what was typed.
/// </summary>
internal sealed class RightHandler(ICurrentActor who) : AuthorizationHandler<RightNeeded>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RightNeeded requirement)
    {
        if (context.User.Identity is { IsAuthenticated: true }
            && who.Actor.Grants is var grants
            && (requirement.Anywhere ? grants.MayAnywhere(requirement.Right) : grants.MayEverywhere(requirement.Right)))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
