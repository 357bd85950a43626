//! Whole policies, held against what the design grants: nothing more may be allowed, and nothing less.

use crate::{
    policy::{Condition, Principal, Statement, glob},
    world::{Judged, ensure},
};

/// What is granted: these actions, on these resources, under exactly these conditions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grant {
    /// Whom; nobody in the policies of a role, which speak of the role.
    principals: Vec<Principal>,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

impl Grant {
    pub(crate) fn of<A: AsRef<str>, R: Into<String>>(
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            actions: actions.into_iter().map(|action| action.as_ref().to_lowercase()).collect(),
            resources: resources.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn to(mut self, principal: Principal) -> Self {
        self.principals.push(principal);
        self
    }

    pub(crate) fn when<V: Into<String>>(
        mut self,
        operator: &str,
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.conditions.push(Condition { operator: operator.into(), key: key.into(), values });
        self
    }

    /// Whether what a statement says of one action pattern and one resource pattern lies within.
    fn holds(&self, statement: &Statement, action: &str, resource: &str) -> bool {
        // a pattern lies within another when the other matches its text: neither has a `?`
        self.actions.iter().any(|granted| glob(granted, &action.to_lowercase()))
            && self.resources.iter().any(|granted| glob(granted, resource))
            && self.is_for(statement)
    }

    fn is_for(&self, statement: &Statement) -> bool {
        same(&self.principals, &statement.whom(), PartialEq::eq)
            && same(&self.conditions, &statement.conditions, |a, b| {
                a.operator == b.operator
                    && a.key.eq_ignore_ascii_case(&b.key)
                    && same(&a.values, &b.values, PartialEq::eq)
            })
    }

    fn given_by(&self, statements: &[Statement], action: &str, resource: &str) -> bool {
        let gives = |s: &Statement| s.allow && s.turned.is_none() && self.is_for(s);
        statements.iter().any(|s| gives(s) && s.acts(action) && s.covers(resource))
    }
}

fn same<T>(a: &[T], b: &[T], equal: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| equal(x, y)))
}

/// Fails at the first right that is not among the grants, naming it.
pub(crate) fn nothing_more(statements: &[Statement], grants: &[Grant]) -> Judged {
    for statement in statements.iter().filter(|statement| statement.allow) {
        let sid = &statement.sid;
        let turned = statement.turned.unwrap_or_default();
        ensure!(turned.is_empty(), "statement {sid} allows by {turned}: everything but what it names");
        ensure!(!statement.actions.is_empty(), "statement {sid} allows what we do not understand");
        ensure!(!statement.resources.is_empty(), "statement {sid} is for resources that we do not understand");
        for action in &statement.actions {
            for resource in &statement.resources {
                let granted = grants.iter().any(|grant| grant.holds(statement, action, resource));
                let to = told(&statement.whom());
                let when = told(&statement.conditions);
                ensure!(granted, "statement {sid} allows {action} on `{resource}`{to}{when}, which nothing grants");
            }
        }
    }
    Ok(())
}

/// As [`nothing_more`], and everything granted is there, and nothing is taken away again by a `Deny`.
pub(crate) fn exactly(statements: &[Statement], grants: &[Grant]) -> Judged {
    nothing_more(statements, grants)?;
    let denying = statements.iter().find(|statement| !statement.allow);
    ensure!(denying.is_none(), "statement {} denies what is granted", denying.map_or("", |s| &s.sid));
    for grant in grants {
        for action in &grant.actions {
            for resource in &grant.resources {
                let given = grant.given_by(statements, action, resource);
                let (to, when) = (told(&grant.principals), told(&grant.conditions));
                ensure!(given, "no statement allows {action} on `{resource}`{to}{when}");
            }
        }
    }
    Ok(())
}

fn told<T: std::fmt::Debug>(of: &[T]) -> String {
    if of.is_empty() { String::new() } else { format!(" {of:?}") }
}

#[cfg(test)]
mod tests {
    use super::{Grant, exactly, nothing_more};
    use crate::policy::statements;

    fn grants() -> [Grant; 2] {
        [
            Grant::of(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::b/*"]),
            Grant::of(["kms:Decrypt"], ["k"]).when("StringEquals", "kms:ViaService", ["s3"]),
        ]
    }

    fn verdict(more: &str) -> Result<(), String> {
        let objects = r#"{"Effect":"Allow","Action":["s3:Get*","s3:PutObject"],"Resource":"arn:aws:s3:::b/*"}"#;
        let objects = objects.replace("s3:Get*", "s3:GetObject");
        let key = r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"k","Condition":{"StringEquals":{"kms:viaService":"s3"}}}"#;
        let policy = format!(r#"{{"Statement":[{objects},{key}{more}]}}"#);
        exactly(&statements(&policy).expect("it is a policy"), &grants()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_is_granted_is_enough() {
        assert_eq!(verdict(""), Ok(()));
        assert_eq!(verdict(r#",{"Effect":"Allow","Action":"s3:getobject","Resource":"arn:aws:s3:::b/a*"}"#), Ok(()));
    }

    #[test]
    fn whatever_is_more_is_named() {
        for (more, named) in [
            (r#"{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"arn:aws:*:*:*:*"}"#, "iam:PutRolePolicy"),
            (r#"{"Effect":"Allow","Action":"*","Resource":"k"}"#, "allows *"),
            (r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}"#, "s3:*"),
            (r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::*"}"#, "arn:aws:s3:::*"),
            (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, "NotAction"),
            (r#"{"Effect":"Allow","Action":"s3:GetObject","NotResource":"a"}"#, "NotResource"),
            (r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"k"}"#, "kms:Decrypt"),
            (r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#, "denies"),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
                "Everybody",
            ),
        ] {
            let said = verdict(&format!(",{more}")).expect_err(more);
            assert!(said.contains(named), "{more}: {said}");
        }
    }

    #[test]
    fn whatever_is_less_is_named() {
        let said = exactly(&statements(r#"{"Statement":[]}"#).expect("it is a policy"), &grants());
        assert!(said.is_err_and(|failure| failure.to_string().contains("s3:getobject")));
        assert!(nothing_more(&[], &grants()).is_ok());
    }
}
