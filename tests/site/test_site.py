"Every page of the site as its readers meet it. SITE=FOLDER pytest tests/site takes a site that is built already."
import gzip
from pathlib import Path
import pytest
import yaml
from conftest import root
from pages import notebooks

nbs = root/'nbs'
everything = [str(p.relative_to(nbs).with_suffix('.html')) for p in notebooks(nbs)] + ['404.html']
each_page = pytest.mark.parametrize('name', everything)
toggle = '.quarto-color-scheme-toggle'


@each_page
def test_opens_without_an_error_or_a_foreign_request(browser, address, name):
    context = browser.new_context()
    page = context.new_page()
    wrong = []
    page.on('console', lambda message: wrong.append(message.text) if message.type in ('error', 'warning') else None)
    page.on('pageerror', lambda error: wrong.append(str(error)))
    page.on('request', lambda request: wrong.append(request.url) if not request.url.startswith((address, 'data:')) else None)
    page.on('response', lambda response: wrong.append(f'{response.status} {response.url}') if response.status >= 400 else None)
    page.goto(address + name, wait_until='networkidle')
    assert page.locator('main h1').count() == 1
    context.close()
    assert wrong == []


def test_every_link_and_anchor_leads_somewhere(folder):
    import docs
    assert list(docs.wrong(folder, nbs)) == []


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@each_page
def test_axe_finds_nothing(visit, name, scheme):
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(visit(name, color_scheme=scheme)).response['violations']
    assert [(v['id'], [node['html'][:200] for node in v['nodes']]) for v in found] == []


@pytest.mark.parametrize('width, size', [(360, '100%'), (1280, '200%')], ids=['phone', 'text at 200 %'])
@each_page
def test_nothing_scrolls_sideways(visit, name, width, size):
    page = visit(name, width=width)
    page.evaluate('size => document.documentElement.style.fontSize = `calc(17px * ${parseInt(size)} / 100)`', size)
    too_wide = '''() => { const w = document.documentElement.clientWidth
        return document.documentElement.scrollWidth <= w ? [] : [...document.querySelectorAll("main *")]
            .filter(e => e.getBoundingClientRect().right > w + 1 && !e.closest("pre, .picture, .pic, svg, math"))
            .map(e => e.outerHTML.slice(0, 120)).concat("page " + document.documentElement.scrollWidth) }'''
    assert page.evaluate(too_wide) == []


@each_page
def test_everything_can_be_reached_from_the_keyboard(visit, name):
    "Tabs of a tabset are reached with the arrow keys, as everywhere."
    page = visit(name)
    out_of_reach = '''() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter(e => e.checkVisibility() && e.tabIndex < 0 && e.role !== "tab" && !e.ariaHidden).map(e => e.outerHTML.slice(0, 120))'''
    scrolls = '''() => [...document.querySelectorAll("main *")].filter(e => e.scrollWidth > e.clientWidth + 1
        && ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0
        && !e.closest("svg") && !e.querySelector("[tabindex='0'], a[href]")).map(e => e.outerHTML.slice(0, 120))'''
    assert page.evaluate(out_of_reach) == []
    assert page.evaluate(scrolls) == []


def test_search_finds_the_chain_rule(visit):
    page = visit('index.html')
    page.locator('#quarto-search input').first.fill('chain rule')
    found = page.locator('#quarto-search a[href*="derivative.html"], .aa-Panel a[href*="derivative.html"]').first
    found.wait_for()
    found.click()
    page.wait_for_url('**/derivative.html*')
    assert 'chain rule' in page.locator('main').inner_text().lower()


def test_dark_mode_switches_and_stays(visit):
    page = visit('engine.html', color_scheme='light')
    ground = lambda: sum(map(int, page.evaluate('getComputedStyle(document.body).backgroundColor').removeprefix('rgb(').rstrip(')').split(',')))
    ink = lambda: page.evaluate('getComputedStyle(document.querySelector(".picture text[fill]")).fill')
    assert ground() > 700
    drawn = ink()
    page.locator(toggle).first.click()
    page.wait_for_function('document.querySelector(".quarto-dark")')
    page.wait_for_timeout(200)
    assert ground() < 150 and ink() != drawn
    page.reload()
    assert ground() < 150


