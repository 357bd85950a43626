//! Networks as AWS writes them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Why a text is no IPv4 network as AWS writes it; `None` when it is one. AWS would take `10.0.0.1/16` and answer
/// `10.0.0.0/16` ever after.
pub(crate) fn not_a_network(cidr: &str) -> Option<String> {
    let parts = || {
        let (address, length) = cidr.split_once('/')?;
        let (address, length) = (address.parse::<Ipv4Addr>().ok()?, length.parse::<u32>().ok()?);
        (length <= 32).then_some((address, length))
    };
    let Some((address, length)) = parts() else {
        return Some(format!("`{cidr}` is no IPv4 network such as `10.80.0.0/16`"));
    };
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    let network = format!("{}/{length}", Ipv4Addr::from_bits(address.to_bits() & mask));
    (network != cidr).then(|| format!("`{cidr}` is not the network's first address: write `{network}`"))
}

/// Why a text is no IPv6 network as AWS writes it; `None` when it is one.
pub(crate) fn not_an_ipv6_network(cidr: &str) -> Option<String> {
    let parts = || {
        let (address, length) = cidr.split_once('/')?;
        let (address, length) = (address.parse::<Ipv6Addr>().ok()?, length.parse::<u32>().ok()?);
        (length <= 128).then_some((address, length))
    };
    let Some((address, length)) = parts() else {
        return Some(format!("`{cidr}` is no IPv6 network such as `::/0`"));
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    let network = format!("{}/{length}", Ipv6Addr::from_bits(address.to_bits() & mask));
    (network != cidr).then(|| format!("AWS writes `{cidr}` another way: write `{network}`"))
}
