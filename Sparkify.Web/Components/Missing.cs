using Microsoft.AspNetCore.Components.Endpoints;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Components;

/// <summary>Which addresses lead to nothing. To the router they are pages like any other; programs still want the status.</summary>
internal static class Missing
{
    /// <summary>Whether a request asks for what is not there.</summary>
    public static async Task<bool> IsAsync(HttpContext http, IWarehouses warehouses, IRuns runs, IDashboards dashboards)
    {
        ArgumentNullException.ThrowIfNull(warehouses);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(dashboards);
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

        if (endpoint.RoutePattern.RawText == "/dashboards/{Id}")
        {
            return (await dashboards.ListAsync(http.RequestAborted)).All(d => d.Id != http.GetRouteValue("Id") as string);
        }

        return endpoint.RoutePattern.RawText?.StartsWith("/warehouses/{Name}", StringComparison.Ordinal) == true
            && (WarehouseTabs.From(http.GetRouteValue("Tab") as string) is null
                || await warehouses.FindAsync((string)http.GetRouteValue("Name")!, http.RequestAborted) is null);
    }
}
