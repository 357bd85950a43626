//! A plan as a comment of a pull request: what is risky first, then everything by stack.

use std::{collections::BTreeMap, fmt::Write as _};

use engine::op::Op;
use serde_json::Value;

use crate::{
    planned::{Change, Planned},
    risk::{self, Risk},
};

/// GitHub takes no longer comment (<https://github.com/orgs/community/discussions/41331>, 2026-11).
const LONGEST: usize = 65_536;
/// What a pipeline writes around it.
const AROUND: usize = 6_000;
/// Longer values are cut.
const VALUE: usize = 200;
/// More details of a risk are only counted.
const DETAILS: usize = 10;

/// Renders a plan.
pub fn render(plan: &Planned) -> String {
    let mut text = head(plan);
    let foot = foot(plan);
    let parts = risky(plan).into_iter().chain(all(plan));
    let room = LONGEST - AROUND;
    let mut left_out = 0;
    let mut folded = false;
    for part in parts {
        let fold = part.folded && !folded;
        let opening = if fold { "\n<details><summary>All changes by stack</summary>\n" } else { "" };
        if units(&text) + units(opening) + units(&part.text) + units(&foot) > room {
            left_out += 1;
            continue;
        }
        folded |= fold;
        text.push_str(opening);
        text.push_str(&part.text);
    }
    if folded {
        text.push_str("\n</details>\n");
    }
    if left_out > 0 {
        let lines = state::error::counted(left_out, "line");
        // writing to a String cannot fail
        let _ = writeln!(
            text,
            "\n**Cut: {lines} left out, as a comment has at most 65,536 characters. The plan's file has all of it.**"
        );
    }
    text + &foot
}

/// A piece that is left out whole or not at all.
struct Part {
    text: String,
    folded: bool,
}

/// A length as GitHub counts it is not written anywhere; bytes are never fewer than characters.
fn units(text: &str) -> usize {
    text.len()
}

fn own(plan: &Planned) -> impl Iterator<Item = &Change> {
    plan.steps.iter().filter(|step| step.is_own())
}

fn head(plan: &Planned) -> String {
    let mut ops: BTreeMap<&Op, usize> = BTreeMap::new();
    own(plan).for_each(|step| *ops.entry(&step.op).or_default() += 1);
    let ops: Vec<_> = ops.iter().map(|(op, n)| format!("{n} to {op}")).collect();
    let what = if ops.is_empty() { "no changes".to_owned() } else { ops.join(", ") };
    let mut text = format!("## Plan for `{}`: {what}\n\n", code(&plan.environment));
    let counts = risk::counts(plan.risks());
    if !counts.is_empty() {
        let _ = writeln!(text, "Risk: {}.\n", risk::counted(&counts));
    }
    if let Some(root) = &plan.enables {
        let _ =
            writeln!(text, "Enables service control policies on root `{}` of the organization first.\n", code(root));
    }
    text
}

/// A table of the steps with a risk, the worst first.
fn risky(plan: &Planned) -> Vec<Part> {
    let mut steps: Vec<_> = own(plan).filter(|step| risk::worst(&step.risks) > Risk::NoRisk).collect();
    steps.sort_by_key(|step| (std::cmp::Reverse(risk::worst(&step.risks)), &step.urn));
    if steps.is_empty() {
        return Vec::new();
    }
    let row = |step: &&Change| {
        let class = risk::worst(&step.risks);
        let mut why = Vec::new();
        for finding in &step.risks {
            let other = if finding.class == class { String::new() } else { format!("{}: ", finding.class) };
            why.push(format!("{other}{}", plain(&finding.reason)));
            why.extend(finding.details.iter().take(DETAILS).map(|line| format!("`{}`", code(&cut(line)))));
            let more = finding.details.len().saturating_sub(DETAILS);
            why.extend((more > 0).then(|| format!("and {more} more")));
        }
        let subject = format!("`{} {}`", code(&step.kind), code(step.name()));
        format!("| {class} | {} | {subject} | {} |\n", step.op, why.join("<br>"))
    };
    let table = "| risk | change | resource | why |\n|---|---|---|---|\n".to_owned();
    let rows = steps.iter().map(row);
    std::iter::once(table).chain(rows).map(|text| Part { text, folded: false }).collect()
}

