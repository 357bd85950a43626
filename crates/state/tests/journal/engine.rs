//! Journals like those of the engine (`pkg/engine/journal_snapshot.go`): steps in parallel, each with its entries.

use serde_json::{Map, Value, json};

use crate::{
    bases::{self, reference, snippets},
    random::Random,
    states::{self, State, text},
    steps::{At, Live, Outcome, Step, key, point},
};

/// A deployment, and a journal that follows it.
pub(crate) struct Case {
    /// `DeploymentV3`.
    pub(crate) base: String,
    /// The features that it was written with.
    pub(crate) byte_string: bool,
    /// The entries, as text.
    pub(crate) entries: Vec<String>,
}

pub(crate) struct Engine {
    random: Random,
    base: Vec<State>,
    live: Vec<Live>,
    running: Vec<Step>,
    entries: Vec<String>,
    operations: u64,
    made: usize,
    byte_string: bool,
    failed: bool,
}

impl Engine {
    pub(crate) fn case(seed: u64) -> Case {
        let mut engine = Self {
            random: Random(seed),
            base: Vec::new(),
            live: Vec::new(),
            running: Vec::new(),
            entries: Vec::new(),
            operations: 0,
            made: 0,
            byte_string: false,
            failed: false,
        };
        engine.run()
    }

    fn run(&mut self) -> Case {
        self.byte_string = self.random.percent(5);
        let byte_string = self.byte_string;
        let (base, list) = bases::base(&mut self.random, &mut self.made);
        self.settle(list);
        self.start(&base);
        if self.random.percent(25) {
            self.refresh();
        }
        let steps = self.random.below(30);
        for _ in 0..steps {
            match self.random.below(10) {
                0..6 => self.begin(),
                6..9 => self.end(),
                _ => self.aside(),
            }
        }
        // a run that was killed leaves some of them
        if self.random.percent(70) {
            while !self.running.is_empty() {
                self.end();
            }
        }
        if self.random.percent(10) {
            self.entry(json!({"kind": 7, "operationID": 0}));
        }
        Case { base: base.to_string(), byte_string, entries: std::mem::take(&mut self.entries) }
    }

    /// Takes these as the base that indices refer to.
    fn settle(&mut self, list: Vec<State>) {
        let live = |(index, state): (usize, &State)| Live { state: state.clone(), at: At::Base(index), busy: false };
        self.live = list.iter().enumerate().map(live).collect();
        self.base = list;
    }

    fn start(&mut self, base: &Value) {
        let state = if self.random.percent(70) { json!({"salt": "v1:abc=:v1:d"}) } else { json!({"salt": "v1:other"}) };
        self.entry(json!({"kind": 6, "operationID": 0, "secretsProvider": {"type": "passphrase", "state": state}}));
        if self.random.percent(15) {
            let snippets = if self.random.percent(50) { snippets(&mut self.random, &self.base) } else { Value::Null };
            self.entry(json!({"kind": 9, "operationID": 0, "snippets": snippets}));
        }
        if self.random.percent(10) {
            let mut list = self.base.clone();
            for state in &mut list {
                state.insert("sourcePosition".to_owned(), json!("migrated"));
            }
            let mut snapshot = base.clone();
            snapshot["resources"] = json!(list);
            let byte_string = std::mem::take(&mut self.byte_string);
            self.settle(list);
            self.entry(json!({
                "kind": 5, "operationID": 0, "newSnapshot": snapshot, "requiresByteString": byte_string,
            }));
        }
    }

    /// The refresh before an update: each resource in its place, then a new base.
    fn refresh(&mut self) {
        let mut running = Vec::new();
        let mut waiting: Vec<usize> = (0..self.live.len()).filter(|_| self.random.percent(80)).collect();
        let mut gone = Vec::new();
        while !(waiting.is_empty() && running.is_empty()) {
            if !waiting.is_empty() && (running.is_empty() || self.random.percent(60)) {
                self.operations += 1;
                running.push((self.operations, waiting.remove(0)));
                self.entry(json!({"kind": 0, "operationID": self.operations}));
                continue;
            }
            let at = self.random.below(running.len());
            let (operation, index) = running.remove(at);
            let mut entry = json!({"kind": 3, "operationID": operation, "isRefresh": true, "removeOld": index});
            match self.random.below(10) {
                0 => entry["kind"] = json!(2),
                1 if index > 1 => gone.push(index),
                _ => {
                    let state = states::changed(&mut self.random, &self.live[index].state);
                    entry["state"] = json!(state);
                    self.live[index].state = state;
                }
            }
            self.entry(entry);
            if self.random.percent(2) {
                // the run was killed in the middle of it
                return;
            }
        }
        let kept =
            self.live.iter().enumerate().filter(|(index, _)| !gone.contains(index)).map(|(_, it)| it.state.clone());
        let list = kept.collect();
        self.settle(list);
        self.entry(json!({"kind": 7, "operationID": 0}));
    }

