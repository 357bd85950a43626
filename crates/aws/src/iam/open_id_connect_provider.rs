//! An identity provider that speaks OpenID Connect, such as GitHub's for its workflows.
//!
//! Calls: CreateOpenIDConnectProvider, GetOpenIDConnectProvider, AddClientIDToOpenIDConnectProvider,
//! RemoveClientIDFromOpenIDConnectProvider, UpdateOpenIDConnectProviderThumbprint, DeleteOpenIDConnectProvider,
//! TagOpenIDConnectProvider, UntagOpenIDConnectProvider, ListOpenIDConnectProviderTags.
//! IAM: `iam:` + each of these, on the provider.
//!
//! - An account has one provider per URL. AWS keeps the URL without `https://`, and its ARN ends with it.
//! - AWS finds out the thumbprint where none is given, and trusts well-known providers (GitHub's is one) without it.
//!   <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html>

use super::role::{ABSENT, BUSY, arn};
use crate::{
    checks::items,
    prelude::*,
    tags::{IamOpenIdConnectProvider, iam},
};

/// An identity provider that speaks OpenID Connect, such as GitHub's for its workflows.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    noun = "OpenID Connect provider",
    handle = OpenIdConnectProvider, tags
)]
pub struct Inputs {
    /// The provider's URL, as its tokens have it in `iss`, beginning with `https://`.
    #[resource(replace)]
    pub url: String,
    /// Audiences whose tokens are accepted: what they have in `aud`.
    #[resource(set)]
    pub client_id_lists: Vec<String>,
    /// SHA-1 hashes of certificates that the provider's server may have, in hex.
    #[resource(set, computed)]
    pub thumbprint_lists: Option<Vec<String>>,
}

/// Outputs of a provider.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = OpenIdConnectProvider)]
pub struct Outputs {
    /// ARN, the same as the id.
    pub arn: String,
}

const SCHEME: &str = "https://";