/// Every step with what changes, by stack.
fn all(plan: &Planned) -> Vec<Part> {
    let mut stacks: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    own(plan).for_each(|step| stacks.entry(step.stack()).or_default().push(step));
    let mut parts = Vec::new();
    for (stack, steps) in stacks {
        let name = if stack.is_empty() { "the whole zone" } else { &stack };
        parts.push(Part { text: format!("\n**{}**\n\n", plain(name)), folded: true });
        for step in steps {
            let mut text = format!("- {} `{} {}`\n", step.op, code(&step.kind), code(step.name()));
            for path in step.changed.keys().filter(|path| !path.starts_with("tagsAll")) {
                let name = path.split(['.', '[']).next().unwrap_or_default();
                let value = |inputs: &Option<serde_json::Map<String, Value>>| {
                    let inputs = inputs.as_ref()?;
                    crate::path::at(inputs, path).or_else(|| inputs.get(name)).map(|value| cut(&value.to_string()))
                };
                let shown = |value: Option<String>| {
                    value.map_or_else(|| "nothing".to_owned(), |value| format!("`{}`", code(&value)))
                };
                let (old, new) = (shown(value(&step.old)), shown(value(&step.new)));
                let _ = writeln!(text, "  - `{}`: {old} → {new}", code(path));
            }
            parts.push(Part { text, folded: true });
        }
    }
    parts
}

fn foot(plan: &Planned) -> String {
    let commit = plan.commit.as_ref().map_or_else(|| "no commit".to_owned(), |commit| format!("commit {commit}"));
    format!("\nPlan `{}`, {commit}, zone {}\n", code(&plan.digest), plain(&plan.zone))
}

/// A text without the characters that mean something in Markdown or HTML.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\r' | '\t' => out.push(' '),
            // a zero-width space keeps a name from being called
            '@' => out.push_str("@\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(char);
            }
            other => out.push(other),
        }
    }
    out
}

