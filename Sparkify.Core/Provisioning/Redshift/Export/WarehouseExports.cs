using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Export;

/// <summary>Exports of warehouses on Redshift.</summary>
internal sealed class WarehouseExports(IWarehouses warehouses, ProvisioningContexts contexts) : IWarehouseExports
{
    public async Task<WarehouseExport> ExportAsync(string warehouse, ExportFormat format, CancellationToken ct)
    {
        var found = await warehouses.GetAsync(warehouse, ct);
        if (found.Target != WarehouseTarget.Redshift)
        {
            throw SparkifyException.Invalid($"The warehouse '{warehouse}' is local: there is nothing of it in AWS to be exported.");
        }

        if (found.Existing is not null)
        {
            throw SparkifyException.Invalid($"The warehouse '{warehouse}' uses a cluster that somebody else made: nothing in AWS is its own to be exported.");
        }

        var blueprint = await Blueprint.OfAsync(await contexts.OpenAsync(NewWarehouse.Of(found), ct), ct);
        return format == ExportFormat.CloudFormation
            ? new WarehouseExport($"{warehouse}.template.json", CloudFormation.Write(blueprint))
            : new WarehouseExport($"{warehouse}.tf", Terraform.Write(blueprint));
    }
}
