//! Literals, operators, comparisons and what counts as true.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case(
        r#"#set($s="a""b$x\
")$s|#set($s='it''s $x')$s|#set($s="\u0041")[$s]#set($s="a\tb")[$s]"#,
        Some(
            r#"a"b$x\
|it's $x|[A][a\tb]"#,
        ),
    ),
    Case(
        r#"#set($v=3)#set($s="v=$v ${v}x $!none $none #if($v==3)yes#end")$s"#,
        Some("v=3 3x  $none yes"),
    ),
    Case(r##"#set($s="#[[raw]]# ## c")$s|"##, Some("raw |")),
    Case(
        "#set( $x = 1 )$x #set ($y = 2)$y #{set}($z=3)$z",
        Some("1 2 3"),
    ),
    Case(
        "#set($x=1.0)$x #set($x=1.50)$x #set($x=1e3)$x #set($x=.5)$x #set($x=-1)$x #set($x=99999999999)$x #set($x=99999999999999999999999)$x #set($x=-.5)$x #set($x=1.)$x #set($x=1e400)$x",
        Some("1.0 1.5 1000.0 0.5 -1 99999999999 99999999999999999999999 -0.5 1.0 Infinity"),
    ),
    Case(
        "#set($x=1/2)$x|#set($x=7%3)$x|#set($x=1.0/3)$x|#set($x=1/0)$x|#set($x=1.0/0)$x|#set($x=7%0)$x|#set($x=2147483647+1)$x|#set($x=9223372036854775807+1)$x|#set($x=1+1.5)$x|#set($x=2147483647*2147483647*3)$x",
        Some(
            "0|1|0.3333333333333333|$x|$x|$x|2147483648|9223372036854775808|2.5|13835058042397261827",
        ),
    ),
    Case(
        "#set($n=1.5+1)$n|#set($n=1.0*2)$n|#set($n=0.1+0.2)$n|#set($n=1e10*10)$n|#set($n=1.0E-5)$n|#set($n=5/2.0)$n|#set($n=-7/2)$n|#set($n=-7%3)$n|#set($n=2147483648 - 1)$n|#set($n=5.5%2)$n",
        Some("2.5|2.0|0.30000000000000004|1.0E11|1.0E-5|2.5|-3|-1|2147483647|1.5"),
    ),
    Case(
        r#"#set($n=-"a")$n #set($n=-(1+2))$n #set($x=1)#set($n=-$x)$n #set($n=-"5")$n #set($n=2+3*4)$n #set($n=(2+3)*4)$n #set($n=10/3*3)$n #set($n=1 - -1)$n"#,
        Some("$n -3 -1 -5 14 20 9 2"),
    ),
    Case(
        r#"#set($n="a"+[1])$n|#set($n="a"+$u)$n|#set($n=$u+"a")$n|#set($n=$u+1)$n|#set($n="1"+"2")$n|#set($n="a"+true)$n|#set($x="a" + 1 + 2)$x|#set($x = 1 + 2 + "a")$x"#,
        Some("a[1]|a$u|$ua|$n|12|atrue|a12|3a"),
    ),
    Case(
        r#"#set($n="3"*2)$n #set($n="3" - 1)$n #set($n="a" - 1)$n #set($n="4"/2)$n #set($n="a"*2)$n"#,
        Some("6.0 2.0 $n 2 $n"),
    ),
    Case(r#"#set($n="9"%2)$n"#, None),
    Case(
        r#"#if(1==1.0)t#{else}f#end #if("1"==1)t#{else}f#end #if($u==$v)t#{else}f#end #if($u=="")t#{else}f#end #if(1!=$u)t#{else}f#end #if([1]==[1])t#{else}f#end #if({"a":1}=={"a":1})t#{else}f#end #if(true=="true")t#{else}f#end #if(1=="1.0")t#{else}f#end #if("a"=="A")t#{else}f#end"#,
        Some("t t t f t t t t t f"),
    ),
    Case(
        r#"#if("a"<"b")t#{else}f#end #if(1<"2")t#{else}f#end #if("10"<"9")t#{else}f#end #if($u<1)t#{else}f#end #if(1<$u)t#{else}f#end #if($u<=$u)t#{else}f#end #if(true<false)t#{else}f#end #if(1 lt 2 and 2 gt 1 or not true)t#{else}f#end #if([1]<[2])t#{else}f#end"#,
        Some("f t f f f f f t f"),
    ),
    Case(
        "#if(1 ne 2)t#end#if(1 eq 1)t#end#if(1 le 1)t#end#if(1 ge 1)t#end#if(!true)t#{else}f#end#if(!$u)t#end#if(!!true)t#end#if(not $u)t#end",
        Some("ttttfttt"),
    ),
    Case(
        r#"#if($undefined)t#{else}f#end #if("")t#{else}f#end #if(0)t#{else}f#end #if([])t#{else}f#end #if("false")t#{else}f#end #if("0")t#{else}f#end #if(0.0)t#{else}f#end #if({})t#{else}f#end #if({"a":1})t#{else}f#end #if([0])t#{else}f#end #if(" ")t#{else}f#end #if($request)t#{else}f#end #if($request.secure)t#{else}f#end #if(-1)t#{else}f#end"#,
        Some("f f f f t t f f t t t t f t"),
    ),
    Case(
        "#if(1+1)t#{else}f#end #if(!(1+1))t#{else}f#end #if([1..3])t#{else}f#end #if(1+1 && true)t#{else}f#end #set($x=1)#if(-$x)t#{else}f#end #if(-$u)t#{else}f#end #set($y=true && (1+1))$y",
        Some("f t f f t f false"),
    ),
    Case(
        r#"#set($x=true||false)$x #set($x=$u||"a")$x #set($x="a"&&"b")$x #set($x=!"a")$x #set($x=1==1)$x #set($x=$u&&$v)$x"#,
        Some("true true true false true false"),
    ),
    Case(
        r#"#set($m={1:2,$request.path:[3,{"b":4}],'k':"v"})$m #set($m={})$m #set($l=[])$l #set($l=[1,"a",[2]])$l #set($l=[1,$u])$l"#,
        Some("{1=2, /some/path=[3, {b=4}], k=v} {} [] [1, a, [2]] [1, null]"),
    ),
    Case(
        r#"#set($r=[$a..3])x #set($a="1")#set($r=[$a..3])$r #set($r=[3..1])$r #set($n=2)#set($r=[$n..4])$r $r.size() $r[1]"#,
        Some("x [1, 2, 3] [3, 2, 1] [2, 3, 4] 3 3"),
    ),
    Case(
        "#set($x=5)#set($n=$x-1)[$n]#set($n=$x - 1)[$n]#set($n=$x -$x)[$n]#set($n=$x+1)[$n]",
        Some("[$n][4][0][6]"),
    ),
    Case(
        "#if($request.method=='POST' && $request.path.startsWith('/some'))yes#else no#end",
        Some("yes"),
    ),
    Case(
        "#if($request.queryStringParameters.get('a').get(0) > 0)gt#{else}le#end",
        Some("gt"),
    ),
];
