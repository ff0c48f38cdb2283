using System.IO.Compression;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// Unpacks a gzip file that may stop in the middle, which <see cref="GZipStream"/> takes for its end. So a member of our own is read after
/// the file: only when the file's last member is whole does it come out as it went in. What comes out are line ends, which no record is
/// made of. Zero bytes may follow the last member, and nothing else.
/// </summary>
internal sealed class WholeGzip : ForwardStream
{
    /// <summary>What comes out of the epilogue.</summary>
    public static readonly byte[] LastWords = [.. Enumerable.Repeat((byte)'\n', 8)];

    /// <summary>The member that is read after a file.</summary>
    public static readonly byte[] Epilogue = Pack(LastWords);

    private readonly GzipInput _input;
    private readonly GZipStream _unpacked;
    private byte[] _tail = [];

    public WholeGzip(Stream stored)
    {
        _input = new GzipInput(stored);
        _unpacked = new GZipStream(_input, CompressionMode.Decompress);
    }

    /// <summary>Whether a name is that of a packed file.</summary>
    public static bool Is(string name) => name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// A file's content, out of how it is stored: unpacked when its name or its first bytes say gzip. Reading throws
    /// <see cref="InvalidDataException"/> when the name lies, this a sentence when it can hold no record.
    /// </summary>
    public static async ValueTask<Stream> UnpackAsync(string name, Stream stored, CancellationToken ct)
    {
        if (Is(name))
        {
            return new WholeGzip(stored);
        }

        try
        {
            var begin = await FileForm.BeginAsync(stored, ct);
            var whole = new Joined(begin, stored);
            return FileForm.IsGzip(name, begin) ? new WholeGzip(whole) : whole;
        }
        catch
        {
            await stored.DisposeAsync(); // the caller never gets it
            throw;
        }
    }

    /// <summary>What to say of a file that lies.</summary>
    public static string Problem(string name) =>
        $"'{name}' ends in .gz but is no gzip, or is damaged. Compress it again, or take the .gz off its name.";

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _unpacked.ReadAsync(buffer, cancellationToken);
        if (count > 0)
        {
            _tail = [.. _tail.Concat(buffer[Math.Max(0, count - LastWords.Length)..count].ToArray()).TakeLast(LastWords.Length)];
        }
        else if (buffer.Length > 0 && !_input.InPadding && !_tail.SequenceEqual(LastWords))
        {
            throw new InvalidDataException("The file stops before its content does.");
        }

        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await _unpacked.DisposeAsync();
        await base.DisposeAsync();
    }

    private static byte[] Pack(byte[] words)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(words);
        }

        return packed.ToArray();
    }

    /// <summary>A stream whose first bytes were read already.</summary>
    private sealed class Joined(ReadOnlyMemory<byte> first, Stream then) : ForwardStream
    {
        private ReadOnlyMemory<byte> _left = first;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left.IsEmpty)
            {
                return await then.ReadAsync(buffer, cancellationToken);
            }

            var count = Math.Min(_left.Length, buffer.Length);
            _left[..count].CopyTo(buffer);
            _left = _left[count..];
            return count;
        }

        public override async ValueTask DisposeAsync()
        {
            await then.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
