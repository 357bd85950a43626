//! The VPC and its subnets.

use super::unique;
use crate::reader::Book;
use crate::{Cidr, ExistingVpc, Network, Vpc};

/// This network, loopback, link-local, multicast and beyond: no host outside has such an address.
/// <https://www.rfc-editor.org/rfc/rfc6890>
const RESERVED: [&str; 4] = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"];

pub(super) fn check(book: &Book, network: &Network) {
    match network {
        Network::Own(vpc) => own(book, vpc),
        Network::Existing(vpc) => existing(book, vpc),
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>
fn existing(book: &Book, vpc: &ExistingVpc) {
    let is_id = |text: &str, kind: &str| {
        let digits = text.strip_prefix(kind).unwrap_or_default();
        [8, 17].contains(&digits.len()) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if !is_id(&vpc.vpc_id, "vpc-") {
        let message = format!("expected the id of a VPC, got `{}`", vpc.vpc_id);
        book.problem("network.vpc_id", message, "write it as in `vpc-0a1b2c3d4e5f67890`");
    }
    let lists = [
        ("network.public_subnet_ids", &vpc.public_subnet_ids),
        ("network.private_subnet_ids", &vpc.private_subnet_ids),
    ];
    for (list, ids) in lists {
        if ids.is_empty() {
            book.problem(list, "names no subnet", "write at least one: the contract promises them");
        }
        for (path, id) in paths(list, ids).zip(ids).filter(|(_, id)| !is_id(id, "subnet-")) {
            let message = format!("expected the id of a subnet, got `{id}`");
            book.problem(&path, message, "write it as in `subnet-0a1b2c3d4e5f67890`");
        }
    }
    let all = lists.into_iter().flat_map(|(list, ids)| paths(list, ids).zip(ids.iter().map(String::as_str)));
    unique(book, all);
}

fn own(book: &Book, network: &Vpc) {
    size(book, "network.cidr", &network.cidr);
    if let Some(reserved) = RESERVED.iter().find(|reserved| reserved.parse().is_ok_and(|r| network.cidr.overlaps(&r))) {
        book.problem(
            "network.cidr",
            format!("`{}` overlaps `{reserved}`", network.cidr),
            "no network can be there; private ones lie in 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16",
        );
    }
    let zones = &network.availability_zones;
    if zones.is_empty() {
        book.problem("network.availability_zones", "names no availability zone", "write at least one, such as [\"a\"]");
    }
    for (index, zone) in zones.iter().enumerate() {
        if !matches!(zone.as_bytes(), [b'a'..=b'z']) {
            book.problem(
                &format!("network.availability_zones[{index}]"),
                format!("expected one lower-case letter, got `{zone}`"),
                "the letter behind the region's name: `a` for `ap-southeast-2a`",
            );
        }
    }
    unique(book, paths("network.availability_zones", zones).zip(zones.iter().map(String::as_str)));

    let lists =
        [("network.public_subnets", &network.public_subnets), ("network.private_subnets", &network.private_subnets)];
    let mut earlier: Vec<(String, &Cidr)> = Vec::new();
    for (path, subnets) in lists {
        if subnets.len() != zones.len() {
            book.problem(
                path,
                format!(
                    "expected as many subnets as there are availability zones, {}, got {}",
                    zones.len(),
                    subnets.len()
                ),
                "the n-th subnet lies in the n-th availability zone",
            );
        }
        for (path, subnet) in paths(path, subnets).zip(subnets) {
            size(book, &path, subnet);
            if !network.cidr.contains(subnet) {
                book.problem(
                    &path,
                    format!("`{subnet}` is outside the VPC, `{}`", network.cidr),
                    "choose addresses inside `network.cidr`",
                );
            }
            for (other_path, other) in &earlier {
                if subnet.overlaps(other)
                    && let Some(place) = book.place(other_path)
                {
                    book.problem(
                        &path,
                        format!("`{subnet}` overlaps `{other}` at {place}"),
                        "give each subnet addresses of its own",
                    );
                }
            }
            earlier.push((path, subnet));
        }
    }
}

fn paths<T>(list: &'static str, items: &[T]) -> impl Iterator<Item = String> + use<T> {
    (0..items.len()).map(move |index| format!("{list}[{index}]"))
}

fn size(book: &Book, path: &str, cidr: &Cidr) {
    if !(16..=28).contains(&cidr.prefix_len()) {
        book.problem(path, format!("expected a prefix from /16 to /28, got `{cidr}`"), "AWS takes no other size");
    }
}
