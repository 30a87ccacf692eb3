"""The site in a browser: `python bench/live.py [SITE]`, by default the site in _docs.

The page's Python and ours take turns with the same training steps, and a ratio is taken within a turn. Then the pages on
a telephone with a slow line, from a server that packs text on its way as GitHub Pages does.
"""

import argparse, gzip, io, json, os, platform, sys, time
from functools import cache
from pathlib import Path
from statistics import median
from compare import HERE, processor, told

sys.path[:0] = [str(HERE.parent/'nbs'/'live'), str(HERE.parent/'tools')]
import training
from browser import Quiet, chromium, flags, serving

patience = 300_000 # milliseconds until what does not come is missed: another machine may be slow, and busy

PYTHON = '''async () => { // the page's own, which is heard of when a step is made
    const { Python } = await import('./python.js'), { call } = Python.prototype
    Python.prototype.call = function (...asked) { return (window.python = this, call).apply(this, asked) }
    document.querySelector('#training .play + button').click()
    Python.prototype.call = call
}'''

MOVE = '''(slider, value) => new Promise(shown => {
    const begun = performance.now(), change = { characterData: true, childList: true, subtree: true }
    new MutationObserver((_, watch) => { watch.disconnect(); requestAnimationFrame(() => shown(performance.now() - begun)) })
        .observe(document.querySelector('#playground svg'), change)
    slider.value = value
    slider.dispatchEvent(new Event('input', { bubbles: true }))
})'''

def started(browser, address):
    "A page, and the seconds from its request until its Python answers, with nothing in the browser's cache."
    page = browser.new_page()
    begun = time.perf_counter()
    page.goto(f'{address}live/training.html')
    page.locator('#training .play:enabled').wait_for(timeout=patience)
    return page, time.perf_counter() - begun

def steps(page, rounds, count):
    "Milliseconds of a training step, the median of `count`, there and here, a pair for each round; the first round only warms up."
    for k in range(1 + rounds):
        there, here = page.evaluate("steps => python.call('training', 'measure', { steps }, 60000)", count), training.measure(count)
        if k: yield there, here

def redraws(page, rounds):
    "Milliseconds from the move of a slider to the frame that shows its numbers."
    slider = page.get_by_role('slider', name='a', exact=True)
    for k in range(1 + rounds):
        took = slider.evaluate(MOVE, str(2.1 + k % 10/10))
        if k: yield took

# ---- a telephone on a slow line

slow = dict(offline=False, latency=150, downloadThroughput=1.44e6/8, uploadThroughput=0.675e6/8) # Lighthouse's slow 4G
fast = dict(slow, latency=0, downloadThroughput=-1, uploadThroughput=-1)
telephone = dict(viewport=dict(width=360, height=740), is_mobile=True, has_touch=True)
desk = dict(viewport=dict(width=1280, height=900))

class Packing(Quiet):
    protocol_version = 'HTTP/1.1'
    def end_headers(self):
        self.send_header('Cache-Control', 'max-age=600')
        super().end_headers()
    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in ('.html', '.js', '.css', '.json', '.svg', '.ipynb'): return super().send_head()
        body = packed(path)
        self.send_response(200)
        for header in (('Content-Type', self.guess_type(path)), ('Content-Encoding', 'gzip'), ('Content-Length', str(len(body)))): self.send_header(*header)
        self.end_headers()
        return io.BytesIO(body)

@cache
def packed(path): return gzip.compress(path.read_bytes(), 6)

WATCH = '''window.seen = { shift: 0 }
const watch = (type, see) => new PerformanceObserver(list => list.getEntries().forEach(see)).observe({ type, buffered: true })
let burst = { from: -Infinity, last: -Infinity, sum: 0 } // of five seconds at most, a second after the one before: the worst counts
watch('layout-shift', ({ value, startTime }) => {
  if (startTime - burst.last > 1000 || startTime - burst.from > 5000) burst = { from: startTime, last: startTime, sum: 0 }
  burst.last = startTime
  burst.sum += value
  seen.shift = Math.max(seen.shift, burst.sum)
})
watch('paint', ({ name, startTime }) => { seen[name] = startTime / 1000 })
watch('largest-contentful-paint', ({ startTime }) => { seen.largest = startTime / 1000 })'''

FETCHED = '''() => performance.getEntriesByType('resource').map(e => [e.name.slice(location.origin.length + 1), e.startTime / 1000, e.responseEnd / 1000, e.transferSize])
    .concat([['the page', 0, performance.timing.responseEnd / 1000 - performance.timing.navigationStart / 1000, performance.getEntriesByType('navigation')[0].transferSize]])'''

def page_on(line, context, address, slower=1):
    "A page that is on its way there."
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send('Network.enable')
    session.send('Network.emulateNetworkConditions', line)
    session.send('Emulation.setCPUThrottlingRate', dict(rate=slower))
    page.add_init_script(WATCH)
    page.goto(address, wait_until='commit')
    return page

