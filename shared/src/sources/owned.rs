//! Sources as one caller sees them: listed, added and removed, by whoever may.

use jiff::Timestamp;

use super::error::SourceError;
use super::link::SourceLink;
use crate::ids::{SourceId, UserId, source_at};
use crate::store::{ListingSource, SourceKind, Sources, StoreError};

/// The most sources of one staff member.
const MOST: usize = 20;

/// A source to be.
#[derive(Clone, Debug)]
pub struct NewSource {
    pub link: SourceLink,
    pub kind: SourceKind,
    pub website: String,
    pub location: Option<String>,
}

/// The sources as they are seen by one caller.
pub struct OwnedSources<'a> {
    pub sources: &'a Sources,
    /// The staff member whose sources are seen; all of them without.
    pub owner: Option<&'a UserId>,
    pub now: Timestamp,
}

impl OwnedSources<'_> {
    /// The source with that id.
    pub async fn get(&self, id: &SourceId) -> Result<ListingSource, SourceError> {
        let found = self.sources.get(id).await?;
        let seen = found.filter(|source| self.owner.is_none_or(|owner| *owner == source.user_id));
        seen.ok_or(SourceError::Missing)
    }

    /// Adds a source of `user`, due at once; the one that is there, when it is the same.
    /// Whether it is new is told, too.
    pub async fn add(
        &self,
        new: NewSource,
        user: &UserId,
    ) -> Result<(ListingSource, bool), SourceError> {
        let id = source_at(user, new.link.as_str());
        if let Some(known) = self.sources.get(&id).await? {
            return same(known, &new);
        }
        if self.sources.count(user).await? >= MOST {
            return Err(SourceError::TooMany);
        }
        let source = ListingSource {
            id,
            schema: ListingSource::SCHEMA,
            version: 1,
            user_id: user.clone(),
            website: new.website.clone(),
            url: new.link.as_str().to_owned(),
            kind: new.kind,
            location: new.location.clone(),
            created_at: self.now,
            last_refreshed_at: None,
            last_outcome: None,
            next_refresh_at: self.now,
            leased_until: None,
            seen: Vec::new(),
        };
        match self.sources.add(&source).await {
            Ok(()) => Ok((source, true)),
            // Somebody adds it at the same time.
            Err(StoreError::Changed) => match self.sources.get(&source.id).await? {
                Some(known) => same(known, &new),
                None => Err(SourceError::Busy),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a source. The rentals that came of it stay.
    pub async fn remove(&self, id: &SourceId) -> Result<(), SourceError> {
        let source = self.get(id).await?;
        Ok(self.sources.remove(&source.id).await?)
    }
}

fn same(known: ListingSource, new: &NewSource) -> Result<(ListingSource, bool), SourceError> {
    let is_same =
        known.kind == new.kind && known.website == new.website && known.location == new.location;
    is_same
        .then_some((known, false))
        .ok_or(SourceError::Differs)
}
