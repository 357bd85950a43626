//! Deployments that a run begins with: of former runs, killed ones as well, and of none.

use serde_json::{Value, json};

use crate::{
    random::Random,
    states::{self, State, text},
};

/// A deployment, and its resources; `made` counts those that were made.
pub(crate) fn base(random: &mut Random, made: &mut usize) -> (Value, Vec<State>) {
    let mut list = vec![states::stack()];
    for name in ["default_7_1_0", "second"].iter().take(1 + random.below(2)) {
        list.push(states::provider(random, name));
    }
    for _ in 0..random.below(12) {
        let needs: Vec<String> = list.iter().map(|it| text(it, "urn").to_owned()).collect();
        *made += 1;
        let provider = reference(random, &list);
        let mut state = states::resource(random, *made, &needs, &provider);
        match random.below(20) {
            0 => drop(state.insert("pendingReplacement".to_owned(), json!(true))),
            1 | 2 => {
                let mut former = state.clone();
                former.insert("delete".to_owned(), json!(true));
                list.push(former);
            }
            3 if random.percent(30) => {
                drop(state.insert("aliases".to_owned(), json!([text(&state, "urn"), "urn:a"])));
            }
            _ => {}
        }
        list.push(state);
    }
    let mut base = json!({"manifest": {"time": "2026-11-26T08:04:11Z", "magic": "", "version": ""}, "metadata": {}});
    if random.percent(80) {
        base["secrets_providers"] = json!({"type": "passphrase", "state": {"salt": "v1:abc=:v1:d"}});
    }
    if random.percent(30) {
        let types = ["creating", "updating", "deleting", "reading", "creating"];
        let of = |it: &State, kind: &str| json!({"resource": it, "type": kind});
        let pending: Vec<_> = (0..=random.below(3))
            .map(|_| {
                let kind = *random.pick(&types);
                of(random.pick(&list), kind)
            })
            .collect();
        base["pending_operations"] = json!(pending);
    }
    if random.percent(10) {
        base["snippets"] = snippets(random, &list);
    }
    if random.percent(10) {
        base["extensions"] = json!({"ref-1": {"name": "ext", "version": "1.0.0", "value": "AAEC"}});
    }
    if random.percent(10) {
        base["metadata"] = json!({"integrity_error": {"version": "3", "command": "up", "error": "e"}});
    }
    // a stack that was made and never deployed
    if random.percent(5) {
        list.clear();
    }
    if !list.is_empty() {
        base["resources"] = json!(list);
    }
    (base, list)
}

/// The reference to one of the providers.
pub(crate) fn reference(random: &mut Random, list: &[State]) -> String {
    let providers: Vec<&State> = list.iter().filter(|it| text(it, "type") == "pulumi:providers:aws").collect();
    if providers.is_empty() {
        return String::new();
    }
    let provider = random.pick(&providers);
    let id = match text(provider, "id") {
        "" if random.percent(98) => "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        id => id,
    };
    format!("{}::{id}", text(provider, "urn"))
}

pub(crate) fn snippets(random: &mut Random, list: &[State]) -> Value {
    let target = list.first().map_or("urn", |_| text(random.pick(list), "urn"));
    json!([
        {"uuid": "snippet-1", "name": "a", "type": "a:b:C", "code": "x = 1", "descriptor": {"name": "aws", "version": "1.2.3"},
            "references": {"other": target}},
        {"uuid": "snippet-2", "name": "b", "type": "a:b:C", "code": "", "descriptor": {"name": "aws"}},
    ])
}
