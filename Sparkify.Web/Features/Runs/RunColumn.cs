namespace Sparkify.Web.Features.Runs;

/// <summary>The columns of a list of runs that can be left out.</summary>
public enum RunColumn
{
    /// <summary>The warehouse.</summary>
    Warehouse,

    /// <summary>When it began.</summary>
    Started,

    /// <summary>Rows staged.</summary>
    Rows,

    /// <summary>Bad records.</summary>
    Rejects,

    /// <summary>Who started it.</summary>
    By,
}
