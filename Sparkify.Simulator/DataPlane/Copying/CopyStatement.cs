using System.Globalization;
using Sparkify.Simulator.DataPlane.Dialect;
using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.Signing;

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

    /// <summary>The access key to read with, instead of a role.</summary>
    public AccessKey? Key { get; init; }

    /// <summary><c>auto</c>, <c>auto ignorecase</c> or where the JSONPaths file is; none when the files are not JSON.</summary>
    public string? Json { get; init; }

    public bool Manifest { get; init; }

    /// <summary><c>gzip</c>, <c>bzip2</c> or none.</summary>
    public string? Compression { get; init; }

    /// <summary>How fields are separated, when the files are not JSON.</summary>
    public FieldForm Fields { get; init; } = new();

    public string? TimeFormat { get; init; }

    public string? DateFormat { get; init; }

    public bool AcceptAnyDate { get; init; }

    /// <summary>Whether statistics are kept from being gathered afterwards.</summary>
    public bool WithoutStatistics { get; init; }

    public string? Region { get; init; }

    public int MaxError { get; init; }

    public bool IgnoreAllErrors { get; init; }

    public bool NoLoad { get; init; }

    public bool TruncateColumns { get; init; }

    public bool BlanksAsNull { get; init; }

    /// <summary>Whether blanks at the end of a VARCHAR's text are left out.</summary>
    public bool TrimBlanks { get; init; }

    public bool EmptyAsNull { get; init; }

    public bool RoundDecimals { get; init; }

    public bool ExplicitIds { get; init; }

    /// <summary>What stands for bytes that are no UTF-8; none when they are an error.</summary>
    public char? InvalidCharacters { get; init; }

    private static AccessKey NoKey { get; } = new("", "");

    /// <summary>A COPY's text without the secrets in it, as it is written down.</summary>
    public static string WithoutSecrets(SqlScript script)
    {
        var text = new System.Text.StringBuilder(script.Source);
        for (var i = script.Count - 1; i > 0; i--)
        {
            var before = script[i - 1].Is("as") ? i - 2 : i - 1;
            var secret = script[before].Value is "secret_access_key" or "session_token" or "token"
                || (script[before].Is("credentials") && !script[i].Value.StartsWith("aws_iam_role=", StringComparison.Ordinal));
            if (secret && script[i].Kind == TokenKind.Text)
            {
                var start = script[i].Start - script.Start;
                text.Remove(start, script[i].End - script[i].Start).Insert(start, "'***'");
            }
        }

        return text.ToString();
    }

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
                    copy = copy.With(Text());
                    break;
                case "access_key_id":
                    copy = copy with { Key = (copy.Key ?? NoKey) with { Id = Text() } };
                    break;
                case "secret_access_key":
                    copy = copy with { Key = (copy.Key ?? NoKey) with { Secret = Text() } };
                    break;
                case "session_token" or "token":
                    copy = copy with { Key = (copy.Key ?? NoKey) with { Token = Text() } };
                    break;
                case "json":
                    copy = copy with { Json = script[at].Kind == TokenKind.Text || script[at].Is("as") ? Text() : "auto" };
                    break;
                case "manifest":
                    copy = copy with { Manifest = true };
                    break;
                case "gzip" or "bzip2":
                    copy = copy with { Compression = word };
                    break;
                case "timeformat":
                    copy = copy with { TimeFormat = Text() };
                    break;
                case "dateformat":
                    copy = copy with { DateFormat = Text() };
                    break;
                case "acceptanydate":
                    copy = copy with { AcceptAnyDate = true };
                    break;
                case "encoding":
                    if (Value() is var encoding && encoding.ToLowerInvariant() is not ("utf8" or "utf-8"))
                    {
                        throw Redshift.NotSupported($"COPY with the encoding {encoding} in the simulator");
                    }

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
                    var declined = word == "statupdate" && script[at].Value is "off" or "false";
                    copy = copy with { WithoutStatistics = copy.WithoutStatistics || declined };
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
                case "trimblanks":
                    copy = copy with { TrimBlanks = true };
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
                case "csv" or "delimiter" or "escape" or "fillrecord" or "ignoreblanklines" or "null" or "quote" or "removequotes" or "ignoreheader":
                    var value = word is "delimiter" or "null" or "quote" ? Text() : word == "ignoreheader" ? Value() : "";
                    copy = copy with { Fields = copy.Fields.With(word, value) };
                    break;
                case "fixedwidth" or "readratio" or "parquet" or "orc" or "avro" or "lzop" or "zstd" or "shapefile" or "ssh" or "encrypted":
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

    /// <summary>What CREDENTIALS says: a role, or a key with its secret and perhaps a token.</summary>
    private CopyStatement With(string credentials)
    {
        var copy = this;
        foreach (var part in credentials.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (part.Split('=')[0], part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            copy = name switch
            {
                "aws_iam_role" => copy with { Role = value },
                "aws_access_key_id" => copy with { Key = (copy.Key ?? NoKey) with { Id = value } },
                "aws_secret_access_key" => copy with { Key = (copy.Key ?? NoKey) with { Secret = value } },
                "token" => copy with { Key = (copy.Key ?? NoKey) with { Token = value } },
                _ => throw new SqlErrorException("0A000", "The simulator takes CREDENTIALS of the form 'aws_iam_role=…' or "
                    + "'aws_access_key_id=…;aws_secret_access_key=…[;token=…]'."),
            };
        }

        return copy;
    }

    private CopyStatement Checked()
    {
        if (Role is null && Key is not { Id.Length: > 0, Secret.Length: > 0 })
        {
            throw new SqlErrorException(
                "42601", "The COPY needs credentials: IAM_ROLE 'arn:aws:iam::…', IAM_ROLE default, or ACCESS_KEY_ID and SECRET_ACCESS_KEY.");
        }

        if (Json is not null && Fields.Given is { } word)
        {
            throw new SqlErrorException("42601", $"{word.ToUpperInvariant()} is not supported with JSON");
        }

        if (IgnoreAllErrors && MaxError > 0)
        {
            throw new SqlErrorException("42601", "IGNOREALLERRORS and MAXERROR cannot be used together.");
        }

        if (Json is null)
        {
            Fields.Check();
        }

        // What is wrong with a format is said before a file is read.
        _ = (MomentFormat.Of(TimeFormat ?? MomentFormat.Timestamps), MomentFormat.Of(DateFormat ?? MomentFormat.Dates));
        return this;
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
