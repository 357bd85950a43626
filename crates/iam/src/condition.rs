//! Conditions of a statement.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> and, for keys with
//! several values, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>
//! (2026-11-26)

use std::{cmp::Ordering, net::IpAddr};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::{
    context::Context,
    pattern::{Token, matches, tokens},
    text::Text,
};

/// How the values of a key with several of them count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// The key has one value.
    One,
    ForAll,
    ForAny,
}

/// What an operator compares, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Case counts or not.
    Text {
        ignore_case: bool,
    },
    Like,
    Number(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// What to add to a value for one that compares so.
    const fn aside(self) -> i32 {
        match self {
            Self::Equal | Self::LessOrEqual | Self::GreaterOrEqual => 0,
            Self::Less => -1,
            Self::Greater => 1,
        }
    }

    const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A value of the policy, ready to be compared.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(Text),
    /// Of an ARN, by its six segments, where it has no variable.
    Arn(Text, Option<Vec<Vec<Token>>>),
    Number(f64),
    Date(Timestamp),
    Flag(bool),
    Bytes(String),
    Network(IpAddr, u8),
}

/// One operator on one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    operator: Operator,
    /// In small letters.
    key: String,
    /// As the policy writes it.
    name: String,
    values: Vec<Value>,
    written: Vec<String>,
}

/// What a key can be for a condition to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sample {
    Absent,
    Value(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    quantifier: Quantifier,
    family: Family,
    negated: bool,
    if_exists: bool,
}

/// Every operator, without what can stand before and behind it.
const OPERATORS: [(&str, Family, bool); 27] = {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    const EXACT: Family = Family::Text { ignore_case: false };
    const LOOSE: Family = Family::Text { ignore_case: true };
    [
        ("StringEquals", EXACT, false),
        ("StringNotEquals", EXACT, true),
        ("StringEqualsIgnoreCase", LOOSE, false),
        ("StringNotEqualsIgnoreCase", LOOSE, true),
        ("StringLike", Family::Like, false),
        ("StringNotLike", Family::Like, true),
        ("NumericEquals", Family::Number(Equal), false),
        ("NumericNotEquals", Family::Number(Equal), true),
        ("NumericLessThan", Family::Number(Less), false),
        ("NumericLessThanEquals", Family::Number(LessOrEqual), false),
        ("NumericGreaterThan", Family::Number(Greater), false),
        ("NumericGreaterThanEquals", Family::Number(GreaterOrEqual), false),
        ("DateEquals", Family::Date(Equal), false),
        ("DateNotEquals", Family::Date(Equal), true),
        ("DateLessThan", Family::Date(Less), false),
        ("DateLessThanEquals", Family::Date(LessOrEqual), false),
        ("DateGreaterThan", Family::Date(Greater), false),
        ("DateGreaterThanEquals", Family::Date(GreaterOrEqual), false),
        ("Bool", Family::Bool, false),
        ("BinaryEquals", Family::Binary, false),
        ("IpAddress", Family::Ip, false),
        ("NotIpAddress", Family::Ip, true),
        ("ArnEquals", Family::Arn, false),
        ("ArnNotEquals", Family::Arn, true),
        ("ArnLike", Family::Arn, false),
        ("ArnNotLike", Family::Arn, true),
        ("Null", Family::Null, false),
    ]
};

impl Operator {
    /// Reads `ForAllValues:StringLikeIfExists`. Names of operators are not case-sensitive.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            Some((before, rest)) if before.eq_ignore_ascii_case("ForAllValues") => (Quantifier::ForAll, rest),
            Some((before, rest)) if before.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::ForAny, rest),
            Some(_) => return None,
            None => (Quantifier::One, name),
        };
        let lower = rest.to_ascii_lowercase();
        let (base, if_exists) = lower.strip_suffix("ifexists").map_or((lower.as_str(), false), |base| (base, true));
        let (_, family, negated) = OPERATORS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(base))?;
        // "you can add IfExists to the end of any condition operator name except the Null condition"
        if *family == Family::Null && (if_exists || quantifier != Quantifier::One) {
            return None;
        }
        Some(Self { quantifier, family: *family, negated: *negated, if_exists })
    }

    /// Reads one value of the policy.
    fn value(self, text: &str, variables: bool) -> Result<Value, String> {
        match self.family {
            Family::Text { .. } | Family::Like => Ok(Value::Text(Text::parse(text, variables)?)),
            Family::Arn => {
                let value = Text::parse(text, variables)?;
                let segments = value.fixed().map(segments);
                let open = value.has_variables() || text.starts_with(['*', '?']);
                if !open && !value.begins_with("arn:") {
                    return Err(format!("`{text}` is not an ARN"));
                }
                Ok(Value::Arn(value, segments))
            }
            Family::Number(_) => {
                text.trim().parse().map(Value::Number).map_err(|_| format!("`{text}` is not a number"))
            }
            Family::Date(_) => date(text).map(Value::Date).ok_or_else(|| format!("`{text}` is not a date")),
            Family::Bool | Family::Null => flag(text).map(Value::Flag).ok_or_else(|| {
                let name = if self.family == Family::Null { "Null" } else { "Bool" };
                format!("`{text}` is neither true nor false, which is all that {name} takes")
            }),
            Family::Binary => {
                let body = text.trim_end_matches('=');
                let is_base64 = text.len().is_multiple_of(4)
                    && text.len() - body.len() <= 2
                    && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
                is_base64.then(|| Value::Bytes(text.to_owned())).ok_or_else(|| format!("`{text}` is not base64"))
            }
            Family::Ip => network(text)
                .map(|(address, bits)| Value::Network(address, bits))
                .ok_or_else(|| format!("`{text}` is not an IP address or a range of them")),
        }
    }
}

