//! Directives, macros and the scope of variables.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case(
        "#set($x=${u|'d'})$x #set($x=$u)$x #set($x=1)#set($x=$u)$x",
        Some("d $x $x"),
    ),
    Case(
        r#"#set($m={"a":1})#set($m.b=2)#set($m["c"]=3)$m #set($m.a=$u)$m"#,
        Some("{a=1, b=2, c=3} {a=null, b=2, c=3}"),
    ),
    Case("#set($l=[1,2])#set($l[0]=9)$l", Some("[9, 2]")),
    Case("#set($l=[1,2])#set($l[5]=1)$l", None),
    Case(
        r#"#set($request.method="X")$request.method #set($request.foo=1)$request.foo #set($u.x=1)$u"#,
        Some("POST $request.foo $u"),
    ),
    Case(
        "#foreach($i in [1..3])$i,$foreach.index,$foreach.count,$foreach.hasNext,$foreach.first,$foreach.last;#end",
        Some("1,0,1,true,true,false;2,1,2,true,false,false;3,2,3,false,false,true;"),
    ),
    Case(
        r#"#foreach($i in [3..1])$i#end #foreach($i in [-1..1])$i,#end #foreach($i in $u)x#{else}none#end #foreach($i in [])x#{else}none#end #foreach($i in "abc")[$i]#end #foreach($i in {"a":1,"b":2})$i#end #foreach($i in 5)[$i]#{else}none#end"#,
        Some("321 -1,0,1, none none  12 none"),
    ),
    Case(
        r#"#set($m={"a":1,"b":2})#foreach($e in $m.entrySet())$e.key=$e.value;$e;$e.getKey()#end #foreach($k in $m.keySet())$k,$m.get($k),$m[$k],$m.$k #end"#,
        Some("a=1;a=1;ab=2;b=2;b a,1,1,{a=1, b=2}.a b,2,2,{a=1, b=2}.b "),
    ),
    Case(
        "#foreach($x in $request.headers.keySet())$x=$request.headers.get($x).get(0);#end #foreach($h in $request.headers.entrySet())$h.key: $h.value[0];#end #foreach($v in $request.headers.values())$v;#end #foreach($v in $request.headers)$v;#end",
        Some(
            "X-One=v1;Host=localhost; X-One: v1;Host: localhost; [v1, v2];[localhost]; [v1, v2];[localhost];",
        ),
    ),
    Case(
        "#foreach($i in [1..5])#if($i==3)#break#end$i#end after #foreach($i in [1..2])#foreach($j in [1..2])$foreach.hasNext()$foreach.isFirst()$foreach.getIndex()$foreach.parent.index.$foreach.index,$foreach.parent.count $foreach.topmost.index;#end#end",
        Some("12 after truetrue00.0,1 0;falsefalse10.1,1 0;truetrue01.0,2 1;falsefalse11.1,2 1;"),
    ),
    Case(
        r#"#set($i="outer")#foreach($i in [1..2])$i#end$i #foreach($k in [1..2])#end$k| $foreach.index $foreach"#,
        Some("12outer $k| $foreach.index $foreach"),
    ),
    Case("a#stop b", Some("a")),
    Case("#foreach($i in [1..2])a#stop b#end c", Some("a")),
    Case("#break x", Some("")),
    Case("#if(true)a#break b#end c", Some("a")),
    Case(
        r#"#macro(hi1 $name $b)Hello $name $!b$b!#end#hi1("Ann")#hi1("A" "B") #hi1("A", "B") #hi1($u) #hi1"#,
        Some("Hello Ann $b!Hello A BB! Hello A BB! Hello $name $b! Hello $name $b!"),
    ),
    Case(r#"#early("x") #macro(early $n)<$n>#end"#, Some("<x> ")),
    Case(
        r#"#macro(d2 $a=5 $b="x")$a$b#end#d2()#d2(1)#d2(1 2)"#,
        Some("5x1x12"),
    ),
    Case(
        "#macro(r2 $n)$n#if($n>0)#set($m=$n - 1)#r2($m)#end#end#r2(5)",
        Some("543210"),
    ),
    Case("#macro(inf2)#inf2()#end#inf2()", None),
    Case(
        "#macro(setit2 $p)#set($p=9)#end#set($q=1)#setit2($q)$q $p",
        Some("1 9"),
    ),
    Case(
        r#"#macro(local2 $x)$x#set($x=2)$x#end#set($x=1)#local2("p")$x"#,
        Some("p22"),
    ),
    Case("#macro(loc2)#set($zz=5)#end#loc2()$zz", Some("5")),
    Case(
        r#"#macro(nm2 $x)$x#end#nm2($y.z) #nm2($u) #nm2("$u")"#,
        Some("$x $x $u"),
    ),
    Case("#macro(twice)1#end#macro(twice)2#end#twice()", Some("1")),
    Case(
        "#macro(wrap2)[$!bodyContent]#end#@wrap2()body#end",
        Some("[body]"),
    ),
    Case(
        r#"#define($d)hello $who#end#set($who="Bob")$d #set($who="Al")$d"#,
        Some("hello Bob hello Al"),
    ),
    Case("#define($d)x$d#end$d", Some("xx$d")),
    Case("#define($d)x#stop y#end a $d b", Some(" a x")),
    Case(
        r##"#evaluate("#set($k=4)$k") $k #evaluate($request.path) #evaluate($u)|#evaluate('$k')"##,
        Some("4 4 /some/path |4"),
    ),
    Case("#evaluate('#if(')", None),
    Case(r#"#include("x.txt")"#, None),
    Case(r#"#parse("x.vm")"#, None),
    Case(
        "#ifnull($u)null#end|#ifnull($request)x#end|#ifnull($request.foo)null2#end",
        Some("null||null2"),
    ),
    Case(
        "#foreach($i in [1..3])#set($sum=$!sum+$i)#end$sum #set($t=0)#foreach($i in [1..3])#set($t=$t+$i)#end$t",
        Some("$sum 6"),
    ),
];
