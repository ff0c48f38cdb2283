namespace Sparkify.Core.Sources.Records;

/// <summary>How large a record may be, whoever reads it.</summary>
public static class RecordLimits
{
    /// <summary>How deep objects and arrays may nest; the record itself is the first level.</summary>
    public const int MaxDepth = 512;

    /// <summary>How many bytes a record may have, as Redshift's COPY has it.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;
}
