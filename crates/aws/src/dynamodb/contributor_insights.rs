//! CloudWatch Contributor Insights of a DynamoDB table or of an index: which keys are asked for most.
//!
//! Calls: UpdateContributorInsights, DescribeContributorInsights.
//! IAM: `dynamodb:` + each of these; `cloudwatch:PutInsightRule` and `cloudwatch:DeleteInsightRules` for the rules that
//! DynamoDB makes, and `iam:CreateServiceLinkedRole` the first time in an account.
//!
//! - Insights are set on the table: enabling them twice is as once, and disabling them takes their rules away.
//! - The id is the official provider's, `name:TABLE/index:INDEX/ACCOUNT`; without an index, nothing stands for it.

use aws_sdk_dynamodb::{
    operation::describe_contributor_insights::DescribeContributorInsightsOutput as Description,
    types::{ContributorInsightsAction as Action, ContributorInsightsStatus as Status},
};
use pulumi::provider::resource::NoOutputs;

use super::table;
use crate::{prelude::*, waits::TABLE_IS_BUSY};

/// CloudWatch Contributor Insights of a DynamoDB table or of an index of it.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:dynamodb/contributorInsights:ContributorInsights",
    noun = "DynamoDB contributor insights",
    handle = ContributorInsights,
    no_outputs
)]
pub struct Inputs {
    /// Name of the table.
    #[resource(replace)]
    pub table_name: String,
    /// Name of a global secondary index; absent is the table.
    #[resource(replace)]
    pub index_name: Option<String>,
    /// `ACCESSED_AND_THROTTLED_KEYS` or `THROTTLED_KEYS`; AWS's default is the first.
    #[resource(computed)]
    pub mode: Option<String>,
}

/// AWS makes the rules within a minute or two.
const LIMIT: Duration = Duration::from_mins(10);

