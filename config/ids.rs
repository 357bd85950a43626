//! Names that AWS gives: each can only be made by parsing, so whoever holds one holds a valid one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::Invalid;

/// Makes a newtype over a text that `$check` has accepted.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:ident, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// What an editor can tell of the rule: every valid text matches, not every match is valid.
            pub(crate) const PATTERN: &'static str = $pattern;
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

checked_text! {
    /// An AWS account: 12 digits, kept as text because it may begin with zeros.
    AccountId, account_id, "^[0-9]{12}$"
}

checked_text! {
    /// An AWS organization, such as `o-acme0fixture`.
    OrganizationId, organization_id, "^o-[a-z0-9]{10,32}$"
}

checked_text! {
    /// An AWS region of the partition `aws`, such as `ap-southeast-2`.
    Region, region, "^[a-z]{2}(-[a-z]+)+-[0-9]$"
}

checked_text! {
    /// A day as `YYYY-MM-DD`; its order is the order of the calendar.
    Date, date, "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
}

fn account_id(text: &str) -> Result<(), Invalid> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let hint = if text.contains('-') {
        format!("leave the hyphens out: `{}`", text.replace('-', ""))
    } else {
        "`aws sts get-caller-identity` prints the account id".to_owned()
    };
    Err(Invalid::new(format!("expected 12 digits, got `{text}`"), hint))
}

fn organization_id(text: &str) -> Result<(), Invalid> {
    let valid = text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if valid {
        return Ok(());
    }
    Err(Invalid::new(
        format!("expected `o-` and 10 to 32 lower-case letters or digits, got `{text}`"),
        "`aws organizations describe-organization` prints the id",
    ))
}

fn region(text: &str) -> Result<(), Invalid> {
    let parts: Vec<_> = text.split('-').collect();
    let valid = match parts.as_slice() {
        [area, middle @ .., number] => {
            area.len() == 2
                && !middle.is_empty()
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && std::iter::once(area)
                    .chain(middle)
                    .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        }
        _ => false,
    };
    if !valid {
        return Err(Invalid::new(
            format!("expected the name of a region, got `{text}`"),
            "write it as in `ap-southeast-2`, without an availability zone's letter",
        ));
    }
    if ["cn-", "us-gov-", "us-iso"].iter().any(|partition| text.starts_with(partition)) {
        return Err(Invalid::new(
            format!("`{text}` is in another partition than `aws`"),
            "China, GovCloud and ISO regions have other ARNs and are not supported",
        ));
    }
    Ok(())
}

fn date(text: &str) -> Result<(), Invalid> {
    let wrong = |why: String| Err(Invalid::new(why, "write the day as YYYY-MM-DD, such as \"2027-06-30\""));
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).and_then(|part| part.parse().ok())
    };
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    let (true, Some(year), Some(month), Some(day)) = (shape, digits(0..4), digits(5..7), digits(8..10)) else {
        return wrong(format!("expected a date, got `{text}`"));
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days: u32 = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return wrong(format!("there is no month {month}, got `{text}`")),
    };
    if (1..=days).contains(&day) { Ok(()) } else { wrong(format!("there is no such day, got `{text}`")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts<T: FromStr>(texts: &[&str], pattern: &str) {
        let pattern = regex::Regex::new(pattern).unwrap();
        for text in texts {
            assert!(text.parse::<T>().is_ok(), "`{text}` was refused");
            assert!(pattern.is_match(text), "`{text}` does not match {pattern}");
        }
    }

    fn refuses<T: FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_err(), "`{text}` was accepted");
        }
    }

    #[test]
    fn account_ids() {
        accepts::<AccountId>(&["333344445555", "000000000001"], AccountId::PATTERN);
        refuses::<AccountId>(&["", "64775152608", "3333444455555", "3333-4444-5555", "64775152608x", "٦٤٧٧٥١"]);
    }

    #[test]
    fn organization_ids() {
        accepts::<OrganizationId>(&["o-acme0fixture"], OrganizationId::PATTERN);
        refuses::<OrganizationId>(&["", "o-", "1gqwjyxxhw", "o-1GQWJYXXHW", "o-short"]);
    }

    #[test]
    fn regions() {
        accepts::<Region>(&["ap-southeast-2", "us-east-1", "me-central-1"], Region::PATTERN);
        refuses::<Region>(&[
            "",
            "-",
            "sydney",
            "ap-southeast-2a",
            "ap-2",
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
        ]);
    }

    #[test]
    fn dates() {
        accepts::<Date>(&["2027-06-30", "2028-02-29", "2000-02-29"], Date::PATTERN);
        refuses::<Date>(&[
            "",
            "2027-6-30",
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "+027-01-01",
        ]);
        assert!("2027-06-30".parse::<Date>().unwrap() < "2027-07-01".parse().unwrap());
    }

    #[test]
    fn deserialising_goes_through_the_same_check() {
        assert!(serde_json::from_str::<AccountId>("\"333344445555\"").is_ok());
        let error = serde_json::from_str::<AccountId>("\"1\"").unwrap_err();
        assert!(error.to_string().starts_with("expected 12 digits, got `1`"), "{error}");
    }
}
