using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>The folder on S3 in which a warehouse's loads kept manifests and packed objects.</summary>
internal static class StagingFolder
{
    private const string What = "staging location";

    /// <summary>
    /// Deletes what a killed load may have left in it. The bucket is the source's and stays, so a refusal is told and does not keep
    /// the rest from going.
    /// </summary>
    public static async Task EmptyAsync(
        ProvisioningContext context, LocationSource source, S3Buckets buckets, StepContext step, CancellationToken ct)
    {
        var folder = context.Settings.StagingPath(context.Warehouse, source);
        try
        {
            var s3 = (await buckets.FindAsync(source.Place, folder, What, ct)).S3;
            var count = await s3.EmptyAsync(What, folder, ct);
            step.Log($"Nothing is in {folder} any more; {count:N0} objects were.");
            step.Progress.Message = $"{folder} is empty";
        }
        catch (SparkifyException e)
        {
            step.Warn($"What loads may have left in {folder} was not deleted: {e.Message}");
            step.Progress.Message = "Not looked through";
        }
    }
}
