using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Notices;

/// <summary>In which form a hook takes notices.</summary>
public enum HookForm
{
    /// <summary>A JSON object with all there is to say.</summary>
    Json,

    /// <summary>A message as Slack's incoming webhooks take it, and others that do as they do.</summary>
    Slack,
}

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>It is to be sent, for the first time or again.</summary>
    Pending,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>The receiver did not take it however often it was tried.</summary>
    GivenUp,
}

/// <summary>An address that is called with notices. Its path and its secret are nowhere in it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Host">What of the address is shown: scheme, host and port.</param>
/// <param name="Form">In which form it takes notices.</param>
/// <param name="Events">What it is called for.</param>
/// <param name="Warehouses">For which warehouses; none for all of them, those to come included.</param>
/// <param name="PlainHttp">Whether it may be called without encryption beyond this machine.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="MadeBy">By whom.</param>
/// <param name="Pending">How many notices wait to be sent.</param>
/// <param name="GivenUp">How many of those listed it never took.</param>
/// <param name="DeliveredAt">When it last took one; none when it never did.</param>
public sealed record Hook(
    string Name, string Host, HookForm Form, IReadOnlyList<NoticeEvent> Events, IReadOnlyList<string>? Warehouses, bool PlainHttp,
    DateTimeOffset MadeAt, string MadeBy, long Pending, long GivenUp, DateTimeOffset? DeliveredAt);

/// <summary>What a hook is to be like.</summary>
/// <param name="Url">The address that is called, kept encrypted; when a hook is changed, none for the one it has.</param>
/// <param name="Form">In which form it takes notices.</param>
/// <param name="Events">What it is called for.</param>
/// <param name="Warehouses">For which warehouses; none for all of them, those to come included.</param>
/// <param name="PlainHttp">Whether it may be called without encryption beyond this machine.</param>
public sealed record NewHook(
    string? Url, HookForm Form, IReadOnlyList<NoticeEvent> Events, IReadOnlyList<string>? Warehouses = null, bool PlainHttp = false)
{
    /// <summary>Never the address.</summary>
    public override string ToString() =>
        $"{Form.Word()} for {Words.List([.. Events.Select(static e => e.Word())])} of {(Warehouses is { } some ? Words.List(some) : "all warehouses")}";
}

/// <summary>A hook that was made, with the one chance to see its secret.</summary>
/// <param name="Hook">The hook.</param>
/// <param name="Secret">What signs its notices.</param>
public sealed record MadeHook(Hook Hook, string Secret)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => Hook.ToString();
}

/// <summary>A notice on its way to a hook.</summary>
/// <param name="Id">Its id, which the receiver is told.</param>
/// <param name="At">When it was written.</param>
/// <param name="Event">What happened.</param>
/// <param name="Warehouse">Of which warehouse.</param>
/// <param name="Run">The number of the run it is about; none when it is about none.</param>
/// <param name="Text">What happened, in sentences.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="NextAt">When it is sent next; none when it is not.</param>
/// <param name="EndedAt">When it was delivered or given up; none before.</param>
/// <param name="Said">What came back the last time; none before.</param>
public sealed record Delivery(
    Guid Id, DateTimeOffset At, NoticeEvent Event, string Warehouse, long? Run, string Text, DeliveryState State, int Attempts,
    DateTimeOffset? NextAt, DateTimeOffset? EndedAt, string? Said);

/// <summary>What came of sending something to a hook.</summary>
/// <param name="Delivered">Whether the receiver took it.</param>
/// <param name="Status">The status it answered with; none when it did not answer.</param>
/// <param name="Said">What came back, as a sentence.</param>
public sealed record HookAnswer(bool Delivered, int? Status, string Said);

/// <summary>The hooks that notices are sent to, and what was sent.</summary>
[Guarded]
public interface INotices
{
    /// <summary>Every hook, by name.</summary>
    [Needs(Right.Operate, Subject.All)]
    Task<IReadOnlyList<Hook>> ListAsync(CancellationToken ct);

    /// <summary>One by name; a not-found <see cref="SparkifyException"/> when there is none.</summary>
    [Needs(Right.Operate, Subject.All)]
    Task<Hook> GetAsync(string name, CancellationToken ct);

    /// <summary>What was and is to be sent to a hook, the latest first; of what has ended the latest 200.</summary>
    [Needs(Right.Operate, Subject.All)]
    Task<IReadOnlyList<Delivery>> DeliveriesAsync(string name, CancellationToken ct);

    /// <summary>The name of each hook of which something changed, its deliveries included.</summary>
    [Needs(Right.Operate, Subject.All)]
    Subscription<string> Subscribe();

    /// <summary>Makes a hook, with a secret that is shown this once.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<MadeHook> AddAsync(string name, NewHook hook, Actor actor, CancellationToken ct);

    /// <summary>Gives a hook other settings; it keeps its secret, and its address unless another is given.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<Hook> ChangeAsync(string name, NewHook hook, Actor actor, CancellationToken ct);

    /// <summary>Gives a hook a new secret, which is shown this once and signs from the next notice on.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<MadeHook> RenewSecretAsync(string name, Actor actor, CancellationToken ct);

    /// <summary>Deletes a hook with its deliveries.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task DeleteAsync(string name, Actor actor, CancellationToken ct);

    /// <summary>Sends a hook a notice that says it is a test, now and once.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<HookAnswer> TestAsync(string name, Actor actor, CancellationToken ct);

    /// <summary>Sends a delivery again, under the same id.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task SendAgainAsync(string name, Guid id, Actor actor, CancellationToken ct);
}
