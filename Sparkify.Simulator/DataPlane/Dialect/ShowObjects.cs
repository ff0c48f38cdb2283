namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>
/// <c>SHOW DATABASES</c>, <c>SHOW SCHEMAS FROM DATABASE</c>, <c>SHOW TABLES FROM SCHEMA</c> and <c>SHOW COLUMNS FROM TABLE</c>, each with a
/// pattern and a limit: queries of the views that know.
/// </summary>
internal static class ShowObjects
{
    /// <summary>The query; none when it shows something else.</summary>
    public static string? Query(SqlScript script, string database)
    {
        if (script.Word != "show")
        {
            return null;
        }

        var at = 2;
        switch (script[1].Value)
        {
            case "databases":
                return Query(
                    script, at, "database_name, database_owner, database_type, database_acl, database_options as parameters, database_isolation_level",
                    "svv_redshift_databases", "database_name", "true");
            case "schemas":
                var named = Name(script, ref at, "database");
                return Query(
                    script, at, "database_name, schema_name, schema_owner, schema_type, schema_acl, source_database, schema_option", "svv_all_schemas",
                    "schema_name", $"database_name = {Literal(named[^1])}");
            case "tables":
                var schema = Name(script, ref at, "schema");
                Own(schema, 2, database);
                return Query(
                    script, at, "database_name, schema_name, table_name, table_type, table_acl, remarks, owner, last_altered_time, last_modified_time, dist_style, table_subtype",
                    "sim_internal.shown_tables", "table_name", $"schema_name = {Literal(schema[^1])}");
            case "columns":
                var table = Name(script, ref at, "table");
                Own(table, 3, database);
                var within = table.Count > 1 ? $"schema_name = {Literal(table[^2])}" : "schema_name = any (current_schemas(true))";
                return Query(
                    script, at, "database_name, schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, data_type, "
                        + "character_maximum_length, numeric_precision, numeric_scale, remarks, sort_key_type, sort_key_order, distribution_key, encoding, \"collation\"",
                    "sim_internal.shown_columns", "column_name", $"{within} and table_name = {Literal(table[^1])}", "ordinal_position");
            default:
                return null;
        }
    }

    private static string Query(SqlScript script, int at, string columns, string view, string name, string which, string? order = null)
    {
        var text = $"select {columns} from {view} where {which}";
        if (script[at].Is("like") && script[at + 1].Kind == TokenKind.Text)
        {
            (text, at) = ($"{text} and {name} like {script.Raw(at + 1, at + 2)}", at + 2);
        }

        text += $" order by {order ?? name}";
        if (script[at].Is("limit") && script[at + 1].Kind == TokenKind.Number)
        {
            (text, at) = ($"{text} limit {script.Raw(at + 1, at + 2)}", at + 2);
        }

        return at == script.Count ? text : throw script.SyntaxError(at);
    }

    /// <summary>The parts of the name behind FROM and a word.</summary>
    private static List<string> Name(SqlScript script, ref int at, string kind)
    {
        if (!script.Has(at, "from", kind) || !script[at + 2].IsName)
        {
            throw script.SyntaxError(script[at].Is("from") ? script[at + 1].Is(kind) ? at + 2 : at + 1 : at);
        }

        List<string> parts = [script[at += 2].Value];
        for (at++; script[at].Is(".") && script[at + 1].IsName; at += 2)
        {
            parts.Add(script[at + 1].Value);
        }

        return parts;
    }

    private static void Own(List<string> name, int most, string database)
    {
        if (name.Count == most && name[0] != database)
        {
            throw DatabaseNames.Foreign(name[0]);
        }
    }

    private static string Literal(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
