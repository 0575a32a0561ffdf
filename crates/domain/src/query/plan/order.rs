//! The order of a list, and where a page of it begins.

use super::{Column, Condition, Mapping, Param, ParamKind, PlanError, PlannedSort, SortColumn};
use crate::query::ast::Comparison;
use crate::query::typed::OrderBy;

/// The sort keys, ended by the insertion number in the direction of the key before it, so that one index serves both.
pub(super) fn plan(order: &[OrderBy], mapping: &dyn Mapping) -> Result<Vec<PlannedSort>, PlanError> {
    let mut planned = Vec::with_capacity(order.len() + 1);
    for key in order {
        let missing = || PlanError { field: key.field.clone(), what: "the order" };
        let by = mapping.sort(&key.field).ok_or_else(missing)?;
        planned.push(PlannedSort { by, descending: key.descending });
    }
    let downwards = planned.last().is_none_or(PlannedSort::downwards);
    let column = Column::required(mapping.insertion_number());
    let by = SortColumn { column, kind: ParamKind::Integer, reversed: false };
    planned.push(PlannedSort { by, descending: downwards });
    Ok(planned)
}

impl PlannedSort {
    /// Whether the stored values fall.
    fn downwards(&self) -> bool {
        self.descending != self.by.reversed
    }

    /// The key's term in ORDER BY.
    fn sql(&self, bind: &mut dyn FnMut(&Param) -> usize) -> String {
        let direction = if self.downwards() { "DESC" } else { "ASC" };
        let column = self.by.column.sql(bind);
        match (self.by.column.nullable, self.descending) {
            (false, _) => format!("{column} {direction}"),
            (true, false) => format!("{column} {direction} NULLS FIRST"),
            (true, true) => format!("{column} {direction} NULLS LAST"),
        }
    }
}

/// What stands behind ORDER BY; `bind` takes each parameter and gives its number.
pub fn order_sql(order: &[PlannedSort], bind: &mut dyn FnMut(&Param) -> usize) -> String {
    order.iter().map(|key| key.sql(bind)).collect::<Vec<_>>().join(", ")
}

/// The records behind the one whose sort keys have these values; `None` is empty. None if the values do not fit the
/// order: the cursor is not one of ours.
pub fn after(order: &[PlannedSort], values: &[Option<Param>]) -> Option<Condition> {
    let fits = |(key, value): (&PlannedSort, &Option<Param>)| match value {
        Some(value) => value.kind() == key.by.kind,
        None => key.by.column.nullable,
    };
    if order.is_empty() || order.len() != values.len() || !order.iter().zip(values).all(fits) {
        return None;
    }
    let below = order[0].downwards();
    let plain: Vec<Param> = values.iter().flatten().cloned().collect();
    let one_way = order.iter().all(|key| !key.by.column.nullable && key.downwards() == below);
    if one_way && plain.len() == values.len() {
        let columns = order.iter().map(|key| key.by.column.clone()).collect();
        return Some(Condition::Beyond { columns, below, values: plain });
    }
    let mut ways = Vec::with_capacity(order.len());
    let mut equal = Vec::with_capacity(order.len());
    for (key, value) in order.iter().zip(values) {
        let mut way = equal.clone();
        way.push(beyond(key, value.as_ref()));
        ways.push(Condition::all(way));
        equal.push(match value {
            Some(value) => Condition::Compare(key.by.column.clone(), Comparison::Equal, value.clone()),
            None => Condition::Null(key.by.column.clone()),
        });
    }
    let any = Condition::any(ways);
    // Said once more of the first key alone, so that an index on it is entered at the right place.
    Some(match (&order[0].by.column, &values[0]) {
        // Empty values come first when ascending, so none of them is behind a value.
        (column, Some(value)) if !column.nullable || !order[0].descending => {
            let op = if below { Comparison::AtMost } else { Comparison::AtLeast };
            Condition::all(vec![Condition::Compare(column.clone(), op, value.clone()), any])
        }
        _ => any,
    })
}

/// That a record's key comes behind this value.
fn beyond(key: &PlannedSort, value: Option<&Param>) -> Condition {
    let column = || key.by.column.clone();
    let Some(value) = value else {
        // Empty values come first when ascending, and last when descending.
        return if key.descending { Condition::False } else { Condition::NotNull(column()) };
    };
    let op = if key.downwards() { Comparison::Less } else { Comparison::Greater };
    let further = Condition::Compare(column(), op, value.clone());
    if key.by.column.nullable && key.descending {
        return Condition::any(vec![further, Condition::Null(column())]);
    }
    further
}
