//! Money, lengths of time, and quantities.

use super::numbers::{cardinal, unsigned};

/// Whole dollars.
///
/// ```
/// use shared::vapi::speech::dollars;
///
/// assert_eq!(dollars(1450), "one thousand four hundred fifty dollars");
/// ```
#[must_use]
pub fn dollars(whole: i64) -> String {
    counted(whole, "dollar", "dollars")
}

/// An amount in cents, as dollars and cents; whole dollars without the cents.
///
/// ```
/// use shared::vapi::speech::cents;
///
/// assert_eq!(cents(4250), "forty two dollars and fifty cents");
/// assert_eq!(cents(145_000), "one thousand four hundred fifty dollars");
/// ```
#[must_use]
pub fn cents(amount: i64) -> String {
    let sign = if amount < 0 { "minus " } else { "" };
    let amount = amount.unsigned_abs();
    let (whole, rest) = (amount / 100, amount % 100);
    let dollars = format!("{} {}", unsigned(whole), plural(whole, "dollar", "dollars"));
    let cents = format!("{} {}", unsigned(rest), plural(rest, "cent", "cents"));
    match (whole, rest) {
        (_, 0) => format!("{sign}{dollars}"),
        (0, _) => format!("{sign}{cents}"),
        _ => format!("{sign}{dollars} and {cents}"),
    }
}

/// A length of time, given in minutes.
///
/// ```
/// use shared::vapi::speech::duration;
///
/// assert_eq!(duration(30), "thirty minutes");
/// assert_eq!(duration(60), "one hour");
/// assert_eq!(duration(75), "one hour and fifteen minutes");
/// ```
#[must_use]
pub fn duration(minutes: u32) -> String {
    let hours = counted(i64::from(minutes / 60), "hour", "hours");
    let rest = counted(i64::from(minutes % 60), "minute", "minutes");
    match (minutes / 60, minutes % 60) {
        (0, _) => rest,
        (_, 0) => hours,
        _ => format!("{hours} and {rest}"),
    }
}

/// So many of something, halves and quarters included. To two decimals.
///
/// ```
/// use shared::vapi::speech::quantity;
///
/// assert_eq!(quantity(2.0, "bedroom", "bedrooms"), "two bedrooms");
/// assert_eq!(quantity(1.5, "bathroom", "bathrooms"), "one and a half bathrooms");
/// ```
#[must_use]
pub fn quantity(amount: f64, one: &str, many: &str) -> String {
    // Past this a number of rooms or square feet is a mistake, not a quantity.
    if !amount.is_finite() || amount.abs() >= 1e12 {
        return format!("an unknown number of {many}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded above, and rounded"
    )]
    let hundredths = (amount * 100.0).round() as i64;
    let sign = if hundredths < 0 { "minus " } else { "" };
    let hundredths = hundredths.unsigned_abs();
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match (whole, rest) {
        (_, 0) => format!("{sign}{} {}", unsigned(whole), plural(whole, one, many)),
        (0, 50) => format!("{sign}half a {one}"),
        (_, 50) => format!("{sign}{} and a half {many}", unsigned(whole)),
        _ => format!("{sign}{} {many}", decimal(whole, rest)),
    }
}

/// "two point two five", "one point one".
fn decimal(whole: u64, hundredths: u64) -> String {
    let (tenth, hundredth) = (hundredths / 10, hundredths % 10);
    let mut words = format!("{} point {}", unsigned(whole), unsigned(tenth));
    if hundredth > 0 {
        words.push(' ');
        words.push_str(&unsigned(hundredth));
    }
    words
}

fn counted(number: i64, one: &str, many: &str) -> String {
    let noun = plural(number.unsigned_abs(), one, many);
    format!("{} {noun}", cardinal(number))
}

fn plural<'a>(number: u64, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}
