namespace Sparkify.Core.Common.Access;

/// <summary>What a person is here: over everything, or (all but the last two) on one warehouse.</summary>
public enum Role
{
    /// <summary>Looks: overview, tables, reports.</summary>
    Viewer,

    /// <summary>Asks: a viewer with queries and exports.</summary>
    Analyst,

    /// <summary>Runs what there is: an analyst who loads, checks, cancels, retries, decides and schedules.</summary>
    Operator,

    /// <summary>Builds: an operator with sources, provisioning, pausing and teardown.</summary>
    Engineer,

    /// <summary>Answers for it all: an engineer with people, settings, the audit trail and the job dashboard.</summary>
    Admin,

    /// <summary>Reviews: a viewer with the audit trail.</summary>
    Auditor,
}

/// <summary>What one may do.</summary>
public enum Right
{
    /// <summary>What is one's own: password, sessions, tokens. Everybody who is signed in.</summary>
    Own,

    /// <summary>Look at a warehouse: overview, runs, tables, rejects, reports.</summary>
    See,

    /// <summary>Ask in SQL, take answers away, arrange dashboards.</summary>
    Ask,

    /// <summary>Load, check, cancel, retry, decide, schedule; look into a source.</summary>
    Operate,

    /// <summary>Describe, provision, change, pause and tear down warehouses, and say where their data is.</summary>
    Engineer,

    /// <summary>Let people in, give them roles, see the job dashboard.</summary>
    Administer,

    /// <summary>Read the audit trail.</summary>
    Audit,

    /// <summary>What the kind of the run asks for.</summary>
    OfTheRun,

    /// <summary>Nobody's: only the application itself.</summary>
    Nobody,
}

/// <summary>Which rights a role has: the one table of it.</summary>
public static class Roles
{
    private static readonly Dictionary<Role, Right[]> Table = new()
    {
        [Role.Viewer] = [Right.Own, Right.See],
        [Role.Analyst] = [Right.Own, Right.See, Right.Ask],
        [Role.Operator] = [Right.Own, Right.See, Right.Ask, Right.Operate],
        [Role.Engineer] = [Right.Own, Right.See, Right.Ask, Right.Operate, Right.Engineer],
        [Role.Admin] = [Right.Own, Right.See, Right.Ask, Right.Operate, Right.Engineer, Right.Administer, Right.Audit],
        [Role.Auditor] = [Right.Own, Right.See, Right.Audit],
    };

    /// <summary>Whether a role has a right.</summary>
    public static bool Has(this Role role, Right right) => Table[role].Contains(right);

    /// <summary>Whether a role can be given on one warehouse; people, settings and the audit trail are everybody's.</summary>
    public static bool CanBeOnOne(this Role role) => role is not (Role.Admin or Role.Auditor);

    /// <summary>The least role that has a right, for a sentence.</summary>
    public static Role Least(Right right) => right == Right.Audit ? Role.Auditor : Enum.GetValues<Role>().First(r => r.Has(right));
}
