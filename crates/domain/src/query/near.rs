//! Names that are near to a misspelt one.

/// The known names nearest to what was written, at most three, nearest first.
pub(crate) fn near<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let lower = written.to_lowercase();
    let length = lower.chars().count();
    // A short word has few neighbours that mean the same; a long one may have two slips.
    let allowed = if length <= 4 { 1 } else { 2 };
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

/// How many slips lie between two words (a letter added, removed or replaced, two neighbours swapped), case aside.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().take(40).collect();
    let right: Vec<char> = right.to_lowercase().chars().take(80).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.iter().enumerate() {
        let mut next = vec![index + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced = row[column] + usize::from(letter != other);
            let mut least = replaced.min(row[column + 1] + 1).min(next[column] + 1);
            if index > 0 && column > 0 && *letter == right[column - 1] && left[index - 1] == *other {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}
