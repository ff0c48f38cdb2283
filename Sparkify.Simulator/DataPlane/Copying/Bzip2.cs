using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.BZip2;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>What bzip2 has packed, read as a stream; damage is told as .NET's own streams tell it.</summary>
internal sealed class Bzip2(Stream packed) : Stream
{
    // Made at the first read, for it reads at once.
    private BZip2InputStream? _unpacked;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            _unpacked ??= new BZip2InputStream(packed);
            return _unpacked.Read(buffer, offset, count);
        }
        catch (Exception e) when (e is SharpZipBaseException or EndOfStreamException or IndexOutOfRangeException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked?.Dispose();
            packed.Dispose();
        }

        base.Dispose(disposing);
    }
}
