"""A portal's page around a report: head with the prescribed tags, navigation, metadata table, share bar, neighbours."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.sandbox.sample import SampleReport

REALISTIC_BYTES = 98_000
_MENUS = {
    "政务公开": (
        "政府信息公开指南",
        "政府信息公开制度",
        "法定主动公开内容",
        "政府信息公开年报",
        "依申请公开",
        "政策文件",
    ),
    "政务服务": ("个人办事", "法人办事", "部门窗口", "乡镇服务", "便民查询", "办件公示", "好差评"),
    "互动交流": ("领导信箱", "民意征集", "在线访谈", "意见反馈", "常见问题", "回应关切"),
    "走进本地": ("概况", "历史文化", "自然地理", "行政区划", "特色产品", "旅游线路"),
    "数据发布": ("统计月报", "统计公报", "部门数据", "数据解读", "普查公报"),
}
_SCRIPT = """(function(){{var n={number},s=document.getElementById("zoom");if(!s){{return;}}
var sizes={{big:"18px",middle:"16px",small:"14px"}};function setSize(k){{s.style.fontSize=sizes[k]||sizes.middle;}}
window["resize_{number}"]=setSize;var c=document.createElement("i");c.className="counter-"+n;s.appendChild(c);}})();
"""


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What a portal prints around its articles.

    site_name, column, column_href: of the portal and its list. publisher: 发布机构 of the metadata table; by default
    the report's agency. index_number: 索引号. pub_date: content of the meta tag PubDate, by default the report's
    published_on. labelled_date: print 发布日期 in the metadata table. attachments: (href, name). neighbours: (href,
    title) of the related links.
    """

    site_name: str = "柳溪县人民政府"
    column: str = "政府信息公开年报"
    column_href: str = "../"
    publisher: str | None = None
    index_number: str = "990000000/2024-00001"
    pub_date: str | None = None
    labelled_date: bool = True
    attachments: tuple[tuple[str, str], ...] = ()
    neighbours: tuple[tuple[str, str], ...] = ()


def framed_page(report: "SampleReport", body: str, frame: PageFrame, *, charset: str | None, fill: bool) -> str:
    """The whole page as text. charset: the label in its head, or None. fill: up to about 98 KB."""
    publisher = frame.publisher or report.agency
    page = article_page(
        title=report.title,
        body=body,
        frame=frame,
        publisher=publisher,
        published_on=report.published_on,
        charset=charset,
    )
    if not fill:
        return page
    head, tail = page.split("<!--fill-->", 1)
    missing = REALISTIC_BYTES - len(page.encode())
    scripts: list[str] = []
    while missing > 0:
        script = f'<script type="text/javascript">{_SCRIPT.format(number=len(scripts) + 1)}</script>\n'
        scripts.append(script)
        missing -= len(script)
    return head + "".join(scripts) + tail


def article_page(
    *, title: str, body: str, frame: PageFrame, publisher: str, published_on: str | None, charset: str | None
) -> str:
    """One article of the portal: `body` is HTML, all else is text."""
    date = published_on or ""
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n' if charset else ""
    metas = {
        "SiteName": frame.site_name,
        "ColumnName": frame.column,
        "ColumnType": "信息公开年报",
        "ArticleTitle": title,
        "PubDate": frame.pub_date or date,
        "ContentSource": publisher,
    }
    tags = "".join(f'<meta name="{name}" content="{escape(value)}">\n' for name, value in metas.items())
    menus = "".join(
        f'<li><a href="/{number}/">{escape(menu)}</a><ul>'
        + "".join(f'<li><a href="/{number}/{i}/">{escape(item)}</a></li>' for i, item in enumerate(items))
        + "</ul></li>"
        for number, (menu, items) in enumerate(_MENUS.items(), start=1)
    )
    rows = [("索 引 号", frame.index_number), ("发布机构", publisher), ("名　　称", title), ("文　　号", "")]
    if frame.labelled_date and date:
        rows.insert(2, ("发布日期", date))
    metadata = "".join(f"<tr><td>{label}：</td><td>{escape(value)}</td></tr>" for label, value in rows)
    files = "".join(
        f'<p class="fj">附件：<a href="{escape(href)}" title="{escape(name)}">{escape(name)}</a></p>'
        for href, name in frame.attachments
    )
    near = "".join(f'<li><a href="{escape(href)}">{escape(text)}</a></li>' for href, text in frame.neighbours)
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
{declared}<title>{escape(title)}_{escape(frame.site_name)}</title>
{tags}<style>.nav ul{{display:none}} .xxgk td{{border:1px solid #ccc}} .share span{{cursor:pointer}}</style>
<!--fill--></head>
<body>
<div class="top"><a href="/">{escape(frame.site_name)}</a> <form action="/search"><input name="q"></form></div>
<div class="nav"><ul>{menus}</ul></div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/1/">政务公开</a> &gt;
<a href="{escape(frame.column_href)}">{escape(frame.column)}</a></div>
<table class="xxgk"><tbody>{metadata}</tbody></table>
<h1 class="title">{escape(title)}</h1>
<div class="share">字号：<span>大</span> <span>中</span> <span>小</span> <span>打印</span>
分享到：<a href="#">微信</a> <a href="#">微博</a></div>
<div id="zoom" class="article-content">
{body}
{files}</div>
<div class="related"><p>相关链接</p><ul>{near}</ul></div>
<div class="footer">主办：{escape(frame.site_name)}办公室　网站标识码：9900000001</div>
<script>if(window.location.hash){{document.title=document.title;}}</script>
</body>
</html>
"""
