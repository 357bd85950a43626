//! This executable as a plugin of an engine that `zone` does not drive.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::fs::symlink,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::Zone;

#[test]
fn a_plugin_ends_with_the_engine_that_started_it() {
    let zone = Zone::minimal();
    for name in ["pulumi-language-zone", "pulumi-resource-aws"] {
        let plugin = zone.path(name);
        symlink(env!("CARGO_BIN_EXE_zone"), &plugin).expect("a link");
        // a shell stands for the engine; it lives until it is killed
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" & read line"]).arg(&plugin).env("ZONE_ROOT", zone.path(""));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut engine = command.spawn().expect("a shell");
        let mut said = BufReader::new(engine.stdout.take().expect("it is piped")).lines();
        let port: u16 = said.next().expect("a line").expect("text").parse().expect("a port");
        let is_there = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        // several looks for its parent later
        std::thread::sleep(Duration::from_secs(3));
        assert!(is_there(), "{name} lives as long as its engine");
        engine.kill().expect("it is killed");
        engine.wait().expect("its end");
        let killed = Instant::now();
        while is_there() {
            assert!(killed.elapsed() < Duration::from_secs(20), "{name} is left");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
