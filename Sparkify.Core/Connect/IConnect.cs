using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Provisioning.Logins;

namespace Sparkify.Core.Connect;

/// <summary>How other programs reach a warehouse's database.</summary>
/// <param name="Database">The database.</param>
/// <param name="Schema">The schema with the star.</param>
/// <param name="User">As whom: one's own login; a word in its place while there is none.</param>
/// <param name="Login">One's own login; none when one has none.</param>
/// <param name="Hindrance">Why one cannot make a login just now, and what to do first, as a sentence; none when one can.</param>
/// <param name="Ways">The ways to it; none while there is nothing to reach.</param>
public sealed record ConnectInfo(
    string Database, string Schema, string User, PersonalLogin? Login, string? Hindrance, IReadOnlyList<ConnectWay> Ways)
{
    /// <summary>Whether there are no logins to be made: whoever has one of the cluster's own uses that.</summary>
    public bool OwnLoginsOnly { get; init; }

    /// <summary>How to get to it in Amazon's Query Editor v2; none where there is none.</summary>
    public QueryEditor? QueryEditor { get; init; }

    /// <summary>The port of this machine that leads to the embedded server; none where there can be none.</summary>
    public LoopbackPort? Port { get; init; }
}

/// <summary>One way to a database.</summary>
/// <param name="Kind">What sort of way.</param>
/// <param name="Host">The host, or the folder of the socket.</param>
/// <param name="Port">The port.</param>
/// <param name="Tls">What there is of TLS, in a few words.</param>
/// <param name="Lines">What to type or to write, for each program.</param>
public sealed record ConnectWay(ConnectWayKind Kind, string Host, int Port, string Tls, IReadOnlyList<ConnectLine> Lines)
{
    /// <summary>Who gets there, as a sentence; none when there is nothing to say.</summary>
    public string? Note { get; init; }
}

/// <summary>What sort of way it is.</summary>
public enum ConnectWayKind
{
    /// <summary>A host on the network.</summary>
    Network,

    /// <summary>The socket of the embedded server.</summary>
    Socket,

    /// <summary>A port of this machine.</summary>
    Loopback,
}

/// <summary>What to type or to write for one program. It holds no password.</summary>
/// <param name="Program">The program.</param>
/// <param name="Text">The line.</param>
/// <param name="Note">How it gets the password, and what else has to be known.</param>
public sealed record ConnectLine(ConnectProgram Program, string Text, string Note);

/// <summary>A program, or a way to write one.</summary>
public enum ConnectProgram
{
    /// <summary>psql.</summary>
    Psql,

    /// <summary>.NET with Npgsql.</summary>
    Npgsql,

    /// <summary>Java.</summary>
    Jdbc,

    /// <summary>Python.</summary>
    Python,

    /// <summary>A tunnel from another machine.</summary>
    Ssh,
}

/// <summary>Amazon's editor for SQL in the browser.</summary>
/// <param name="Address">Its page in the region of the cluster; none where that is not known.</param>
/// <param name="Cluster">What AWS calls the cluster; none where that is not known.</param>
public sealed record QueryEditor(Uri? Address, string? Cluster);

/// <summary>A port of this machine that leads to the embedded server.</summary>
/// <param name="Number">The port; none when nobody has asked for one.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="OpenedBy">By whom.</param>
/// <param name="Fault">Why it is not open though it is to be, as a sentence; none when it is.</param>
public sealed record LoopbackPort(int? Number, DateTimeOffset? OpenedAt = null, string? OpenedBy = null, string? Fault = null);

/// <summary>A login with its password, which is told this once and kept nowhere.</summary>
/// <param name="Login">The login.</param>
/// <param name="Password">Its password.</param>
public sealed record MadeLogin(PersonalLogin Login, string Password)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => $"{nameof(MadeLogin)}({Login.User})";
}

/// <summary>How people get at warehouses with programs of their own.</summary>
[Guarded]
public interface IConnect
{
    /// <summary>How to reach a warehouse's database, with ready lines for one's own login.</summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    Task<ConnectInfo> GetAsync(string warehouse, Actor actor, CancellationToken ct);

    /// <summary>
    /// Makes one's own login, or gives it another password: the one from before is refused at once, and its sessions end. Throws a sentence
    /// when there can be none.
    /// </summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    [Recorded]
    Task<MadeLogin> MakeAsync(string warehouse, Actor actor, CancellationToken ct);

    /// <summary>Removes one's own login and ends its sessions.</summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    [Recorded]
    Task RemoveOwnAsync(string warehouse, Actor actor, CancellationToken ct);

    /// <summary>Everybody's logins, by warehouse and person.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<PersonalLogin>> LoginsAsync(CancellationToken ct);

    /// <summary>Removes somebody's login and ends its sessions.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task RemoveAsync(long id, Actor actor, CancellationToken ct);

    /// <summary>The port of this machine that leads to the embedded server.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    Task<LoopbackPort> PortAsync(CancellationToken ct);

    /// <summary>Opens a port of this machine to the embedded server, until it is closed; a sentence when it is taken.</summary>
    /// <param name="port">Which; none for the configured one, or any that is free.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<LoopbackPort> OpenPortAsync(int? port, Actor actor, CancellationToken ct);

    /// <summary>Closes it, and ends what goes on over it.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task ClosePortAsync(Actor actor, CancellationToken ct);
}
