//! What the module publishes for others, below `/{prefix}/{environment}/object-audit`.

use aws::dynamodb::Table;
use contract::{Definition, Each, Kind, Template, Version, meta};
use module::prelude::*;

use crate::{function::Audit, storage::Buckets};

const ONCE: Each = Each { name: "object-audit", placeholders: &[] };
const META: [Template; 3] = meta::templates(ONCE);
const OWNER: &str = "object-audit";

const fn entry(path: &'static str, pattern: &'static str, about: &'static str) -> Template {
    Template {
        path,
        each: ONCE,
        except: &[],
        only_with: None,
        kind: Kind::String,
        pattern,
        owner: OWNER,
        consumers: &[],
        since: 1,
        deprecated_since: None,
        about,
    }
}

const BUCKET_NAME: Template =
    entry("bucket/name", "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "name of the bucket for objects");
const BUCKET_ARN: Template =
    entry("bucket/arn", "^arn:aws(-[a-z]+)*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "ARN of the bucket for objects");
const TABLE_NAME: Template = entry("table/name", "^[a-zA-Z0-9_.-]{3,255}$", "name of the table of items");
const TABLE_ARN: Template = entry(
    "table/arn",
    "^arn:aws(-[a-z]+)*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[a-zA-Z0-9_.-]{3,255}$",
    "ARN of the table of items",
);
const FUNCTION_NAME: Template = entry("function/name", "^[a-zA-Z0-9_-]{1,64}$", "name of the function");
const FUNCTION_ARN: Template = entry(
    "function/arn",
    "^arn:aws(-[a-z]+)*:lambda:[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]{1,64}$",
    "ARN of the function",
);
const ROLE_ARN: Template =
    entry("role/arn", "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[a-zA-Z0-9_+=,.@-]{1,64}$", "ARN of the function's role");

/// The module's contract.
pub(crate) const OBJECT_AUDIT: Definition = Definition::new(
    OWNER,
    &[Version {
        number: 1,
        templates: &[
            BUCKET_NAME,
            BUCKET_ARN,
            TABLE_NAME,
            TABLE_ARN,
            FUNCTION_NAME,
            FUNCTION_ARN,
            ROLE_ARN,
            META[0],
            META[1],
            META[2],
        ],
    }],
);

pub(crate) fn publish(
    zone: &Zone,
    buckets: &Buckets,
    items: &Table,
    audit: &Audit,
) -> Result<Vec<(String, Input)>, Error> {
    let values = [
        ("bucket/name", buckets.objects.id()),
        ("bucket/arn", buckets.objects.arn()),
        ("table/name", items.name()),
        ("table/arn", items.arn()),
        ("function/name", audit.function.name()),
        ("function/arn", audit.function.arn()),
        ("role/arn", audit.role.arn()),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value));
    module::publish(zone, OBJECT_AUDIT, |scope| scope.stacks([OWNER]), values)
}
