"""Response templates in the engines that the real server has, as far as their output is deterministic."""

from ..case import STATUS, Case, control, send

GROUP = "templates"


def cases(random):
    for engine, texts in (("VELOCITY", VELOCITY), ("MUSTACHE", MUSTACHE)):
        for number, text in enumerate(texts):
            yield one(f"{engine.lower()}/{number}", engine, "COMMON", engine, text)
        for number, text in enumerate(OUTPUTS):
            yield one(f"{engine.lower()}-output/{number}", "output of templates", "COMMON", engine, text,
                [send("GET", "/t")])
    for number, body in enumerate([{"templateType": "OTHER", "template": "{}"}, {"template": "{}"},
        {"templateType": "VELOCITY"}, {"templateType": "velocity", "template": "{'statusCode':201}"},
        {"templateType": "MUSTACHE", "template": "{'statusCode':201}",
        "delay": {"timeUnit": "MILLISECONDS", "value": 5}}, {"templateType": "MUSTACHE", "template": "{{#unclosed"},
        {"templateType": "VELOCITY", "template": "#if("}, {"templateType": "VELOCITY", "template": "#foreach"},
        {"templateType": "MUSTACHE", "template": ""}]):
        entry = {"httpRequest": {}, "httpResponseTemplate": body}
        yield Case(f"templates/registration/{number}", GROUP, "COMMON",
            [control("expectation", entry, STATUS), send("GET", "/t")], "registration")


def one(name, feature, grade, engine, text, requests=None):
    entry = {"httpRequest": {"path": "/t.*"}, "httpResponseTemplate": {"templateType": engine, "template": text}}
    return Case(f"templates/{name}", GROUP, grade, [control("expectation", entry, STATUS), *(requests or REQUESTS)],
        feature)


REQUESTS = [
    send("GET", "/t?a=1&a=2&b=x%20y", [("X-Id", "h1"), ("X-Id", "h2"), ("Cookie", "c=v; d=w")]),
    send("POST", "/t/sub", [("Content-Type", "application/json")],
        '{"n": "Bob", "age": 41, "list": [1, 2, 3], "o": {"k": "v<&>"}, "e": "", "z": 0, "t": true, "nul": null}'),
    send("POST", "/t", [("Content-Type", "application/xml")], "<a><b>x</b><b>y</b><c k='1'>10</c></a>"),
]
OUTPUTS = [
    "{'statusCode': 201, 'body': 'b'}", "{\"statusCode\": 202}", "{statusCode: 203, body: 'b',}",
    "// c\n{'statusCode': 206}", "{'body': {'a': 1, 'b': [1.50]}}", "{'body': [1,2]}",
    "{'headers': {'X-One': ['a','b']}, 'cookies': {'k': 'v'}, 'body': 'b'}",
    "{'headers': [{'name':'X-One','values':['a']}]}", "{'reasonPhrase': 'Mine', 'statusCode': 299}",
    "{'delay': {'timeUnit':'MILLISECONDS','value':5}, 'body': 'b'}",
    "{'connectionOptions': {'closeSocket': true}, 'body': 'b'}",
    "{'body': {'type':'JSON','json':'{\"a\":1.00}'}}", "{'body': {'type':'BINARY','base64Bytes':'YWJj'}}",
    "{'body': {'type':'STRING','string':'ä','contentType':'text/plain; charset=utf-16'}}", "{}", "", " ",
    "plain text", "[]", "null", "1", "{'foo': 1}", "{'statusCode': 'x'}", "{'statusCode': '201'}",
    "{'statusCode': 201} x", "{'body': 'a\nb'}", "{'body': 'ä€'}", "{'body': null}", "{",
    "{'statusCode': 204, 'body': 'b'}", "{'body': \"it's\"}", "{'httpResponse': {'statusCode': 201}}",
]


def body_of(expression):
    return "{'statusCode': 200, 'body': '" + expression + "'}"


