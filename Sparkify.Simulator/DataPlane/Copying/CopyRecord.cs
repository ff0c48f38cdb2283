using System.Buffers;
using System.Runtime.InteropServices;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>A record's bytes, valid until the next; or what is wrong where one should be.</summary>
/// <param name="Bytes">What it says.</param>
/// <param name="Line">The line it ends on, from 1.</param>
/// <param name="Problem">Set when it cannot be a record.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CopyRecord(ReadOnlyMemory<byte> Bytes, long Line, string? Problem);

/// <summary>The records of a file, one after the other.</summary>
internal interface ICopyRecords
{
    long Lines { get; }

    ValueTask<CopyRecord?> NextAsync(CancellationToken ct);
}

/// <summary>Why a record is no row: the column and the value it was found at, where it was one.</summary>
internal sealed record RowProblem(CopyColumn? Column, ValueProblem Problem, string Value = "");

/// <summary>Turns records into rows.</summary>
internal interface ICopyRows
{
    /// <summary>Appends a record's row; a problem says why there is none.</summary>
    RowProblem? Append(ReadOnlyMemory<byte> record, ArrayBufferWriter<byte> rows);
}
