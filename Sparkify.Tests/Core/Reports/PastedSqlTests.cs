using Sparkify.Core.Reports.Queries;

namespace Sparkify.Tests.Core.Reports;

public sealed class PastedSqlTests
{
    [Theory]
    [InlineData("\uFEFFselect 1", " select 1")]
    [InlineData("select\u00A0count(*)\u202Ffrom\u200B songplays", "select count(*) from  songplays")]
    [InlineData("select 'a\u00A0b', \"c\u00A0d\"\u00A0from t", "select 'a\u00A0b', \"c\u00A0d\" from t")]
    [InlineData("select 'it''s\u00A0so'\u00A0as x", "select 'it''s\u00A0so' as x")]
    [InlineData("select $$a\u00A0b$$, $q$c\u00A0$$d$q$\u00A0", "select $$a\u00A0b$$, $q$c\u00A0$$d$q$ ")]
    [InlineData("-- a\u00A0b\nselect\u00A01 /* c\u00A0d */", "-- a\u00A0b\nselect 1 /* c\u00A0d */")]
    [InlineData("select '\u00A0", "select '\u00A0")]
    [InlineData("select 1", "select 1")]
    public void Clean_WhatCameAlongInvisibly_IsABlank_AndTextsStay(string pasted, string sent) =>
        Assert.Equal(sent, PastedSql.Clean(pasted));
}
