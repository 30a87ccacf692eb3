"The site in a browser: built for these tests, or the folder that the variable SITE names."
import http.server, os, shutil, subprocess, sys, threading
from pathlib import Path
import pytest

root = Path(__file__).parent.parent.parent
sys.path[:0] = [str(root/folder) for folder in ('tools', 'nbs/live', 'tests')]
from browser import chromium, flags, serving


patience = 120_000 # milliseconds until what does not come is missed: another machine may be slow, and busy


def missing():
    "Why these tests cannot run here, or ''."
    if chromium() is None: return 'no Chromium here, so the pages of the site were not opened'
    if not os.environ.get('SITE') and sys.version_info < (3, 11) and not shutil.which('quarto'): return 'neither Quarto nor Python 3.11 here, so the site was not built'
    return ''


def missing_live():
    "Why the live pages cannot be tested here, or ''."
    import live
    return missing() or live.missing()


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent: item.add_marker(pytest.mark.slow)


@pytest.fixture(scope='session')
def browser():
    assert chromium(), 'no Chromium here'
    from playwright.sync_api import expect, sync_playwright
    expect.set_options(timeout=patience)
    with sync_playwright() as playwright:
        # Python's start is compiling for the most part, and a fifth of that is calls that are put in line for a speed that no test needs.
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*flags, '--js-flags=--no-wasm-inlining'])
        yield browser
        browser.close()


