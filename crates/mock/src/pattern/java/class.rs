//! Named sets of characters: predefined classes, POSIX names, Unicode properties and blocks.

use super::Refusal;

/// Unicode's blocks: first, last, and name in capitals without blanks, underscores and hyphens.
const BLOCKS: &str = include_str!("blocks.txt");

/// One extended grapheme cluster, which is never split.
pub(super) const GRAPHEME: &str = concat!(
    r"(?>(?:\r\n|\p{Regional_Indicator}{2}",
    r"|\p{Extended_Pictographic}(?:[\p{M}\p{Emoji_Modifier}]*\x{200D}\p{Extended_Pictographic})*",
    r"|[\x{1100}-\x{115F}\x{A960}-\x{A97C}]*[\x{AC00}-\x{D7A3}\x{1160}-\x{11A7}\x{D7B0}-\x{D7C6}]",
    r"[\x{1160}-\x{11A7}\x{D7B0}-\x{D7C6}]*[\x{11A8}-\x{11FF}\x{D7CB}-\x{D7FB}]*",
    r"|(?s:.))[\p{M}\p{Emoji_Modifier}\x{200D}]*)",
);

/// Java's predefined classes, which are ASCII unless asked otherwise.
pub(super) fn predefined(c: char, unicode: bool) -> Option<&'static str> {
    if unicode {
        match c {
            'd' => return Some(r"\p{Nd}"),
            'D' => return Some(r"\P{Nd}"),
            'w' => return Some(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]"),
            'W' => return Some(r"[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]"),
            's' => return Some(r"\p{White_Space}"),
            'S' => return Some(r"\P{White_Space}"),
            _ => {}
        }
    }
    Some(match c {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[a-zA-Z_0-9]",
        'W' => "[^a-zA-Z_0-9]",
        's' => r"[ \t\n\x0B\f\r]",
        'S' => r"[^ \t\n\x0B\f\r]",
        'h' => r"[ \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]",
        'H' => r"[^ \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]",
        'v' => r"[\n\x0B\f\r\x{85}\x{2028}\x{2029}]",
        'V' => r"[^\n\x0B\f\r\x{85}\x{2028}\x{2029}]",
        _ => return None,
    })
}

/// POSIX classes by Java's names, as class items.
pub(super) fn posix(name: &str, unicode: bool) -> Option<&'static str> {
    if unicode {
        match name {
            "Lower" => return Some(r"\p{Lowercase}"),
            "Upper" => return Some(r"\p{Uppercase}"),
            "Alpha" => return Some(r"\p{Alphabetic}"),
            "Digit" => return Some(r"\p{Nd}"),
            "Alnum" => return Some(r"\p{Alphabetic}\p{Nd}"),
            "Punct" => return Some(r"\p{P}"),
            "Graph" => return Some(r"[^\p{White_Space}\p{Cc}\p{Cn}]"),
            "Print" => return Some(r"\p{Zs}[^\p{White_Space}\p{Cc}\p{Cn}]"),
            "Blank" => return Some(r"\p{Zs}\t"),
            "Cntrl" => return Some(r"\p{Cc}"),
            "XDigit" => return Some(r"\p{Nd}\p{Hex_Digit}"),
            "Space" => return Some(r"\p{White_Space}"),
            _ => {}
        }
    }
    Some(match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`{-~",
        "Graph" => "!-~",
        "Print" => " -~",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r" \t\n\x0B\f\r",
        "L1" => r"\x{00}-\x{FF}",
        "LD" => r"\p{L}\p{Nd}",
        "all" | "ALL" => r"\x{0}-\x{10FFFF}",
        "javaLowerCase" => r"\p{Lowercase}",
        "javaUpperCase" => r"\p{Uppercase}",
        "javaAlphabetic" => r"\p{Alphabetic}",
        "javaIdeographic" => r"\p{Ideographic}",
        "javaTitleCase" => r"\p{Lt}",
        "javaDigit" => r"\p{Nd}",
        "javaDefined" => r"[^\p{Cn}]",
        "javaLetter" => r"\p{L}",
        "javaLetterOrDigit" => r"\p{L}\p{Nd}",
        "javaSpaceChar" => r"\p{Z}",
        "javaWhitespace" => r"\t-\r\x1C-\x1F[\p{Z}--[\x{A0}\x{2007}\x{202F}]]",
        "javaISOControl" => r"\p{Cc}",
        "javaJavaIdentifierStart" => r"\p{L}\p{Nl}\p{Sc}\p{Pc}",
        "javaUnicodeIdentifierStart" => r"\p{L}\p{Nl}",
        _ => return None,
    })
}

/// Unicode properties, scripts and blocks by Java's names, as class items.
pub(super) fn unicode_property(name: &str) -> Result<String, Refusal> {
    let value = match name.split_once('=') {
        Some(("blk" | "block", block)) => return self::block(block),
        Some(("sc" | "script" | "gc" | "general_category" | "IsScript", value)) => value,
        Some(_) => return Err(Refusal::Invalid),
        None => match name.strip_prefix("In") {
            Some(block) => return self::block(block),
            None if name.starts_with("java") => {
                return Err(Refusal::NotSupported(format!("\\p{{{name}}}")));
            }
            None => name.strip_prefix("Is").unwrap_or(name),
        },
    };
    let is_name = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        Ok(format!("\\p{{{value}}}"))
    } else {
        Err(Refusal::Invalid)
    }
}

fn block(name: &str) -> Result<String, Refusal> {
    let is_said = |c: &char| !matches!(c, ' ' | '_' | '-');
    let name: String = name
        .chars()
        .filter(is_said)
        .collect::<String>()
        .to_ascii_uppercase();
    let mut blocks = BLOCKS.lines().filter_map(|line| {
        let (range, known) = line.rsplit_once(' ')?;
        (known == name).then(|| range.split_once(' ')).flatten()
    });
    let (first, last) = blocks.next().ok_or(Refusal::Invalid)?;
    Ok(format!("\\x{{{first}}}-\\x{{{last}}}"))
}