impl AwsResource for ContributorInsights {
    const ABSENT: Codes = table::ABSENT;
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        let index = inputs.index_name.as_deref().unwrap_or_default();
        Some(format!("name:{}/index:{index}/{}", inputs.table_name, cx.caller.account))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<NoOutputs>> {
        let id = Self::id_of(cx, inputs).unwrap_or_default();
        let of = Of { table: &inputs.table_name, index: inputs.index_name.as_deref() };
        enable(cx, of, inputs.mode.as_deref()).await?;
        Ok(Created::new(id, NoOutputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, NoOutputs>>> {
        let of = Of::parse(id)?;
        let live = describe(cx, of).await?;
        let is_on = matches!(live.contributor_insights_status, Some(Status::Enabled | Status::Enabling));
        let inputs = Inputs {
            table_name: of.table.to_owned(),
            index_name: of.index.map(str::to_owned),
            mode: live.contributor_insights_mode.map(String::from_sdk),
        };
        Ok(is_on.then_some(Live { inputs, outputs: NoOutputs {} }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: NoOutputs) -> Answer<NoOutputs> {
        enable(cx, Of::parse(id)?, new.mode.as_deref()).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let of = Of::parse(id)?;
        settle(cx, of, "to be settled").await?;
        put(cx, of, Action::Disable, None).await?;
        // gone with the table is disabled, too
        settle(cx, of, "to be disabled").await.gone(Self::ABSENT)
    }
}

/// What insights are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Of<'a> {
    table: &'a str,
    index: Option<&'a str>,
}

impl<'a> Of<'a> {
    /// What an id says.
    fn parse(id: &'a str) -> Answer<Self> {
        let parts = || {
            let (table, rest) = id.strip_prefix("name:")?.split_once("/index:")?;
            let (index, account) = rest.split_once('/')?;
            let is_whole = !table.is_empty() && !account.is_empty() && !account.contains('/');
            is_whole.then_some(Self { table, index: Some(index).filter(|index| !index.is_empty()) })
        };
        let wrong = || Error::new(format!("`{id}` is no id of contributor insights"));
        parts().ok_or_else(|| {
            wrong().hint("it is `name:TABLE/index:INDEX/ACCOUNT`, or `name:TABLE/index:/ACCOUNT`").into()
        })
    }
}

async fn describe(cx: &Cx, of: Of<'_>) -> Answer<Description> {
    let call = cx.clients.dynamodb.describe_contributor_insights().table_name(of.table);
    call.set_index_name(of.index.map(str::to_owned)).send().await.answer()
}

async fn put(cx: &Cx, of: Of<'_>, action: Action, mode: Option<&str>) -> Answer {
    let call = cx.clients.dynamodb.update_contributor_insights().table_name(of.table);
    let call = call
        .set_index_name(of.index.map(str::to_owned))
        .contributor_insights_action(action)
        .set_contributor_insights_mode(mode.map(Into::into));
    TABLE_IS_BUSY.out(|| call.clone().send()).await.done()
}

/// Enables them, and waits until they are.
async fn enable(cx: &Cx, of: Of<'_>, mode: Option<&str>) -> Answer {
    settle(cx, of, "to be settled").await?;
    put(cx, of, Action::Enable, mode).await?;
    let live = settle(cx, of, "to be enabled").await?;
    if live.contributor_insights_status == Some(Status::Failed) {
        let why =
            live.failure_exception.unwrap_or_else(|| aws_sdk_dynamodb::types::FailureException::builder().build());
        let name = why.exception_name.unwrap_or_else(|| "FAILED".to_owned());
        let text = why.exception_description.unwrap_or_else(|| "AWS gave no reason".to_owned());
        return Err(Error::new(format!("{name}: {text}")).into());
    }
    Ok(())
}

/// Waits while AWS is at it.
async fn settle(cx: &Cx, of: Of<'_>, what: &str) -> Answer<Description> {
    let ask = || async {
        let live = describe(cx, of).await?;
        let is_at_it = matches!(live.contributor_insights_status, Some(Status::Enabling | Status::Disabling));
        Ok((!is_at_it).then_some(live))
    };
    waits::until(LIMIT, what, ask).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            self, Answer, Stub, done,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    const TOKEN: &str = "aws:dynamodb/contributorInsights:ContributorInsights";

    crate::lifecycle! {
        token: "aws:dynamodb/contributorInsights:ContributorInsights",
        needs: [("aws:dynamodb/table:Table", {
            "name": "watched-{unique}", "billingMode": "PAY_PER_REQUEST", "hashKey": "pk", "attributes": [{ "name": "pk", "type": "S" }],
        })],
        sample: { "tableName": "${0.id}", "mode": "ACCESSED_AND_THROTTLED_KEYS" },
        change: { "mode": "THROTTLED_KEYS" },
    }

    mod of_an_index {
        crate::lifecycle! {
            token: "aws:dynamodb/contributorInsights:ContributorInsights",
            needs: [("aws:dynamodb/table:Table", {
                "name": "indexed-{unique}",
                "billingMode": "PAY_PER_REQUEST",
                "hashKey": "pk",
                "attributes": [{ "name": "pk", "type": "S" }, { "name": "day", "type": "S" }],
                "globalSecondaryIndexes": [{ "name": "by-day", "hashKey": "day", "projectionType": "ALL" }],
            })],
            sample: { "tableName": "${0.id}", "indexName": "by-day", "mode": "THROTTLED_KEYS" },
            change: { "mode": "ACCESSED_AND_THROTTLED_KEYS" },
            import: "name:${0.id}/index:by-day/111122223333",
        }
    }

    fn is(status: &str) -> Answer {
        let failure =
            (status == "FAILED").then(|| json!({ "ExceptionName": "AccessDenied", "ExceptionDescription": "no" }));
        Answer::Json(json!({ "ContributorInsightsStatus": status, "FailureException": failure }))
    }

    #[tokio::test]
    async fn enabling_is_waited_for_and_may_fail() {
        for (end, made) in [("ENABLED", true), ("FAILED", false)] {
            let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
                ("UpdateContributorInsights", 0) => {
                    Answer::Refused("ResourceInUseException", "the table is being updated")
                }
                ("DescribeContributorInsights", 0) => is("DISABLING"),
                ("DescribeContributorInsights", 1) => is("DISABLED"),
                ("DescribeContributorInsights", 2..5) => is("ENABLING"),
                ("DescribeContributorInsights", _) => is(end),
                _ => done(asked),
            });
            let inputs: Inputs = stub::inputs(&json!({ "tableName": "t" }));
            let cx = stub.cx(TOKEN);
            let (answer, _) = Stub::run(Adapter::<ContributorInsights>::create(&cx, &inputs)).await;
            assert_eq!(stub.asked("UpdateContributorInsights").len(), 2, "{end}");
            assert_eq!(stub.asked("DescribeContributorInsights").len(), 6, "{end}");
            match answer {
                Ok(created) => assert_eq!((made, created.id.as_str()), (true, "name:t/index:/111122223333")),
                Err(error) => assert_eq!((made, error.message.as_str()), (false, "AccessDenied: no")),
            }
        }
    }

    #[tokio::test]
    async fn insights_are_enabled_and_disabled_again_while_the_table_is_being_changed() {
        const AT_IT: &[Refusal] = &[
            ("ResourceInUseException", ""),
            ("LimitExceededException", "Only 10 tables can be changed simultaneously"),
        ];
        let inputs: Inputs = stub::inputs(&json!({ "tableName": "t" }));
        let late: &[Late] = &[("UpdateContributorInsights", TABLE_IS_BUSY.limit, AT_IT)];
        let enabled = async |cx: Cx| wholly(Adapter::<ContributorInsights>::create(&cx, &inputs).await?);
        is_waited_out(TOKEN, late, done, enabled).await;
        let id = "name:t/index:/111122223333";
        let disabled = async |cx: Cx| Adapter::<ContributorInsights>::delete(&cx, id, &inputs).await;
        is_waited_out(TOKEN, late, done, disabled).await;
    }

    #[tokio::test]
    async fn a_table_that_is_gone_has_none_to_delete() {
        let gone = Stub::new(|_| Answer::Refused("ResourceNotFoundException", "Requested resource not found"));
        let inputs: Inputs = stub::inputs(&json!({ "tableName": "t" }));
        let id = "name:t/index:/111122223333";
        Adapter::<ContributorInsights>::delete(&gone.cx(TOKEN), id, &inputs).await.expect("deleted");
        assert!(Adapter::<ContributorInsights>::read(&gone.cx(TOKEN), id).await.expect("read").is_none());
    }

    #[test]
    fn an_id_has_three_parts() {
        assert_eq!(Of::parse("name:t/index:i/111122223333"), Ok(Of { table: "t", index: Some("i") }));
        assert_eq!(Of::parse("name:t/index:/111122223333"), Ok(Of { table: "t", index: None }));
        for wrong in ["t", "name:t/index:i", "name:/index:i/1", "name:t/index:i/1/2"] {
            let error = Error::from(Of::parse(wrong).expect_err("it is no id"));
            assert!(error.hint.is_some_and(|hint| hint.contains("name:TABLE/index:INDEX/ACCOUNT")), "{wrong}");
        }
    }
}
