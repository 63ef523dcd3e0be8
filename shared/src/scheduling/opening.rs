//! From rules on the wall clock to merged opening hours in instants.
//!
//! A date with an override takes its blocks from there and nothing from the
//! week; a block of the day before ends at its midnight. Blocks that overlap or
//! touch, also across midnight, become one.

use super::{
    clock::{LocalClock, day_number, weekday},
    hours::Block,
    rules::Rules,
    stretch::{self, Stretch},
};

/// The stretches opened by the blocks that start on a date from `first` to `last`.
pub(super) fn opening(rules: &Rules, clock: &LocalClock, first: i64, last: i64) -> Vec<Stretch> {
    let overrides: Vec<(i64, &[Block])> = rules
        .overrides
        .iter()
        .map(|(date, blocks)| (day_number(*date), blocks.as_slice()))
        .filter(|(day, _)| (first..=last + 1).contains(day))
        .collect();
    let override_of = |day: i64| {
        let index = overrides.binary_search_by_key(&day, |(day, _)| *day);
        index.ok().and_then(|index| overrides.get(index))
    };

    let mut stretches = Vec::new();
    let mut own = override_of(first);
    for day in first..=last {
        let next = override_of(day + 1);
        let blocks = own.map_or_else(|| rules.hours.on_index(weekday(day)), |(_, own)| *own);
        for (opens, closes) in blocks.iter().filter_map(|block| block.minutes()) {
            let latest = if next.is_some() { 24 * 60 } else { u16::MAX };
            let stretch = Stretch {
                start: clock.minute_of(day, opens),
                end: clock.minute_of(day, closes.min(latest)),
            };
            // A gap can swallow a block: an opening inside it moves past the closing.
            if !stretch.is_empty() {
                stretches.push(stretch);
            }
        }
        own = next;
    }
    stretch::merge(&mut stretches);
    stretches
}
