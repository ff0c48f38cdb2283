using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Wizard;

/// <summary>The last step: a name, a limit, and every resource before it exists.</summary>
public sealed partial class PlanStep
{
    /// <summary>How long a person may pause while typing before the plan is made again.</summary>
    private static readonly TimeSpan Typing = TimeSpan.FromMilliseconds(250);

    private readonly LatestRequest _newest = new();
    private IReadOnlyList<PlannedResource>? _plan;
    private string? _planProblem;

    /// <summary>Makes plans.</summary>
    [Inject]
    public required IWarehousePlans Plans { get; init; }

    /// <summary>What the person has said so far.</summary>
    [Parameter, EditorRequired]
    public required WarehouseDraft Draft { get; set; }

    /// <summary>What the test of the source found.</summary>
    [Parameter, EditorRequired]
    public required SourceReport? Report { get; set; }

    /// <summary>The names there are.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlySet<string> Taken { get; set; }

    /// <summary>Told of every change.</summary>
    [Parameter, EditorRequired]
    public required Action OnChanged { get; set; }

    private string? NameProblem => Draft.NameProblem(Taken);

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        Own(_newest);
        return PlanAsync(TimeSpan.Zero);
    }

    private Task RenameAsync(string name)
    {
        Draft.Name = name.Trim();
        OnChanged();
        return PlanAsync(Typing);
    }

    private Task NameSchemaAsync(string schema)
    {
        Draft.Schema = schema.Trim();
        OnChanged();
        return PlanAsync(Typing);
    }

    private void Limit(int limit)
    {
        Draft.MaxRejects = limit;
        OnChanged();
    }

    private async Task PlanAsync(TimeSpan pause)
    {
        var token = _newest.Next(Life);
        _planProblem = null;
        if (NameProblem is not null || Draft.SchemaProblem is not null)
        {
            _plan = null;
            return;
        }

        try
        {
            await Task.Delay(pause, Clock, token);
            _plan = await LatestRequest.TakeAsync(Plans.PlanAsync(Draft.Request, token), token);
        }
        catch (SparkifyException ex)
        {
            _plan = null;
            _planProblem = ex.Message;
        }
        catch (OperationCanceledException)
        {
            // A newer name is on its way, or the person left.
        }
    }
}
