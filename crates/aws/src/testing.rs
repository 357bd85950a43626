//! The life of every type, tested the same way: [`lifecycle!`](crate::lifecycle) makes six tests from one sample.
//!
//! It is long because each life is told once, for all types, beside the bench that all of them stand on.
//!
//! They speak the provider protocol to an instance, as the engine would, against the emulator.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use pulumi::{
    asset::{Archive, Asset},
    proto::{
        CheckRequest, CheckResponse, ConfigureRequest, CreateRequest, DeleteRequest, DiffRequest, DiffResponse,
        InvokeRequest, ReadRequest, UpdateRequest, diff_response::DiffChanges,
        resource_provider_server::ResourceProvider,
    },
    provider::{
        adopt::Presence,
        server::{Catalog, Instance},
    },
    urn,
    value::{Map, ToValue, Value, map_from_wire, map_into_wire},
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    adoption,
    clients::{self, Access, Ambient, Clients, Role},
    provider::Aws,
    recovery::Held,
};

mod forms;

/// Unit tests call a type through these.
pub(crate) use crate::resource::Adapter;
pub(crate) use pulumi::provider::resource::CustomResource;
/// As [`Adapter`], for a setting.
pub(crate) type Set<S> = Adapter<crate::setting::SettingOf<S>>;

const MEMBER: &str = "111122223333";
const OUTSIDE: &str = "444455556666";
const REGION: &str = "ap-southeast-2";
/// The emulator ends when no test asked it for so long.
const IDLE: Duration = Duration::from_secs(300);

/// Makes the tests of one type:
/// basic (create, read, no difference, update in place), disappears, import, renamed, adopted, and a preview with unknowns.
#[macro_export]
macro_rules! lifecycle {
    (token: $($rest:tt)*) => {
        $crate::lifecycle! { account: $crate::testing::Account::Member, token: $($rest)* }
    };
    (
        account: $account:expr, token: $token:literal, needs: [$(($need:literal, $inputs:tt)),* $(,)?],
        sample: $sample:tt $(, change: $change:tt)? $(, import: $import:literal)? $(,)?
    ) => {
        fn sample() -> $crate::testing::Sample {
            $crate::testing::Sample {
                account: $account,
                token: $token,
                needs: vec![$(($need, serde_json::json!($inputs))),*],
                sample: serde_json::json!($sample),
                change: None$(.or(Some(serde_json::json!($change))))?,
                import: None$(.or(Some($import)))?,
            }
        }
        #[tokio::test]
        async fn basic() {
            $crate::testing::basic(sample()).await;
        }
        #[tokio::test]
        async fn disappears() {
            $crate::testing::disappears(sample()).await;
        }
        #[tokio::test]
        async fn import() {
            $crate::testing::import(sample()).await;
        }
        #[tokio::test]
        async fn renamed() {
            $crate::testing::renamed(sample()).await;
        }
        #[tokio::test]
        async fn adopted() {
            $crate::testing::adopted(sample()).await;
        }
        #[tokio::test]
        async fn preview_with_unknowns() {
            $crate::testing::preview_with_unknowns(sample()).await;
        }
    };
}

/// Whose things a test makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// The member account's, as nearly all of a zone.
    Member,
    /// The organization's management account's.
    Management,
    /// An account's that is in no organization.
    Outside,
}

/// A type's example, what it needs, and a change of it that is made in place; none where every change replaces it.
pub(crate) struct Sample {
    pub(crate) account: Account,
    pub(crate) token: &'static str,
    pub(crate) needs: Vec<(&'static str, Json)>,
    pub(crate) sample: Json,
    pub(crate) change: Option<Json>,
    /// How an import names it, where not by its id.
    pub(crate) import: Option<&'static str>,
}

impl Sample {
    /// The example with its change.
    fn changed(&self) -> Json {
        let mut changed = self.sample.as_object().expect("a sample is an object").clone();
        changed.extend(self.change.as_ref().and_then(Json::as_object).expect("a change is an object").clone());
        Json::Object(changed)
    }
}

/// One made resource.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) urn: String,
    pub(crate) id: String,
    pub(crate) inputs: Map,
    pub(crate) state: Map,
}

/// An instance against the emulator; beyond the tests of every type, for those of a type's oddities.
pub(crate) struct Bench {
    instance: Instance<Aws>,
    emulator: emulator::Emulator,
    unique: String,
    made: Vec<Made>,
}

