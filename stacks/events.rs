//! One EventBridge bus per domain, each with a resource policy, an archive and a dead-letter queue.
//!
//! Read by: every domain's producers and consumers, through `eventbridge/{bus}/{arn,dlq-arn,archive-arn}`.

use aws::{
    cloudwatch::{EventArchive, EventBus, EventBusPolicy, event_bus::DeadLetterConfig},
    sqs::{Queue, QueuePolicy},
};
use config::Events;
use pulumi::options::Options;

use crate::{DAY, Stack, kms::Keys};

pub(crate) fn deploy(stack: &mut Stack<'_>, events: &Events, keys: &Keys) {
    for domain in &stack.zone.domains {
        bus_with_archive_and_queue(stack, &domain.bus, events, keys);
    }
}

fn bus_with_archive_and_queue(stack: &mut Stack<'_>, name: &str, events: &Events, keys: &Keys) {
    let zone = stack.zone;

    let queue = Queue::new(&stack.scope, format!("{name}-dlq"))
        .name(stack.env_name(&format!("{name}-events-dlq")))
        .kms_master_key_id(keys.of(&events.class).arn())
        .message_retention_seconds(i64::from(events.dlq_retention_days) * DAY)
        .register();
    let (account, region, named) = (zone.member.id.clone(), zone.region.clone(), name.to_owned());
    let policy = queue.arn().apply(move |arn| policies::queue::event_dlq(&arn, &account, &region, &named).to_json());
    let queue_policy =
        QueuePolicy::new(&stack.scope, format!("{name}-dlq")).queue_url(queue.id()).policy(policy).register();

    let bus = EventBus::new(&stack.scope, name)
        .name(name)
        .description(format!("events of {name}"))
        .dead_letter_config(DeadLetterConfig::args().arn(queue.arn()))
        // the queue has to accept the bus before the bus relies on it
        .depends_on([&queue_policy])
        .register();
    let (account, organization) = (zone.member.id.clone(), zone.organization.clone());
    let policy = bus.arn().apply(move |arn| policies::bus::organization(&arn, &account, &organization).to_json());
    EventBusPolicy::new(&stack.scope, name).event_bus_name(bus.name()).policy(policy).register();
    let archive = EventArchive::new(&stack.scope, name)
        .name(stack.env_name(&format!("{name}-archive")))
        .description(format!("all events of {name}"))
        .event_source_arn(bus.arn())
        .retention_days(events.archive_days)
        .register();

    stack.publish(format!("eventbridge/{name}/arn"), bus.arn());
    stack.publish(format!("eventbridge/{name}/dlq-arn"), queue.arn());
    stack.publish(format!("eventbridge/{name}/archive-arn"), archive.arn());
}
