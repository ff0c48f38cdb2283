namespace Sparkify.Simulator;

/// <summary>
/// Runs the simulator on its own: <c>dotnet run --project Sparkify.Simulator -- --port 5990</c>, with SQL when there is
/// <c>--sql-backend "Host=…;Username=…"</c>, and with folders as buckets: <c>--bucket:name=/folder</c>.
/// </summary>
internal static class SimulatorProgram
{
    private static async Task Main(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("SPARKIFY_SIMULATOR_").AddCommandLine(args).Build();
        var options = new SimulatorOptions
        {
            Port = configuration.GetValue("port", 5990),
            SqlBackend = configuration["sql-backend"],
            SqlPort = configuration.GetValue("sql-port", 0),
            StateFile = configuration["state-file"],
            Buckets = configuration.GetSection("bucket").GetChildren()
                .ToDictionary(static b => b.Key, static b => b.Value ?? "", StringComparer.Ordinal),
            Delays = configuration.GetValue("instant", defaultValue: false) ? SimulatorDelays.None : new SimulatorDelays(),
        };
        options = configuration["control-token"] is { Length: > 0 } token ? options with { ControlToken = token } : options;
        // Never disposed of: Ctrl+C may come while the program is ending by itself.
        var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using var server = await SimulatorServer.StartAsync(options, stop.Token);
        Console.WriteLine($"The AWS simulator listens on {server.Url} (region {options.Region}).");
        Console.WriteLine($"export AWS_ENDPOINT_URL={server.Url} AWS_REGION={options.Region} AWS_ACCESS_KEY_ID={options.AccessKey} AWS_SECRET_ACCESS_KEY={options.SecretKey}");
        Console.WriteLine($"Its controls: curl -H 'Authorization: Bearer {options.ControlToken}' {server.Url}_simulator/state");
        await server.WaitForShutdownAsync(stop.Token);
    }
}
