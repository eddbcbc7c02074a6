//! White space around directives.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case(
        "a
  #if(true)
  b
  #end
c",
        Some(
            "a
  b
c",
        ),
    ),
    Case(
        "a #if(true)
  b
  #end
c",
        Some(
            "a   b

c",
        ),
    ),
    Case(
        "a
  #if(true) x
  #else
 y
 #end  
c",
        Some(
            "a
 x
c",
        ),
    ),
    Case(
        "#if(true)
a
#elseif(true)
b
#else
c
#end
d",
        Some(
            "a
d",
        ),
    ),
    Case(
        "  #set($x=1)  
  $x
",
        Some(
            "  1
",
        ),
    ),
    Case(
        "a #set($x=1)
b",
        Some(
            "a 
b",
        ),
    ),
    Case(
        "#set($x=1)#set($y=2)
b",
        Some(
            "
b",
        ),
    ),
    Case(
        "#foreach($i in [1..2])
  $i
#end
z",
        Some(
            "  1
  2
z",
        ),
    ),
    Case(
        "  #foreach($i in [1..2])
  $i
  #end
z",
        Some(
            "  1
  2
z",
        ),
    ),
    Case(
        "a#foreach($i in [1..2])
$i
#end
z",
        Some(
            "a1
2

z",
        ),
    ),
    Case(
        "#macro(m1)
M
#end
x
  #m1()
y #m1()
z",
        Some(
            "x
M
y M

z",
        ),
    ),
    Case(
        "#macro(m2)M#end
x
  #m2()
y #m2()
z",
        Some(
            "x
My M
z",
        ),
    ),
    Case(
        "x
  #foo
y",
        Some(
            "x
  #foo
y",
        ),
    ),
    Case(
        "x
  #foo()
y",
        Some(
            "x
  #foo()
y",
        ),
    ),
    Case(
        "x #foo()
y",
        Some(
            "x #foo()
y",
        ),
    ),
    Case(
        "  ## c
x",
        Some("  x"),
    ),
    Case(
        "  #* c *#
x",
        Some(
            "  
x",
        ),
    ),
    Case(
        "x
  #* c *# #if(true)a#end
b",
        Some(
            "x
   a
b",
        ),
    ),
    Case(
        "x
  ##c
  #if(true)a#end
b",
        Some(
            "x
  ab",
        ),
    ),
    Case(
        "#if(true)#set($q=1)
a#end",
        Some("a"),
    ),
    Case(
        "#if(true) #set($q=1)
a#end",
        Some("a"),
    ),
    Case(
        "x
 #if(true)a#end
y",
        Some(
            "x
ay",
        ),
    ),
    Case(
        "x
 #if(true)a#end y",
        Some(
            "x
a y",
        ),
    ),
    Case(
        "#define($d1)
 a
#end
[$d1]",
        Some(
            "[ a
]",
        ),
    ),
    Case(
        r#"  #evaluate("a")
b"#,
        Some("ab"),
    ),
    Case(
        "#foreach($i in [1..3])
$i#if($foreach.hasNext),#end
#end
x",
        Some(
            "1,
2,
3
x",
        ),
    ),
    Case(
        "  #stop
x",
        Some(""),
    ),
    Case(
        "#ifnull($u)
  x
#end
y",
        Some(
            "  x
y",
        ),
    ),
    Case("#if(true)\r\na\r\n#end\r\nb", Some("a\r\nb")),
];
