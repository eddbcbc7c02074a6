//! References in text: quiet, in braces, escaped, chained, with alternates.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case("$x $!x ${x} $!{x} ${x|'d'}", Some("$x  ${x}  d")),
    Case(
        "$request.method $request.headers.get('X-One')[0] $request.headers['X-One'][0] $request.headers.X-One.get(1)",
        Some("POST v1 v1 v2"),
    ),
    Case(
        r#"$request.queryStringParameters.get("a").get(0) $request.queryStringParameters.a.size() $request.queryStringParameters['a'][1]"#,
        Some("1 2 2"),
    ),
    Case(
        "$request.headers $request.cookies.sid $request.cookies['sid'] $request.secure $request.keepAlive",
        Some("{X-One=[v1, v2], Host=[localhost]} abc abc false true"),
    ),
    Case(
        "$request.headers['x-one'] $request.headers.get('HOST') $request.headers.host $request.headers.containsKey('HOST') $request.headers.nope $request.cookies.SID $request.queryStringParameters.A",
        Some(
            "[v1, v2] [localhost] [localhost] true $request.headers.nope $request.cookies.SID $request.queryStringParameters.A",
        ),
    ),
    Case(
        "$request.foo.bar $request.foo.bar() $!request.foo.bar ${request.foo} $!{request.foo}",
        Some("$request.foo.bar $request.foo.bar()  ${request.foo} "),
    ),
    Case(
        "$request.headers.nope $request.headers['nope'][0] $request.headers.get('nope').get(0) $!request.headers.get('Nope').get(0)|",
        Some(
            "$request.headers.nope $request.headers['nope'][0] $request.headers.get('nope').get(0) |",
        ),
    ),
    Case(
        r#"$request.getMethod() $request.Method $request.METHOD $request.get("method")"#,
        Some(r#"POST POST $request.METHOD $request.get("method")"#),
    ),
    Case(
        "$ $1 $[ $. $![ ${ ${} $( $x. $x.1 $x-y $x.y-z $x$y $x#y $x() $x.y() $x.y(1).z",
        Some("$ $1 $[ $. $![ ${ ${} $( $x. $x.1 $x-y $x.y-z $x$y $x#y $x() $x.y() $x.y(1).z"),
    ),
    Case(
        r#"$x.y.z $x.y().z() $x[0].y $x.get("a b").c $x.y{z} $x.y} {$x} {${x}} ($x) [$x ] "$x" $x, $x. $x! $x: $x; $x? $!x. $x.$y $x..y"#,
        Some(
            r#"$x.y.z $x.y().z() $x[0].y $x.get("a b").c $x.y{z} $x.y} {$x} {${x}} ($x) [$x ] "$x" $x, $x. $x! $x: $x; $x? . $x.$y $x..y"#,
        ),
    ),
    Case(
        "$!1 $!, $!. $!) $!} $!{1} $!( $![ $!] $! x $!!x",
        Some("$1 $, $. $) $!} $!{1} $( $![ $] $ x $!x"),
    ),
    Case(
        "$!
$! 
$!",
        Some(
            "$!
$! 
$!",
        ),
    ),
    Case("$x| $x|| ${x} a|b", Some("$x| $x|| ${x} a|b")),
    Case("$x.foo(", Some("$x.foo(")),
    Case(
        r"#set($x=1)\$x \\$x \\\$x \$u \\$u \\\$u \$!u \$!x \${x} \\${x}",
        Some(r"$x \1 \$x \$u \\$u \\$u \$!u $!x ${x} \1"),
    ),
    Case(
        r"#set($x=1)$\!x $\\!x $\!u $$x $$$x #$x \$$x \$$u \\$$x $!$x $!{x}y ${x}y",
        Some(r"$!x $\!x $!u $1 $$1 #1 $x \$u \$1 $!1 1y 1y"),
    ),
    Case("#set($x=5)$x-1 $x-y ${x}-1", Some("$x-1 $x-y 5-1")),
    Case(
        r#"#set($e="")${e|'d'} #set($z=0)${z|'d'} #set($f=false)${f|'d'} #set($l=[])${l|'d'} ${request.foo|$z} $!{u|'d'} ${request.path|"x"} ${u|${v|"deep"}} ${u|$v} ${e|""}"#,
        Some("d d d d 0 d /some/path deep ${u|$v} "),
    ),
    Case(
        "$request.body.substring(0,7)#if(true)x#end$request.path#if(true)y#end",
        Some(r#"{"id":7x/some/pathy"#),
    ),
    Case(
        "$100 5$ price:$5 a@b.c 100%",
        Some("$100 5$ price:$5 a@b.c 100%"),
    ),
    Case(
        r#"#set($map={"a":{"b":[1,2,{"c":"deep"}]}})$map.a.b[2].c $map["a"]["b"][0] $map.get("a").b.get(1)"#,
        Some("deep 1 2"),
    ),
    Case(
        r#"#set($l=[1,2])$l[-1] $l["0"] $l["x"] $l[$u] $l.get("0")"#,
        Some(r#"2 $l["0"] $l["x"] $l[$u] $l.get("0")"#),
    ),
    Case("#set($l=[1,2])$l[5]", None),
    Case("#set($l=[1,2])$l.get(5)", None),
    Case(
        r#"#set($m={1:"a"})$m[1] $m.get(1) $m["1"] $m.get("1")"#,
        Some(r#"a a $m["1"] $m.get("1")"#),
    ),
];
