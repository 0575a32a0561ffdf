//! The words of alerts for full text, in the table that its index follows.
//!
//! **Invariant.** An alert's words change in the transaction that changes its texts. A repeated report changes none.

use domain::query::indexed;

use super::store::{AlertRow, WordsRow};

/// A word between two texts that nobody looks for, so that no phrase reaches from one into the next.
const BETWEEN: &str = " \u{a015}\u{a015} ";

/// The other texts of an alert in which words are looked for: where it comes from, what it is about, tags and the
/// values of its details. An alias that is only the alert's own id says nothing.
pub(super) fn others(row: &AlertRow) -> Vec<String> {
    let alias = Some(row.alias.clone()).filter(|alias| *alias != row.id.to_string());
    let small = [row.source.clone(), row.entity.clone()].into_iter().chain(alias);
    let texts = small.chain(row.tag_list()).chain(row.detail_map().into_values());
    texts.filter(|text| !text.is_empty()).collect()
}

/// The words of an alert.
pub(super) fn of(row: &AlertRow) -> WordsRow {
    WordsRow {
        alert_seq: row.seq,
        title: indexed(&row.message),
        description: indexed(&row.description),
        other: indexed(&others(row).join(BETWEEN)),
    }
}

/// The words of a changed alert, if they are others than before.
pub(super) fn changed(before: &AlertRow, after: &AlertRow) -> Option<WordsRow> {
    let same = before.message == after.message
        && before.description == after.description
        && before.tags == after.tags
        && before.details == after.details;
    (!same).then(|| of(after))
}
