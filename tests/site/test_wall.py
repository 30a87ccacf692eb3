"What the browser keeps from a stranger's program, and from a worker that is the stranger's altogether."
import os
from urllib.parse import urlencode
import pytest
from conftest import missing_live, patience

if missing_live() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing_live(), allow_module_level=True)

# A worker in the place of ours: it tries every way out, says which led somewhere, and answers with pictures that bite.
hostile = '''
const away = %r, home = %r, out = []
const ways = {
  fetch: () => fetch(away + 'fetch', { mode: 'no-cors' }),
  home: () => fetch(home + 'live/files.json', { mode: 'no-cors', credentials: 'include' }),
  request: () => new Promise((done, lost) => { const r = new XMLHttpRequest(); r.open('POST', away + 'request'); r.onload = done; r.onerror = lost; r.send('secret') }),
  import: () => import(away + 'import'),
  scripts: () => WorkerGlobalScope.prototype.importScripts.call(self, away + 'scripts'),
  socket: () => new Promise((done, lost) => { const s = new WebSocket(away.replace('http', 'ws') + 'socket'); s.onopen = done; s.onerror = lost }),
  events: () => new Promise((done, lost) => { const s = new EventSource(away + 'events'); s.onopen = done; s.onerror = lost }),
  worker: () => new Promise((done, lost) => {
    const w = new Worker(URL.createObjectURL(new Blob([`fetch('${away}worker', { mode: 'no-cors' }).then(() => postMessage(1), () => postMessage(0))`])))
    w.onmessage = ({ data }) => data ? done() : lost(); w.onerror = lost }),
  font: () => new FontFace('f', `url(${away}font)`).load(),
  database: () => new Promise((done, lost) => { const r = indexedDB.open('x'); r.onsuccess = done; r.onerror = lost }),
  caches: () => caches.open('x'),
  files: () => navigator.storage.getDirectory(),
}
self.onmessage = async ({ ports: [wire] }) => {
  for (const [name, way] of Object.entries(ways)) {
    try { await Promise.race([way(), new Promise((_, lost) => setTimeout(lost, 1500))]); out.push(name) } catch {}
  }
  const bites = 'window.bitten = (window.bitten || 0) + 1'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="${bites}" style="position:fixed;inset:0">
    <script>${bites}</script><image href="${away}image" xlink:href="${away}image" onerror="${bites}"/><a href="javascript:${bites}"><text>x</text></a>
    <foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="${away}img" onerror="${bites}"/><iframe xmlns="http://www.w3.org/1999/xhtml" src="${away}frame"/></foreignObject>
    <style>@import url(${away}style)</style><use href="${away}use"/><g class="v0" onclick="${bites}"><text fill="url(${away}fill)">a</text><text>data</text><text>grad</text><animate attributeName="href" values="${away}"/></g></svg>`
  const html = `<img src="${away}name" onerror="${bites}">`
  wire.onmessage = ({ data: { id } }) => wire.postMessage({ id, result: { text: html, trouble: '', printed: html, notes: [html, ...out.map(way => 'OUT:' + way)], results: [html, 'b'], result: html, large: null,
    graph: { key: html, svg, about: html, nodes: [{ name: html, op: html, prev: [] }], widths: {} },
    numbers: { data: [html], local: [[]], forward: [html], steps: [{ node: 0, says: [html], grads: [[0, html]] }], check: [] },
    leaves: [{ node: 0, place: 0, name: html, value: 1, min: 0, max: 2, step: 1 }] } })
  wire.postMessage({ ready: true })
}
'''

program = '''
print('it ran')
from pyodide.code import run_js
import js, socket, urllib.request
tries = """fetch('{away}fetch', {{ mode: 'no-cors' }}); import('{away}import').catch(() => {{}}); new WebSocket('{ws}socket')
    self.postMessage({{ id: 1 }}); fetch('{home}live/files.json', {{ mode: 'no-cors' }})"""
try: run_js(tries)
except BaseException: pass
try: urllib.request.urlopen('{away}urllib', timeout=1)
except BaseException: pass
a = 2.0
b = a*a
'''


def in_the_page(page):
    "What of it is in the page that a browser would run or load."
    return page.locator('body :is(script:not([src], [type="application/json"]), #playground :is(image, img, iframe, foreignObject, style:not(.mg-explore > style), use, a, animate, [onerror], [onload], [onclick]))').evaluate_all(
        'all => all.filter(e => e.closest("#playground")).map(e => e.outerHTML.slice(0, 100))')


def test_a_hostile_worker_gets_nothing_out_and_nothing_in(alone, address, elsewhere):
    away, asked = elsewhere
    page = alone()
    page.route('**/worker.js*', lambda route: route.fulfill(body=hostile % (away, address), content_type='text/javascript'))
    came = []
    page.on('response', lambda response: came.append((response.frame == page.main_frame, response.url)))
    page.goto(address + 'live/playground.html')
    page.get_by_role('status').filter(has_text='<img').first.wait_for(timeout=patience)
    notes = page.locator('#playground .notes').inner_text()
    assert 'OUT:' not in notes
    assert page.locator('#playground svg g.v0 text').count() >= 2 # what draws is there
    page.locator('#playground svg g.v0').click(force=True)
    assert in_the_page(page) == []
    assert page.evaluate('window.bitten') is None
    assert asked == []
    assert {url for main, url in came if not main and not url.startswith('blob:')} == {address + 'live/frame.html'}


