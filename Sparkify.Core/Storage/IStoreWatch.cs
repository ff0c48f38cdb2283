using Sparkify.Core.Common;

namespace Sparkify.Core.Storage;

/// <summary>Whether the application's database answers, as it was seen a moment ago: known without asking it.</summary>
public interface IStoreWatch
{
    /// <summary>Whether it did not answer when it was asked last.</summary>
    bool IsAway { get; }

    /// <summary>That it went away, or came back.</summary>
    Subscription<bool> Subscribe();
}
