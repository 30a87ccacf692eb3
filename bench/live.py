"""The live pages in a browser, beside the Python here: `python bench/live.py [SITE]`, by default the site in _docs.

The page's Python and ours take turns with the same training steps, and a ratio is taken within a turn.
"""

import argparse, platform, sys, time
from pathlib import Path
from statistics import median
from compare import HERE, processor

sys.path[:0] = [str(HERE.parent/'nbs'/'live'), str(HERE.parent/'tools')]
import training
from browser import chromium, flags, serving

PYTHON = '''async () => {
    const { startPython } = await import('./python.js')
    return new Promise(ready => { startPython(document.createElement('p'), python => { window.python = python; ready() }) })
}'''

MOVE = '''(slider, value) => new Promise(shown => {
    const begun = performance.now(), change = { characterData: true, childList: true, subtree: true }
    new MutationObserver((_, watch) => { watch.disconnect(); requestAnimationFrame(() => shown(performance.now() - begun)) })
        .observe(document.querySelector('#playground svg'), change)
    slider.value = value
    slider.dispatchEvent(new Event('input', { bubbles: true }))
})'''

def milliseconds_to_start(browser, address):
    "From the request of the page until its Python answers, with nothing in the browser's cache."
    context = browser.new_context()
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(f'{address}live/training.html')
    page.locator('#training .play:enabled').wait_for(timeout=60_000)
    context.close()
    return 1000*(time.perf_counter() - begun)

def steps(page, rounds):
    "Milliseconds of a training step, there and here, a pair for each round; the first round only warms up."
    for k in range(1 + rounds):
        there, here = page.evaluate("python.call('training', 'measure', {}, 60000)"), training.measure()
        if k: yield there, here

def redraws(page, rounds):
    "Milliseconds from the move of a slider to the frame that shows its numbers."
    slider = page.get_by_role('slider', name='a', exact=True)
    for k in range(1 + rounds):
        took = slider.evaluate(MOVE, str(2.1 + k % 10/10))
        if k: yield took

def report(site, rounds):
    from playwright.sync_api import sync_playwright
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        pyodide = next((site/'live').glob('pyodide-*')).name.replace('-', ' ')
        yield f'Measured on {processor()}, {platform.system()}, Python {platform.python_version()}, Chromium {browser.version}, {pyodide}.'
        yield ''
        yield '| in the page | |'
        yield '|---|---|'
        started = [milliseconds_to_start(browser, address) for _ in range(1 + rounds//5)]
        yield f'| from the first request until Python answers, nothing cached | {median(started)/1000:.1f} s |'
        page = browser.new_page()
        page.goto(f'{address}live/training.html')
        page.locator('#training .play:enabled').wait_for(timeout=60_000)
        page.evaluate(PYTHON)
        pairs = list(steps(page, rounds))
        ratio = median(there/here for there, here in pairs)
        there, here = (median(pair[i] for pair in pairs) for i in (0, 1))
        yield f'| a training step, 2-8-8-1 on 100 points; the collector paused | {there:.1f} ms, **{ratio:.2f}×** the {here:.1f} ms of Python here |'
        page.goto(f'{address}live/playground.html')
        page.get_by_role('slider', name='a', exact=True).and_(page.locator(':enabled')).wait_for(timeout=60_000)
        yield f'| a slider moves, until the frame with its numbers | {median(redraws(page, 5*rounds)):.0f} ms |'
        browser.close()

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('site', nargs='?', type=Path, default=HERE.parent/'_docs', help='a built site; by default _docs')
    parser.add_argument('--quick', action='store_true', help='one round, to see that it runs')
    parser.add_argument('--save', action='store_true', help='write the table to bench/LIVE.md, too')
    args = parser.parse_args()
    if not chromium() or not list((args.site/'live').glob('*.whl')):
        print('Not measured: there is no Chromium here, or no Python in the live pages of the site.')
        return
    lines = []
    for line in report(args.site, 1 if args.quick else 15):
        print(line, flush=True)
        lines.append(line)
    if args.save: (HERE/'LIVE.md').write_text('\n'.join(lines) + '\n', encoding='utf-8')

if __name__ == '__main__': main()
