using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;

namespace Sparkify.Web.Identity;

/// <summary>Who acts in this request or on this circuit, as the door finds it.</summary>
internal sealed class CurrentActor(IDoor door) : ICurrentActor
{
    private ClaimsPrincipal? _user;

    public Actor Actor => Caller?.Actor ?? throw SparkifyException.SignedOut();

    public long? Session => Caller?.Session;

    public string Via => Caller switch
    {
        { Session: { } session } => $"session {session}",
        { Token: { } token } => $"token {token}",
        _ => "machine",
    };

    /// <summary>Whom the door found last.</summary>
    public Caller? Caller { get; private set; }

    public string Address => _user?.FindFirstValue(DoorHandler.Address) ?? "";

    /// <summary>Takes over who asks, and finds out what they may.</summary>
    public async Task UseAsync(ClaimsPrincipal user, CancellationToken ct)
    {
        _user = user;
        await NowAsync(ct);
    }

    public async ValueTask<Actor> NowAsync(CancellationToken ct)
    {
        Caller = await FindAsync(ct);
        return Actor;
    }

    private async ValueTask<Caller?> FindAsync(CancellationToken ct)
    {
        if (_user?.FindFirstValue(DoorHandler.Secret) is { } secret)
        {
            return await door.FindAsync(secret, ct);
        }

        if (_user?.FindFirstValue(DoorHandler.Token) is { } token)
        {
            return await door.FindTokenAsync(token, ct);
        }

        return _user?.HasClaim(DoorHandler.AtTheMachine, "yes") == true && !await door.HasAccountsAsync(ct)
            ? new Caller(Actor.LocalAdministrator, Session: null)
            : null;
    }
}

/// <summary>Brings a circuit whoever opened it, counts it as theirs, and begins it anew when they may something else by now.</summary>
internal sealed class CircuitActor(
    CurrentActor current, AuthenticationStateProvider state, OpenPages pages, NavigationManager navigation) : CircuitHandler
{
    // Whose it is, once it counts, and with what they might when it was opened.
    private string? _person;
    private IReadOnlyList<Grant> _grants = [];

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        await current.UseAsync((await state.GetAuthenticationStateAsync()).User, cancellationToken);
        pages.Enter(current.Actor.Name);
        (_person, _grants) = (current.Actor.Name, current.Actor.Grants.All);
    }

    // A change of roles cuts the connection, and a browser would take up the page where it was, with all that was on it.
    public override async Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (!(await current.NowAsync(cancellationToken)).Grants.All.SequenceEqual(_grants))
        {
            navigation.Refresh(forceReload: true);
        }
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_person is { } person)
        {
            _person = null;
            pages.Leave(person);
        }

        return Task.CompletedTask;
    }
}
