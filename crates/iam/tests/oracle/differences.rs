//! The kinds of cases that the simulator decides in another way, each as a rewriting: it puts what a case says in words that both
//! understand, by AWS's documentation. A disagreement is of a kind when the simulator decides the rewritten case as we decide the
//! case itself. So a kind explains nothing but its own.

use serde_json::{Map, Value, json};

use crate::rewrite::{
    Operator, Test, VARIABLES, has_variables, is_unresolved, key, matches, patterns, principals, resolved, statements,
    tests,
};

/// A kind by its name in `differences.toml`; the rewriting says whether it changed anything.
pub(crate) const KINDS: &[(&str, fn(&mut Value) -> bool)] = &[
    ("variables-in-2008", variables_in_2008),
    ("negated-variable-without-value", negated_variable_without_value),
    ("not-resource-variable-without-value", not_resource_variable_without_value),
    ("variable-before-the-resource-id", variable_before_the_resource_id),
    ("escaped-wildcard-in-exact-match", escaped_wildcard_in_exact_match),
    ("several-values-without-quantifier", several_values_without_quantifier),
    ("epoch-and-calendar", epoch_and_calendar),
    ("year-alone", year_alone),
    ("every-ipv4-address", every_ipv4_address),
    ("single-address", single_address),
    ("star-beyond-its-segment", star_beyond_its_segment),
    ("wildcard-in-resource-type", wildcard_in_resource_type),
    ("short-arn", short_arn),
    ("role-by-its-name", role_by_its_name),
    ("not-principal-alone", not_principal_alone),
    ("session-policy-and-resource-policy", session_policy_and_resource_policy),
    ("role-without-trust-policy", role_without_trust_policy),
];

const NOTHING: &str = "arn:aws:s3:::nothing-has-this-name";

/// Version 2008-10-17 has no variables: they are text, which no value here has.
fn variables_in_2008(case: &mut Value) -> bool {
    let in_tests = tests(case, |test, _, version| {
        let before = test.values.len();
        let kept: Vec<_> =
            test.values.iter().filter(|value| version == VARIABLES || !has_variables(value)).cloned().collect();
        let changed = kept.len() != before;
        changed.then(|| {
            let values = if kept.is_empty() { vec![nothing_for(&test.operator)] } else { kept };
            vec![Test { values, ..test.clone() }]
        })
    });
    let in_patterns =
        patterns(case, |pattern, at| (at.version != VARIABLES && has_variables(pattern)).then(|| NOTHING.to_owned()));
    in_tests | in_patterns
}

/// A value that nothing has, of the operator's kind.
fn nothing_for(operator: &Operator) -> String {
    if operator.base.starts_with("Arn") { NOTHING } else { "nothing has this value" }.to_owned()
}

/// A negated operator holds against a variable without a value: nothing is equal to it.
fn negated_variable_without_value(case: &mut Value) -> bool {
    tests(case, |test, context, version| {
        let is_open = |value: &String| version == VARIABLES && is_unresolved(value, context);
        let concerned =
            test.operator.is_negated() && test.values.iter().any(is_open) && key(context, &test.key).is_some();
        concerned.then(|| {
            let values: Vec<_> = test.values.iter().filter(|value| !is_open(value)).cloned().collect();
            if values.is_empty() { Vec::new() } else { vec![Test { values, ..test.clone() }] }
        })
    })
}

/// A pattern with a variable without a value matches no resource, which `NotResource` turns around.
fn not_resource_variable_without_value(case: &mut Value) -> bool {
    patterns(case, |pattern, at| {
        let is_open = at.version == VARIABLES && is_unresolved(pattern, at.context);
        (at.turned && is_open).then(|| NOTHING.to_owned())
    })
}

/// A variable may be anywhere behind the fifth colon.
fn variable_before_the_resource_id(case: &mut Value) -> bool {
    patterns(case, |pattern, at| {
        let own = pattern.splitn(6, ':').nth(5)?;
        let is_first = own.find("${").is_some_and(|variable| own.find(['/', ':']).is_some_and(|end| variable < end));
        let concerned = at.version == VARIABLES && is_first && !pattern.starts_with("arn:aws:s3:::");
        concerned.then(|| resolved(pattern, at.context).unwrap_or_else(|| NOTHING.to_owned()))
    })
}

/// `${*}` is the character itself, in every operator that takes variables.
fn escaped_wildcard_in_exact_match(case: &mut Value) -> bool {
    tests(case, |test, _, version| {
        let is_exact = test.operator.base.contains("Equals") && test.operator.base.starts_with("String");
        let concerned = version == VARIABLES && is_exact && test.values.iter().any(|value| value.contains("${*}"));
        let values = test.values.iter().map(|value| value.replace("${*}", "*")).collect();
        concerned.then(|| vec![Test { values, ..test.clone() }])
    })
}

