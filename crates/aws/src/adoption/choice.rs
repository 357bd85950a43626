//! What the user says is to be adopted: a name or an id, or `NAME=ID`.

/// One of the user's.
#[derive(Debug)]
pub(super) struct Choice {
    /// The name in the program, where the user gave it.
    pub(super) name: Option<String>,
    /// The name or id on AWS.
    pub(super) what: String,
    /// The URN that it turned out to be.
    pub(super) taken: Option<String>,
}

impl Choice {
    /// From what the user gave.
    pub(super) fn of(text: &str) -> Self {
        match text.split_once('=') {
            Some((name, what)) => Self { name: Some(name.to_owned()), what: what.to_owned(), taken: None },
            None => Self { name: None, what: text.to_owned(), taken: None },
        }
    }

    /// As the user gave it.
    pub(super) fn text(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}={}", self.what),
            None => self.what.clone(),
        }
    }

    /// Whether it means the resource of this name in the program, which has this id.
    pub(super) fn is(&self, name: &str, id: &str) -> bool {
        self.name.as_deref().is_none_or(|chosen| chosen == name) && means(&self.what, id)
    }
}

/// The name in an id that is an ARN or a URL; else the id itself.
pub(super) fn short(id: &str) -> &str {
    let is_long = id.starts_with("arn:") || id.starts_with("http://") || id.starts_with("https://");
    if !is_long {
        return id;
    }
    id.rsplit(['/', ':']).next().unwrap_or(id)
}

/// Whether a choice means the one with this id.
pub fn means(what: &str, id: &str) -> bool {
    // the name of a log group, an alias or a parameter has slashes of its own
    id == what || short(id) == what || (id.starts_with("arn:") && id.ends_with(&format!("/{what}")))
}

/// Whether a choice means all that another one means.
pub fn covers(choice: &str, other: &str) -> bool {
    let (choice, other) = (Choice::of(choice), Choice::of(other));
    let same_name = choice.name.is_none() || other.name.is_none() || choice.name == other.name;
    same_name && (means(&choice.what, &other.what) || means(&other.what, &choice.what))
}

/// What adopts the one with this id: as short as it can be said.
pub fn choice_of(id: &str) -> &str {
    short(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_covers_another_form_of_it() {
        for (choice, other) in [
            ("vpc-1", "vpc=vpc-1"),
            ("vpc=vpc-1", "vpc-1"),
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/orders-dlq", "orders-dlq"),
            ("orders-dlq", "orders-dlq"),
        ] {
            assert!(covers(choice, other), "{choice} covers {other}");
        }
        for (choice, other) in [("a=vpc-1", "b=vpc-1"), ("vpc-1", "vpc-2"), ("orders", "orders-dlq")] {
            assert!(!covers(choice, other), "{choice} does not cover {other}");
        }
    }

    #[test]
    fn a_choice_means_a_resource_by_its_name_or_id() {
        let url = "https://sqs.ap-southeast-2.amazonaws.com/111122223333/orders-dlq";
        let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        for (what, id) in [
            ("orders-dlq", url),
            (url, url),
            ("token.actions.githubusercontent.com", provider),
            ("acme-documents-dev", "acme-documents-dev"),
            ("alias/acme/secret", "alias/acme/secret"),
            ("alerts", "arn:aws:sns:ap-southeast-2:111122223333:alerts"),
        ] {
            assert!(means(what, id), "{what} means {id}");
            assert!(!means(&format!("{what}x"), id), "{what}x does not mean {id}");
            assert!(means(short(id), id), "the short form of {id} means it");
        }
        assert!(!means("secret", "alias/acme/secret"), "a part of a name is no name");
    }
}
