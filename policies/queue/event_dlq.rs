//! Who may send to the dead-letter queue of an event bus.

use config::{AccountId, Region};

use crate::{Document, Operator, Statement};

/// `EventBridge`, for the rules of this bus and for the bus itself.
///
/// A rule's failed delivery comes with the rule's ARN as its source. The queue is the bus's own `DeadLetterConfig`
/// too, and what fails on the bus, before any rule, comes with the ARN of the bus. Both ARNs hold the account.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
pub fn event_dlq(queue_arn: &str, account: &AccountId, region: &Region, bus: &str) -> Document {
    Document::new([Statement::allow("EventsOfThisBus", ["sqs:SendMessage"])
        .service("events.amazonaws.com")
        .on([queue_arn])
        .when(
            Operator::ArnLike,
            "aws:SourceArn",
            [
                format!("arn:aws:events:{region}:{account}:rule/{bus}/*"),
                format!("arn:aws:events:{region}:{account}:event-bus/{bus}"),
            ],
        )])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let bus = &zone.domains[0].bus;
        let queue = zone.env_name(&format!("{bus}-events-dlq"));
        let queue_arn = format!("arn:aws:sqs:{}:{}:{queue}", zone.region, zone.member.id);
        assert_golden("queue/event_dlq.json", &event_dlq(&queue_arn, &zone.member.id, &zone.region, bus));
    }
}
