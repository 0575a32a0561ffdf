//! What is true of every query, and of every text that is none.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// So many times as many cases as usual: `PROPTEST_CASES=100000` makes a night's fuzzing of it.
fn cases(times: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.saturating_mul(times), ..usual }
}

/// Pieces of queries, right and wrong.
const PIECES: [&str; 62] = [
    "priority",
    "status",
    "assignee",
    "created",
    "text",
    "\"Time to resolution\"",
    "Approvals",
    "cf[10010]",
    "cf[",
    "labels",
    "due",
    "count",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "~",
    "!~",
    "IN",
    "not",
    "NOT IN",
    "is",
    "EMPTY",
    "null",
    "WAS",
    "changed",
    "FROM",
    "to",
    "BY",
    "before",
    "AFTER",
    "on",
    "DURING",
    "and",
    "OR",
    "&&",
    "||",
    "!",
    "(",
    ")",
    ",",
    "\"",
    "'",
    "\\",
    "order by",
    "desc",
    "High",
    "ana",
    "-7d",
    "\"+1w 2h\"",
    "2026-01-31",
    "999999999999999999999",
    "9999-12-31",
    "now()",
    "startOfDay(\"+1d\")",
    "membersOf(network)",
    "breached()",
    "remaining(",
    "-9999y",
    "ä\u{1F6A8}",
];

fn soup() -> BoxedStrategy<String> {
    let piece = (select(&PIECES[..]), select(&[" ", "", "\n"][..]));
    vec(piece, 0..14)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, gap)| format!("{piece}{gap}")).collect())
        .boxed()
}

/// Nothing about a text may panic, and what is said about it has to make sense.
fn try_everything(text: &str, cursor: usize) -> Result<(), TestCaseError> {
    let length = text.chars().count();
    let completion = complete(text, cursor, &vocabulary());
    prop_assert!(completion.from <= completion.to && completion.to <= length);
    let query = match parse(text) {
        Ok(query) => query,
        Err(error) => {
            prop_assert!(error.position + error.length <= length, "{error:?}");
            prop_assert!(!error.message.is_empty());
            return Ok(());
        }
    };
    let printed = query.to_string();
    let again = parse(&printed);
    prop_assert_eq!(again.as_ref(), Ok(&query), "{}", printed);
    let _names = wanted(&query, &vocabulary());
    if let Err(errors) = super::super::check(&query, &vocabulary(), &asker(), &names()) {
        prop_assert!(!errors.is_empty() && errors.len() <= ERRORS_MAX);
        prop_assert!(errors.iter().all(|error| error.position + error.length <= length), "{errors:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn pieces_in_any_order_do_no_harm(text in soup(), cursor in 0_usize..80) {
        try_everything(&text, cursor)?;
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..120), cursor in 0_usize..120) {
        try_everything(&String::from_utf8_lossy(&bytes), cursor)?;
    }

    #[test]
    fn any_text_does_no_harm(text in "\\PC{0,60}", cursor in 0_usize..60) {
        try_everything(&text, cursor)?;
    }

    #[test]
    fn any_value_is_read_or_refused(field in select(&PIECES[..12]), value in ".{0,30}", op in select(&PIECES[12..20])) {
        let literal = Literal { text: value.replace('\0', ""), span: Span::default() };
        let text = format!("{field} {op} {literal}");
        try_everything(&text, text.chars().count())?;
    }

    #[test]
    fn any_offset_is_read_or_refused(value in "[+-]?([0-9]{1,8}[yMwdhm ]){1,4}") {
        let text = format!("created > \"{value}\" or due = startOfYear(\"{value}\") or due = endOfWeek(\"{value}\") \
                            or \"Time to resolution\" < remaining(\"{value}\") or status was open on \"{value}\"");
        try_everything(&text, 0)?;
    }
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "[a-zA-Z][a-zA-Z0-9_.:/+*-]{0,6}",
        1 => "[^\u{0}]{0,8}",
        1 => select(&["NOT", "and", "Empty", "cf", "by", "IN", "order", "desc", "\"", "\\", "", " ", "\n\t"][..])
            .prop_map(str::to_owned),
    ]
    .boxed()
}

fn field() -> BoxedStrategy<FieldRef> {
    let name = prop_oneof![4 => text().prop_map(FieldName::Named), 1 => any::<u64>().prop_map(FieldName::Custom)];
    name.prop_map(|name| FieldRef { name, span: Span::default() }).boxed()
}

fn value() -> BoxedStrategy<Operand> {
    text().prop_map(|text| Operand::Value(Literal { text, span: Span::default() })).boxed()
}

