using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Errors that Redshift words in its own way.</summary>
internal static class Redshift
{
    public static SqlError SerializationFailure(string what) => new("40001", "1023", $"Serializable isolation violation on table - {what}");

    public static SqlError TooLong() =>
        new("22001", "Value too long for character type", "error:  Value too long for character type code: 8001");

    public static SqlError NoFunction(string name) => new(
        "42883", $"function {name}() does not exist", Hint: "No function matches the given name and argument types. You may need to add explicit type casts.");

    public static SqlErrorException NotSupported(string what) => new("0A000", $"{what} is not supported");

    public static SqlErrorException NotOnTables(string name) => new(
        "0A000",
        $"Specified types or functions (one per INFO message) not supported on Redshift tables. Function \"{name}\" not supported.");
}
