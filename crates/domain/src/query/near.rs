//! Names that are near to a misspelt one.

/// The known names nearest to what was written, at most three, nearest first.
pub(crate) fn near<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let lower = written.to_lowercase();
    let length = lower.chars().count();
    // A short word has few neighbours that mean the same; a long one may have two slips.
    let allowed = match length {
        0..=2 => 1,
        3..=4 => 1 + usize::from(length == 4),
        _ => 2,
    };
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in known {
        let slips = distance(&lower, name);
        let begins = length >= 3 && name.to_lowercase().starts_with(&lower);
        if slips <= allowed {
            found.push((slips, name));
        } else if begins {
            found.push((3, name));
        }
    }
    found.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.cmp(right.1)));
    found.dedup_by(|left, right| left.1 == right.1);
    found.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// How many letters differ (added, removed, replaced), case aside.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.to_lowercase().chars().take(40).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
