using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Web.Identity;

namespace Sparkify.Tests.Web;

/// <summary>The right that a page takes.</summary>
public sealed class PageRightsTests
{
    // A page whose right has to be waited for is taken away at each change of its address, and what was typed with it.
    [Theory]
    [InlineData(Role.Engineer, true)]
    [InlineData(Role.Viewer, false)]
    public void Right_OfAPage_IsJudgedAtOnce(Role role, bool has)
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity([], "test"));
        var needed = new RightNeeded(Right.Engineer, Anywhere: false);
        var context = new AuthorizationHandlerContext([needed], user, resource: null);

        var judged = new RightHandler(new Known(role)).HandleAsync(context);

        Assert.True(judged.IsCompletedSuccessfully);
        Assert.Equal(has, context.HasSucceeded);
    }

    private sealed class Known(Role role) : ICurrentActor
    {
        public Actor Actor { get; } = new("ann") { Grants = new Grants([new Grant(role)]) };

        public long? Session => 1;

        public string Address => "127.0.0.1";

        public string Via => "test";

        public ValueTask<Actor> NowAsync(CancellationToken ct) => new(new TaskCompletionSource<Actor>().Task);
    }
}
