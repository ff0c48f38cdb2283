using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;
using Sparkify.Web;

namespace Sparkify.Tests.Architecture;

/// <summary>The rules of docs/architecture.md that a compiler does not know.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Core = typeof(SparkifyException).Assembly;

    /// <summary>What each feature of Core may use besides itself and Common.</summary>
    private static readonly Dictionary<string, string[]> Edges = new(StringComparer.Ordinal)
    {
        ["Common"] = [],
        ["Storage"] = [],
        ["Audit"] = ["Runs", "Storage"],
        ["People"] = ["Audit", "Storage"],
        ["Access"] = ["Audit", "Chains", "People", "Runs", "Schedules", "Sources", "Warehouses"],
        ["Aws"] = ["Storage"],
        ["Runs"] = ["Storage"],
        ["Schedules"] = ["Audit", "People", "Runs", "Storage"],
        ["Star"] = [],
        ["Sources"] = ["Star", "Aws"],
        ["Warehouses"] = ["Star", "Storage", "Aws", "Sources", "Runs"],
        ["Notices"] = ["Runs", "Warehouses", "Storage"],
        ["Provisioning"] = ["Warehouses", "Sources", "Runs", "Notices", "Aws", "Storage"],
        ["Pipeline"] = ["Sources", "Star", "Warehouses", "Runs", "Aws", "Storage"],
        ["Reports"] = ["Star", "Warehouses", "Storage"],
        ["Chains"] = ["Audit", "Notices", "Reports", "Runs", "Warehouses", "Storage"],
        ["Connect"] = ["People", "Provisioning", "Reports", "Runs", "Storage", "Warehouses"],
    };

    /// <summary>What each room of Web may use besides itself, Live and Shared.</summary>
    private static readonly Dictionary<string, string[]> WebEdges = new(StringComparer.Ordinal)
    {
        ["Web.Live"] = [],
        ["Web.Shared"] = [],
        ["Web.Simulation"] = [],
        ["Web.Identity"] = [],
        ["Web.Api"] = [],
        ["Web.Jobs"] = [],
        ["Web.Telemetry"] = [],
        ["Web.Components"] = ["Web.Api", "Web.Identity"],
        ["Features.Home"] =
        [
            "Features.Runs", "Features.Redshift", "Features.Reports", "Features.Dashboards", "Features.Tables", "Features.Schedules",
        ],
        ["Features.Dashboards"] = ["Features.Reports"],
        ["Features.Door"] = ["Web.Api", "Web.Components", "Web.Identity"],
        ["Features.Connections"] = [],
        ["Features.Settings"] = ["Features.Connections"],
        ["Features.Wizard"] = ["Features.Connections", "Features.Redshift", "Features.Sources", "Web.Simulation"],
        ["Features.Warehouses"] =
        [
            "Features.Tables", "Features.Schema", "Features.Sources", "Features.Runs", "Features.Rejects", "Features.Redshift", "Features.Connections",
            "Features.Schedules", "Features.Chains", "Features.Connect",
        ],
        ["Features.Connect"] = [],
        ["Features.Chains"] = ["Features.Redshift"],
        ["Features.Tables"] = [],
        ["Features.Schema"] = [],
        ["Features.Sources"] = [],
        ["Features.Runs"] = ["Features.Chains"],
        ["Features.Schedules"] = [],
        ["Features.Rejects"] = [],
        ["Features.Redshift"] = [],
        ["Features.Reports"] = [],
        ["Features.Query"] = ["Web.Identity"],
    };

    // Shared is made of Live, never the other way round.
    private static bool ServesAll(string user, string used) =>
        used is "Common" || (used == "Web.Live" && user != "Common") || (used == "Web.Shared" && user != "Web.Live");

    [Fact]
    public void Features_OfCore_UseOnlyTheFeaturesTheyMay() => AssertNone(Violations(Uses(Core)));

    [Fact]
    public void Features_OfWeb_UseOnlyTheFeaturesTheyMay()
    {
        var uses = Uses(typeof(SparkifyApp).Assembly).ToList();

        Assert.Contains(uses, static use => use.From.Contains(".Home.", StringComparison.Ordinal)); // that pages are seen at all
        AssertNone(Violations(uses));
    }

    [Fact]
    public void Violations_AForbiddenEdge_IsFound()
    {
        Assert.Equal(
            ["Reports may not use Runs: Sparkify.Core.Reports.X uses Sparkify.Core.Runs.RunView"],
            Violations([
                ("Sparkify.Core.Reports.X", "Sparkify.Core.Runs.RunView"),
                ("Sparkify.Core.Reports.X", "Sparkify.Core.Warehouses.Warehouse"),
                ("Sparkify.Core.Runs.Scheduling.X", "Sparkify.Core.Common.Actor"),
            ]));
        Assert.NotEmpty(Violations([("Sparkify.Core.Unheard.X", "Sparkify.Core.Storage.IStore")]));
    }

    [Fact]
    public void TypeUses_EveryWayToUseAType_IsFound()
    {
        var nested = typeof(Example).GetNestedTypes(BindingFlags.NonPublic).Append(typeof(Example)).SelectMany(TypeUses.Of).ToHashSet();
        Assert.Superset(
            new HashSet<Type> { typeof(IStore), typeof(Warehouse), typeof(RunFilter), typeof(Actor), typeof(
                SparkifyException), typeof(RunView), typeof(IRuns) },
            nested);
    }

    [Fact]
    public void Hangfire_InCore_IsKnownToTheSchedulingFolderOnly() => Assert.Empty(
        from type in OwnTypes(Core)
        where type.Namespace != "Sparkify.Core.Runs.Scheduling"
            && TypeUses.Of(type).Any(used => used.Assembly.GetName().Name!.StartsWith("Hangfire", StringComparison.Ordinal))
        select type.FullName);

    [Fact]
    public void Core_Assembly_KnowsNeitherAspNetNorMudBlazor()
    {
        var references = Core.GetReferencedAssemblies().Select(a => a.Name!).ToList();

        Assert.Contains("Npgsql", references);
        Assert.DoesNotContain(references, name =>
            name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("MudBlazor", StringComparison.Ordinal) ||
            name.StartsWith("Sparkify", StringComparison.Ordinal));
    }

    [Fact]
    public void OurAssemblies_Methods_AreNeverAsyncVoid()
    {
        Assert.Equal(["PlantedAsync"], AsyncVoids([typeof(Example)]));
        Assert.Empty(AsyncVoids(
            new[] { Core, typeof(SparkifyApp).Assembly, typeof(ArchitectureTests).Assembly }.SelectMany(a => a.GetTypes())
                .Where(t => t != typeof(Example))));
    }

    [Fact]
    public void Core_Classes_AreSealedStaticOrAbstract() => Assert.Empty(
        OwnTypes(Core)
            // The one is caught by its base, of the other its runtime makes classes.
            .Where(static type => type is { IsClass: true, IsSealed: false, IsAbstract: false }
                && type != typeof(SparkifyException) && type != typeof(Guard))
            .Select(static type => type.FullName));

    private static IEnumerable<Type> OwnTypes(Assembly assembly) => assembly.GetTypes()
        .Where(t => t.Namespace?.StartsWith("Sparkify.", StringComparison.Ordinal) == true);

    private static List<string> Violations(IEnumerable<(string From, string To)> uses) =>
    [
        .. from use in uses.Distinct()
           let user = Feature(use.From)
           let used = Feature(use.To)
           where user is not null && used is not null && user != used && !ServesAll(user, used)
           where !(user.Contains('.', StringComparison.Ordinal) ? WebEdges : Edges).TryGetValue(user, out var may) || !may.Contains(used)
           select $"{user} may not use {used}: {use.From} uses {use.To}",
    ];

    // Assert.Empty would cut the sentences short.
    private static void AssertNone(List<string> violations) => Assert.True(violations.Count == 0, string.Join('\n', violations));

    private static IEnumerable<(string From, string To)> Uses(Assembly assembly) =>
        from type in OwnTypes(assembly)
        from used in TypeUses.Of(type)
        where used.Assembly == assembly
        select (From: type.FullName!, To: used.FullName!);

    private static string? Feature(string fullName) => fullName.Split('.') switch
    {
        ["Sparkify", "Core", var feature, _, ..] => feature,
        ["Sparkify", "Web", "Features", var feature, _, ..] => $"Features.{feature}",
        ["Sparkify", "Web", var room, _, ..] => $"Web.{room}",
        _ => null,
    };

    private static IEnumerable<string> AsyncVoids(IEnumerable<Type> types) =>
        from type in types
        from method in type.GetMethods(
            BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false)
        select method.Name;

    // Uses a type in every way there is; and holds the one method that must be found.
    private sealed class Example(IStore field)
    {
        public Actor Signature(RunFilter filter) => filter.Page == 0 ? throw SparkifyException.Invalid(field.ToString()!) : Actor.System;

        public static async Task<object> BodyAsync(object given)
        {
            await Task.Yield();
            return given is RunView ? new List<Warehouse>() : typeof(IRuns);
        }

#pragma warning disable MA0155, S3168 // planted
        public static async void PlantedAsync() => await Task.Yield();
#pragma warning restore MA0155, S3168
    }
}
