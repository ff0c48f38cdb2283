using System.Buffers;

namespace Sparkify.Core.Sources.Sample;

/// <summary>Writes a sample's files, in folders as the real data is.</summary>
internal sealed class SampleFiles(SampleSource sample, string folder, IProgress<SourcePreparation>? progress)
{
    /// <summary>The folder of the activity log.</summary>
    public const string Events = "log_data";

    /// <summary>The folder of the catalogue.</summary>
    public const string Songs = "song_data";

    private const int ChunkBytes = 256 * 1024;
    private const int SongsPerReport = 100;

    private readonly ArrayBufferWriter<byte> _buffer = new(ChunkBytes + 16 * 1024);
    private readonly long _total = (long)sample.Days + sample.Songs;

    /// <summary>Writes everything; a day's file at a time and a chunk of it in memory.</summary>
    public void Write(CancellationToken ct)
    {
        progress?.Report(new SourcePreparation(0, _total));
        WriteEvents(ct);
        WriteSongs(ct);
        progress?.Report(new SourcePreparation(_total, _total));
    }

    private void WriteEvents(CancellationToken ct)
    {
        var events = new SampleEvents(sample);
        var writer = new SampleEventWriter(events);
        FileStream? file = null;
        try
        {
            var day = -1;
            while (events.TryNext(out var next))
            {
                var its = (int)((next.Second - SampleEvents.FirstSecond) / SampleEvents.Day);
                if (its != day)
                {
                    Flush(file);
                    file?.Dispose();
                    day = its;
                    file = Create(Path.Combine(folder, Events, DayPath(day)));
                    progress?.Report(new SourcePreparation(day, _total));
                }
                else
                {
                    // Between lines only: the real files do not end with one.
                    _buffer.Write("\n"u8);
                }

                writer.Write(next, _buffer);
                if (_buffer.WrittenCount >= ChunkBytes)
                {
                    ct.ThrowIfCancellationRequested();
                    Flush(file);
                }
            }

            Flush(file);
        }
        finally
        {
            file?.Dispose();
        }
    }

    private void WriteSongs(CancellationToken ct)
    {
        var catalogue = SampleSongBook.Catalogue(sample);
        var last = "";
        for (var song = 0; song < sample.Songs; song++)
        {
            var path = Path.Combine(folder, Songs, catalogue.Path(song));
            if (Path.GetDirectoryName(path) is { } parent && parent != last)
            {
                ct.ThrowIfCancellationRequested();
                Directory.CreateDirectory(parent);
                last = parent;
            }

            _buffer.ResetWrittenCount();
            catalogue.Write(song, _buffer);
            File.WriteAllBytes(path, _buffer.WrittenSpan);
            if (song % SongsPerReport == 0)
            {
                progress?.Report(new SourcePreparation(sample.Days + song, _total));
            }
        }
    }

    private static string DayPath(int day)
    {
        var date = DateTimeOffset.FromUnixTimeSeconds(SampleEvents.FirstSecond + ((long)day * SampleEvents.Day));
        return $"{date:yyyy}/{date:MM}/{date:yyyy-MM-dd}-events.json";
    }

    private static FileStream Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    private void Flush(FileStream? file)
    {
        file?.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
