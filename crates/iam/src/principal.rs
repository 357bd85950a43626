//! Who asks, and whom a policy names.

use serde::Deserialize;

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// The root user of an account, by its twelve digits.
    Root(String),
    /// A user of IAM, or a federated user's session (`arn:aws:sts::..:federated-user/..`), by its ARN.
    User(String),
    /// A session of a role.
    Session {
        /// The role's ARN, with its path.
        role: String,
        /// The session's name.
        name: String,
    },
    /// An AWS service: `events.amazonaws.com`.
    Service(String),
    /// Somebody whom an identity provider vouches for, before there is a session: the provider's ARN or name.
    Federated(String),
    /// Nobody in particular: the request is not signed.
    Anonymous,
}

impl Principal {
    /// The account that it belongs to.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Root(account) => Some(account),
            Self::User(arn) | Self::Session { role: arn, .. } => arn.split(':').nth(4),
            Self::Service(_) | Self::Federated(_) | Self::Anonymous => None,
        }
    }

    /// Its own ARN, of a session that of the session.
    pub fn arn(&self) -> Option<String> {
        match self {
            Self::Root(account) => Some(format!("arn:aws:iam::{account}:root")),
            Self::User(arn) => Some(arn.clone()),
            Self::Session { role, name } => {
                let (account, path) = (self.account()?, role.splitn(6, ':').nth(5)?);
                let role = path.rsplit('/').next()?;
                Some(format!("arn:{}:sts::{account}:assumed-role/{role}/{name}", self.partition()))
            }
            Self::Service(_) | Self::Federated(_) | Self::Anonymous => None,
        }
    }

    fn partition(&self) -> &str {
        match self {
            Self::User(arn) | Self::Session { role: arn, .. } => arn.split(':').nth(1).unwrap_or("aws"),
            _ => "aws",
        }
    }

    /// What `aws:PrincipalArn` is: of a session the ARN of the role.
    pub fn principal_arn(&self) -> Option<String> {
        match self {
            Self::Session { role, .. } => Some(role.clone()),
            other => other.arn(),
        }
    }

    /// Whether it is a session of a role that a service made for itself, which service control policies and resource control
    /// policies never bind.
    pub fn is_service_linked(&self) -> bool {
        matches!(self, Self::Session { role, .. } if role.contains(":role/aws-service-role/"))
    }
}

/// How much a policy that names somebody says of the one who asks, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// The account: its own policies decide who in it may.
    Account,
    /// The role of the session.
    Role,
    /// Everybody, or everybody but some.
    Everybody,
    /// The principal itself.
    Itself,
}

/// One name in a policy's `Principal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    Everybody,
    Account(String),
    /// A user, a role or a session.
    Arn(String),
    /// The unique id that AWS puts in the place of a principal that was deleted: it names nobody any more.
    Gone(String),
    Service(String),
    Federated(String),
    /// The owner of a bucket by S3's own number, which no request here has.
    Canonical(String),
}

impl Named {
    /// Reads one name of a kind: `AWS`, `Service`, `Federated` or `CanonicalUser`.
    pub(crate) fn parse(kind: &str, name: &str) -> Result<Self, String> {
        let name = name.to_owned();
        match kind {
            "AWS" if name == "*" => Ok(Self::Everybody),
            "AWS" if is_account(&name) => Ok(Self::Account(name)),
            "AWS" if is_unique_id(&name) => Ok(Self::Gone(name)),
            "AWS" => {
                let parts: Vec<_> = name.splitn(6, ':').collect();
                match parts[..] {
                    ["arn", _, "iam", "", account, "root"] if is_account(account) => {
                        Ok(Self::Account(account.to_owned()))
                    }
                    ["arn", _, "iam" | "sts", "", account, rest] if is_account(account) => {
                        if rest.contains(['*', '?']) {
                            return Err(format!(
                                "`{name}` has a wildcard, which `Principal` does not take inside an ARN"
                            ));
                        }
                        Ok(Self::Arn(name))
                    }
                    _ => Err(format!("`{name}` is neither an account nor the ARN of a user, a role or a session")),
                }
            }
            "Service" if name.contains('.') || name == "*" => Ok(Self::Service(name)),
            "Service" => Err(format!("`{name}` is not the name of a service, such as `lambda.amazonaws.com`")),
            "Federated" => Ok(Self::Federated(name)),
            "CanonicalUser" => Ok(Self::Canonical(name)),
            _ => Err(format!("`{kind}` is not a kind of principal")),
        }
    }

    /// What it says of the one who asks.
    pub(crate) fn names(&self, principal: &Principal) -> Option<Naming> {
        match (self, principal) {
            (Self::Everybody, _) => Some(Naming::Everybody),
            (Self::Account(account), principal) if principal.account() == Some(account) => match principal {
                Principal::Root(_) => Some(Naming::Itself),
                _ => Some(Naming::Account),
            },
            (Self::Arn(arn), Principal::User(user)) if arn == user => Some(Naming::Itself),
            (Self::Arn(arn), Principal::Session { role, .. }) if arn == role => Some(Naming::Role),
            (Self::Arn(arn), Principal::Session { .. }) if principal.arn().as_ref() == Some(arn) => {
                Some(Naming::Itself)
            }
            (Self::Service(name), Principal::Service(service)) if name == service || name == "*" => {
                Some(Naming::Itself)
            }
            (Self::Federated(name), Principal::Federated(provider)) if name == provider => Some(Naming::Itself),
            _ => None,
        }
    }
}

