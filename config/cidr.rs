//! IPv4 networks in CIDR notation.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem::Invalid;

/// An IPv4 network such as `10.80.0.0/16`; no bit behind the prefix is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cidr {
    text: String,
    network: u32,
    prefix: u32,
}

impl Cidr {
    /// What an editor can tell of the rule: every valid text matches, not every match is valid.
    pub(crate) const PATTERN: &'static str = r"^([0-9]{1,3}\.){3}[0-9]{1,3}/(3[0-2]|[12]?[0-9])$";

    /// How many leading bits name the network.
    pub fn prefix_len(&self) -> u32 {
        self.prefix
    }

    /// Whether every address of `other` is also one of this network.
    pub fn contains(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && other.network & mask(self.prefix) == self.network
    }

    /// Whether any address is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parsed = text.split_once('/').and_then(|(address, prefix)| {
            let address: Ipv4Addr = address.parse().ok()?;
            let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
            // `/+16` and `/016` parse as numbers, and AWS refuses them
            (prefix.to_string() == text.rsplit('/').next()?).then_some((address, prefix))
        });
        let Some((address, prefix)) = parsed else {
            return Err(Invalid::new(
                format!("expected an IPv4 network, got `{text}`"),
                "write address and prefix length, such as `10.80.0.0/16`",
            ));
        };
        let network = address.to_bits() & mask(prefix);
        if network != address.to_bits() {
            return Err(Invalid::new(
                format!("names an address inside a network, got `{text}`"),
                format!("did you mean `{}/{prefix}`?", Ipv4Addr::from_bits(network)),
            ));
        }
        Ok(Self { text: text.to_owned(), network, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AsRef<str> for Cidr {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn only_networks_are_accepted() {
        let pattern = regex::Regex::new(Cidr::PATTERN).unwrap();
        for text in ["10.80.0.0/16", "0.0.0.0/0", "10.80.0.1/32", "10.80.160.0/20", "10.0.0.0/8"] {
            assert!(text.parse::<Cidr>().is_ok(), "`{text}` was refused");
            assert!(pattern.is_match(text), "`{text}` does not match {pattern}");
        }
        for text in [
            "",
            "/",
            "10.80.0.0",
            "10.80.0.0/",
            "10.80.0/16",
            "10.80.0.0/33",
            "10.80.0.0/+16",
            "10.80.0.0/016",
            "::/0",
            "10.0.0.0/8/8",
        ] {
            assert!(text.parse::<Cidr>().is_err(), "`{text}` was accepted");
        }
    }

    #[test]
    fn a_host_address_gets_its_network_as_hint() {
        assert_eq!("10.80.3.7/20".parse::<Cidr>().unwrap_err().hint, "did you mean `10.80.0.0/20`?");
    }

    #[test]
    fn containing_and_overlapping() {
        assert!(cidr("10.80.0.0/16").contains(&cidr("10.80.160.0/20")));
        assert!(!cidr("10.80.0.0/16").contains(&cidr("10.41.0.0/20")));
        assert!(!cidr("10.80.0.0/20").contains(&cidr("10.80.0.0/16")));
        assert!(cidr("0.0.0.0/0").contains(&cidr("255.255.255.255/32")));
        assert!(cidr("10.80.0.0/20").overlaps(&cidr("10.80.0.0/16")));
        assert!(!cidr("10.80.0.0/20").overlaps(&cidr("10.80.16.0/20")));
    }
}
