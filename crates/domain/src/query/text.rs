//! What `~` looks for in a text that is searched by words.
//!
//! `disk full` asks for both words, in any order; `"disk full"` (in quotes within the quotes) for one behind the
//! other; `disk*` for words that begin so. A word is a run of letters and digits, in any case, so `web-01` is the
//! word `web` with `01` behind it.
//!
//! A full-text index has to cut texts in the same way: index [`indexed`], and search by [`TextQuery::fts5`],
//! [`TextQuery::fts5_in`] or [`TextQuery::tsquery`].

use super::vocabulary::fold;

/// The words of a text, in lower case.
pub fn words(text: &str) -> Vec<String> {
    cut(&fold(text)).map(str::to_owned).collect()
}

fn cut(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// How much of a text is searched, in bytes: an index takes no more of one record.
const LONGEST: usize = 200_000;

/// A text as it stands in a full-text index: its words, up to [`LONGEST`] bytes of them.
pub fn indexed(text: &str) -> String {
    let folded = fold(text);
    let mut all = String::with_capacity(folded.len());
    for word in cut(&folded) {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(word);
    }
    let mut end = LONGEST.min(all.len());
    while !all.is_char_boundary(end) {
        end -= 1;
    }
    all.truncate(end);
    all
}

/// Words that stand one behind the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// At least one.
    pub words: Vec<String>,
    /// Whether the last word may go on.
    pub prefix: bool,
}

/// Terms that all have to stand in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextQuery {
    terms: Vec<Term>,
    /// What may stand in front of each word of a term in an index.
    mark: Option<char>,
}

impl TextQuery {
    /// Reads what is looked for; none if it holds no word.
    pub fn parse(text: &str) -> Option<Self> {
        let mut terms = Vec::new();
        for (number, part) in text.split('"').enumerate() {
            if number % 2 == 1 {
                terms.extend(Term::read(part));
            } else {
                terms.extend(part.split_whitespace().filter_map(Term::read));
            }
        }
        (!terms.is_empty()).then_some(Self { terms, mark: None })
    }

    /// Whether each term stands in one of the texts.
    pub fn stands_in<'t>(&self, texts: impl Iterator<Item = &'t str>) -> bool {
        let texts: Vec<Vec<String>> = texts.map(words).collect();
        self.terms.iter().all(|term| texts.iter().any(|words| term.stands_in(words)))
    }

    /// The query over an index in which words of another origin are marked: a term may be of either.
    #[must_use]
    pub fn or_marked(self, mark: char) -> Self {
        Self { mark: Some(mark), ..self }
    }

    /// All terms, each as `phrase` writes it, also with its words marked if some are.
    fn written(&self, phrase: impl Fn(&Term, &str) -> String, or: &str, and: &str) -> String {
        let term = |term: &Term| match self.mark {
            Some(mark) => format!("({}{or}{})", phrase(term, ""), phrase(term, &mark.to_string())),
            None => phrase(term, ""),
        };
        self.terms.iter().map(term).collect::<Vec<_>>().join(and)
    }

    /// The operand of SQLite's `MATCH`.
    pub fn fts5(&self) -> String {
        let phrase = |term: &Term, mark: &str| {
            let words: Vec<String> = term.words.iter().map(|word| format!("{mark}{word}")).collect();
            format!("\"{}\"{}", words.join(" "), if term.prefix { "*" } else { "" })
        };
        self.written(phrase, " OR ", " AND ")
    }

    /// The operand of SQLite's `MATCH` over some columns of an index.
    pub fn fts5_in(&self, columns: &[&str]) -> String {
        format!("{{{}}} : ({})", columns.join(" "), self.fts5())
    }

    /// What PostgreSQL's `to_tsquery('simple', ..)` reads, over the parts of an index with these weights.
    pub fn tsquery(&self, weights: &str) -> String {
        let phrase = |term: &Term, mark: &str| {
            let last = term.words.len().saturating_sub(1);
            let words: Vec<String> = (term.words.iter().enumerate())
                .map(|(place, word)| {
                    let star = if term.prefix && place == last { "*" } else { "" };
                    format!("{mark}{word}:{star}{weights}")
                })
                .collect();
            format!("({})", words.join(" <-> "))
        };
        self.written(phrase, " | ", " & ")
    }
}

impl Term {
    fn read(part: &str) -> Option<Self> {
        let words = words(part);
        let prefix = part.trim_end().ends_with('*');
        (!words.is_empty()).then_some(Self { words, prefix })
    }

    fn stands_in(&self, text: &[String]) -> bool {
        let last = self.words.len().saturating_sub(1);
        text.windows(self.words.len()).any(|window| {
            window.iter().zip(&self.words).enumerate().all(|(place, (found, wanted))| {
                if self.prefix && place == last { found.starts_with(wanted) } else { found == wanted }
            })
        })
    }
}
