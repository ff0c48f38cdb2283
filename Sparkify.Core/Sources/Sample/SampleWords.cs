namespace Sparkify.Core.Sources.Sample;

/// <summary>A place on the map, in hundred-thousandths of a degree.</summary>
internal sealed record SamplePlace(string Name, int Latitude, int Longitude);

/// <summary>
/// The words that the sample is made of. A change here changes the sample's bytes: see <see cref="SampleFolder.Version"/>.
/// </summary>
internal static class SampleWords
{
    public static readonly string[] Women = List("""
        Ada Alma Amelia Ava Beatrix Celeste Chloe Clara Daisy Delia Edith Elena Esme Fiona Freya Greta Hazel Ida Imogen Iris
        Isla Ivy June Kaya Lena Lila Lucia Mabel Maya Mila Nadia Nora Olive Petra Quinn Rosa Ruby Sadie Sylvia Tessa Uma Vera Willa Yara Zadie
        """);

    public static readonly string[] Men = List("""
        Abel Adrian Amos Arlo Bennett Caleb Cyrus Dario Desmond Elias Emil Ezra Felix Finn Gideon Hugo Ivan Jasper Jonah Kai
        Leon Linus Lorenzo Magnus Marcel Milo Nico Oscar Otis Percy Quentin Ravi Rufus Silas Simon Tobias Ulric Victor Wesley Xavier Yusuf
        """);

    public static readonly string[] FirstNames = List("""
        Alba Aldo Anouk Axel Bjarne Carmela Chloé Cosmo Dagny Dexter Edda Emeric Fabian Fleur Gael Gwendal Hélène Hector Ilse Inés Jesper
        Jürgen Katya Kofi Lázaro Leonie Ludo Maëlle Marek Mireille Nils Nuria Odile Orla Pascal Paloma Rasmus Renée Sabine Søren Tamsin
        Teo Ulla Umberto Vanja Vito Wanda Wim Xiomara Yannick Zelda Zoë
        """);

    public static readonly string[] LastNames = List("""
        Abernathy Achterberg Almeida Ashgrove Bellweather Birkeland Blackwood Brandvold Calloway Castellane Chadwick Cordero Crowhurst Dahlgren
        Delacroix Drummond Eastwick Edelstein Fairbairn Farrow Feldspar Galloway Gjerstad Goldwater Greenhalgh Hartigan Hawksmoor Holloway Ibáñez
        Inverness Jaeger Jessamine Kaplinsky Kettering Kowalczyk Lachance Larkspur Lindqvist Lovelace Mackenna Marchetti Merriweather Müller Nakagawa
        Nightingale Northcote Núñez Okafor Oldcastle Ostergaard Østby Pemberton Pettigrew Pinheiro Quillfeather Radcliffe Ravenscroft Rosenquist
        Sandoval Saltmarsh Silverthorn Stonebridge Svensson Tanglewood Thackeray Thistlewood Trevelyan Underhill Valdivia Vandermeer Wainwright
        Weatherby Whitlock Winterbourne Yarborough Zamora Zielinski
        """);

    public static readonly string[] Nouns = List("""
        Afternoon Almanac Anchor Arrow Atlas Avalanche Balloon Banjo Beacon Bicycle Blackbird Blossom Border Bottle Boulevard Bridge Brother Cabin
        Cactus Camera Candle Canyon Caravan Carousel Castle Cathedral Cinema Circle City Cloud Coast Comet Compass Copper Corner Cricket Crown Current
        Curtain Dancer Daughter Desert Diamond Dolphin Doorway Drifter Eagle Echo Elevator Ember Engine Envelope Falcon Feather Fever Fiddle Firefly
        Flood Forest Fountain Fox Frontier Galaxy Garden Ghost Giant Glacier Gravity Guitar Harbor Harvest Headlight Heart Highway Horizon Hotel Hurricane
        Island Jaguar Journey Jukebox Kingdom Kite Ladder Lagoon Lantern Letter Lighthouse Lion Machine Magnet Marble Market Meadow Melody Meteor
        Midnight Mirror Monument Moon Morning Motel Mountain Museum Needle Neon Ocean Orchard Orbit Orchid Paper Parade Passenger Peacock Pendulum
        Phantom Photograph Pilot Piano Planet Prairie Prophet Quarry Queen Radio Railroad Rainbow Rebel Ribbon River Rocket Saddle Sailor Satellite
        Saturday Season Shadow Signal Sister Skyline Sparrow Spiral Stadium Station Stranger Submarine Summer Sunflower Telegraph Temple Thunder Tiger
        Torch Tower Traveler Tunnel Umbrella Valley Velvet Violin Volcano Wagon Waltz Weekend Whisper Wildfire Window Winter Wolf Yesterday Zeppelin
        """);