impl AwsResource for OpenIdConnectProvider {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["EntityAlreadyExists"];

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(IamOpenIdConnectProvider(id.to_owned()))
    }

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(arn(cx, &format!("oidc-provider/{}", inputs.url.trim_start_matches(SCHEME))))
    }

    fn check(checks: &mut Checks<'_>) {
        if let Some(url) = checks.text("url") {
            match url.strip_prefix(SCHEME) {
                None => checks.wrong("url", format!("the URL has to begin with `{SCHEME}`: `{url}`")),
                Some(rest) if rest.contains(['?', '#']) => {
                    checks.wrong("url", format!("the URL may have only host and path: `{url}`"));
                }
                Some(_) => {}
            }
        }
        let is_sha1 = |text: &str| text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit());
        for (i, thumbprint) in items(checks.inputs, "thumbprintLists").iter().enumerate() {
            if let Some(text) = thumbprint.as_str().filter(|text| !is_sha1(text)) {
                let reason = format!("a thumbprint is a SHA-1 hash, 40 hex digits: `{text}`");
                checks.wrong(&format!("thumbprintLists[{i}]"), reason);
            }
        }
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let url = |map: &Map| map.get("url").and_then(Value::as_str).map(str::to_owned);
        // a state of the official provider may have it as AWS keeps it
        if let Some(old) = olds.and_then(url)
            && url(live).is_some_and(|live| live.strip_prefix(SCHEME) == Some(&old))
        {
            live.insert("url".to_owned(), Value::String(old));
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.iam.create_open_id_connect_provider().url(&inputs.url);
        let call = call
            .set_client_id_list(Some(inputs.client_id_lists.clone()))
            .set_thumbprint_list(inputs.thumbprint_lists.clone())
            .set_tags(Some(iam::of_create(cx)?));
        let arn = recovery::settled(BUSY, || call.clone().send()).await?.open_id_connect_provider_arn;
        let arn = arn.ok_or_else(|| Error::new("CreateOpenIDConnectProvider returned no ARN"))?;
        let call = cx.clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(&arn);
        let shown = propagation::told(ABSENT, || call.clone().send()).await.within("waiting until IAM shows it");
        Ok(Created::new(&arn, Outputs { arn: arn.clone() }).and(shown.done()))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let provider = cx.clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(id).send().await?;
        let inputs = Inputs {
            url: provider.url.map(|url| format!("{SCHEME}{}", url.trim_start_matches(SCHEME))).unwrap_or_default(),
            client_id_lists: provider.client_id_list.unwrap_or_default(),
            thumbprint_lists: provider.thumbprint_list.filter(|list| !list.is_empty()),
        };
        Ok(Some(Live { inputs, outputs: Outputs { arn: id.to_owned() } }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let iam = &cx.clients.iam;
        let sorted = |list: &Option<Vec<String>>| {
            let mut list = list.clone().unwrap_or_default();
            list.sort();
            list
        };
        // AWS does not find them out a second time: an empty list leaves them
        let thumbprints = sorted(&new.thumbprint_lists);
        if !thumbprints.is_empty() && thumbprints != sorted(&old.thumbprint_lists) {
            let call = iam.update_open_id_connect_provider_thumbprint().open_id_connect_provider_arn(id);
            let call = call.set_thumbprint_list(new.thumbprint_lists.clone());
            recovery::settled(BUSY, || call.clone().send()).await.within("setting its thumbprints")?;
        }
        for audience in new.client_id_lists.iter().filter(|audience| !old.client_id_lists.contains(audience)) {
            let call = iam.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(id);
            let call = call.client_id(audience);
            let added = recovery::settled(BUSY, || call.clone().send()).await;
            added.within(&format!("adding audience `{audience}`"))?;
        }
        for audience in old.client_id_lists.iter().filter(|audience| !new.client_id_lists.contains(audience)) {
            let call = iam.remove_client_id_from_open_id_connect_provider().open_id_connect_provider_arn(id);
            let call = call.client_id(audience);
            let removed = recovery::settled(BUSY, || call.clone().send()).await;
            removed.within(&format!("removing audience `{audience}`"))?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.iam.delete_open_id_connect_provider().open_id_connect_provider_arn(id);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, done, inputs,
            late::{Late, Refusal, SETTLED, TOLD, is_waited_out, wholly},
        },
        testing::{Account, Adapter, Bench, CustomResource as _},
    };

    const TOKEN: &str = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
    const ARN: &str = "arn:aws:iam::111122223333:oidc-provider/a.example";
    const CHANGING: &[Refusal] = &[("ConcurrentModification", "")];

    #[tokio::test]
    async fn a_provider_that_iam_does_not_show_yet_is_asked_for_again() {
        let iam = |asked: &Asked| match asked.operation.as_str() {
            "CreateOpenIDConnectProvider" => {
                Answer::Xml(format!("<OpenIDConnectProviderArn>{ARN}</OpenIDConnectProviderArn>"))
            }
            _ => done(asked),
        };
        let provider: Inputs = inputs(&json!({ "url": "https://a.example", "clientIdLists": ["a"] }));
        let late: &[Late] = &[
            ("CreateOpenIDConnectProvider", SETTLED, CHANGING),
            ("GetOpenIDConnectProvider", TOLD, &[("NoSuchEntity", "")]),
        ];
        let make = async |cx: Cx| wholly(Adapter::<OpenIdConnectProvider>::create(&cx, &provider).await?);
        is_waited_out(TOKEN, late, iam, make).await;
    }

    #[tokio::test]
    async fn each_change_of_a_provider_is_made_again_while_another_one_is_under_way() {
        let old: Inputs = inputs(&json!({ "url": "https://a.example", "clientIdLists": ["a"] }));
        let new: Inputs =
            inputs(&json!({ "url": "https://a.example", "clientIdLists": ["b"], "thumbprintLists": ["c"] }));
        let late = [
            "UpdateOpenIDConnectProviderThumbprint",
            "AddClientIDToOpenIDConnectProvider",
            "RemoveClientIDFromOpenIDConnectProvider",
            "DeleteOpenIDConnectProvider",
        ]
        .map(|operation| (operation, SETTLED, CHANGING));
        let change = async |cx: Cx| {
            let outputs = Outputs { arn: ARN.to_owned() };
            Adapter::<OpenIdConnectProvider>::update(&cx, ARN, &old, &new, outputs).await?;
            Adapter::<OpenIdConnectProvider>::delete(&cx, ARN, &new).await
        };
        is_waited_out(TOKEN, &late, done, change).await;
    }

    crate::lifecycle! {
        token: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        needs: [],
        sample: {
            "url": "https://{unique}.example.com/realm",
            "clientIdLists": ["sts.amazonaws.com", "other"],
            "tags": { "a": "1" },
        },
        change: {
            "clientIdLists": ["third", "sts.amazonaws.com"],
            "thumbprintLists": ["990f4193972f2becf12ddeda5237f9c952f20d9e"],
            "tags": { "b": "2" },
        },
    }

    #[test]
    fn urls_and_thumbprints_are_checked() {
        let wrong = |url: &str, thumbprint: &str| {
            let thumbprints = vec![thumbprint.to_owned()].to_value();
            let inputs = [("url".to_owned(), url.to_value()), ("thumbprintLists".to_owned(), thumbprints)];
            let failures = Adapter::<OpenIdConnectProvider>::check(&inputs.into());
            failures.into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
        };
        let sha1 = "990F4193972f2becf12ddeda5237f9c952f20d9e";
        assert_eq!(wrong("https://token.actions.githubusercontent.com", sha1), "");
        assert_eq!(wrong("token.actions.githubusercontent.com", sha1), "url");
        assert_eq!(wrong("https://a.example?b=c", &sha1[1..]), "url thumbprintLists[0]");
    }

    #[test]
    fn a_url_without_scheme_in_a_state_stays_so() {
        let url = |url: &str| -> Map { [("url".to_owned(), url.to_value())].into() };
        let told = |old: Option<&str>| {
            let mut live = url("https://a.example");
            <OpenIdConnectProvider as AwsResource>::reduce(old.map(url).as_ref(), &mut live);
            live
        };
        assert_eq!(told(Some("a.example")), url("a.example"));
        for old in [None, Some("https://a.example"), Some("b.example")] {
            assert_eq!(told(old), url("https://a.example"));
        }
    }

    #[tokio::test]
    async fn a_provider_that_exists_is_adopted_when_it_is_ours() {
        let mut bench = Bench::new(Account::Member).await;
        bench.knows(&[]);
        let iam = bench.clients(Account::Member).await.iam;
        let url = format!("https://{}.taken.example", bench.unique());
        let made = iam.create_open_id_connect_provider().url(&url).client_id_list("old").send().await;
        let arn = made.expect("a provider").open_id_connect_provider_arn.expect("its ARN");
        let urn = bench.urn(TOKEN);
        let inputs = json!({ "url": url, "clientIdLists": ["new"] });
        let refused = bench.try_create(&urn, TOKEN, &inputs).await.expect_err("nothing proves it ours");
        assert!(refused.contains("exists already") && refused.contains(&arn), "{refused}");
        for (key, value) in [("tenant_id", "test"), ("environment", "local")] {
            let tag = aws_sdk_iam::types::Tag::builder().key(key).value(value).build().expect("a tag");
            let call = iam.tag_open_id_connect_provider().open_id_connect_provider_arn(&arn).tags(tag);
            call.send().await.expect("tagged");
        }
        let made = bench.try_create(&urn, TOKEN, &inputs).await.expect("its tags prove it ours");
        assert_eq!(made.id, arn);
        let (live, state) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(live, made.inputs, "it became what is wanted");
        assert!(state.contains_key("thumbprintLists"), "what AWS found out is shown");
        bench.clean_up().await;
    }
}
