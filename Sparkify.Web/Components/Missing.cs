using Microsoft.AspNetCore.Components.Endpoints;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Components;

/// <summary>Which addresses lead to nothing. To the router they are pages like any other; programs still want the status.</summary>
internal static class Missing
{
    /// <summary>Whether a request asks for what is not there.</summary>
    public static async Task<bool> IsAsync(HttpContext http, IWarehouses warehouses, IRuns runs)
    {
        ArgumentNullException.ThrowIfNull(warehouses);
        ArgumentNullException.ThrowIfNull(runs);
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return false;
        }

        if (endpoint.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(NotFoundPage))
        {
            return true;
        }

        if (endpoint.RoutePattern.RawText == "/runs/{Id:long}")
        {
            return Url.Long(http.GetRouteValue("Id") as string) is { } run && await runs.FindAsync(run, http.RequestAborted) is null;
        }

        return endpoint.RoutePattern.RawText?.StartsWith("/warehouses/{Name}", StringComparison.Ordinal) == true
            && (WarehouseTabs.From(http.GetRouteValue("Tab") as string) is null
                || await warehouses.FindAsync((string)http.GetRouteValue("Name")!, http.RequestAborted) is null);
    }
}
