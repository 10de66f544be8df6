"""Six ways in which web sites wrap a text, from a newspaper's markup to the bare page of a hobbyist."""

from collections.abc import Callable
from html import escape

from sample.draw import draw
from sample.sites import Page, comments, cookie_banner, document, footer, navigation, related


def render(page: Page) -> str:
    """Return the page as its site serves it."""
    return document(page, TEMPLATES[page.site.template])


def _title(page: Page) -> str:
    return f"<h1>{escape(page.title, quote=False)}</h1>"


def newspaper(page: Page) -> str:
    """Wrap the text in header, byline, figure, share buttons, related stories, comments and footer."""
    labels = page.labels
    return f"""<body class="single">
{cookie_banner(page)}
<header class="site-header"><a class="logo" href="/">{page.site.name}</a>{navigation(page)}</header>
<main>
<article class="story" itemscope itemtype="https://schema.org/NewsArticle">
{_title(page)}
<div class="byline meta">{labels["by"]} <a rel="author" href="/a/{draw(99, page.author)}">{page.author}</a>,
<time datetime="{page.date}">{page.date}</time></div>
<div class="article-body" itemprop="articleBody">
{page.body}
</div>
<div class="share social">{labels["share"]}: <a href="#">Mail</a> <a href="#">Print</a></div>
</article>
{related(page)}
{comments(page)}
</main>
{footer(page)}
<script>track({{"page": "{draw(10**6, page.page_name)}"}});</script>
</body>"""


def blog(page: Page) -> str:
    """Wrap the text like a blog engine: entry, tags, widgets, comments."""
    labels = page.labels
    return f"""<body class="post-template-default single-post">
<div id="page" class="site">
<header id="masthead">
<p class="site-title"><a href="/">{page.site.name}</a></p>{navigation(page, css="main-navigation")}
</header>
<div id="content"><main id="main">
<article id="post-{draw(9999, page.page_name)}" class="post type-post hentry">
<header class="entry-header">{_title(page)}
<div class="entry-meta"><span class="posted-on">{labels["published"]}
<time class="entry-date" datetime="{page.date}">{page.date}</time></span></div>
</header>
<div class="entry-content">
{page.body}
</div>
<footer class="entry-footer">
<span class="tags-links">{labels["tags"]}: <a rel="tag" href="/tag/1">{labels["nav"][1]}</a></span>
</footer>
</article>
{comments(page)}
</main>
<aside id="secondary" class="widget-area sidebar">{related(page)}
<section class="widget"><h2>{labels["newsletter"]}</h2><form><input name="mail"><button>OK</button></form></section>
</aside>
</div>{footer(page)}</div>
{cookie_banner(page)}
</body>"""


def magazine(page: Page) -> str:
    """Wrap the text in nested boxes that say what they are only by their class names."""
    return f"""<body>
<div class="wrap"><div class="top">{navigation(page, css="menu")}</div>
<div class="columns"><div class="col-main"><div class="content"><div class="article">
<div class="headline">{_title(page)}</div>
<div class="article-content text">
{page.body}
</div></div></div></div>
<div class="col-side">{related(page)}</div></div>
{footer(page)}</div>
{cookie_banner(page)}
</body>"""


def wiki(page: Page) -> str:
    """Wrap the text like an encyclopedia: edit links, side panel, categories."""
    labels = page.labels
    return f"""<body class="mediawiki ns-0">
<div id="mw-navigation">{navigation(page, css="vector-menu")}</div>
<div id="content" class="mw-body" role="main">
<h1 id="firstHeading" class="firstHeading">{escape(page.title, quote=False)}</h1>
<div id="bodyContent"><div id="mw-content-text"><div class="mw-parser-output">
{page.body}
</div></div></div>
<div id="catlinks" class="catlinks"><a href="/c/1">{labels["nav"][2]}</a> | <a href="/c/2">{labels["nav"][3]}</a></div>
</div>
<div id="footer" role="contentinfo"><ul><li>{labels["footer"]}</li></ul></div>
</body>"""


def plain(page: Page) -> str:
    """Wrap the text in almost nothing."""
    return f"""<body bgcolor="#ffffff">
{_title(page)}
<hr>
{page.body}
<hr>
<p><a href="/">{page.site.name}</a></p>
</body>"""


def application(page: Page) -> str:
    """Wrap the text as a rendered web application with its data in a script and a dialog on top."""
    return f"""<body>
<div id="root"><div data-component="Shell">
{cookie_banner(page)}
<div role="banner">{navigation(page, css="nav-bar")}</div>
<main role="main"><section class="post"><article>
{_title(page)}
<div class="post-content rich-text">
{page.body}
</div></article></section></main>
<div role="complementary" class="sidebar">{related(page)}</div>
<div role="contentinfo">{footer(page)}</div>
</div></div>
<script id="__DATA__" type="application/json">
{{"route": "/story", "props": {{"date": "{page.date}", "id": {draw(10**6, page.page_name)}}}}}
</script>
<script src="/static/app.{draw(10**6, page.site.host)}.js" defer></script>
</body>"""


TEMPLATES: tuple[Callable[[Page], str], ...] = (newspaper, blog, magazine, wiki, plain, application)
