using System.Buffers;
using System.Text;

namespace Sparkify.Core.Sources.Sample;

/// <summary>Shows what a sample would hold, without writing a file.</summary>
internal static class SamplePreview
{
    /// <summary>The report of a test, with the first records that a generation would write.</summary>
    public static SourceReport Report(SampleSource sample, string folder)
    {
        var (events, songs) = (Path.Combine(folder, SampleFiles.Events), Path.Combine(folder, SampleFiles.Songs));
        if (SampleLimits.Problem(sample) is { } problem)
        {
            return new SourceReport(
                new SourcePartReport(events, null, null, false, [], problem),
                new SourcePartReport(songs, null, null, false, [], problem),
                null);
        }

        return new SourceReport(
            new SourcePartReport(events, sample.Days, null, false, Events(sample), null),
            new SourcePartReport(songs, sample.Songs, null, false, Songs(sample), null),
            null);
    }

    private static List<string> Events(SampleSource sample)
    {
        var events = new SampleEvents(sample);
        var writer = new SampleEventWriter(events);
        var buffer = new ArrayBufferWriter<byte>();
        List<string> records = [];
        while (records.Count < SourceTest.MostRecords && events.TryNext(out var next))
        {
            buffer.ResetWrittenCount();
            writer.Write(next, buffer);
            records.Add(Encoding.ASCII.GetString(buffer.WrittenSpan));
        }

        return records;
    }

    private static List<string> Songs(SampleSource sample)
    {
        var catalogue = SampleSongBook.Catalogue(sample);
        var buffer = new ArrayBufferWriter<byte>();
        List<string> records = [];
        for (var song = 0; song < Math.Min(sample.Songs, SourceTest.MostRecords); song++)
        {
            buffer.ResetWrittenCount();
            catalogue.Write(song, buffer);
            records.Add(Encoding.ASCII.GetString(buffer.WrittenSpan));
        }

        return records;
    }
}
