//! A statement of a function's policy: who may call it.
//!
//! Calls: AddPermission, GetPolicy, RemovePermission. IAM: `lambda:` + each of these, on the function.
//!
//! - Of permissions that are added to one function at once, Lambda may lose some: ours come one after the other. Reported to
//!   AWS by the makers of the official provider, which does the same
//!   (<https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/permission.go>).
//! - Its id is the statement's, as with the official provider; an import names the function, too: `function/statement` or
//!   `function:qualifier/statement`.
//! - It carries no tags: one that exists already is ours when it says the same.
//! - An account as principal is its root's ARN in the policy.

use pulumi::provider::resource::NoOutputs;
use serde_json::Value as Json;

use super::function::qualified;
use crate::{
    prelude::*,
    turns::Turns,
    waits::{FUNCTION_IS_BUSY, FUNCTION_IS_NEW, SECOND_LOOK},
};

/// Who may call a Lambda function.
#[derive(Clone, Debug, PartialEq, Eq, Resource)]
#[resource(token = "aws:lambda/permission:Permission", noun = "permission of Lambda function", handle = Permission, no_outputs)]
pub struct Inputs {
    /// What is allowed, such as `lambda:InvokeFunction`.
    #[resource(replace)]
    pub action: String,
    /// Token of an Alexa skill.
    #[resource(replace)]
    pub event_source_token: Option<String>,
    /// Name or ARN of the function.
    #[resource(replace)]
    pub function: String,
    /// `AWS_IAM` or `NONE`: how the function's URL authenticates, with the action `lambda:InvokeFunctionUrl`.
    #[resource(replace)]
    pub function_url_auth_type: Option<String>,
    /// Whether only calls by the function's URL are allowed, with the action `lambda:InvokeFunction`.
    #[resource(replace, default = false)]
    pub invoked_via_function_url: bool,
    /// A service, such as `s3.amazonaws.com`, an account's id, or the ARN of a user or role.
    #[resource(replace, equal = is_same_principal)]
    pub principal: String,
    /// Organization whose accounts are allowed, with the principal `*`.
    #[resource(replace)]
    pub principal_org_id: Option<String>,
    /// Version or alias that may be called.
    #[resource(replace)]
    pub qualifier: Option<String>,
    /// Account that the source belongs to: of a bucket, whose ARN does not say it.
    #[resource(replace)]
    pub source_account: Option<String>,
    /// ARN of what calls it: a bucket, a rule, a topic.
    #[resource(replace)]
    pub source_arn: Option<String>,
    /// Id of the statement, up to 100 letters, digits, `-` and `_`.
    #[resource(replace, autoname)]
    pub statement_id: String,
    /// What a generated id begins with. Instead of `statementId`.
    #[resource(replace, unread)]
    pub statement_id_prefix: Option<String>,
}

static TURNS: Turns = Turns::new();

/// The id in an import's form.
fn id_of(inputs: &Inputs) -> String {
    format!("{}/{}", qualified::joined(&inputs.function, inputs.qualifier.as_deref()), inputs.statement_id)
}

impl AwsResource for Permission {
    const ABSENT: Codes = &["ResourceNotFoundException"];
    const EXISTS: Codes = &["ResourceConflictException"];
    const PRESENCE: Presence = Presence::Setting;
    const UPDATES: bool = false;
    const LONGEST_NAME: usize = 100;

