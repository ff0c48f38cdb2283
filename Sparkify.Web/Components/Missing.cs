using Microsoft.AspNetCore.Components.Endpoints;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Components;

/// <summary>Which addresses lead to nothing. To the router they are pages like any other; programs still want the status.</summary>
internal static class Missing
{
    /// <summary>Whether a request asks for what is not there.</summary>
    public static async Task<bool> IsAsync(HttpContext http, IWarehouses warehouses)
    {
        ArgumentNullException.ThrowIfNull(warehouses);
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return false;
        }

        if (endpoint.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(NotFoundPage))
        {
            return true;
        }

        return endpoint.RoutePattern.RawText?.StartsWith("/warehouses/{Name}", StringComparison.Ordinal) == true
            && (WarehouseTabs.From(http.GetRouteValue("Tab") as string) is null
                || await warehouses.FindAsync((string)http.GetRouteValue("Name")!, http.RequestAborted) is null);
    }
}
