//! The least AWS calls that make what a deployment makes, whatever its types: the calls that wrote, kept while a zone was
//! made, are made again on a fresh emulator, 32 at once, each as soon as what it names is there; without engine, provider
//! or SDK.

use std::{
    collections::HashMap,
    io::{BufReader, Write},
    net::TcpStream,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{message::Message, proxy::Kept};

const AT_ONCE: usize = 32;
/// Shorter words are no names; the shortest is the id of an organization's root.
const WORD: usize = 6;
/// How often a call is made again that does not succeed yet.
const PATIENCE: usize = 100;

/// One call, and the calls before it whose words it uses.
struct Call {
    request: Message,
    answer: Message,
    needs: Vec<usize>,
}

/// What the workers share.
#[derive(Default)]
struct Progress {
    next: usize,
    done: Vec<bool>,
    failed: Option<String>,
    /// Words of the new answers by those that stood in their place in the old ones: ids, access keys.
    new: HashMap<String, String>,
}

/// How long the writing ones of these calls take at `endpoint`, and how many they are.
pub(crate) fn time(kept: Vec<Kept>, endpoint: &str) -> (Duration, usize) {
    let calls = calls(kept);
    let address = endpoint.trim_start_matches("http://");
    let progress = Mutex::new(Progress { done: vec![false; calls.len()], ..Progress::default() });
    let changed = Condvar::new();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| work(&calls, address, &progress, &changed));
        }
    });
    let took = began.elapsed();
    let ended = progress.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(ended.failed, None, "a call is answered as it was");
    (took, calls.len())
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(calls: &[Call], address: &str, progress: &Mutex<Progress>, changed: &Condvar) {
    let mut stream = TcpStream::connect(address).expect("the emulator accepts");
    stream.set_nodelay(true).expect("a socket");
    let mut answers = BufReader::new(stream.try_clone().expect("a socket"));
    loop {
        let mut now = lock(progress);
        let i = now.next;
        let Some(call) = calls.get(i) else { return };
        now.next += 1;
        // earlier ones have all been taken by somebody, so this ends
        let waits = |now: &mut Progress| now.failed.is_none() && !call.needs.iter().all(|need| now.done[*need]);
        let now = changed.wait_while(now, waits).unwrap_or_else(PoisonError::into_inner);
        if now.failed.is_some() {
            return;
        }
        let request = again(&call.request, &now.new, address);
        drop(now);
        let mut ask = || {
            stream.write_all(&request).expect("the emulator reads");
            Message::read(&mut answers, true).expect("the emulator writes").expect("an answer")
        };
        let mut answer = ask();
        // what it needs may have been named by others before
        let mut left = PATIENCE;
        while status(&answer) != status(&call.answer) && left > 0 {
            std::thread::sleep(Duration::from_millis(10));
            (answer, left) = (ask(), left - 1);
        }
        let mut now = lock(progress);
        if status(&answer) == status(&call.answer) {
            now.new.extend(differences(&call.answer, &answer));
            now.done[i] = true;
        } else {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            now.failed = Some(format!("{}\n{}{}", text(&request), answer.head, text(&answer.body)));
        }
        drop(now);
        changed.notify_all();
    }
}

/// The calls that write, and the reads that alone told them something, such as a VPC's default security group. Taking a
/// role is one of them.
fn calls(kept: Vec<Kept>) -> Vec<Call> {
    // by word: the first write that says it, and the first answer that tells it
    let mut first: HashMap<(bool, String), usize> = HashMap::new();
    let mut calls: Vec<Call> = Vec::new();
    for Kept { request, answer, .. } in kept.into_iter().filter(|kept| status(&kept.answer).starts_with('2')) {
        let (i, said) = (calls.len(), said(&request));
        let mut needs: Vec<_> = first.iter().filter(|((_, word), _)| said.contains(word)).map(|(_, j)| *j).collect();
        needs.sort_unstable();
        needs.dedup();
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        let own = if writes(&request) { said.as_str() } else { "" };
        for (is_told, text) in [(false, own), (true, &told)] {
            for word in words(text).filter(|word| !is_told || is_id(word)) {
                first.entry((is_told, word.to_owned())).or_insert(i);
            }
        }
        calls.push(Call { request, answer, needs });
    }
    let mut wanted: Vec<bool> = calls.iter().map(|call| writes(&call.request)).collect();
    for (i, call) in calls.iter().enumerate().rev() {
        if wanted[i] {
            call.needs.iter().for_each(|need| wanted[*need] = true);
        }
    }
    let place = |i: usize| wanted[..i].iter().filter(|wanted| **wanted).count();
    let calls = calls.into_iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(call, _)| call);
    calls.map(|call| Call { needs: call.needs.into_iter().map(place).collect(), ..call }).collect()
}

fn status(answer: &Message) -> &str {
    answer.head.split(' ').nth(1).unwrap_or_default()
}