@pytest.mark.parametrize('name', ['playground', 'training'])
def test_markup_that_comes_into_the_page_runs_nothing(visit, name, elsewhere):
    away, asked = elsewhere
    page = visit(f'live/{name}.html')
    blocked = page.evaluate('''([away, patience]) => new Promise(done => {
        const blocked = new Set()
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) => { if (blocked.add(effectiveDirective).size === 6) done([...blocked]) })
        setTimeout(() => done([...blocked]), patience)
        document.body.insertAdjacentHTML('beforeend', `<img src="${away}img" onerror="bitten = 1"><iframe src="${away}frame"></iframe><link rel="stylesheet" href="${away}style">`)
        document.body.append(Object.assign(document.createElement('script'), { textContent: 'bitten = 2' }))
        fetch(away).catch(() => {})
    })''', [away, patience])
    assert sorted(blocked) == ['connect-src', 'frame-src', 'img-src', 'script-src-attr', 'script-src-elem', 'style-src-elem']
    assert page.evaluate('window.bitten') is None and asked == []


def test_a_strangers_program_waits_for_a_click_and_reaches_nothing(come_back, address, elsewhere):
    away, asked = elsewhere
    page = come_back()
    page.route('**/files.json*', lambda route: None) # Python comes when the program has been typed into
    page.goto(address + 'live/playground.html#' + urlencode(dict(text=program.format(away=away, ws=away.replace('http', 'ws'), home=address))))
    came = page.get_by_text('This program came with the link')
    text = page.get_by_role('textbox', name='Your program')
    ran = page.get_by_text('it ran', exact=True)
    for typed in ('# typed', '# more'): # to type into it is not yet to run it, nor does it become the reader's own
        came.wait_for()
        text.press('ControlOrMeta+End')
        text.press_sequentially(typed)
        page.wait_for_url(f'**{typed[2:]}**')
        if typed == '# more': page.unroute_all()
        page.reload()
    came.wait_for()
    page.get_by_role('progressbar').wait_for(state='hidden')
    text.press('ControlOrMeta+End')
    text.press_sequentially('# last')
    page.wait_for_url('**last**')
    assert not ran.is_visible()
    page.get_by_role('button', name='Run', exact=True).click()
    ran.wait_for()
    page.get_by_role('img', name='b: data 4.0000').wait_for()
    assert not came.is_visible()
    assert asked == []
    text.fill('print("it ran again")\na = 3.0\nb = a*a') # from here on it is the reader's own; and Python is still there
    page.get_by_role('img', name='b: data 9.0000').wait_for()
    page.wait_for_url('**again**')
    page.reload()
    page.get_by_text('it ran again', exact=True).wait_for()
    assert not came.is_visible()
    assert asked == []


def test_a_stopped_python_is_back_at_once_without_a_network(come_back):
    "A second one waits from the moment that a program takes long."
    page = come_back('404.html')
    page.evaluate('''async () => {
        const { Python } = await import('./live/python.js')
        window.python = new Python(() => {})
        await python.ready }''')
    page.context.set_offline(True)
    try:
        told = page.evaluate('''async () => {
            const told = []
            for (const round of [1, 2]) {
                python.prepare()
                while (!python.spare.ready) await new Promise(requestAnimationFrame)
                python.onstatus = ({ state }) => told.push(state)
                const loop = python.call('playground', 'run', { text: 'print(1)\\nwhile True: pass' }, 1e6).catch(error => told.push(error.message, error.printed))
                while (![...python.asked.values()].some(({ printed }) => printed === '1\\n')) await new Promise(requestAnimationFrame)
                python.restart('Stopped.')
                await loop
                told.push(await python.call('playground', 'short', { name: 'there' }, 1e6))
            }
            return told }''')
        assert told == 2*['loading', 'ready', 'Stopped.', '1\n', 'there'], told
    finally: page.context.set_offline(False)


def test_who_waits_for_python_is_told_and_nothing_that_is_gone_is_waited_for(come_back):
    "Stopped while it loads; files that two need at once; and one that was to be there later, and failed."
    page = come_back('404.html')
    told = page.evaluate('''async () => {
        const { Python } = await import('./live/python.js')
        const python = new Python(() => {})
        const short = () => python.call('playground', 'short', { name: 'there' }, 1e6)
        const first = short().catch(error => error.message)
        python.restart('Stopped.')
        const told = [await first, await short()]
        await Promise.all([python.load(['sources', 'library']), python.load(['sources', 'library'])])
        python.prepare()
        python.heard(python.spare, { failed: 'no room' })
        told.push(python.spare === undefined)
        python.restart('Stopped.')
        return [...told, await short()] }''')
    assert told == ['Stopped.', 'there', True, 'there'], told
