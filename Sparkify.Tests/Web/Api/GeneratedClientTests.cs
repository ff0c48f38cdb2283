using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>A client that nobody wrote: made from the description the application serves, compiled, and set to the main job.</summary>
public sealed class GeneratedClientTests : IAsyncLifetime
{
    // What somebody would write who has nothing but that client.
    private const string Job =
        """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Net.Http;
        using System.Threading;
        using System.Threading.Tasks;
        using Generated;

        public static class Job
        {
            public static async Task<string> RunAsync(HttpClient http, string name, string events, string songs, CancellationToken ct)
            {
                var sparkify = new SparkifyClient(http);
                var described = await sparkify.CreateWarehouseAsync(new CreateWarehouse
                {
                    Name = name,
                    Target = WarehouseTarget.Local,
                    Source = new SourceForm { Events = events, Songs = songs },
                    MaxRejects = 10,
                }, ct);
                if (described.State != WarehouseState.Defined || described.Source.Events != events)
                {
                    throw new InvalidOperationException($"It stands at {described.State}, and reads {described.Source.Events}, not {events}.");
                }

                var plan = await sparkify.PlanWarehouseAsync(name, ct);
                await EndAsync(sparkify, await sparkify.StartRunAsync(
                    name, new StartRun { Kind = RunKind.Provision }, Guid.NewGuid().ToString(), ct), ct);
                var load = await EndAsync(sparkify, await sparkify.StartRunAsync(
                    name, new StartRun { Kind = RunKind.Load }, Guid.NewGuid().ToString(), ct), ct);
                var tables = await sparkify.ListTablesAsync(name, ct);
                var rejects = await sparkify.ListRejectsAsync(name, part: SourcePart.Events, cancellationToken: ct);
                var report = await sparkify.RunReportAsync(
                    name, "plays-over-time", parameters: new Dictionary<string, string> { ["per"] = "month" }, cancellationToken: ct);
                var answer = await sparkify.RunQueryAsync(
                    name, new RunQuery { Sql = "select count(*) from songplays", Parameters = new Dictionary<string, string>() }, cancellationToken: ct);
                string missing;
                try
                {
                    await sparkify.GetWarehouseAsync(name + "x", ct);
                    missing = "found";
                }
                catch (ApiException<ProblemDetails> ex)
                {
                    missing = ex.Result.Detail;
                }

                await EndAsync(sparkify, await sparkify.StartRunAsync(
                    name, new StartRun { Kind = RunKind.Teardown }, Guid.NewGuid().ToString(), ct), ct);
                await sparkify.ForgetWarehouseAsync(name, ct);
                return string.Join('\n',
                    $"planned {plan.Count}", $"steps {load.Steps.Count(s => s.State == StepState.Succeeded)}",
                    $"songplays {tables.Single(t => t.Table == "songplays").Rows}",
                    $"rejects {rejects.Total} {rejects.Items.Single().File}:{rejects.Items.Single().Line}",
                    $"report {report.Rows.Count} {report.Title}", $"query {answer.Rows.Single().Single()}", $"missing {missing}",
                    $"left {(await sparkify.ListWarehousesAsync(ct)).Count}");
            }

            private static async Task<RunView> EndAsync(SparkifyClient sparkify, StartedRun started, CancellationToken ct)
            {
                // The events of a run end with it.
                using (var events = await sparkify.FollowRunAsync(started.Id, ct))
                {
                    await events.Stream.CopyToAsync(Stream.Null, ct);
                }

                var run = await sparkify.GetRunAsync(started.Id, ct);
                return run.State == RunState.Succeeded ? run : throw new InvalidOperationException($"{run.Kind} {run.State}: {run.Error}");
            }
        }
        """;

    private readonly TempFolder _folder = new();
    private TestApp _app = null!;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync();

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Client_MadeFromTheDescription_DoesTheMainJob()
    {
        Source.Write(_folder, [Source.Event(item: 1), "{bad", Source.Event(item: 2)], [Source.Song()]);
        var (events, songs) = (Path.Combine(_folder.Path, "log_data"), Path.Combine(_folder.Path, "song_data"));
        var name = TestApp.NewName();
        var job = Compiled(Job, await ClientAsync()).GetType("Job")!.GetMethod("RunAsync")!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        var said = await (Task<string>)job.Invoke(null, [_app.Http, name, events, songs, limit.Token])!;

        Assert.Equal(
            [
                "planned 3", "steps 11", "songplays 2", "rejects 1 2018/11/events.json:2", "report 1 Plays over time", "query 2",
                $"missing There is no warehouse named '{name}x'. The overview lists those there are.", "left 0",
            ],
            said.Split('\n'));
    }

    private async Task<string> ClientAsync()
    {
        var document = await OpenApiDocument.FromJsonAsync(await _app.Http.GetStringAsync("/openapi/v1.json"));
        return new CSharpClientGenerator(document, new CSharpClientGeneratorSettings
        {
            ClassName = "SparkifyClient",
            UseBaseUrl = false,
            GenerateOptionalParameters = true,
            OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
            CSharpGeneratorSettings =
            {
                Namespace = "Generated",
                JsonLibrary = CSharpJsonLibrary.SystemTextJson,
                GenerateNullableReferenceTypes = true,
                GenerateOptionalPropertiesAsNullable = true,
            },
        }).GenerateFile();
    }

    private static Assembly Compiled(params string[] sources)
    {
        var compilation = CSharpCompilation.Create(
            "Generated", sources.Select(static s => CSharpSyntaxTree.ParseText(s)),
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(
            result.Success, string.Join('\n', result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).Take(20)));
        image.Position = 0;
        return new AssemblyLoadContext("generated").LoadFromStream(image);
    }
}
