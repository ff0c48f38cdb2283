using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sparkify.Simulator.DataPlane;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator;

/// <summary>
/// An AWS account on loopback: STS, IAM, EC2, Redshift, S3 and Secrets Manager at one address. It verifies signatures, keeps
/// state in memory, takes its time and misbehaves on request. Nothing leaves the machine and nothing costs money.
/// </summary>
public sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly World _world;
    private readonly Dispatcher _dispatcher;

    private SimulatorServer(WebApplication app, World world, Dispatcher dispatcher, SimulatorFaults faults)
    {
        (_app, _world, _dispatcher) = (app, world, dispatcher);
        Faults = faults;
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>How it was set up.</summary>
    public SimulatorOptions Options => _world.Options;

    /// <summary>How it misbehaves.</summary>
    public SimulatorFaults Faults { get; }

    /// <summary>
    /// The certificate that its clusters' SQL ports prove who they are with when a client asks for TLS, as PEM: it is its own authority, so
    /// that a client verifies with it as its root. Made at every start, and written beside the state file, if there is one, under its
    /// name with <c>.crt</c>. None without SQL.
    /// </summary>
    public string? SqlCertificate => _world.Sql?.Certificate;

    /// <summary>The calls it has had, oldest first.</summary>
    public IReadOnlyList<SimulatedCall> Calls => _dispatcher.Calls;

    /// <summary>Requests and bytes of S3 by operation, such as <c>GetObject</c>; what COPY reads counts as well.</summary>
    public IReadOnlyDictionary<string, S3Total> S3Totals => _dispatcher.Traffic.Totals;

    /// <summary>Starts one on loopback.</summary>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var world = new World(options);
        world.OpenFolders();
        var keys = world.Keys;
        keys.Add(new AccessKey(options.AccessKey, options.SecretKey));
        var faults = new SimulatorFaults(options.Seed);
        var traffic = new S3Traffic();
        var dispatcher = new Dispatcher(world, new SignatureCheck(keys, TimeProvider.System), faults, traffic);
        world.Sql = options.SqlBackend is { Length: > 0 } backend ? new SqlPlane(world, faults, traffic, backend) : null;

        if (options.StateFile is { Length: > 0 } path)
        {
            world.File = new WorldFile(world, path);
            world.File.Load();
            world.Sql?.Follow();
        }

        // Empty: whatever the surrounding application is configured with (addresses, certificates, logging) is not for this server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 256 * 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        var app = builder.Build();
        var control = new ControlEndpoint(world, dispatcher, faults, options.ControlToken);
        app.Run(context => context.Request.Path.StartsWithSegments(ControlEndpoint.Path, StringComparison.Ordinal)
            ? control.HandleAsync(context)
            : HandleAsync(context, dispatcher));
        await app.StartAsync(ct);
        return new SimulatorServer(app, world, dispatcher, faults);
    }

    /// <summary>Lets in another access key; with a token and an end it is a temporary one.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="token">The token a temporary one comes with.</param>
    /// <param name="expiresAt">When a temporary one ends.</param>
    /// <param name="user">Whose it is; the account's engineer's when left out.</param>
    public void AddKey(string id, string secret, string? token = null, DateTimeOffset? expiresAt = null, string? user = null) =>
        _world.Keys.Add(new AccessKey(id, secret, token, expiresAt)
        {
            Arn = user is null ? null : $"arn:aws:iam::{_world.Account}:user/{user}",
        });

    /// <summary>Takes an access key back.</summary>
    public void RemoveKey(string id) => _world.Keys.Remove(id);

    /// <summary>Ends every temporary password at once, as a cluster that comes back from a snapshot does.</summary>
    public void ForgetTemporaryLogins()
    {
        lock (_world.Gate)
        {
            foreach (var cluster in _world.Regions.SelectMany(static r => r.Clusters.Values))
            {
                cluster.Logins.Clear();
            }
        }
    }

    /// <summary>Creates a bucket.</summary>
    public void CreateBucket(string name, string? region = null)
    {
        lock (_world.Gate)
        {
            _world.Buckets[name] = new Bucket(name, region ?? Options.Region, _world.Now);
        }

        _world.File?.Save();
    }

    /// <summary>Forgets the calls had so far.</summary>
    public void ForgetCalls() => _dispatcher.ForgetCalls();

    /// <summary>Waits until it is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_world.Sql is { } sql)
        {
            await sql.DisposeAsync();
        }
    }

    private static async Task HandleAsync(HttpContext context, Dispatcher dispatcher)
    {
        var request = await AwsRequest.ReadAsync(context, context.RequestAborted);
        if (dispatcher.Answer(request) is not { } reply)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (context.Request.Method == "HEAD" || reply.Status == 204)
        {
            context.Response.ContentLength = reply.DeclaredLength;
            return;
        }

        if (reply.File is { } file)
        {
            context.Response.ContentLength = file.Length;
            await context.Response.SendFileAsync(file.Path, file.From, file.Length, context.RequestAborted);
            return;
        }

        context.Response.ContentLength = reply.Body.Length;
        await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted);
    }
}
