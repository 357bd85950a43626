//! The objects nested in a table.

use aws_sdk_dynamodb::types;
use derive::Shape;

/// An attribute that is part of a key.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TableAttribute", sdk = types::AttributeDefinition)]
pub struct Attribute {
    /// Name.
    #[resource(sdk = attribute_name)]
    pub name: String,
    /// `S` (string), `N` (number) or `B` (binary).
    #[resource(sdk = attribute_type)]
    pub r#type: String,
}

/// What a table and a global secondary index have alike: the objects differ in their names alone.
macro_rules! throughputs {
    ($($maximum:ident = $maximum_name:literal, $warm:ident = $warm_name:literal from $live:path;)+) => { $(
        /// The most units of reads and writes with `PAY_PER_REQUEST`.
        #[derive(Clone, Debug, PartialEq, Eq, Shape)]
        #[resource(name = $maximum_name, sdk = types::OnDemandThroughput)]
        pub struct $maximum {
            /// The most read request units; -1 is no maximum.
            #[resource(default = -1)]
            pub max_read_request_units: i64,
            /// The most write request units; -1 is no maximum.
            #[resource(default = -1)]
            pub max_write_request_units: i64,
        }

        impl Default for $maximum {
            fn default() -> Self {
                Self { max_read_request_units: -1, max_write_request_units: -1 }
            }
        }

        /// How much it takes at once. AWS raises it with the traffic.
        #[derive(Clone, Debug, PartialEq, Eq, Shape)]
        #[resource(name = $warm_name, from = $live, into = types::WarmThroughput)]
        pub struct $warm {
            /// Reads per second, 12000 or more.
            #[resource(computed)]
            pub read_units_per_second: Option<i64>,
            /// Writes per second, 4000 or more.
            #[resource(computed)]
            pub write_units_per_second: Option<i64>,
        }
    )+ };
}

throughputs! {
    OnDemandThroughput = "TableOnDemandThroughput",
        WarmThroughput = "TableWarmThroughput" from types::TableWarmThroughputDescription;
    GlobalSecondaryIndexOnDemandThroughput = "TableGlobalSecondaryIndexOnDemandThroughput",
        GlobalSecondaryIndexWarmThroughput = "TableGlobalSecondaryIndexWarmThroughput"
        from types::GlobalSecondaryIndexWarmThroughputDescription;
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TableGlobalSecondaryIndex")]
pub struct GlobalSecondaryIndex {
    /// Name.
    pub name: String,
    /// Its key: `HASH` attributes before `RANGE` attributes, up to four of each. Instead of `hashKey` and `rangeKey`.
    #[resource(default)]
    pub key_schemas: Vec<GlobalSecondaryIndexKeySchema>,
    /// The partition key. Instead of `keySchemas`.
    pub hash_key: Option<String>,
    /// The sort key. Instead of `keySchemas`.
    pub range_key: Option<String>,
    /// Which attributes of an item it has: `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection_type: String,
    /// Which attributes it has beside the keys, with `INCLUDE`.
    #[resource(set, default)]
    pub non_key_attributes: Vec<String>,
    /// Read capacity units, with `PROVISIONED`.
    #[resource(computed)]
    pub read_capacity: Option<i64>,
    /// Write capacity units, with `PROVISIONED`.
    #[resource(computed)]
    pub write_capacity: Option<i64>,
    /// The most units of reads and writes with `PAY_PER_REQUEST`.
    #[resource(default)]
    pub on_demand_throughput: GlobalSecondaryIndexOnDemandThroughput,
    /// How much it takes at once.
    #[resource(computed)]
    pub warm_throughput: Option<GlobalSecondaryIndexWarmThroughput>,
}

/// An attribute of an index's key.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TableGlobalSecondaryIndexKeySchema", sdk = types::KeySchemaElement)]
pub struct GlobalSecondaryIndexKeySchema {
    /// Name of the attribute.
    pub attribute_name: String,
    /// `HASH` (partition key) or `RANGE` (sort key).
    pub key_type: String,
}

/// A local secondary index.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TableLocalSecondaryIndex")]
pub struct LocalSecondaryIndex {
    /// Name.
    pub name: String,
    /// The sort key; the partition key is the table's.
    pub range_key: String,
    /// Which attributes of an item it has: `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection_type: String,
    /// Which attributes it has beside the keys, with `INCLUDE`.
    #[resource(set, default)]
    pub non_key_attributes: Vec<String>,
}

/// Point-in-time recovery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "TablePointInTimeRecovery")]
pub struct PointInTimeRecovery {
    /// Whether the table can be restored as it was at any second of the period.
    pub enabled: bool,
    /// The period in days, 1 to 35; AWS's default is 35.
    #[resource(computed)]
    pub recovery_period_in_days: Option<i32>,
}

/// How items are encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "TableServerSideEncryption")]
pub struct ServerSideEncryption {
    /// Whether a key of the account encrypts them; else it is a key that AWS owns.
    pub enabled: bool,
    /// ARN of the key; absent is AWS's own key in the account, `alias/aws/dynamodb`.
    pub kms_key_arn: Option<String>,
}

/// When items expire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "TableTtl")]
pub struct Ttl {
    /// Name of the attribute with the time at which an item expires, in seconds since 1970.
    pub attribute_name: Option<String>,
    /// Whether items expire.
    #[resource(default = false)]
    pub enabled: bool,
}
