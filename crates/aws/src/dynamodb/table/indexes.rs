//! Indexes of a table: between our form and the SDK's, and what has to become of them.

use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexDescription, KeySchemaElement, KeyType,
    LocalSecondaryIndexDescription, Projection, ProvisionedThroughput, ProvisionedThroughputDescription,
    UpdateGlobalSecondaryIndexAction,
};

use super::{
    GlobalSecondaryIndex, GlobalSecondaryIndexKeySchema, GlobalSecondaryIndexOnDemandThroughput,
    GlobalSecondaryIndexWarmThroughput, Inputs, LocalSecondaryIndex, PROVISIONED,
};
use crate::{checks::items, prelude::*};

const HASH: &str = "HASH";
const RANGE: &str = "RANGE";

impl GlobalSecondaryIndex {
    /// Its key, whichever way it is given.
    pub(super) fn keys(&self) -> Vec<GlobalSecondaryIndexKeySchema> {
        if !self.key_schemas.is_empty() {
            return self.key_schemas.clone();
        }
        let part = |name: &Option<String>, kind: &str| {
            let attribute_name = name.clone()?;
            Some(GlobalSecondaryIndexKeySchema { attribute_name, key_type: kind.to_owned() })
        };
        part(&self.hash_key, HASH).into_iter().chain(part(&self.range_key, RANGE)).collect()
    }

    /// Whether an index on AWS can only become this one by being made again.
    fn is_another(&self, live: &Self) -> bool {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        self.keys() != live.keys()
            || self.projection_type != live.projection_type
            || sorted(&self.non_key_attributes) != sorted(&live.non_key_attributes)
    }

    /// The change that makes a live index this one; none where it is.
    fn update(&self, live: &Self, billing_mode: &str) -> Answer<Option<UpdateGlobalSecondaryIndexAction>> {
        let changes_capacity =
            asks(self.read_capacity, live.read_capacity) || asks(self.write_capacity, live.write_capacity);
        let capacity =
            if changes_capacity { throughput(billing_mode, self.read_capacity, self.write_capacity)? } else { None };
        let changes_maximum = self.on_demand_throughput != live.on_demand_throughput;
        let maximum = changes_maximum.then(|| self.on_demand_throughput.to_sdk()).transpose()?;
        let warm = self.warm_throughput.as_ref().filter(|warm| {
            let is = live.warm_throughput.as_ref();
            asks(warm.read_units_per_second, is.and_then(|w| w.read_units_per_second))
                || asks(warm.write_units_per_second, is.and_then(|w| w.write_units_per_second))
        });
        if capacity.is_none() && maximum.is_none() && warm.is_none() {
            return Ok(None);
        }
        let action = UpdateGlobalSecondaryIndexAction::builder()
            .index_name(&self.name)
            .set_provisioned_throughput(capacity)
            .set_on_demand_throughput(maximum)
            .set_warm_throughput(warm.map(ToSdk::to_sdk).transpose()?);
        Ok(Some(action.build()?))
    }
}

/// Whether something is wanted that is otherwise.
pub(super) fn asks<T: PartialEq + Copy>(wanted: Option<T>, live: Option<T>) -> bool {
    wanted.is_some() && wanted != live
}

/// The same index, for CreateTable and for UpdateTable.
macro_rules! index {
    ($builder:expr, $index:expr, $billing_mode:expr) => {{
        let index: &GlobalSecondaryIndex = $index;
        let maximum =
            Some(&index.on_demand_throughput).filter(|m| **m != GlobalSecondaryIndexOnDemandThroughput::default());
        $builder
            .index_name(&index.name)
            .set_key_schema(Some(index.keys().to_sdk()?))
            .projection(projection(&index.projection_type, &index.non_key_attributes))
            .set_provisioned_throughput(throughput($billing_mode, index.read_capacity, index.write_capacity)?)
            .set_on_demand_throughput(maximum.map(ToSdk::to_sdk).transpose()?)
            .set_warm_throughput(index.warm_throughput.to_sdk()?)
            .build()?
    }};
}

