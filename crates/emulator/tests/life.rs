//! The life of real emulators, and some of what `missing.py` adds to moto. Their packages are installed once into `.zone/tools` of this repository, or into
//! the directory that `ZONE_TOOLS` names.

use std::{env, fs, path::PathBuf, sync::Mutex, time::Duration};

use emulator::{Error, Places, start, start_for_tests, status, stop};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const MEMBER: &str = "333344445555";

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
        Self { places: Places { tools, run: run.path().to_owned(), decider: None }, _run: run }
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        let places = self.places.clone();
        let stopping = move || tokio::runtime::Runtime::new().map(|runtime| runtime.block_on(stop(&places)).is_ok());
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

    let (first, now) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    assert!(now);
    assert_eq!(first.accounts.member, MEMBER);
    assert_eq!(start(&zone.places, MEMBER, None, &quiet).await.unwrap(), (first.clone(), false));
    assert_eq!(status(&zone.places).await.unwrap(), Some(first.clone()));

    let other = start(&zone.places, "111111111111", None, &quiet).await.unwrap_err();
    assert!(matches!(&other, Error::OtherMember { running, .. } if running == MEMBER), "{other}");

    assert_eq!(stop(&zone.places).await.unwrap(), Some(first.clone()));
    assert_eq!(stop(&zone.places).await.unwrap(), None);
    assert_eq!(status(&zone.places).await.unwrap(), None);

    let (second, now) = start(&zone.places, "111111111111", Some("222222222222"), &quiet).await.unwrap();
    assert_eq!(second.accounts.management, "222222222222");
    let other = start(&zone.places, "111111111111", Some("333333333333"), &quiet).await.unwrap_err();
    assert!(matches!(&other, Error::OtherMember { asked, .. } if asked == "333333333333"), "{other}");
    assert!(now && second.instance != first.instance);
}

#[tokio::test]
async fn a_killed_one_is_noticed_and_a_silent_one_replaced() {
    let zone = Zone::new();
    let (first, _) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    kill(first.pid);
    while status(&zone.places).await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (second, now) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    assert!(now && second.instance != first.instance);

    // the process lives, but nobody answers where it should
    let json = zone.places.run.join("emulator.json");
    let elsewhere = fs::read_to_string(&json).unwrap().replace(&second.endpoint, "http://127.0.0.1:1");
    fs::write(&json, elsewhere).unwrap();
    let silent = status(&zone.places).await.unwrap_err();
    assert!(matches!(silent, Error::Silent { pid, .. } if pid == second.pid), "{silent}");
    let said = Mutex::new(String::new());
    let (third, now) = start(&zone.places, MEMBER, None, &|line| said.lock().unwrap().push_str(line)).await.unwrap();
    assert!(now && third.pid != second.pid);
    assert!(said.into_inner().unwrap().contains(&format!("replacing the emulator with pid {}", second.pid)));
}

#[tokio::test]
async fn two_starts_at_once_and_a_start_cut_short_end_in_one_emulator() {
    let zone = Zone::new();
    let cut = tokio::time::timeout(Duration::from_millis(150), start(&zone.places, MEMBER, None, &quiet)).await;
    let places = [zone.places.clone(), zone.places.clone()];
    let (one, two) = tokio::join!(start(&places[0], MEMBER, None, &quiet), start(&places[1], MEMBER, None, &quiet));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.0, two.0);
    // the cut one either left its server or never came so far
    assert!(cut.is_err() && !(one.1 && two.1));
}

#[tokio::test]
async fn a_server_that_dies_says_why() {
    let zone = Zone::new();
    let error = start(&zone.places, "123456789012", None, &quiet).await.unwrap_err();
    assert!(matches!(error, Error::Start { .. }));
    let text = error.to_string();
    assert!(text.contains("exit status: 1\n") && text.contains("management account: give it another id"), "{text}");
    assert!(error.hint().unwrap().ends_with("emulator.log`"));
    assert!(matches!(start(&zone.places, "12", None, &quiet).await, Err(Error::Member { .. })));
}

#[tokio::test]
async fn one_for_tests_ends_by_itself() {
    let zone = Zone::new();
    let idle = Duration::from_secs(2);
    let started = start_for_tests(&zone.places, MEMBER, idle, &quiet).await.unwrap();
    // asking it is a request: it lives on for as long as somebody asks
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(status(&zone.places).await.unwrap().as_ref(), Some(&started));
    }
    let log = zone.places.run.join("emulator.log");
    while !fs::read_to_string(&log).unwrap().ends_with("no request for 2 s\n") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    while status(&zone.places).await.is_ok_and(|running| running.is_some()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(start(&zone.places, MEMBER, None, &quiet).await.unwrap().1);
}

