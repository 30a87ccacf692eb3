"Every page of the site as its readers meet it. SITE=FOLDER pytest tests/site takes a site that is built already."
import gzip, json, os, re, struct
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree
import pytest
import yaml
from conftest import at_rest, chosen, complaints, missing, remembered, root, until
from pages import cells, notebooks

# Left out with one line that says so; where everything has to run, the tests run and fail.
if missing() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing(), allow_module_level=True)

nbs = root/'nbs'
pages = [p.relative_to(nbs).with_suffix('.html').as_posix() for p in notebooks(nbs)]
# All that is tested of a page comes together (the places in these lists say so), so that it is loaded once.
each_chosen = pytest.mark.parametrize('name', chosen, scope='module')
each_notebook = pytest.mark.parametrize('name', [*chosen, *(name for name in pages if name not in chosen)], scope='module')
each_page = pytest.mark.parametrize('name', [*each_notebook.args[1], '404.html'], scope='module')
unfold = 'document.querySelectorAll("details").forEach(details => details.open = true)'
toggle = '.quarto-color-scheme-toggle'
# Each makes what is in it fade, too.
faded = '''(() => { const fading = document.getAnimations().filter(a => a instanceof CSSTransition); fading.forEach(a => a.finish()); return !fading.length })()'''


@cache
def in_the_sidebar():
    contents = yaml.safe_load((nbs/'_quarto.yml').read_text(encoding='utf-8'))['website']['sidebar']['contents']
    listed = [page for entry in contents for page in ([entry['href']] if 'href' in entry else entry['contents'])]
    return [Path(page).with_suffix('.html').as_posix() for page in listed]


# ---- what a page has to show, from its notebook

fence = re.compile(r'^( *)```[^\n]*\n(.*?)^\1```', re.M | re.S)
formula = re.compile(r'\$\$(.+?)\$\$|\$(?!\s)(.+?)(?<!\s)\$', re.S)


def letters(text): return re.sub(r'[\W_]', '', text)


def words(text): return set(re.findall(r'[^\W\d_]{2,}', text))


def written(latex):
    "The letters, digits and signs of a formula in their order, which drawing it does not change."
    named = re.sub(r'\\(log|exp|tanh|max|lim)(?![A-Za-z])', r'\1', latex)
    return re.sub(r'[^A-Za-z0-9=+()/|]', '', re.sub(r'\\[A-Za-z]+', '', named))


@cache
def told(notebook):
    "The parts of a notebook in the order of the page: (kind, text), where kind is code, output, svg or prose."
    return list(parts_of(notebook))


def parts_of(notebook):
    for cell in cells(notebook):
        if cell.kind == 'markdown': yield 'prose', cell.source
        if cell.kind != 'code': continue
        if not cell.hidden(): yield 'code', re.sub(r'^#\|.*\n', '', cell.source, flags=re.M)
        for output in cell.outputs:
            data = {mime: ''.join(text) for mime, text in output.get('data', {'text/plain': output.get('text', '')}).items()}
            if 'text/markdown' in data: yield 'prose', data['text/markdown']
            elif 'image/svg+xml' in data: yield 'svg', data['image/svg+xml']
            elif 'text/html' in data: yield from (('svg', svg) for svg in re.findall(r'<svg[^>]* aria-label=.*?</svg>', data['text/html'], re.S))
            else: yield 'output', data['text/plain']


def contents(notebook):
    "What `shown` has to find on the page of a notebook."
    parts = told(notebook)
    prose = '\n\n'.join(text for kind, text in parts if kind == 'prose')
    outside = re.sub(r'`+[^`\n]+`+', '', fence.sub('', prose)) # of code
    source = '\n'.join(cell.source for cell in cells(notebook) if cell.kind == 'code')
    return dict(
        blocks=[''.join(block.split()) for kind, text in parts if kind != 'svg'
                for block in ([found[2] for found in fence.finditer(text)] if kind == 'prose' else [text])],
        pictures=[len(re.findall(r'<\w', text[text.index('<svg'):text.index('</svg>')])) - 1 for kind, text in parts if kind == 'svg'],
        formulas=[written(found[1] or found[2]) for found in formula.finditer(outside)],
        headings=sorted(letters(re.sub(r'\{#.*?\}|\]\(.*?\)', '', line)) for line in re.findall(r'^(?:#+ (?=.)|:::.* title=\"(?=.*\"\}))(.*?)(?:\"\})?$', fence.sub('', prose), re.M)),
        tables=[len(rows.strip().splitlines()) - 1 for rows in re.findall(r'(?:^\|.*(?:\n|\Z))+', fence.sub('', prose), re.M)],
        folded=len(re.findall(r'^#\| *code-fold:', source, re.M)) + len(re.findall(r'^:::.* collapse=', prose, re.M)) + prose.count('<details'))


