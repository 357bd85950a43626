//! Text in XML and HTML.

/// Text as content or as an attribute in double quotes. What XML 1.0 cannot have becomes a replacement character.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // an attribute would take them for spaces
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\r' => escaped.push_str("&#13;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            escaped("<a b=\"c\" d='e'> & \u{1}\u{b}\n"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt; &amp; \u{fffd}\u{fffd}&#10;"
        );
        assert_eq!(escaped("größer 𝛼"), "größer 𝛼");
    }
}
