"Cells that run where they are read."
import json, os
import pytest
from conftest import missing_live, patience
import runs

if missing_live() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing_live(), allow_module_level=True)

half = {'tutorials/two_moons.ipynb', 'tutorials/exercises.ipynb', 'train.ipynb'} # these take about as long as all others


@pytest.mark.parametrize('names', [sorted(half), [name for name in runs.names() if name not in half]], ids=['three long pages', 'the others'])
def test_each_cell_shows_in_the_page_what_its_notebook_has_stored(visit, names):
    "Byte for byte, pictures too; or the page says what it lacks. Where that is another cell now: python tools/runs.py"
    said = json.loads(runs.lacking.read_text(encoding='utf-8'))
    page = visit('index.html')
    found = runs.run(page, names)
    assert {name: runs.lacks(found[name]) for name in names} == {name: said.get(name, {}) for name in names}


def cell(page, text):
    "The cell whose code has this text in it."
    return page.locator('.cell', has=page.locator('pre.sourceCode', has_text=text)).first


def test_a_cell_runs_is_edited_and_put_back(visit, address):
    page = visit('engine.html')
    asked = []
    page.on('request', lambda request: asked.append(request.url.removeprefix(address)))
    here = cell(page, 'slopes = {name:')
    shown = here.locator('.cell-output').inner_text()
    page.wait_for_load_state('networkidle')
    assert set(asked) <= {'assets/favicon.svg'} # which a browser asks for by itself, when it likes; nothing else is loaded before the first click
    here.get_by_role('button', name='Run').click()
    page.get_by_role('progressbar', name='Loading Python').wait_for()
    here.get_by_text('Run: as in the book.').wait_for(timeout=patience)
    assert here.locator('.cell-output').inner_text() == shown
    here.get_by_role('button', name='Edit').click()
    text = here.get_by_role('textbox', name='Code of this cell')
    assert text.input_value().startswith('h = 1e-6')
    text.press('ControlOrMeta+End')
    text.press_sequentially('\nfor name in "ab":\nprint(name)') # the second line is indented by itself
    text.press('Shift+Enter')
    here.get_by_text('Run: not as in the book.').wait_for()
    assert here.locator('.cell-output').inner_text().split() == ['a', 'b']
    assert page.evaluate('document.activeElement.closest(".cell") != document.querySelector(".cell:has(textarea)") && document.activeElement.textContent') == 'Run'
    later = cell(page, 'by_hand == slopes')
    later.get_by_role('button', name='Run').click()
    later.get_by_text('Run: as in the book.').wait_for()
    page.reload()
    text = page.get_by_role('textbox', name='Code of this cell')
    assert text.input_value().endswith('    print(name)')
    text.fill('slopes = 1/0')
    text.press('Control+Enter')
    here = page.locator('.cell:has(textarea)')
    here.get_by_text('It ended with an error.').wait_for(timeout=patience)
    assert here.locator('.cell-output').inner_text() == 'line 1: slopes = 1/0\nZeroDivisionError: division by zero'
    here.get_by_role('button', name='Put back').click()
    here = cell(page, 'slopes = {name:')
    assert here.locator('.cell-output').inner_text() == shown and page.locator('textarea').count() == 0
    page.reload()
    assert page.locator('textarea').count() == 0


def test_an_exercise_is_solved_judged_and_kept_on_a_phone(visit):
    page = visit('tutorials/exercises.html', width=360, height=740, is_mobile=True, has_touch=True)
    here = cell(page, 'verdict(check_slope, slope)')
    here.get_by_role('button', name='Edit').tap()
    text = page.get_by_role('textbox', name='Code of this cell')
    text.fill('def slope(f, x, h):\n    return (f(x + h) - f(x))/h\n\nverdict(check_slope, slope)')
    here = page.locator('.cell:has(textarea)')
    here.get_by_role('button', name='Run').tap()
    here.get_by_text('Not yet. slope of').wait_for(timeout=patience)
    text.fill('def slope(f, x, h):\n    return (f(x + h) - f(x - h))/(2*h)\n\nverdict(check_slope, slope)')
    here.get_by_role('button', name='Run').tap()
    here.get_by_text("'Right").wait_for()
    page.reload()
    assert '(2*h)' in page.get_by_role('textbox', name='Code of this cell').input_value()


def test_a_cell_that_cannot_run_says_why_and_a_loop_without_end_is_stopped(visit):
    page = visit('derivative.html')
    assert cell(page, 'plot_slope(f, -3.0)').get_by_text('Does not run here: matplotlib').is_visible()
    first = page.locator('.cell:has(.run[data-cell])').first
    first.get_by_role('button', name='Edit').click()
    text = page.get_by_role('textbox', name='Code of this cell')
    text.fill('while True: pass')
    text.press('Control+Enter')
    here = page.locator('.cell:has(textarea)')
    here.get_by_text('Running').wait_for(timeout=patience)
    here.get_by_role('button', name='Stop').click()
    here.get_by_text('Stopped.').wait_for()
    text.fill('1 + 1')
    text.press('Control+Enter')
    here.locator('.cell-output', has_text='2').wait_for(timeout=patience)


shifts = '''new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved = (window.moved || 0) + entry.value })
    .observe({ type: 'layout-shift', buffered: true })'''


@pytest.mark.parametrize('width, height', [(1280, 900), (360, 740)])
@pytest.mark.parametrize('name', ['derivative.html', 'live/playground.html', 'live/training.html'])
def test_what_is_read_does_not_move_while_the_page_is_loading(browser, address, name, width, height):
    context = browser.new_context(viewport=dict(width=width, height=height), is_mobile=width < 500)
    page = context.new_page()
    page.add_init_script(shifts)
    page.goto(address + name)
    if name.startswith('live/'): page.locator('#playground .loading, #training .loading').wait_for(state='hidden', timeout=patience)
    page.wait_for_load_state('networkidle')
    page.evaluate('() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))') # and is drawn
    assert page.evaluate('window.moved || 0') < 0.1
    context.close()
