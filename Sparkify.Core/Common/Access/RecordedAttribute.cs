namespace Sparkify.Core.Common.Access;

/// <summary>
/// A member whose calls stand in the audit trail, whoever made them and however they ended. What was refused always does.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedAttribute : Attribute;