# Opens whatever is behind a tab; what nobody can see is counted as hidden.
shown = '''() => {
    for (const pane of document.querySelectorAll(".tab-pane")) pane.classList.add("active", "show")
    const big = e => { const box = e.getBoundingClientRect(); return box.width > 3 && box.height > 3 }
    const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && big(e)
    const all = (what, value) => [...document.querySelector("main").querySelectorAll(what)].map(e => seen(e) ? value(e) : "hidden")
    const letters = text => text.replace(/[^\\p{L}\\p{N}]/gu, "")
    const plain = e => { e = e.cloneNode(true); e.querySelectorAll("annotation, .screen-reader-only").forEach(extra => extra.remove()); return e.textContent }
    const drawn = svg => [...svg.querySelectorAll("path, polygon, ellipse, text")].some(seen) ? svg.querySelectorAll("*").length : "empty"
    return {
        blocks: all("pre", e => e.textContent.replace(/\\s/g, "")),
        pictures: all("svg[aria-label]", drawn),
        formulas: all("math", e => plain(e).normalize("NFKC").replace(/[^A-Za-z0-9=+()/|]/g, "")),
        headings: all("h1, h2, h3, h4, h5, h6, .callout-title-container, [role=tab]", e => letters(plain(e)))
            .filter(title => !["Note", "Warning"].includes(title)).sort(), // callouts without a title of their own
        tables: all("table", e => e.querySelectorAll("tr").length),
        folded: all("details", e => e).length,
    } }'''


@each_notebook
def test_shows_what_its_notebook_holds(opened, name):
    if not name.startswith('live/'): shows_what_its_notebook_holds(opened, name, 'light') # another one once it is live; tests of its own look at it then


@each_chosen
def test_shows_what_its_notebook_holds_without_javascript(opened, name): shows_what_its_notebook_holds(opened, name, 'without_javascript')


def shows_what_its_notebook_holds(opened, name, way):
    page, notebook = opened(name, way), (nbs/name).with_suffix('.ipynb')
    assert page.evaluate(shown) == contents(notebook)
    text = page.locator('main').inner_text()
    prose = '\n\n'.join(text for kind, text in told(notebook) if kind == 'prose')
    for what in (fence, formula, r'\]\(.*?\)', r'\{.*?\}', r'<.*?>', r'`.*?`'): prose = re.sub(what, ' ', prose)
    assert words(prose) - words(text) == set()
    if way == 'light': assert page.locator('main .code-copy-button').count() == page.locator('main pre code.sourceCode').count()
    answers = page.locator('main details:has(> summary:text-is("Answer"))')
    assert answers.count() == notebook.read_text(encoding='utf-8').count('code-summary: \\"Answer\\"')


# ---- every page in a browser

# Visible texts that stand out from their ground by less than 4.5 to 1; or 3 in pictures as drawn, on a light ground.
faint = r"""() => {
    const numbers = colour => { const n = colour.match(/[\d.]+/g).map(Number); return colour.startsWith("color(") ? n.map((x, i) => i < 3 ? 255*x : x) : n }
    const luminance = rgb => rgb.slice(0, 3).map(x => x/255).map(x => x <= .04045 ? x/12.92 : ((x + .055)/1.055)**2.4).reduce((sum, x, i) => sum + x*[.2126, .7152, .0722][i], 0)
    const over = ([r, g, b, alpha = 1], below) => [r, g, b].map((x, i) => alpha*x + (1 - alpha)*below[i])
    document.getAnimations().filter(a => a instanceof CSSTransition).forEach(fading => fading.finish())
    const known = new Map([[null, [255, 255, 255]]])
    const behind = e => { if (!known.has(e)) known.set(e, found(e)); return known.get(e) }
    const found = e => {
        const box = e.closest("svg") && e.closest(".node")?.querySelector("polygon, ellipse, path")
        if (e.closest("svg")) return box && getComputedStyle(box).fill != "none" ? numbers(getComputedStyle(box).fill) : behind(e.closest("svg").parentElement)
        return over(numbers(getComputedStyle(e).backgroundColor), behind(e.parentElement)) }
    const bad = [], seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true})
    const check = (e, colour, text) => {
        const ground = behind(e), ink = over(numbers(colour), ground)
        const [dark, light] = [ink, ground].map(luminance).sort((a, b) => a - b), contrast = (light + .05)/(dark + .05)
        if (contrast < (!e.closest("svg") ? 4.5 : luminance(ground) > .5 ? 3 : 4.45)) bad.push(`${contrast.toFixed(1)} ${e.localName}.${e.getAttribute("class")} ${text.trim().slice(0, 40)}`)
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const text = texts.currentNode, e = text.parentElement
        if (!text.data.trim() || e.closest("script, style, desc, title, metadata, annotation, .visually-hidden, .skip:not(:focus)") || !seen(e)) continue
        check(e, getComputedStyle(e)[e.closest("svg") ? "fill" : "color"], text.data)
    }
    for (const e of document.querySelectorAll("textarea, select, input:not([type=checkbox], [type=radio], [type=range])")) {
        if (!seen(e) || e.disabled) continue
        if (e.value) check(e, getComputedStyle(e).color, e.value)
        else if (e.placeholder) check(e, getComputedStyle(e, "::placeholder").color, e.placeholder)
    }
    return bad }"""


