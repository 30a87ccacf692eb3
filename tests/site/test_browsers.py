"A chosen part of what Chromium is tested for, in Firefox and WebKit where they are installed."
import os
from pathlib import Path
import pytest
import other_browsers
from browser import Quiet, serving
from conftest import chosen, missing, missing_live
from test_wall import hostile

if missing() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing(), allow_module_level=True)
needs_python = pytest.mark.skipif(bool(missing_live()) and not os.environ.get('NOTHING_LEFT_OUT'), reason=missing_live() or 'npm is here')

# The first thing on each page, before its policy: it notes what goes wrong.
watch = b'''<script>window.wrong = []
addEventListener('error', event => wrong.push(String(event.message || event.target.outerHTML)), true)
addEventListener('unhandledrejection', event => wrong.push(String(event.reason)))
addEventListener('securitypolicyviolation', event => wrong.push(event.violatedDirective + ' ' + event.blockedURI))
</script>'''


class Watched(Quiet):
    "Pages with `watch` in them; what is not there is noted, and in the place of the worker another may be sent."
    lost, worker = [], None
    def do_GET(self):
        name = self.path.partition('?')[0]
        worker = self.worker if name == '/live/worker.js' else None
        if not worker and (not name.endswith('.html') or name == '/live/frame.html'): return super().do_GET()
        body = worker or Path(self.translate_path(name)).read_bytes().replace(b'<head>', b'<head>' + watch, 1)
        self.send_response(200)
        self.send_header('Content-Type', 'text/javascript' if worker else 'text/html; charset=utf-8')
        self.end_headers()
        self.wfile.write(body)
    def end_headers(self):
        if self.path.startswith('/live/worker.js'): self.send_header('Cache-Control', 'no-store') # the other one is not to be kept
        super().end_headers()
    def send_error(self, code, *args):
        self.lost.append(f'{code} {self.path}')
        super().send_error(code, *args)


@pytest.fixture(scope='module', params=['Firefox', 'WebKit'])
def window(request):
    why = other_browsers.missing[request.param]
    if why: pytest.skip(f'{why}, so the pages were not opened in it')
    with other_browsers.opened(request.param) as window: yield window


@pytest.fixture(scope='module')
def site(folder):
    with serving(folder, Watched) as address: yield address


def test_each_kind_of_page_opens_without_an_error(window, site):
    Watched.lost = []
    for name in [*chosen, 'reference.html', 'tutorials/exercises.html', 'tutorials/two_moons.html', '404.html']:
        window.open(site + name)
        assert window.js('document.querySelectorAll("main h1").length') == 1, name
        assert (name, window.js('wrong')) == (name, [])
    assert Watched.lost == []


def test_search_dark_mode_and_print(window, site):
    window.open(site + 'engine.html')
    window.js('''(() => { const box = document.querySelector("#quarto-search input"); box.focus(); box.value = "topological sort"; box.dispatchEvent(new Event("input", { bubbles: true })) })()''')
    window.until('document.querySelectorAll(".search-result").length')
    covered = '''[...document.querySelectorAll(".search-result")].slice(0, 3).flatMap(result => {
        const box = result.getBoundingClientRect()
        return [[box.left + 4, box.top + 8], [box.right - 30, box.bottom - 8], [box.right - 30, box.top + 8]] // left of a scroll bar
           .filter(([x, y]) => !result.contains(document.elementFromPoint(x, y))) })'''
    window.until(f'!({covered}).length')
    window.open(site + 'engine.html')
    ground = 'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)'
    assert window.js(ground) > 700
    window.js('document.querySelector(".quarto-color-scheme-toggle").click()')
    window.until(f'{ground} < 150')
    window.js('document.querySelector(".quarto-color-scheme-toggle").click()')
    window.until(f'{ground} > 700')
    seen = '''["#quarto-sidebar", "#TOC", ".page-tools", ".run", "main h1", "main pre", "main svg"].filter(what => [...document.querySelectorAll(what)].some(e => e.checkVisibility()))'''
    on_paper = '''[...document.styleSheets].forEach(function turn(sheet) { [...sheet.cssRules].forEach(rule => {
        if (rule.media && rule.cssRules) rule.media.mediaText = rule.media.mediaText.includes("print") ? "all" : rule.media.mediaText.includes("screen") ? "not all" : rule.media.mediaText
        if (rule.cssRules) turn(rule) }) })'''
    assert len(window.js(seen)) == 7
    window.js(on_paper)
    assert window.js(seen) == ['main h1', 'main pre', 'main svg']


@needs_python
def test_python_runs(window, site):
    "In the playground, on the training page, and in a cell, which is edited."
    window.open(site + 'live/playground.html')
    window.until('document.querySelector("#playground .loading")?.hidden')
    window.js('''(() => { const text = document.querySelector("#playground-text"); text.value = "a = 3.0\\nb = a*a"; text.dispatchEvent(new Event("input", { bubbles: true })) })()'''.replace('\n', '\\n'))
    window.until('!!document.querySelector("[aria-label^=\'b: data 9.0000\']")')
    window.open(site + 'live/training.html')
    window.until('!!document.querySelector("#training .play:enabled")')
    losses = 'document.querySelector("#training .facts").textContent'
    before = window.js(losses)
    window.js('document.querySelector("#training .play").click()')
    window.until(f'{losses} != {before!r}')
    window.open(site + 'engine.html')
    buttons = '[...[...document.querySelectorAll(".run[data-cell]")].find(run => run.closest(".cell").textContent.includes("slopes = {name")).querySelectorAll("button")]'
    window.js(f'{buttons}[0].click()')
    window.until('[...document.querySelectorAll(".run [role=status]")].some(status => status.textContent == "Run: as in the book.")')
    window.js(f'{buttons}[1].click()')
    window.until('document.activeElement.matches(".cm-content")')
    window.js('document.execCommand("selectAll") && document.execCommand("insertText", false, "6*7")')
    window.until(f'{buttons}[0].closest(".cell").querySelector(".editor").innerText.trim() == "6*7"')
    window.js(f'{buttons}[0].click()')
    window.until(f'{buttons}[0].closest(".cell").querySelector(".cell-output").innerText.trim() == "42"')
    assert window.js('wrong') == []


@needs_python
def test_a_hostile_worker_gets_nothing_out_and_nothing_in(window, site, elsewhere):
    away, asked = elsewhere
    Watched.worker = (hostile % (away, site)).encode()
    try:
        window.open(site + 'live/playground.html')
        notes = window.until('document.querySelector("#playground .notes")?.textContent.includes("<img") && document.querySelector("#playground .notes").textContent')
    finally: Watched.worker = None
    allowed = 'OUT:caches' if isinstance(window, other_browsers.WebKit) else '' # which is a cache of the frame's own origin, that nobody else has
    assert 'OUT:' not in notes.replace(allowed, '')
    assert window.js('document.querySelectorAll("#playground svg g.v0 text").length') >= 2 # what draws is there
    assert window.js('document.querySelectorAll("#playground :is(image, img, iframe, foreignObject, use, animate, [onerror], [onload], [onclick])").length') == 0
    assert window.js('window.bitten ?? null') is None
    assert asked == []
