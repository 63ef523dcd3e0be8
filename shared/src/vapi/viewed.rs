//! The property that a viewing is of: where it is, in which zone, and who shows it.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::answer::Answer;
use super::property::{Meant, short_address, unreadable, zone};
use super::speech;
use super::webhook::Asked;
use crate::ids::UserId;
use crate::rentals::Rental;
use crate::store::Place;

/// What is known of the property. One that is not in the inventory is taken as the
/// caller said it, and is shown by the staff member whom the assistant is for.
pub(super) struct Viewed {
    /// As it is written in the inventory, else as it was said.
    pub(super) address: Option<String>,
    /// Its own zone, if it names one.
    pub(super) zone: Option<TimeZone>,
    /// Where it is: several while it is not known which is meant, none when it is not in
    /// the inventory.
    pub(super) places: Vec<Place>,
    /// Whose calendar it is viewed by.
    pub(super) user: UserId,
    /// As a listener hears it.
    spoken: String,
}

/// One property, or several that may be meant.
pub(super) enum WhichViewed {
    One(Viewed),
    Several {
        as_said: Viewed,
        rentals: Vec<Arc<Rental>>,
        question: String,
    },
}

impl Viewed {
    /// The property that a tool names, as far as it names one.
    pub(super) async fn of(asked: &Asked<'_>) -> Result<WhichViewed, Answer> {
        let meant = asked.property().await.map_err(|error| unreadable(&error))?;
        Ok(match meant {
            Meant::One(rental) => WhichViewed::One(Self::matched(&rental, asked).await?),
            Meant::Unsaid | Meant::None(_) => WhichViewed::One(Self::as_said(asked)),
            Meant::Several { rentals, question } => WhichViewed::Several {
                as_said: Self::as_said(asked),
                rentals,
                question,
            },
        })
    }

    /// A slot that was offered stays with whom it was offered for.
    async fn matched(rental: &Rental, asked: &Asked<'_>) -> Result<Self, Answer> {
        let offered = asked.offered_slot(&asked.meant.whom.user).await?;
        let user = match offered {
            Some(_) => &asked.meant.whom.user,
            None => &rental.user_id,
        };
        Ok(Self {
            address: Some(rental.property_address.clone()),
            zone: zone(rental),
            places: vec![Place::from(rental)],
            user: user.clone(),
            spoken: short_address(rental),
        })
    }

    fn as_said(asked: &Asked<'_>) -> Self {
        let address = asked.text("property_address");
        let spoken = address.as_deref().map(speech::address).unwrap_or_default();
        Self {
            address: address.or_else(|| asked.text("property_id")),
            zone: None,
            places: Vec::new(),
            user: asked.meant.whom.user.clone(),
            spoken,
        }
    }

    /// Where it is, to be said behind "a viewing": " at fourteen Mill Lane".
    pub(super) fn spoken_place(&self) -> String {
        if self.spoken.is_empty() {
            String::new()
        } else {
            format!(" at {}", self.spoken)
        }
    }
}

impl WhichViewed {
    /// The one that is to be booked, or the question which.
    pub(super) fn unambiguous(self) -> Result<Viewed, Answer> {
        match self {
            Self::One(viewed) => Ok(viewed),
            Self::Several { question, .. } => Err(Answer::not_done(question)),
        }
    }

    /// The one whose times are asked for. Several will do if one staff member shows all
    /// of them: times are offered that do for each.
    pub(super) fn with_one_calendar(self) -> Result<Viewed, Answer> {
        match self {
            Self::One(viewed) => Ok(viewed),
            Self::Several {
                as_said,
                rentals,
                question,
            } => {
                let mut staff = rentals.iter().map(|rental| &rental.user_id);
                match staff.next() {
                    Some(first) if staff.all(|user| user == first) => Ok(Viewed {
                        user: first.clone(),
                        places: rentals
                            .iter()
                            .map(|rental| Place::from(&**rental))
                            .collect(),
                        ..as_said
                    }),
                    _ => Err(Answer::not_done(question)),
                }
            }
        }
    }
}
