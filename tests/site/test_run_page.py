"Cells that run where they are read."
import json, os
import pytest
from conftest import at_rest, complaints, missing_live, moved, patience, root, shifts, until, watched
from pages import cells
import runs

if missing_live() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing_live(), allow_module_level=True)

# Pages that are soon run: values and pictures, what is drawn by Graphviz, what lacks NumPy and matplotlib. All of them: python tools/runs.py
soon = ['derivative.ipynb', 'engine.ipynb', 'stepper.ipynb', 'jit/tape.ipynb']


def test_each_cell_shows_in_the_page_what_its_notebook_has_stored(come_back):
    "Byte for byte, pictures too; or the page says what it lacks. Where that is another cell now: python tools/runs.py"
    said = json.loads(runs.lacking.read_text(encoding='utf-8'))
    found = runs.run(come_back('index.html'), soon)
    assert {name: runs.lacks(found[name]) for name in soon} == {name: said.get(name, {}) for name in soon}


def test_what_is_said_to_lack_something_is_on_its_page():
    for name, lacking in json.loads(runs.lacking.read_text(encoding='utf-8')).items():
        assert set(lacking) <= {cell.id for cell in cells(root/'nbs'/name) if cell.kind == 'code' and not cell.hidden()}, name


def cell(page, text):
    "The cell whose code has this text in it."
    return page.locator('.cell', has=page.locator('pre.sourceCode', has_text=text)).first


def test_a_cell_runs_is_edited_and_put_back(come_back, address):
    page = come_back('engine.html')
    asked = []
    page.on('request', lambda request: asked.append(request.url.removeprefix(address)))
    here = cell(page, 'slopes = {name:')
    shown = here.locator('.cell-output').inner_text()
    at_rest(page)
    assert set(asked) <= {'assets/favicon.svg'} # which a browser asks for by itself, when it likes; nothing else is loaded before the first click
    def first(files):
        page.get_by_role('progressbar', name='Loading Python').wait_for()
        files.continue_()
    page.route('**/files.json*', first)
    here.get_by_role('button', name='Run').click()
    here.get_by_text('Run: as in the book.').wait_for(timeout=patience)
    assert here.locator('.cell-output').inner_text() == shown
    here.get_by_role('button', name='Edit').click()
    text = here.get_by_role('textbox', name='Code of this cell')
    assert text.inner_text().startswith('h = 1e-6') and complaints(page, '.cell:has(.editor)') == []
    def coloured(line, *kinds): # in the book's colours; as soon as the editor has read so far
        until(page, '(([line, kinds]) => { const spans = [...document.querySelector(`.cm-line:${line}-child`).querySelectorAll("span")]; return kinds.every(kind => spans.some(e => e.matches(kind))) })(arg)', [line, kinds])
    coloured('first', '.dv', '.op')
    text.press('ControlOrMeta+End')
    text.press_sequentially('\nfor name in "ab":')
    coloured('last', '.kw, .cf', '.st')
    text.press_sequentially('\nprint(name)') # it is indented by itself
    text.press('Shift+Enter')
    here.get_by_text('Run: not as in the book.').wait_for()
    assert here.locator('.cell-output').inner_text().split() == ['a', 'b']
    assert page.evaluate('document.activeElement.closest(".cell") != document.querySelector(".cell:has(.editor)") && document.activeElement.textContent') == 'Run'
    later = cell(page, 'def expression')
    later.get_by_role('button', name='Run').click()
    later.get_by_text('Run: as in the book.').wait_for()
    here = page.locator('.cell:has(.editor)')
    text.fill('slopes = 1/0')
    text.press('Control+Enter')
    here.get_by_text('It ended with an error.').wait_for()
    assert here.locator('.cell-output').inner_text() == 'line 1: slopes = 1/0\nZeroDivisionError: division by zero'
    here.get_by_role('button', name='Put back').click()
    here = cell(page, 'slopes = {name:')
    assert here.locator('.cell-output').inner_text() == shown and page.locator('.editor').count() == 0
    here.get_by_role('button', name='Edit').click()
    text.fill('1 + 1')
    page.reload()
    assert page.locator('.editor').inner_text() == '1 + 1' and text.count() == 0
    page.locator('.cell:has(.editor)').get_by_role('button', name='Edit').click()
    assert text.inner_text() == '1 + 1'
    page.get_by_role('button', name='Put back').click()
    page.reload()
    assert page.locator('.editor').count() == 0