impl Condition {
    /// One operator on a key with its values, as written.
    pub(crate) fn parse(
        operator: Operator,
        key: &str,
        values: impl IntoIterator<Item = String>,
        variables: bool,
    ) -> Result<Self, String> {
        let written: Vec<_> = values.into_iter().collect();
        let values = written.iter().map(|text| operator.value(text, variables)).collect::<Result<_, _>>()?;
        Ok(Self { operator, key: key.to_ascii_lowercase(), name: key.to_owned(), values, written })
    }

    /// The key in small letters.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The keys that it asks for and the request lacks: its own as the policy writes it, and those of variables in small letters.
    pub(crate) fn lacks<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a str> {
        let own = context.get(&self.key).is_none().then_some(self.name.as_str());
        let texts = self.values.iter().filter_map(|value| match value {
            Value::Text(text) | Value::Arn(text, _) => Some(text),
            _ => None,
        });
        own.into_iter().chain(texts.flat_map(|text| text.lacks(context)))
    }

    /// Some of what the key can be for the condition to hold, `other` being a value that no policy names.
    pub(crate) fn samples(&self, other: &str) -> Vec<Sample> {
        let Operator { quantifier, family, negated, if_exists } = self.operator;
        let mut samples = Vec::new();
        if if_exists || quantifier == Quantifier::ForAll || negated && quantifier == Quantifier::One {
            samples.push(Sample::Absent);
        }
        if negated {
            samples.push(Sample::Value(if family == Family::Ip { "192.0.2.255".to_owned() } else { other.to_owned() }));
        }
        for (value, written) in self.values.iter().zip(&self.written) {
            samples.extend(match (family, value) {
                (Family::Null, Value::Flag(true)) => Some(Sample::Absent),
                (Family::Null, _) => Some(Sample::Value(other.to_owned())),
                _ if negated => None,
                (Family::Number(comparison), Value::Number(number)) => {
                    Some(Sample::Value((number + f64::from(comparison.aside())).to_string()))
                }
                (Family::Date(comparison), Value::Date(date)) => {
                    Some(Sample::Value((date.as_second() + i64::from(comparison.aside())).to_string()))
                }
                (_, Value::Network(address, _)) => Some(Sample::Value(address.to_string())),
                _ => Some(Sample::Value(written.replace('*', other).replace('?', "x"))),
            });
        }
        samples
    }

    /// Whether a request with this context fulfils it.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let Operator { quantifier, family, negated, if_exists } = self.operator;
        let found = context.get(&self.key);
        if family == Family::Null {
            let absent = found.is_none_or(<[String]>::is_empty);
            return self.values.contains(&Value::Flag(absent));
        }
        let Some(found) = found else {
            return match quantifier {
                Quantifier::One => if_exists || negated,
                Quantifier::ForAll => true,
                // "for no matching key or a null dataset, the condition returns false", with IfExists too: it is asked for each
                // value, and there is none. Somebody tried it on AWS:
                // <https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly>
                Quantifier::ForAny => false,
            };
        };
        let listed = |found: &String| self.values.iter().any(|value| self.operator.matches(value, found, context));
        match (quantifier, negated) {
            (Quantifier::One | Quantifier::ForAny, false) => found.iter().any(listed),
            (Quantifier::ForAny, true) => found.iter().any(|found| !listed(found)),
            (Quantifier::ForAll, false) => found.iter().all(listed),
            (Quantifier::One | Quantifier::ForAll, true) => !found.iter().any(listed),
        }
    }
}