    fn begin(&mut self) {
        // after a failure the engine begins nothing more, unless it was told to
        if self.failed && self.random.percent(95) {
            return;
        }
        self.operations += 1;
        let operation = self.operations;
        let old = |it: &Live| matches!(it.at, At::Base(_));
        let free = self.live.iter().position(|it| !it.busy && old(it));
        // the stack and its providers come before what they are needed for
        let first = self.live.iter().any(|it| old(it) && text(&it.state, "type").starts_with("pulumi:"));
        let creates = self.live.is_empty() || self.random.percent(if first { 2 } else { 25 });
        let (pending, step) = match free {
            Some(at) if !creates && self.random.percent(95) => {
                if self.waits(at) {
                    return;
                }
                self.change(operation, at)
            }
            _ if !creates => {
                let at = self.random.below(self.live.len());
                if self.live[at].busy || self.waits(at) {
                    return;
                }
                self.change(operation, at)
            }
            _ => self.create(operation),
        };
        let mut entry = json!({"kind": 0, "operationID": operation});
        if let Some(pending) = pending {
            entry["operation"] = pending;
        }
        self.entry(entry);
        self.running.push(step);
    }

    /// Whether a resource needs one that a step works on.
    fn waits(&self, at: usize) -> bool {
        let state = json!(self.live[at].state).to_string();
        self.live.iter().any(|it| it.busy && state.contains(text(&it.state, "urn")))
    }

    fn create(&mut self, operation: u64) -> (Option<Value>, Step) {
        self.made += 1;
        let made = self.live.iter().filter(|it| self.made.is_multiple_of(8) || matches!(it.at, At::New(_)));
        let needs: Vec<String> = made.map(|it| text(&it.state, "urn").to_owned()).collect();
        let list: Vec<State> = self.live.iter().map(|it| it.state.clone()).collect();
        let provider = reference(&mut self.random, &list);
        let state = if self.random.percent(15) {
            states::provider(&mut self.random, &format!("made-{}", self.made))
        } else {
            states::resource(&mut self.random, self.made, &needs, &provider)
        };
        if self.random.percent(5) {
            // a creation that was skipped: "same", without a state
            return (None, Step { operation, entry: Map::new(), outcome: Outcome::Nothing });
        }
        let kind = *self.random.pick(&["creating", "creating", "creating", "reading", "importing"]);
        let pending = json!({"resource": state, "type": kind});
        (Some(pending), Step { operation, entry: Map::new(), outcome: Outcome::Made { state, instead_of: None } })
    }