# A phone zooms into a field with letters smaller than these.
small = '''[...document.querySelectorAll("input, select, textarea, [contenteditable=true]")]
    .filter(e => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 16).map(e => e.outerHTML.slice(0, 100))'''


@pytest.fixture(scope='module')
def phone(browser):
    context = browser.new_context(viewport=dict(width=360, height=740), is_mobile=True, has_touch=True)
    yield context
    context.close()


def test_the_first_visit_fetches_only_what_is_needed_and_first_what_takes_longest(phone, address):
    "And what is read does not move while all that comes."
    page = watched(phone, address)
    page.add_init_script(shifts)
    page.goto(address + 'live/training.html')
    assert moved(page) < 0.1
    assert page.evaluate(small) == []
    live = [url.removeprefix(f'{address}live/').partition('?')[0] for url in page.asked if url.startswith(f'{address}live/')]
    first = ['training.html', 'files.js', 'files.json', 'pyodide.xz', 'python.xz']
    fetched = [name for name in live if name in first or name.endswith('.xz')]
    fetched[1:3] = sorted(fetched[1:3]) # of these two, either may be first
    assert fetched == first
    assert page.wrong == []
    page.close()


def test_the_first_part_of_the_book_on_a_phone(phone, address):
    "By touch, from page to page: a cell runs, and is stopped; a step is made; a program is typed; an exercise is solved, judged and kept."
    page = phone.new_page()
    page.add_init_script(shifts)
    page.goto(address + 'derivative.html')
    assert moved(page) < 0.1
    def keeps_to_its_width():
        page.wait_for_load_state()
        assert page.evaluate('document.fonts.ready.then(() => [document.documentElement.scrollWidth, visualViewport.scale])') == [360, 1]
        assert page.evaluate(small) == []
    def on(title):
        keeps_to_its_width()
        page.locator('.nav-page-next a').tap()
        page.get_by_role('heading', name=title, level=1).wait_for()
        keeps_to_its_width()
    assert cell(page, 'plot_slope(f, -3.0)').get_by_text('Does not run here: matplotlib').is_visible()
    first = page.locator('.cell:has(.run[data-cell])').first
    first.get_by_role('button', name='Edit').tap()
    text = page.get_by_role('textbox', name='Code of this cell')
    text.fill('while True: pass')
    here = page.locator('.cell:has(.editor)')
    here.get_by_role('button', name='Run').tap()
    here.get_by_text('Running').wait_for(timeout=patience)
    here.get_by_role('button', name='Stop').tap()
    here.get_by_text('Stopped.').wait_for()
    text.fill('1 + 1')
    here.get_by_role('button', name='Run').tap()
    here.locator('.cell-output', has_text='2').wait_for(timeout=patience)
    on('Backpropagation by hand')
    stepper = page.locator('.mg-steps').first
    told = stepper.inner_text()
    stepper.get_by_text('next').locator('visible=true').first.tap()
    assert stepper.inner_text() != told
    on('Value and backward: the engine')
    on('Playground for gradients')
    assert moved(page) < 0.1 # until Python is there
    page.get_by_role('textbox', name='Your program').fill('a = 3.0\nb = a*a')
    page.get_by_role('img', name='b: data 9.0000').wait_for(timeout=patience)
    keeps_to_its_width()
    page.goto(page.url.partition('live/')[0] + 'tutorials/exercises.html')
    here = cell(page, 'verdict(check_slope, slope)')
    here.get_by_role('button', name='Edit').tap()
    text.fill('def slope(f, x, h):\n    return (f(x + h) - f(x))/h\n\nverdict(check_slope, slope)')
    here = page.locator('.cell:has(.editor)')
    here.get_by_role('button', name='Run').tap()
    here.get_by_text('Not yet. slope of').wait_for(timeout=patience)
    text.fill('def slope(f, x, h):\n    return (f(x + h) - f(x - h))/(2*h)\n\nverdict(check_slope, slope)')
    here.get_by_role('button', name='Run').tap()
    here.get_by_text("'Right").wait_for()
    keeps_to_its_width()
    page.reload()
    assert '(2*h)' in page.locator('.editor').inner_text()


def test_what_is_read_does_not_move_while_the_page_is_loading(come_back, address):
    "The live pages on a wide window: where they are started for all tests."
    page = come_back()
    page.add_init_script(shifts)
    page.goto(address + 'derivative.html')
    assert moved(page) < 0.1