fn ambient(emulator: &emulator::Emulator) -> Ambient {
    let endpoint = Some(emulator.endpoint.clone());
    Ambient { endpoint, credentials: Some(("test".to_owned(), "test".to_owned())) }
}

impl Account {
    fn id(self, emulator: &emulator::Emulator) -> &str {
        match self {
            Self::Member => MEMBER,
            Self::Management => &emulator.accounts.management,
            Self::Outside => OUTSIDE,
        }
    }

    /// The role to assume: any credentials are the management account's, and lead into the others.
    fn role(self, emulator: &emulator::Emulator) -> Option<String> {
        let role = || format!("arn:aws:iam::{}:role/{}", self.id(emulator), emulator.role);
        (self != Self::Management).then(role)
    }
}

/// Where test runs keep the emulator: beside the build, shared by all test programs.
fn places() -> emulator::Places {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| root.join(".zone/tools"), PathBuf::from);
    emulator::Places { tools, run: root.join(".zone/test-emulator"), decider: None }
}

async fn open(account: Account, emulator: &emulator::Emulator, tags: &Json) -> Instance<Aws> {
    let instance = Instance::new(Arc::new(Catalog::new(Aws::new(ambient(emulator)))));
    let roles: Vec<_> = account.role(emulator).into_iter().map(|arn| json!({ "roleArn": arn })).collect();
    let arguments = json!({
        "region": REGION,
        "allowedAccountIds": json!([account.id(emulator)]).to_string(),
        "assumeRoles": json!(roles).to_string(),
        "defaultTags": json!({ "tags": tags }).to_string(),
    });
    let request = ConfigureRequest { args: Some(map_into_wire(map(&arguments))), ..Default::default() };
    instance.configure(Request::new(request)).await.expect("configure");
    instance
}

impl Bench {
    pub(crate) async fn new(account: Account) -> Self {
        Self::with_tags(account, &json!({ "tenant_id": "test", "environment": "local" })).await
    }

    /// Of a provider with these default tags.
    async fn with_tags(account: Account, tags: &Json) -> Self {
        let emulator = emulator::start_for_tests(&places(), MEMBER, IDLE, &|_| {}).await.expect("the emulator starts");
        let instance = open(account, &emulator, tags).await;
        let unique = format!("{:08x}", rand::random::<u32>());
        Self { instance, emulator, unique, made: Vec::new() }
    }

    /// From now on as another run, of a provider that knows nothing yet.
    async fn reopen(&mut self, account: Account) {
        self.instance = open(account, &self.emulator, &json!({ "tenant_id": "test", "environment": "local" })).await;
    }

    /// Clients of an account, to do what happens behind the provider's back.
    pub(crate) async fn clients(&self, account: Account) -> Clients {
        let role = account.role(&self.emulator).map(|arn| Role { arn, ..Role::default() });
        let roles = role.into_iter().collect();
        let access = Access { region: REGION.to_owned(), roles, ..Access::default() };
        Clients::new(&clients::load(&clients::http_client(), &ambient(&self.emulator), &access).await, REGION)
    }

    /// What makes this test's names differ from another's.
    pub(crate) fn unique(&self) -> &str {
        &self.unique
    }

