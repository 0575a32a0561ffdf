//! Mentions of people in free text.
//!
//! A mention is written `@[Shown name](person:<uuid>)`: the name is what was shown when it was written, the id says
//! who is meant. Anything that is not written exactly so is ordinary text.

use uuid::Uuid;

const BEGIN: &str = "@[";
const MIDDLE: &str = "](person:";
/// Longest shown name, in characters; a bracket that is closed much later opens no mention.
const NAME_MAX: usize = 200;

/// One mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention<'t> {
    /// The name as it was written.
    pub name: &'t str,
    /// Who is meant.
    pub person: Uuid,
}

/// A part of a text.
enum Part<'t> {
    Plain(&'t str),
    Mention(Mention<'t>),
}

/// The mention at the beginning of a text, and what follows it.
fn at_start(text: &str) -> Option<(Mention<'_>, &str)> {
    let rest = text.strip_prefix(BEGIN)?;
    let (name, rest) = rest.split_once(MIDDLE)?;
    let shown = !name.trim().is_empty() && !name.contains(['\n', '[']) && name.chars().count() <= NAME_MAX;
    let (id, rest) = rest.split_once(')').filter(|_| shown)?;
    Some((Mention { name, person: Uuid::try_parse(id).ok()? }, rest))
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain = 0;
    let mut from = 0;
    while let Some(place) = text[from..].find(BEGIN).map(|place| from + place) {
        match at_start(&text[place..]) {
            Some((mention, rest)) => {
                parts.push(Part::Plain(&text[plain..place]));
                parts.push(Part::Mention(mention));
                plain = text.len() - rest.len();
                from = plain;
            }
            None => from = place + BEGIN.len(),
        }
    }
    parts.push(Part::Plain(&text[plain..]));
    parts
}

/// The people that a text mentions, each once, in its order.
pub fn people(text: &str) -> Vec<Uuid> {
    let mut people = Vec::new();
    for part in parts(text) {
        if let Part::Mention(mention) = part
            && !people.contains(&mention.person)
        {
            people.push(mention.person);
        }
    }
    people
}

/// The text as it is read aloud: `@Name` in place of each mention.
pub fn spoken(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Plain(plain) => spoken.push_str(plain),
            Part::Mention(mention) => {
                spoken.push('@');
                spoken.push_str(mention.name);
            }
        }
    }
    spoken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANA: Uuid = Uuid::from_u128(1);
    const BO: Uuid = Uuid::from_u128(2);

    #[test]
    fn each_person_is_mentioned_once() {
        let text = format!("@[Ana Øy](person:{ANA}) please ask @[Bo](person:{BO}), @[Ana](person:{ANA}).");
        assert_eq!(people(&text), [ANA, BO]);
        assert_eq!(spoken(&text), "@Ana Øy please ask @Bo, @Ana.");
    }

    #[test]
    fn what_only_looks_like_a_mention_is_text() {
        let two_lines = format!("@[A\nB](person:{ANA})");
        let long = format!("@[{}](person:{ANA})", "x".repeat(201));
        let texts = [
            "mail@[example]",
            "@[Ana](person:ana)",
            "@[Ana](team:x)",
            "@[Ana](person:",
            "@[](person:x)",
            &two_lines,
            &long,
        ];
        for text in texts {
            assert_eq!(people(text), Vec::<Uuid>::new(), "{text}");
            assert_eq!(spoken(text), text);
        }
        // A bracket that stays open hides no mention behind it.
        assert_eq!(people(&format!("@[open @[Ana](person:{ANA})")), [ANA]);
    }

    proptest! {
        #[test]
        fn no_text_is_lost(before in "[^@]{0,20}", name in "[^\\[\\]\\n]{1,20}[a-z]", after in "\\PC{0,20}") {
            let text = format!("{before}@[{name}](person:{ANA}){after}");
            let spoken = spoken(&text);
            let expected = format!("{before}@{name}");
            prop_assert!(spoken.starts_with(&expected), "{spoken}");
        }

        #[test]
        fn any_text_can_be_read(text in "(\\PC|@\\[|\\]\\(person:|\\)){0,40}") {
            let _ = (people(&text), spoken(&text));
        }
    }
}
