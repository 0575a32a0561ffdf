//! The text of a condition.

use super::{Column, Condition, Exists, Param, Sql};

/// Takes a parameter and gives its number.
type Bind<'b> = &'b mut dyn FnMut(&Param) -> usize;

impl Condition {
    /// The condition as an SQL expression that can stand beside AND. `bind` takes each parameter, in the order of
    /// the text, and gives the number by which it is bound.
    pub fn sql(&self, bind: &mut dyn FnMut(&Param) -> usize) -> String {
        match self {
            Self::True => "1 = 1".to_owned(),
            Self::False => "1 = 0".to_owned(),
            Self::All(parts) => join(parts, " AND ", "1 = 1", bind),
            Self::Any(parts) => join(parts, " OR ", "1 = 0", bind),
            Self::Not(part) => format!("NOT ({})", part.sql(bind)),
            Self::Compare(column, op, param) => {
                let column = column.sql(bind);
                // `<>` is the spelling of the standard.
                let op = if op.symbol() == "!=" { "<>" } else { op.symbol() };
                format!("{column} {op} ${}", bind(param))
            }
            Self::OneOf(column, params) => format!("{} IN ({})", column.sql(bind), list(params, bind)),
            Self::NoneOf(column, params) => format!("{} NOT IN ({})", column.sql(bind), list(params, bind)),
            Self::Like(column, pattern) => {
                let column = column.sql(bind);
                format!("{column} LIKE ${} ESCAPE '\\'", bind(&Param::Text(pattern.clone())))
            }
            Self::Null(column) => format!("{} IS NULL", column.plain(bind)),
            Self::NotNull(column) => format!("{} IS NOT NULL", column.plain(bind)),
            Self::Beyond { columns, below, values } => {
                let columns: Vec<String> = columns.iter().map(|column| column.sql(bind)).collect();
                let op = if *below { "<" } else { ">" };
                format!("({}) {op} ({})", columns.join(", "), list(values, bind))
            }
            Self::Exists(exists) => exists.sql(bind),
            Self::NotExists(exists) => format!("NOT {}", exists.sql(bind)),
            Self::Raw(sql, params) => format!("({})", fill(sql, params, bind)),
        }
    }
}

impl Exists {
    fn sql(&self, bind: Bind<'_>) -> String {
        let mut text = format!("EXISTS (SELECT 1 FROM {} WHERE {}", self.rows.from, self.rows.link);
        for condition in self.rows.only.iter().chain(std::iter::once(&self.when)) {
            if *condition != Condition::True {
                text.push_str(" AND ");
                text.push_str(&condition.sql(bind));
            }
        }
        text.push(')');
        text
    }
}

impl Column {
    /// The expression as it is compared and sorted by; `bind` takes each parameter and gives its number.
    pub fn sql(&self, bind: &mut dyn FnMut(&Param) -> usize) -> String {
        let plain = self.plain(bind);
        if self.folds { format!("LOWER({plain})") } else { plain }
    }

    fn plain(&self, bind: Bind<'_>) -> String {
        fill(self.sql, &self.params, bind)
    }
}

fn join(parts: &[Condition], by: &str, none: &str, bind: Bind<'_>) -> String {
    if parts.is_empty() {
        return none.to_owned();
    }
    let parts: Vec<String> = parts.iter().map(|part| part.sql(bind)).collect();
    format!("({})", parts.join(by))
}

fn list(params: &[Param], bind: Bind<'_>) -> String {
    let marks: Vec<String> = params.iter().map(|param| format!("${}", bind(param))).collect();
    // A list of none matches nothing.
    if marks.is_empty() { "NULL".to_owned() } else { marks.join(", ") }
}

/// The SQL with a number at each `$?`. A mark without parameter is NULL, which matches nothing.
fn fill(sql: Sql, params: &[Param], bind: Bind<'_>) -> String {
    let mut params = params.iter();
    let mut text = String::with_capacity(sql.len());
    for (number, piece) in sql.split("$?").enumerate() {
        if number > 0 {
            match params.next() {
                Some(param) => text.push_str(&format!("${}", bind(param))),
                None => text.push_str("NULL"),
            }
        }
        text.push_str(piece);
    }
    text
}
