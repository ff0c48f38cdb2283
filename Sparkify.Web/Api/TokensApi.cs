using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Tokens, which programs give as <c>Authorization: Bearer</c>.</summary>
internal static class TokensApi
{
    /// <summary>The operation for which a password is taken.</summary>
    public const string Make = "makeToken";

    private const int Days = 90;

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/tokens").WithTags("People");
        group.MapGet("/", (ITokens tokens, Actor actor, CancellationToken ct) => tokens.OwnAsync(actor, ct))
            .Is("listTokens", "Your tokens that are good");
        group.MapPost("/", MakeAsync)
            .Is(Make, "Make a token, with HTTP Basic (name and password): what it is for, the role its bearer has at most, on which warehouses, for how many days")
            .Example("""{"name": "nightly", "role": "operator", "warehouses": ["music"], "days": 90}""")
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status429TooManyRequests);
        group.MapDelete("/{id:long}", RevokeAsync).Is("revokeToken", "Revoke one of your tokens");
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
    /// <param name="Name">What it is for.</param>
    /// <param name="Role">What its bearer may at most.</param>
    /// <param name="Warehouses">Where; wherever its person may when left out.</param>
    /// <param name="Days">For how many days it is good; 90 when left out.</param>
    internal sealed record WantedToken(string? Name, Role? Role, string[]? Warehouses = null, int? Days = null);
}