def visit(context, address, line, slower):
    "Seconds until a live page's Python answers, or another page is loaded; what was seen; what was fetched, in its order."
    begun = time.perf_counter()
    page = page_on(line, context, address, slower)
    if '/live/' in address: page.locator('.loading[hidden]').first.wait_for(state='attached', timeout=patience)
    else: page.wait_for_load_state()
    took = time.perf_counter() - begun
    page.evaluate('new Promise(requestAnimationFrame)')
    page.wait_for_timeout(500) # what is seen late
    found = took, page.evaluate('seen'), sorted(page.evaluate(FETCHED), key=lambda row: row[1])
    page.close()
    return found

def shifts(browser, address, names, size, line):
    "How far each page moves while it loads; eight load at a time."
    context = browser.new_context(**size)
    context.set_default_timeout(patience)
    for k in range(0, len(names), 8):
        pages = [(name, page_on(line, context, address + name)) for name in names[k:k + 8]]
        for name, page in pages:
            page.wait_for_load_state()
            page.wait_for_timeout(500)
            yield page.evaluate('seen.shift'), name
            page.close()
    context.close()

def slow_line(browser, site, quick):
    "Where it is only to be seen that this runs, nothing is slow, and one live page does for both."
    line, slower = (fast, 1) if quick else (slow, 6)
    limits = 'nothing slowed down' if quick else f'Lighthouse’s slow 4G (1.44 Mbit/s, {slow["latency"]} ms) and a main thread six times slower'
    yield ''
    yield f'On a telephone, 360 × 740, with {limits}; load of the machine {os.getloadavg()[0]:.0f}:'
    yield ''
    yield '| | first text | largest text | Python answers | again | fetched | moved |'
    yield '|---|---|---|---|---|---|---|'
    with serving(site, Packing) as address:
        for name, page in (('home', 'index.html'), ('training', 'live/training.html'), ('playground', 'live/playground.html'))[:2 if quick else None]:
            context = browser.new_context(**telephone)
            context.set_default_timeout(patience)
            took, seen, fetched = visit(context, address + page, line, slower)
            again = '–' if name == 'home' or quick else f'{visit(context, address + page, line, slower)[0]:.1f} s'
            answers = '–' if name == 'home' else f'**{took:.1f} s**'
            yield f'| {name} | {seen["first-contentful-paint"]:.1f} s | {seen["largest"]:.1f} s | {answers} | {again} | {sum(row[3] for row in fetched)/1e3:,.0f} kB | {seen["shift"]:.3f} |'
            context.close()
        yield ''
        yield 'What the last fetched of more than 10 kB, in its order:'
        yield ''
        yield '| fetched | from | until | kB |'
        yield '|---|---|---|---|'
        for name, begun, ended, size in fetched:
            if size > 10e3: yield f'| {name.partition("?")[0]} | {begun:.1f} s | {ended:.1f} s | {size/1e3:.1f} |'
        yield ''
        names = sorted(path.relative_to(site).as_posix() for path in site.rglob('*.html') if path.name != 'frame.html')[:2 if quick else None]
        for width, size in ((360, telephone), (1280, desk)):
            most, name = max(shifts(browser, address, names, size, line))
            yield f'Of {len(names)} pages, {width} pixels wide, {name} moves most while it loads: {most:.3f}.'

def report(site, quick):
    "Where it is only to be seen that this runs, one round and few steps do."
    rounds = 1 if quick else 15
    from playwright.sync_api import sync_playwright
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        pyodide = 'pyodide ' + json.loads((HERE.parent/'package.json').read_text())['dependencies']['pyodide']
        yield f'Measured on {processor()}, {platform.system()}, Python {platform.python_version()}, Chromium {browser.version}, {pyodide}.'
        yield ''
        yield '| in the page | |'
        yield '|---|---|'
        page, *took = started(browser, address)
        for _ in range(rounds//5):
            page.close()
            page, seconds = started(browser, address)
            took.append(seconds)
        yield f'| from the first request until Python answers, nothing cached | {median(took):.1f} s |'
        page.evaluate(PYTHON)
        pairs = list(steps(page, rounds, 2 if quick else 50))
        ratio = median(there/here for there, here in pairs)
        there, here = (median(pair[i] for pair in pairs) for i in (0, 1))
        yield f'| a training step, 2-8-8-1 on 100 points; the collector paused | {there:.1f} ms, **{ratio:.2f}×** the {here:.1f} ms of Python here |'
        page.goto(f'{address}live/playground.html')
        page.get_by_role('slider', name='a', exact=True).and_(page.locator(':enabled')).wait_for(timeout=patience)
        yield f'| a slider moves, until the frame with its numbers | {median(redraws(page, 5*rounds)):.0f} ms |'
        yield from slow_line(browser, site, quick)
        browser.close()

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('site', nargs='?', type=Path, default=HERE.parent/'_docs', help='a built site; by default _docs')
    parser.add_argument('--quick', action='store_true', help='one round, to see that it runs')
    parser.add_argument('--save', action='store_true', help='write the table to bench/LIVE.md, too')
    args = parser.parse_args()
    if not chromium() or not (args.site/'live'/'pyodide.xz').exists():
        print('Not measured: there is no Chromium here, or no Python in the live pages of the site.')
        return
    told(report(args.site, args.quick), args.save and 'LIVE.md')

if __name__ == '__main__': main()
