//! The table in docs/contract.md is what the model says.

use std::{fmt::Write as _, fs, path::PathBuf};

use contract::{Template, VERSION, VERSIONS};

const MARK: &str = "<!-- written by ZONE_BLESS=1 cargo test -p contract; do not edit below -->\n";

fn row(template: &Template) -> String {
    let consumers = template.consumers;
    let known = consumers.known.iter().map(|(name, texts)| format!("{name}: {}", texts.join(", ")));
    let consumers: Vec<_> = known.chain([consumers.general.join(", ")]).collect();
    let except = template.except.iter().map(|name| format!(" (not `{name}`)")).collect::<String>();
    let since = match template.deprecated_since {
        Some(deprecated) => format!("{}, deprecated since {deprecated}", template.since),
        None => template.since.to_string(),
    };
    let (path, kind, owner, about) = (template.path, template.kind.as_str(), template.owner, template.about);
    // `bank-*/*` would be set in italics
    let consumers = consumers.join("<br>").replace('*', "\\*");
    format!("| `{path}`{except} | {kind} | {owner} | {consumers} | {since} | {about} |\n")
}

#[test]
fn the_table_is_what_the_model_says() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract.md");
    let text = fs::read_to_string(&file).expect("docs/contract.md");
    let (before, _) = text.split_once(MARK).expect("docs/contract.md has the mark below which it is written");
    let mut wanted = format!(
        "{before}{MARK}\nVersion {VERSION}. Where consumers are known by name they stand before those of any other name.\n\n\
         | path | type | owner | consumers | since | description |\n|---|---|---|---|---|---|\n"
    );
    let (_, templates) = VERSIONS.last().expect("there is a version");
    for template in *templates {
        let row = row(template);
        assert_eq!(row.matches('|').count(), 7, "a bar in a text ends the cell: {row}");
        let _ = write!(wanted, "{row}");
    }
    if text == wanted {
        return;
    }
    assert!(
        std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1"),
        "docs/contract.md is stale; write it with ZONE_BLESS=1 cargo test -p contract"
    );
    fs::write(&file, wanted).expect("docs/contract.md is written");
}
