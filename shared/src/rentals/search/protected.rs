//! Requests for what fair-housing law protects: race, colour, religion, sex, familial
//! status, national origin, disability (42 U.S.C. 3604).
//!
//! A home is never searched by who lives there or around it. What a caller says of
//! themself ("I have two children") is no request, and a street or town may have any
//! name ("Church Street", "White Oak"). When in doubt a request is declined: the caller
//! then hears what can be searched by.

/// Groups of people, whom no search includes or leaves out.
const PEOPLE: &[&str] = &[
    "children",
    "child",
    "kid",
    "kids",
    "babies",
    "toddlers",
    "families",
    "family",
    "teenagers",
    "single mothers",
    "pregnant women",
    "blacks",
    "whites",
    "hispanics",
    "latinos",
    "latinas",
    "asians",
    "arabs",
    "mexicans",
    "indians",
    "chinese",
    "koreans",
    "africans",
    "africans americans",
    "immigrants",
    "foreigners",
    "minorities",
    "refugees",
    "gypsies",
    "christians",
    "catholics",
    "jews",
    "muslims",
    "hindus",
    "buddhists",
    "mormons",
    "atheists",
    "disabled",
    "disabilities",
    "handicapped",
    "wheelchairs",
    "wheelchair users",
    "mentally ill",
    "women",
    "men",
    "females",
    "males",
    "girls",
    "boys",
    "gays",
    "lesbians",
    "gay people",
    "transgender people",
];

/// Words that say of what sort people are.
const SORTS: &[&str] = &[
    "black",
    "white",
    "hispanic",
    "latino",
    "latina",
    "asian",
    "arab",
    "mexican",
    "indian",
    "chinese",
    "korean",
    "african",
    "african american",
    "caucasian",
    "american",
    "immigrant",
    "foreign",
    "ethnic",
    "minority",
    "christian",
    "catholic",
    "jewish",
    "muslim",
    "islamic",
    "hindu",
    "buddhist",
    "mormon",
    "religious",
    "secular",
    "disabled",
    "handicapped",
    "female",
    "male",
    "english speaking",
    "spanish speaking",
    "racially",
    "racial",
    "gay",
    "straight",
    "lesbian",
    "colored",
    "coloured",
];

/// Where or among whom one lives.
const AROUND: &[&str] = &[
    "neighborhood",
    "neighbourhood",
    "neighborhoods",
    "neighbourhoods",
    "neighbors",
    "neighbours",
    "area",
    "areas",
    "community",
    "communities",
    "building",
    "people",
    "tenants",
    "residents",
    "families",
    "part of town",
    "side of town",
    "district",
    "folks",
    "owners",
    "landlord",
    "only",
    "majority",
    "couples",
    "roommates",
    "household",
    "households",
];

/// Words in front of a group that ask for it or for its absence.
const ABOUT: &[&str] = &[
    "no",
    "without",
    "without any",
    "not any",
    "free of",
    "away from",
    "few",
    "fewer",
    "not many",
    "mostly",
    "mainly",
    "only",
    "lots of",
    "many",
    "full of",
    "other",
    "not too many",
    "for",
    "good for",
    "great for",
    "suitable for",
    "where there are no",
    "with no",
    "near other",
    "predominantly",
    "doesnt allow",
    "does not allow",
    "dont allow",
    "exclude",
    "excluding",
    "prefer",
];

/// Requests as a whole.
const REQUESTS: &[&str] = &[
    "adults only",
    "adult only",
    "adults",
    "child free",
    "childfree",
    "childless",
    "kid free",
    "kid friendly",
    "child friendly",
    "family friendly",
    "family oriented",
    "families welcome",
    "family neighborhood",
    "family neighbourhood",
    "family area",
    "family community",
    "family building",
    "seniors only",
    "senior living",
    "55 plus",
    "fifty five plus",
    "over 55",
    "55 and over",
    "ladies only",
    "gentlemen only",
    "women only",
    "men only",
    "female only",
    "male only",
    "same race",
    "same religion",
    "my own kind",
    "our own kind",
    "people like us",
    "people like me",
    "own race",
    "own faith",
    "english only",
    "speaks english",
    "speak english",
    "race",
    "ethnicity",
    "religion",
    "nationality",
    "national origin",
    "skin color",
    "skin colour",
    "able bodied",
];

/// Places of worship, when something should be near one.
const WORSHIP: &[&str] = &[
    "church",
    "churches",
    "mosque",
    "mosques",
    "synagogue",
    "synagogues",
];

/// Whether a text asks for, or to be kept from, people of a protected sort.
///
/// ```
/// use shared::rentals::search::asks_for_protected;
///
/// assert!(asks_for_protected("a neighbourhood without children"));
/// assert!(!asks_for_protected("Church Street"));
/// ```
pub fn asks_for_protected(text: &str) -> bool {
    let said = Said::new(text);
    let requested = REQUESTS.iter().any(|phrase| said.has(phrase));
    let about_people = ABOUT.iter().any(|about| {
        PEOPLE
            .iter()
            .any(|people| said.has(&format!("{about} {people}")))
    });
    let sort_around = SORTS.iter().any(|sort| {
        AROUND
            .iter()
            .any(|around| said.has(&format!("{sort} {around}")))
    });
    let about_sort = ABOUT.iter().filter(|about| **about != "for").any(|about| {
        SORTS
            .iter()
            .any(|sort| said.has(&format!("{about} {sort}")))
    });
    let near_worship = WORSHIP.iter().any(|place| {
        ["a", "the", "my", "our", "near", "to", "by", "good"]
            .iter()
            .any(|before| said.ends_or_goes_on(before, place))
    });
    requested || about_people || sort_around || about_sort || near_worship
}

/// How much of a text is looked at, in characters.
const INPUT_LIMIT: usize = 500;

/// Words, with a space around each.
struct Said(String);

impl Said {
    fn new(text: &str) -> Self {
        let text: String = text.chars().take(INPUT_LIMIT).collect();
        let text = text.to_lowercase().replace(['\'', '’'], "");
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let said = format!(" {} ", words.join(" "));
        // What a home is or has, and no word on who lives there.
        Self(
            [
                "single family",
                "multi family",
                "family room",
                "family home",
                "family house",
            ]
            .iter()
            .fold(said, |said, home| {
                said.replace(&format!(" {home} "), " home ")
            }),
        )
    }

    fn has(&self, phrase: &str) -> bool {
        self.0.contains(&format!(" {phrase} "))
    }

    /// Whether the two words are there and do not begin the name of a street.
    fn ends_or_goes_on(&self, before: &str, word: &str) -> bool {
        let phrase = format!(" {before} {word} ");
        let mut rest = self.0.split(&phrase).skip(1);
        rest.any(|rest| {
            let next = rest.split(' ').next().unwrap_or("");
            !crate::street::is_kind(next)
        })
    }
}