fn writes(request: &Message) -> bool {
    match operation(request) {
        Some(operation) => !["Get", "List", "Describe"].iter().any(|verb| operation.starts_with(verb)),
        None => !["GET ", "HEAD "].iter().any(|method| request.head.starts_with(method)),
    }
}

/// The operation, where the protocol names it.
fn operation(request: &Message) -> Option<String> {
    let body = String::from_utf8_lossy(&request.body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    request.operation().rsplit('.').next().filter(|o| !o.is_empty()).or(action).map(str::to_owned)
}

/// What was asked, how often and for how long, the longest first; and at which times of the deployment.
pub(crate) fn report(mut kept: Vec<Kept>) -> String {
    kept.sort_by_key(|call| call.at);
    let Some(first) = kept.first().map(|call| call.at) else { return "no calls".to_owned() };
    let name = |request: &Message| {
        operation(request).unwrap_or_else(|| {
            let mut words = request.head.split(' ');
            let method = words.next().unwrap_or_default();
            let query = words.next().and_then(|target| target.split_once('?')).map_or("", |(_, query)| query);
            format!("{method} {}", query.split('=').next().unwrap_or_default())
        })
    };
    let mut by_name: HashMap<String, (usize, usize, Duration)> = HashMap::new();
    for call in &kept {
        let (calls, refused, took) = by_name.entry(name(&call.request)).or_default();
        *calls += 1;
        *refused += usize::from(!status(&call.answer).starts_with('2'));
        *took += call.took;
    }
    let mut rows: Vec<_> = by_name.into_iter().collect();
    rows.sort_by_key(|(_, (_, _, took))| std::cmp::Reverse(*took));
    let mut lines = vec![format!("{} calls", kept.len()), "  calls refused  ms each".to_owned()];
    for (name, (calls, refused, took)) in rows {
        let each = took.as_secs_f64() * 1e3 / f64::from(u32::try_from(calls).unwrap_or(u32::MAX));
        lines.push(format!("{calls:7} {refused:7} {each:8.1}  {name}"));
    }
    lines.push("in each quarter of a second: calls begun, and the seconds that calls were under way".to_owned());
    let mut quarters: Vec<(usize, f64)> = Vec::new();
    for call in &kept {
        let at = (call.at - first).as_millis() / 250;
        let at = usize::try_from(at).unwrap_or_default();
        quarters.resize(quarters.len().max(at + 1), (0, 0.0));
        quarters[at].0 += 1;
        quarters[at].1 += call.took.as_secs_f64();
    }
    for (i, (calls, busy)) in quarters.iter().enumerate() {
        lines.push(format!("{:6} ms {calls:4} {busy:5.1}", i * 250));
    }
    lines.join("\n")
}

/// What a call says of its own: where it goes, by whom, and its body.
fn said(request: &Message) -> String {
    let target = request.head.split(' ').nth(1).unwrap_or_default();
    let key = request.header("authorization").and_then(|v| v.split_once("Credential=")?.1.split('/').next());
    format!("{target} {} {}", key.unwrap_or_default(), String::from_utf8_lossy(&request.body))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.split(move |c| !within(c)).filter(|word| word.len() >= WORD)
}

fn is_id(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit() || c == '-')
}

/// The ids of an answer, each with the one that stands in its place in another of the same call.
fn differences(old: &Message, new: &Message) -> Vec<(String, String)> {
    let (old, new) = (String::from_utf8_lossy(&old.body), String::from_utf8_lossy(&new.body));
    let fields = |c: char| matches!(c, '<' | '>' | '"');
    // a token that falls into another number of words is no id, and ids of one kind are of one length
    let pairs = old.split(fields).zip(new.split(fields));
    let pairs = pairs.filter(|(old, new)| words(old).count() == words(new).count());
    let pairs = pairs.flat_map(|(old, new)| words(old).zip(words(new)).collect::<Vec<_>>());
    let pairs = pairs.filter(|(old, new)| old != new && old.len() == new.len() && is_id(old));
    pairs.map(|(old, new)| (old.to_owned(), new.to_owned())).collect()
}

/// The request in the words of this time.
fn again(request: &Message, new: &HashMap<String, String>, address: &str) -> Vec<u8> {
    let said = said(request);
    let known: Vec<_> = new.iter().filter(|(old, _)| said.contains(*old)).collect();
    let say = |text: &str| known.iter().fold(text.to_owned(), |text, (old, new)| text.replace(*old, new));
    let body = say(&String::from_utf8_lossy(&request.body));
    let mut head = Vec::new();
    for (i, line) in request.head.lines().filter(|line| !line.is_empty()).enumerate() {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        head.push(match name.as_str() {
            "host" => format!("host: {address}"),
            "content-length" => format!("content-length: {}", body.len()),
            "authorization" => say(line),
            _ if i == 0 => say(line),
            _ => line.to_owned(),
        });
    }
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}
