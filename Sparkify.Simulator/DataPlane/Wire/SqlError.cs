using System.Globalization;
using System.Text;

namespace Sparkify.Simulator.DataPlane.Wire;

/// <summary>An error or notice as the server words it.</summary>
internal sealed record SqlError(string Code, string Message, string? Detail = null, string? Hint = null, int? Position = null)
{
    public string Severity { get; init; } = "ERROR";

    public byte[] ToBody()
    {
        var body = new PgBody().Byte((byte)'S').Text(Severity).Byte((byte)'C').Text(Code).Byte((byte)'M').Text(Message);
        Add('D', Detail);
        Add('H', Hint);
        Add('P', Position?.ToString(CultureInfo.InvariantCulture));
        return body.Byte(0).ToArray();

        void Add(char field, string? text)
        {
            if (text is not null)
            {
                body.Byte((byte)field).Text(text);
            }
        }
    }

    /// <summary>
    /// Reads an ErrorResponse or a NoticeResponse; what 8.0.2 does not send is left out. The constraint's name comes with it.
    /// </summary>
    public static (SqlError Error, string? Constraint) Read(ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<char, string>();
        var reader = new PgReader(body);
        while (!reader.AtEnd && reader.Byte() is var field and not 0)
        {
            fields[(char)field] = reader.Text();
        }

        var position = int.TryParse(fields.GetValueOrDefault('P'), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? at
            : (int?)null;
        var error = new SqlError(
            fields.GetValueOrDefault('C')
                ?? "XX000", fields.GetValueOrDefault('M') ?? "", fields.GetValueOrDefault('D'), fields.GetValueOrDefault('H'), position)
        {
            Severity = fields.GetValueOrDefault('S') ?? "ERROR",
        };
        return (error, fields.GetValueOrDefault('n'));
    }

    /// <summary>The notice an INFO line arrives as.</summary>
    public static SqlError Info(string message) => new("00000", message) { Severity = "INFO" };

    public override string ToString() =>
        new StringBuilder(Severity).Append(": ").Append(Message).Append(Detail is null ? "" : $" DETAIL: {Detail}").ToString();
}

/// <summary>Ends a statement with an error.</summary>
internal sealed class SqlErrorException(SqlError error) : Exception(error.Message)
{
    public SqlErrorException(string code, string message, string? detail = null) : this(new SqlError(code, message, detail))
    {
    }

    public SqlError Error { get; } = error;
}
