//! The tools beside the variables.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case(
        r#"#set($j=$json.parse($request.body))$j|$j.tags|$j.sub|$j.tags.size()|$j.size()|$j.get("id")|$j.keySet()|$j.root()|$j.sub.k|$j.sub.get("k")|$j.nope|$j.on|$j.none|$j.tags[0]|$j['id']|#foreach($t in $j.tags)<$t>#end|#foreach($t in $j)<$t>#end"#,
        Some(
            "{sub={k=v}, price=1.50, name=Ann, id=7, none=null, tags=[a, b], on=true}|[a, b]|{k=v}|2|7|7|[sub, price, name, id, none, tags, on]|{sub={k=v}, price=1.50, name=Ann, id=7, none=null, tags=[a, b], on=true}|v|v|$j.nope|true|$j.none|a|7|<a><b>|<sub><price><name><id><none><tags><on>",
        ),
    ),
    Case(
        r#"#set($j=$json.parse("[1,{""a"":1.50},""x"",null,true]"))$j|$j.get(0)|$j[1]|$j[1].a|$j.size()|#foreach($t in $j)<$t>#end|$j.a|$j[0].a"#,
        Some(
            "[1, {a=1.50}, x, null, true]|1|{a=1.50}|1.50|5|<1><{a=1.50}><x><$t><true>|$j.a|$j[0].a",
        ),
    ),
    Case(
        r#"#set($j=$json.parse("{""i"":7,""f"":1.5,""b"":12345678901234567890,""e"":1e3,""s"":""q\""z"",""n"":{""x"":[1,{""y"":2}]}}"))$j|$j.n|#set($x=$j.i + 1)$x|#set($x=$j.f * 2)$x|#set($x=$j.i / 2)$x|#if($j.i==7)t#end|#if($j.i>6)t#end|$j.b|$j.e|$j.s|#set($x=$j.f / 4)$x|#set($x=$j.f + 1.25)$x|#set($x=$j.i - 0.5)$x|#set($x=1 / $j.i)$x|#set($x=$j.i / 0)$x"#,
        Some(
            r#"{b=12345678901234567890, s=q"z, e=1E+3, f=1.5, i=7, n={x=[1, {y=2}]}}|{x=[1, {y=2}]}|8.0|3.00|3|t|t|12345678901234567890|1E+3|q"z|0.4|2.75|6.5|0.1|$x"#,
        ),
    ),
    Case(
        r#"#set($j=$json.parse("{broken"))$j|#set($j=$json.parse(""))$j|#set($j=$json.parse("3"))$j|$json.parse($u)|$json.parse("{}").size()"#,
        Some("$j|$j|$j|$json.parse($u)|0"),
    ),
    Case(
        r#"$math.add(1,2) $math.add("1",2) $math.sub(5,3) $math.mul(2,3.5) $math.div(7,2) $math.div(6,2) $math.mod(7,3) $math.pow(2,10) $math.max(1,2.5) $math.min(1,2) $math.abs(-5) $math.ceil(1.2) $math.floor(1.8) $math.round(1.5) $math.roundTo(2,1.2345) $math.idiv(7,2) $math.toInteger("5") $math.toDouble("5") $math.toNumber("5.5") $math.getTotal([1,2,3]) $math.getAverage([1,2,3]) $math.add("x",1) $math.div(1,0) $math.random(1,1) $math.add(1,2,3)"#,
        Some(
            r#"3 3 2 7.0 3.5 3 1 1024 2.5 1 5 2 1 2 1.23 3 5 5.0 5.5 6 2 $math.add("x",1) $math.div(1,0) 1 6"#,
        ),
    ),
    Case(
        r#"$math.sub("5","3") $math.div(1,3) $math.add(2147483647,1) $math.pow(2,0.5) $math.round("2.5") $math.round(-2.5) $math.roundTo(0,2.5) $math.roundTo("1",2.25) $math.mod(7.5,2) $math.idiv(7,0) $math.toInteger("x") $math.getTotal([1,2.5]) $math.getAverage([1,2.5]) $math.add([1,2]) $math.sub(9,1,2) $math.add(1.0,2.0) $math.sub(1,1.0) $math.add(1) $math.getTotal(1,2.5) $math.roundTo(-7,2)"#,
        Some(
            r#"2 0.3333333333333333 2147483648 1.4142135623730951 2 -2 2.5 2.3 1 $math.idiv(7,0) $math.toInteger("x") 3.5 1.75 $math.add([1,2]) 6 3.0 0.0 1 3.5 2.0"#,
        ),
    ),
    Case(
        r##"$number.format("#0.0",12.345)|$number.format("currency",5)|$number.format("integer",5.7)|$number.format("percent",0.5)|$number.format(1234567.891)|$number.currency(3.5)|$number.integer(3.7)|$number.percent(0.25)|$number.toNumber("5.5")|$number.number(1234.5)|$number.format("0.00","3")|$number.format("0",2.5)|$number.format("0",3.5)|$number.format("000",7)|$number.format("0.0#",1.239)|$number.format("00.00",-1.5)|$number.format("x0",1)|$number.format("0%",0.25)|$number.format("0.00",1.005)|$number.format("0.00",$u)|$number.format("0.00","x")"##,
        Some(
            r#"12.3|¤5.00|6|50%|1,234,567.891|¤3.50|4|25%|5.5|1,234.5|3.00|2|4|007|1.24|-01.50|x1|25%|1.00|$number.format("0.00",$u)|$number.format("0.00","x")"#,
        ),
    ),
    Case(
        "$number.format('#,##0.00',1234567.5) $number.format('#,###',1234567.5) $number.format('0.###',12.5) $number.format('#.##',0.5) $number.format('$0.00',0.5) $number.format('a',3.7) $number.format(1,2)",
        Some("1,234,567.50 1,234,568 12.5 0.5 $0.50 a4 $number.format(1,2)"),
    ),
    Case(
        r#"$esc.html("<a>&'""é © €") $esc.xml("<a>&'""é") $esc.java('a"b/é') $esc.javascript('a"b/') $esc.sql("it's") $esc.url("a b&c/é~*") $esc.unurl("a+b%26") $esc.d $esc.dollar $esc.h $esc.hash $esc.q $esc.s $esc.b $esc.e $esc.html($u) $esc.html(5)"#,
        Some(
            r#"&lt;a&gt;&amp;'&quot;&eacute; &copy; &euro; &lt;a&gt;&amp;&apos;&quot;é a\"b/\u00E9 a\"b\/ it''s a+b%26c%2F%C3%A9%7E* a b& $ $ # # " ' \ ! $esc.html($u) 5"#,
        ),
    ),
    Case(
        r#"$collection.sort([3,1,2]) $collection.sort(["b","a"]) $collection.split("a,b, c").size() $collection.sort([{"n":2},{"n":1}],"n") $collection.sort([{"n":1},{"n":2}],"n:desc") $collection.sort($u) $collection.sort({"b":2,"a":1})"#,
        Some("[1, 2, 3] [a, b] 3 [{n=1}, {n=2}] [{n=2}, {n=1}] $collection.sort($u) [1, 2]"),
    ),
    Case(
        r#"$display.list([1,2,3]) $display.list(["a","b"],"-") $display.list([1,2,3],", "," or ") $display.truncate("abcdefghijklmnopqrstuvwxyz0123456789",10) $display.capitalize("abc") $display.uncapitalize("ABC") $display.alt($u,"x") $display.alt("y","x") $display.plural(2,"item") $display.plural(2,"box") $display.cell("ab",5)| $display.message("{0} is {1}","a",1234.5) $display.printf("%s-%05d|%5.2f|%-5s|%x","a",7,1.5,"a",255) $display.list([])|$display.list("x") $display.cell('a')| $display.truncate('abcdef',3) $display.list({'a':1})"#,
        Some(
            "1, 2 and 3 a-b 1, 2 or 3 abcdefg... Abc aBC x y items boxes ab   | a is 1,234.5 a-00007| 1.50|a    |ff |x a                             | abc {a=1}",
        ),
    ),
    Case(
        r#"$date.format("iso",0)|$date.format("medium",0)|$date.format("intl",0)|$date.format("full",0)|$date.format("long",0)|$date.format("short",0)|$date.format("EEE, d MMM yyyy hh:mm:ss a z",0)|$date.format("yyyy-MM-dd'T'HH:mm:ss.SSSZ",1700000000000)|$date.format("short_date",0)|$date.format("full_time",0)|$date.format("yyyy","2020")|$date.format(0)"#,
        Some(
            r#"1970-01-01T00:00:00|Jan 1, 1970, 12:00:00 AM|1970-01-01 00:00:00|Thursday, January 1, 1970 at 12:00:00 AM Coordinated Universal Time|January 1, 1970 at 12:00:00 AM UTC|1/1/70, 12:00 AM|Thu, 1 Jan 1970 12:00:00 AM UTC|2023-11-14T22:13:20.000+0000|1/1/70|12:00:00 AM Coordinated Universal Time|$date.format("yyyy","2020")|Jan 1, 1970, 12:00:00 AM"#,
        ),
    ),
    Case("$date.format('x',0)", None),
    Case("$date.foo", None),
    Case(
        r#"$xml.parse("<a x='1'><b>t</b><b>u</b></a>") $xml.parse("<a x='1'><b>t</b><b>u</b></a>").b $xml.parse("<a x='1'><b>t</b></a>").b.text $xml.parse("<a x='1'><b>t</b></a>").attr("x") $xml.parse("<a x='1'><b>t</b></a>").x $xml.parse("<a x='1'><b>t</b></a>").find("/a/b").text $xml.parse("<a><b>t</b><b>u</b></a>").children().size() $xml.parse("<a/>").name $xml.parse("<a><b>t</b><b>u</b></a>").b.size() #foreach($n in $xml.parse("<a><b>t</b><b>u</b></a>").b)<$n.text>#end $xml.parse("<a><b>t</b></a>").text $xml.parse("<a><b>t</b></a>").first"#,
        Some(
            r#"<a x="1"><b>t</b><b>u</b></a> <b>t</b><b>u</b> t 1 1 t 2 a 2 <t><u> t <a><b>t</b></a>"#,
        ),
    ),
    Case(
        r#"$import.read("x") $class $link $render $sort $convert $field $log $context"#,
        Some(r#"$import.read("x") $class $link $render $sort $convert $field $log $context"#),
    ),
];