VELOCITY = [body_of(text) for text in [
    "$request.method", "$request.path", "$!request.path", "$request.queryStringParameters",
    "$request.queryStringParameters.a[0]", "$request.queryStringParameters['a'][1]",
    "$request.queryStringParameters['b'][0]", "$!request.queryStringParameters['zz'][0]",
    "$request.queryStringParameters['zz'][0]", "$request.headers['X-Id'][0]", "$request.headers['X-Id'][1]",
    "$!request.headers['x-id'][0]", "$!request.headers.Host[0].length()", "$request.cookies['c']",
    "$request.cookies.d", "$!request.cookies.zz", "$request.cookies.zz", "$!request.secure $!request.keepAlive",
    "$!request.body", "$!request.pathParameters", "$request.foo", "$!request.foo", "$nothing", "$!nothing",
    "$!{nothing}x", "${request.method}x", "$request.method.toLowerCase()", "$request.path.substring(1)",
    "$request.path.length()", "$request.path.replace(\"t\",\"T\")", "$request.path.split(\"/\").size()",
    "$request.path.startsWith(\"/t\")", "$request.path.contains(\"sub\")",
    "$request.queryStringParameters.size()", "$request.queryStringParameters.containsKey(\"a\")",
    "$request.cookies.keySet()", "$request.cookies.entrySet()", "\\$request.method", "$$request.method", "# $",
    "#", "##comment", "a##b\n", "#*block*#x", "#[[ $raw ]]#", "$5.00", "$-", "${}", "$!", "a$", "\\#if",
    "$request.method$request.path", "$request.method.class", "$request.class.name", "$request.getClass()",
]]
VELOCITY += [
    "#if($request.method == 'GET'){'body':'get'}#else{'body':'other'}#end",
    "#if($request.method.equals('POST')){'body':'post'}#elseif($request.path == '/t'){'body':'t'}#else{'body':'none'}#end",
    "#set($x = 5)" + body_of("$x"), "#set($x = 5 + 3 * 2)" + body_of("$x"),
    "#set($x = (5 + 3) * 2)" + body_of("$x"), "#set($x = 7 / 2)" + body_of("$x"),
    "#set($x = 7 % 3)" + body_of("$x"), "#set($x = 7 / 0)" + body_of("$x"), "#set($x = 1.5 + 1)" + body_of("$x"),
    "#set($x = 'a' + 'b')" + body_of("$x"), "#set($x = \"a$request.method\")" + body_of("$x"),
    "#set($x = 'a$request.method')" + body_of("$x"), "#set($x = [1,2,3])" + body_of("$x $x.size() $x[1]"),
    "#set($x = [1..4])" + body_of("$x"), "#set($x = {\"k\": \"v\", \"n\": 2})" + body_of("$x.k $x.n $x"),
    "#set($x = true)" + body_of("#if($x)yes#end"), "#set($x = $nothing)" + body_of("$!x|$x"),
    "#set($x = -1)" + body_of("$x"),
    body_of("#foreach($i in [1..3])$i#end"), body_of("#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end"),
    body_of("#foreach($i in [3,2,1])$foreach.index:$foreach.count:$i #end"),
    body_of("#foreach($i in [1..9])#if($i > 3)#break#end$i#end"),
    body_of("#foreach($e in $request.queryStringParameters.entrySet())$e.key=$e.value[0];#end"),
    body_of("#foreach($k in $request.cookies.keySet())$k;#end"), body_of("#foreach($x in [])x#{else}none#end"),
    body_of("#foreach($i in $nothing)x#end."),
    body_of("#if($request.cookies.c)y#{else}n#end"), body_of("#if(!$request.cookies.zz)y#end"),
    body_of("#if($request.cookies.c == 'v' && $request.method == 'GET')y#{else}n#end"),
    body_of("#if($request.cookies.zz || $request.method == 'GET')y#{else}n#end"),
    body_of("#if(1 < 2)a#end#if(2 <= 2)b#end#if(3 > 2)c#end#if(3 >= 4)d#end#if(1 != 2)e#end"),
    body_of("#if(1 lt 2)a#end#if(2 le 2)b#end#if(3 gt 2)c#end#if(3 ge 4)d#end#if(1 ne 2)e#end#if(1 eq 1)f#end"),
    body_of("#if('')y#{else}n#end"), body_of("#if(0)y#{else}n#end"), body_of("#if([])y#{else}n#end"),
    body_of("#if($request.path == \"/t\")y#{else}n#end"), body_of("#if(not true)y#{else}n#end"),
    "#macro(hi $n)hi $n#end" + body_of("#hi(\"x\") #hi(5)"), "#define($d)def $request.method#end" + body_of("$d"),
    body_of("#evaluate(\"$request.method\")"), body_of("#include(\"/etc/passwd\")"), body_of("#parse(\"x\")"),
    body_of("#stop rest"),
    "#set($r = $json.parse($!request.body))" + body_of("$!r.n $!r.age $!r.list[1] $!r.o.k $!r.zz"),
    "#set($r = $json.parse($!request.body))" + body_of("#foreach($i in $r.list)$i;#end"),
    body_of("$!json.parse($request.body).n"),
    "#set($r = $xml.parse($!request.body))" + body_of("$!r.find('/a/b')"),
    body_of("$!xml.parse($request.body).a.b"),
    body_of("$math.add(1,2) $math.sub(5,3) $math.mul(2,3) $math.div(7,2) $math.max(1,2) $math.min(1,2) $math.abs(-3) $math.round(2.5) $math.ceil(2.1) $math.floor(2.9)"),
    body_of("$math.pow(2,3) $math.mod(7,3) $math.toInteger(\"5\") $math.idiv(7,2) $math.roundTo(2,1.2345)"),
    body_of("$number.format(\"#0.00\", 1.5) $number.format(\"currency\", 5)"),
    body_of("$number.format(\"integer\", 1234.5) $number.format(\"percent\", 0.5)"),
    body_of("$esc.html(\"<a>&\") $esc.xml(\"<a>\") $esc.url(\"a b&c\") $esc.java(\"a\") $esc.javascript(\"a\")"),
    body_of("$esc.d $esc.h $esc.q $esc.n"), body_of("$date.format(\"yyyy\", 0)"),
    body_of("$convert.toInteger(\"5\")"), body_of("$sorter.sort([3,1,2])"), body_of("$alternator.make([1,2])"),
    body_of("$display.list([1,2,3])"), body_of("$display.truncate(\"abcdefghij\", 5)"),
    body_of("$collection.sort([3,1,2])"), body_of("$mark"), body_of("$field"),
    body_of("$class.inspect(\"java.lang.String\")"), body_of("$import.read(\"x\")"), body_of("$text.get(\"x\")"),
    body_of("$jsonTransform.prettyPrint($request.body)"),
    body_of("$strings.uppercase($request.method) $strings.lowercase($request.method) $strings.capitalize(\"abc\") $strings.trim(\" a \")"),
    body_of("$strings.length(\"abc\") $strings.contains(\"abc\",\"b\") $strings.replace(\"abc\",\"b\",\"x\") $strings.substringBefore(\"a-b\",\"-\") $strings.substringAfter(\"a-b\",\"-\")"),
    body_of("$strings.urlEncode(\"a b&\") $strings.urlDecode(\"a%20b\") $strings.base64Encode(\"abc\") $strings.base64Decode(\"YWJj\")"),
    body_of("$calc.abs(-2) $calc.min(1,2) $calc.max(1,2) $calc.round(1.256,2) $calc.format(1234.5,\"0.00\") $calc.ceil(1.2) $calc.floor(1.8)"),
    body_of("$dates.format(\"yyyy\").length()"), body_of("$uuid.length() $now_epoch.length() $rand_int.length()"),
    "{'statusCode': 200, 'body': $!request.body}",
    "{'body': {'m': '$request.method', 'l': $!request.queryStringParameters.a.size()}}",
    "#set($h = $request.headers['X-Id'][0]){'headers':{'X-Back':['$!h']},'body':'b'}",
]
MUSTACHE = [body_of(text) for text in [
    "{{request.method}}", "{{request.path}}", "{{ request.path }}", "{{{request.path}}}", "{{&request.path}}",
    "{{request.queryStringParameters.a.0}}", "{{request.queryStringParameters.a.1}}",
    "{{request.queryStringParameters.b.0}}", "{{request.queryStringParameters.zz.0}}",
    "{{request.queryStringParameters.a}}", "{{request.headers.X-Id.0}}", "{{request.headers.x-id.0}}",
    "{{request.headers.Host.0.length}}", "{{request.cookies.c}}", "{{request.cookies.zz}}", "{{request.body}}",
    "{{{request.body}}}", "{{request.secure}} {{request.keepAlive}}", "{{request.pathParameters}}",
    "{{request.foo}}", "{{foo}}", "{{request}}", "{{#request.cookies.c}}yes{{/request.cookies.c}}",
    "{{^request.cookies.c}}no{{/request.cookies.c}}", "{{#request.cookies.zz}}yes{{/request.cookies.zz}}",
    "{{^request.cookies.zz}}no{{/request.cookies.zz}}",
    "{{#request.queryStringParameters.a}}[{{.}}]{{/request.queryStringParameters.a}}",
    "{{#request.queryStringParameters.a}}{{this}}{{^-last}},{{/-last}}{{/request.queryStringParameters.a}}",
    "{{#request.queryStringParameters.a}}{{-index}}{{#-first}}F{{/-first}}{{/request.queryStringParameters.a}}",
    "{{#request.queryStringParameters.entrySet}}{{key}}={{value.0}};{{/request.queryStringParameters.entrySet}}",
    "{{#request.cookies.entrySet}}{{key}}={{value}};{{/request.cookies.entrySet}}",
    "{{#request.cookies.values}}{{.}};{{/request.cookies.values}}",
    "{{#request.cookies.keySet}}{{.}};{{/request.cookies.keySet}}", "{{! comment }}x",
    "{{=<% %>=}}<%request.method%>", "{{>partial}}", "{{#jsonPath}}$.n{{/jsonPath}}{{jsonPathResult}}",
    "{{#jsonPath}}$.list{{/jsonPath}}{{#jsonPathResult}}{{.}};{{/jsonPathResult}}",
    "{{#jsonPath}}$.list[1]{{/jsonPath}}{{jsonPathResult}}",
    "{{#jsonPath}}$.o.k{{/jsonPath}}{{jsonPathResult}}|{{{jsonPathResult}}}",
    "{{#jsonPath}}$.zz{{/jsonPath}}[{{jsonPathResult}}]", "{{#jsonPath}}$.age{{/jsonPath}}{{jsonPathResult}}",
    "{{#jsonPath}}$.o{{/jsonPath}}{{jsonPathResult.k}}", "{{#jsonPath}}${{/jsonPath}}{{jsonPathResult}}",
    "{{#jsonPath}}$.t{{/jsonPath}}{{#jsonPathResult}}T{{/jsonPathResult}}{{^jsonPathResult}}F{{/jsonPathResult}}",
    "{{#jsonPath}}$.z{{/jsonPath}}{{#jsonPathResult}}T{{/jsonPathResult}}{{^jsonPathResult}}F{{/jsonPathResult}}",
    "{{#jsonPath}}$.e{{/jsonPath}}{{#jsonPathResult}}T{{/jsonPathResult}}{{^jsonPathResult}}F{{/jsonPathResult}}",
    "{{#jsonPath}}$.nul{{/jsonPath}}[{{jsonPathResult}}]", "{{#jsonPath}}$[{{/jsonPath}}{{jsonPathResult}}",
    "{{#xPath}}/a/b{{/xPath}}{{xPathResult}}", "{{#xPath}}/a/b/text(){{/xPath}}{{xPathResult}}",
    "{{#xPath}}/a/c/@k{{/xPath}}{{xPathResult}}", "{{#xPath}}count(/a/b){{/xPath}}{{xPathResult}}",
    "{{#xPath}}/zz{{/xPath}}[{{xPathResult}}]", "{{#xPath}}/a[{{/xPath}}{{xPathResult}}", "a & b < c", "{{{{",
    "}}", "{{request.method}", "{{}}", "{{ }}", "{{#request}}{{method}}{{/request}}",
    "{{#request}}{{#cookies}}{{c}}{{/cookies}}{{/request}}", "{{request.method.length}}",
    "{{request.path.toString}}", "{{request.method.class}}", "{{request.class.name}}",
    "{{uuid.length}}", "{{#strings.uppercase}}abc{{/strings.uppercase}}", "{{strings.uppercase}}",
    "{{now_epoch.length}}", "{{jwt}}",
]] + ["{'statusCode': 200, 'body': {{{request.body}}}}",
    "{{#request.cookies.c}}{'body':'c'}{{/request.cookies.c}}{{^request.cookies.c}}{'statusCode':401}{{/request.cookies.c}}",
    "{'headers':{'X-Back':['{{request.headers.X-Id.0}}']},'body':'b'}",
    "{\n  {{#request.cookies.c}}\n  'statusCode': 201,\n  {{/request.cookies.c}}\n  'body': 'x'\n}"]
