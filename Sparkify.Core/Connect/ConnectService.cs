using System.Globalization;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Connect;

/// <summary>Says how to reach a warehouse, and gives people logins of their own.</summary>
internal sealed class ConnectService(
    IWarehouses warehouses, IWarehouseJournal journal, IStore store, PersonalLoginBook book, PersonalLogins logins, LoginCare care,
    LoopbackPorts ports, PersonRights rights) : IConnect
{
    /// <summary>What stands in lines while there is no login.</summary>
    private const string Nobody = "YOUR_LOGIN";

    public async Task<ConnectInfo> GetAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        var found = await warehouses.GetAsync(warehouse, ct);
        var login = await book.FindAsync(warehouse, actor.Name, ct) is { State: PersonalLoginState.Good } good ? good : null;
        var hindrance = await logins.HindranceAsync(found, ct);
        var user = login?.User ?? Nobody;
        var port = found.Target == WarehouseTarget.Local && ports.Possible ? await ports.StateAsync(ct) : null;
        var there = found.State is WarehouseState.Available or WarehouseState.Paused;
        var place = !there ? null : found.Target == WarehouseTarget.Local ? Local(found, user) : OnCluster(found, user);
        return new ConnectInfo(
            place?.Database ?? new LocalNames(warehouse).Database, found.Schemas.Published, user, login, hindrance,
            place is null ? [] : found.Target == WarehouseTarget.Local ? Ways(place, port) : [OfCluster(place, found)])
        {
            OwnLoginsOnly = found.OneLogin,
            QueryEditor = place is { Redshift: true } && !found.Simulated ? await EditorAsync(found, place.Host, ct) : null,
            Port = port,
        };
    }

    public async Task<MadeLogin> MakeAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        // Who asks with a token has it made for their person, whose rights it goes with.
        var made = await logins.MakeAsync(warehouse, actor.Name, ct);
        if (await rights.FindAsync(actor.Name, CancellationToken.None) is { } now && now.May(Right.Ask, warehouse))
        {
            return made;
        }

        await care.WorkAsync(CancellationToken.None); // taken from them meanwhile, when it was not yet there to be found
        throw SparkifyException.Denied($"You may not query '{warehouse}' any more, so the login was removed again.");
    }

    public async Task RemoveOwnAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        await warehouses.GetAsync(warehouse, ct);
        await EndAsync(await book.FindAsync(warehouse, actor.Name, ct) ?? throw SparkifyException.NotFound(
            $"You have no login of '{warehouse}'. It may have been removed already."));
    }

    public Task<IReadOnlyList<PersonalLogin>> LoginsAsync(CancellationToken ct) => book.ListAsync(ct);

    public async Task RemoveAsync(long id, Actor actor, CancellationToken ct) => await EndAsync(await book.FindAsync(id, ct)
        ?? throw SparkifyException.NotFound($"There is no login {id}. It may have been removed already."));

    public Task<LoopbackPort> PortAsync(CancellationToken ct) => ports.StateAsync(ct);

    public Task<LoopbackPort> OpenPortAsync(int? port, Actor actor, CancellationToken ct) => ports.OpenAsync(port, actor, ct);

    public Task ClosePortAsync(Actor actor, CancellationToken ct) => ports.CloseAsync(ct);

    // Written down first; what the server does not do now is tried again, whoever asked may have left.
    private async Task EndAsync(PersonalLogin login)
    {
        await book.EndAsync(login.Id, login.Warehouse, CancellationToken.None);
        try
        {
            await logins.EndAsync(login.Id, CancellationToken.None);
        }
        catch (Exception ex) when ((ex is SparkifyException || WarehouseFaults.OfTheWay(ex)) && DatabaseFaults.Refusal(ex) is null)
        {
            throw SparkifyException.Unavailable(
                $"The server did not remove the login {login.User} just now; it is tried again each minute. {ex.Message}", ex);
        }
    }

    private ConnectPlace Local(Warehouse warehouse, string user)
    {
        var database = new LocalNames(warehouse.Name).Database;
        NpgsqlConnectionStringBuilder text = new(store.ConnectionString(database));
        return new ConnectPlace(text.Host!, text.Port, database, user)
        {
            Tls = ports.Possible ? null : Said(text),
            Certificates = text.RootCertificate,
        };
    }

    private static ConnectPlace OnCluster(Warehouse warehouse, string user)
    {
        var place = warehouse.Endpoint ?? warehouse.Existing?.Place
            ?? throw SparkifyException.Conflict($"It is not known where the cluster of '{warehouse.Name}' answers: provision it again.");
        var here = ExistingCluster.IsLoopback(place.Host);
        return new ConnectPlace(place.Host, place.Port, place.Database, user)
        {
            Redshift = true,
            Tls = !here ? SslMode.VerifyFull : warehouse.Simulated ? SslMode.Disable : SslMode.Prefer,
        };
    }

    private static List<ConnectWay> Ways(ConnectPlace place, LoopbackPort? port)
    {
        if (port is null)
        {
            return [new ConnectWay(
                place.Host.StartsWith('/') ? ConnectWayKind.Socket : ConnectWayKind.Network, place.Host, place.Port, Words(place.Tls),
                ConnectLines.Of(place)) { Note = "As the application reaches the server itself; from another machine its name may be another." }];
        }

        List<ConnectWay> ways =
        [
            new(ConnectWayKind.Socket, place.Host, place.Port, "none: nothing leaves this machine", ConnectLines.Of(place))
            {
                Note = $"On {Environment.MachineName} only, and for the account '{Environment.UserName}', which the application runs as. JDBC knows no sockets: it takes the port.",
            },
        ];
        if (port is { Number: { } number, Fault: null })
        {
            var over = place with { Host = "127.0.0.1", Port = number, Tls = null };
            ways.Add(new ConnectWay(
                ConnectWayKind.Loopback, over.Host, over.Port, "none: nothing leaves this machine",
                [.. ConnectLines.Of(over), ConnectLines.Ssh(Environment.MachineName, number)])
            {
                Note = $"On {Environment.MachineName}, for every account there that has a login and its password.",
            });
        }

        return ways;
    }

    private static ConnectWay OfCluster(ConnectPlace place, Warehouse warehouse) => new(
        ConnectWayKind.Network, place.Host, place.Port, Words(place.Tls), ConnectLines.Of(place))
    {
        Note = (warehouse switch
        {
            { Simulated: true } => "The simulator answers on this machine only, in Redshift's way: it is no Redshift.",
            { Existing: not null } => "From where the cluster lets you in: its security group says.",
            _ => "From where the cluster's security group lets you in. It was opened for the address Sparkify was provisioned from, unless the warehouse says otherwise.",
        }) + (warehouse.Redshift is { WhenIdle: not IdleAction.Nothing }
            ? " What is done over it does not count for the guard over idle clusters, which may stop the cluster meanwhile: keep it longer on the overview." : ""),
    };

    // What stands in the connection string, and what each program does by itself where nothing does.
    private static SslMode? Said(NpgsqlConnectionStringBuilder text) => text.ContainsKey("SSL Mode") ? text.SslMode : null;

    private static string Words(SslMode? tls) => tls switch
    {
        SslMode.Disable => "none",
        SslMode.VerifyFull => "demanded; certificate and name are checked (verify-full)",
        SslMode.VerifyCA => "demanded; the certificate is checked (verify-ca)",
        SslMode.Require => "demanded (require)",
        _ => "where the server has it (prefer)",
    };

    private async Task<QueryEditor> EditorAsync(Warehouse warehouse, string host, CancellationToken ct)
    {
        // By a tunnel or a name of one's own nothing tells what AWS calls it.
        var cluster = warehouse.Existing is { } existing ? existing.Cluster ?? (existing.RegionOfHost is null ? null : existing.Id)
            : new RedshiftNames(warehouse.Name, await journal.StoreIdAsync(ct)).Cluster;
        var region = warehouse.Redshift?.Region ?? new ExistingCluster { Host = host }.RegionOfHost;
        return new QueryEditor(region is null ? null : Console(region), cluster);
    }

    // https://docs.aws.amazon.com/redshift/latest/mgmt/query-editor-v2.html; the other partitions have consoles of their own.
    private static Uri Console(string region)
    {
        var console = region.StartsWith("cn-", StringComparison.Ordinal) ? "console.amazonaws.cn"
            : region.StartsWith("us-gov-", StringComparison.Ordinal) ? "console.amazonaws-us-gov.com"
            : "console.aws.amazon.com";
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{region}.{console}/sqlworkbench/home?region={region}#/client"));
    }
}