# Drawings, formulas and code in which there is nothing to reach and nothing named: most of the elements of many a page.
hollow = """() => {
    window.taken = [...document.querySelectorAll("main :is(svg, math, pre code)")].filter(e => !e.querySelector("a, button, [role], [tabindex], [aria-label]")).map(e => [e, [...e.childNodes]])
    for (const [e] of taken) e.replaceChildren(e.localName == "svg" ? "" : e.textContent) }"""
whole = '() => { for (const [e, inside] of taken) e.replaceChildren(...inside) }'


@each_page
def test_axe_finds_nothing_and_no_text_is_faint(opened, name):
    "Axe looks into drawings, formulas and code of one page of each kind, and at how links look; on the others it looks around them."
    page = opened(name)
    # Axe takes most of its time for the contrast of all words, which is what `faint` looks at.
    if name not in chosen: page.evaluate(hollow)
    left_out = ['color-contrast'] if name in chosen else ['color-contrast', 'link-in-text-block'] # all pages have the same style
    found = complaints(page, rules={rule: {'enabled': False} for rule in left_out})
    if name not in chosen: page.evaluate(whole)
    assert found == []
    assert page.evaluate(faint) == []


stops = """[...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0 && !e.matches(":disabled"))"""
scrollers = """[...document.querySelectorAll("main *")].filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0
    && ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && !e.closest("svg")
    && !e.querySelector(":scope > pre[tabindex='0']") && !e.matches("pre[tabindex='0'] > code")).map(e => e.outerHTML.slice(0, 120))"""


@each_page
def test_everything_can_be_reached_from_the_keyboard_and_shows_that_it_was(opened, name): reached_and_shown(opened(name))


@each_chosen
def test_everything_can_be_reached_and_shows_that_it_was_on_a_phone(opened, name): reached_and_shown(opened(name, 'phone'))


