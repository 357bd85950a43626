//! The provider: its own arguments, and what it adds to every type: region, default tags, the account's assertion.
//!
//! It is long because each part of the protocol that concerns all types stands here once, with its tests.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::future::BoxFuture;
use pulumi::{
    provider::{
        adopt::{Candidate, Intent},
        check::{self, Failure},
        given::settled,
        resource::{Error, Kind, Operation, Provider},
        schema::{FunctionSchema, Property, ResourceSchema, Shaped, Type},
    },
    value::{FromValue, Map, ToValue, Value, secret_in},
};
use tokio::sync::OnceCell;

use crate::{
    VERSION,
    adoption::{self, Adoption},
    arguments::{refused, role, web_identity},
    clients::{self, Access, Ambient, Clients},
    context::{Caller, Cx},
    endpoints::Endpoints,
    error::failed,
    functions,
    instance::Inputs,
    limits,
    network::Network,
    profile,
    recovery::{Identity, Recovery},
    tags::{default_tags, over, tags_in},
};

/// The provider, shared by all its instances in this process.
pub struct Aws {
    http: SharedHttpClient,
    ambient: Ambient,
    recovery: Arc<Recovery>,
    adoption: Arc<Adoption>,
    kinds: Vec<Box<dyn Kind<Cx>>>,
}

/// One instance: one way into one account.
pub struct Config {
    access: Access,
    allowed: Vec<String>,
    forbidden: Vec<String>,
    default_tags: Arc<BTreeMap<String, String>>,
    /// The default tags as they were given: what is secret of them is marked.
    given_tags: Value,
    http: SharedHttpClient,
    ambient: Ambient,
    recovery: Arc<Recovery>,
    adoption: Arc<Adoption>,
    opened: OnceCell<Opened>,
}

/// What the first call finds out.
struct Opened {
    sdk: aws_config::SdkConfig,
    caller: Caller,
    regions: Mutex<HashMap<String, Arc<Clients>>>,
}

impl Aws {
    /// A provider that reaches AWS as `ambient` says.
    pub fn new(ambient: Ambient) -> Self {
        let kinds = [
            crate::cloudtrail::kinds(),
            crate::cloudwatch::kinds(),
            crate::cognito::kinds(),
            crate::dynamodb::kinds(),
            crate::ec2::kinds(),
            crate::iam::kinds(),
            crate::kinesis::kinds(),
            crate::kms::kinds(),
            crate::lambda::kinds(),
            crate::organizations::kinds(),
            crate::s3::kinds(),
            crate::sns::kinds(),
            crate::sqs::kinds(),
            crate::ssm::kinds(),
            crate::xray::kinds(),
        ];
        Self {
            http: clients::http_client(),
            ambient,
            recovery: Arc::default(),
            adoption: Arc::default(),
            kinds: kinds.into_iter().flatten().collect(),
        }
    }

    /// What is known of earlier runs, to be told before a deployment.
    pub fn recovery(&self) -> Arc<Recovery> {
        self.recovery.clone()
    }

    /// What of that which exists is to be adopted, to be told before a deployment.
    pub fn adoption(&self) -> Arc<Adoption> {
        self.adoption.clone()
    }
}