#[tokio::test]
async fn another_versions_is_used_and_told_of_and_replaced_for_tests() {
    let zone = Zone::new();
    let said = Mutex::new(Vec::new());
    let progress = |line: &str| said.lock().unwrap().push(line.to_owned());
    let (started, _) = start(&zone.places, MEMBER, None, &progress).await.unwrap();
    assert_eq!(start(&zone.places, MEMBER, None, &progress).await.unwrap(), (started.clone(), false));
    assert!(!said.lock().unwrap().iter().any(|line| line.contains("version")));

    let json = zone.places.run.join("emulator.json");
    let text = fs::read_to_string(&json).unwrap().replace("\"version\"", "\"unknown\"");
    fs::write(&json, text).unwrap();
    assert_eq!(start(&zone.places, MEMBER, None, &progress).await.unwrap(), (started.clone(), false));
    let told = format!("the emulator with pid {} is another version's", started.pid);
    assert!(said.lock().unwrap().last().unwrap().starts_with(&told), "{said:?}");

    let idle = Duration::from_secs(60);
    let replaced = start_for_tests(&zone.places, MEMBER, idle, &progress).await.unwrap();
    assert_ne!(replaced.instance, started.instance);
    assert_eq!(start_for_tests(&zone.places, MEMBER, idle, &progress).await.unwrap(), replaced);
}

/// Sends one POST and returns the answer's body, leaving the connection open.
async fn call(connection: &mut BufReader<TcpStream>, service: &str, headers: &str, body: &str) -> String {
    send(connection, "POST /", service, headers, body).await
}

/// Sends one request and returns the answer's body, leaving the connection open.
async fn send(connection: &mut BufReader<TcpStream>, what: &str, service: &str, headers: &str, body: &str) -> String {
    send_from(connection, "ap-southeast-2", what, service, headers, body).await
}

