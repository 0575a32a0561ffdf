//! A query as it was written, with the place of every part.
//!
//! **Invariants**
//! - [`Expr::and`] and [`Expr::or`] never nest a conjunction in a conjunction, nor a disjunction in a disjunction, so
//!   that one meaning has one tree and the printed text reads back to the same tree.
//! - Two queries are equal when they say the same; where a part stood in its text does not count.

/// Where something stands in the text: characters from 0; the end is not included. All spans are equal, so that
/// trees are compared by what they say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// First character.
    pub start: usize,
    /// Character after the last.
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Span {}

impl Span {
    /// From the start of this to the end of that.
    #[must_use]
    pub fn to(self, end: Self) -> Self {
        Self { start: self.start, end: end.end.max(self.end) }
    }
}

/// A query: which records, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which records; all of them when absent.
    pub filter: Option<Expr>,
    /// The sort keys, most important first.
    pub order: Vec<Sort>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All of these hold.
    And(Vec<Expr>),
    /// One of these holds.
    Or(Vec<Expr>),
    /// This does not hold.
    Not(Box<Expr>),
    /// A condition on one field.
    Clause(Clause),
}

impl Expr {
    /// All of these, flattened; one alone stays what it is.
    pub fn and(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            if let Self::And(inner) = part { flat.extend(inner) } else { flat.push(part) }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::And(flat) }
    }

    /// One of these, flattened; one alone stays what it is.
    pub fn or(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            if let Self::Or(inner) = part { flat.extend(inner) } else { flat.push(part) }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Or(flat) }
    }
}

/// A field as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// Its name.
    pub name: FieldName,
    /// Where.
    pub span: Span,
}

/// How a field was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// By its name.
    Named(String),
    /// By its number: `cf[10010]`.
    Custom(u64),
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The field.
    pub field: FieldRef,
    /// What it has to be.
    pub test: Test,
    /// Where the whole clause stands.
    pub span: Span,
}

/// What a field has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `field op operand`.
    Compare {
        /// The operator.
        op: Comparison,
        /// Where the operator stands.
        at: Span,
        /// With what.
        operand: Operand,
    },
    /// `field [NOT] IN (...)`.
    In {
        /// With NOT.
        negated: bool,
        /// Where the operator stands.
        at: Span,
        /// In what.
        operands: Operands,
    },
    /// `field IS [NOT] EMPTY`.
    Empty {
        /// With NOT.
        negated: bool,
        /// Where the operator stands.
        at: Span,
    },
    /// `field WAS [NOT] [IN] operand {predicate}`.
    Was {
        /// With NOT.
        negated: bool,
        /// Where the operator stands.
        at: Span,
        /// What it was.
        operands: Operands,
        /// When and by whom.
        predicates: Vec<HistoryPredicate>,
    },
    /// `field CHANGED {predicate}`.
    Changed {
        /// Where the operator stands.
        at: Span,
        /// From what to what, when and by whom.
        predicates: Vec<HistoryPredicate>,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `~`
    Contains,
    /// `!~`
    ContainsNot,
}

impl Comparison {
    /// All of them, as they are offered.
    pub const ALL: [Self; 8] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::ContainsNot,
        Self::Less,
        Self::AtMost,
        Self::Greater,
        Self::AtLeast,
    ];

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Contains => "~",
            Self::ContainsNot => "!~",
        }
    }
}

/// One operand, or a list in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operands {
    /// One.
    One(Operand),
    /// A list; never empty.
    List(Vec<Operand>),
}

impl Operands {
    /// The operands, however they were written.
    pub fn iter(&self) -> std::slice::Iter<'_, Operand> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::List(list) => list.iter(),
        }
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A word, a number or a text in quotes.
    Value(Literal),
    /// A function.
    Call(Call),
    /// EMPTY or NULL.
    Empty(Span),
}

impl Operand {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Value(literal) => literal.span,
            Self::Call(call) => call.span,
            Self::Empty(span) => *span,
        }
    }
}

/// A value as written; the field's type says how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The text, without quotes.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A function with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function's name as written.
    pub name: String,
    /// The arguments: values and calls.
    pub arguments: Vec<Operand>,
    /// Where.
    pub span: Span,
}

/// What narrows WAS and CHANGED.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPredicate {
    /// Which.
    pub kind: HistoryKind,
    /// Where.
    pub span: Span,
}

/// Kinds of [`HistoryPredicate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryKind {
    /// What the value was before the change.
    From(Operands),
    /// What the value became.
    To(Operands),
    /// Who changed it.
    By(Operands),
    /// Before an instant.
    Before(Operand),
    /// After an instant.
    After(Operand),
    /// On a day.
    On(Operand),
    /// Between two instants.
    During(Operand, Operand),
}

/// A sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By which field.
    pub field: FieldRef,
    /// Largest first.
    pub descending: bool,
}
