use super::*;

fn state(dir: &Path) -> State {
    let store = Arc::new(Folder::new(&dir.join("state")));
    State {
        stack: Stack { store, project: crate::subject::ZONE.to_owned(), name: "local".to_owned() },
        dir: Some(dir.join("state")),
        passphrase: dir.join("local.passphrase"),
        kept: None,
        settings: dir.join("Pulumi.local.yaml"),
    }
}

#[test]
fn settings_whose_passphrase_is_gone_are_kept_aside() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = state(dir.path());
    assert_eq!(state.set_settings_aside().expect("nothing to do"), None);
    std::fs::write(&state.settings, "encryptionsalt: v1:a").expect("settings");
    let aside = state.set_settings_aside().expect("set aside").expect("a path");
    assert_eq!(std::fs::read_to_string(aside).expect("kept"), "encryptionsalt: v1:a");
    assert!(!state.settings.exists());
}

#[test]
fn a_state_without_its_passphrase_is_refused_and_no_state_gets_a_new_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = state(dir.path());
    let refused = state.prepare_passphrase(true).expect_err("there is a state, and no passphrase");
    assert!(refused.message.contains("local.passphrase"), "{}", refused.message);
    assert_eq!(state.prepare_passphrase(false).expect("a new one"), None);
    assert_eq!(state.prepare_passphrase(true).expect("it is there"), None);
}

#[test]
fn a_wrong_passphrase_has_a_way_out() {
    let state = state(Path::new("/zone"));
    let hint = state.way_out("error: could not create secrets manager: incorrect passphrase").expect("a way out");
    assert!(hint.contains("/zone/local.passphrase") && hint.contains("/zone/Pulumi.local.yaml"), "{hint}");
    assert_eq!(state.way_out("error: no space left on device"), None);
}

#[test]
fn a_passphrase_that_is_kept_elsewhere_comes_after_a_file_and_nothing_prints_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let kept = state(dir.path()).with_passphrase(Some(Ok(Passphrase::new("s3cret\n"))));
    assert_eq!(kept.secrets(), [(PASSPHRASE.to_owned(), "s3cret".to_owned())]);
    assert!(kept.has_passphrase() && !kept.has_own_passphrase());
    assert_eq!(kept.prepare_passphrase(true).expect("it is there"), None);
    kept.make_passphrase_if_missing().expect("it is there");
    assert!(!kept.passphrase.exists(), "no file is made");
    assert!(!format!("{kept:?}").contains("s3cret"), "{kept:?}");
    assert!(kept.for_plain_pulumi().iter().all(|(_, value)| !value.contains("s3cret")), "it is not for printing");
    let hint = kept.way_out("error: incorrect passphrase").expect("a way out");
    assert!(hint.contains("`passphrase_secret`"), "{hint}");

    let unread = state(dir.path()).with_passphrase(Some(Err(Failure::new(Exit::Setup, "no such secret"))));
    for refused in [unread.prepare_passphrase(true), unread.prepare_passphrase(false)] {
        assert_eq!(refused.expect_err("it is needed").message, "no such secret");
    }
    assert_eq!(unread.make_passphrase_if_missing().expect_err("it is needed").message, "no such secret");
    assert!(!unread.passphrase.exists(), "no other one is made instead");

    std::fs::write(&kept.passphrase, "of this machine").expect("a file");
    assert!(kept.has_own_passphrase());
    assert_eq!(kept.secrets()[0].0, "PULUMI_CONFIG_PASSPHRASE_FILE");
    assert_eq!(kept.new_passphrase().expect("it is there"), "of this machine");
    assert_eq!(unread.prepare_passphrase(true).expect("it is there"), None);
}

#[tokio::test]
async fn an_engine_that_is_killed_has_a_cause_and_a_way_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = async |script: &str| pulumi(Path::new("/bin/sh"), dir.path(), &[], &["-c", script], None).await;
    assert_eq!(run("echo done").await, Ok("done\n".to_owned()));
    assert_eq!(run("echo why >&2; exit 1").await, Err("why".to_owned()));
    let asks = ["-c", "read answer; echo \"$answer\""];
    let answered = pulumi(Path::new("/bin/sh"), dir.path(), &[], &asks, Some("corr3ct")).await;
    assert_eq!(answered, Ok("corr3ct\n".to_owned()), "who asks is answered");
    let killed = run("kill -KILL $$").await.expect_err("it was killed");
    assert_eq!(killed, "the engine ended without a message (signal: 9 (SIGKILL))");
    assert!(state(dir.path()).way_out(&killed).is_some_and(|hint| hint.contains("run the command again")));
}
