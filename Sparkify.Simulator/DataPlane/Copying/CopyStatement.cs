using System.Globalization;
using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>A <c>COPY … FROM 's3://…'</c> as it was asked for.</summary>
internal sealed record CopyStatement
{
    public string? Schema { get; init; }

    public required string Table { get; init; }

    public IReadOnlyList<string>? Columns { get; init; }

    public required S3Url From { get; init; }

    /// <summary>The role's ARN, or <c>default</c>.</summary>
    public string? Role { get; init; }

    /// <summary><c>auto</c>, <c>auto ignorecase</c> or where the JSONPaths file is.</summary>
    public string? Json { get; init; }

    public bool Manifest { get; init; }

    public bool Gzip { get; init; }

    public string? TimeFormat { get; init; }

    public string? Region { get; init; }

    public int MaxError { get; init; }

    public bool IgnoreAllErrors { get; init; }

    public bool NoLoad { get; init; }

    public bool TruncateColumns { get; init; }

    public bool BlanksAsNull { get; init; }

    public bool EmptyAsNull { get; init; }

    public bool RoundDecimals { get; init; }

    public bool ExplicitIds { get; init; }

    /// <summary>What stands for bytes that are no UTF-8; none when they are an error.</summary>
    public char? InvalidCharacters { get; init; }

    public static CopyStatement Parse(SqlScript script)
    {
        var at = 1;
        var table = script[at++].Value;
        string? schema = null;
        if (script[at].Is("."))
        {
            (schema, table, at) = (table, script[at + 1].Value, at + 2);
        }

        List<string>? columns = null;
        if (script[at].Is("("))
        {
            columns = [.. script.Items(at + 1, script.Close(at)).Select(i => script[i.From].Value)];
            at = script.Close(at) + 1;
        }

        if (!script[at].Is("from"))
        {
            throw script.SyntaxError(at);
        }

        if (script[at + 1].Kind != TokenKind.Text || S3Url.TryParse(script[at + 1].Value) is not { } from)
        {
            throw new SqlErrorException(new SqlError("0A000", "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)",
                Hint: "In the simulator it is S3: COPY … FROM 's3://bucket/prefix'."));
        }

        return Options(script, at + 2, new CopyStatement { Schema = schema, Table = table, Columns = columns, From = from }).Checked();
    }

    private static CopyStatement Options(SqlScript script, int at, CopyStatement copy)
    {
        while (at < script.Count)
        {
            var word = script[at++].Value;
            switch (word)
            {
                case "with" or "format" or "as":
                    break;
                case "iam_role":
                    copy = copy with { Role = script[at].Is("default") ? Word() : Text() };
                    break;
                case "credentials":
                    var credentials = Text();
                    copy = copy with
                    {
                        Role = credentials.StartsWith("aws_iam_role=", StringComparison.Ordinal) ? credentials["aws_iam_role=".Length..]
                            : throw new SqlErrorException("0A000", "The simulator takes CREDENTIALS of the form 'aws_iam_role=…' only."),
                    };
                    break;
                case "json":
                    copy = copy with { Json = script[at].Kind == TokenKind.Text || script[at].Is("as") ? Text() : "auto" };
                    break;
                case "manifest":
                    copy = copy with { Manifest = true };
                    break;
                case "gzip":
                    copy = copy with { Gzip = true };
                    break;
                case "timeformat":
                    copy = copy with { TimeFormat = Text() };
                    break;
                case "dateformat" or "encoding":
                    Value();
                    break;
                case "region":
                    copy = copy with { Region = Text() };
                    break;
                case "maxerror":
                    copy = copy with
                    {
                        MaxError = int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var most)
                            && most <= 100_000 ? most
                            : throw new SqlErrorException("22023", "The value for MAXERROR must be between 0 and 100000."),
                    };
                    break;
                case "noload":
                    copy = copy with { NoLoad = true };
                    break;
                case "compupdate" or "statupdate":
                    at += script[at].Value is "on" or "off" or "true" or "false" or "preset" ? 1 : 0;
                    break;
                case "comprows":
                    Value();
                    break;
                case "acceptinvchars":
                    copy = copy with { InvalidCharacters = script[at].Kind == TokenKind.Text || script[at].Is("as") ? Text()[0] : '?' };
                    break;
                case "truncatecolumns":
                    copy = copy with { TruncateColumns = true };
                    break;
                case "blanksasnull":
                    copy = copy with { BlanksAsNull = true };
                    break;
                case "emptyasnull":
                    copy = copy with { EmptyAsNull = true };
                    break;
                case "roundec":
                    copy = copy with { RoundDecimals = true };
                    break;
                case "explicit_ids":
                    copy = copy with { ExplicitIds = true };
                    break;
                case "ignoreallerrors":
                    copy = copy with { IgnoreAllErrors = true };
                    break;
                case "csv" or "delimiter" or "escape" or "fillrecord" or "fixedwidth" or "ignoreblanklines" or "null" or "readratio"
                    or "removequotes" or "ignoreheader":
                    throw new SqlErrorException("42601", $"{word.ToUpperInvariant()} is not supported with JSON");
                case "parquet" or "orc" or "avro" or "bzip2" or "lzop" or "zstd" or "shapefile" or "ssh" or "encrypted":
                    throw Redshift.NotSupported($"COPY with {word.ToUpperInvariant()} in the simulator");
                default:
                    throw script.SyntaxError(at - 1);
            }
        }

        return copy;

        string Word() => script[at++].Value;

        string Value()
        {
            at += script[at].Is("as") ? 1 : 0;
            return Word();
        }

        string Text()
        {
            at += script[at].Is("as") ? 1 : 0;
            return script[at].Kind == TokenKind.Text ? Word() : throw script.SyntaxError(at);
        }
    }

    private CopyStatement Checked()
    {
        if (Role is null)
        {
            throw new SqlErrorException("42601", "The COPY needs credentials: IAM_ROLE 'arn:aws:iam::…' or IAM_ROLE default.");
        }

        if (Json is null)
        {
            throw Redshift.NotSupported("COPY of anything but JSON in the simulator");
        }

        if (IgnoreAllErrors && MaxError > 0)
        {
            throw new SqlErrorException("42601", "IGNOREALLERRORS and MAXERROR cannot be used together.");
        }

        return TimeFormat is null or "auto" or "epochsecs" or "epochmillisecs" or "YYYY-MM-DD HH:MI:SS" or "YYYY-MM-DD HH24:MI:SS" ? this
            : throw Redshift.NotSupported($"TIMEFORMAT '{TimeFormat}' in the simulator (the words are case-sensitive)");
    }
}

/// <summary>A bucket and a key or prefix.</summary>
internal sealed record S3Url(string Bucket, string Key)
{
    public static S3Url? TryParse(string text)
    {
        if (!text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var slash = text.IndexOf('/', 5);
        return slash < 0 ? new S3Url(text[5..], "") : new S3Url(text[5..slash], text[(slash + 1)..]);
    }

    public override string ToString() => $"s3://{Bucket}/{Key}";
}
