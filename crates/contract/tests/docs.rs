//! The table in docs/contract.md is what the definition says.

use std::{fmt::Write as _, fs, path::PathBuf};

use contract::{Template, ZONE};

const MARK: &str = "<!-- written by ZONE_BLESS=1 cargo test -p contract; do not edit below -->\n";

fn row(template: &Template) -> String {
    let except = template.except.iter().map(|name| format!(" (not `{name}`)")).collect::<String>();
    let since = match template.deprecated_since {
        Some(deprecated) => format!("{}, deprecated since {deprecated}", template.since),
        None => template.since.to_string(),
    };
    let (path, kind, owner, about) = (template.path, template.kind.as_str(), template.owner, template.about);
    let consumers = template.consumers.join(", ");
    format!("| `{path}`{except} | {kind} | {owner} | {consumers} | {since} | {about} |\n")
}

#[test]
fn the_table_is_what_the_definition_says() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract.md");
    let text = fs::read_to_string(&file).expect("docs/contract.md");
    let (before, _) = text.split_once(MARK).expect("docs/contract.md has the mark below which it is written");
    let mut wanted = format!(
        "{before}{MARK}\nVersion {}. Consumers are those of any zone; `[[consumer]]` in `config/zone.toml` names those of yours.\n\n\
         | path | type | owner | consumers | since | description |\n|---|---|---|---|---|---|\n",
        ZONE.version()
    );
    for template in ZONE.versions().last().expect("there is a version").templates {
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
