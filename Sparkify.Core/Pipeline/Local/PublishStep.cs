using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>
/// Puts the new star in the place of the old one, in one transaction. It first takes every old table from its readers: a statement or
/// transaction that has begun to read the old star ends on the old star, and one that comes later begins on the new. Readers that stay
/// are named; those of our own users are ended when the patience is over.
/// </summary>
internal sealed class PublishStep(PublishedReaders readers, KeptStars kept, IOptions<LoadOptions> options) : ILoadStep
{
    // Most readers are gone in a moment; for the others the worker is given to another run between two looks.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    public string Name => "publish";

    public string Title => "Publish";

    public bool Publishes => true;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        if (await LoadMark.HoldsAsync(db, load.Published, load.Star, ct))
        {
            load.Step.Log("An earlier attempt had published already.");
        }
        else
        {
            var swap = await StarSwap.FindAsync(db, load, ct);
            while (!await swap.TryAsync(db, ct))
            {
                await WaitAsync(db, load, ct);
            }

            load.Step.Log(load.Addition is { } addition
                ? $"Added what is new to the star of load {addition.Star}, in one transaction."
                : $"Put {load.StarName} in the place of the old one, in one transaction.");
        }

        await kept.SettleAsync(db, load, ct);
        load.Step.Progress.Message = $"Readers see {load.StarName}";
    }

    private async Task WaitAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        var patience = options.Value.ReaderPatience;
        var there = await readers.ListAsync(db, load.Published, ct);
        if (load.Step.Elapsed > patience)
        {
            await EndAsync(there, load, patience, ct);
            return;
        }

        if (there.Count > 0)
        {
            load.Step.Progress.Message =
                $"Waiting for readers of the old star: {string.Join(", ", there.Take(5))}{(there.Count > 5 ? $" and {there.Count - 5} more" : "")}. " +
                $"Sessions of the warehouse's own users are ended when {Words(patience)} have passed";
        }

        // Between two attempts readers get through that queued behind the lock we asked for.
        await load.Step.WaitAsync(load.Step.Elapsed < Moment ? BetweenTries : BetweenLooks, ct);
    }

    private async Task EndAsync(IReadOnlyList<PublishedReader> there, LoadContext load, TimeSpan patience, CancellationToken ct)
    {
        if (there.Count == 0)
        {
            throw SparkifyException.Conflict(
                $"Somebody held what this run was to change, though not as a reader of the star, for {Words(patience)}: a kept star or the build. " +
                "Look for who has them open (pg_locks in the warehouse's database), then retry this run.");
        }

        var names = new LocalNames(load.Warehouse.Name);
        List<PublishedReader> stay = [];
        foreach (var reader in there)
        {
            if (names.IsOurs(reader.User) && await readers.EndAsync(reader, ct))
            {
                load.Step.Warn($"Ended {reader}: it kept the new star from its readers for {Words(patience)}.");
            }
            else
            {
                stay.Add(reader);
            }
        }

        if (stay.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"Readers of the old star held its tables for {Words(patience)}, so the new one was not published: {string.Join(", ", stay)}. " +
                $"End them (select pg_terminate_backend({stay[0].Pid})), then retry this run.");
        }
    }

    private static string Words(TimeSpan time) => time.TotalMinutes >= 1 ? $"{time.TotalMinutes:0.#} min" : $"{time.TotalSeconds:0} s";
}
