using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Export;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>The plan of a warehouse on Redshift in other tools' languages.</summary>
internal static class ExportsApi
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/warehouses/{name}/export", ExportAsync)
        .WithTags("Warehouses").Is("exportPlan", "The plan as CloudFormation or Terraform, as it is applied")
        .Answers(MediaTypeNames.Text.Plain, "The file.").Refuses(StatusCodes.Status409Conflict);

    private static async Task<FileContentHttpResult> ExportAsync(
        string name, IWarehouseExports exports, CancellationToken ct, [Words(typeof(ExportFormat))] string? format = null)
    {
        var export = await exports.ExportAsync(
            name, QueryWord.Parse<ExportFormat>(format, nameof(format)) ?? throw SparkifyException.Invalid(
                "Say in which language: ?format=cloudFormation or ?format=terraform."), ct);
        return TypedResults.File(System.Text.Encoding.UTF8.GetBytes(export.Text), MediaTypeNames.Text.Plain, export.FileName);
    }
}