    fn own_id(given: &str) -> &str {
        given.rsplit_once('/').map_or(given, |(_, statement)| statement)
    }

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(id_of(inputs))
    }

    async fn identify(_: &Cx, id: &str, olds: Option<&Inputs>) -> Answer<Option<String>> {
        Ok(Some(olds.map_or_else(|| id.to_owned(), id_of)))
    }

    /// All of it is fixed, so what differs is refused before.
    fn ours(_: &Cx, _: &Live<Inputs, NoOutputs>, _: &Inputs) -> Result<(), String> {
        Ok(())
    }

    /// A resource may have a name with characters that a statement's id does not.
    fn fit_name(_: &Map, name: String) -> String {
        let fitted = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        crate::name::fitted(name.chars().map(fitted).collect(), Self::LONGEST_NAME)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<NoOutputs>> {
        let call =
            cx.clients.lambda.add_permission().function_name(&inputs.function).statement_id(&inputs.statement_id);
        let call = call
            .action(&inputs.action)
            .principal(&inputs.principal)
            .set_event_source_token(inputs.event_source_token.clone())
            .set_function_url_auth_type(inputs.function_url_auth_type.to_sdk()?)
            .set_invoked_via_function_url(inputs.invoked_via_function_url.then_some(true))
            .set_principal_org_id(inputs.principal_org_id.clone())
            .set_qualifier(inputs.qualifier.clone())
            .set_source_account(inputs.source_account.clone())
            .set_source_arn(inputs.source_arn.clone());
        let turn = TURNS.of(qualified::name(&inputs.function)).await;
        // a principal that was made a moment ago
        let send = || propagation::told(&[], || call.clone().send());
        FUNCTION_IS_BUSY.out(|| FUNCTION_IS_NEW.out(send)).await?;
        drop(turn);
        let id = id_of(inputs);
        let look = || async { Ok(resource::read::<Self>(cx, &id).await.within("waiting for it")?.map(drop)) };
        let seen = waits::asked(SECOND_LOOK, look).await.done();
        Ok(Created::new(&inputs.statement_id, NoOutputs {}).and(seen))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, NoOutputs>>> {
        let form = "an import names it by `function/statement` or `function:qualifier/statement`";
        let Some((of, statement_id)) = id.rsplit_once('/') else {
            return Err(Error::new(format!("`{id}` does not name the function")).hint(form).into());
        };
        let (function, qualifier) = qualified::split(of);
        let qualifier = qualifier.map(str::to_owned);
        let call = cx.clients.lambda.get_policy().function_name(function).set_qualifier(qualifier.clone());
        let policy = call.send().await?.policy.unwrap_or_default();
        let policy: Json = serde_json::from_str(&policy).map_err(|e| Error::new(format!("GetPolicy's answer: {e}")))?;
        let statements = policy["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
        let statement = statements.iter().find(|statement| statement["Sid"].as_str() == Some(statement_id));
        Ok(statement.map(|statement| {
            let inputs = Inputs {
                function: function.to_owned(),
                qualifier,
                statement_id: statement_id.to_owned(),
                ..said(statement)
            };
            Live { inputs, outputs: NoOutputs {} }
        }))
    }

    async fn delete(cx: &Cx, _: &str, inputs: &Inputs) -> Answer {
        let call = cx.clients.lambda.remove_permission().function_name(&inputs.function);
        let call = call.statement_id(&inputs.statement_id).set_qualifier(inputs.qualifier.clone());
        let turn = TURNS.of(qualified::name(&inputs.function)).await;
        FUNCTION_IS_BUSY.out(|| call.clone().send()).await?;
        drop(turn);
        let id = id_of(inputs);
        let gone = || async {
            let live = resource::read::<Self>(cx, &id).await.within("waiting until it is gone")?;
            Ok(live.is_none().then_some(()))
        };
        waits::asked(SECOND_LOOK, gone).await.done()
    }
}

/// What a statement says, without its place.
fn said(statement: &Json) -> Inputs {
    // the keys of conditions are the same in any case
    let condition = |wanted: &str| {
        let operators = statement["Condition"].as_object().into_iter().flat_map(serde_json::Map::values);
        let mut keys = operators.filter_map(Json::as_object).flatten();
        let (_, value) = keys.find(|(key, _)| key.eq_ignore_ascii_case(wanted))?;
        given(value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|flag| flag.to_string())))
    };
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let principal = &statement["Principal"];
    let principal = ["AWS", "Service"].into_iter().find_map(|kind| principal.get(kind)).unwrap_or(principal);
    Inputs {
        action: text(&statement["Action"]),
        event_source_token: condition("lambda:EventSourceToken"),
        function: String::new(),
        function_url_auth_type: condition("lambda:FunctionUrlAuthType"),
        invoked_via_function_url: condition("lambda:InvokedViaFunctionUrl").is_some_and(|is| is == "true"),
        principal: text(principal),
        principal_org_id: condition("aws:PrincipalOrgID"),
        qualifier: None,
        source_account: condition("AWS:SourceAccount"),
        source_arn: condition("AWS:SourceArn"),
        statement_id: String::new(),
        statement_id_prefix: None,
    }
}

/// Whether two principals are the same: an account is its root.
fn is_same_principal(one: &str, other: &str) -> bool {
    let account = |principal: &str| {
        let root = principal.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
        root.unwrap_or(principal).to_owned()
    };
    one == other || account(one) == account(other)
}

#[cfg(test)]
mod tests;