fn call() -> BoxedStrategy<Operand> {
    let named = |arguments: Vec<Operand>, name: String| Operand::Call(Call { name, arguments, span: Span::default() });
    let name = || "f[a-zA-Z]{0,6}";
    let inner = (vec(value(), 0..2), name()).prop_map(move |(arguments, name)| named(arguments, name));
    (vec(prop_oneof![3 => value(), 1 => inner], 0..3), name())
        .prop_map(move |(arguments, name)| named(arguments, name))
        .boxed()
}

fn operand() -> BoxedStrategy<Operand> {
    prop_oneof![4 => value(), 1 => call(), 1 => Just(Operand::Empty(Span::default()))].boxed()
}

fn operands() -> BoxedStrategy<Operands> {
    prop_oneof![operand().prop_map(Operands::One), vec(operand(), 1..4).prop_map(Operands::List)].boxed()
}

fn predicates() -> BoxedStrategy<Vec<HistoryPredicate>> {
    let kind = prop_oneof![
        operands().prop_map(HistoryKind::From),
        operands().prop_map(HistoryKind::To),
        operands().prop_map(HistoryKind::By),
        operand().prop_map(HistoryKind::Before),
        operand().prop_map(HistoryKind::After),
        operand().prop_map(HistoryKind::On),
        (operand(), operand()).prop_map(|(from, to)| HistoryKind::During(from, to)),
    ];
    vec(kind.prop_map(|kind| HistoryPredicate { kind, span: Span::default() }), 0..3).boxed()
}

fn clause() -> BoxedStrategy<Expr> {
    let at = Span::default();
    let list = prop_oneof![call().prop_map(Operands::One), vec(operand(), 1..4).prop_map(Operands::List)];
    let test = prop_oneof![
        4 => (select(&Comparison::ALL[..]), operand()).prop_map(move |(op, operand)| Test::Compare { op, at, operand }),
        2 => (any::<bool>(), list).prop_map(move |(negated, operands)| Test::In { negated, at, operands }),
        1 => any::<bool>().prop_map(move |negated| Test::Empty { negated, at }),
        1 => (any::<bool>(), operands(), predicates())
            .prop_map(move |(negated, operands, predicates)| Test::Was { negated, at, operands, predicates }),
        1 => predicates().prop_map(move |predicates| Test::Changed { at, predicates }),
    ];
    (field(), test).prop_map(move |(field, test)| Expr::Clause(Clause { field, test, span: at })).boxed()
}

fn query() -> BoxedStrategy<Query> {
    let expr = clause().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Expr::and),
            vec(inner.clone(), 1..4).prop_map(Expr::or),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    });
    let sort = (field(), any::<bool>()).prop_map(|(field, descending)| Sort { field, descending });
    (proptest::option::weighted(0.9, expr), vec(sort, 0..3)).prop_map(|(filter, order)| Query { filter, order }).boxed()
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn what_is_printed_reads_back(query in query()) {
        let printed = query.to_string();
        let again = parse(&printed);
    prop_assert_eq!(again.as_ref(), Ok(&query), "{}", printed);
        // Canonical: printing again changes nothing.
        prop_assert_eq!(parse(&printed).map(|query| query.to_string()), Ok(printed));
    }

    #[test]
    fn now_lies_between_start_and_end(
        second in -2_000_000_000_i64..4_000_000_000,
        zone in select(&["Europe/Oslo", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo", "UTC"][..]),
        unit in select(&["Day", "Week", "Month", "Year"][..]),
    ) {
        let now = Timestamp::from_second(second).expect("an instant");
        let asker = Asker::new(now, Zone::parse(zone).expect("a zone"), None);
        let text = format!("created >= startOf{unit}() AND created <= endOf{unit}() AND created > startOf{unit}(-1) \
                            AND created < startOf{unit}(1) AND NOT created > endOf{unit}(1)");
        let query = parse(&text).expect("reads");
        let typed = super::super::check(&query, &vocabulary(), &asker, &names()).expect("is sound");
        struct At(Timestamp);
        impl Record for At {
            fn values(&self, _: &FieldKey) -> Vec<Value> {
                vec![Value::Instant(self.0)]
            }
        }
        prop_assert!(typed.matches(&At(now)));
    }

    #[test]
    fn spans_hold_what_they_name(query in query()) {
        let printed: Vec<char> = query.to_string().chars().collect();
        let Ok(Query { filter: Some(filter), .. }) = parse(&printed.iter().collect::<String>()) else { return Ok(()) };
        let mut parts = vec![&filter];
        while let Some(part) = parts.pop() {
            match part {
                Expr::And(inner) | Expr::Or(inner) => parts.extend(inner),
                Expr::Not(inner) => parts.push(inner),
                Expr::Clause(clause) => {
                    let text: String = printed[clause.span.start..clause.span.end].iter().collect();
                    prop_assert_eq!(text, clause.to_string());
                }
            }
        }
    }
}