/// Without a quantifier we ask whether one of the request's values is among the policy's.
fn several_values_without_quantifier(case: &mut Value) -> bool {
    tests(case, |test, context, _| {
        let is_list = key(context, &test.key).is_some_and(Value::is_array);
        let concerned = is_list && test.operator.quantifier.is_empty() && test.operator.base != "Null";
        concerned.then(|| {
            let quantifier = if test.operator.is_negated() { "ForAllValues" } else { "ForAnyValue" };
            let operator = Operator { quantifier: quantifier.to_owned(), ..test.operator.clone() };
            vec![Test { operator, ..test.clone() }]
        })
    })
}

/// Changes the values of date operators, and those of the request that they are held against.
fn dates(case: &mut Value, other: fn(&str) -> Option<String>) -> bool {
    let in_tests = tests(case, |test, _, _| {
        let concerned =
            test.operator.base.starts_with("Date") && test.values.iter().any(|value| other(value).is_some());
        let values = test.values.iter().map(|value| other(value).unwrap_or_else(|| value.clone())).collect();
        concerned.then(|| vec![Test { values, ..test.clone() }])
    });
    let mut in_request = false;
    for key in ["aws:EpochTime", "aws:CurrentTime"] {
        let value = case["request"]["context"].get_mut(key);
        if let Some((value, date)) = value.and_then(|value| other(value.as_str()?).map(|date| (value, date))) {
            *value = date.into();
            in_request = true;
        }
    }
    in_tests | in_request
}

/// Seconds since 1970 and dates are the same times.
fn epoch_and_calendar(case: &mut Value) -> bool {
    dates(case, |text| {
        let seconds = text.parse().ok().filter(|_| text.len() > 4)?;
        Some(jiff::Timestamp::from_second(seconds).ok()?.to_string())
    })
}

/// Four digits are a year.
fn year_alone(case: &mut Value) -> bool {
    dates(case, |text| (text.len() == 4 && text.parse::<u16>().is_ok()).then(|| format!("{text}-01-01")))
}

/// `0.0.0.0/0` is every address of IPv4.
fn every_ipv4_address(case: &mut Value) -> bool {
    tests(case, |test, _, _| {
        let concerned = test.values.iter().any(|value| value == "0.0.0.0/0");
        let halves = || ["0.0.0.0/1".to_owned(), "128.0.0.0/1".to_owned()];
        let split = |value: &String| if value == "0.0.0.0/0" { halves().to_vec() } else { vec![value.clone()] };
        concerned.then(|| vec![Test { values: test.values.iter().flat_map(split).collect(), ..test.clone() }])
    })
}

/// An address without a prefix length is a network of one, whatever the letters it is written with.
fn single_address(case: &mut Value) -> bool {
    tests(case, |test, _, _| {
        let is_single = |value: &String| !value.contains('/');
        let concerned = test.operator.base.ends_with("IpAddress") && test.values.iter().any(is_single);
        let network = |value: &String| match value {
            value if !is_single(value) => value.clone(),
            value if value.contains(':') => format!("{value}/128"),
            value => format!("{value}/32"),
        };
        concerned.then(|| vec![Test { values: test.values.iter().map(network).collect(), ..test.clone() }])
    })
}

/// The resource itself, or nothing, as AWS's rules for wildcards say.
fn exactly(pattern: &str, resource: &str) -> String {
    if matches(pattern, resource) { resource } else { NOTHING }.to_owned()
}

/// A star that ends a segment reaches beyond it, so that a pattern may have fewer segments than the ARN.
fn star_beyond_its_segment(case: &mut Value) -> bool {
    patterns(case, |pattern, at| {
        let segments: Vec<_> = pattern.split(':').collect();
        let inner =
            segments.len() > 1 && segments[..segments.len().min(6) - 1].iter().any(|segment| segment.ends_with('*'));
        let concerned = inner && segments.len() < 6 && !has_variables(pattern);
        concerned.then(|| exactly(pattern, at.resource))
    })
}

/// A wildcard in the part of a resource that names its type.
fn wildcard_in_resource_type(case: &mut Value) -> bool {
    patterns(case, |pattern, at| {
        let own = pattern.splitn(6, ':').nth(5)?;
        let (kind, _) = own.split_once(['/', ':'])?;
        let concerned = kind.contains(['*', '?']) && !pattern.starts_with("arn:aws:s3:::") && !has_variables(pattern);
        concerned.then(|| exactly(pattern, at.resource))
    })
}

/// An ARN of fewer than six parts that a wildcard makes whole, in `NotResource` and in resource control policies.
fn short_arn(case: &mut Value) -> bool {
    patterns(case, |pattern, at| {
        let is_short = pattern.starts_with("arn:") && pattern.split(':').count() < 6 && !has_variables(pattern);
        let concerned = is_short && (at.turned || at.of_resources);
        concerned.then(|| exactly(pattern, at.resource))
    })
}

