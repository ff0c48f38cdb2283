using System.Buffers.Binary;
using System.Text;

namespace Sparkify.Tests.Support;

/// <summary>A message of protocol buffers, read without its description: by the numbers of its fields.</summary>
internal sealed class Protobuf
{
    private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

    public Protobuf(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var key = Varint(ref message);
            var field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((field, Varint(ref message), []));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(message), []));
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    _fields.Add((field, 0, message[..length].ToArray()));
                    message = message[length..];
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(message), []));
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"Field {field} has a wire type that is not read here: {key & 7}.");
            }
        }
    }

    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    public IEnumerable<Protobuf> Messages(int field) => _fields.Where(f => f.Field == field).Select(static f => new Protobuf(f.Bytes));

    public Protobuf Message(int field) => Messages(field).FirstOrDefault() ?? new Protobuf([]);

    public string Text(int field) => Encoding.UTF8.GetString(_fields.FirstOrDefault(f => f.Field == field).Bytes ?? []);

    public string Hex(int field) => Convert.ToHexStringLower(_fields.FirstOrDefault(f => f.Field == field).Bytes ?? []);

    public long Number(int field) => (long)_fields.FirstOrDefault(f => f.Field == field).Number;

    public double Double(int field) => BitConverter.Int64BitsToDouble(Number(field));

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
