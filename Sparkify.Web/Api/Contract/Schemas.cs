using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning.Redshift.Export;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;

namespace Sparkify.Web.Api.Contract;

/// <summary>Finishes the description: its head, how one signs in, and schemas that say what is so.</summary>
internal sealed class Schemas : IOpenApiDocumentTransformer
{
    private const string RowsPage = "PageOfRows";

    /// <summary>What a type is called.</summary>
    public static string? Name(JsonTypeInfo type) => type.Type == typeof(Page<IReadOnlyList<object?>>) ? RowsPage
        : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "Sparkify Web";
        document.Info.Description =
            "Provision, load, watch and take down data warehouses. Refusals are problem details (RFC 9457) with a sentence for a person; " +
            "unknown parameters and fields are refused. Once people are registered every call but those about health needs a token.";
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Description.Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A token, made on the page of one's account or by POST /api/v1/tokens.",
            },
            [Description.Basic] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "basic",
                Description = "Name and password, only to make a token with.",
            },
        };
        components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        components.Schemas[Description.Problem] = Problem();
        foreach (var schema in components.Schemas.Values.OfType<OpenApiSchema>())
        {
            Settle(schema);
        }

        ReadByHand(document, components.Schemas);

        foreach (var body in Operations(document).Select(static o => o.RequestBody).OfType<OpenApiRequestBody>())
        {
            foreach (var reference in body.Content!.Values.Select(static m => m.Schema).OfType<OpenApiSchemaReference>())
            {
                Demand((OpenApiSchema)components.Schemas[reference.Reference.Id!]);
            }
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<OpenApiOperation> Operations(OpenApiDocument document) =>
        document.Paths.Values.SelectMany(static p => p.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>());

    // What the code reads piece by piece, because there are several forms of it.
    private static void ReadByHand(OpenApiDocument document, IDictionary<string, IOpenApiSchema> schemas)
    {
        foreach (var (body, field, form) in ((string, string, string)[])
            [
                (nameof(CreateWarehouse), "source", nameof(SourceForm)), (nameof(WarehousesApi.SourceTest), "source", nameof(SourceForm)),
                (nameof(ChangeWarehouse), "redshift", nameof(RedshiftSettings)),
            ])
        {
            ((OpenApiSchema)schemas[body]).Properties![field] = new OpenApiSchemaReference(form, document)
            {
                Description = form == nameof(SourceForm)
                    ? "Where the data is; the word \"sample\" is short for {\"sample\": {}}." : "Settings of the cluster; those left out stay.",
            };
        }

        // Which of the things in a list may be none, types in C# do not say.
        foreach (var (answer, field) in ((string, string)[])
            [
                (nameof(QueriesApi.QueryJson), "rows"), (nameof(TableSample), "rows"), (nameof(ReportJson), "rows"), (RowsPage, "items"),
            ])
        {
            var text = answer is nameof(QueriesApi.QueryJson) or nameof(TableSample);
            var rows = (OpenApiSchema)((OpenApiSchema)schemas[answer]).Properties![field];
            rows.Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = text
                    ? new OpenApiSchema
                    {
                        Type = JsonSchemaType.String | JsonSchemaType.Null,
                        Description = "A value as text; null where there is none.",
                    }
                    : new OpenApiSchema { Description = "A value of its column: a text, a number, a truth value, or null." },
            };
        }

        foreach (var tile in (string[])[nameof(DashboardTile), nameof(DashboardsApi.Tile)])
        {
            ((OpenApiSchema)((OpenApiSchema)((OpenApiSchema)schemas[tile]).Properties!["parameters"]).AdditionalProperties!).Type |=
                JsonSchemaType.Null;
        }

        // What stands in query strings only.
        foreach (var words in (Type[])[typeof(RejectOrder), typeof(ExportFormat)])
        {
            schemas[words.Name] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. Enum.GetNames(words).Select(static w => JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(w)))],
            };
        }

        schemas.Remove(nameof(JsonElement));
        // The data of an event is described by its own schema.
        schemas.Remove("SseItemOfRunView");
    }

    // Words are texts, and none is no word: where there may be none, it is said beside the reference.
    private static void Settle(OpenApiSchema schema)
    {
        if (schema.Enum is { Count: > 0 } words)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. words.Where(static w => w is not null && w.GetValueKind() != JsonValueKind.Null)];
        }
    }

    // What has to be given is refused as none.
    private static void Demand(OpenApiSchema schema)
    {
        foreach (var name in schema.Required ?? new HashSet<string>())
        {
            if (schema.Properties![name] is OpenApiSchema property)
            {
                property.Type &= ~JsonSchemaType.Null;
                if (property.OneOf?.OfType<OpenApiSchemaReference>().SingleOrDefault() is { } only)
                {
                    schema.Properties[name] = only;
                }
            }
        }
    }

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What was refused, or went wrong.",
        Required = new HashSet<string> { "type", "title", "status", "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("An address that describes the status.", "uri"),
            ["title"] = Text("The status in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The status." },
            ["detail"] = Text("What is wrong and what to do about it, as a sentence."),
            ["traceId"] = Text("What the log of the application calls this request."),
            ["id"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int64",
                Description = "The run that stands in the way, when one does.",
            },
        },
        Examples =
        [
            JsonNode.Parse(
                """{"type": "https://tools.ietf.org/html/rfc9110#section-15.5.5", "title": "Not Found", "status": 404, "detail": "There is no run 7."}""")!,
        ],
    };

    private static OpenApiSchema Text(string description, string? format = null) =>
        new() { Type = JsonSchemaType.String, Format = format, Description = description };
}
