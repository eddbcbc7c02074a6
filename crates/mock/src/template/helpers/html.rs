//! `html`: the entities of HTML 4.0.

use crate::json::Json;

use super::Called;

/// The names from U+00A0 to U+00FF, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
    acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
    Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash \
    Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc \
    euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml \
    yacute thorn yuml";

/// All other names, each with its character after it.
const OTHER: &str = "quot \" amp & lt < gt > fnof ƒ Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ \
    Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω alpha α beta β gamma γ \
    delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π rho ρ sigmaf ς sigma σ \
    tau τ upsilon υ phi φ chi χ psi ψ omega ω thetasym ϑ upsih ϒ piv ϖ bull • hellip … prime ′ Prime ″ oline ‾ frasl ⁄ \
    weierp ℘ image ℑ real ℜ trade ™ alefsym ℵ larr ← uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ \
    hArr ⇔ forall ∀ part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ \
    infin ∞ ang ∠ and ∧ or ∨ cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ \
    supe ⊇ oplus ⊕ otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦ \
    OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ circ ˆ tilde ˜ ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” \
    bdquo „ dagger † Dagger ‡ permil ‰ lsaquo ‹ rsaquo › euro €";

/// Characters that a table of visible characters cannot show.
const INVISIBLE: [(&str, char); 8] = [
    ("lang", '\u{2329}'),
    ("rang", '\u{232a}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
];

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    let text = match arguments {
        [Json::Text(text)] => text.as_str(),
        [Json::Null] => "",
        _ => return None,
    };
    match method {
        "escape" => Some(Ok(Json::Text(escape(text)))),
        "unescape" => Some(unescape(text).map(Json::Text)),
        _ => None,
    }
}

fn entities() -> impl Iterator<Item = (&'static str, char)> {
    let latin = LATIN.split_whitespace().zip('\u{a0}'..='\u{ff}');
    let mut words = OTHER.split_whitespace();
    let other = std::iter::from_fn(move || Some((words.next()?, words.next()?.chars().next()?)));
    latin
        .chain(other)
        .chain(INVISIBLE)
        .chain([("rlm", '\u{200f}')])
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_plain = c.is_ascii() && !matches!(c, '<' | '>' | '&' | '"');
        match entities().find(|(_, known)| !is_plain && *known == c) {
            Some((name, _)) => {
                out.push('&');
                out.push_str(name);
                out.push(';');
            }
            None => out.push(c),
        }
    }
    out
}

/// What is no entity stays as it is.
fn unescape(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = rest[1..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'))
            .filter(|length| rest[1 + length..].starts_with(';'));
        match length.and_then(|length| Some((length, character(&rest[1..=length])?))) {
            Some((length, character)) => {
                out.push(character?);
                rest = &rest[length + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn character(name: &str) -> Option<Result<char, String>> {
    let Some(number) = name.strip_prefix('#') else {
        let (_, c) = entities().find(|(known, _)| *known == name)?;
        return Some(Ok(c));
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let code = code.ok()?;
    let surrogate = (0xd800..0xe000).contains(&code);
    match char::from_u32(code) {
        Some(c) => Some(Ok(c)),
        None if surrogate => Some(Ok(char::REPLACEMENT_CHARACTER)),
        None => Some(Err(format!("no character has the number {code}"))),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("<a href='x'>&\"é</a>`=/", "&lt;a href='x'&gt;&amp;&quot;&eacute;&lt;/a&gt;`=/"; "markup")]
    #[test_case("€ 漢 😀 \u{a0} © ½ α ← “x”", "&euro; 漢 😀 &nbsp; &copy; &frac12; &alpha; &larr; &ldquo;x&rdquo;"; "beyond ASCII")]
    fn characters_become_entities(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test_case(
        "&lt;&amp;&eacute;&#65;&#x41;&#X42;&quot;&nope;&apos;&amp",
        "<&éAAB\"&nope;&apos;&amp"
    )]
    #[test_case("&lt &gt", "&lt &gt")]
    #[test_case("&#65", "&#65")]
    #[test_case("&copy;&larr;&hellip;", "©←…")]
    #[test_case("&#;&#x;&;&&", "&#;&#x;&;&&")]
    fn entities_become_characters(text: &str, expected: &str) {
        assert_eq!(unescape(text).as_deref(), Ok(expected));
    }

    #[test]
    fn all_entities_of_html_4_are_there() {
        assert_eq!(entities().count(), 252);
        assert!(entities().any(|entity| entity == ("yuml", 'ÿ')));
        assert!(unescape("&#99999999;").is_err());
    }
}
