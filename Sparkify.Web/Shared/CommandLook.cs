namespace Sparkify.Web.Shared;

/// <summary>How a button looks for what it does.</summary>
public enum CommandLook
{
    /// <summary>One of several things to do.</summary>
    Plain,

    /// <summary>The next thing to do; one a page.</summary>
    Next,

    /// <summary>What only a person can decide.</summary>
    Decide,

    /// <summary>What cannot be undone.</summary>
    Harm,
}
