namespace Sparkify.Core.Reports.Queries;

/// <summary>One of the places of queries and exports; it is free again when it is disposed of.</summary>
internal sealed class QueryPlace(string person, Action<QueryPlace> leave) : IDisposable
{
    private int _left;

    /// <summary>Whose it is.</summary>
    public string Person => person;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            leave(this);
        }
    }
}
