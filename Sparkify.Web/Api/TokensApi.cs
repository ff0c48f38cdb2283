using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;

namespace Sparkify.Web.Api;

/// <summary>Tokens, which programs give as <c>Authorization: Bearer</c>.</summary>
internal static class TokensApi
{
    private const int Days = 90;

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/tokens").WithTags("People");
        group.MapGet("/", (ITokens tokens, Actor actor, CancellationToken ct) => tokens.OwnAsync(actor, ct))
            .WithSummary("Your tokens that are good");
        group.MapPost("/", MakeAsync).WithSummary(
            "Make a token, with HTTP Basic (name and password): what it is for, the role its bearer has at most, on which warehouses, for how many days");
        group.MapDelete("/{id:long}", RevokeAsync).WithSummary("Revoke one of your tokens");
    }

    private static async Task<Created<MadeToken>> MakeAsync(WantedToken body, ITokens tokens, Actor actor, CancellationToken ct)
    {
        var role = body.Role ?? throw SparkifyException.Invalid(
            "Say what the token is for and what its bearer may: {\"name\": \"nightly\", \"role\": \"operator\", \"warehouses\": [\"music\"], \"days\": 90}.");
        var made = await tokens.MakeAsync(new NewToken(body.Name ?? "", role, body.Warehouses, body.Days ?? Days), actor, ct);
        return TypedResults.Created($"/api/v1/tokens/{made.Token.Id}", made);
    }

    private static async Task<NoContent> RevokeAsync(long id, ITokens tokens, Actor actor, CancellationToken ct)
    {
        await tokens.RevokeOwnAsync(id, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>POST /api/v1/tokens</c>.</summary>
    internal sealed record WantedToken(string? Name, Role? Role, string[]? Warehouses = null, int? Days = null);
}
