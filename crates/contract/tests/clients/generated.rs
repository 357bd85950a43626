//! What is generated of the clients is what the definition says.

use std::{fs, path::Path};

use contract::{Definition, Each, Kind, Template, Version, ZONE, clients, meta};
use regex::Regex;

use crate::{shipped, tools};

/// The zone's files below `clients/`.
fn written() -> [(&'static str, String); 3] {
    [
        ("typescript/src/generated.ts", clients::typescript(&ZONE)),
        ("python/zone_contract/_generated.py", clients::python(&ZONE)),
        ("sample.json", shipped::document()),
    ]
}

#[test]
fn the_files_are_what_the_definition_says() {
    let bless = std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1");
    for (file, wanted) in written() {
        let path = tools::clients().join(file);
        if fs::read_to_string(&path).is_ok_and(|text| text == wanted) {
            continue;
        }
        assert!(bless, "clients/{file} is stale; write it with ZONE_BLESS=1 cargo test -p contract");
        fs::write(&path, wanted).unwrap_or_else(|error| panic!("clients/{file}: {error}"));
    }
}

#[test]
fn the_zone_has_clients_in_every_language() {
    assert_eq!(clients::faults(&ZONE), Vec::<String>::new());
}

/// The names stand in a table, as a program cannot ask for those of methods.
#[test]
fn accessors_are_named_as_the_methods_of_the_snapshot() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/zone/values.rs");
    let source = fs::read_to_string(source).expect("zone/values.rs");
    let method = Regex::new(r#"pub fn (\w+)\(&self[^{]*\{\s+self\.\w+\("([^"]+)""#).expect("a pattern");
    let methods: Vec<_> =
        method.captures_iter(&source).map(|found| (found[2].to_owned(), found[1].to_owned())).collect();
    let accessors: Vec<_> = clients::accessors(&ZONE)
        .into_iter()
        .map(|accessor| (accessor.template.path.to_owned(), accessor.name))
        .collect();
    assert_eq!(accessors, methods);
    let own = meta::templates(contract::zone::ONCE).len();
    assert_eq!(accessors.len() + own, ZONE.versions().last().expect("a version").templates.len());
}

const ONCE: Each = Each { name: "ledger", placeholders: &[] };
const BOOK: Each = Each { name: "book", placeholders: &["{book}", "{class}"] };
const META: [Template; 3] = meta::templates(ONCE);
const TABLE: Template = Template {
    path: "tables/{book}/{class}/name",
    each: BOOK,
    except: &["a/b"],
    only_with: None,
    kind: Kind::String,
    pattern: "^[a-z-]{3,255}$",
    owner: "tables",
    consumers: &["writers of {book}"],
    since: 1,
    deprecated_since: None,
    about: "name of the \"table\" of book {book}",
};
const OLD: Template = Template { path: "api/old-hosts", each: ONCE, kind: Kind::StringList, owner: "api", ..TABLE };

/// A module's contract: no ARN in it, a list whose end is announced, an argument that is a reserved word.
pub(crate) const LEDGER: Definition = Definition::new(
    "card-ledger",
    &[
        Version { number: 1, templates: &[TABLE, OLD, META[0], META[1], META[2]] },
        Version {
            number: 2,
            templates: &[TABLE, Template { deprecated_since: Some(2), ..OLD }, META[0], META[1], META[2]],
        },
    ],
)
.accessors(&[("tables/{book}/{class}/name", "table_name")]);

#[test]
fn a_module_gets_clients_of_its_own_contract() {
    assert_eq!(clients::faults(&LEDGER), Vec::<String>::new());
    let typescript = clients::typescript(&LEDGER);
    let (_, types) = typescript.split_once("\n\n").expect("a blank line below the first comment");
    let (types, rest) = types.split_once("/** Every path of every version. */").expect("the templates");
    let (_, class) = rest.split_once("];\n\n").expect("the class");
    insta::assert_snapshot!("ledger.ts", format!("{types}{class}"));
    let python = clients::python(&LEDGER);
    insta::assert_snapshot!("ledger.py", python);
}

#[test]
fn what_keeps_a_contract_from_having_clients_is_named() {
    const TEMPLATES: &[Template] = &[
        Template { path: "a/{book}/{class}/b", pattern: r"^\d$", ..TABLE },
        Template { path: "a/b", each: ONCE, ..TABLE },
        Template { path: "get/list", each: ONCE, ..TABLE },
        Template { path: "class", each: ONCE, ..TABLE },
        Template { path: "2nd", each: ONCE, ..TABLE },
    ];
    const WRONG: Definition = Definition::new("wrong", &[Version { number: 1, templates: TEMPLATES }]);
    insta::assert_snapshot!(clients::faults(&WRONG).join("\n"), @r"
    `a/b`: its accessor `a_b` is that of `a/{book}/{class}/b` too
    `get/list`: its accessor cannot have the name `get_list`; give it another one
    `class`: its accessor cannot have the name `class`; give it another one
    `2nd`: its accessor cannot have the name `2nd`; give it another one
    `a/{book}/{class}/b`: not every language reads `\d` of its pattern as Rust does
    ");
    assert_eq!(
        clients::faults(&WRONG.accessors(&[("a/b", "c"), ("get/list", "d"), ("class", "e"), ("2nd", "f")])).len(),
        1
    );
}
