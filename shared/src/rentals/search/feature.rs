//! What a rental can have that callers ask for: a closed list, so that nothing can be
//! filtered by that is not on it.

/// Something that a rental has, or allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature(&'static Row);

#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// As it is said: "parking".
    name: &'static str,
    /// How callers and listings put it; whole words.
    phrases: &'static [&'static str],
}

const PETS: &[&str] = &[
    "pets",
    "pet",
    "pet friendly",
    "pets allowed",
    "pets ok",
    "pets welcome",
    "animals",
];

const ROWS: &[Row] = &[
    Row {
        name: "dogs allowed",
        phrases: &["dog", "dogs", "puppy", "dog friendly"],
    },
    Row {
        name: "cats allowed",
        phrases: &["cat", "cats", "kitten", "cat friendly"],
    },
    Row {
        name: "pets allowed",
        phrases: PETS,
    },
    Row {
        name: "a garage",
        phrases: &["garage"],
    },
    Row {
        name: "parking",
        phrases: &[
            "parking",
            "carport",
            "driveway",
            "parking space",
            "car space",
        ],
    },
    Row {
        name: "laundry",
        phrases: &["laundry", "washer", "dryer", "washing machine", "w d"],
    },
    Row {
        name: "a dishwasher",
        phrases: &["dishwasher"],
    },
    Row {
        name: "air conditioning",
        phrases: &[
            "air conditioning",
            "air conditioner",
            "central air",
            "ac",
            "a c",
            "aircon",
        ],
    },
    Row {
        name: "a balcony or patio",
        phrases: &["balcony", "patio", "deck", "terrace", "porch"],
    },
    Row {
        name: "a yard",
        phrases: &["yard", "backyard", "garden", "fenced yard", "lawn"],
    },
    Row {
        name: "a pool",
        phrases: &["pool", "swimming pool"],
    },
    Row {
        name: "a gym",
        phrases: &["gym", "fitness", "fitness center", "fitness room"],
    },
    Row {
        name: "furniture",
        phrases: &["furnished", "furniture"],
    },
    Row {
        name: "an elevator",
        phrases: &["elevator", "lift"],
    },
    Row {
        name: "step free access",
        phrases: &[
            "wheelchair",
            "accessible",
            "step free",
            "stepfree",
            "no steps",
            "no stairs",
            "ramp",
        ],
    },
    Row {
        name: "a fireplace",
        phrases: &["fireplace"],
    },
    Row {
        name: "wooden floors",
        phrases: &["hardwood", "wood floors", "wooden floors"],
    },
    Row {
        name: "storage",
        phrases: &["storage"],
    },
    Row {
        name: "a basement",
        phrases: &["basement", "cellar"],
    },
    Row {
        name: "utilities included",
        phrases: &["utilities", "bills included"],
    },
];

impl Feature {
    /// Those that a caller asks for. "Not furnished" asks for none.
    pub fn wished(text: &str) -> Vec<Self> {
        let clauses = clauses(text);
        let named = |row: &&Row| clauses.iter().any(|clause| clause.affirms(row.phrases));
        ROWS.iter().filter(named).map(Self).collect()
    }

    /// As it is said.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether one of the texts of a listing says that it is there.
    pub(super) fn is_in<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let is_pet = self
            .0
            .phrases
            .iter()
            .any(|phrase| matches!(*phrase, "dog" | "cat"));
        texts
            .into_iter()
            .flat_map(clauses)
            .any(|clause| clause.affirms(self.0.phrases) || (is_pet && clause.affirms(PETS)))
    }
}

/// What stands between two commas or full stops.
struct Clause(String);

impl Clause {
    fn affirms(&self, phrases: &[&str]) -> bool {
        let said = |phrase: &str| self.0.contains(&format!(" {phrase} "));
        let named = phrases.iter().any(|phrase| said(phrase));
        // "No steps" is a feature in itself.
        let denied = ["no", "not", "without", "never", "non", "dont", "none"]
            .iter()
            .any(|word| said(word))
            && !phrases
                .iter()
                .any(|phrase| phrase.starts_with("no ") && said(phrase));
        named && !denied
    }
}

/// How much of a text is looked at, in characters.
const INPUT_LIMIT: usize = 2000;

fn clauses(text: &str) -> Vec<Clause> {
    let text: String = text.chars().take(INPUT_LIMIT).collect();
    let parts = text.split([',', ';', '.', '\n', '!', '?', '(', ')']);
    let parts = parts.flat_map(|part| part.split(" but "));
    let clause = |part: &str| {
        let lower = part.to_lowercase().replace(['\'', '’'], "");
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        Clause(format!(" {} ", words.join(" ")))
    };
    parts.map(clause).collect()
}
