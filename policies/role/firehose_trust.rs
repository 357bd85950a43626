//! Who may take the role that delivers streams.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// Firehose, for streams of this account.
///
/// Narrowed by `sts:ExternalId`, not by `aws:SourceAccount` (looked up 2026-11-24): the account of the stream as the
/// external id is what AWS's own guides ask for in the trust of a delivery role, while no page says that Firehose sends
/// `aws:SourceAccount` when it takes one. A key that is not sent would match nothing, and records would be lost.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateFirehoseStream.html>
pub fn firehose_trust(account: &AccountId) -> Document {
    Document::new([Statement::trust("StreamsOfThisAccount", "sts:AssumeRole").service("firehose.amazonaws.com").when(
        Operator::StringEquals,
        "sts:ExternalId",
        [account.as_ref()],
    )])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        assert_golden("role/firehose_trust.json", &firehose_trust(&dev().member.id));
    }
}
