use super::*;

fn state(dir: &Path) -> State {
    State {
        dir: dir.join("state"),
        environment: "local".to_owned(),
        passphrase: dir.join("local.passphrase"),
        settings: dir.join("Pulumi.local.yaml"),
    }
}

/// A process that looks like an engine, for so long.
fn engine(seconds: &str) -> std::process::Child {
    use std::os::unix::process::CommandExt;
    let child = std::process::Command::new("sleep").arg0("/somewhere/pulumi").arg(seconds).spawn().expect("sleep");
    // a process that was started a moment ago has no command line yet
    while !is_engine(child.id()) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[tokio::test]
async fn a_lock_that_the_engine_of_a_killed_run_makes_while_it_is_waited_for_is_removed() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = state(dir.path());
    let locks = state.dir.join(format!(".pulumi/locks/organization/{PROJECT}/local"));
    std::fs::create_dir_all(&locks).expect("the folder of locks");
    let mut child = engine("30");
    let pid = child.id();
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        std::fs::write(locks.join("a.json"), format!("{{\"pid\": {pid}}}")).expect("a lock");
        child.kill().and_then(|()| child.wait()).expect("it ends");
        locks
    });
    let broken = Run { engine: Some(pid), ..Run::default() };
    state.clear_locks(Some(&broken), dir.path(), &|_| ()).await.expect("nothing is at work");
    let locks = late.join().expect("the lock was made");
    assert_eq!(std::fs::read_dir(locks).expect("the folder").count(), 0);
}

#[tokio::test]
async fn an_engine_that_nobody_killed_keeps_its_lock() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = state(dir.path());
    let locks = state.dir.join(format!(".pulumi/locks/organization/{PROJECT}/local"));
    std::fs::create_dir_all(&locks).expect("the folder of locks");
    let mut child = engine("30");
    std::fs::write(locks.join("a.json"), format!("{{\"pid\": {}}}", child.id())).expect("a lock");
    let refused = state.clear_locks(None, dir.path(), &|_| ()).await;
    child.kill().and_then(|()| child.wait()).expect("it is ended");
    assert_eq!(refused.expect_err("it is at work").exit, Exit::Busy);
    assert!(locks.join("a.json").exists());
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
fn a_wrong_passphrase_has_a_way_out() {
    let state = state(Path::new("/zone"));
    let hint = state.way_out("error: could not create secrets manager: incorrect passphrase").expect("a way out");
    assert!(hint.contains("/zone/local.passphrase") && hint.contains("/zone/Pulumi.local.yaml"), "{hint}");
    assert_eq!(state.way_out("error: no space left on device"), None);
}
