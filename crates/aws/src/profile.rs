//! Profiles that the AWS SDK for Rust cannot use, told with the way out.
//!
//! It asks nobody for the code of an MFA device: of a profile with `mfa_serial` it assumes the role without one,
//! and AWS answers `AccessDenied`. Profiles of `aws login` (`login_session`) take a feature that is not built in.
//! See <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html> (2026-11-25).

use std::{fs, path::PathBuf};

/// What keeps a profile from giving credentials, and what to do instead; `None` where nothing is known to.
/// Without files, those of the environment are looked at.
pub fn trouble(profile: Option<&str>, files: &[String]) -> Option<String> {
    let chosen = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let name = profile.map(str::to_owned).or(chosen).unwrap_or_else(|| "default".to_owned());
    let paths: Vec<PathBuf> =
        if files.is_empty() { usual().into_iter().collect() } else { files.iter().map(PathBuf::from).collect() };
    let text: String = paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect::<Vec<_>>().join("\n");
    trouble_in(&text, &name)
}

fn usual() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    of("AWS_CONFIG_FILE").or_else(|| Some(of("HOME")?.join(".aws/config")))
}

fn trouble_in(text: &str, name: &str) -> Option<String> {
    let export = format!(
        "run `eval \"$(aws configure export-credentials --profile {name} --format env)\"`, and take the profile out of \
         the configuration; or use a profile of `aws sso login`"
    );
    let mut at = name.to_owned();
    // a profile may take its credentials from another, and that from a third
    for _ in 0..5 {
        if value(text, &at, "mfa_serial").is_some() {
            return Some(format!(
                "profile `{at}` has an MFA device (mfa_serial), whose code cannot be asked for: {export}"
            ));
        }
        if value(text, &at, "login_session").is_some() {
            return Some(format!(
                "profile `{at}` is one of `aws login` (login_session), which is not supported: {export}"
            ));
        }
        at = value(text, &at, "source_profile").filter(|source| *source != at)?.to_owned();
    }
    None
}

/// The value of a key in the section of a profile.
fn value<'t>(text: &'t str, profile: &str, key: &str) -> Option<&'t str> {
    let mut inside = false;
    for line in text.lines() {
        if let Some(section) = line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let section = section.trim();
            inside = section.strip_prefix("profile ").map_or(section, str::trim) == profile;
        } else if let (true, Some((name, value))) = (inside, line.split_once('='))
            && name.trim() == key
            && !value.trim().is_empty()
        {
            return Some(value.trim());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_cannot_be_used_is_told_with_the_way_out() {
        let text = "[default]\nregion = eu-central-1\n[profile mfa]\nrole_arn = r\nmfa_serial = arn:aws:iam::1:mfa/me\n\
                    [profile through]\nsource_profile = mfa\n[profile login]\nlogin_session = arn:aws:iam::1:user/me\n\
                    [profile round]\nsource_profile=round\n[profile sso]\nsso_session = s\n";
        let mfa = trouble_in(text, "mfa").expect("trouble");
        assert!(mfa.contains("mfa_serial") && mfa.contains("export-credentials --profile mfa --format env"), "{mfa}");
        let through = trouble_in(text, "through").expect("trouble");
        assert!(through.contains("profile `mfa`") && through.contains("--profile through"), "{through}");
        assert!(trouble_in(text, "login").expect("trouble").contains("login_session"));
        for fine in ["default", "round", "sso", "nowhere"] {
            assert_eq!(trouble_in(text, fine), None, "{fine}");
        }
    }
}
