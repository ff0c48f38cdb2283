using System.Reflection;
using System.Reflection.Emit;

namespace Sparkify.Tests.Architecture;

/// <summary>Which types a type uses: in its bases, fields, signatures, locals and in the instructions of its methods.</summary>
internal static class TypeUses
{
    private const BindingFlags All =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    public static IReadOnlySet<Type> Of(Type type)
    {
        HashSet<Type> uses = [];
        Add(type.BaseType);
        Array.ForEach(type.GetInterfaces(), Add);
        foreach (var field in type.GetFields(All))
        {
            Add(field.FieldType);
        }

        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            Add((method as MethodInfo)?.ReturnType);
            Array.ForEach(method.GetParameters(), p => Add(p.ParameterType));
            if (method.GetMethodBody() is { } body)
            {
                foreach (var local in body.LocalVariables)
                {
                    Add(local.LocalType);
                }

                foreach (var (_, member) in Members(method))
                {
                    Add(member as Type ?? member.DeclaringType);
                    Array.ForEach((member as MethodInfo)?.GetGenericArguments() ?? [], Add);
                }
            }
        }

        return uses;

        void Add(Type? used)
        {
            if (used is null or { IsGenericParameter: true })
            {
                return;
            }

            if (used.HasElementType)
            {
                Add(used.GetElementType());
                return;
            }

            Array.ForEach(used.GetGenericArguments(), Add);
            uses.Add(used.IsGenericType ? used.GetGenericTypeDefinition() : used);
        }
    }

    /// <summary>The instructions of a method that name a type, a field or a method, in their order.</summary>
    public static IEnumerable<(OpCode Code, MemberInfo Member)> Members(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var (ofType, ofMethod) = (method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : []);
        for (var at = 0; at < code.Length;)
        {
            var opcode = OpCodesByValue[code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += opcode.Size;
            if (opcode.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType
                or OperandType.InlineTok)
            {
                yield return (opcode, method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!);
            }

            at += opcode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
