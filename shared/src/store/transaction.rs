//! Writes that take place together or not at all.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use futures_util::FutureExt;

use super::StoreError;

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Transacted {
    Done,
    /// Nothing was written: somebody else was first. Of these writes, in order, a condition
    /// did not hold; of none, when others wrote the same items at this very moment.
    Refused(BTreeSet<usize>),
}

/// Writes all of them, or none.
pub(super) async fn transact(
    client: &Client,
    writes: Vec<TransactWriteItem>,
) -> Result<Transacted, StoreError> {
    let request = client.transact_write_items();
    let request = request.set_transact_items(Some(writes));
    let Err(error) = request.send().boxed().await else {
        return Ok(Transacted::Done);
    };
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons().iter();
            let codes: Vec<&str> = reasons
                .map(|reason| reason.code().unwrap_or("None"))
                .collect();
            let refused = refused(&codes).ok_or_else(|| StoreError::from(error))?;
            Ok(Transacted::Refused(refused))
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
            Ok(Transacted::Refused(BTreeSet::new()))
        }
        _ => Err(error.into()),
    }
}

/// Which writes had a condition that did not hold, by the reasons of a cancellation, one a
/// write (Amazon DynamoDB, `TransactWriteItems`); none when it was cancelled for anything
/// but others.
fn refused(reasons: &[&str]) -> Option<BTreeSet<usize>> {
    let expected = ["None", "ConditionalCheckFailed", "TransactionConflict"];
    let is_known = reasons.iter().all(|code| expected.contains(code));
    let has_one = reasons.iter().any(|code| *code != "None");
    let refused = reasons.iter().enumerate();
    let refused = refused.filter(|(_, code)| **code == "ConditionalCheckFailed");
    (is_known && has_one).then(|| refused.map(|(index, _)| index).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_were_in_the_way_of_is_told_from_what_does_not_hold() {
        for (reasons, expected) in [
            (vec!["None", "TransactionConflict"], Some(vec![])),
            (vec!["ConditionalCheckFailed", "None"], Some(vec![0])),
            (
                vec!["TransactionConflict", "ConditionalCheckFailed"],
                Some(vec![1]),
            ),
            (vec!["None", "ThrottlingError"], None),
            (vec!["ConditionalCheckFailed", "ThrottlingError"], None),
            (vec!["None", "None"], None),
            (vec![], None),
        ] {
            let expected = expected.map(BTreeSet::from_iter);
            assert_eq!(refused(&reasons), expected, "{reasons:?}");
        }
    }
}
