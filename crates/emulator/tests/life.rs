//! The life of real emulators. Their packages are installed once into `.zone/tools` of this repository, or into
//! the directory that `ZONE_TOOLS` names.

use std::{env, fs, path::PathBuf, sync::Mutex, time::Duration};

use emulator::{Error, Places, start, status, stop};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const MEMBER: &str = "647751526084";

/// A run directory whose emulator ends with the test.
struct Zone {
    places: Places,
    _run: tempfile::TempDir,
}

impl Zone {
    fn new() -> Self {
        let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.zone/tools");
        let run = tempfile::tempdir().unwrap();
        let tools = env::var_os("ZONE_TOOLS").map_or_else(|| PathBuf::from(shared), PathBuf::from);
        Self { places: Places { tools, run: run.path().to_owned() }, _run: run }
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        let places = self.places.clone();
        let stopping = move || {
            tokio::runtime::Runtime::new().map(|runtime| runtime.block_on(stop(&places)).is_ok())
        };
        // a runtime cannot be entered inside another: a thread of its own
        let stopped = std::thread::spawn(stopping).join();
        assert!(std::thread::panicking() || matches!(stopped, Ok(Ok(true))), "{stopped:?}");
    }
}

fn quiet(_: &str) {}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[tokio::test]
async fn start_status_stop_and_each_twice() {
    let zone = Zone::new();
    assert_eq!(status(&zone.places).await.unwrap(), None);
    assert_eq!(stop(&zone.places).await.unwrap(), None);

    let (first, now) = start(&zone.places, MEMBER, &quiet).await.unwrap();
    assert!(now);
    assert_eq!(first.accounts.member, MEMBER);
    assert_eq!(start(&zone.places, MEMBER, &quiet).await.unwrap(), (first.clone(), false));
    assert_eq!(status(&zone.places).await.unwrap(), Some(first.clone()));

    let other = start(&zone.places, "111111111111", &quiet).await.unwrap_err();
    assert!(matches!(&other, Error::OtherMember { running, .. } if running == MEMBER), "{other}");

    assert_eq!(stop(&zone.places).await.unwrap(), Some(first.clone()));
    assert_eq!(stop(&zone.places).await.unwrap(), None);
    assert_eq!(status(&zone.places).await.unwrap(), None);

    let (second, now) = start(&zone.places, "111111111111", &quiet).await.unwrap();
    assert!(now && second.instance != first.instance);
}

#[tokio::test]
async fn a_killed_one_is_noticed_and_a_silent_one_replaced() {
    let zone = Zone::new();
    let (first, _) = start(&zone.places, MEMBER, &quiet).await.unwrap();
    kill(first.pid);
    while status(&zone.places).await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (second, now) = start(&zone.places, MEMBER, &quiet).await.unwrap();
    assert!(now && second.instance != first.instance);

    // the process lives, but nobody answers where it should
    let json = zone.places.run.join("emulator.json");
    let elsewhere =
        fs::read_to_string(&json).unwrap().replace(&second.endpoint, "http://127.0.0.1:1");
    fs::write(&json, elsewhere).unwrap();
    let silent = status(&zone.places).await.unwrap_err();
    assert!(matches!(silent, Error::Silent { pid, .. } if pid == second.pid), "{silent}");
    let said = Mutex::new(String::new());
    let (third, now) =
        start(&zone.places, MEMBER, &|line| said.lock().unwrap().push_str(line)).await.unwrap();
    assert!(now && third.pid != second.pid);
    assert!(
        said.into_inner()
            .unwrap()
            .contains(&format!("replacing the emulator with pid {}", second.pid))
    );
}

#[tokio::test]
async fn two_starts_at_once_and_a_start_cut_short_end_in_one_emulator() {
    let zone = Zone::new();
    let cut =
        tokio::time::timeout(Duration::from_millis(150), start(&zone.places, MEMBER, &quiet)).await;
    let places = [zone.places.clone(), zone.places.clone()];
    let (one, two) =
        tokio::join!(start(&places[0], MEMBER, &quiet), start(&places[1], MEMBER, &quiet));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.0, two.0);
    // the cut one either left its server or never came so far
    assert!(cut.is_err() && !(one.1 && two.1));
}

#[tokio::test]
async fn a_server_that_dies_says_why() {
    let zone = Zone::new();
    let error = start(&zone.places, "123456789012", &quiet).await.unwrap_err();
    assert!(matches!(error, Error::Start { .. }));
    let text = error.to_string();
    assert!(
        text.contains("exit status: 1\n")
            && text.contains("management account: give it another id"),
        "{text}"
    );
    assert!(error.hint().unwrap().ends_with("emulator.log`"));
    assert!(matches!(start(&zone.places, "12", &quiet).await, Err(Error::Member { .. })));
}

/// Sends one request and returns the answer's body, leaving the connection open.
async fn call(
    connection: &mut BufReader<TcpStream>,
    service: &str,
    headers: &str,
    body: &str,
) -> String {
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{headers}\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=any/20260101/ap-southeast-2/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert!(connection.read_line(&mut line).await.unwrap() > 0, "the connection was closed");
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut answer = vec![0; length];
    connection.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn one_connection_serves_an_organization_with_the_member_in_it() {
    let zone = Zone::new();
    let (emulator, _) = start(&zone.places, MEMBER, &quiet).await.unwrap();
    let host = emulator.endpoint.trim_start_matches("http://");
    let mut connection = BufReader::new(TcpStream::connect(host).await.unwrap());

    let json = "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSOrganizationsV20161128.ListAccounts";
    let accounts = call(&mut connection, "organizations", json, "{}").await;
    assert!(
        accounts.contains(MEMBER) && accounts.contains(&emulator.accounts.management),
        "{accounts}"
    );

    let form = "Content-Type: application/x-www-form-urlencoded";
    let caller =
        call(&mut connection, "sts", form, "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert!(
        caller.contains(&format!("<Account>{}</Account>", emulator.accounts.management)),
        "{caller}"
    );

    let role = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn=arn:aws:iam::{MEMBER}:role/{}",
        emulator.role
    );
    let assumed = call(&mut connection, "sts", form, &role).await;
    assert!(assumed.contains(&format!(":sts::{MEMBER}:assumed-role/")), "{assumed}");
}
