//! The tool `get_property_details`: what there is to know of a property, as a sentence
//! or two.

use std::sync::Arc;

use jiff::civil::Date;

use super::answer::Answer;
use super::property::{Meant, availability, fitting, in_a_list, rent, short_address, unreadable};
use super::speech;
use super::webhook::Asked;
use crate::rentals::{Rental, local_date};

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let meant = asked.property().await.map_err(|error| unreadable(&error))?;
    Ok(match meant {
        Meant::One(rental) => {
            let today = local_date(&rental, asked.turn.now, asked.desk.default_zone());
            Answer::done(details(&rental, today))
        }
        Meant::Several { question, .. } => Answer::not_done(question),
        Meant::None(near) => Answer::not_done(nearest(&near)),
        Meant::Unsaid => Answer::not_done("Which property would you like to know about?"),
    })
}

fn details(rental: &Rental, today: Date) -> String {
    let bedrooms = rental.bedrooms.map(|count| match count {
        0 => "a studio".to_owned(),
        count => speech::quantity(f64::from(count), "bedroom", "bedrooms"),
    });
    let bathrooms = rental
        .bathrooms
        .map(|count| speech::quantity(f64::from(count.halves()) / 2.0, "bathroom", "bathrooms"));
    let rooms: Vec<String> = [bedrooms, bathrooms].into_iter().flatten().collect();
    let has = match (rental.bedrooms, rooms.as_slice()) {
        (_, []) => String::new(),
        (Some(0), [studio]) => format!(" is {studio}."),
        (Some(0), [studio, bathrooms, ..]) => format!(" is {studio} with {bathrooms}."),
        (_, rooms) => format!(" has {}.", speech::all_of(rooms)),
    };
    let when = match availability(rental, today).as_str() {
        "not dated yet" => " I do not know yet from when it can be had.".to_owned(),
        when => format!(" It is {when}."),
    };
    let rent = rent(rental).map_or_else(
        || " I do not know the rent yet.".to_owned(),
        |rent| format!(" The rent is {rent} a month."),
    );
    let address = speech::address(&rental.property_address);
    let question = if rental.off_market {
        " Shall I look for something like it?"
    } else {
        " Would you like to see it?"
    };
    let has_or_is = if has.is_empty() {
        " is one of ours."
    } else {
        has.as_str()
    };
    fitting(&[
        format!("{address}{has_or_is}{rent}{when}{question}"),
        format!("{}{has_or_is}{rent}{when}{question}", short_address(rental)),
        format!("{}{has_or_is}{when}{question}", short_address(rental)),
    ])
}

/// What is near when nothing fits.
fn nearest(near: &[Arc<Rental>]) -> String {
    let list = |with_rent: bool| {
        let named: Vec<String> = near
            .iter()
            .map(|rental| in_a_list(rental, with_rent))
            .collect();
        speech::one_of(&named)
    };
    if near.is_empty() {
        return "I could not find that property. Could you tell me the street and the number once \
                more?"
            .to_owned();
    }
    fitting(&[
        format!(
            "I could not find exactly that. Do you mean {}?",
            list(false)
        ),
        "I could not find exactly that. Could you tell me the street and the number once more?"
            .to_owned(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rentals::{AvailableDate, Bathrooms, Price};
    use crate::vapi::speech::rules::violations;
    use proptest::prelude::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 25);

    fn rental() -> Rental {
        let mut rental = crate::rentals::a_rental("14 Mill Lane, Apt 2B, Austin, TX 78701");
        rental.price = Some(Price::from_cents(145_000));
        rental.bedrooms = Some(2);
        rental.bathrooms = Some(Bathrooms::from_halves(3));
        rental.available_date = Some(AvailableDate::Now);
        rental
    }

    #[test]
    fn details_are_words() {
        let mut rental = rental();
        assert_eq!(
            details(&rental, TODAY),
            "fourteen Mill Lane, apartment two B, Austin, Texas, seven eight seven zero one has \
             two bedrooms and one and a half bathrooms. The rent is one thousand four hundred \
             fifty dollars a month. It is available now. Would you like to see it?"
        );
        rental.bedrooms = Some(0);
        rental.price = None;
        rental.available_date = Some(AvailableDate::On(jiff::civil::date(2026, 12, 1)));
        rental.property_address = "305 E 5th St".to_owned();
        assert_eq!(
            details(&rental, TODAY),
            "three oh five East fifth Street is a studio with one and a half bathrooms. I do not \
             know the rent yet. It is available from Tuesday, December first. Would you like to \
             see it?"
        );
        rental.off_market = true;
        rental.bedrooms = None;
        rental.bathrooms = None;
        assert_eq!(
            details(&rental, TODAY),
            "three oh five East fifth Street is one of ours. I do not know the rent yet. It is no \
             longer available. Shall I look for something like it?"
        );
    }

    #[test]
    fn what_is_near_is_asked_about() {
        let rental = rental();
        assert_eq!(
            nearest(&[Arc::new(rental)]),
            "I could not find exactly that. Do you mean the two bedroom at fourteen Mill Lane, \
             apartment two B?"
        );
    }

    proptest! {
        #[test]
        fn any_rental_is_speakable(
            address in "\\PC{0,300}", bedrooms in any::<Option<u8>>(),
            halves in any::<Option<u8>>(), cents in any::<Option<u32>>(), off_market: bool,
        ) {
            let mut rental = rental();
            rental.property_address = address;
            rental.bedrooms = bedrooms;
            rental.bathrooms = halves.map(Bathrooms::from_halves);
            rental.price = cents.map(Price::from_cents);
            rental.off_market = off_market;
            let spoken = details(&rental, TODAY);
            prop_assert_eq!(violations(&spoken), vec![], "{}", spoken);
            let rental = Arc::new(rental);
            let spoken = nearest(&[Arc::clone(&rental), Arc::clone(&rental), rental]);
            prop_assert_eq!(violations(&spoken), vec![], "{}", spoken);
        }
    }
}