/// A text between backquotes, in a table too.
fn code(text: &str) -> String {
    let quiet = |char: char| match char {
        '`' => '\'',
        // a table ends its cell at a bar, in code too
        '|' => '¦',
        '\n' | '\r' | '\t' => ' ',
        other => other,
    };
    text.chars().map(quiet).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= VALUE { text.to_owned() } else { text.chars().take(VALUE).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{planned::tests::sample, risk::Finding};

    fn change(op: Op, stack: &str, kind: &str, name: &str, risks: Vec<Finding>) -> Change {
        Change {
            op,
            urn: format!("urn:pulumi:dev::zone::zone:stack:{stack}${kind}::{name}"),
            kind: kind.to_owned(),
            risks,
            ..sample().steps.remove(0)
        }
    }

    fn finding(class: Risk, reason: &str, details: &[&str]) -> Finding {
        let details = details.iter().map(|line| (*line).to_owned()).collect();
        Finding { class, reason: reason.to_owned(), details }
    }

    fn plan() -> Planned {
        let inputs = |text: &str| json!({ "retentionInDays": 3, "description": text }).as_object().cloned();
        let details = ["added: Allow Read: s3:GetObject on *"];
        let wide = finding(Risk::WidensAccess, "not evaluated: `policy` changes", &details);
        let group = Change {
            changed: [("retentionInDays", "update"), ("description", "update")]
                .map(|(path, how)| (path.to_owned(), how.to_owned()))
                .into(),
            old: inputs("plain"),
            new: inputs("</details><script>alert(1)</script> `a` | @everyone"),
            ..change(Op::Update, "Observability", "aws:cloudwatch/logGroup:LogGroup", "acme-platform", Vec::new())
        };
        let steps = vec![
            change(Op::Update, "Storage", "aws:s3/bucketPolicy:BucketPolicy", "lake", vec![wide]),
            group,
            Change { old: None, ..sample().steps.remove(0) },
        ];
        Planned { steps, digest: "d1".repeat(32), zone: "0.1.0".to_owned(), ..sample() }
    }

    #[test]
    fn a_comment_has_the_risks_first_and_then_everything() {
        let expected = r"## Plan for `dev`: 1 to delete, 2 to update

Risk: 1 destroys-data, 1 widens-access, 1 no-risk.

| risk | change | resource | why |
|---|---|---|---|
| destroys-data | delete | `aws:s3/bucket:Bucket lake` | deletes the bucket with all its objects |
| widens-access | update | `aws:s3/bucketPolicy:BucketPolicy lake` | not evaluated: \`policy\` changes<br>`added: Allow Read: s3:GetObject on *` |

<details><summary>All changes by stack</summary>

**observability**

- update `aws:cloudwatch/logGroup:LogGroup acme-platform`
  - `description`: `'plain'` → `'</details><script>alert(1)</script> 'a' ¦ @everyone'`
  - `retentionInDays`: `3` → `3`

**storage**

- update `aws:s3/bucketPolicy:BucketPolicy lake`
- delete `aws:s3/bucket:Bucket lake`

</details>

Plan `d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1`, commit 0123456789abcdef0123456789abcdef01234567, zone 0.1.0
";
        assert_eq!(render(&plan()).replace('"', "'"), expected);
    }

    #[test]
    fn no_value_is_read_as_html_or_as_a_mark() {
        assert_eq!(plain("<b>a|b</b> *c* @d\ne"), "&lt;b&gt;a\\|b&lt;/b&gt; \\*c\\* @\u{200b}d e");
        assert_eq!(code("a`b`|c\nd"), "a'b'¦c d");
        let (mut many, all) = (plan(), (0..12).map(|n| n.to_string()).collect());
        many.steps[0].risks[0].details = all;
        many.steps[0].risks.push(finding(Risk::Interrupts, "why", &[]));
        assert!(render(&many).contains("`9`<br>and 2 more<br>interrupts: why |"), "{}", render(&many));
        let mut plan = plan();
        plan.steps[0].risks[0].reason = "</details><img src=x>".to_owned();
        let text = render(&plan);
        assert!(!text.contains("<img") && text.contains("&lt;/details&gt;&lt;img src=x&gt;"), "{text}");
        // between backquotes nothing is HTML, and none ends them early
        let outside: String = text.split('`').step_by(2).collect();
        assert_eq!(outside.matches("</details>").count(), 1, "{outside}");
        assert!(!outside.contains("<script"), "{outside}");
    }

    #[test]
    fn a_long_plan_is_cut_and_says_so() {
        let mut plan = plan();
        let one = plan.steps[0].clone();
        plan.steps = (0..3000).map(|n| Change { urn: format!("{}-{n}", one.urn), ..one.clone() }).collect();
        let text = render(&plan);
        assert!(text.len() <= LONGEST - AROUND + 200, "{}", text.len());
        assert!(text.contains("**Cut: ") && text.contains(" lines left out"), "{}", &text[text.len() - 400..]);
        assert!(text.ends_with("zone 0.1.0\n"));
        plan.steps.truncate(3);
        assert!(!render(&plan).contains("**Cut: "));
    }

    #[test]
    fn a_plan_without_changes_says_so() {
        let plan = Planned { steps: Vec::new(), commit: None, enables: Some("r-1".to_owned()), ..plan() };
        let text = render(&plan);
        assert!(text.starts_with("## Plan for `dev`: no changes\n"), "{text}");
        assert!(text.contains("policies on root `r-1`") && text.contains(", no commit, "), "{text}");
        assert!(!text.contains("<details>"), "{text}");
    }
}
