using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

public sealed class VisibleTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("plain", "plain")]
    [InlineData("a\u202egpj.exe", @"a\u202egpj.exe")]
    [InlineData("\u2066x\u2069", @"\u2066x\u2069")]
    [InlineData("a\u0000b\u001b[31m", @"a\u0000b\u001b[31m")]
    [InlineData("zero\u200bwidth\ufeff", @"zero\u200bwidth\ufeff")]
    // Lines, letters that join, emoji and other scripts are what they are.
    [InlineData("a\tb\r\nc", "a\tb\r\nc")]
    [InlineData("שלום می‌خواهم 👩‍👩‍👧", "שלום می‌خواهم 👩‍👩‍👧")]
    public void Of_WhatCannotBeSeen_IsShownAsAnEscape(string? text, string? shown) => Assert.Equal(shown, Visible.Of(text));
}