    /// A step on a resource that there is.
    fn change(&mut self, operation: u64, at: usize) -> (Option<Value>, Step) {
        let (name, former) = (key(&self.live[at]), self.live[at].state.clone());
        let place = self.live[at].at;
        let is = |field: &str| former.get(field).is_some_and(|it| it == true);
        let urn = text(&former, "urn");
        let mentions = |it: &Live| key(it) != name && json!(it.state).to_string().contains(urn);
        let needed = self.live.iter().any(mentions) && !self.random.percent(10);
        self.live[at].busy = true;
        let begun = |state: &State, kind: &str| Some(json!({"resource": state, "type": kind}));
        let mut entry = Map::new();
        let random = &mut self.random;
        if is("delete") {
            point(&mut entry, "remove", place);
            return (begun(&former, "deleting"), Step { operation, entry, outcome: Outcome::Gone { key: name } });
        }
        if is("pendingReplacement") {
            point(&mut entry, "remove", place);
            if random.percent(20) {
                // its replacement is not wanted any more
                return (None, Step { operation, entry, outcome: Outcome::Gone { key: name } });
            }
            let state = states::changed(random, &former);
            let outcome = Outcome::Made { state: state.clone(), instead_of: Some(name) };
            return (begun(&state, "creating"), Step { operation, entry, outcome });
        }
        match random.below(20) {
            0 | 1 if !needed => {
                point(&mut entry, "remove", place);
                (begun(&former, "deleting"), Step { operation, entry, outcome: Outcome::Gone { key: name } })
            }
            2 => {
                point(&mut entry, "pendingReplacement", place);
                (begun(&former, "deleting"), Step { operation, entry, outcome: Outcome::Waits { key: name } })
            }
            3 | 4 => {
                point(&mut entry, "delete", place);
                let state = states::changed(random, &former);
                let kind = *random.pick(&["creating", "importing"]);
                let outcome = Outcome::Replaced { state: state.clone(), former: name };
                (begun(&state, kind), Step { operation, entry, outcome })
            }
            5 | 6 => {
                point(&mut entry, "remove", place);
                entry.insert("isRefresh".to_owned(), json!(true));
                let outcome = if random.percent(20) && !needed {
                    Outcome::Gone { key: name }
                } else {
                    Outcome::Made { state: states::changed(random, &former), instead_of: Some(name) }
                };
                (None, Step { operation, entry, outcome })
            }
            kind => {
                point(&mut entry, "remove", place);
                let state = match kind {
                    7..14 => former,
                    14 => states::renamed(random, &former, self.made),
                    _ => states::changed(random, &former),
                };
                let verb = *random.pick(&["updating", "reading"]);
                let pending = if kind < 14 { None } else { begun(&state, verb) };
                (pending, Step { operation, entry, outcome: Outcome::Made { state, instead_of: Some(name) } })
            }
        }
    }

    /// One of the steps ends.
    fn end(&mut self) {
        if self.running.is_empty() {
            return;
        }
        let at = self.random.below(self.running.len());
        let Step { operation, mut entry, outcome } = self.running.remove(at);
        let failed = self.random.percent(10);
        entry.insert("kind".to_owned(), json!(if failed { 2 } else { 1 }));
        entry.insert("operationID".to_owned(), json!(operation));
        if let Outcome::Made { state, .. } | Outcome::Replaced { state, .. } = &outcome {
            entry.insert("state".to_owned(), json!(state));
        }
        if self.random.percent(2) {
            entry.insert("requiresByteString".to_owned(), json!(true));
        }
        self.entry(Value::Object(entry));
        if failed {
            self.failed = true;
            return;
        }
        let made = |state: State| Live { state, at: At::New(operation), busy: false };
        match outcome {
            Outcome::Made { state, instead_of } => {
                self.live.retain(|it| Some(key(it)) != instead_of);
                self.live.push(made(state));
            }
            Outcome::Replaced { state, former } => {
                self.mark(&former, "delete");
                self.live.push(made(state));
            }
            Outcome::Waits { key } => self.mark(&key, "pendingReplacement"),
            Outcome::Gone { key: gone } => self.live.retain(|it| key(it) != gone),
            Outcome::Nothing => {}
        }
    }

    fn mark(&mut self, name: &str, field: &str) {
        for live in self.live.iter_mut().filter(|it| key(it) == name) {
            live.state.insert(field.to_owned(), json!(true));
            live.busy = false;
        }
    }

    /// What happens beside the steps: outputs of components, extensions.
    fn aside(&mut self) {
        self.operations += 1;
        if self.random.percent(20) {
            let reference = *self.random.pick(&["ref-1", "ref-2"]);
            let extension = json!({"name": "ext", "version": "1.0.1", "value": "AAEC/w=="});
            let entry =
                json!({"kind": 8, "operationID": self.operations, "extensionRef": reference, "extension": extension});
            return self.entry(entry);
        }
        if self.live.is_empty() {
            return;
        }
        let at = self.random.below(self.live.len());
        if self.live[at].busy {
            return;
        }
        let state = states::changed(&mut self.random, &self.live[at].state);
        let mut entry = Map::new();
        entry.insert("kind".to_owned(), json!(4));
        entry.insert("operationID".to_owned(), json!(self.operations));
        entry.insert("state".to_owned(), json!(state));
        point(&mut entry, "remove", self.live[at].at);
        self.live[at].state = state;
        self.entry(Value::Object(entry));
    }

    fn entry(&mut self, mut fields: Value) {
        fields["version"] = json!(1);
        fields["sequenceID"] = json!(self.entries.len() + 1);
        for field in ["removeOld", "removeNew"] {
            if fields.get(field).is_none() {
                fields[field] = Value::Null;
            }
        }
        self.entries.push(fields.to_string());
    }
}