/// The global secondary indexes of CreateTable, which takes no empty list.
pub(super) fn global(inputs: &Inputs) -> Answer<Option<Vec<aws_sdk_dynamodb::types::GlobalSecondaryIndex>>> {
    let mut indexes = Vec::new();
    for wanted in &inputs.global_secondary_indexes {
        let builder = aws_sdk_dynamodb::types::GlobalSecondaryIndex::builder();
        indexes.push(index!(builder, wanted, &inputs.billing_mode));
    }
    Ok(Some(indexes).filter(|indexes| !indexes.is_empty()))
}

/// The local secondary indexes of CreateTable, which takes no empty list.
pub(super) fn local(inputs: &Inputs) -> Answer<Option<Vec<aws_sdk_dynamodb::types::LocalSecondaryIndex>>> {
    let mut indexes = Vec::new();
    for index in &inputs.local_secondary_indexes {
        let builder = aws_sdk_dynamodb::types::LocalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(keys(inputs.hash_key.as_ref(), Some(&index.range_key))?))
            .projection(projection(&index.projection_type, &index.non_key_attributes));
        indexes.push(builder.build()?);
    }
    Ok(Some(indexes).filter(|indexes| !indexes.is_empty()))
}

/// A key of at most two attributes.
pub(super) fn keys(hash: Option<&String>, range: Option<&String>) -> Answer<Vec<KeySchemaElement>> {
    let part = |name: Option<&String>, kind: KeyType| {
        let build = |name| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        name.map(build).transpose()
    };
    Ok(part(hash, KeyType::Hash)?.into_iter().chain(part(range, KeyType::Range)?).collect())
}

/// The attribute of a key that has at most one of a kind.
pub(super) fn part(keys: &[KeySchemaElement], kind: &KeyType) -> Option<String> {
    keys.iter().find(|key| key.key_type == *kind).map(|key| key.attribute_name.clone())
}

fn projection(kind: &str, attributes: &[String]) -> Projection {
    let attributes = Some(attributes.to_vec()).filter(|attributes| !attributes.is_empty());
    Projection::builder().projection_type(kind.into()).set_non_key_attributes(attributes).build()
}

/// The capacity of a table or an index; with `PAY_PER_REQUEST` it has none.
pub(super) fn throughput(
    billing_mode: &str,
    read: Option<i64>,
    write: Option<i64>,
) -> Answer<Option<ProvisionedThroughput>> {
    if billing_mode != PROVISIONED {
        return Ok(None);
    }
    let builder = ProvisionedThroughput::builder().set_read_capacity_units(read).set_write_capacity_units(write);
    Ok(Some(builder.build()?))
}

/// The read and write capacity that AWS shows; 0 is that there is none.
pub(super) fn capacity(live: Option<&ProvisionedThroughputDescription>) -> (Option<i64>, Option<i64>) {
    let units = |of: fn(&ProvisionedThroughputDescription) -> Option<i64>| live.and_then(of).filter(|units| *units > 0);
    (units(|t| t.read_capacity_units), units(|t| t.write_capacity_units))
}

/// What a projection says, as our two properties.
fn projected(live: Option<Projection>) -> (String, Vec<String>) {
    let kind = live.as_ref().and_then(|p| p.projection_type.clone()).map(String::from_sdk);
    (kind.unwrap_or_default(), live.and_then(|p| p.non_key_attributes).unwrap_or_default())
}

impl FromSdk<GlobalSecondaryIndexDescription> for GlobalSecondaryIndex {
    /// With `keySchemas`, which can say all keys; `reword` puts it in the words of the program.
    fn from_sdk(live: GlobalSecondaryIndexDescription) -> Self {
        let (projection_type, non_key_attributes) = projected(live.projection);
        let (read_capacity, write_capacity) = capacity(live.provisioned_throughput.as_ref());
        Self {
            name: live.index_name.unwrap_or_default(),
            hash_key: None,
            range_key: None,
            key_schemas: Vec::from_sdk(live.key_schema.unwrap_or_default()),
            projection_type,
            non_key_attributes,
            read_capacity,
            write_capacity,
            on_demand_throughput: live
                .on_demand_throughput
                .map(GlobalSecondaryIndexOnDemandThroughput::from_sdk)
                .unwrap_or_default(),
            warm_throughput: live.warm_throughput.map(GlobalSecondaryIndexWarmThroughput::from_sdk),
        }
    }
}

