namespace Sparkify.Core.Sources.Sample;

/// <summary>Makes up names of songs and artists.</summary>
internal static class SampleTitles
{
    /// <summary>A song's title.</summary>
    public static void Title(ref SampleRandom random, SampleText to)
    {
        switch (random.Below(12))
        {
            case 0:
                to.Add(random.Of(SampleWords.Nouns));
                break;
            case 1 or 2:
                to.Add("The ").Add(random.Of(SampleWords.Adjectives)).Add(" ").Add(random.Of(SampleWords.Nouns));
                break;
            case 3 or 4:
                to.Add(random.Of(SampleWords.Adjectives)).Add(" ").Add(random.Of(SampleWords.Nouns));
                break;
            case 5:
                to.Add(random.Of(SampleWords.Nouns)).Add(" of the ").Add(random.Of(SampleWords.Nouns));
                break;
            case 6:
                to.Add(random.Of(SampleWords.Verbs)).Add(" the ").Add(random.Of(SampleWords.Nouns));
                break;
            case 7:
                to.Add("Don't ").Add(random.Of(SampleWords.Verbs)).Add(" My ").Add(random.Of(SampleWords.Nouns));
                break;
            case 8:
                to.Add(random.Of(SampleWords.Verbs)).Add(" Me ").Add(random.Of(SampleWords.Adverbs));
                break;
            case 9:
                to.Add(random.Of(SampleWords.Nouns)).Add(" & ").Add(random.Of(SampleWords.Nouns));
                break;
            case 10:
                to.Add(random.Of(SampleWords.Nouns)).Add(random.Chance(300) ? " / " : " In ").Add(random.Of(SampleWords.Places).Name);
                break;
            default:
                to.Add(random.Of(SampleWords.ForeignTitles)).Add(" ").Add(random.Of(SampleWords.ForeignWords));
                break;
        }

        if (random.Chance(170))
        {
            to.Add(" ").Add(random.Of(SampleWords.Editions));
        }
    }

    /// <summary>An artist's name.</summary>
    public static void Artist(ref SampleRandom random, SampleText to)
    {
        switch (random.Below(16))
        {
            case 0 or 1 or 2 or 3 or 4:
                to.Add(random.Of(SampleWords.FirstNames)).Add(" ").Add(random.Of(SampleWords.LastNames));
                break;
            case 5 or 6 or 7:
                to.Add("The ").Add(random.Of(SampleWords.Adjectives)).Add(" ").Add(random.Of(SampleWords.Nouns)).Add("s");
                break;
            case 8 or 9:
                to.Add(random.Of(SampleWords.FirstNames)).Add(" & The ").Add(random.Of(SampleWords.Nouns)).Add("s");
                break;
            case 10 or 11:
                to.Add(random.Of(SampleWords.Nouns)).Add(" ").Add(random.Of(SampleWords.Nouns));
                break;
            case 12 or 13:
                to.Add(random.Of(SampleWords.LastNames)).Add(random.Chance(200) ? "/" : " ").Add(random.Of(SampleWords.Nouns));
                break;
            case 14:
                to.Add("DJ ").Add(random.Of(SampleWords.ForeignWords)).Add(" ").Add(random.Of(SampleWords.LastNames));
                break;
            default:
                to.Add("Los ").Add(random.Of(SampleWords.ForeignWords)).Add(" de ").Add(random.Of(SampleWords.LastNames));
                break;
        }
    }
}
