//! Methods and properties of texts, numbers, lists and maps.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case(
        r#"#set($s="Hello World")$s.length() $s.substring(6) $s.substring(0,5) $s.toUpperCase() $s.toLowerCase() $s.indexOf("o") $s.indexOf("o",5) $s.lastIndexOf("o") $s.startsWith("He") $s.endsWith("ld") $s.contains("lo") $s.replace("l","L") $s.equals("x") $s.equalsIgnoreCase("HELLO WORLD") $s.charAt(1) $s.isEmpty() $s.isBlank() $s.concat("!") $s.compareTo("Hello") $s.hashCode() $s.toString()"#,
        Some(
            "11 World Hello HELLO WORLD hello world 4 7 7 true true true HeLLo WorLd false true e false false Hello World! 6 -862545276 Hello World",
        ),
    ),
    Case(
        r#"#set($s="Hello World")$s.matches("H.*") $s.replaceAll("[aeiou]","_") $s.replaceAll('(l+)','<$1>') $s.replaceFirst("o","0") $s.repeat(2) $s.strip() $s.trim() $s.empty $s.bytes.size() $s.blank $s.intern() $s.subSequence(0,2) $s.length $s.toUpperCase"#,
        Some(
            "true H_ll_ W_rld He<ll>o Wor<l>d Hell0 World Hello WorldHello World Hello World Hello World false 11 false Hello World He 11 HELLO WORLD",
        ),
    ),
    Case(
        r#"#set($p="a,b,,c,,")$p.split(",").size() $p.split(",")[1] $p.split(",").get(0) $p.split(",").length $p.split(",",2)[1] $p.split(",",-1).size() #foreach($x in $p.split(","))[$x]#end $p.split("").size() $p.split(",").isEmpty() $p.split(",").contains("b")"#,
        Some(r#"4 b a $p.split(",").length b,,c,, 6 [a][b][][c] 8 false true"#),
    ),
    Case(
        r#"$request.path.format("%s-%d","a",1) #set($s="x%s")$s.formatted("y") $s.join(",","a","b") $s.join("-",["a","b"]) $s.valueOf(5) $s.toCharArray()[0]"#,
        Some("a-1 xy a,b a-b 5 x"),
    ),
    Case(
        r#"#set($s="abc")$s.substring("1") $s.substring(1.0) $s.indexOf(98) $s.charAt("1") $s.equals($u) $s.equals(1) $s.replace("a",1) $s.contains(1) $s.concat(1) $s.startsWith(1) $s.substring(true) $s.substring($u) $s.foo() $s.LENGTH() $s[0]"#,
        Some(
            r#"$s.substring("1") $s.substring(1.0) 1 $s.charAt("1") false false $s.replace("a",1) $s.contains(1) $s.concat(1) $s.startsWith(1) $s.substring(true) $s.substring($u) $s.foo() $s.LENGTH() $s[0]"#,
        ),
    ),
    Case(r#"#set($s="abc")$s.substring(9)"#, None),
    Case(r#"#set($s="abc")$s.charAt(9)"#, None),
    Case(r#"#set($s="abc")$s.startsWith($u)"#, None),
    Case(r#"#set($s="abc")$s.contains($u)"#, None),
    Case(
        r#"#set($s="äöü€")$s.length() $s.substring(1,3) $s.indexOf("€") $s.toUpperCase()"#,
        Some("4 öü 3 ÄÖÜ€"),
    ),
    Case(
        r#"#set($n=5)$n.intValue() $n.toString() $n.equals(5) $n.compareTo(6) $n.doubleValue() $n.parseInt("7") $n.length() #set($d=2.7)$d.intValue() $d.isNaN() $d.toString() #set($b=true)$b.toString() $b.equals(true) $n.valueOf("12") $n.max(3,4)"#,
        Some("5 5 true -1 5.0 7 $n.length() 2 false 2.7 true true 12 4"),
    ),
    Case(
        r#"#set($l=[1,2])$l.add(3)$l $l.remove(0) $l $l.contains(2) $l.indexOf(3) $l.isEmpty() $l.empty $l.addAll([7,8]) $l $l.subList(0,1) $l.set(0,5) $l $l.clear() $l $l.add(0,"q") $l"#,
        Some(
            "true[1, 2, 3] 1 [2, 3] true 1 false false true [2, 3, 7, 8] [2] 2 [5, 3, 7, 8]  []  [q]",
        ),
    ),
    Case(
        "#set($l=[3,1,2])$l.sort($u) $l $l.toString() $l.equals([1,2,3]) $l.toArray() $l.first $l.last $l.length $l.size",
        Some(" [1, 2, 3] [1, 2, 3] true [1, 2, 3] $l.first $l.last $l.length 3"),
    ),
    Case(
        r#"#set($m={"a":1})$m.put("b",2) $m $m.put("a",3) $m $m.remove("a") $m $m.containsKey("b") $m.containsValue(2) $m.isEmpty() $m.empty $m.getOrDefault("z",9) $m.putAll({"q":1}) $m $m.size() $m.keySet().size() $m.keySet().contains("b") $m.values().contains(2) $m.toString() $m.equals({"q":1}) $m.putIfAbsent("y",1) $m.replace('y',2)"#,
        Some(
            r#"$m.put("b",2) {a=1, b=2} 1 {a=3, b=2} 3 {b=2} true true false $m.empty 9  {b=2, q=1} 2 2 true true {b=2, q=1} false $m.putIfAbsent("y",1) 1"#,
        ),
    ),
    Case(
        r#"#set($m={"size":5,"empty":1})$m.size $m.empty $m.size() $m['size']"#,
        Some("2 1 2 5"),
    ),
];
