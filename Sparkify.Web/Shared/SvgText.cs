using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Sparkify.Web.Shared;

/// <summary>Words in a drawing. In Razor the element's own name means something else, so it is built here.</summary>
public sealed class SvgText : ComponentBase
{
    /// <summary>Where it stands.</summary>
    [Parameter, EditorRequired]
    public required double X { get; set; }

    /// <summary>Where its base line is.</summary>
    [Parameter, EditorRequired]
    public required double Y { get; set; }

    /// <summary>What it says; always text, whatever it holds.</summary>
    [Parameter, EditorRequired]
    public required string? Words { get; set; }

    /// <summary>Its class in the style sheet.</summary>
    [Parameter]
    public string? Look { get; set; }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", X.ToString("0.#", CultureInfo.InvariantCulture));
        builder.AddAttribute(2, "y", Y.ToString("0.#", CultureInfo.InvariantCulture));
        builder.AddAttribute(3, "class", Look);
        builder.AddContent(4, Words);
        builder.CloseElement();
    }
}
