//! Every relative link in a Markdown file leads to a file that is there, and to a heading that it has.

use std::{collections::BTreeMap, path::Path};

use regex::Regex;

use super::{files, none, read, root};

/// A text without its code: what stands in fences and between backquotes is no link.
fn prose(markdown: &str) -> String {
    let mut fenced = false;
    let mut text = String::new();
    for line in markdown.lines() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if !fenced && !fence {
            text += line;
        }
        text.push('\n');
    }
    Regex::new("`[^`\n]*`").expect("a pattern").replace_all(&text, "``").into_owned()
}

/// The names by which headings are linked to, as GitHub makes them.
fn anchors(markdown: &str) -> Vec<String> {
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").expect("a pattern");
    let mut fenced = false;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = Vec::new();
    for line in markdown.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if fenced || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let words = link.replace_all(heading.trim(), "$1").to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let before = seen.entry(anchor.clone()).or_default();
        anchors.push(if *before == 0 { anchor } else { format!("{anchor}-{before}") });
        *before += 1;
    }
    anchors
}

/// What is wrong with a link of the file `from`; `text` reads a file, by its path below the root.
fn wrong(from: &str, link: &str, text: impl Fn(&str) -> Option<String>) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { from.to_owned() } else { joined(from, path)? };
    let Some(text) = text(&target) else { return Some(format!("{from}: `{link}`: there is no {target}")) };
    let anchor = anchor?;
    let found = match anchor.strip_prefix('L').and_then(|line| line.parse::<usize>().ok()) {
        Some(line) if Path::new(&target).extension().is_none_or(|end| end != "md") => line <= text.lines().count(),
        _ => anchors(&text).iter().any(|known| known == anchor),
    };
    (!found).then(|| format!("{from}: `{link}`: {target} has no `#{anchor}`"))
}

/// The path of a link in the file `from`, below the root.
fn joined(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What is at a path below the root; of a folder, nothing to read.
fn at(path: &str) -> Option<String> {
    let path = root().join(path);
    if path.is_dir() { Some(String::new()) } else { std::fs::read_to_string(path).ok() }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
    let mut seen = 0;
    let mut problems = Vec::new();
    for file in files(&[".md"]) {
        for found in link.captures_iter(&prose(&read(&file))) {
            seen += 1;
            problems.extend(wrong(&file, &found[1], at));
        }
    }
    assert!(seen > 20, "{seen} links were found");
    none(&problems, "Correct the link, or the heading that it names.");
}

#[test]
fn a_wrong_link_is_found() {
    let text =
        |path: &str| (path == "docs/a.md").then(|| "# The `--json` of [it](b.md)\n## Twice\n## Twice\n".to_owned());
    for right in ["a.md", "a.md#the---json-of-it", "#twice", "#twice-1", "https://example.com/x.md#y"] {
        assert_eq!(wrong("docs/a.md", right, text), None, "{right}");
    }
    assert_eq!(wrong("README.md", "docs/a.md#twice", text), None);
    for wrong_one in ["b.md", "../a.md", "a.md#thrice", "#twice-2"] {
        assert!(wrong("docs/a.md", wrong_one, text).is_some(), "{wrong_one}");
    }
    assert_eq!(prose("a `[b](c)` d\n```\n[e](f)\n```\n[g](h)\n"), "a `` d\n\n\n\n[g](h)\n");
}
