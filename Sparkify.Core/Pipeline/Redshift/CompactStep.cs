using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Packs thousands of small objects into a few large ones, which the cluster reads in a fraction of the time: it asks for each object
/// by itself, and waits for each.
/// </summary>
internal sealed class CompactStep(ISources sources, S3Buckets buckets, LoadFiles files, IOptions<LoadOptions> options) : ILoadStep
{
    private const long SmallMean = 1024 * 1024;

    public string Name => "compact";

    public string Title => "Pack small objects";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        await files.UnpackAsync(load.Step.Run, ct);
        var source = await sources.OpenAsync(load.Warehouse.Source, progress: null, ct);
        var area = await StagingArea.OpenAsync(load.Warehouse, (LocationSource)load.Warehouse.Source, load.Step.Run, buckets, ct);
        List<string> said = [];
        List<(SourcePart Part, IReadOnlyList<LoadFile> Files)> todo = [];
        foreach (var part in Enum.GetValues<SourcePart>())
        {
            var list = await files.ListAsync(load.Step.Run, part, ct);
            if (IsWorthwhile(list))
            {
                todo.Add((part, list));
            }
        }

        load.Step.Progress.Expect(
            todo.Sum(static t => t.Files.Sum(static f => f.File.File.Bytes)), todo.Sum(static t => (long)t.Files.Count));
        foreach (var (part, list) in todo)
        {
            var packer = new Packer(source, part, area, load.Step.Progress, options.Value);
            var packed = await packer.PackAsync(list.Select(static f => f.File).ToList(), SlicesOf(load.Warehouse.Redshift!), ct);
            await files.PackAsync(load.Step.Run, packed.Files, ct);
            said.Add($"{part.Word()}: {packed.Files.Count:N0} objects of {packed.BytesBefore:N0} bytes became {packed.Parts:N0} of {packed.BytesAfter:N0}");
            load.Step.Log(
                said[^1] + (packed.LeftOut > 0 ? $"; {packed.LeftOut:N0} that are large, or not whole JSON, stay as they are." : "."));
        }

        load.Step.Progress.Message = said.Count > 0 ? string.Join("; ", said) : "Not needed: there are few objects, or they are large";
    }

    private bool IsWorthwhile(IReadOnlyList<LoadFile> list) =>
        options.Value.CompactAbove > 0 && list.Count > options.Value.CompactAbove
            && list.Sum(static f => f.File.File.Bytes) / list.Count < SmallMean;

    // What a node reads at the same time; parts should be a multiple of it. Only superusers may ask the cluster itself.
    private static int SlicesOf(RedshiftSettings settings) => settings.Nodes * settings.NodeType.Split('.')[^1] switch
    {
        "16xlarge" or "12xlarge" => 16,
        "4xlarge" => 4,
        _ => 2,
    };
}
