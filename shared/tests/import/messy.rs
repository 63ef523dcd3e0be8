//! A file of rentals as people keep them: every value in one of its spellings, some of
//! them unusable, some addresses twice. The same seed makes the same file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What a row says in whatever spelling, or none when it cannot be used.
pub(crate) struct Meant {
    pub(crate) cents: u32,
    pub(crate) bedrooms: u8,
    /// Bathrooms in halves.
    pub(crate) halves: u8,
    pub(crate) square_feet: u32,
}

/// A file, and what each of its rows means.
pub(crate) struct Messy {
    pub(crate) text: String,
    pub(crate) meant: Vec<Option<Meant>>,
    /// How many different addresses there are in rows that can be used.
    pub(crate) addresses: usize,
}

struct Dice(u64);

impl Dice {
    /// A number below `sides` (`SplitMix64`).
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

/// A file with that many rows.
pub(crate) fn file(rows: usize, seed: u64) -> Messy {
    let mut dice = Dice(seed);
    let mut messy = Messy {
        text: "\u{feff}Property Address,Rent / Month,Beds/Baths,Sq. Ft.,Available,Type,Amenities,\
               Contact,Internal code\r\n"
            .to_owned(),
        meant: Vec::new(),
        addresses: 0,
    };
    let mut houses = BTreeSet::new();
    for number in 0..rows {
        let again = number > 100 && dice.roll(40) == 0;
        let house = if again { number - 100 } else { number };
        let spoilt = dice.roll(20) == 0;
        let row = row(&mut dice, house, spoilt.then_some(number));
        messy.text.push_str(&row.0);
        if !spoilt {
            houses.insert(house);
        }
        messy.meant.push((!spoilt).then_some(row.1));
        if dice.roll(200) == 0 {
            messy.text.push_str(",,,,,,,,\r\n");
        }
    }
    messy.addresses = houses.len();
    messy
}

fn row(dice: &mut Dice, house: usize, spoilt: Option<usize>) -> (String, Meant) {
    let street = ["Mill", "Harbor", "Elm", "Maple", "St. John's", "Orchard"][house % 6];
    let kinds = [
        ["Lane", "LN", "ln."],
        ["Street", "St", "ST."],
        ["Avenue", "Ave.", "av"],
    ];
    let mut address = format!("{} {street} {}", house + 1, dice.pick(&kinds[house % 3]));
    if house.is_multiple_of(4) {
        let word = dice.pick(&[" Apt ", ", Unit ", " #", ", apt. "]);
        write!(address, "{word}{}", house % 9 + 1).unwrap();
    }
    let dollars = 600 + dice.roll(3000);
    let thousands = format!("{},{:03}", dollars / 1000, dollars % 1000);
    let grouped = if dollars < 1000 {
        dollars.to_string()
    } else {
        thousands
    };
    let mut rent = match dice.roll(5) {
        0 => format!("${grouped}/mo"),
        1 => format!("{dollars}"),
        2 => format!("{dollars}.00"),
        3 => format!("USD {grouped} per month"),
        _ => format!("$ {grouped}"),
    };
    let (bedrooms, halves) = (dice.roll(5), 2 + dice.roll(5));
    let bathrooms = format!("{}{}", halves / 2, ["", ".5"][halves % 2]);
    let layout = match (bedrooms, dice.roll(3)) {
        (0, _) => format!("Studio, {bathrooms} bath"),
        (_, 0) => format!("{bedrooms}BR/{bathrooms}BA"),
        (_, 1) => format!("{bedrooms} bed | {bathrooms} baths"),
        _ => format!("{bedrooms}/{bathrooms}"),
    };
    let feet = 1000 + dice.roll(900);
    let area = match dice.roll(3) {
        0 => format!("1,{:03} sq ft", feet - 1000),
        1 => format!("{feet}"),
        _ => format!("~{feet} Sq. Ft."),
    };
    let mut date = dice
        .pick(&[
            "Now",
            "immediately",
            "July 15",
            "7/15/2032",
            "2032-07-15",
            "Sept. 1st",
            "",
            "TBD",
        ])
        .to_owned();
    let mut more = "";
    match spoilt.map(|number| number % 5) {
        None => {}
        Some(0) => address = String::new(),
        Some(1) => "$400/wk".clone_into(&mut rent),
        Some(2) => "soon".clone_into(&mut date),
        Some(3) => rent.push_str(" - $9,000"),
        Some(_) => more = ",one cell too many",
    }
    let kind = dice.pick(&["Apt", "apartment", "Single-family home", "Condo", ""]);
    let amenities = dice.pick(&[
        "Dishwasher, Cats OK",
        "Parking;Garden",
        "",
        "balcony | Balcony",
    ]);
    let text = format!(
        "\"{address}\",\"{rent}\",\"{layout}\",\"{area}\",{date},{kind},\"{amenities}\",\
         \"the office,\nring twice\",{}{more}\r\n",
        dice.roll(1000),
    );
    let meant = Meant {
        cents: u32::try_from(dollars).unwrap() * 100,
        bedrooms: u8::try_from(bedrooms).unwrap(),
        halves: u8::try_from(halves).unwrap(),
        square_feet: u32::try_from(feet).unwrap(),
    };
    (text, meant)
}
