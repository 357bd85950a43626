//! URNs: `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`.

/// The logical name of a URN: what follows the last `::` of its fixed four parts.
pub fn name(urn: &str) -> &str {
    urn.splitn(4, "::").nth(3).unwrap_or(urn)
}

/// The type of a URN, without its parents'.
pub fn kind(urn: &str) -> &str {
    qualified_kind(urn).rsplit('$').next().unwrap_or_default()
}

fn qualified_kind(urn: &str) -> &str {
    urn.split("::").nth(2).unwrap_or_default()
}

/// The URN of a child, as the engine makes it: the stack's own type never stands in a chain.
pub fn child(parent: &str, stack: &str, project: &str, kind: &str, name: &str) -> String {
    let chain = qualified_kind(parent);
    let qualified = match chain {
        "" | "pulumi:pulumi:Stack" => kind.to_owned(),
        chain => format!("{chain}${kind}"),
    };
    format!("urn:pulumi:{stack}::{project}::{qualified}::{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_nested_urn() {
        let urn = "urn:pulumi:dev::zone::zone:stack:Kms$aws:kms/key:Key::pii::odd";
        assert_eq!((kind(urn), name(urn)), ("aws:kms/key:Key", "pii::odd"));
    }

    #[test]
    fn a_child_of_the_stack_has_no_chain() {
        let root = child("", "dev", "zone", "pulumi:pulumi:Stack", "zone-dev");
        let component = child(&root, "dev", "zone", "zone:stack:Kms", "kms");
        assert_eq!(component, "urn:pulumi:dev::zone::zone:stack:Kms::kms");
        assert_eq!(kind(&child(&component, "dev", "zone", "a:b:C", "n")), "a:b:C");
    }
}
