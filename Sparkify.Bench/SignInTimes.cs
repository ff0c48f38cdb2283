using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.People;
using Sparkify.Core.Storage;

namespace Sparkify.Bench;

/// <summary>How long a wrong password takes, with names there are and names there are not.</summary>
internal sealed record SignInResult(int Tries, double KnownMilliseconds, double UnknownMilliseconds)
{
    public double Apart => Math.Abs(KnownMilliseconds - UnknownMilliseconds);

    public string ToTable() =>
        $"wrong passwords, medians of {Tries} tries each: {KnownMilliseconds:F2} ms with a name there is, {UnknownMilliseconds:F2} ms with one there is not; "
        + $"{Apart:F2} ms apart (wanted: 5){(Apart > 5 ? "   misses" : "")}\n";
}

/// <summary>
/// Tries wrong passwords in turn with names there are and names there are not: who measures must not learn which is which.
/// </summary>
internal sealed class SignInTimes(BenchArguments arguments, BenchServer server)
{
    private const int Tries = 200;

    public async Task<SignInResult> RunAsync(CancellationToken ct)
    {
        const string Store = "bench_door";
        await server.ExecuteAsync($"drop database if exists {Store} with (force)", ct);
        await server.ExecuteAsync($"create database {Store}", ct);
        var connection = new NpgsqlConnectionStringBuilder(server.Connection) { Database = Store }.ConnectionString;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Sparkify"] = connection,
            ["Sparkify:DataDirectory"] = arguments.Directory,
        });
        builder.Services.AddStorage().AddAudit().AddPeople();
        using var host = builder.Build();
        await host.StartAsync(ct);
        var door = host.Services.GetRequiredService<IDoor>();
        await door.BeginAsync("ann", "correct horse battery", ct);
        // A name for each try: attempts with one would soon have to wait.
        await using (var db = new NpgsqlConnection(connection))
        {
            await db.ExecuteAsync(new CommandDefinition(
                """
                insert into people (name, password, created_at, created_by)
                select 'known' || n, (select password from people where name = 'ann'), now(), 'ann' from generate_series(1, @Tries) n
                """,
                new { Tries }, cancellationToken: ct));
        }

        List<double> known = [], unknown = [];
        await TryAsync("warm", []);
        for (var at = 1; at <= Tries; at++)
        {
            await TryAsync($"known{at}", known);
            await TryAsync($"nobody{at}", unknown);
        }

        await host.StopAsync(ct);
        return new SignInResult(Tries, Median(known), Median(unknown));

        async Task TryAsync(string name, List<double> times)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await door.SignInAsync(name, "wrong, all wrong", new CameFrom("203.0.113.5", "bench"), ct);
                throw new InvalidOperationException("A wrong password was taken.");
            }
            catch (SparkifyException ex) when (ex.Kind == ProblemKind.Denied)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