impl Named {
    /// Somebody who is named so; nobody for what names nobody.
    pub(crate) fn sample(&self, other: &str) -> Option<Principal> {
        Some(match self {
            Self::Everybody => Principal::Anonymous,
            Self::Account(account) => Principal::User(format!("arn:aws:iam::{account}:user/{other}")),
            Self::Arn(arn) if arn.contains(":role/") => {
                Principal::Session { role: arn.clone(), name: other.to_owned() }
            }
            Self::Arn(arn) => match arn.split(":assumed-role/").collect::<Vec<_>>()[..] {
                [before, session] => {
                    let (role, name) = session.split_once('/')?;
                    let role = format!("{}:role/{role}", before.replace(":sts:", ":iam:"));
                    Principal::Session { role, name: name.to_owned() }
                }
                _ => Principal::User(arn.clone()),
            },
            Self::Service(name) if name == "*" => Principal::Service(format!("{other}.amazonaws.com")),
            Self::Service(name) => Principal::Service(name.clone()),
            Self::Federated(name) => Principal::Federated(name.clone()),
            Self::Gone(_) | Self::Canonical(_) => return None,
        })
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `AROA..`, `AIDA..`: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `Principal` or `NotPrincipal` of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principals {
    pub(crate) turned: bool,
    pub(crate) named: Vec<Named>,
}

impl Principals {
    /// What they say of the one who asks; nothing where they leave it out.
    ///
    /// `NotPrincipal` leaves out a user only where it names the account as well, and a session only where it names the session,
    /// the role and the account:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html> (2026-11-26)
    pub(crate) fn say_of(&self, principal: &Principal, is_deny: bool) -> Option<Naming> {
        if !self.turned {
            return self.named.iter().filter_map(|named| named.names(principal)).max();
        }
        let names = |naming: Naming| self.named.iter().any(|named| named.names(principal) == Some(naming));
        let excepted = match principal {
            _ if names(Naming::Everybody) => true,
            Principal::User(_) if is_deny => names(Naming::Itself) && names(Naming::Account),
            Principal::Session { .. } if is_deny => {
                names(Naming::Itself) && names(Naming::Role) && names(Naming::Account)
            }
            _ => self.named.iter().any(|named| named.names(principal).is_some()),
        };
        (!excepted).then_some(Naming::Everybody)
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Naming, Principal, Principals};

    fn session() -> Principal {
        Principal::Session { role: "arn:aws:iam::111122223333:role/team/app".into(), name: "s".into() }
    }

    #[test]
    fn a_session_has_a_role_and_an_arn_of_its_own() {
        let session = session();
        assert_eq!(session.arn().as_deref(), Some("arn:aws:sts::111122223333:assumed-role/app/s"));
        assert_eq!(session.principal_arn().as_deref(), Some("arn:aws:iam::111122223333:role/team/app"));
        assert_eq!(session.account(), Some("111122223333"));
        let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
        assert!(Principal::Session { role: linked.into(), name: "s".into() }.is_service_linked());
        assert!(!session.is_service_linked());
    }

    #[test]
    fn who_is_named_and_how() {
        let names = |kind: &str, name: &str, who: &Principal| Named::parse(kind, name).expect(name).names(who);
        let user = Principal::User("arn:aws:iam::111122223333:user/u".into());
        assert_eq!(names("AWS", "*", &Principal::Anonymous), Some(Naming::Everybody));
        assert_eq!(names("AWS", "111122223333", &user), Some(Naming::Account));
        assert_eq!(names("AWS", "arn:aws:iam::111122223333:root", &session()), Some(Naming::Account));
        assert_eq!(
            names("AWS", "arn:aws:iam::111122223333:root", &Principal::Root("111122223333".into())),
            Some(Naming::Itself)
        );
        assert_eq!(names("AWS", "444455556666", &user), None);
        assert_eq!(names("AWS", "arn:aws:iam::111122223333:user/u", &user), Some(Naming::Itself));
        assert_eq!(names("AWS", "arn:aws:iam::111122223333:role/team/app", &session()), Some(Naming::Role));
        assert_eq!(names("AWS", "arn:aws:sts::111122223333:assumed-role/app/s", &session()), Some(Naming::Itself));
        assert_eq!(names("AWS", "AROAEXAMPLEEXAMPLE123", &session()), None);
        assert_eq!(
            names("Service", "sns.amazonaws.com", &Principal::Service("sns.amazonaws.com".into())),
            Some(Naming::Itself)
        );
        assert_eq!(names("Service", "sns.amazonaws.com", &user), None);
        for (kind, name) in [
            ("AWS", "arn:aws:iam::111122223333:role/*"),
            ("AWS", "bob"),
            ("AWS", "arn:aws:s3:::b"),
            ("Service", "lambda"),
            ("Person", "bob"),
        ] {
            assert!(Named::parse(kind, name).is_err(), "{kind} {name}");
        }
    }

    #[test]
    fn not_principal_leaves_out_only_who_is_named_with_all_above_him() {
        let of = |names: &[&str]| Principals {
            turned: true,
            named: names.iter().map(|name| Named::parse("AWS", name).expect("it is a name")).collect(),
        };
        let all =
            ["arn:aws:sts::111122223333:assumed-role/app/s", "arn:aws:iam::111122223333:role/team/app", "111122223333"];
        assert_eq!(of(&all).say_of(&session(), true), None);
        assert_eq!(of(&all[..2]).say_of(&session(), true), Some(Naming::Everybody));
        assert_eq!(of(&all[1..]).say_of(&session(), true), Some(Naming::Everybody));
        assert_eq!(of(&["444455556666"]).say_of(&session(), true), Some(Naming::Everybody));
    }
}