    public static readonly string[] Adjectives = List("""
        Accidental Amber Ancient Atomic Autumn Barefoot Bitter Blue Borrowed Brave Bright Broken Burning Careless Cosmic Crimson Crooked Crystal Dancing
        Distant Dizzy Double Drowsy Dusty Easy Electric Elastic Empty Endless Faded Faithful Falling Fearless Final Foolish Forgotten Fragile Frozen Gentle
        Gilded Golden Gray Half-Open Hidden Hollow Honest Hungry Idle Imaginary Invisible Jealous Kind Last Lazy Little Lonesome Long-Lost Loud Lucky Magnetic
        Marvelous Midnight Modern Naked Northern Odd Open Paper Patient Perfect Plastic Pretty Quiet Rambling Reckless Restless Royal Rusty Secret Silent
        Silver Simple Slow Sleepless Southern Stolen Strange Sudden Tangled Tender Thirsty Tiny Twisted Unfinished Vanishing Velvet Wandering Wicked Wild Young
        """);

    public static readonly string[] Verbs = List("""
        Answer Believe Borrow Break Bury Call Carry Catch Chase Cross Dream Drive Echo Find Follow Forget Hide Hold Hurry Kiss Leave Lift Light Lose Mend
        Miss Move Need Open Paint Promise Pull Push Read Remember Ride Save Shake Sing Spin Steal Stop Swing Teach Tell Touch Trust Turn Wake Watch
        """);

    public static readonly string[] Adverbs = List("""
        Again Alone Always Anyway Away Backwards Blindly Closer Down Downtown Easily Forever Gently Home Instead Later Maybe Never Now Once Outside Over
        Quietly Slowly Someday Softly Somehow Sooner Still Together Tomorrow Tonight Twice
        """);

    public static readonly string[] ForeignTitles = List("""
        Canción Corazón Último Adiós Élégie Été Forêt Nuit Rêve Über Frühling Straße Müde Sehnsucht Não Saudade Coração Ängel Själ Fjäril Drøm Blå
        Żagiel Cień Sólo ¿Dónde Mañana Perché Città Così Ночь Весна 夜明け 桜
        """);

    public static readonly string[] ForeignWords = List("""
        Lobos Niños Pájaros Relámpagos Perdidos Señores Étoiles Garçons Lumières Mädchen Schöne Brüder Irmãos Canções Sönner Älskade Stjärnor
        Smørrebrød Łódź Pętla Corazones Tigres Fuegos Trenes Amantes Ríos Vientos Sombras
        """);

    public static readonly string[] Editions =
    [
        "(Album Version)", "(LP Version)", "(Live)", "(Live At The Old Mill)", "(Remix)", "(Instrumental)", "(Radio Edit)", "(Acoustic)",
        "(Explicit)",
        "(2007 Digital Remaster)", "[Remastered]", "(Single Version)", "(Demo)", "(\"Unplugged\" Session)", "(Skit)", "(Part 1/2)",
        "(Reprise)",
    ];

    public static readonly SamplePlace[] Places =
    [
        new("London, England", 5150632, -12714), new("New York, NY", 4071455, -7400712), new("Los Angeles, CA", 3405349, -11824532),
        new("Chicago, IL", 4188415, -8763241), new("Nashville, TN", 3616778, -8677836), new("Toronto, Ontario, Canada", 4364856, -7938533),
        new("Berlin, Germany", 5251607, 1337698), new("Paris, France", 4885692, 234121), new("Stockholm, Sweden", 5933217, 1806243),
        new("São Paulo, Brazil", -2355036, -4663376), new("Montréal, Québec", 4550884, -7358781), new(
            "Reykjavík, Iceland", 6413548, -2189541),
        new("Memphis, TN", 3514968, -9004892), new("Detroit, MI", 4233168, -8304792), new("Austin, TX", 3026759, -9774299),
        new("Seattle, Washington USA", 4760356, -12232944), new("Portland, OR", 4551179, -12267563), new("Atlanta, GA", 3374831, -8439111),
        new("Kingston, Jamaica", 1799702, -7679358), new(
            "Manchester, England", 5347961, -224873), new("Glasgow, Scotland", 5585782, -425253),
        new("Dublin, Ireland", 5334376, -624953), new("Oslo, Norway", 5991228, 1074998), new("Copenhagen, Denmark", 5567631, 1256935),
        new("Helsinki, Finland", 6017116, 2493258), new("Tokyo, Japan", 3567083, 13976728), new("Sydney, Australia", -3386963, 15120695),
        new("Lagos, Nigeria", 645506, 339418), new("Mexico City, Mexico", 1943255, -9913331), new(
            "Buenos Aires, Argentina", -3460851, -5837354),
        new("Philadelphia, PA", 3995228, -7516246), new("Boston, MA", 4235866, -7105674), new("Minneapolis, MN", 4497903, -9326494),
        new("New Orleans, LA", 2995369, -9007771), new("Houston, TX", 2976045, -9536978), new("San Francisco, CA", 3777916, -12242005),
        new("Oakland, CA", 3780506, -12227302), new("Brooklyn, NY", 4065507, -7394888), new(
            "Vancouver, British Columbia", 4926044, -12311403),
        new("Madrid, Spain", 4041956, -369196), new("Lisbon, Portugal", 3872572, -915025), new("Zagreb Croatia", 4580726, 1596761),
        new("Cologne, Germany", 5094165, 695505), new("Havana, Cuba", 2313339, -8236392), new(
            "Johannesburg, South Africa", -2620499, 2804009),
        new("California - LA", 3405349, -11824532), new("Washington DC", 3889037, -7703196), new("Athens, GA", 3396039, -8338005),
    ];

