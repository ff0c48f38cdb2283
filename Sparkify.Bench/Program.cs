using Sparkify.Bench;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(BenchArguments.Usage);
    return;
}

// Never disposed of: Ctrl+C may come while the program is ending by itself.
CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
if (args is [Scaling.ChildMark, ..])
{
    await Scaling.ChildAsync(args, stop.Token);
    return;
}

var arguments = BenchArguments.Parse(args);
await using var server = await BenchServer.StartAsync(arguments, stop.Token);
var report = await new Suite(arguments, server).RunAsync(stop.Token);
Console.WriteLine(report.ToTable());
if (arguments.Json is { } file)
{
    await report.WriteJsonAsync(file, stop.Token);
}