impl Operator {
    /// Whether a value of the request is the policy's, whatever the negation.
    fn matches(self, value: &Value, found: &str, context: &Context) -> bool {
        match (self.family, value) {
            (Family::Text { ignore_case }, Value::Text(text)) => {
                let equal = |text: &str| {
                    if ignore_case { text.to_lowercase() == found.to_lowercase() } else { text == found }
                };
                match text.written() {
                    Some(text) => equal(text),
                    None => text.literal(context).is_some_and(|text| equal(&text)),
                }
            }
            (Family::Like, Value::Text(text)) => match text.fixed() {
                Some(fixed) => matches(fixed, found.as_bytes()),
                None => text.resolve(context).is_some_and(|tokens| matches(&tokens, found.as_bytes())),
            },
            (Family::Arn, Value::Arn(text, segments)) => match segments {
                Some(segments) => is_arn(segments, found),
                None => text.resolve(context).is_some_and(|tokens| is_arn(&self::segments(&tokens), found)),
            },
            (Family::Number(comparison), Value::Number(wanted)) => {
                let found = found.trim().parse::<f64>().ok();
                found.and_then(|found| found.partial_cmp(wanted)).is_some_and(|ordering| comparison.holds(ordering))
            }
            (Family::Date(comparison), Value::Date(wanted)) => {
                date(found).is_some_and(|found| comparison.holds(found.cmp(wanted)))
            }
            (Family::Bool, Value::Flag(wanted)) => flag(found) == Some(*wanted),
            (Family::Binary, Value::Bytes(wanted)) => wanted == found,
            (Family::Ip, Value::Network(address, bits)) => {
                found.trim().parse().is_ok_and(|found| is_in(found, *address, *bits))
            }
            _ => false,
        }
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A date of ISO 8601 (year, month, day, minute, second or fraction; UTC unless it says otherwise), or seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.trim_end_matches('Z').to_owned(),
    };
    let civil = padded.parse::<DateTime>().ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// An address, with the number of bits that count.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.trim().parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((address, bits))
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or_default();
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or_default();
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

/// A pattern of an ARN by its segments: the first five end at a colon, the sixth has the rest.
fn segments(tokens: &[Token]) -> Vec<Vec<Token>> {
    tokens.splitn(6, |token| *token == Token::Byte(b':')).map(<[Token]>::to_vec).collect()
}

/// "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character match
/// wildcards (*) or single-character match wildcards (?)". A lone `*` is every ARN.
fn is_arn(pattern: &[Vec<Token>], found: &str) -> bool {
    if let [only] = pattern {
        return *only == tokens("*");
    }
    let found: Vec<_> = found.splitn(6, ':').collect();
    pattern.len() == found.len() && pattern.iter().zip(found).all(|(pattern, found)| matches(pattern, found.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Condition, Operator};
    use crate::context::Context;

    fn holds(operator: &str, values: &[&str], found: Option<&[&str]>) -> bool {
        let mut context = Context::new();
        if let Some(found) = found {
            context.set_all("k:x", found.iter().map(|value| (*value).to_owned()).collect());
        }
        context.set("aws:username", "ada");
        let operator = Operator::parse(operator).expect("it is an operator");
        let values = values.iter().map(|value| (*value).to_owned());
        Condition::parse(operator, "K:X", values, true).expect("it is a condition").holds(&context)
    }

    /// Operator, the policy's values, the request's value, whether it holds.
    type Row = (&'static str, &'static [&'static str], &'static str, bool);

    const ROWS: &[Row] = &[
        ("StringEquals", &["a", "b"], "b", true),
        ("StringEquals", &["a"], "A", false),
        ("StringEquals", &["a*"], "ab", false),
        ("StringEquals", &["${aws:username}"], "ada", true),
        ("StringNotEquals", &["a", "b"], "b", false),
        ("StringNotEquals", &["a"], "c", true),
        ("StringEqualsIgnoreCase", &["Ä"], "ä", true),
        ("StringNotEqualsIgnoreCase", &["a"], "A", false),
        ("StringLike", &["a*", "?b"], "xb", true),
        ("StringNotLike", &["a*"], "ab", false),
        ("stringlike", &["a*"], "ab", true),
        ("NumericEquals", &["10"], "10.0", true),
        ("NumericNotEquals", &["10"], "11", true),
        ("NumericLessThan", &["10"], "9", true),
        ("NumericLessThanEquals", &["10"], "10", true),
        ("NumericGreaterThan", &["10"], "10", false),
        ("NumericGreaterThanEquals", &["10"], "10", true),
        ("NumericEquals", &["10"], "ten", false),
        ("DateEquals", &["2026-11-26T10:00:00Z"], "1795687200", true),
        ("DateNotEquals", &["2026-11-26"], "2026-11-26T00:00:00Z", false),
        ("DateLessThan", &["2026"], "2025-12-31T23:59:59Z", true),
        ("DateLessThanEquals", &["2026-11"], "2026-11-01T00:00Z", true),
        ("DateGreaterThan", &["2026-11-26T10:00:00+02:00"], "2026-11-26T08:00:01Z", true),
        ("DateGreaterThanEquals", &["2026-11-26"], "2026-11-25T23:59:59.9Z", false),
        ("Bool", &["true"], "TRUE", true),
        ("Bool", &["true"], "false", false),
        ("BinaryEquals", &["YWI="], "YWI=", true),
        ("IpAddress", &["10.0.0.0/8", "192.0.2.1"], "10.9.8.7", true),
        ("IpAddress", &["0.0.0.0/0"], "192.0.2.2", true),
        ("IpAddress", &["10.0.0.0/8"], "2001:db8::1", false),
        ("IpAddress", &["2001:db8::/32"], "2001:db8:1::1", true),
        ("NotIpAddress", &["10.0.0.0/8"], "11.0.0.1", true),
        ("ArnEquals", &["arn:aws:iam::*:role/a*"], "arn:aws:iam::1:role/ab/c", true),
        ("ArnLike", &["arn:aws:iam::*:role/x"], "arn:aws:iam::1:user:role/x", false),
        ("ArnLike", &["*"], "arn:aws:iam::1:role/x", true),
        ("ArnLike", &["arn:aws:iam::1:user/${aws:username}"], "arn:aws:iam::1:user/ada", true),
        ("ArnNotLike", &["arn:aws:iam::*:role/x"], "arn:aws:iam::1:role/y", true),
        ("ArnNotEquals", &["arn:aws:iam::1:role/y"], "arn:aws:iam::1:role/y", false),
        ("Null", &["false"], "", true),
        ("Null", &["true"], "", false),
    ];

    #[test]
    fn operators() {
        for (operator, values, found, expected) in ROWS {
            assert_eq!(holds(operator, values, Some(&[found])), *expected, "{operator} {values:?} {found}");
        }
    }

    #[test]
    fn what_a_key_that_is_absent_means() {
        for (operator, expected) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("ArnNotLike", true),
            ("NotIpAddress", true),
            ("Bool", false),
            ("BoolIfExists", true),
            ("StringEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAnyValue:StringEquals", false),
            ("ForAnyValue:StringNotEquals", false),
            ("ForAnyValue:StringNotEqualsIfExists", false),
            ("Null", true),
        ] {
            let value = match operator {
                "NotIpAddress" => "10.0.0.0/8",
                "ArnNotLike" => "arn:aws:iam::1:role/x",
                _ => "true",
            };
            assert_eq!(holds(operator, &[value], None), expected, "{operator}");
        }
    }

    #[test]
    fn keys_with_several_values() {
        for (operator, found, expected) in [
            ("ForAllValues:StringEquals", &["a", "b"][..], true),
            ("ForAllValues:StringEquals", &["a", "c"], false),
            ("ForAllValues:StringEquals", &[], true),
            ("ForAllValues:StringNotEquals", &["c", "d"], true),
            ("ForAllValues:StringNotEquals", &["a", "d"], false),
            ("ForAnyValue:StringEquals", &["a", "c"], true),
            ("ForAnyValue:StringEquals", &["c"], false),
            ("ForAnyValue:StringEquals", &[], false),
            ("ForAnyValue:StringNotEquals", &["a", "c"], true),
            ("ForAnyValue:StringNotEquals", &["a", "b"], false),
            ("ForAnyValue:StringLike", &["ab"], false),
        ] {
            assert_eq!(holds(operator, &["a", "b"], Some(found)), expected, "{operator} {found:?}");
        }
    }

    #[test]
    fn what_is_no_operator_and_no_value() {
        for name in
            ["StringEqual", "NullIfExists", "ForAllValues:Null", "ForSomeValues:Bool", "", "BoolEquals", "BinaryLike"]
        {
            assert!(Operator::parse(name).is_none(), "{name}");
        }
        for (operator, value) in [
            ("NumericEquals", "ten"),
            ("DateEquals", "soon"),
            ("Bool", "yes"),
            ("Null", "0"),
            ("BinaryEquals", "?"),
            ("IpAddress", "10.0.0.0/33"),
            ("IpAddress", "10.0.0"),
            ("ArnLike", "role/x"),
            ("StringEquals", "${"),
        ] {
            let operator = Operator::parse(operator).expect("it is an operator");
            assert!(Condition::parse(operator, "k", [value.to_owned()], true).is_err(), "{operator:?} {value}");
        }
    }
}