    /// <summary>Where listeners are.</summary>
    public static readonly string[] Metros =
    [
        "Atlanta-Sandy Springs-Roswell, GA", "Augusta-Richmond County, GA-SC", "Birmingham-Hoover, AL", "Bloomington, IN",
        "Boston-Cambridge-Newton, MA-NH",
        "Charlotte-Concord-Gastonia, NC-SC", "Chicago-Naperville-Elgin, IL-IN-WI", "Columbia, SC", "Dallas-Fort Worth-Arlington, TX",
        "Detroit-Warren-Dearborn, MI", "Elkhart-Goshen, IN", "Eureka-Arcata-Fortuna, CA", "Eugene, OR", "Gainesville, FL",
        "Harrisburg-Carlisle, PA",
        "Hartford-West Hartford-East Hartford, CT", "Houston-The Woodlands-Sugar Land, TX", "Indianapolis-Carmel-Anderson, IN",
        "Klamath Falls, OR",
        "La Crosse-Onalaska, WI-MN", "Lake Havasu City-Kingman, AZ", "Lansing-East Lansing, MI", "Las Cruces, NM", "London, KY",
        "Los Angeles-Long Beach-Anaheim, CA", "Marinette, WI-MI", "Minneapolis-St. Paul-Bloomington, MN-WI",
        "Myrtle Beach-Conway-North Myrtle Beach, SC-NC",
        "New Haven-Milford, CT", "New Orleans-Metairie, LA", "New York-Newark-Jersey City, NY-NJ-PA", "Palestine, TX",
        "Parkersburg-Vienna, WV",
        "Philadelphia-Camden-Wilmington, PA-NJ-DE-MD", "Phoenix-Mesa-Scottsdale, AZ", "Plymouth, IN", "Portland-South Portland, ME",
        "Red Bluff, CA",
        "Sacramento--Roseville--Arden-Arcade, CA", "Salinas, CA", "San Antonio-New Braunfels, TX", "San Diego-Carlsbad, CA",
        "San Francisco-Oakland-Hayward, CA", "San Jose-Sunnyvale-Santa Clara, CA", "Santa Rosa, CA", "St. Louis, MO-IL",
        "Tampa-St. Petersburg-Clearwater, FL", "Virginia Beach-Norfolk-Newport News, VA-NC", "Washington-Arlington-Alexandria, DC-VA-MD-WV",
        "Waterloo-Cedar Falls, IA", "Winston-Salem, NC", "Yuba City, CA",
    ];

    /// <summary>Browsers of 2014, as the log has them: most in quotes of their own, Firefox and Internet Explorer without.</summary>
    public static readonly string[] UserAgents =
    [
        .. from system in (string[])["Windows NT 6.1; WOW64", "Windows NT 6.3; WOW64", "Windows NT 5.1", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_9_4"]
           from chrome in (string[])["35.0.1916.153", "36.0.1985.125", "36.0.1985.143", "37.0.2062.94"]
           select $"\"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{chrome} Safari/537.36\"",
        .. from system in (string[])["Windows NT 6.1; WOW64", "Windows NT 5.1", "Macintosh; Intel Mac OS X 10.9"]
           from firefox in (string[])["30.0", "31.0", "32.0"]
           select $"Mozilla/5.0 ({system}; rv:{firefox}) Gecko/20100101 Firefox/{firefox}",
        "\"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit/537.78.2 (KHTML, like Gecko) Version/7.0.6 Safari/537.78.2\"",
        "\"Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 Mobile/11D257 Safari/9537.53\"",
        "\"Mozilla/5.0 (iPad; CPU OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 Mobile/11D257 Safari/9537.53\"",
        "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0)",
    ];

    private static string[] List(string words) => words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