def reached_and_shown(page):
    "Tabs of a tabset are reached with the arrow keys, as everywhere."
    page.emulate_media(reduced_motion='reduce')
    out_of_reach = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter(e => e.checkVisibility() && e.tabIndex < 0 && e.role !== "tab" && !e.ariaHidden).map(e => e.outerHTML.slice(0, 120))"""
    assert page.evaluate(out_of_reach) == []
    assert page.evaluate(scrollers) == []
    page.keyboard.press('Tab') # a browser marks what has the focus only for those who use the keyboard
    unmarked = stops + """.filter(e => {
        const around = [e, e.closest("form") ?? e] // a search box marks itself by the form around it
        const look = () => String(around.map(a => getComputedStyle(a)).map(s => [s.outlineStyle == "none" || s.outlineColor == "rgba(0, 0, 0, 0)" ? 0 : s.outlineWidth, s.boxShadow]))
        document.activeElement.blur()
        const before = look()
        e.focus({ preventScroll: true })
        return document.activeElement != e || look() == before }).map(e => e.outerHTML.slice(0, 120))"""
    assert page.evaluate(unmarked) == []


@each_page
def test_the_ways_from_a_page(opened, address, name):
    page, order = opened(name), in_the_sidebar()
    ways = page.evaluate("""() => {
        const all = where => [...document.querySelectorAll(where)], seen = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 0
        const leads = where => all(where).filter(seen).map(a => a.href.replace(/[/]$/, "/index.html"))
        return {
            sidebar: leads("#quarto-sidebar .sidebar-menu-container a:not([data-bs-target])"),
            previous: leads(".nav-page-previous a"), next: leads(".nav-page-next a"),
            headings: all("main section:is(.level2, .level3) > :is(h2, h3)").map(h => [h.parentElement.id, h.textContent.trim()]),
            toc: all("#TOC li a").map(a => [decodeURIComponent(a.hash).slice(1), a.textContent.trim()]),
            tocIsSeen: all("#TOC li a").slice(0, 1).some(seen),
        } }""")
    assert ways['sidebar'] == [address + other for other in order]
    place = order.index(name) if name in order else len(order)
    assert ways['previous'] == [address + other for other in order[:place][-1:] if name in order]
    assert ways['next'] == [address + other for other in order[place + 1:][:1]]
    headings, toc = ways['headings'], ways['toc']
    if name == 'reference.html': # most of it is made by code, and one builder lists that, the other does not
        assert {text for _, text in toc} >= set(re.findall(r'"## (.*?)[\\"]', (nbs/name).with_suffix('.ipynb').read_text(encoding='utf-8')))
    elif name.startswith('live/'): assert toc in ([], headings) # a wide page has none
    else: assert toc == headings
    assert ways['tocIsSeen'] == bool(toc)


@each_page
def test_head_and_tools(opened, folder, name):
    head = opened(name).evaluate("""() => ({
        icons: document.querySelectorAll("link[rel=icon]").length, lang: document.documentElement.lang, title: document.title,
        description: document.querySelector("meta[name=description]")?.content, h1: document.querySelector("main h1").innerText,
        downloads: [...document.querySelectorAll("main a")].filter(a => a.innerText == "Download this notebook").map(a => [a.getAttribute("href"), a.hasAttribute("download")]),
    })""")
    assert head['icons'] == 1 and head['lang'] == 'en'
    if name == '404.html': return
    assert head['description'] and head['h1'] in head['title']
    (link, is_download), = head['downloads']
    assert is_download and (folder/name).parent.joinpath(link).read_bytes() == (nbs/name).with_suffix('.ipynb').read_bytes()


@each_page
def test_no_code_is_cut_off_beside_a_margin_and_the_text_has_room(opened, name):
    "On a telephone code scrolls; where there is room, it is seen whole: at 992 there is least, as one page of each kind shows."
    page, room = opened(name), {}
    for width in (992, 1100, 1280, 1440) if name in chosen else (992,):
        page.set_viewport_size(dict(width=width, height=900))
        cut, room[width] = page.evaluate("""() => [[...document.querySelectorAll("main pre.sourceCode")].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText.slice(0, 60)),
            document.querySelector("main").getBoundingClientRect().width]""")
        assert cut == []
    assert min(room.values()) == room[992] >= 600


@pytest.mark.parametrize('way, width, size', [('light', 1280, '200%'), ('phone', 360, '100%')], ids=['text at 200 %', 'phone'])
@each_page
def test_nothing_is_cut_off_or_scrolls_sideways(opened, name, way, width, size):
    "But code, pictures and formulas, each in a box of its own that the keyboard reaches. Not even where a page hides what is too wide."
    page = opened(name, way)
    page.evaluate('size => document.documentElement.style.fontSize = `calc(17px * ${parseInt(size)} / 100)`', size)
    outside = """width => {
        const inside = box => box.left > -1 && box.right < width + 1
        const waits = document.querySelector("#quarto-sidebar").getBoundingClientRect().right <= 0 ? "#quarto-sidebar" : ".skip" // beside the window
        const scrolls = e => { for (; e; e = e.parentElement) if (["auto", "scroll"].includes(getComputedStyle(e).overflowX))
            return e.matches("pre, code, .sourceCode, .picture, .pic, .mg-picture, .sd-table, .cell-output, math") && inside(e.getBoundingClientRect()) }
        const out = document.documentElement.clientWidth == width ? [] : [`the page is ${document.documentElement.clientWidth} wide`]
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
        while (texts.nextNode()) {
            const text = texts.currentNode, e = text.parentElement
            if (!text.data.trim() || e.closest(`script, style, .skip, .visually-hidden, ${waits}`) || !e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue
            range.selectNodeContents(text)
            const boxes = [...range.getClientRects()].filter(box => box.width > 0)
            if (!boxes.every(inside) && !scrolls(e)) out.push(e.outerHTML.slice(0, 120))
        }
        return out }"""
    assert page.evaluate(outside, width) == []
    if way == 'phone': assert page.evaluate(scrollers) == []


@each_page
def test_no_text_is_faint_in_the_dark(opened, name):
    page = opened(name, 'dark')
    assert page.evaluate(faint) == []


@pytest.mark.parametrize('name', chosen[:2], scope='module')
def test_axe_finds_links_in_the_dark(opened, name):
    page = opened(name, 'dark')
    assert complaints(page, runOnly=['link-in-text-block']) == []


@each_chosen
def test_on_paper_only_the_text_and_none_of_it_faint(opened, name):
    page = opened(name, 'dark')
    text = """[...document.querySelectorAll("main :is(h1, h2, h3, p, li, pre, table, summary, svg, math)")]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(".page-tools, .breadcrumb-item")).length"""
    on_screen = page.evaluate(text)
    page.emulate_media(media='print')
    assert page.evaluate(text) == on_screen
    for extra in ('#quarto-sidebar', '#TOC', '#quarto-header', '.page-navigation', '.page-tools', '.code-copy-button', toggle):
        assert page.locator(extra).locator('visible=true').count() == 0, extra
    assert page.evaluate(faint) == []


@each_chosen
def test_no_text_is_faint_without_javascript(opened, name):
    assert opened(name, 'without_javascript').evaluate(faint) == []


@pytest.mark.parametrize('way', ['light', 'without_javascript'])
@each_chosen
def test_what_is_folded_opens(opened, name, way):
    "By a click; on other pages it was seen above that what is in it can be opened and read."
    page = opened(name, way, unfolded=False)
    for details in page.locator('main details').all()[:3]: # with the mouse
        if details.get_attribute('open') is None: details.locator('summary').click()
        assert details.get_attribute('open') is not None
    opened(name, way, unfolded=False)
    assert page.evaluate("""[...document.querySelectorAll("main details")].filter(details => {
        const inside = details.querySelector(":scope > :not(summary)"), closed = !details.open, hidden = closed && inside.checkVisibility()
        if (closed) details.querySelector("summary").click()
        return hidden || !inside.checkVisibility() || !inside.innerText.trim() }).map(details => details.outerHTML.slice(0, 120))""") == []


@each_page
def test_opens_without_an_error_or_a_foreign_request(opened, name):
    "Nor with one in all that the tests above have done there, in each way."
    for way in ('light', 'dark', 'phone') if name in chosen else ('dark',):
        page = opened(name, way)
        assert page.evaluate('document.fonts.ready.then(() => document.querySelectorAll("main h1").length)') == 1
        assert page.wrong == []


# ---- the keyboard

@pytest.mark.parametrize('width', [1280, 360])
def test_the_first_tab_skips_to_the_text(visit, width):
    page = visit('engine.html', width=width)
    page.keyboard.press('Tab')
    first = page.locator(':focus')
    box = first.bounding_box()
    assert first.evaluate('a => a.hash') == '#' + page.locator('main').get_attribute('id')
    assert first.get_attribute('class') == 'skip' and box['x'] >= 0 and box['y'] >= 0 and box['width'] > 40
    page.keyboard.press('Enter')
    page.keyboard.press('Tab')
    assert page.evaluate('Boolean(document.activeElement.closest("main"))')


def test_tab_goes_everywhere_and_one_sees_where(visit):
    "Seen on the first of each kind: by what it is, and where."
    page = visit('index.html', reduced_motion='reduce')
    kinds = page.evaluate(f"{stops}.map(e => [e.localName, e.className, e.closest('nav, header, main, footer')?.id].join(' '))")
    number, looked_at = len(kinds), set()
    seen, unmarked = [], []
    for _ in range(number):
        page.keyboard.press('Tab')
        seen.append(page.evaluate(f'{stops}.indexOf(document.activeElement)'))
        if kinds[seen[-1]] in looked_at: continue
        looked_at.add(kinds[seen[-1]])
        around = page.evaluate("""() => { const { x, y, width, height } = document.activeElement.getBoundingClientRect()
            return { x: Math.max(0, x - 9), y: Math.max(0, y - 9), width: width + 18, height: height + 18 } }""")
        marked = page.screenshot(animations='allow', clip=around)
        page.evaluate('document.activeElement.blur()')
        if page.screenshot(animations='allow', clip=around) == marked: unmarked.append(seen[-1])
    assert sorted(seen) == list(range(number))
    assert unmarked == []


# ---- search, dark mode, what moves and what opens

def test_search_finds_every_page(visit, folder):
    page = visit('index.html')
    index = json.loads((folder/'search.json').read_text(encoding='utf-8'))
    for name in pages:
        prose = '\n'.join(text for kind, text in told((nbs/name).with_suffix('.ipynb')) if kind == 'prose')
        heading = (re.search(r'^## (.*)', prose, re.M) or re.search(r'^# (.*)', prose, re.M))[1]
        page.locator('#quarto-search input').first.fill(heading.replace('`', ''))
        page.locator(f'#quarto-search a[href*="{name}"], .aa-Panel a[href*="{name}"]').first.wait_for()
        found = words(' '.join(entry['title'] + entry['section'] + entry['text'] for entry in index if entry['href'].partition('#')[0] == name))
        assert len(words(re.sub(r'\]\(\S*\)', ']', fence.sub('', prose))) - found) < 0.2*len(found), name # one builder leaves out what code prints


def test_search_finds_the_right_entry_first_and_leads_there(visit):
    "And the table of contents marks it. The next thing is searched where one is then, however far down. Every fourth result is followed."
    page = visit('index.html')
    for number, (query, entry) in enumerate({
        'RecursionError': 'tutorials/questions.html#why-do-i-get-a-recursionerror-in-backward',
        'tanh overflow': 'tutorials/questions.html#why-does-tanh-overflow-at-1000',
        'what does .grad mean': 'tutorials/questions.html#what-does-.grad-mean',
        'gradient when a value is used twice': 'tutorials/questions.html#why-is-my-gradient-too-small-when-a-value-is-used-twice',
        'why zero_grad': 'tutorials/questions.html#why-do-i-need-zero_grad',
        'topological sort': 'engine.html#why-a-topological-sort',
        'overfitting': 'tutorials/two_moons.html#what-is-overfitting-and-what-helps-against-it',
        'epoch': 'train.html#what-are-a-mini-batch-and-an-epoch',
        'training loop': 'train.html#what-are-the-five-lines-of-a-training-loop',
        'chain rule': 'derivative.html#what-is-the-chain-rule',
        'derivative of softmax cross entropy': 'losses.html#what-is-the-gradient-of-softmax-with-cross-entropy',
        'why random weights': 'nn.html#why-do-the-weights-start-at-random',
        'how to save a trained network': 'tutorials/iris.html#how-is-a-trained-network-saved',
        'what is the bais for': 'nn.html#what-is-the-bias-for', # a slip of the finger
    }.items()):
        page.locator('#quarto-search input').first.fill(query)
        page.wait_for_function('entry => document.querySelector(".search-result")?.getAttribute("href").includes(entry)', arg=entry)
        if number % 4: continue
        page.locator('.search-result').first.click()
        page.wait_for_url(f'**/{entry}*')
        page.wait_for_function("""() => { const here = document.getElementById(decodeURIComponent(location.hash).slice(1)), marked = document.querySelector("#TOC a.active")
            return here.getBoundingClientRect().top >= 0 && here.getBoundingClientRect().top < 300 && (!marked || marked.hash == location.hash) }""")


def test_a_lost_list_of_entries_is_said_and_asked_for_again(alone, address, folder):
    if not (folder/'site_libs'/'smalldocs.js').exists(): return
    page = alone()
    page.route('**/search.json', lambda route: route.abort())
    page.goto(address + 'engine.html')
    search = page.locator('#quarto-search input').first
    search.fill('topological')
    page.locator('.search-none').get_by_text('The connection was lost').wait_for()
    page.unroute('**/search.json')
    search.fill('topological sort')
    page.locator('.search-result').first.wait_for()


def test_what_is_typed_before_the_search_can_hear_it_is_searched(alone, address, folder):
    if not (folder/'site_libs'/'smalldocs.js').exists(): return # Quarto's script makes the box, too
    page = alone()
    def late(script):
        page.locator('#quarto-search input').first.fill('topological sort')
        script.continue_()
    page.route('**/smalldocs.js', late)
    page.goto(address + 'engine.html')
    page.locator('.search-result').first.wait_for()


@pytest.mark.parametrize('width', [1280, 1000, 360])
def test_what_search_found_can_be_read_whole(visit, width):
    page = visit('engine.html', width=width, height=800)
    if width < 992: page.locator('.quarto-btn-toggle').first.click()
    page.locator('#quarto-search input').first.fill('topological sort')
    page.locator('.search-result').first.wait_for()
    page.wait_for_function('document.getAnimations().every(animation => animation.playState != "running")')
    covered = """() => [...document.querySelectorAll(".search-result")].slice(0, 3).flatMap(result => {
        const box = result.getBoundingClientRect()
        return [[box.left + 4, box.top + 8], [box.right - 4, box.bottom - 8], [box.right - 4, box.top + 8]]
            .filter(([x, y]) => !result.contains(document.elementFromPoint(x, y))).map(at => `${result.innerText.slice(0, 40)} at ${at}`) })"""
    assert page.evaluate(covered) == []
    search, found = page.locator('#quarto-search input').first.bounding_box(), page.locator('.search-result').first.bounding_box()
    assert found['y'] >= search['y'] + search['height'] and found['width'] > min(500, 0.85*width)


def test_dark_mode_switches_and_stays(visit):
    page = visit('engine.html', color_scheme='light')
    ground = lambda: sum(map(int, page.evaluate('getComputedStyle(document.body).backgroundColor').removeprefix('rgb(').rstrip(')').split(',')))
    ink = lambda: page.evaluate('getComputedStyle(document.querySelector(".picture text[fill]")).fill')
    assert ground() > 700
    drawn = ink()
    page.locator(toggle).first.click()
    until(page, f'document.querySelector(".quarto-dark") && {faded}')
    assert ground() < 150 and ink() != drawn
    page.reload()
    assert ground() < 150
    page.locator(toggle).first.click()
    until(page, f'!document.querySelector(".quarto-dark") && {faded}')
    assert ground() > 700 and ink() == drawn


def test_home_page_moves_and_comes_to_rest(visit):
    "The film: at first no gradient has arrived; pointing at it shows the end; who wants no motion sees the end at once."
    shown = """() => [...document.querySelectorAll(".picture svg .v0 text")].filter(e => e.checkVisibility({visibilityProperty: true}))
        .map(e => e.textContent).filter(text => text.startsWith("grad"))"""
    page = visit('index.html')
    playing = page.evaluate('''() => { // begun anew: the page may have taken longer to come than the film takes
        const film = document.querySelector('.picture svg')
        film.replaceWith(film.cloneNode(true))
        const playing = document.getAnimations().filter(a => a.effect.target.closest('svg'))
        for (const part of playing) Object.assign(part, { currentTime: 0 }).pause()
        return playing.map(part => part.effect.getComputedTiming().endTime) }''')
    assert playing and max(playing) <= 5000
    assert page.evaluate(shown) == ['grad 0.0000']
    page.locator('.picture svg').first.hover()
    assert page.evaluate(shown) == ['grad 6.0000']
    assert visit('index.html', reduced_motion='reduce').evaluate(shown) == ['grad 6.0000']


@pytest.mark.parametrize('width, height', [(1280, 800), (360, 740)])
def test_home_shows_its_picture_and_where_to_begin_at_once(visit, width, height):
    page = visit('index.html', width=width, height=height, is_mobile=width < 1000)
    for what in ('svg[id^=film]', '.btn-primary'):
        box = page.locator(what).first.bounding_box()
        assert box['y'] > 0 and box['y'] + 0.8*box['height'] < height, what
    assert page.evaluate("""() => { const box = document.querySelector("svg[id^=film] .v6").getBoundingClientRect(); return box.left > 0 && box.right <= innerWidth }""") # the result, where it begins


def test_home_on_paper_shows_the_end_of_its_film(visit):
    page = visit('index.html')
    page.emulate_media(media='print')
    grads = """[...document.querySelectorAll(".picture svg .v0 text")].filter(e => e.checkVisibility({visibilityProperty: true})).map(e => e.textContent).filter(text => text.startsWith("grad"))"""
    assert page.evaluate(grads) == ['grad 6.0000']


@pytest.mark.parametrize('width', [1280, 360])
def test_without_javascript_nothing_is_offered_that_does_nothing(visit, width):
    page = visit('engine.html', width=width, java_script_enabled=False)
    for dead in ('.smalldocs-search input', toggle, '.sidebar-item-toggle', '.quarto-btn-toggle', '.code-copy-button'):
        assert page.locator(dead).locator('visible=true').count() == 0, dead
    assert page.locator('#quarto-sidebar a:not([data-bs-target])').locator('visible=true').count() == len(in_the_sidebar()) + 1 # and the title


@pytest.mark.parametrize('javascript', [True, False], ids=['', 'without JavaScript'])
@pytest.mark.parametrize('name', ['stepper.html', 'tutorials/by_hand.html', 'tutorials/exercises.html'])
def test_step_through_steps(visit, name, javascript):
    "Its sentence changes with every step, and so do the gradients in its picture."
    page = visit(name, java_script_enabled=javascript)
    page.evaluate(unfold)
    stepper = page.locator('.mg-steps').first
    gradients = """e => [...e.querySelectorAll("svg text")].filter(e => e.checkVisibility({visibilityProperty: true}) && /^grad/.test(e.textContent)).map(e => e.textContent)"""
    says, shows = [], []
    for step in range(stepper.locator('input').count()):
        if step: stepper.get_by_text('next', exact=False).locator('visible=true').first.click()
        says.append(stepper.locator('.say:visible').all_inner_texts())
        shows.append(stepper.evaluate(gradients))
    assert len(says) >= 4 and all(a != b for seen in (says, shows) for a, b in zip(seen, seen[1:]))


def test_copy_copies(visit):
    page = visit('engine.html', permissions=['clipboard-read', 'clipboard-write'])
    code = page.locator('main .cell:has(.code-copy-button)').first
    code.hover()
    remembered(code.locator('.code-copy-button'))
    code.locator('.code-copy-button').click()
    until(page, 'said.some(text => text.includes("code-copy-button-checked"))')
    assert page.evaluate('navigator.clipboard.readText()').split() == code.locator('code').first.inner_text().split()


# ---- around the text

def test_every_link_and_anchor_leads_somewhere(folder):
    "What was built for these tests would not have been built otherwise."
    import docs
    if os.environ.get('SITE'): assert list(docs.wrong(folder, nbs)) == []


def test_every_page_is_in_the_sidebar():
    assert sorted(in_the_sidebar()) == sorted(pages)


def test_a_notebook_is_downloaded(visit):
    page = visit('engine.html')
    with page.expect_download() as download: page.get_by_role('link', name='Download this notebook').click()
    assert download.value.suggested_filename == 'engine.ipynb' and Path(download.value.path()).read_bytes() == (nbs/'engine.ipynb').read_bytes()


def test_home_page_is_light(alone, address, folder):
    page, asked = alone(), set()
    page.on('request', lambda request: asked.add(request.url))
    page.goto(address + 'index.html')
    at_rest(page)
    files = [folder/urlsplit(url).path.lstrip('/') for url in asked if url.startswith(address)]
    assert len(files) > 5
    compressed = sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) # as any host sends it
    assert compressed < 500_000, files


def test_styles_load_only_what_is_there(folder):
    "Even those that no page applies now: for paper, or for a font that nothing is set in."
    for path in [*folder.rglob('*.css'), *folder.rglob('*.html')]:
        css = path.read_text(encoding='utf-8')
        if path.suffix == '.html': css = '\n'.join(a or b for a, b in re.findall(r'<style[^>]*>(.*?)</style>|\sstyle="([^"]*)"', css, re.S))
        css = re.sub(r'/\*.*?\*/', '', css, flags=re.S)
        assert '@import' not in css, path
        for target in re.findall(r'url\(\s*(?:&quot;|["\'])?(.*?)(?:&quot;|["\'])?\s*\)', css):
            if not target.startswith(('data:', '#')): assert not urlsplit(target).netloc and (path.parent/urlsplit(target).path).is_file(), f'{path}: {target}'


def test_what_stands_beside_the_pages(folder):
    card = (folder/'assets'/'card.png').read_bytes()
    assert card.startswith(b'\x89PNG\r\n\x1a\n') and struct.unpack('>II', card[16:24]) == (1200, 630) and card.endswith(b'IEND\xaeB`\x82')
    for name in ('favicon.svg', 'card.svg'):
        svg = ElementTree.parse(folder/'assets'/name).getroot()
        assert svg.tag == '{http://www.w3.org/2000/svg}svg' and len(svg)
    listed = re.findall(r'\]\(([^()]*)\.llms\.md\)', (folder/'llms.txt').read_text(encoding='utf-8'))
    assert sorted(f'{page}.html' for page in listed) == sorted(pages)
    for name in pages:
        prose = '\n\n'.join(text for kind, text in told((nbs/name).with_suffix('.ipynb')) if kind == 'prose')
        read = (folder/name).with_suffix('.llms.md').read_text(encoding='utf-8')
        assert '<svg' not in re.sub(r'^    .*', '', fence.sub('', read), flags=re.M), name # but as code, or as what code printed
        assert len(words(prose) - words(read)) < 0.05*len(words(prose)), name
