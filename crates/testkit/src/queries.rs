//! Random queries over a kind of record, the same on every run.

/// Numbers that look random and are the same on every run.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `count`.
    ///
    /// # Panics
    /// When `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % count
    }

    /// One of these.
    pub fn of<'v, T: ?Sized>(&mut self, values: &[&'v T]) -> &'v T {
        values[self.below(values.len())]
    }
}

/// `=` and `!=`.
pub const SAME: &[&str] = &["=", "!="];
/// All comparisons.
pub const ORDER: &[&str] = &["=", "!=", "<", "<=", ">", ">="];
/// `~` and `!~`.
pub const FIND: &[&str] = &["~", "!~"];

/// What queries can be made of.
#[derive(Clone, Copy, Debug)]
pub struct Grammar<'g> {
    /// Fields with their operators and values.
    pub clauses: &'g [(&'g str, &'g [&'g str], &'g [&'g str])],
    /// Conditions that fit no field.
    pub others: &'g [&'g str],
    /// Fields that are never empty and cannot be asked whether they are.
    pub never_empty: &'g [&'g str],
    /// Fields that take their own operators only, and can be empty.
    pub bare: &'g [&'g str],
    /// Fields to sort by.
    pub sorts: &'g [&'g str],
}

impl Grammar<'_> {
    /// Each field with each operator and value, and each sort key both ways.
    pub fn each(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.others.iter().map(|other| (*other).to_owned()).collect();
        for (field, operators, values) in self.clauses {
            texts.extend(
                operators.iter().flat_map(|op| values.iter().map(move |value| format!("{field} {op} {value}"))),
            );
        }
        texts.extend(self.sorts.iter().flat_map(|field| ["", " DESC"].map(|way| format!("ORDER BY {field}{way}"))));
        texts
    }

    fn clause(&self, dice: &mut Dice) -> String {
        let (field, operators, values) = self.clauses[dice.below(self.clauses.len())];
        if operators == FIND {
            return format!("{field} {} {}", dice.of(operators), dice.of(values));
        }
        if self.bare.contains(&field) {
            return match dice.below(6) {
                0 => format!("{field} IS {}EMPTY", dice.of(&["", "NOT "])),
                _ => format!("{field} {} {}", dice.of(operators), dice.of(values)),
            };
        }
        let empty = !self.never_empty.contains(&field);
        match dice.below(8) {
            0 if empty => format!("{field} IS EMPTY"),
            1 if empty => format!("{field} IN ({}, {}, EMPTY)", dice.of(values), dice.of(values)),
            2 => format!("{field} NOT IN ({}, {})", dice.of(values), dice.of(values)),
            3 if !self.others.is_empty() => dice.of(self.others).to_owned(),
            _ => format!("{field} {} {}", dice.of(operators), dice.of(values)),
        }
    }

    fn filter(&self, dice: &mut Dice, depth: usize) -> String {
        match if depth == 0 { 9 } else { dice.below(8) } {
            0 => format!("NOT ({})", self.filter(dice, depth - 1)),
            1 | 2 => format!("({} AND {})", self.filter(dice, depth - 1), self.filter(dice, depth - 1)),
            3 | 4 => format!("({} OR {})", self.filter(dice, depth - 1), self.filter(dice, depth - 1)),
            _ => self.clause(dice),
        }
    }

    /// A query of some conditions and up to two sort keys.
    pub fn query(&self, dice: &mut Dice) -> String {
        let mut text = self.filter(dice, 3);
        let keys: Vec<String> =
            (0..dice.below(3)).map(|_| format!("{}{}", dice.of(self.sorts), dice.of(&["", " DESC"]))).collect();
        if !keys.is_empty() {
            text.push_str(&format!(" ORDER BY {}", keys.join(", ")));
        }
        text
    }
}