/// A role is its whole ARN: one of the same name at another path is another role.
fn role_by_its_name(case: &mut Value) -> bool {
    let Some(role) = case.pointer("/request/principal/session/role").and_then(Value::as_str).map(str::to_owned) else {
        return false;
    };
    let name = role.rsplit('/').next().unwrap_or_default().to_owned();
    principals(case, |_, named| {
        let mut changed = false;
        for one in named.iter_mut().filter(|one| one.contains(":role/") && **one != role) {
            if one.rsplit('/').next() == Some(&name) {
                one.clear();
                one.push_str("arn:aws:iam::111122223333:role/nobody");
                changed = true;
            }
        }
        changed
    })
}

/// A deny with `NotPrincipal` leaves out a user only with the user's account, a session only with its role and account.
fn not_principal_alone(case: &mut Value) -> bool {
    let principal = case.pointer("/request/principal").cloned().unwrap_or_default();
    let chain = if let Some(user) = principal["user"].as_str() {
        vec![user.to_owned()]
    } else if let Some(role) = principal["session"]["role"].as_str() {
        let account = role.split(':').nth(4).unwrap_or_default();
        let own = role.rsplit('/').next().unwrap_or_default();
        let name = principal["session"]["name"].as_str().unwrap_or_default();
        vec![role.to_owned(), format!("arn:aws:sts::{account}:assumed-role/{own}/{name}")]
    } else {
        return false;
    };
    let account = chain[0].split(':').nth(4).unwrap_or_default().to_owned();
    let accounts = [account.clone(), format!("arn:aws:iam::{account}:root")];
    principals(case, |is_turned_deny, named| {
        let is_named = |one: &String| chain.contains(one) || accounts.contains(one);
        let whole = chain.iter().all(|link| named.contains(link)) && named.iter().any(|one| accounts.contains(one));
        if !is_turned_deny || whole || !named.iter().any(is_named) {
            return false;
        }
        named.retain(|one| !(chain.contains(one) || accounts.contains(one)));
        if named.is_empty() {
            named.push("arn:aws:iam::111122223333:user/nobody".to_owned());
        }
        true
    })
}

/// What a resource policy gives to the session itself, no session policy takes away. The rest is left out of the rewritten case, so
/// that it is allowed by the resource policy or not at all.
fn session_policy_and_resource_policy(case: &mut Value) -> bool {
    let role = case["request"]["principal"]["session"]["role"].as_str().unwrap_or_default();
    if role.split(':').nth(4) != case["request"]["account"].as_str() {
        return false;
    }
    let policies = &mut case["policies"];
    let session = policies["session"].as_array().cloned().unwrap_or_default();
    if session.is_empty() || policies["resource"].is_null() {
        return false;
    }
    let identity = policies["identity"].as_array().cloned().unwrap_or_default();
    let denies = |policy: Value| {
        let mut policy = policy;
        let statements = policy["document"]["Statement"].as_array_mut().expect("a list of statements");
        statements.retain(|statement| statement["Effect"] == "Deny");
        (!statements.is_empty()).then_some(policy)
    };
    policies["identity"] = identity.into_iter().chain(session).filter_map(denies).collect();
    policies["session"] = json!([]);
    true
}

/// Every role has a trust policy, and without it nobody assumes it.
fn role_without_trust_policy(case: &mut Value) -> bool {
    let is_of_role = case["request"]["resource"].as_str().is_some_and(|resource| resource.contains(":role/"));
    let is_sts = case["request"]["action"].as_str().is_some_and(|action| action.starts_with("sts:"));
    if !is_of_role || !is_sts || !case["policies"]["resource"].is_null() {
        return false;
    }
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": "nobody.amazonaws.com"}, "Action": "sts:AssumeRole"});
    case["policies"]["resource"] =
        json!({"name": "trust", "document": {"Version": VARIABLES, "Statement": [statement]}});
    true
}

/// The case in the words of all kinds together, and of all but the one that leaves policies out.
pub(crate) fn together(case: &Value) -> [Value; 2] {
    ["", "session-policy-and-resource-policy"].map(|but| {
        let mut case = case.clone();
        for (_, rewrite) in KINDS.iter().filter(|(name, _)| *name != but) {
            rewrite(&mut case);
        }
        case
    })
}

/// How many statements of a case have this element or operator; for showing that the cases have everything.
pub(crate) fn count(case: &mut Value, found: &mut Map<String, Value>) {
    let mut names = Vec::new();
    statements(case, |statement, _| {
        names.extend(statement.keys().cloned());
        if let Some(block) = statement.get("Condition").and_then(Value::as_object) {
            names.extend(block.keys().cloned());
        }
        false
    });
    for name in names {
        let count = found.get(&name).and_then(Value::as_u64).unwrap_or_default();
        found.insert(name, (count + 1).into());
    }
}