/// The same, with a client of this region.
async fn send_from(
    connection: &mut BufReader<TcpStream>,
    region: &str,
    what: &str,
    service: &str,
    headers: &str,
    body: &str,
) -> String {
    let request = format!(
        "{what} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{headers}\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=any/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
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
    let (emulator, _) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    let host = emulator.endpoint.trim_start_matches("http://");
    let mut connection = BufReader::new(TcpStream::connect(host).await.unwrap());

    let json = "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSOrganizationsV20161128.ListAccounts";
    let accounts = call(&mut connection, "organizations", json, "{}").await;
    assert!(accounts.contains(MEMBER) && accounts.contains(&emulator.accounts.management), "{accounts}");

    let form = "Content-Type: application/x-www-form-urlencoded";
    let caller = call(&mut connection, "sts", form, "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert!(caller.contains(&format!("<Account>{}</Account>", emulator.accounts.management)), "{caller}");

    let role = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn=arn:aws:iam::{MEMBER}:role/{}",
        emulator.role
    );
    let assumed = call(&mut connection, "sts", form, &role).await;
    assert!(assumed.contains(&format!(":sts::{MEMBER}:assumed-role/")), "{assumed}");
}

#[tokio::test]
async fn what_moto_lacks_is_there() {
    let zone = Zone::new();
    let (emulator, _) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    let host = emulator.endpoint.trim_start_matches("http://");
    let connection = &mut BufReader::new(TcpStream::connect(host).await.unwrap());

    let xml = "Content-Type: application/xml";
    let bucket = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>ap-southeast-2\
                  </LocationConstraint><Tags><Tag><Key>k</Key><Value/></Tag></Tags></CreateBucketConfiguration>";
    assert_eq!(send(connection, "PUT /lacks", "s3", xml, bucket).await, "");
    let versioning = send(connection, "GET /lacks?versioning", "s3", xml, "").await;
    let root = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
    assert!(versioning.ends_with(root), "{versioning}");
    let tags = send(connection, "GET /lacks?tagging", "s3", xml, "").await;
    assert!(tags.contains("<TagSet><Tag><Key>k</Key><Value/></Tag></TagSet>"), "{tags}");
    let encryption = send(connection, "GET /lacks?encryption", "s3", xml, "").await;
    assert!(encryption.contains("<SSEAlgorithm>AES256</SSEAlgorithm>"), "{encryption}");
    let rules = "<Rule><Status>Enabled</Status><Filter><ObjectSizeLessThan>9</ObjectSizeLessThan></Filter>\
                 <Expiration><Days>1</Days></Expiration><ID>r</ID></Rule>";
    let lifecycle = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
    assert_eq!(send(connection, "PUT /lacks?lifecycle", "s3", xml, &lifecycle).await, "");
    let lifecycle = send(connection, "GET /lacks?lifecycle", "s3", xml, "").await;
    assert!(lifecycle.contains(rules), "{lifecycle}");

    let json = |target: &str| format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}");
    let events = |call: &str| json(&format!("AWSEvents.{call}"));
    let bus = r#"{"Name":"b","Description":"d","LogConfig":{"Level":"ERROR"}}"#;
    call(connection, "events", &events("CreateEventBus"), bus).await;
    // what is not given stays, what is given empty goes
    for update in [
        r#"{"Name":"b","KmsKeyIdentifier":"k","DeadLetterConfig":{"Arn":"a"}}"#,
        r#"{"Name":"b","Description":"","LogConfig":{}}"#,
    ] {
        let updated = call(connection, "events", &events("UpdateEventBus"), update).await;
        assert!(updated.contains(":event-bus/b\""), "{updated}");
    }
    let statement = |sid| {
        format!(
            r#"{{\"Sid\":\"{sid}\",\"Effect\":\"Allow\",\"Principal\":\"{sid}\",\"Action\":\"a\",\"Resource\":\"r\"}}"#
        )
    };
    for sid in ["One", "Two"] {
        let policy = format!(r#"{{"EventBusName":"b","Policy":"{{\"Statement\":[{}]}}"}}"#, statement(sid));
        assert_eq!(call(connection, "events", &events("PutPermission"), &policy).await, "");
    }
    let described = call(connection, "events", &events("DescribeEventBus"), r#"{"Name":"b"}"#).await;
    for there in [r#""KmsKeyIdentifier": "k""#, r#""DeadLetterConfig": {"Arn": "a"}"#, "Two"] {
        assert!(described.contains(there), "{there}: {described}");
    }
    for gone in ["Description", "LogConfig", "One"] {
        assert!(!described.contains(gone), "{gone}: {described}");
    }

    let kms = |call: &str| json(&format!("TrentService.{call}"));
    let key = call(connection, "kms", &kms("CreateKey"), "{}").await;
    assert!(key.contains(r#""KeyUsage": "ENCRYPT_DECRYPT""#), "{key}");
    let arn = key.split('"').find(|text| text.starts_with("arn:aws:kms:")).unwrap();
    let of_key = format!(r#"{{"KeyId":"{arn}"}}"#);
    let policy = call(connection, "kms", &kms("GetKeyPolicy"), &of_key).await;
    assert!(policy.contains("Statement"), "{policy}");
    let mut states = Vec::new();
    for change in ["DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"] {
        call(connection, "kms", &kms(change), &of_key).await;
        let key = call(connection, "kms", &kms("DescribeKey"), &of_key).await;
        let state = key.split("\"KeyState\": \"").nth(1).and_then(|rest| rest.split('"').next());
        states.push(state.unwrap().to_owned());
        let enabled = key.contains(r#""Enabled": true"#);
        assert_eq!(enabled, states.last().unwrap() == "Enabled", "{key}");
    }
    assert_eq!(states, ["Disabled", "Enabled", "PendingDeletion", "Disabled"]);
}

#[tokio::test]
async fn a_state_in_a_bucket_is_kept_as_on_aws() {
    let zone = Zone::new();
    let (emulator, _) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    let host = emulator.endpoint.trim_start_matches("http://");
    let connection = &mut BufReader::new(TcpStream::connect(host).await.unwrap());
    let bucket = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>ap-southeast-2\
                  </LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(send(connection, "PUT /state", "s3", "Content-Type: application/xml", bucket).await, "");

    // conditions, one after the other and 16 at once
    let absent = "If-None-Match: *";
    assert_eq!(send(connection, "PUT /state/lock", "s3", absent, "1").await, "");
    let refused = send(connection, "PUT /state/lock", "s3", absent, "2").await;
    assert!(refused.contains("<Code>PreconditionFailed</Code>"), "{refused}");
    let one = "If-Match: \"c4ca4238a0b923820dcc509a6f75849b\"";
    assert_eq!(send(connection, "PUT /state/lock", "s3", one, "3").await, "");
    let refused = send(connection, "PUT /state/lock", "s3", one, "4").await;
    assert!(refused.contains("<Code>PreconditionFailed</Code>"), "{refused}");
    assert_eq!(send(connection, "GET /state/lock", "s3", "Accept: */*", "").await, "3");
    let writes = (0..16).map(|number| {
        let host = host.to_owned();
        tokio::spawn(async move {
            let connection = &mut BufReader::new(TcpStream::connect(host).await.unwrap());
            send(connection, "PUT /state/race", "s3", absent, &number.to_string()).await
        })
    });
    let mut done = 0;
    for write in writes.collect::<Vec<_>>() {
        done += usize::from(write.await.unwrap().is_empty());
    }
    assert_eq!(done, 1, "one of them succeeds");

    // another's bucket, and another region's client
    let owner = |account: &str| format!("x-amz-expected-bucket-owner: {account}");
    assert_eq!(send(connection, "GET /state/lock", "s3", &owner(&emulator.accounts.management), "").await, "3");
    for what in ["GET /state/lock", "PUT /state/lock", "DELETE /state/lock", "GET /state?list-type=2"] {
        let denied = send(connection, what, "s3", &owner("999999999999"), "").await;
        assert!(denied.contains("<Code>AccessDenied</Code>"), "{what}: {denied}");
        let elsewhere = send_from(connection, "us-west-2", what, "s3", "Accept: */*", "").await;
        assert!(elsewhere.contains("<Code>PermanentRedirect</Code>"), "{what}: {elsewhere}");
    }
    assert_eq!(
        send(connection, "GET /state/lock", "s3", "Accept: */*", "").await,
        "3",
        "nothing of it was carried out"
    );

    // a key that encrypts the state's secrets
    let json = |target: &str| format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}");
    let kms = |call: &str| json(&format!("TrentService.{call}"));
    let key = call(connection, "kms", &kms("CreateKey"), "{}").await;
    let arn = key.split('"').find(|text| text.starts_with("arn:aws:kms:")).unwrap();
    let of_key = format!(r#"{{"KeyId":"{arn}"}}"#);
    let data_key = format!(r#"{{"KeyId":"{arn}","KeySpec":"AES_256"}}"#);
    let data = call(connection, "kms", &kms("GenerateDataKey"), &data_key).await;
    let cipher = data.split("\"CiphertextBlob\": \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let blob = format!(r#"{{"CiphertextBlob":"{cipher}"}}"#);
    let plain = call(connection, "kms", &kms("Decrypt"), &blob).await;
    assert!(plain.contains("\"Plaintext\""), "{plain}");
    for (change, code) in [("DisableKey", "DisabledException"), ("ScheduleKeyDeletion", "KMSInvalidStateException")] {
        call(connection, "kms", &kms(change), &of_key).await;
        for (usage, what) in [("Decrypt", &blob), ("GenerateDataKey", &data_key)] {
            let refused = call(connection, "kms", &kms(usage), what).await;
            assert!(refused.contains(code), "{usage} after {change}: {refused}");
        }
    }

    // who changed what
    let lookup = async |connection: &mut BufReader<TcpStream>, asked: &str| {
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        call(connection, "cloudtrail", &json(target), asked).await
    };
    let by = |key: &str, value: &str| {
        format!(r#"{{"LookupAttributes":[{{"AttributeKey":"{key}","AttributeValue":"{value}"}}]}}"#)
    };
    let found = lookup(connection, &by("ResourceName", "state")).await;
    assert!(found.contains(r#""EventName": "CreateBucket""#) && !found.contains("PutObject"), "{found}");
    assert!(found.contains(r#""AccessKeyId": "any""#) && !found.contains("DisableKey"), "{found}");
    let found = lookup(connection, &by("EventName", "DisableKey")).await;
    assert!(found.contains(arn) && !found.contains("CreateBucket"), "{found}");
    assert_eq!(lookup(connection, &by("EventName", "GenerateDataKey")).await, r#"{"Events": []}"#);
    let page = lookup(connection, r#"{"MaxResults":3}"#).await;
    let token =
        page.split("\"NextToken\": \"").nth(1).and_then(|rest| rest.split('"').next()).expect("there are four events");
    let rest = lookup(connection, &format!(r#"{{"NextToken":"{token}"}}"#)).await;
    assert!(
        rest.contains("CreateBucket") && !rest.contains("NextToken") && !page.contains("CreateBucket"),
        "{page} {rest}"
    );
}

/// In words that an SDK reads, and with a status that it does not try again.
#[tokio::test]
async fn what_nobody_has_is_said_in_the_protocol_of_the_call() {
    let zone = Zone::new();
    let (emulator, _) = start(&zone.places, MEMBER, None, &quiet).await.unwrap();
    let host = emulator.endpoint.trim_start_matches("http://");
    let connection = &mut BufReader::new(TcpStream::connect(host).await.unwrap());

    let json =
        "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: ServiceQuotasV20190624.GetAWSDefaultServiceQuota";
    let said = call(connection, "servicequotas", json, r#"{"ServiceCode":"kms","QuotaCode":"L-C2F1777E"}"#).await;
    assert!(said.starts_with(r#"{"__type": "NotImplemented", "message": "the emulator does not have it: "#), "{said}");

    let form = "Content-Type: application/x-www-form-urlencoded";
    let asked = "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=arn:aws:iam::123456789012:role/r\
                 &ActionNames.member.1=s3:GetObject";
    let said = call(connection, "iam", form, asked).await;
    assert!(said.contains("<Code>NotImplemented</Code><Message>the emulator does not have it: "), "{said}");
}