def test_home_page_moves_and_comes_to_rest(visit):
    "The film: at first no gradient has arrived; pointing at it shows the end; who wants no motion sees the end at once."
    shown = """() => [...document.querySelectorAll(".picture svg .v0 text")].filter(e => e.checkVisibility({visibilityProperty: true}))
        .map(e => e.textContent).filter(text => text.startsWith("grad"))"""
    page = visit('index.html')
    playing = page.evaluate('document.getAnimations().filter(a => a.effect.target.closest("svg")).map(a => a.effect.getComputedTiming().endTime)')
    assert playing and max(playing) <= 5000
    page.evaluate('document.getAnimations().forEach(a => { a.pause(); a.currentTime = 0 })')
    assert page.evaluate(shown) == ['grad 0.0000']
    page.locator('.picture svg').first.hover()
    assert page.evaluate(shown) == ['grad 6.0000']
    assert visit('index.html', reduced_motion='reduce').evaluate(shown) == ['grad 6.0000']


def test_step_through_steps(visit):
    for javascript in (True, False):
        page = visit('viz.html', java_script_enabled=javascript)
        stepper = page.locator('.cell-output-display:has(input[type=radio])').first
        shown = [stepper.inner_text()]
        for _ in range(3):
            stepper.get_by_text('next', exact=False).locator('visible=true').first.click()
            shown.append(stepper.inner_text())
        assert len(set(shown)) == 4


def test_folded_answers_open(visit):
    for javascript in (True, False):
        page = visit('tutorials/exercises.html', java_script_enabled=javascript)
        answers = page.locator('details:has(> summary:text-is("Answer"))')
        assert answers.count() >= 12
        code = answers.first.locator('code').first
        assert not code.is_visible()
        answers.first.locator('summary').click()
        assert code.is_visible()


@each_page
def test_reads_without_javascript(visit, name):
    with_it, without = visit(name), visit(name, java_script_enabled=False)
    length = [len(page.locator('main').inner_text()) for page in (with_it, without)]
    assert length[1] > 0.95*length[0]


def test_formulas_are_drawn_without_a_script(visit):
    page = visit('derivative.html', java_script_enabled=False)
    formulas = page.locator('main math')
    assert formulas.count() > 5
    assert all(formulas.nth(i).bounding_box()['width'] > 3 for i in range(formulas.count()))
    assert '\\frac' not in page.locator('main').inner_text()


def test_home_page_is_light(browser, address):
    context = browser.new_context()
    page, bodies = context.new_page(), {}
    page.on('requestfinished', lambda request: bodies.setdefault(request.url, request.response().body()))
    page.goto(address + 'index.html', wait_until='networkidle')
    context.close()
    compressed = sum(len(gzip.compress(body, 6)) for body in bodies.values()) # as any host sends it
    assert compressed < 500_000, {url: len(body) for url, body in bodies.items()}


def test_pages_follow_each_other(visit):
    sidebar = yaml.safe_load((root/'_quarto.yml').read_text())['website']['sidebar']['contents']
    order = [entry['href'] if 'href' in entry else page for entry in sidebar for page in entry.get('contents', ['-'])]
    order = [Path(name).with_suffix('.html').as_posix() for name in order]
    assert sorted(order) == sorted(set(everything) - {'404.html'}), 'a page that is not in the sidebar'
    for name, following in zip(order, order[1:]):
        page = visit(name)
        page.locator('.nav-page-next a').click()
        page.wait_for_url('**/' + following)
        page.context.close()


@each_page
def test_head_and_tools(visit, folder, name):
    page = visit(name)
    assert page.locator('link[rel=icon]').count() == 1
    assert page.locator('html').get_attribute('lang') == 'en'
    if name == '404.html': return
    assert page.locator('meta[name=description]').get_attribute('content')
    assert page.locator('main h1').inner_text() in page.title()
    with page.expect_download() as download: page.get_by_role('link', name='Download this notebook').click()
    assert Path(download.value.path()).read_bytes() == (nbs/name).with_suffix('.ipynb').read_bytes()


def test_on_paper_only_the_text(visit):
    page = visit('engine.html')
    page.emulate_media(media='print')
    assert not page.locator('#quarto-sidebar').is_visible() and page.locator('main h1').is_visible()


def test_what_stands_beside_the_pages(folder):
    for name in ('404.html', 'llms.txt', 'assets/favicon.svg', 'assets/card.png', 'search.json'): assert (folder/name).stat().st_size > 0
    assert 'derivative' in (folder/'llms.txt').read_text(encoding='utf-8')
