//! URNs and references to providers, taken apart as the engine does (`sdk/go/common/resource/urn`, `.../providers`).

use std::borrow::Cow;

const PREFIX: &str = "urn:pulumi:";
const PROVIDERS: &str = "pulumi:providers:";
/// The type of a stack's own resource, which children do not carry in their type.
const ROOT: &str = "pulumi:pulumi:Stack";
/// What the engine writes for the id of a provider that has none yet.
const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/// A reference to a provider: its URN, and its id.
pub(super) type Reference<'a> = (Cow<'a, str>, Cow<'a, str>);

fn name(urn: &str) -> Result<&str, String> {
    urn.strip_prefix(PREFIX).ok_or_else(|| format!("`{urn}` is not a URN"))
}

/// The part of this number, from 0; the engine takes the whole where there are fewer.
fn part(name: &str, number: usize) -> &str {
    name.split("::").nth(number).unwrap_or(name)
}

/// The type of the resource, after those of its parents: `a:b:C$d:e:F`.
fn qualified_type(urn: &str) -> Result<&str, String> {
    name(urn).map(|name| part(name, 2))
}

fn own_type(urn: &str) -> Result<&str, String> {
    qualified_type(urn).map(|types| types.rsplit('$').next().unwrap_or(types))
}

/// Whether the text is a URN.
pub(super) fn is_valid(urn: &str) -> bool {
    urn.starts_with(PREFIX) && urn.matches("::").count() >= 3
}

/// The URN of a child whose parent has got this URN; none when the parent is the stack, whose children do not name it.
pub(super) fn below(parent: &str, child: &str) -> Result<Option<String>, String> {
    if parent.is_empty() {
        return Ok(None);
    }
    let above = qualified_type(parent)?;
    if above == ROOT {
        return Ok(None);
    }
    let whole = name(child)?;
    let own = own_type(child)?;
    let types = if above.is_empty() { own.to_owned() } else { format!("{above}${own}") };
    let last = whole.splitn(4, "::").nth(3).unwrap_or(whole);
    Ok(Some(format!("{PREFIX}{}::{}::{types}::{last}", part(whole, 0), part(whole, 1))))
}

/// Whether resources of this type are providers.
pub(super) fn is_provider(kind: &str) -> bool {
    kind.strip_prefix(PROVIDERS).is_some_and(|package| !package.is_empty())
}

/// The reference to the provider of this URN and id.
pub(super) fn reference<'a>(urn: Cow<'a, str>, id: Cow<'a, str>) -> Result<Reference<'a>, String> {
    check_provider(&urn)?;
    Ok((urn, if id.is_empty() { Cow::Borrowed(UNKNOWN) } else { id }))
}

/// Takes `URN::id` apart.
pub(super) fn parse_reference(text: &str) -> Result<(&str, &str), String> {
    let parts = text.rsplit_once("::").ok_or_else(|| format!("`{text}` is not a reference to a provider"))?;
    check_provider(parts.0)?;
    Ok(parts)
}

fn check_provider(urn: &str) -> Result<(), String> {
    if !is_valid(urn) {
        return Err(format!("`{urn}` is not a URN"));
    }
    match own_type(urn)? {
        kind if is_provider(kind) => Ok(()),
        kind => Err(format!("`{urn}` is of type `{kind}`, which is not the type of a provider")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "urn:pulumi:dev::zone::aws:s3:Bucket::logs::2";
    const PROVIDER: &str = "urn:pulumi:dev::zone::pulumi:providers:aws::default";

    #[test]
    fn a_child_follows_the_type_of_its_parent_but_not_of_the_stack() {
        let below = |parent| below(parent, BUCKET).expect("two URNs");
        let moved = below("urn:pulumi:dev::zone::a:b:C$d:e:F::x").expect("another URN");
        assert_eq!(moved, "urn:pulumi:dev::zone::a:b:C$d:e:F$aws:s3:Bucket::logs::2");
        assert_eq!(below("urn:pulumi:dev::zone::pulumi:pulumi:Stack::zone-dev"), None);
        assert_eq!(below(""), None);
        assert!(super::below("nonsense", BUCKET).is_err() && super::below(PROVIDER, "nonsense").is_err());
    }

    #[test]
    fn a_reference_names_a_provider() {
        let text = format!("{PROVIDER}::an-id");
        assert_eq!(parse_reference(&text), Ok((PROVIDER, "an-id")));
        assert_eq!(reference(PROVIDER.into(), "".into()), Ok((PROVIDER.into(), UNKNOWN.into())));
        assert!(parse_reference(BUCKET).is_err(), "a bucket is no provider");
        for wrong in ["", "a", "a::b", "urn:pulumi:dev::zone::pulumi:providers:::x::id", "urn:pulumi:a::b::c::d"] {
            assert!(parse_reference(wrong).is_err(), "{wrong}");
        }
    }
}