    /// The answer of a function, or why there is none.
    pub(crate) async fn invoke(&self, token: &str, arguments: &Json) -> Result<Map, String> {
        let request =
            InvokeRequest { tok: token.to_owned(), args: Some(map_into_wire(map(arguments))), ..Default::default() };
        let answer =
            self.instance.invoke(Request::new(request)).await.map_err(|e| e.message().to_owned())?.into_inner();
        assert!(answer.failures.is_empty(), "arguments of {token}: {:?}", answer.failures);
        Ok(map_from_wire(answer.r#return))
    }

    /// The URN of the next resource that is made.
    pub(crate) fn urn(&self, token: &str) -> String {
        format!("urn:pulumi:test::test::{token}::r{}-{}", self.made.len(), self.unique)
    }

    /// Fills `{unique}` and `${i.property}` in a sample's texts.
    pub(crate) fn fill(&self, json: &Json) -> Json {
        match json {
            Json::String(text) => {
                let mut text = text.replace("{unique}", &self.unique);
                for (i, made) in self.made.iter().enumerate() {
                    text = text.replace(&format!("${{{i}.id}}"), &made.id);
                    for (property, value) in &made.state {
                        if let Some(value) = value.as_str() {
                            text = text.replace(&format!("${{{i}.{property}}}"), value);
                        }
                    }
                }
                assert!(!text.contains("${"), "nothing fills `{text}`");
                Json::String(text)
            }
            Json::Array(items) => items.iter().map(|v| self.fill(v)).collect(),
            Json::Object(fields) => Json::Object(fields.iter().map(|(k, v)| (k.clone(), self.fill(v))).collect()),
            other => other.clone(),
        }
    }

    async fn checked(&self, urn: &str, olds: Map, news: Map) -> CheckResponse {
        let request = CheckRequest {
            urn: urn.to_owned(),
            olds: Some(map_into_wire(olds)),
            news: Some(map_into_wire(news)),
            random_seed: urn.as_bytes().to_vec(),
            ..Default::default()
        };
        self.instance.check(Request::new(request)).await.expect("check").into_inner()
    }

    pub(crate) async fn check(&self, urn: &str, olds: Map, news: Map) -> Map {
        let answer = self.checked(urn, olds, news).await;
        assert!(answer.failures.is_empty(), "check of {urn}: {:?}", answer.failures);
        map_from_wire(answer.inputs)
    }

    /// Why a change is refused.
    pub(crate) async fn refusals(&self, made: &Made, inputs: &Json) -> Vec<String> {
        let answer = self.checked(&made.urn, made.inputs.clone(), map(&self.fill(inputs))).await;
        answer.failures.into_iter().map(|failure| failure.reason).collect()
    }

    pub(crate) async fn diff(&self, made: &Made, olds: &Map, news: &Map) -> DiffResponse {
        let request = DiffRequest {
            id: made.id.clone(),
            urn: made.urn.clone(),
            olds: Some(map_into_wire(made.state.clone())),
            news: Some(map_into_wire(news.clone())),
            old_inputs: Some(map_into_wire(olds.clone())),
            ..Default::default()
        };
        self.instance.diff(Request::new(request)).await.expect("diff").into_inner()
    }

    async fn assert_same(&self, made: &Made, olds: &Map, news: &Map, when: &str) {
        let diff = self.diff(made, olds, news).await;
        assert_eq!(
            diff.changes,
            DiffChanges::DiffNone as i32,
            "{when}: {:?}\nold: {olds:#?}\nnew: {news:#?}",
            diff.detailed_diff
        );
    }

    /// Makes a resource.
    pub(crate) async fn create(&mut self, token: &str, inputs: &Json) -> Made {
        let urn = self.urn(token);
        self.try_create(&urn, token, inputs).await.unwrap_or_else(|e| panic!("create {token}: {e}"))
    }

    /// Makes the resource with this URN, or says why not.
    pub(crate) async fn try_create(&mut self, urn: &str, token: &str, inputs: &Json) -> Result<Made, String> {
        let inputs = self.check(urn, Map::new(), map(&self.fill(inputs))).await;
        let request = CreateRequest {
            urn: urn.to_owned(),
            properties: Some(map_into_wire(inputs.clone())),
            ..Default::default()
        };
        let answer = self.instance.create(Request::new(request)).await.map_err(|e| e.message().to_owned())?;
        let answer = answer.into_inner();
        assert!(!answer.id.is_empty(), "{token} has no id");
        let made = Made { urn: urn.to_owned(), id: answer.id, inputs, state: map_from_wire(answer.properties) };
        self.made.push(made.clone());
        Ok(made)
    }

    /// Changed in place to what a sample's text says.
    pub(crate) async fn change(&self, made: &Made, inputs: &Json) -> Made {
        let news = self.check(&made.urn, made.inputs.clone(), map(&self.fill(inputs))).await;
        self.update(made, news, false).await
    }

    pub(crate) async fn sample(&mut self, sample: &Sample) -> Made {
        for (token, inputs) in &sample.needs {
            self.create(token, inputs).await;
        }
        self.create(sample.token, &sample.sample).await
    }

    /// Inputs and state as read; `None` when it is gone. With no old inputs this is what an import does.
    pub(crate) async fn read(&self, made: &Made, olds: Option<&Map>) -> Option<(Map, Map)> {
        self.try_read(made, olds).await.unwrap_or_else(|e| panic!("read: {e}"))
    }

    /// As `read`, or why it cannot be read.
    pub(crate) async fn try_read(&self, made: &Made, olds: Option<&Map>) -> Result<Option<(Map, Map)>, String> {
        let state = olds.map(|_| made.state.clone()).unwrap_or_default();
        let request = ReadRequest {
            id: made.id.clone(),
            urn: made.urn.clone(),
            properties: Some(map_into_wire(state)),
            inputs: olds.map(|o| map_into_wire(o.clone())),
            ..Default::default()
        };
        let answer = self.instance.read(Request::new(request)).await.map_err(|e| e.message().to_owned())?.into_inner();
        Ok((!answer.id.is_empty()).then(|| (map_from_wire(answer.inputs), map_from_wire(answer.properties))))
    }

    /// Changes a resource, or shows what that would make of it.
    pub(crate) async fn update(&self, made: &Made, inputs: Map, preview: bool) -> Made {
        let request = UpdateRequest {
            id: made.id.clone(),
            urn: made.urn.clone(),
            olds: Some(map_into_wire(made.state.clone())),
            news: Some(map_into_wire(inputs.clone())),
            old_inputs: Some(map_into_wire(made.inputs.clone())),
            preview,
            ..Default::default()
        };
        let answer = self.instance.update(Request::new(request)).await;
        let answer = answer.unwrap_or_else(|e| panic!("update: {}", e.message())).into_inner();
        Made { state: map_from_wire(answer.properties), inputs, ..made.clone() }
    }

    /// What the state has, as a run that has read it says.
    pub(crate) fn knows(&self, made: &[&Made]) {
        let ids = made.iter().map(|made| made.id.clone()).collect();
        let held = |made: &&Made| Held {
            urn: made.urn.clone(),
            id: made.id.clone(),
            inputs: made.inputs.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
            ..Held::default()
        };
        let resources = made.iter().map(held).collect();
        self.instance.catalog().provider.recovery().begin(ids, resources);
    }

    /// The id of what is made for the same resource by a run whose state has `known` and not what was made.
    pub(crate) async fn remake(&self, made: &Made, known: &[&str]) -> String {
        let known = known.iter().map(|id| (*id).to_owned()).collect();
        self.instance.catalog().provider.recovery().begin(known, Vec::new());
        let properties = Some(map_into_wire(made.inputs.clone()));
        let request = CreateRequest { urn: made.urn.clone(), properties, ..Default::default() };
        self.instance.create(Request::new(request)).await.expect("create").into_inner().id
    }

    /// Id, inputs and state of what an import by `given` finds.
    pub(crate) async fn import(&self, urn: &str, given: &str) -> Option<(String, Map, Map)> {
        let request = ReadRequest { id: given.to_owned(), urn: urn.to_owned(), ..Default::default() };
        let answer = self.instance.read(Request::new(request)).await.expect("read").into_inner();
        let found = !answer.id.is_empty();
        found.then(|| (answer.id, map_from_wire(answer.inputs), map_from_wire(answer.properties)))
    }

    async fn delete(&self, made: &Made) {
        self.try_delete(made).await.unwrap_or_else(|e| panic!("delete: {e}"));
    }

    /// Removes a resource, or says why not.
    pub(crate) async fn try_delete(&self, made: &Made) -> Result<(), String> {
        let request = DeleteRequest {
            id: made.id.clone(),
            urn: made.urn.clone(),
            properties: Some(map_into_wire(made.state.clone())),
            old_inputs: Some(map_into_wire(made.inputs.clone())),
            ..Default::default()
        };
        self.instance.delete(Request::new(request)).await.map(drop).map_err(|e| e.message().to_owned())
    }

    /// Removes all that was made here, last first.
    pub(crate) async fn clean_up(&self) {
        for made in self.made.iter().rev() {
            self.delete(made).await;
        }
    }
}

pub(crate) fn map(json: &Json) -> Map {
    match value(json) {
        Value::Object(map) => map,
        other => panic!("a sample is an object, not {}", other.type_name()),
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Number(n.as_f64().expect("a number")),
        Json::String(s) => Value::String(s.clone()),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(fields) => match fields.iter().next() {
            Some((marker, Json::Object(files))) if marker == "$archive" => archive(files),
            Some((marker, Json::String(text))) if marker == "$asset" => {
                Asset::string(text).hashed().expect("a hash").to_value()
            }
            _ => Value::Object(fields.iter().map(|(k, v)| (k.clone(), value(v))).collect()),
        },
    }
}

/// Files by their names, with their texts.
fn archive(files: &serde_json::Map<String, Json>) -> Value {
    let text = |file: &Json| file.as_str().expect("a text").to_owned();
    let files = files.iter().map(|(name, file)| (name.clone(), Asset::string(text(file))));
    Archive::assets(files).hashed().expect("a hash").to_value()
}

/// Whether something equal to `expected` stands in `actual`: objects may have more, all else may not.
fn contains(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Secret(actual), expected) => contains(actual, expected),
        (actual, Value::Secret(expected)) => contains(actual, expected),
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(k, v)| actual.get(k).is_some_and(|a| contains(a, v)))
        }
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len() && actual.iter().zip(expected).all(|(a, e)| contains(a, e))
        }
        (actual, expected) => actual == expected,
    }
}