impl Config {
    /// Signs in, and asserts the account, once per instance: nothing is asked of AWS before this, and nothing
    /// is done in an account that is not allowed.
    async fn open(&self) -> Result<&Opened, Error> {
        self.opened.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Opened, Error> {
        let sdk = clients::load(&self.http, &self.ambient, &self.access).await;
        let clients = Arc::new(Clients::with(&sdk, &self.access, &self.access.region));
        let caller = caller(&clients).await.map_err(|error| {
            let by_profile = self.access.keys.is_none() && self.ambient.credentials.is_none();
            match profile::trouble(self.access.profile.as_deref(), &self.access.config_files) {
                Some(hint) if by_profile => error.hint(hint),
                _ => error,
            }
        })?;
        allowed(&caller, &self.allowed, &self.forbidden)?;
        let regions = Mutex::new(HashMap::from([(self.access.region.clone(), clients)]));
        Ok(Opened { sdk, caller, regions })
    }

    /// The caller, for [`functions`].
    pub(crate) async fn caller(&self) -> Result<&Caller, Error> {
        self.open().await.map(|opened| &opened.caller)
    }

    /// The clients of a region; absent is the provider's own.
    pub(crate) async fn clients(&self, region: Option<&str>) -> Result<Arc<Clients>, Error> {
        let opened = self.open().await?;
        let region = region.unwrap_or(&self.access.region);
        let mut regions = opened.regions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(regions
            .entry(region.to_owned())
            .or_insert_with(|| Arc::new(Clients::with(&opened.sdk, &self.access, region)))
            .clone())
    }

    /// The provider's own region.
    pub(crate) fn region(&self) -> &str {
        &self.access.region
    }
}

/// Asks AWS whose credentials these are.
pub async fn caller(clients: &Clients) -> Result<Caller, Error> {
    let who = clients.sts.get_caller_identity().send().await.map_err(|e| failed(e).within("asking AWS who we are"))?;
    Ok(Caller {
        account: who.account.unwrap_or_default(),
        arn: who.arn.unwrap_or_default(),
        user_id: who.user_id.unwrap_or_default(),
    })
}

/// Refuses credentials of another account than is meant.
pub fn allowed(caller: &Caller, allowed: &[String], forbidden: &[String]) -> Result<(), Error> {
    let account = &caller.account;
    if (allowed.is_empty() || allowed.contains(account)) && !forbidden.contains(account) {
        return Ok(());
    }
    let wanted = if allowed.is_empty() { "another one".to_owned() } else { allowed.join(" or ") };
    Err(Error::new(format!("the credentials are of account {account} ({}), not of {wanted}", caller.arn))
        .hint("use the profile or role of the right account; nothing was changed"))
}

/// Whether a type's things lie in no region: these have no `region` to say.
pub(crate) fn is_global(token: &str) -> bool {
    ["aws:iam/", "aws:organizations/"].iter().any(|module| token.starts_with(module))
}

/// The partition of the caller's ARN: AWS knows it of every region, also of those to come (`eusc-de-east-1` lies in
/// `aws-eusc`, `us-iso-east-1` in `aws-iso`; <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
fn partition(caller: &Caller) -> &str {
    caller.arn.split(':').nth(1).filter(|partition| partition.starts_with("aws")).unwrap_or("aws")
}

/// The provider's arguments as they arrive: everything but strings is a JSON text.
fn plain(arguments: &Map) -> Map {
    fn decode(name: &str, value: &Value) -> Value {
        let kind = Inputs::SHAPE.properties.iter().find(|p| p.name == name).map(|p| p.kind);
        match (kind, value) {
            (_, Value::Secret(inner)) => decode(name, inner).secret(),
            (Some(kind), Value::String(text)) if !matches!(kind, Type::String) && !text.is_empty() => {
                serde_json::from_str(text).map_or_else(|_| value.clone(), |json| typed(json, Some(kind)))
            }
            (Some(kind), Value::String(_)) if !matches!(kind, Type::String) => Value::Null,
            _ => value.clone(),
        }
    }
    let own = arguments.iter().filter(|(k, _)| !check::is_reserved(k) && *k != "version" && *k != "pluginDownloadURL");
    let own = own.map(|(k, v)| (k.clone(), decode(k, v))).filter(|(_, v)| *v != Value::Null);
    settled(own.collect(), Inputs::SHAPE.properties)
}

/// Account ids that cannot be ones. Configuration files make a number of what has no quotes, and of a number with a zero
/// before it another one, to the base of 8 where it can be.
fn account_ids(arguments: &Map) -> Vec<Failure> {
    let of = |name: &'static str| {
        let ids = arguments.get(name).and_then(|ids| Vec::<String>::from_value(ids).ok()).unwrap_or_default();
        let is_wrong = |id: &String| id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit());
        let wrong = move |(i, id): (usize, String)| Failure {
            property: format!("{name}[{i}]"),
            reason: format!(
                "`{id}` is no account id, which has 12 digits; write it in quotes: a number loses the zeros it begins with"
            ),
        };
        ids.into_iter().enumerate().filter(move |(_, id)| is_wrong(id)).map(wrong)
    };
    of("allowedAccountIds").chain(of("forbiddenAccountIds")).collect()
}

