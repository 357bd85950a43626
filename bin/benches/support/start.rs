//! How long the provider takes from its start to its first answered Check, with nobody to host it.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pulumi::{
    proto::{
        CheckRequest, ConfigureRequest, ProviderHandshakeRequest, resource_provider_client::ResourceProviderClient,
    },
    value::{Map, ToValue, map_into_wire},
};
use rustix::process::{Pid, Signal, kill_process};

use super::ground::{block_on, folder};

/// One start each.
pub(crate) fn starts(count: usize) -> Vec<Duration> {
    let dir = folder();
    let link = dir.path().join("pulumi-resource-aws");
    symlink(env!("CARGO_BIN_EXE_zone"), &link).expect("a link");
    let start = || {
        let began = Instant::now();
        let mut command = Command::new(&link);
        command.env_remove("ZONE_PROVIDER_SOCKET").stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the provider starts");
        let mut port = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut port).expect("a port");
        block_on(ask(port.trim()));
        let took = began.elapsed();
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(pid, Signal::TERM).expect("it lives");
        child.wait().expect("it ends");
        took
    };
    (0..count).map(|_| start()).collect()
}

async fn ask(port: &str) {
    let client = ResourceProviderClient::connect(format!("http://127.0.0.1:{port}")).await;
    let mut client = client.expect("the provider answers");
    client.handshake(ProviderHandshakeRequest::default()).await.expect("a handshake");
    let map = |pairs: &[(&str, &str)]| -> Map { pairs.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect() };
    let args = Some(map_into_wire(map(&[("region", "ap-southeast-2")])));
    client.configure(ConfigureRequest { args, ..Default::default() }).await.expect("configured");
    let news = map(&[("name", "/a"), ("type", "String"), ("insecureValue", "b")]);
    let request = CheckRequest {
        urn: "urn:pulumi:s::p::aws:ssm/parameter:Parameter::a".to_owned(),
        news: Some(map_into_wire(news)),
        ..Default::default()
    };
    let checked = client.check(request).await.expect("checked").into_inner();
    assert!(checked.failures.is_empty(), "{:?}", checked.failures);
}
