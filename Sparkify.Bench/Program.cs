using Sparkify.Bench;

var arguments = BenchArguments.Parse(args);
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
await using var server = await BenchServer.StartAsync(arguments, stop.Token);
await new Suite(arguments, server).RunAsync(stop.Token);