/// Whether this has the form of a region's name.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [area, middle @ .., number] = &parts[..] else { return false };
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    (2..=4).contains(&area.len())
        && letters(area)
        && (1..=2).contains(&middle.len())
        && middle.iter().all(|part| letters(part))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// A value as its type wants it. Configuration files and `pulumi config set --path` know no types: an account id
/// comes from them as a number, and a tag as a boolean.
fn typed(json: serde_json::Value, kind: Option<Type>) -> Value {
    use serde_json::Value as Json;
    match (json, kind) {
        (Json::Null, _) => Value::Null,
        (json @ (Json::Bool(_) | Json::Number(_)), Some(Type::String)) => Value::String(json.to_string()),
        (Json::Bool(b), _) => Value::Bool(b),
        (Json::Number(n), _) => n.as_f64().map_or(Value::Null, Value::Number),
        (Json::String(s), _) => Value::String(s),
        (Json::Array(items), kind) => {
            let item = if let Some(Type::List(item)) = kind { Some(*item) } else { None };
            Value::Array(items.into_iter().map(|json| typed(json, item)).collect())
        }
        (Json::Object(map), kind) if secret_in(&map).is_some() => {
            typed(secret_in(&map).cloned().unwrap_or_default(), kind).secret()
        }
        (Json::Object(map), kind) => {
            let of = |name: &str| match kind {
                Some(Type::Map(item)) => Some(*item),
                Some(Type::Object(shape)) => shape.properties.iter().find(|p| p.name == name).map(|p| p.kind),
                _ => None,
            };
            let given = map.into_iter().filter(|(_, json)| !json.is_null());
            Value::Object(given.map(|(name, json)| (name.clone(), typed(json, of(&name)))).collect())
        }
    }
}

/// The arguments that are known before the deployment.
fn known(arguments: Map) -> Map {
    arguments.into_iter().filter(|(_, value)| !value.has_unknown()).collect()
}

fn ambient_region() -> Option<String> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| std::env::var(name).ok()).filter(|r| !r.is_empty())
}

impl Provider for Aws {
    type Config = Config;
    type Context = Cx;

