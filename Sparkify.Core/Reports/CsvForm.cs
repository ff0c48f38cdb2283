namespace Sparkify.Core.Reports;

/// <summary>How a CSV file is written: what it is for decides, not what is in it.</summary>
/// <param name="ForExcel">Begins with a byte order mark, and no text of it can be taken for a formula; else nothing is altered.</param>
/// <param name="Notes">Whether lines that say what the file is stand before the headings.</param>
public sealed record CsvForm(bool ForExcel, bool Notes)
{
    /// <summary>For people: opens in a spreadsheet as it should, and harms nobody there.</summary>
    public static CsvForm Excel { get; } = new(ForExcel: true, Notes: true);

    /// <summary>For programs: the headings and the rows, and every value as it is.</summary>
    public static CsvForm Raw { get; } = new(ForExcel: false, Notes: false);
}
