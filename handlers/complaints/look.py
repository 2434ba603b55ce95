"""How the public page looks: one style sheet and one template, for a phone first; no script, no outside asset."""

from __future__ import annotations

STYLE = """
:root{--ink:#1d2725;--soft:#57645f;--line:#dfe5e1;--ground:#f3f6f4;--brand:#0b5f55;--tint:#e6f1ee;--warn:#9a3412}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:17px/1.65 system-ui,-apple-system,"PingFang SC",
"Microsoft YaHei","Noto Sans SC",sans-serif;-webkit-text-size-adjust:100%}
header{background:var(--brand);color:#fff;padding:28px 0 60px}
header div,main,footer{max-width:1072px;margin:0 auto}
header div,main{padding-left:16px;padding-right:16px}
header p{margin:0;opacity:.85;font-size:15px}
h1{margin:4px 0 0;font-size:26px;line-height:1.3;font-weight:600}
main{margin-top:-36px}
.card{background:#fff;border:1px solid var(--line);border-radius:14px;padding:20px;margin-bottom:16px;
box-shadow:0 1px 2px rgba(20,40,35,.05)}
h2{margin:0 0 12px;font-size:18px;font-weight:600}
label{display:block;margin:16px 0 6px;font-weight:600}
.hint{display:block;font-weight:400;color:var(--soft);font-size:15px}
input{width:100%;min-height:54px;padding:12px 14px;font:inherit;font-size:18px;color:inherit;background:#fff;
border:1.5px solid #aebab4;border-radius:10px}
input.code{font-family:ui-monospace,Menlo,Consolas,monospace;letter-spacing:.06em;text-transform:uppercase}
input::placeholder{color:#7c8983;letter-spacing:0;text-transform:none}
button,.again{display:block;width:100%;min-height:54px;margin-top:22px;border:0;border-radius:10px;
background:var(--brand);color:#fff;font:inherit;font-weight:600;font-size:18px;text-align:center;cursor:pointer}
.again{background:#fff;color:var(--brand);border:1.5px solid var(--brand);line-height:51px;text-decoration:none;
margin:0 0 16px}
button:hover{background:#084b43}
:focus-visible{outline:3px solid #f2b84b;outline-offset:2px}
.fault{margin:0 0 16px;padding:12px 14px;border-left:4px solid var(--warn);background:#fdf1ea;color:#7c2d12;
border-radius:6px}
.number{margin:0;color:var(--soft);font-size:16px;overflow-wrap:anywhere}
.state{margin:6px 0 4px;font-size:30px;line-height:1.3;font-weight:700;color:var(--brand)}
.meaning{margin:0}
dl{margin:16px 0 0;padding-top:14px;border-top:1px solid var(--line);display:grid;grid-template-columns:auto 1fr;
gap:6px 18px}
dt{color:var(--soft)}
dd{margin:0}
ol{list-style:none;margin:0;padding:0}
ol li{position:relative;padding:0 0 16px 26px}
ol li:before{content:"";position:absolute;left:4px;top:9px;width:10px;height:10px;border-radius:50%;
background:var(--brand)}
ol li:not(:last-child):after{content:"";position:absolute;left:8px;top:21px;bottom:-7px;width:2px;
background:var(--line)}
ol li:last-child{padding-bottom:0}
time{display:block;color:var(--soft);font-size:15px}
.notice{padding:14px 16px;background:var(--tint);border-radius:10px;margin-bottom:12px}
.notice:last-child{margin-bottom:0}
.notice h3{margin:0;font-size:17px;font-weight:600}
.notice p{margin:8px 0 0;white-space:pre-line;overflow-wrap:anywhere}
.quiet{margin:0;color:var(--soft)}
.narrow,header div.narrow{max-width:552px;margin-left:auto;margin-right:auto}
footer,.meaning,.hint,.quiet{text-wrap:pretty}
footer{text-wrap:balance;padding:12px 20px 40px;color:var(--soft);font-size:15px;text-align:center}
footer p{margin:6px 0}
@media(min-width:900px){header{padding:44px 0 84px}h1{font-size:34px}main{margin-top:-52px}.card{padding:28px}
.two{display:grid;grid-template-columns:380px 1fr;gap:20px;align-items:start}}
"""

PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>{{ words.TITLE }}</title>
<style>{{ style|safe }}</style>
</head>
<body>
<header><div{% if not seen %} class="narrow"{% endif %}><p>{{ office }}</p><h1>{{ words.TITLE }}</h1></div></header>
<main{% if not seen %} class="narrow"{% endif %}>
{% if seen %}
<div class="two">
<div>
<section class="card" aria-label="当前状态">
<p class="number">{{ seen.number }}</p>
<p class="state">{{ seen.state }}</p>
<p class="meaning">{{ seen.meaning }}</p>
<dl>
<dt>类别</dt><dd>{{ seen.kind }}{% if seen.category %} · {{ seen.category }}{% endif %}</dd>
<dt>登记</dt><dd>{{ seen.received }}</dd>
{% if seen.limit %}
<dt>{{ seen.limit[0] }}</dt><dd>{{ seen.limit[1] }}</dd>
{% endif %}
</dl>
</section>
<section class="card">
<h2>办理经过</h2>
<ol>
{% for act, day in seen.events %}
<li>{{ act }}<time>{{ day }}</time></li>
{% endfor %}
</ol>
</section>
</div>
<div>
<section class="card">
<h2>给您的通知</h2>
{% for kind, said, at in seen.notices %}
<article class="notice"><h3>{{ kind }}</h3><time>{{ at }}</time><p>{{ said }}</p></article>
{% else %}
<p class="quiet">{{ words.NO_NOTICES }}</p>
{% endfor %}
</section>
<section class="card"><h2>要补充、催办或撤回</h2><p class="quiet">{{ how }}</p></section>
<a class="again" href="/f/q">离开并查询另一件</a>
</div>
</div>
{% else %}
<form class="card" method="post" action="/f/q" autocomplete="off">
{% if fault %}
<p class="fault" role="alert">{{ fault }}</p>
{% endif %}
<p class="quiet">{{ words.LEAD }}</p>
<label for="number">编号<span class="hint">例如 区教诉〔2026〕000123号,也可只填 2026-123</span></label>
<input id="number" name="number" maxlength="40" required value="{{ number or '' }}" placeholder="2026-123">
<label for="code">查询码<span class="hint">13位数字和字母,不分大小写</span></label>
<input id="code" class="code" name="code" maxlength="24" required autocapitalize="characters" spellcheck="false">
<button type="submit">查询</button>
</form>
<p class="quiet">{{ how }}</p>
{% endif %}
</main>
<footer><p>{{ words.EMERGENCY }}</p></footer>
</body>
</html>
"""
