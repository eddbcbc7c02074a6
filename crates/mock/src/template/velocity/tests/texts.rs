//! Text, comments, raw blocks and escaped directives.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case(
        r"\#if \\#foo \#foo \#set($x=1) \\\#set($x=1) \#end \##c",
        Some(r"#if \\#foo \#foo #set($x=1) \#set($x=1) #end \"),
    ),
    Case(r"#if(true)\\#{else}b#end|\\\#set", Some(r"\|\#set")),
    Case(
        r#"a#b #1 # #{ #{foo} #{x y} #foo #foo($x) #foo("a" $b, 3) #set"#,
        Some(r#"a#b #1 # #{ #{foo} #{x y} #foo #foo($x) #foo("a" $b, 3) #set"#),
    ),
    Case(
        "#fff; #fff{} #id { } #foo.bar ##",
        Some("#fff; #fff{} #id { } #foo.bar "),
    ),
    Case("#* unterminated", Some("")),
    Case("#[[ $x #if ]]# b", Some(" $x #if  b")),
    Case("## only comment", Some("")),
    Case(
        "a ## comment
b",
        Some("a b"),
    ),
    Case("#* x *#b #** doc *#c", Some("b c")),
    Case(
        r#"<b>$x</b> 
 \t \"q\" #1"#,
        Some(
            r#"<b>$x</b> 
 \t \"q\" #1"#,
        ),
    ),
    Case(
        r#"{#if(true)"a":1#end} [#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end]"#,
        Some(r#"{"a":1} [1,2,3]"#),
    ),
];
