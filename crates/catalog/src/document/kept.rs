//! Looking at documents without reading them: which versions are in force, and what was made of those before.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use platform::db::{Memory, lost_groups};
use platform::{DbError, Sql};

use super::store::{self, Head};

/// The heads that were read through a handle, by kind.
#[derive(Clone, Default)]
struct Seen(BTreeMap<String, Vec<Head>>);

/// That a change wrote documents itself, which may yet be rolled back.
struct Wrote;

/// Says that a change writes a document.
pub(super) fn writes(memory: &Memory) {
    memory.forget::<Seen>();
    memory.keep(Wrote);
}

/// The heads of all documents of these kinds, without their bodies. Asked again through the same handle, they are
/// remembered.
pub async fn heads(sql: &impl Sql, kinds: &[&str]) -> Result<Vec<Head>, DbError> {
    let seen = sql.memory().get::<Seen>();
    let known = |seen: &Seen| {
        let lists = kinds.iter().map(|kind| seen.0.get(*kind)).collect::<Option<Vec<_>>>()?;
        Some(lists.into_iter().flatten().cloned().collect())
    };
    if let Some(heads) = seen.as_deref().and_then(known) {
        return Ok(heads);
    }
    let mut seen = seen.as_deref().cloned().unwrap_or_default();
    for kind in kinds {
        seen.0.insert((*kind).to_owned(), Vec::new());
    }
    for head in store::heads(sql, kinds).await? {
        seen.0.entry(head.kind.clone()).or_default().push(head);
    }
    let heads = known(&seen).unwrap_or_default();
    sql.memory().keep(seen);
    Ok(heads)
}

/// What was made of the documents of some kinds when it was last needed. One suffices: it changes when somebody edits
/// one of them.
pub struct Kept<T> {
    kinds: &'static [&'static str],
    family: &'static [&'static str],
    last: Mutex<Option<Last<T>>>,
}

struct Last<T> {
    heads: Vec<Head>,
    /// How many groups of changes had been lost by then.
    lost: u64,
    made: Arc<T>,
}

impl<T> Kept<T> {
    /// Made of documents of these kinds. Whoever needs them mostly needs those of the `family` too: one statement
    /// looks at all of it.
    pub const fn new(kinds: &'static [&'static str], family: &'static [&'static str]) -> Self {
        Self { kinds, family, last: Mutex::new(None) }
    }

    /// It as the documents are now. `make` runs only when one of them changed since the last time.
    ///
    /// # Errors
    /// When the database fails, or `make` does.
    pub async fn now<S: Sql>(
        &self,
        sql: &S,
        make: impl Future<Output = Result<T, DbError>> + Send,
    ) -> Result<Arc<T>, DbError> {
        let lost = lost_groups();
        let mut now = heads(sql, self.family).await?;
        now.retain(|head| self.kinds.contains(&head.kind.as_str()));
        {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = last.as_ref()
                && last.heads == now
                && last.lost == lost
            {
                return Ok(last.made.clone());
            }
        }
        let made = Arc::new(make.await?);
        // What a change wrote itself may be rolled back, and its version given to another body.
        if sql.memory().get::<Wrote>().is_none() {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Last { heads: now, lost, made: made.clone() });
        }
        Ok(made)
    }
}