impl FromSdk<LocalSecondaryIndexDescription> for LocalSecondaryIndex {
    fn from_sdk(live: LocalSecondaryIndexDescription) -> Self {
        let (projection_type, non_key_attributes) = projected(live.projection);
        Self {
            name: live.index_name.unwrap_or_default(),
            range_key: part(&live.key_schema.unwrap_or_default(), &KeyType::Range).unwrap_or_default(),
            projection_type,
            non_key_attributes,
        }
    }
}

/// What has to become of the global secondary indexes of a table.
pub(super) struct Changes<'a> {
    /// Names of those that go.
    pub(super) gone: Vec<&'a str>,
    /// Those that stay, and change.
    pub(super) kept: Vec<UpdateGlobalSecondaryIndexAction>,
    /// Those that come.
    pub(super) made: Vec<&'a GlobalSecondaryIndex>,
}

/// How the indexes of a table as it is become those that are wanted.
pub(super) fn changes<'a>(live: &'a Inputs, wanted: &'a Inputs) -> Answer<Changes<'a>> {
    let types = |inputs: &Inputs, index: &GlobalSecondaryIndex| -> Vec<Option<String>> {
        let of = |name: &str| inputs.attributes.iter().find(|a| a.name == name).map(|a| a.r#type.clone());
        index.keys().iter().map(|key| of(&key.attribute_name)).collect()
    };
    let mut changes = Changes { gone: Vec::new(), kept: Vec::new(), made: Vec::new() };
    for index in &live.global_secondary_indexes {
        let same = wanted.global_secondary_indexes.iter().find(|wanted| wanted.name == index.name);
        match same.filter(|same| !same.is_another(index) && types(live, index) == types(wanted, same)) {
            Some(same) => changes.kept.extend(same.update(index, &wanted.billing_mode)?),
            None => changes.gone.push(&index.name),
        }
    }
    for index in &wanted.global_secondary_indexes {
        let is_there = live.global_secondary_indexes.iter().any(|live| live.name == index.name);
        if !is_there || changes.gone.contains(&index.name.as_str()) {
            changes.made.push(index);
        }
    }
    Ok(changes)
}

/// A new index of an existing table.
pub(super) fn creation(wanted: &GlobalSecondaryIndex, billing_mode: &str) -> Answer<CreateGlobalSecondaryIndexAction> {
    Ok(index!(CreateGlobalSecondaryIndexAction::builder(), wanted, billing_mode))
}

/// Tells the keys of live indexes in the words of the program, which may be `hashKey` and `rangeKey`.
pub(super) fn reword(olds: &Map, live: &mut Map) {
    let said: Vec<&Map> = items(olds, INDEXES).iter().filter_map(object).collect();
    let Some(Value::Array(indexes)) = live.get_mut(INDEXES) else { return };
    for index in indexes {
        let Value::Object(index) = index else { continue };
        let old = said.iter().find(|old| old.get("name") == index.get("name"));
        if old.is_none_or(|old| old.get("hashKey").is_none_or(|key| *key == Value::Null)) {
            continue;
        }
        let keys: Vec<_> = items(index, "keySchemas").iter().filter_map(object).collect();
        let of = |kind: &str| -> Vec<Value> {
            let is_of = |key: &&&Map| key.get("keyType").and_then(Value::as_str) == Some(kind);
            keys.iter().filter(is_of).filter_map(|key| key.get("attributeName").cloned()).collect()
        };
        let (mut hash, mut range) = (of(HASH), of(RANGE));
        // a key of more attributes cannot be said so
        if hash.len() == 1 && range.len() <= 1 {
            index.remove("keySchemas");
            index.extend(hash.pop().map(|name| ("hashKey".to_owned(), name)));
            index.extend(range.pop().map(|name| ("rangeKey".to_owned(), name)));
        }
    }
}

/// The property with the global secondary indexes.
pub(super) const INDEXES: &str = "globalSecondaryIndexes";

pub(super) fn object(value: &Value) -> Option<&Map> {
    if let Value::Object(map) = value { Some(map) } else { None }
}
