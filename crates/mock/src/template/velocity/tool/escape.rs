//! `$esc`: characters that are hard to write, and texts made safe for a place.

use percent_encoding::percent_decode_str;

/// The names of the characters from U+00A0 on.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// Further characters with a name in HTML 4 that texts often hold.
const NAMED: [(char, &str); 20] = [
    ('Œ', "OElig"),
    ('œ', "oelig"),
    ('Š', "Scaron"),
    ('š', "scaron"),
    ('Ÿ', "Yuml"),
    ('ƒ', "fnof"),
    ('–', "ndash"),
    ('—', "mdash"),
    ('‘', "lsquo"),
    ('’', "rsquo"),
    ('‚', "sbquo"),
    ('“', "ldquo"),
    ('”', "rdquo"),
    ('„', "bdquo"),
    ('†', "dagger"),
    ('•', "bull"),
    ('…', "hellip"),
    ('‰', "permil"),
    ('€', "euro"),
    ('™', "trade"),
];

pub(super) fn constant(name: &str) -> Option<&'static str> {
    Some(match name {
        "d" | "dollar" => "$",
        "h" | "hash" => "#",
        "q" | "quote" => "\"",
        "s" | "singleQuote" => "'",
        "b" | "backslash" => "\\",
        "e" | "exclamation" => "!",
        "n" | "newline" => "\n",
        _ => return None,
    })
}

/// The text as the method `name` writes it; `None` when there is no such method.
pub(super) fn escaped(name: &str, text: &str) -> Option<String> {
    Some(match name {
        "html" => text.chars().map(html).collect(),
        "xml" => text.chars().map(xml).collect(),
        "java" => java(text, false),
        "javascript" => java(text, true),
        "sql" => text.replace('\'', "''"),
        "url" => url(text),
        "unurl" => {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        }
        "propertyKey" => property_key(text),
        _ => return None,
    })
}

fn html(c: char) -> String {
    let latin = u32::from(c).checked_sub(0xa0);
    let latin = latin.and_then(|place| usize::try_from(place).ok());
    let name = latin.and_then(|place| LATIN.split(' ').nth(place));
    let name = name.or_else(|| NAMED.iter().find(|named| named.0 == c).map(|named| named.1));
    match (c, name) {
        (_, Some(name)) => format!("&{name};"),
        ('\'', None) => "'".to_owned(),
        (c, None) => xml(c),
    }
}

fn xml(c: char) -> String {
    match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&apos;".to_owned(),
        c => c.to_string(),
    }
}

/// As a string of Java, or of JavaScript.
fn java(text: &str, script: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\'' | '/' if script => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
    out
}

/// As a value in a form.
fn url(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'*' | b'_' | b'-' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn property_key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, ' ' | ':' | '=' | '#' | '!' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
