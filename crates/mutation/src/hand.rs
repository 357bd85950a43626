//! Makes a change through the provider, as the engine would, and puts it back. The state is not touched.

use std::{collections::HashMap, sync::Arc};

use aws::{clients::Ambient, provider::Aws};
use pulumi::{
    proto::{
        CheckRequest, ConfigureRequest, CreateRequest, DeleteRequest, DiffRequest, UpdateRequest,
        diff_response::DiffChanges, resource_provider_server::ResourceProvider as _,
    },
    provider::{
        adopt::Presence,
        resource::{Operation, Provider as _},
        schema::ResourceSchema,
        server::{Catalog, Instance},
    },
    value::{Map, Value, map_from_wire, map_into_wire},
};
use state::{
    deployment::Deployment,
    error::{Exit, Failure, Result},
};
use tonic::Request;

use crate::{
    document::locks_out,
    mutant::{Mutant, Skipped, What, chance, pattern},
    thing::{Thing, is_encrypted, things},
    values::{About, Variation, tags, with},
};

/// The tags of a resource, with those that the provider adds.
const TAGS: &str = "tagsAll";
/// What depends on a published resource by its name and ARN alone.
const PARAMETER: &str = "aws:ssm/parameter:Parameter";
const KEY: &str = "aws:kms/key:Key";
const FIXED: &str = "it cannot change in place";

/// The provider, configured as the state says, and the resources.
pub(crate) struct Hand {
    /// The resources.
    pub(crate) things: Vec<Thing>,
    catalog: Arc<Catalog<Aws>>,
    /// By URN and id of the provider.
    instances: HashMap<String, (Instance<Aws>, Map)>,
}

impl Hand {
    /// Signs in nowhere yet.
    pub(crate) async fn open(deployment: &Deployment, ambient: Ambient) -> Result<Self> {
        let (things, providers) = things(deployment)?;
        let catalog = Arc::new(Catalog::new(Aws::new(ambient)));
        let mut instances = HashMap::new();
        for (reference, arguments) in providers {
            let instance = Instance::new(catalog.clone());
            let args = Some(map_into_wire(arguments.clone()));
            let configured = instance.configure(Request::new(ConfigureRequest { args, ..Default::default() })).await;
            configured.map_err(|status| {
                Failure::new(Exit::Failed, format!("configuring the provider `{reference}`: {}", status.message()))
            })?;
            instances.insert(reference, (instance, arguments));
        }
        Ok(Self { things, catalog, instances })
    }

    fn instance(&self, thing: &Thing) -> Option<&Instance<Aws>> {
        self.instances.get(&thing.provider).map(|(instance, _)| instance)
    }

    /// Every change that can be made and put back, and what cannot be changed. Nothing is asked of AWS but who we are.
    pub(crate) async fn mutants(&self, seed: u64) -> (Vec<Mutant>, Vec<Skipped>) {
        let (mut mutants, mut skipped) = (Vec::new(), Vec::new());
        for (number, thing) in self.things.iter().enumerate() {
            let mut skip = |property: &str, reason: &str| {
                skipped.push(Skipped { thing: number, property: pattern(property), reason: reason.to_owned() });
            };
            let (Some(schema), Some(instance)) = (self.catalog.schema(&thing.kind), self.instance(thing)) else {
                skip("", "its provider is not ours");
                continue;
            };
            if thing.inputs.values().any(is_encrypted) {
                skip("", "the state has its inputs encrypted");
                continue;
            }
            for variation in self.variations(schema, thing, seed) {
                match possible(instance, thing, &variation).await {
                    Ok(inputs) => mutants.push(Mutant {
                        thing: number,
                        property: variation.path,
                        change: variation.change,
                        what: What::Inputs(inputs),
                    }),
                    Err(reason) => skip(&variation.path, &reason),
                }
            }
            for property in schema.inputs.iter().filter(|p| p.unread && thing.inputs.contains_key(p.name)) {
                skip(property.name, "AWS cannot be asked for it");
            }
            match self.deletable(thing).await {
                Ok(()) => mutants.push(Mutant {
                    thing: number,
                    property: String::new(),
                    change: "deleted".to_owned(),
                    what: What::Deletion,
                }),
                Err(reason) => skip("", &reason),
            }
        }
        (mutants, skipped)
    }

    fn variations(&self, schema: &ResourceSchema, thing: &Thing, seed: u64) -> Vec<Variation> {
        let about = About { token: &thing.kind, things: &self.things };
        // the tags of the program are among all tags
        let own = schema.inputs.iter().filter(|p| !p.unread && !["tags", TAGS].contains(&p.name));
        let mut all = about.object("", "", &own.copied().collect::<Vec<_>>(), &thing.inputs);
        all.retain(|variation| !variation.candidates.is_empty());
        if let Some(Value::Object(map)) = thing.inputs.get(TAGS) {
            let number = usize::try_from(chance(seed, &[&thing.urn]) % 1024).unwrap_or_default();
            let whole = |mut variation: Variation| {
                let put = |value| Value::Object(with(&thing.inputs, TAGS, value));
                variation.candidates = variation.candidates.into_iter().map(put).collect();
                variation
            };
            all.extend(tags(TAGS, map, number).into_iter().map(whole));
        }
        all
    }