    fn name(&self) -> &'static str {
        "aws"
    }
    fn version(&self) -> &'static str {
        VERSION
    }
    fn config_properties(&self) -> &'static [Property] {
        Inputs::SHAPE.properties
    }
    fn kinds(&self) -> &[Box<dyn Kind<Cx>>] {
        &self.kinds
    }
    fn functions(&self) -> &'static [FunctionSchema] {
        functions::ALL
    }

    fn common_inputs(&self, kind: &ResourceSchema) -> Vec<Property> {
        let region = "Region where this resource is managed; by default the provider's.";
        let all = "All tags the resource is to have: its own over the provider's default tags.";
        let mut common = Vec::new();
        if !is_global(kind.token) {
            common.push(Property {
                replace: true,
                computed: true,
                ..Property::new("region", region, <String as pulumi::provider::schema::Typed>::TYPE)
            });
        }
        if kind.input("tags").is_some() {
            let kind = <BTreeMap<String, String> as pulumi::provider::schema::Typed>::TYPE;
            common.push(Property {
                default: Some(pulumi::provider::schema::Default::Empty),
                ..Property::new("tagsAll", all, kind)
            });
        }
        common
    }

    fn limits(&self, kind: &ResourceSchema, inputs: &Map) -> Vec<Failure> {
        limits::check(kind, inputs)
    }

    fn check_config(&self, arguments: &Map) -> Vec<Failure> {
        let arguments = plain(arguments);
        let mut failures = check::check(&arguments, Inputs::SHAPE.properties);
        failures.extend(account_ids(&arguments));
        if !arguments.contains_key("region") && ambient_region().is_none() {
            let reason = "no region; set it on the provider, as aws:region, or in AWS_REGION".to_owned();
            failures.push(Failure { property: "region".into(), reason });
        }
        if let (true, Ok(inputs)) = (failures.is_empty(), Inputs::from_value(&Value::Object(known(arguments)))) {
            failures.extend(refused(&inputs));
        }
        failures
    }

    fn configure(&self, arguments: &Map) -> Result<Config, Error> {
        let arguments = plain(arguments);
        let given_tags = default_tags(&arguments);
        let inputs = Inputs::from_value(&Value::Object(arguments))
            .map_err(|e| Error::new(format!("provider argument {}", e.trim_start_matches('.'))))?;
        if let Some(Failure { property, reason }) = refused(&inputs).into_iter().next() {
            return Err(Error::new(format!("provider argument {property}: {reason}")));
        }
        let region = inputs
            .region
            .or_else(ambient_region)
            .ok_or_else(|| Error::new("the provider has no region").hint("set aws:region, or AWS_REGION"))?;
        let network = Network {
            http_proxy: inputs.http_proxy,
            https_proxy: inputs.https_proxy,
            no_proxy: inputs.no_proxy,
            ca_bundle: inputs.custom_ca_bundle,
        };
        let http = if network == Network::default() { self.http.clone() } else { network.or_environment().client() };
        let keys = match (inputs.access_key, inputs.secret_key) {
            (Some(id), Some(secret)) => Some(Credentials::new(id, secret, inputs.token, None, "provider arguments")),
            _ => None,
        };
        Ok(Config {
            access: Access {
                region,
                profile: inputs.profile,
                roles: inputs.assume_roles.into_iter().filter_map(role).collect(),
                endpoints: inputs.endpoints.into_iter().fold(Endpoints::default(), Endpoints::and),
                path_style: inputs.s3_use_path_style,
                keys,
                config_files: inputs.shared_config_files,
                credentials_files: inputs.shared_credentials_files,
                web_identity: inputs.assume_role_with_web_identity.and_then(web_identity),
                attempts: inputs.max_retries.and_then(|n| u32::try_from(n).ok()).map(|n| n.max(1)),
                sts_region: inputs.sts_region,
                dualstack: inputs.use_dualstack_endpoint,
                fips: inputs.use_fips_endpoint,
                user_agents: inputs.user_agents,
            },
            allowed: inputs.allowed_account_ids,
            forbidden: inputs.forbidden_account_ids,
            default_tags: Arc::new(inputs.default_tags.map(|d| d.tags).unwrap_or_default()),
            given_tags,
            http,
            ambient: self.ambient.clone(),
            recovery: self.recovery.clone(),
            adoption: self.adoption.clone(),
            opened: OnceCell::new(),
        })
    }

    fn complete(&self, config: &Config, kind: &ResourceSchema, inputs: &mut Map) {
        if !is_global(kind.token) {
            inputs.entry("region".to_owned()).or_insert_with(|| config.region().to_value());
        }
        if kind.input("tagsAll").is_some() {
            let all = over(config.given_tags.clone(), inputs.get("tags"));
            inputs.insert("tagsAll".to_owned(), all);
        }
    }

    /// The official provider's form `id@region`: of an id that itself ends so, the region has to be said, too, as then the
    /// last one counts.
    /// <https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/guides/enhanced-region-support.html.markdown>
    fn imported<'a>(&self, kind: &ResourceSchema, given: &'a str, state: &Map) -> (&'a str, Map) {
        if is_global(kind.token) {
            return (given, Map::new());
        }
        let told = given.rsplit_once('@').filter(|(id, region)| !id.is_empty() && is_region(region));
        let (id, region) = match told {
            Some((id, region)) => (id, Some(region)),
            None => (given, state.get("region").and_then(Value::as_str)),
        };
        (id, region.map(|region| ("region".to_owned(), region.to_value())).into_iter().collect())
    }

    fn reduce(&self, config: &Config, kind: &ResourceSchema, olds: Option<&Map>, live: &mut Map) {
        if !is_global(kind.token) {
            let region = olds.and_then(|o| o.get("region")).cloned().unwrap_or_else(|| config.region().to_value());
            live.insert("region".to_owned(), region);
        }
        if kind.input("tagsAll").is_some() {
            let all = tags_in(live, "tags");
            let own = olds.map(|o| tags_in(o, "tags")).unwrap_or_default();
            let by_default =
                |key: &String, value: &String| !own.contains_key(key) && config.default_tags.get(key) == Some(value);
            let tags: BTreeMap<_, _> =
                all.iter().filter(|(k, v)| !by_default(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
            // what is secret of the tags that were wanted is so of those that are there
            let marked = |tags: Value, like: &str| match olds.and_then(|olds| olds.get(like)) {
                Some(like) => tags.secret_as(like),
                None => tags,
            };
            live.insert("tags".to_owned(), marked(tags.to_value(), "tags"));
            let all = all.to_value().secret_as(&config.given_tags);
            live.insert("tagsAll".to_owned(), marked(marked(all, "tags"), "tagsAll"));
        }
    }

    fn context<'a>(&'a self, config: &'a Config, operation: Operation) -> BoxFuture<'a, Result<Cx, Error>> {
        Box::pin(async move {
            let region = operation.inputs.get("region").and_then(Value::as_str).unwrap_or(config.region()).to_owned();
            Ok(Cx {
                clients: config.clients(Some(&region)).await?,
                caller: config.caller().await?.clone(),
                partition: partition(config.caller().await?).to_owned(),
                region,
                tags: tags_in(&operation.inputs, "tagsAll"),
                inputs: operation.inputs,
                default_tags: config.default_tags.clone(),
                identity: Identity::new(&operation.urn),
                urn: operation.urn,
                recovery: config.recovery.clone(),
                adoption: config.adoption.clone(),
                log: operation.log,
            })
        })
    }

    fn looks(&self) -> bool {
        self.adoption.is_on() || self.recovery.has_resources()
    }

    fn intent<'a>(&'a self, candidate: &'a Candidate<'a, Self>) -> BoxFuture<'a, Result<Intent, Error>> {
        adoption::intent(candidate)
    }

    fn made(&self, cx: &Cx, id: &str, key: &str) -> Result<(), Error> {
        cx.recovery.wrote(cx, key);
        if cx.recovery.holds(&cx.urn, id) { Err(cx.replaced("it", id)) } else { Ok(()) }
    }

    fn written_as(&self, cx: &Cx, key: &str) -> Option<String> {
        cx.recovery.written_as(cx, key)
    }

    fn gone(&self, cx: &Cx, id: &str) {
        cx.recovery.forget(&cx.urn, id);
    }

    fn place(&self, cx: &Cx) -> String {
        format!("{}/{}", cx.caller.account, cx.region)
    }

    fn invoke<'a>(
        &'a self,
        config: &'a Config,
        token: &'a str,
        arguments: &'a Map,
    ) -> BoxFuture<'a, Result<Map, Error>> {
        Box::pin(functions::invoke(config, token, arguments))
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::ProvideCredentials;

    use super::*;

    #[test]
    fn arguments_are_read_as_their_types_want_them() {
        let texts = [
            ("region", "ap-southeast-2"),
            ("profile", "true"),
            ("allowedAccountIds", r#"[123456789012,"012345678901"]"#),
            ("assumeRoles", r#"[{"roleArn":"arn:aws:iam::1:role/r","externalId":42,"sessionName":null}]"#),
            ("defaultTags", r#"{"tags":{"protected":true,"cost":1.50,"team":"core"}}"#),
            ("skipRegionValidation", "true"),
        ];
        let arguments: Map = texts.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect();
        assert_eq!(check::check(&plain(&arguments), Inputs::SHAPE.properties), []);
        let inputs = Inputs::from_value(&Value::Object(plain(&arguments))).expect("the arguments");
        assert_eq!(inputs.profile.as_deref(), Some("true"));
        assert_eq!(inputs.allowed_account_ids, ["123456789012", "012345678901"]);
        assert_eq!(
            (inputs.assume_roles[0].external_id.as_deref(), &inputs.assume_roles[0].session_name),
            (Some("42"), &None)
        );
        let tags = inputs.default_tags.expect("default tags").tags;
        assert_eq!(
            tags,
            [("cost", "1.5"), ("protected", "true"), ("team", "core")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into()
        );
        assert_eq!(inputs.skip_region_validation, Some(true));
    }

    fn given(texts: &[(&str, &str)]) -> Map {
        texts.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect()
    }

    #[test]
    fn each_service_takes_its_own_endpoint_and_others_change_nothing() {
        let endpoints =
            r#"[{"kinesisvideo":"http://other"},{"logs":"http://logs"},{"cloudwatchevents":"http://events","s3":""}]"#;
        let arguments = given(&[("region", "r"), ("endpoints", endpoints), ("profile", "")]);
        let aws = Aws::new(Ambient::default());
        assert_eq!(aws.check_config(&arguments), []);
        let access = aws.configure(&arguments).map_err(|e| e.message).expect("a configuration").access;
        let of = |names: &[&str]| access.endpoints.of(names).map(str::to_owned);
        assert_eq!((of(&["logs"]).as_deref(), of(&["s3", "s3api"])), (Some("http://logs"), None));
        assert_eq!(of(&["events", "eventbridge", "cloudwatchevents"]).as_deref(), Some("http://events"));
        assert_eq!(access.profile, None);
        let unknown = given(&[("region", "r"), ("endpoints", r#"[{"s4":"http://s4"}]"#)]);
        assert_eq!(aws.check_config(&unknown)[0].property, "endpoints[0].s4");
    }

    #[test]
    fn what_is_not_honoured_is_refused_with_the_reason() {
        let aws = Aws::new(Ambient::default());
        let refused = [
            ("insecure", "true", "false"),
            ("ignoreTags", r#"{"keys":["a"]}"#, r#"{"keys":[]}"#),
            ("tagPolicyCompliance", "error", "disabled"),
            ("s3UsEast1RegionalEndpoint", "legacy", "regional"),
            ("retryMode", "fast", "adaptive"),
            ("maxRetries", "-1", "25"),
            ("ec2MetadataServiceEndpoint", "http://a", ""),
            ("ec2MetadataServiceEndpointMode", "IPv6", ""),
            ("assumeRoles", r#"[{"roleArn":"a","duration":"5m"}]"#, r#"[{"roleArn":"a","duration":"1h30m"}]"#),
            ("assumeRoles", r#"[{"roleArn":"a","sourceIdentity":"me"}]"#, r#"[{"roleArn":"a","tags":{"a":"b"}}]"#),
            (
                "assumeRoleWithWebIdentity",
                r#"{"roleArn":"a"}"#,
                r#"{"roleArn":"a","webIdentityTokenFile":"/f","duration":"3600s"}"#,
            ),
        ];
        for (name, wrong, right) in refused {
            let failures = aws.check_config(&given(&[("region", "r"), (name, wrong)]));
            assert!(failures.len() == 1 && failures[0].property.starts_with(name), "{name}={wrong}: {failures:?}");
            assert!(aws.configure(&given(&[("region", "r"), (name, wrong)])).is_err(), "{name}={wrong}");
            assert_eq!(aws.check_config(&given(&[("region", "r"), (name, right)])), [], "{name}={right}");
        }
    }

    #[tokio::test]
    async fn keys_are_used_and_never_shown() {
        let aws = Aws::new(Ambient::default());
        let one = aws.check_config(&given(&[("region", "r"), ("accessKey", "AKIDEXAMPLE")]));
        assert_eq!(one[0].property, "secretKey");
        let arguments = given(&[
            ("region", "eu-central-1"),
            ("accessKey", "AKIDEXAMPLE"),
            ("secretKey", "hidden-key"),
            ("token", "hidden-token"),
        ]);
        let config = aws.configure(&arguments).map_err(|e| e.message).expect("a configuration");
        let shown = format!("{:?}", config.access);
        assert!(!shown.contains("hidden"), "{shown}");
        let sdk = clients::load(&config.http, &config.ambient, &config.access).await;
        let keys = sdk.credentials_provider().expect("a provider").provide_credentials().await.expect("credentials");
        assert_eq!((keys.secret_access_key(), keys.session_token()), ("hidden-key", Some("hidden-token")));
        let secrets: Vec<_> = Inputs::SHAPE.properties.iter().filter(|p| p.secret).map(|p| p.name).collect();
        assert_eq!(secrets, ["accessKey", "secretKey", "token"]);
    }

    #[test]
    fn the_partition_is_that_of_the_caller() {
        let of = |arn: &str| {
            let caller = Caller { account: String::new(), arn: arn.to_owned(), user_id: String::new() };
            partition(&caller).to_owned()
        };
        assert_eq!(of("arn:aws-eusc:sts::1:assumed-role/r/s"), "aws-eusc");
        assert_eq!(of("arn:aws-iso-b:iam::1:root"), "aws-iso-b");
        assert_eq!((of("arn:aws:iam::1:root").as_str(), of("").as_str()), ("aws", "aws"));
    }

    #[test]
    fn empty_arguments_are_none() {
        let texts = ["region", "profile", "allowedAccountIds", "defaultTags", "assumeRoles"];
        let arguments: Map = texts.iter().map(|k| ((*k).to_owned(), "".to_value())).collect();
        assert_eq!(plain(&arguments), Map::new());
        let role = [("assumeRoles".to_owned(), r#"[{"roleArn":"arn","externalId":""}]"#.to_value())].into();
        let inputs = Inputs::from_value(&Value::Object(plain(&role))).expect("the arguments");
        assert_eq!(
            (inputs.assume_roles[0].role_arn.as_deref(), &inputs.assume_roles[0].external_id),
            (Some("arn"), &None)
        );
        let tags = [("defaultTags".to_owned(), r#"{"tags":{"owner":""}}"#.to_value())].into();
        let inputs = Inputs::from_value(&Value::Object(plain(&tags))).expect("the arguments");
        assert_eq!(inputs.default_tags.expect("default tags").tags["owner"], "", "a tag's value may be empty");
    }

    #[test]
    fn an_account_id_that_lost_its_zeros_is_refused_with_words() {
        let wrong = |ids: &str| {
            let arguments = [("allowedAccountIds".to_owned(), ids.to_value())].into();
            account_ids(&plain(&arguments))
                .into_iter()
                .map(|f| format!("{}: {}", f.property, f.reason))
                .collect::<Vec<_>>()
        };
        assert_eq!(wrong(r#"["052812345678", 111122223333]"#), Vec::<String>::new());
        // as 052812345678 without quotes arrives
        let said = wrong("[111122223333, 52812345678]");
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("allowedAccountIds[1]: `52812345678` is no account id, which has 12 digits"));
        assert!(said[0].contains("write it in quotes"));
    }

    #[test]
    fn secret_default_tags_keep_their_mark() {
        let marked = r#"{"tags":{"a":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","value":"x"},"b":"y"}}"#;
        let tags = |value: Value| default_tags(&plain(&[("defaultTags".to_owned(), value)].into()));
        let object = |a: Value| Value::Object([("a".to_owned(), a), ("b".to_owned(), "y".to_value())].into());
        assert_eq!(tags(marked.to_value()), object("x".to_value().secret()));
        let whole = r#"{"tags":{"a":"x","b":"y"}}"#.to_value();
        assert_eq!(tags(whole.clone()), object("x".to_value()));
        assert_eq!(tags(whole.secret()), object("x".to_value()).secret());
        assert_eq!(default_tags(&Map::new()), Value::Object(Map::new()));
    }

    #[test]
    fn a_secret_default_tag_is_secret_in_all_tags_of_a_check_and_of_a_read() {
        let aws = Aws::new(Ambient::default());
        let mut schema = aws.kinds.iter().map(|k| k.schema()).find(|s| s.token == "aws:ec2/vpc:Vpc").expect("known");
        schema.inputs.extend(aws.common_inputs(&schema));
        let hushed = |tags: &str| {
            let arguments =
                [("region".to_owned(), "eu-west-1".to_value()), ("defaultTags".to_owned(), tags.to_value().secret())];
            aws.configure(&arguments.into()).unwrap_or_else(|e| panic!("configure: {e}"))
        };
        let config = hushed(r#"{"tags":{"owner":"canary"}}"#);
        assert_eq!(config.default_tags["owner"], "canary", "AWS gets it in plain");
        let mut inputs = Map::new();
        aws.complete(&config, &schema, &mut inputs);
        let all = Value::Object([("owner".to_owned(), "canary".to_value())].into()).secret();
        assert_eq!(inputs["tagsAll"], all);
        for olds in [None, Some(&inputs), Some(&Map::new())] {
            let mut live = Map::from([("tags".to_owned(), all.clone().exposed())]);
            aws.reduce(&config, &schema, olds, &mut live);
            assert_eq!(live["tagsAll"], all);
            assert_eq!(live["tags"], Value::Object(Map::new()), "it is the provider's, not the resource's");
        }
    }

    #[test]
    fn a_secret_tag_is_secret_in_all_tags_of_a_read() {
        let aws = Aws::new(Ambient::default());
        let mut schema = aws.kinds.iter().map(|k| k.schema()).find(|s| s.token == "aws:ec2/vpc:Vpc").expect("known");
        schema.inputs.extend(aws.common_inputs(&schema));
        let arguments = [("region".to_owned(), "eu-west-1".to_value())].into();
        let config = aws.configure(&arguments).unwrap_or_else(|e| panic!("configure: {e}"));
        let tags = |a: Value| Value::Object([("a".to_owned(), a), ("b".to_owned(), "2".to_value())].into());
        // a state that was written before `tagsAll` was kept secret
        let olds = [("tags", tags("1".to_value().secret())), ("tagsAll", tags("1".to_value()))];
        let olds = olds.map(|(k, v)| (k.to_owned(), v)).into();
        let mut live = Map::from([("tags".to_owned(), tags("x".to_value()))]);
        aws.reduce(&config, &schema, Some(&olds), &mut live);
        for name in ["tags", "tagsAll"] {
            assert_eq!(live[name], tags("x".to_value().secret()), "{name}");
        }
    }

    #[test]
    fn an_import_may_name_its_region() {
        let aws = Aws::new(Ambient::default());
        let schema =
            |token: &'static str| aws.kinds.iter().map(|k| k.schema()).find(|s| s.token == token).expect("known");
        let (regional, global) = (schema("aws:ec2/vpc:Vpc"), schema("aws:iam/role:Role"));
        let of = |schema: &ResourceSchema, id: &str, state: &Map| {
            let (id, said) = aws.imported(schema, id, state);
            format!("{id} {}", said.get("region").and_then(Value::as_str).unwrap_or("-"))
        };
        let none = Map::new();
        assert_eq!(of(&regional, "vpc-1@us-west-2", &none), "vpc-1 us-west-2");
        assert_eq!(of(&regional, "vpc-1@eusc-de-east-1", &none), "vpc-1 eusc-de-east-1");
        assert_eq!(of(&regional, "a@us-west-2@ap-southeast-2", &none), "a@us-west-2 ap-southeast-2");
        for itself in ["vpc-1", "group:me@home", "@us-west-2", "a@", "a@us-west", "a@x-y-1", "a@US-WEST-2"] {
            assert_eq!(of(&regional, itself, &none), format!("{itself} -"));
        }
        assert_eq!(of(&global, "r@us-west-2", &none), "r@us-west-2 -");
        let state = [("region".to_owned(), "us-west-2".to_value())].into();
        assert_eq!(of(&regional, "vpc-1", &state), "vpc-1 us-west-2", "as a program looks it up");
        assert_eq!(of(&regional, "vpc-1@eu-west-1", &state), "vpc-1 eu-west-1");
    }

    #[test]
    fn what_is_no_json_where_it_should_be_is_said() {
        let arguments = [("allowedAccountIds".to_owned(), "123456789012 or so".to_value())].into();
        let failures = check::check(&plain(&arguments), Inputs::SHAPE.properties);
        assert_eq!(failures.iter().map(|f| f.property.as_str()).collect::<Vec<_>>(), ["allowedAccountIds"]);
    }
}
