//! One symmetric key per classification, with the aliases people know them by.
//!
//! Read by: storage (bucket encryption), events (queues), and every module through `kms/{class}/arn`.

use std::collections::BTreeMap;

use aws::kms::{Alias, Key};
use config::Kms;
use pulumi::options::Options;

use crate::Stack;

/// The class keys by class name.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, Key>);

impl Keys {
    /// The key of a class; configuration guarantees that every class named anywhere has one.
    pub(crate) fn of(&self, class: &str) -> &Key {
        &self.0[class]
    }
}

pub(crate) fn deploy(stack: &mut Stack<'_>, kms: &Kms) -> Keys {
    let (zone, mut keys) = (stack.zone, BTreeMap::new());
    for class in &zone.classes {
        let policy = policies::key::class_key(&zone.member.id, &zone.region, class).to_json();
        let key = Key::new(&stack.scope, &class.name)
            .description(format!("{} data of {}", class.name, zone.environment))
            .policy(policy)
            .enable_key_rotation(true)
            .rotation_period_in_days(kms.rotation_days)
            .deletion_window_in_days(kms.deletion_window_days)
            .tags(BTreeMap::from([("classification".to_owned(), class.name.clone())]))
            .protect(zone.protect)
            .register();
        Alias::new(&stack.scope, &class.name).name(zone.alias_name(&class.name)).target_key_id(key.key_id()).register();

        stack.publish(format!("kms/{}/arn", class.name), key.arn());
        keys.insert(class.name.clone(), key);
    }
    Keys(keys)
}