@pytest.fixture(scope='session')
def folder(once):
    "Where the site is: built by the command, which says so."
    if os.environ.get('SITE'): return Path(os.environ['SITE']).resolve()
    def build(folder):
        ran = subprocess.run([sys.executable, root/'tools'/'docs.py', folder], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert str(folder) in ran.stdout and (folder/'index.html').exists()
    return once('_docs', build)


@pytest.fixture(scope='session')
def address(folder):
    with serving(folder) as address: yield address


def complaints(page, context=None, **options):
    "What axe finds wrong, each rule with its elements."
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(page, context=context, options=dict(resultTypes=['violations'], preload=False, **options)).response['violations'] # no video waits to be loaded
    return [(rule['id'], [node['html'][:200] for node in rule['nodes']]) for rule in found]


def until(page, condition, arg=None):
    "Waits, frame by frame, until a condition of JavaScript holds. (Playwright's own way evaluates text in the page, which its policy forbids.)"
    page.evaluate(f'''async arg => {{
        const end = performance.now() + {patience}
        while (!({condition})) {{
            if (performance.now() > end) throw new Error({condition!r} + ': ' + JSON.stringify(arg) + ' at ' + location)
            await new Promise(requestAnimationFrame)
        }} }}''', arg)


def remembered(element):
    "Remembers in `said` each text and class that an element has from here on, for however short a time."
    element.evaluate('''e => {
        window.said = []
        new MutationObserver(() => said.push(`${e.textContent} ${e.className}`)).observe(e, { attributes: true, characterData: true, childList: true, subtree: true }) }''')


def watched(context, address):
    "A new page that notes in `asked` what it asks for, and in `wrong` what goes wrong in it, or is asked of another host."
    context.set_default_timeout(patience)
    page = context.new_page()
    page.asked, page.wrong = [], []
    page.on('console', lambda message: page.wrong.append(message.text) if message.type in ('error', 'warning') else None)
    page.on('pageerror', lambda error: page.wrong.append(str(error)))
    page.on('dialog', lambda dialog: (page.wrong.append(dialog.message), dialog.dismiss()))
    page.on('request', lambda request: (page.asked if request.url.startswith((address, 'data:', 'blob:')) else page.wrong).append(request.url))
    page.on('response', lambda response: page.wrong.append(f'{response.status} {response.url}') if response.status >= 400 else None)
    return page


ways = dict(light=dict(color_scheme='light'), dark=dict(color_scheme='dark'), without_javascript=dict(color_scheme='dark', java_script_enabled=False),
            phone=dict(viewport=dict(width=360, height=900), is_mobile=True))
# One of each kind of page: these are opened anew in each way. Any other is opened once, and then as wide and as dark as it would be.
chosen = ('index.html', 'engine.html', 'live/playground.html', 'live/training.html', 'tutorials/by_hand.html', 'tutorials/coming_from.html')

@pytest.fixture(scope='session')
def opened(browser, address):
    """opened('engine.html', 'dark'): the page in one of the `ways`, with all that is folded open. It is loaded once for the tests
    that look at it one after another; each finds it as it was then. `page.wrong` is what went wrong in it so far."""
    windows = {}
    def open_page(name, way='light', unfolded=True):
        size, scheme = ways[way].get('viewport', dict(width=1280, height=900)), ways[way].get('color_scheme', 'light')
        window = way if name in chosen else 'light'
        if window not in windows: windows[window] = watched(browser.new_context(**{'viewport': size, **ways[window]}), address)
        page = windows[window]
        # What is so already is not set again: a browser would lay out the whole page anew.
        if page.viewport_size != size: page.set_viewport_size(size)
        if not page.evaluate('scheme => ["screen", `(prefers-color-scheme: ${scheme})`, "(prefers-reduced-motion: no-preference)"].every(media => matchMedia(media).matches)', scheme):
            page.emulate_media(media='null', reduced_motion='no-preference', color_scheme=scheme)
        if page.url.partition('#')[0] != address + name:
            page.unroute_all()
            if name.startswith('live/'): page.route('**/files.json*', lambda route: route.fulfill(json=dict(missing='Tests of their own look at Python.')))
            page.wrong.clear()
            page.goto(address + name)
            page.evaluate('window.changing = [...document.querySelectorAll("details, .tab-pane")].map(e => [e, e.className, e.open])')
        page.evaluate("""unfolded => {
            for (const [e, className, open] of changing) {
                if (e.className != className) e.className = className
                if (e.localName == "details" && e.open != (unfolded || open)) e.open = unfolded || open }
            document.documentElement.style.fontSize = ""
            document.activeElement.blur()
            scrollTo(0, 0)
            document.getAnimations().filter(a => a instanceof CSSTransition).forEach(moving => moving.finish()) }""", unfolded)
        if way != 'without_javascript': until(page, 'Boolean(document.querySelector(".quarto-dark")) === arg', scheme == 'dark')
        return page
    yield open_page
    for page in windows.values(): page.context.close()


def at_rest(page):
    "Waits until the page has its fonts, and nothing to do: what it asks for by itself has been asked for."
    page.evaluate('document.fonts.ready.then(() => new Promise(requestIdleCallback))')


# Adds up in `moved` how far what is read has moved by itself.
shifts = '''new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved = (window.moved || 0) + entry.value })
    .observe({ type: 'layout-shift', buffered: true })'''


def moved(page):
    "How far, once the page is there and drawn."
    page.locator('.loading').first.wait_for(state='hidden', timeout=patience)
    page.wait_for_load_state()
    page.evaluate('document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))')
    return page.evaluate('window.moved || 0')


@pytest.fixture(scope='session')
def known(browser):
    """A window for all who come back: from the first start of Python on it keeps what the next ones need, which are quick then.
    It does not glide to a place, as it does for who likes motion: it is there."""
    context = browser.new_context(viewport=dict(width=1280, height=900), permissions=['clipboard-read', 'clipboard-write'], color_scheme='light', reduced_motion='reduce')
    context.set_default_timeout(patience)
    yield context
    context.close()


def leave(page):
    "Closes it; what the reader wrote and chose does not stay in its window, what Python needs does."
    page.unroute_all()
    page.evaluate('localStorage.clear()')
    page.close()


@pytest.fixture(scope='module')
def started(known, address):
    "started('training'): a live page, once Python has started in it, for all tests of a module; first=True: where it has never been."
    pages = []
    def open_page(name, first=False):
        pages.append(page := watched(known, address))
        page.add_init_script(shifts)
        if first:
            page.goto(address + '404.html')
            page.evaluate('caches.keys().then(all => Promise.all(all.map(name => caches.delete(name))))')
        page.goto(f'{address}live/{name}.html')
        return page
    yield open_page
    for page in pages: leave(page)


@pytest.fixture
def come_back(known, address):
    "come_back('engine.html'): a new page where Python has been before; come_back(): one with nothing in it yet."
    pages = []
    def open_page(name=None):
        pages.append(page := known.new_page())
        if name: page.goto(address + name)
        return page
    yield open_page
    for page in pages: leave(page)


@pytest.fixture
def alone(browser):
    "alone(width=360, ...): a new page in a window of its own, which is closed after the test, however that ends."
    contexts = []
    def new_page(width=1280, height=900, **options):
        contexts.append(browser.new_context(viewport=dict(width=width, height=height), **options))
        contexts[-1].set_default_timeout(patience)
        return contexts[-1].new_page()
    yield new_page
    for context in contexts: context.close()


@pytest.fixture
def visit(alone, address):
    "Opens a page of the site in a window of its own: visit('engine.html', width=360, ...)."
    def open_page(name, **options):
        page = alone(**options)
        page.goto(address + name)
        return page
    return open_page


@pytest.fixture
def elsewhere():
    "Another site: its address, and what was asked of it."
    asked = []
    class Listens(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header('Access-Control-Allow-Origin', '*')
            self.end_headers()
        do_POST = do_OPTIONS = do_HEAD = do_GET
        def log_message(self, *args): pass
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Listens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}/', asked
    server.shutdown()
    server.server_close()
