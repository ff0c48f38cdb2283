using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>How columns may be compressed: accepted and without effect, if Redshift has it for the type.</summary>
internal static class Encodings
{
    private static readonly HashSet<string> ForAll = new(StringComparer.Ordinal) { "raw", "auto", "runlength", "zstd" };

    public static void Check(string encoding, string column, string? type)
    {
        var text = type is "varchar" or "nvarchar" or "text" or "char" or "character" or "nchar" or "bpchar";
        var whole = type is "smallint" or "int2" or "int" or "integer" or "int4" or "bigint" or "int8" or "decimal" or "numeric";
        var moment = type is "date" or "timestamp" or "timestamptz" or "datetime" or "time" or "timetz";
        var truth = type is "boolean" or "bool";
        var fits = ForAll.Contains(encoding) || encoding switch
        {
            "lzo" or "bytedict" => !truth,
            "az64" or "delta" or "delta32k" => whole || moment || type is null,
            "mostly8" or "mostly16" or "mostly32" => whole || type is null,
            "text255" or "text32k" => text || type is null,
            _ => false,
        };
        if (!fits)
        {
            throw new SqlErrorException("0A000", $"invalid encoding type specified for column \"{column}\"");
        }
    }
}