/// Made, read back the same, the same again, the same in other forms, changed in place, read back changed, and gone at the end.
pub(crate) async fn basic(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    let again = bench.check(&made.urn, made.inputs.clone(), map(&bench.fill(&sample.sample))).await;
    bench.assert_same(&made, &made.inputs, &again, "second run").await;
    let (inputs, state) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
    assert_eq!(inputs, made.inputs, "a refresh right after creation changes no input");
    for (property, value) in &made.state {
        let read = state.get(property);
        assert!(
            read.is_some_and(|r| contains(r, value)) || made.inputs.contains_key(property),
            "{property}: made {value:?}, read {read:?}"
        );
    }
    forms::mean_the_same(&bench, &sample, &made).await;

    let change = sample.change.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
    if change.is_empty() {
        let schema = bench.instance.catalog().schema(sample.token).expect("a known token");
        assert!(schema.inputs.iter().all(|p| p.replace), "some change of it is made in place: show one");
        return bench.clean_up().await;
    }
    let news = bench.check(&made.urn, made.inputs.clone(), map(&bench.fill(&sample.changed()))).await;
    let diff = bench.diff(&made, &made.inputs, &news).await;
    assert_eq!(diff.changes, DiffChanges::DiffSome as i32, "the change is one");
    assert!(diff.replaces.is_empty(), "the change is made in place, not by replacing for {:?}", diff.replaces);
    bench.update(&made, news.clone(), true).await;
    let updated = bench.update(&made, news.clone(), false).await;
    let (inputs, _) = bench.read(&updated, Some(&news)).await.expect("it is still there");
    assert_eq!(inputs, news, "what was changed is read back");
    let unread = bench.unread(sample.token);
    if change.keys().any(|property| !unread.contains(&property.as_str())) {
        let stale = bench.read(&made, Some(&made.inputs)).await.expect("it is still there").0;
        let drift = bench.diff(&made, &stale, &made.inputs).await;
        assert_eq!(drift.changes, DiffChanges::DiffSome as i32, "a change behind our back shows as drift");
    }
    // as it was and as it became: either may say that a delete leaves it
    bench.delete(&made).await;
    if let Some(last) = bench.made.last_mut() {
        *last = updated;
    }
    bench.clean_up().await;
}