    /// Whether a resource can be deleted and made again so that nothing else notices afterwards.
    async fn deletable(&self, thing: &Thing) -> std::result::Result<(), String> {
        if let Some(kind) = thing.dependants.iter().find(|kind| *kind != PARAMETER) {
            return Err(format!("others depend on it, such as {kind}"));
        }
        let numbered = || "AWS would give it another id".to_owned();
        if self.catalog.presence(&thing.kind).is_none_or(|presence| presence == Presence::Numbered) {
            return Err(numbered());
        }
        let provider = &self.catalog.provider;
        let kind = provider.kinds().iter().find(|kind| kind.schema().token == thing.kind);
        let (Some(kind), Some((_, arguments))) = (kind, self.instances.get(&thing.provider)) else {
            return Err(numbered());
        };
        let known = async {
            let config = provider.configure(arguments)?;
            let operation =
                Operation { urn: thing.urn.clone(), inputs: thing.inputs.clone(), timeout: None, log: Arc::default() };
            let cx = provider.context(&config, operation).await?;
            Ok::<_, pulumi::provider::resource::Error>(kind.id_of(&cx, &thing.inputs))
        };
        match known.await {
            Ok(Some(id)) if kind.own_id(&id) == thing.id => Ok(()),
            Ok(_) => Err(numbered()),
            Err(error) => Err(error.message),
        }
    }

    /// Makes a change. On an error, something of it may have been made.
    pub(crate) async fn make(&mut self, mutant: &Mutant) -> std::result::Result<(), String> {
        let thing = &self.things[mutant.thing];
        let instance = self.instance(thing).ok_or("there is no provider")?;
        match &mutant.what {
            What::Inputs(news) => {
                let outputs = update(instance, thing, &thing.inputs, news).await?;
                self.things[mutant.thing].outputs = outputs;
            }
            What::Deletion => {
                let request = DeleteRequest {
                    id: thing.id.clone(),
                    urn: thing.urn.clone(),
                    properties: Some(map_into_wire(thing.outputs.clone())),
                    old_inputs: Some(map_into_wire(thing.inputs.clone())),
                    ..Default::default()
                };
                instance.delete(Request::new(request)).await.map_err(|status| status.message().to_owned())?;
            }
        }
        Ok(())
    }

    /// Puts a change back, also one that was made in part.
    pub(crate) async fn restore(&mut self, mutant: &Mutant) -> std::result::Result<(), String> {
        let thing = &self.things[mutant.thing];
        let instance = self.instance(thing).ok_or("there is no provider")?;
        let outputs = match &mutant.what {
            What::Inputs(mutated) => update(instance, thing, mutated, &thing.inputs).await?,
            What::Deletion => {
                let properties = Some(map_into_wire(thing.inputs.clone()));
                let request = CreateRequest { urn: thing.urn.clone(), properties, ..Default::default() };
                let made = instance.create(Request::new(request)).await;
                let made = made.map_err(|status| status.message().to_owned())?.into_inner();
                if made.id != thing.id {
                    return Err(format!("it was `{}`, and is `{}` now", thing.id, made.id));
                }
                map_from_wire(made.properties)
            }
        };
        self.things[mutant.thing].outputs = outputs;
        Ok(())
    }
}

async fn update(instance: &Instance<Aws>, thing: &Thing, from: &Map, to: &Map) -> std::result::Result<Map, String> {
    let request = UpdateRequest {
        id: thing.id.clone(),
        urn: thing.urn.clone(),
        olds: Some(map_into_wire(thing.outputs.clone())),
        old_inputs: Some(map_into_wire(from.clone())),
        news: Some(map_into_wire(to.clone())),
        ..Default::default()
    };
    let updated = instance.update(Request::new(request)).await.map_err(|status| status.message().to_owned())?;
    Ok(map_from_wire(updated.into_inner().properties))
}

/// The inputs of the first candidate that the provider takes and that is an update in place; or why there is none.
async fn possible(instance: &Instance<Aws>, thing: &Thing, variation: &Variation) -> std::result::Result<Map, String> {
    let mut reason = String::new();
    for candidate in &variation.candidates {
        let Value::Object(candidate) = candidate else { continue };
        if thing.kind == KEY && candidate.get("policy").and_then(Value::as_str).is_some_and(locks_out) {
            return Err("AWS refuses a policy of a key that nobody could change any more".to_owned());
        }
        match checked(instance, thing, &variation.path, candidate).await {
            Ok(inputs) => return Ok(inputs),
            // the first one says most: it is the best one
            Err(why) if reason.is_empty() => reason = why,
            Err(_) => {}
        }
    }
    Err(reason)
}

async fn checked(
    instance: &Instance<Aws>,
    thing: &Thing,
    path: &str,
    candidate: &Map,
) -> std::result::Result<Map, String> {
    let wire = |map: &Map| Some(map_into_wire(map.clone()));
    let words = |status: tonic::Status| status.message().to_owned();
    let news = if path.starts_with(TAGS) {
        // the provider would add its tags again
        candidate.clone()
    } else {
        let request = CheckRequest {
            urn: thing.urn.clone(),
            olds: wire(&thing.inputs),
            news: wire(candidate),
            ..Default::default()
        };
        let checked = instance.check(Request::new(request)).await.map_err(words)?.into_inner();
        if let Some(failure) = checked.failures.first() {
            return Err(format!("no other value is taken: {}", failure.reason));
        }
        map_from_wire(checked.inputs)
    };
    let request = DiffRequest {
        id: thing.id.clone(),
        urn: thing.urn.clone(),
        olds: wire(&thing.outputs),
        old_inputs: wire(&thing.inputs),
        news: wire(&news),
        ..Default::default()
    };
    let diff = instance.diff(Request::new(request)).await.map_err(words)?.into_inner();
    if diff.changes == DiffChanges::DiffNone as i32 {
        return Err("another value means the same".to_owned());
    }
    if !diff.replaces.is_empty() {
        return Err(FIXED.to_owned());
    }
    Ok(news)
}
