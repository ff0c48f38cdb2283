using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Sparkify.Web.Api.Contract;

/// <summary>Describes each operation: what its parameters mean, a body it takes, all it answers and refuses, and who may call.</summary>
internal sealed class Description : IOpenApiOperationTransformer
{
    /// <summary>The scheme of tokens.</summary>
    public const string Bearer = "bearer";

    /// <summary>The scheme of name and password.</summary>
    public const string Basic = "basic";

    /// <summary>The schema of all refusals.</summary>
    public const string Problem = "ProblemDetails";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var path = "/" + context.Description.RelativePath;
        Parameters(operation, context, path);
        if (metadata.OfType<MoreParameters>().FirstOrDefault() is { } more)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = "parameters",
                In = ParameterLocation.Query,
                Style = ParameterStyle.Form,
                Explode = true,
                Description = more.What,
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            });
        }

        if (operation.RequestBody is OpenApiRequestBody { Content: { } bodies } body)
        {
            body.Required = true;
            foreach (var media in bodies.Values)
            {
                media.Example = metadata.OfType<BodyExample>().FirstOrDefault() is { } example ? JsonNode.Parse(example.Json) : null;
            }
        }

        Answers(operation, metadata);
        Versions(operation, context, metadata);
        if (path.StartsWith("/api/", StringComparison.Ordinal))
        {
            Refusals(operation, context, metadata);
            operation.Security = Security(operation, context.Document!);
        }

        return Task.CompletedTask;
    }

    private static void Parameters(OpenApiOperation operation, OpenApiOperationTransformerContext context, string path)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description ??= ParameterTexts.Of(path, parameter.Name!);
            var words = context.Description.ParameterDescriptions.Where(d => d.Name == parameter.Name)
                .Select(static d => d.ParameterDescriptor).OfType<IParameterInfoParameterDescriptor>()
                .SelectMany(static d => d.ParameterInfo.GetCustomAttributes(typeof(WordsAttribute), inherit: false).Cast<WordsAttribute>())
                .FirstOrDefault();
            if (words?.Type is { } type)
            {
                parameter.Schema = new OpenApiSchemaReference(type.Name, context.Document);
            }
            else if (words is not null && parameter.Schema is OpenApiSchema schema)
            {
                schema.Enum = [.. words.Words.Select(static w => JsonValue.Create(w))];
            }
        }
    }

    private static void Answers(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var answer in metadata.OfType<MediaAnswer>())
        {
            var done = operation.Responses!.First(static r => r.Key[0] == '2').Value;
            done.Content![answer.MediaType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Format = "binary",
                    Description = answer.What,
                },
            };
        }
    }

    private static void Versions(OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata)
    {
        if (!metadata.OfType<HasVersions>().Any())
        {
            return;
        }

        var done = (OpenApiResponse)operation.Responses!.First(static r => r.Key[0] == '2').Value;
        (done.Headers ??= new Dictionary<string, IOpenApiHeader>())["ETag"] = new OpenApiHeader
        {
            Description = "The version of what can be changed.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        };
        if (context.Description.HttpMethod == HttpMethods.Patch)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "The version that was looked at, as ETag gave it: a later change refuses this one.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static void Refusals(OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata)
    {
        var method = context.Description.HttpMethod!;
        SortedSet<int> statuses = [400, 401, 403, 406, 500, 503, .. metadata.OfType<Refusals>().SelectMany(static r => r.Statuses)];
        if (operation.Parameters?.Any(static p => p.In == ParameterLocation.Path) == true)
        {
            statuses.Add(404);
        }

        if (method != HttpMethods.Get)
        {
            statuses.Add(409);
        }

        if (method == HttpMethods.Patch)
        {
            statuses.Add(412);
        }

        if (operation.RequestBody is not null)
        {
            statuses.UnionWith([413, 415]);
        }

        foreach (var status in statuses)
        {
            operation.Responses![$"{status}"] = new OpenApiResponse
            {
                Description = Meaning(status),
                Headers = status == 429 ? new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = new OpenApiHeader
                    {
                        Description = "In how many seconds to try again.",
                        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                    },
                } : null,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(Problem, context.Document) },
                },
            };
        }
    }

    private static List<OpenApiSecurityRequirement> Security(OpenApiOperation operation, OpenApiDocument document)
    {
        List<OpenApiSecurityRequirement> ways = [new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        if (operation.OperationId == TokensApi.Make)
        {
            ways.Add(new() { [new OpenApiSecuritySchemeReference(Basic, document)] = [] });
        }

        return ways;
    }

    private static string Meaning(int status) => status switch
    {
        400 => "The request is wrong: the sentence says what to change.",
        401 => "Nobody is known to ask: give a token.",
        403 => "Whoever asks may not do this.",
        404 => "What was asked for does not exist, or is not there for whoever asks.",
        406 => "The call does not answer in any form the header Accept takes.",
        409 => "The request is right, but not in the present state.",
        412 => "It was changed since the version in the header If-Match.",
        413 => "The body is larger than this call takes.",
        415 => "The body is of another type than this call takes.",
        422 => "The header Idempotency-Key was used for another request before.",
        428 => "Say which version was looked at: give the header If-Match.",
        429 => "Too many attempts, or as many queries and exports at once as there are places: wait as long as the header Retry-After says.",
        500 => "Something unexpected happened; the application's log has the details.",
        503 => "A part the application needs does not answer.",
        _ => throw new InvalidOperationException($"Nobody has said what {status} means."),
    };
}