/// Deleted; a read says so, and deleting again is fine.
pub(crate) async fn disappears(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    assert!(bench.read(&made, Some(&made.inputs)).await.is_some(), "it is there");
    bench.delete(&made).await;
    let left = bench.read(&made, Some(&made.inputs)).await;
    let emptied = left.as_ref().is_some_and(|(inputs, _)| *inputs != made.inputs);
    assert!(left.is_none() || emptied, "it is gone, or reset where AWS cannot remove it: {left:?}");
    bench.delete(&made).await;
    bench.clean_up().await;
}

/// Deleted where AWS deletes nothing: it is left as it is.
pub(crate) async fn stays(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    bench.delete(&made).await;
    let (left, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is still there");
    assert_eq!(left, made.inputs);
    bench.clean_up().await;
}

/// Given another name in the program, without an alias: refused where AWS has one at most and the state is known; else
/// what was written under the new name outlives what is deleted under the old one.
pub(crate) async fn renamed(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    let (all, urn) = (bench.made.clone(), format!("{}-renamed", made.urn));
    let is_one = bench.presence(&sample) != Presence::Numbered;

    bench.reopen(sample.account).await;
    bench.knows(&all.iter().collect::<Vec<_>>());
    match bench.try_create(&urn, sample.token, &sample.sample).await {
        Err(refused) => {
            assert!(!is_one || refused.contains("`aliases`"), "{refused}");
            assert!(!is_one || refused.contains(&made.urn), "it says where the state has it: {refused}");
        }
        Ok(other) => {
            assert!(!is_one, "{} is in the state as {}", made.id, made.urn);
            bench.made.pop();
            if other.id != made.id {
                // a second one, and no rename
                bench.delete(&other).await;
                return bench.clean_up().await;
            }
            bench.delete(&made).await;
            assert!(bench.read(&other, Some(&other.inputs)).await.is_some(), "it is still there");
        }
    }
    let (inputs, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is still there");
    assert_eq!(inputs, made.inputs, "nothing was changed");

    // under plain `pulumi` nobody tells what the state has
    bench.reopen(sample.account).await;
    if let Ok(other) = bench.try_create(&urn, sample.token, &sample.sample).await {
        bench.made.pop();
        bench.delete(&made).await;
        let (inputs, _) = bench.read(&other, Some(&other.inputs)).await.expect("it is still there");
        assert_eq!(inputs, other.inputs, "a delete under the old name leaves what was written under the new one");
        bench.reopen(sample.account).await;
        bench.delete(&other).await;
    }
    bench.clean_up().await;
}

/// Types of which a sample's change cannot be taken back, or is one of its name: somebody else's is made as the sample is.
const ONE_WAY: &[&str] =
    &["aws:cognito/userPool:UserPool", "aws:cognito/userPoolClient:UserPoolClient", "aws:organizations/policy:Policy"];

/// Made by somebody else, with other properties and without our tags, and then adopted with everything it needs: it stays
/// what it is by its id, and becomes what the program says.
pub(crate) async fn adopted(sample: Sample) {
    let mut bench = Bench::with_tags(sample.account, &json!({ "owner": "somebody else" })).await;
    for (token, inputs) in &sample.needs {
        bench.create(token, inputs).await;
    }
    let differs = sample.change.is_some() && !ONE_WAY.contains(&sample.token);
    let theirs = if differs { sample.changed() } else { sample.sample.clone() };
    let theirs = bench.create(sample.token, &theirs).await;
    let all = std::mem::take(&mut bench.made);

    // its twin: what is ours by nothing is refused
    let presence = bench.presence(&sample);
    let tagged = bench.instance.catalog().schema(sample.token).is_some_and(|schema| schema.input("tags").is_some());
    bench.reopen(sample.account).await;
    bench.knows(&[]);
    if presence == Presence::Named && tagged {
        bench.made = all.clone();
        let refused = bench.try_create(&theirs.urn.replace("::r", "::x"), sample.token, &sample.sample).await;
        let refused = refused.expect_err("what is somebody else's is not taken");
        assert!(refused.contains("exists already") && refused.contains("ZONE_ADOPT="), "{refused}");
        bench.made.clear();
    }

    bench.reopen(sample.account).await;
    bench.knows(&[]);
    let choices: Vec<_> = all.iter().map(|made| bench.choice(made)).collect();
    bench.instance.catalog().provider.adoption().begin(&choices);
    let mut made = Vec::new();
    let wanted = sample.needs.iter().map(|(token, inputs)| (*token, inputs));
    for ((token, inputs), theirs) in wanted.chain([(sample.token, &sample.sample)]).zip(&all) {
        let inputs = bench.check(&theirs.urn, Map::new(), map(&bench.fill(inputs))).await;
        let before = bench.read(theirs, Some(&theirs.inputs)).await.map(|(inputs, _)| inputs);
        let create = |preview: bool| CreateRequest {
            urn: theirs.urn.clone(),
            properties: Some(map_into_wire(inputs.clone())),
            preview,
            ..Default::default()
        };
        let foreseen = bench.instance.create(Request::new(create(true))).await;
        let foreseen = foreseen.unwrap_or_else(|e| panic!("preview of adopting {token}: {}", e.message())).into_inner();
        let after = bench.read(theirs, Some(&theirs.inputs)).await.map(|(inputs, _)| inputs);
        assert_eq!(after, before, "a preview changes nothing");
        bench.reopen_adopting(sample.account, &choices, &made).await;
        let answer = bench.instance.create(Request::new(create(false))).await;
        let answer = answer.unwrap_or_else(|e| panic!("adopting {token}: {}", e.message())).into_inner();
        assert_eq!(answer.id, theirs.id, "{token} is the one there was");
        if bench.instance.catalog().provider.adoption().has(&theirs.urn) {
            assert_eq!(foreseen.id, theirs.id, "a preview names the one there is");
        }
        let own = Made { state: map_from_wire(answer.properties), inputs, ..theirs.clone() };
        bench.made.push(own.clone());
        made.push(own);
    }
    let own = made.last().expect("the last one");
    let (inputs, _) = bench.read(own, Some(&own.inputs)).await.expect("it is still there");
    assert_eq!(inputs, own.inputs, "what is adopted becomes what is wanted");
    bench.assert_same(own, &inputs, &own.inputs, "the next run").await;
    bench.clean_up().await;
}

/// Found by its id, or what an import names instead, alone; with inputs that the sample does not differ from.
pub(crate) async fn import(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    let named = match sample.import.map(|form| bench.fill(&Json::String(form.to_owned()))) {
        Some(Json::String(id)) => Made { id, ..made.clone() },
        _ => made.clone(),
    };
    let (inputs, state) = bench.read(&named, None).await.expect("it is found by its id");
    forms::region_in_id(&bench, &sample, &named, &inputs).await;
    let checked = bench.check(&made.urn, inputs.clone(), inputs.clone()).await;
    assert_eq!(checked, inputs, "check accepts what read found, as it is");
    let unread: Vec<_> = bench.unread(sample.token);
    let strip = |inputs: &Map| -> Map {
        inputs.iter().filter(|(k, _)| !unread.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    bench
        .assert_same(&made, &strip(&inputs), &strip(&made.inputs), "the program's inputs against the imported ones")
        .await;
    let outputs: HashMap<_, _> = made.state.iter().filter(|(k, _)| !made.inputs.contains_key(*k)).collect();
    for (property, value) in outputs {
        assert_eq!(state.get(property), Some(value), "output {property}");
    }
    bench.clean_up().await;
}

/// For what AWS names once: a replacement that is asked for deletes first, and one that does not is refused, as it would
/// be what is deleted at its end.
pub(crate) async fn is_not_its_own_replacement(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    bench.replaced(&made).await;
    bench.clean_up().await;
}

/// For what AWS names once and tags: made again by the same resource, whose state was lost, it is adopted with what
/// was changed meanwhile; made by another resource it is refused.
pub(crate) async fn adopts(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    let news = bench.check(&made.urn, Map::new(), map(&bench.fill(&sample.changed()))).await;
    let create = |urn: String| {
        let properties = Some(map_into_wire(news.clone()));
        bench.instance.create(Request::new(CreateRequest { urn, properties, ..Default::default() }))
    };
    let untold = create(made.urn.clone()).await.expect_err("nobody told whether the state has it");
    assert!(untold.message().contains("ZONE_RECOVER=true"), "{}", untold.message());
    bench.knows(&[]);
    let again = create(made.urn.clone()).await.unwrap_or_else(|e| panic!("adopt: {}", e.message())).into_inner();
    assert_eq!(again.id, made.id, "it is the one there was");
    let adopted = Made { state: map_from_wire(again.properties), inputs: news.clone(), ..made.clone() };
    let (inputs, _) = bench.read(&adopted, Some(&news)).await.expect("it is still there");
    assert_eq!(inputs, news, "what is adopted becomes what is wanted");
    let refused = create(format!("{}-other", made.urn)).await.expect_err("what another resource made is not taken");
    assert!(refused.message().contains("exists already, and its tags do not prove it ours"), "{}", refused.message());
    bench.replaced(&adopted).await;
    bench.clean_up().await;
}

/// Found by the form in which the official provider imports it, under the id that a create gives it.
pub(crate) async fn import_as(sample: Sample, form: &str) {
    let mut bench = Bench::new(sample.account).await;
    let made = bench.sample(&sample).await;
    let Json::String(id) = bench.fill(&Json::String(form.to_owned())) else { panic!("a text is filled to one") };
    let request = |id: String| ReadRequest { id, urn: made.urn.clone(), ..Default::default() };
    let answer = bench.instance.read(Request::new(request(id.clone()))).await.expect("read").into_inner();
    assert_eq!(answer.id, made.id, "what `{id}` is");
    assert_eq!(map_from_wire(answer.inputs), bench.read(&made, None).await.expect("it is there").0);
    bench.delete(&made).await;
    let answer = bench.instance.read(Request::new(request(id.clone()))).await.expect("read").into_inner();
    assert_eq!(answer.id, "", "`{id}` is gone");
    bench.clean_up().await;
}

/// With each property unknown in turn, and with all of them: Check passes it on, and a preview asks AWS nothing.
pub(crate) async fn preview_with_unknowns(sample: Sample) {
    let mut bench = Bench::new(sample.account).await;
    for (token, inputs) in &sample.needs {
        bench.create(token, inputs).await;
    }
    let urn = bench.urn(sample.token);
    let inputs = map(&bench.fill(&sample.sample));
    let all: Map = inputs.keys().map(|k| (k.clone(), Value::Unknown)).collect();
    let one = |k: &String| {
        inputs.iter().map(|(n, v)| (n.clone(), if n == k { Value::Unknown } else { v.clone() })).collect::<Map>()
    };
    for news in inputs.keys().map(one).chain([all]) {
        let checked = bench.check(&urn, Map::new(), news).await;
        assert!(checked.values().any(Value::has_unknown), "the unknown is passed on");
        let request = CreateRequest {
            urn: urn.clone(),
            properties: Some(map_into_wire(checked.clone())),
            preview: true,
            ..Default::default()
        };
        let answer = bench.instance.create(Request::new(request)).await.expect("preview").into_inner();
        let outputs = map_from_wire(answer.properties);
        for (property, value) in &checked {
            assert!(outputs.contains_key(property), "the preview shows {property} ({value:?})");
        }
        let made = Made { urn: urn.clone(), id: "x".into(), inputs: Map::new(), state: Map::new() };
        let diff = bench.diff(&made, &map(&bench.fill(&sample.sample)), &checked).await;
        assert_eq!(diff.changes, DiffChanges::DiffSome as i32, "an unknown may be a change");
    }
    bench.clean_up().await;
}

impl Bench {
    async fn replaced(&self, made: &Made) {
        let schema = self.instance.catalog().schema(urn::kind(&made.urn)).expect("a known token");
        if schema.inputs.iter().any(|p| p.autoname) {
            assert!(self.diff(made, &made.inputs, &made.inputs).await.delete_before_replace, "it deletes first");
        }
        self.knows(&[made]);
        let create = || {
            let properties = Some(map_into_wire(made.inputs.clone()));
            self.instance.create(Request::new(CreateRequest {
                urn: made.urn.clone(),
                properties,
                ..Default::default()
            }))
        };
        let refused = create().await.expect_err("it is what it would replace");
        assert!(refused.message().contains("is in the state already"), "{}", refused.message());
        assert!(refused.message().contains("\nhint: let it be deleted first"), "{}", refused.message());
        assert!(self.read(made, Some(&made.inputs)).await.is_some(), "it is left alone");
        self.delete(made).await;
        let again = create().await.unwrap_or_else(|e| panic!("made anew: {}", e.message())).into_inner();
        let again = Made { id: again.id, state: map_from_wire(again.properties), ..made.clone() };
        assert!(self.read(&again, Some(&again.inputs)).await.is_some(), "it is there again");
        self.delete(&again).await;
    }

    fn presence(&self, sample: &Sample) -> Presence {
        self.instance.catalog().presence(sample.token).expect("a known token")
    }

    /// What a user says to adopt it.
    fn choice(&self, made: &Made) -> String {
        match self.instance.catalog().presence(urn::kind(&made.urn)) {
            Some(Presence::Named) => adoption::choice_of(&made.id).to_owned(),
            _ => format!("{}={}", urn::name(&made.urn), made.id),
        }
    }

    /// As another run, which has adopted these.
    async fn reopen_adopting(&mut self, account: Account, choices: &[String], made: &[Made]) {
        let before = self.instance.catalog().provider.adoption().report().adopted;
        self.reopen(account).await;
        self.knows(&[]);
        let adoption = self.instance.catalog().provider.adoption();
        adoption.begin(choices);
        for one in before.into_iter().filter(|one| made.iter().any(|made| made.urn == one.urn)) {
            adoption.note(one);
        }
    }

    /// Properties that AWS cannot be asked for.
    fn unread(&self, token: &str) -> Vec<&'static str> {
        let schema = self.instance.catalog().schema(token).expect("a known token");
        schema.inputs.iter().filter(|p| p.unread).map(|p| p.name).collect()
    }
}
