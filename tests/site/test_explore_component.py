"The component explore.js on a page of its own, driven by the package itself, and viz.explore in JupyterLab."
import importlib.util, json, math, os, re, subprocess, sys, time, urllib.request
import pytest
from browser import chromium
from conftest import complaints, patience, root
from other_browsers import free_port
from test_explore import lecture
from micrograd.engine import Value, dot, relu
from micrograd.nn import MLP, Neuron
from micrograd.viz import draw_dot, draw_mlp, draw_neuron, step_through
from micrograd.explore import LiveGraph, graph_of, last_step, numbers_of, sliders_of
from micrograd.drawing import four_decimals

reason = '' if chromium() else 'no Chromium here, so explore was not opened in a browser'
if reason and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(reason, allow_module_level=True)

script = (root/'micrograd'/'explore.js').read_text(encoding='utf-8')
html = '''<!doctype html><html lang="en"><head><title>Explore</title><meta name="viewport" content="width=device-width"></head>
<body style="margin:16px;font-family:sans-serif;max-width:800px"><main><h1>Explore</h1><div id="here"></div><p id="below">below</p></main></body></html>'''
# A model as anywidget has it; what is moved goes to Python, and comes back as new numbers.
model = '''state => {
  const heard = {}
  window.model = {
    state,
    get: key => state[key],
    set(key, value) {
      state[key] = value
      for (const f of heard['change:' + key] || []) f()
      if (key === 'moved') window.moved(value).then(news => { for (const key in news) model.set(key, news[key]) })
    },
    save_changes() {},
    on(event, f) { (heard[event] ||= []).push(f) },
    off(event, f) { heard[event] = heard[event].filter(g => g !== f) },
    count: () => Object.values(heard).flat().length,
  }
}'''
render = '''async script => {
  const module = await import(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
  window.gone = module.default.render({ model, el: document.getElementById('here') })
}'''


@pytest.fixture(scope='module')
def stage(browser):
    "One page for all tests here, the errors on it, and what is called when something moves."
    page, errors, hears = browser.new_page(), [], {}
    page.set_default_timeout(patience)
    page.on('pageerror', lambda error: errors.append(str(error)))
    page.expose_function('moved', lambda move: hears['moved'](move))
    yield page, errors, hears
    page.close()


@pytest.fixture
def explored(stage):
    "The page with the component, as new: explored(root, at=0, width=360, ...)."
    page, errors, hears = stage
    def open_page(root, at=None, width=1000, scheme='light', trouble='', waiting=''):
        live = LiveGraph(root)
        def moved(move):
            live.move(move['node'], float(move['value']))
            return {'numbers': numbers_of(live), 'leaves': sliders_of(live)}
        page.goto('about:blank')
        hears['moved'] = moved # what still came from the page before was for the graph there
        if page.viewport_size != (size := {'width': width, 'height': 900}): page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.set_content(html)
        page.evaluate(model, {'graph': graph_of(live), 'numbers': numbers_of(live), 'leaves': sliders_of(live), 'moved': {}, 'trouble': trouble,
                              'waiting': waiting, 'at': last_step(live) if at is None else at})
        page.evaluate(render, script)
        return page
    errors.clear()
    yield open_page
    assert not errors


def neuron():
    x1, x2, w1, w2, b = (Value(x, label=name) for x, name in ((2.0, 'x1'), (0.0, 'x2'), (-3.0, 'w1'), (1.0, 'w2'), (6.8813735870195432, 'b')))
    n = dot([w1, w2], [x1, x2], b); n.label = 'n'
    o = n.tanh(); o.label = 'o'
    return o


def drawn(page):
    "What the picture says of each value, read from its label as a screen reader does."
    labels = page.locator('svg [role=img]').evaluate_all('all => all.map(box => box.ariaLabel)')
    return {name: (data, grad) for name, data, grad in (re.fullmatch('(.*): data (.*), grad (.*)', label).groups() for label in labels)}


def of_the_package(root):
    root.backward()
    return {node.label: (four_decimals(node.data), four_decimals(node.grad)) for node in LiveGraph(root).nodes}


def settled(page, name, data):
    "Waits until value `name` shows `data`."
    page.get_by_role('img', name=f'{name}: data {data},').wait_for()


def press(page, name): page.get_by_role('button', name=name, exact=True).click()


def says(page): return page.get_by_role('status').inner_text().split('\n')


def marked(page, name='mg-now'): return page.locator(f'.{name}').evaluate_all('all => all.map(one => one.getAttribute("class"))')


# ---- moving

def test_a_slider_moves_data_gradients_edges_and_the_table(explored):
    page = explored(lecture())
    assert drawn(page) == of_the_package(lecture())
    slider = page.get_by_role('slider', name='a', exact=True)
    slider.focus()
    slider.press('Home')
    settled(page, 'a', '-5.0000')
    assert drawn(page) == of_the_package(lecture(a=-5.0))
    assert slider.get_attribute('aria-valuetext') == '-5, L = -50.0000'
    assert page.get_by_role('spinbutton', name='a, exact').input_value() == '-5'
    texts = page.locator('svg text').all_text_contents()
    assert [text.strip() for text in texts if '×' in text].count('× -5.0') == 1
    row = page.get_by_role('row', name='a, exact').or_(page.get_by_role('row')).nth(2)
    assert row.get_by_role('cell').all_inner_texts()[1:] == ['10.0000', '10.0000✓']
    assert says(page)[1] == 'b gets a.data × e.grad = -5.0 × -2.0 = 10.0'


def test_the_keys_of_a_slider_move_it_by_its_step(explored):
    page = explored(lecture())
    slider = page.get_by_role('slider', name='c', exact=True)
    slider.press('ArrowRight')
    settled(page, 'c', '10.0200')
    assert drawn(page) == of_the_package(lecture(c=10.02))


def test_nothing_jumps_when_numbers_change(explored):
    page = explored(lecture())
    places = '''() => [...document.querySelectorAll('svg path, svg .node text, button, input, #below')].map(one => { const { x, y } = one.getBoundingClientRect(); return one.tagName === 'text' ? y : [x, y] })'''
    before = page.evaluate(places)
    for value in ('1234.5678', '-0.000012345', '0'):
        page.get_by_role('spinbutton', name='b, exact').fill(value)
        settled(page, 'b', four_decimals(float(value)))
        assert page.evaluate(places) == before
    for _ in range(7):
        press(page, 'Back')
        assert page.evaluate(places) == before


# Whatever fonts a machine has: the style asks for one that is narrow, wide, or heavier than Graphviz thought.
fonts = ['font-family:sans-serif', 'font-family:serif', 'font:bold 1em monospace', 'font-family:sans-serif;font-stretch:expanded;font-weight:900']
too_wide = '''() => [...document.querySelectorAll('svg .node')].flatMap(box => {
  const frame = box.querySelector('path, ellipse, polygon').getBBox()
  return [...box.querySelectorAll('text')].filter(text => text.getBBox().x < frame.x || text.getBBox().width > frame.width || !text.getBBox().width).map(text => text.textContent)
})'''


@pytest.mark.parametrize('value', [-999999.0, -123456.7891, -1.2345e-300, 1.5e300, math.nan])
def test_the_widest_numbers_fit_their_boxes(explored, value):
    page = explored(lecture(a=value, b=value, c=value, f=value))
    style = page.add_style_tag(content='*{}')
    for font in fonts:
        style.evaluate('(style, font) => { style.textContent = `svg text{${font}!important}` }', font)
        assert (font, page.evaluate(too_wide)) == (font, [])


@pytest.mark.parametrize('font', fonts)
def test_a_number_that_moves_keeps_to_its_box(explored, font):
    page = explored(lecture())
    page.add_style_tag(content=f'svg text{{{font}!important}}')
    for number in ('-123456.7891', '-0.000012345', '0', '999999'):
        page.get_by_role('spinbutton', name='c, exact').fill(number)
        settled(page, 'c', four_decimals(float(number)))
        assert page.evaluate(too_wide) == []


@pytest.mark.parametrize('font', fonts)
def test_no_picture_has_text_that_runs_over_its_box(stage, font):
    page, root = stage[0], lecture(f=-123456.7891)
    root.backward()
    root.label = 'WWWWWWWWWWW, iiii, Σ ∂L/∂x 日本語'
    unit = Neuron(2)
    pictures = [draw_dot(root, local=True), draw_dot(root, rankdir='TB'), draw_neuron(3), draw_neuron(unit, [2.0, -123456.7891]), draw_mlp(MLP(12, [2, 1]))]
    page.set_content(''.join(picture.pipe(encoding='utf-8') for picture in pictures) + step_through(root)._repr_html_() + step_through(root).animate().svg
                     + f'<style>svg text{{{font}!important}}</style>')
    assert page.locator('svg .node text').count() > 100 and page.evaluate(too_wide) == []


def test_the_number_box_is_exact(explored):
    page = explored(neuron())
    box = page.get_by_role('spinbutton', name='b, exact')
    assert box.input_value() == '6.881373587019543'
    box.fill('6.25')
    settled(page, 'b', '6.2500')
    box.fill('123.456')
    settled(page, 'b', '123.4560')
    slider = page.get_by_role('slider', name='b', exact=True)
    assert float(slider.get_attribute('max')) > 123.456 and abs(float(slider.input_value()) - 123.456) < 1


def test_half_a_number_changes_nothing_and_is_put_right(explored):
    page = explored(lecture())
    box = page.get_by_role('spinbutton', name='a, exact')
    box.fill('')
    box.press('-')
    assert drawn(page)['a'][0] == '2.0000'
    box.blur()
    assert box.input_value() == '2'


def test_what_a_reader_types_is_not_taken_away_by_the_answer(explored):
    page = explored(lecture())
    box = page.get_by_role('spinbutton', name='a, exact')
    box.fill('')
    box.press_sequentially('1.50')
    settled(page, 'a', '1.5000')
    assert box.input_value() == '1.50'


def test_a_slider_keeps_its_ends_while_it_moves(explored):
    page = explored(lecture())
    slider = page.get_by_role('slider', name='a', exact=True)
    slider.press('End')
    settled(page, 'a', '5.0000')
    assert (slider.get_attribute('min'), slider.get_attribute('max'), slider.input_value()) == ('-5', '5', '5')


def test_a_move_by_the_host_moves_slider_and_box(explored):
    page = explored(lecture())
    page.evaluate('model.set("moved", { node: 0, value: 4 })')
    settled(page, 'a', '4.0000')
    assert page.get_by_role('slider', name='a', exact=True).input_value() == '4'
    assert page.get_by_role('spinbutton', name='a, exact').input_value() == '4'


def test_the_nudge_beside_the_gradient_differs_at_a_corner(explored):
    x = Value(0.0, label='x')
    y = relu(x); y.label = 'y'
    page = explored(y)
    assert page.get_by_role('img', name='differs').count() == 1
    page.get_by_role('slider', name='x', exact=True).press('ArrowRight')
    settled(page, 'x', '0.0100')
    assert page.get_by_role('img', name='agrees').count() == 1 and page.get_by_role('img', name='differs').count() == 0


def test_a_leaf_that_is_no_number_has_an_empty_box(explored):
    a = Value(float('nan'), label='a')
    y = a * 2; y.label = 'y'
    page = explored(y)
    box = page.get_by_role('spinbutton', name='a, exact')
    assert box.input_value() == '' and drawn(page)['y'] == ('nan', '1.0000')
    box.fill('3')
    settled(page, 'y', '6.0000')


# ---- forward and backward

def test_forward_then_backward_one_value_at_a_time_and_back_again(explored):
    page = explored(lecture(), at=0)
    assert {name for name, (data, _) in drawn(page).items() if data != '–'} == set('abcf')
    assert {grad for _, grad in drawn(page).values()} == {'–'} and '×' not in ''.join(page.locator('svg text').all_text_contents())
    seen = [drawn(page)]
    expected = [
        ['e = a × b = 2.0 × (-3.0) = -6.0'], ['d = e + c = -6.0 + 10.0 = 4.0'],
        ['L = d × f = 4.0 × (-2.0) = -8.0', 'Every gradient starts at 0.0.'], ['L gets 1.0: it moves exactly as much as itself.'],
        ['d gets f.data × L.grad = -2.0 × 1.0 = -2.0', 'f gets d.data × L.grad = 4.0 × 1.0 = 4.0'],
        ['e gets 1.0 × d.grad = 1.0 × -2.0 = -2.0', 'c gets 1.0 × d.grad = 1.0 × -2.0 = -2.0'],
        ['a gets b.data × e.grad = -3.0 × -2.0 = 6.0', 'b gets a.data × e.grad = 2.0 × -2.0 = -4.0']]
    for told in expected:
        press(page, 'Next')
        assert says(page) == told
        seen.append(drawn(page))
    assert seen[3]['L'] == ('-8.0000', '0.0000') and seen[5]['d'] == ('4.0000', '-2.0000') and seen[5]['e'] == ('-6.0000', '0.0000')
    assert seen[-1] == of_the_package(lecture())
    page.keyboard.press('Enter') # there is no next
    for before in reversed(seen[:-1]):
        press(page, 'Back')
        assert drawn(page) == before
    page.keyboard.press('Enter')
    assert drawn(page) == seen[0] and page.evaluate('model.get("at")') == 0


def test_all_at_once(explored):
    page = explored(lecture(), at=0)
    press(page, 'Forward')
    assert page.evaluate('model.get("at")') == 3 and drawn(page)['L'] == ('-8.0000', '0.0000')
    press(page, 'Backward')
    assert page.evaluate('model.get("at")') == 7 and drawn(page) == of_the_package(lecture())
    press(page, 'Start')
    assert page.evaluate('model.get("at")') == 0 and drawn(page)['L'] == ('–', '–')


def test_the_arrow_keys_on_step_go_through_all(explored):
    page = explored(lecture(), at=0)
    step = page.get_by_role('slider', name='Step')
    for at in range(1, 8):
        step.press('ArrowRight')
        assert page.evaluate('model.get("at")') == at
    assert step.get_attribute('aria-valuetext') == '7 of 7, backward'
    step.press('ArrowLeft')
    assert says(page)[0].startswith('e gets')


def test_the_host_may_say_where_the_reader_stands(explored):
    page = explored(lecture(), at=5)
    assert says(page)[0].startswith('d gets f.data')
    page.evaluate('model.set("at", 1)')
    assert says(page) == ['e = a × b = 2.0 × (-3.0) = -6.0']
    page.evaluate('model.set("at", 99)')
    assert says(page)[0].startswith('a gets') and page.get_by_role('slider', name='Step').input_value() == '7'


def test_the_value_at_work_and_its_arrows_are_marked(explored):
    page = explored(lecture(), at=0)
    assert marked(page) == []
    press(page, 'Next')
    assert [re.sub(' mg-now', '', name) for name in marked(page)] == ['node op o2', 'edge o2 a0', 'edge o2 a1', 'node value v2', 'edge o2']
    press(page, 'Forward')
    press(page, 'Next')
    assert [re.sub(' mg-now', '', name) for name in marked(page)] == ['node value v6']
    bold = page.locator('.mg-new').all_text_contents()
    assert bold == ['grad 1.0000']


def test_moving_while_standing_in_the_middle_stays_there(explored):
    page = explored(lecture(), at=5)
    page.get_by_role('spinbutton', name='f, exact').fill('3')
    settled(page, 'f', '3.0000')
    assert says(page) == ['d gets f.data × L.grad = 3.0 × 1.0 = 3.0', 'f gets d.data × L.grad = 4.0 × 1.0 = 4.0']
    assert drawn(page)['d'] == ('4.0000', '3.0000') and drawn(page)['a'] == ('2.0000', '0.0000')
    assert page.get_by_role('img', name='agrees').count() == 0


# ---- looking at one value

def test_pointing_at_a_value_shows_what_made_it(explored):
    page = explored(lecture())
    page.get_by_role('img', name='d: data').hover()
    page.get_by_text('d = e + c = -6.0 + 10.0 = 4.0. Its gradient: -2.0000.').wait_for()
    assert {re.search(r'[vo]\d', name)[0] for name in marked(page, 'mg-fed')} == {'v2', 'v3', 'v4', 'o4'}
    page.get_by_role('img', name='a: data').hover()
    page.get_by_text('a is an input: 2.0000. Its gradient: 6.0000.').wait_for()
    page.get_by_role('heading').hover()
    assert marked(page, 'mg-fed') == []


def test_every_value_is_reached_by_the_keyboard(explored):
    page = explored(lecture(), at=0)
    assert page.locator('svg [tabindex="0"]').count() == 1
    page.get_by_role('slider', name='Step').focus()
    page.keyboard.press('Tab')
    focused = 'document.activeElement.getAttribute("aria-label").split(":")[0]'
    names = [page.evaluate(focused)]
    page.get_by_text('L is not computed yet.').wait_for()
    for _ in range(6):
        page.keyboard.press('ArrowLeft')
        names.append(page.evaluate(focused))
    assert names == ['L', 'f', 'd', 'c', 'e', 'b', 'a']
    page.keyboard.press('ArrowLeft')
    page.keyboard.press('End')
    assert page.evaluate(focused) == 'L'
    page.keyboard.press('Home')
    page.keyboard.press('Tab')
    assert page.evaluate('document.activeElement.labels[0].textContent') == 'a'


# ---- what the host says

def test_trouble_is_said_and_the_last_good_graph_stays(explored):
    page = explored(lecture())
    page.evaluate('model.set("trouble", "There is no g here.")')
    assert page.get_by_role('alert').inner_text() == 'There is no g here.'
    assert float(page.locator('.mg-graph').evaluate('one => getComputedStyle(one).opacity')) < 0.6
    assert drawn(page) == of_the_package(lecture())
    page.evaluate('model.set("trouble", "")')
    assert page.get_by_role('alert').inner_text() == '' and page.locator('.mg-graph').evaluate('one => getComputedStyle(one).opacity') == '1'


def test_trouble_is_said_where_there_is_no_graph_yet(explored):
    page = explored(lecture())
    page.evaluate('gone()')
    page.evaluate('model.state.graph = model.state.numbers = null')
    page.evaluate(render, script)
    page.evaluate('model.set("trouble", "There is no g here.")')
    assert page.get_by_role('alert').inner_text() == 'There is no g here.'


def test_the_sliders_wait_and_say_so_while_steps_work(explored):
    page = explored(lecture(), waiting='The sliders wait for Python.')
    assert page.get_by_role('slider', name='a', exact=True).is_disabled() and page.get_by_role('spinbutton', name='a, exact').is_disabled()
    page.get_by_text('The sliders wait for Python.').wait_for()
    press(page, 'Back')
    assert says(page)[0].startswith('e gets')
    page.evaluate('model.set("waiting", "")')
    assert page.get_by_role('slider', name='a', exact=True).is_enabled() and not page.get_by_text('The sliders wait').count()


def test_another_graph_takes_the_place_of_the_first_in_any_order_of_news(explored):
    page, live = explored(lecture()), LiveGraph(neuron())
    news = {'leaves': sliders_of(live), 'graph': graph_of(live), 'numbers': numbers_of(live)}
    for key, value in news.items():
        assert drawn(page) == of_the_package(lecture()) # until all is there
        page.evaluate('([key, value]) => model.set(key, value)', [key, value])
    page.evaluate('model.set("at", 99)')
    assert drawn(page) == of_the_package(neuron()) and page.locator('svg').count() == 1
    assert page.get_by_role('slider').count() == 1 + 5
    page.get_by_role('slider', name='w1', exact=True).focus()
    page.evaluate('graph => model.set("graph", graph)', graph_of(live) | {'svg': ''}) # the drawing is known: it stays, and so does the focus
    assert page.locator('svg').count() == 1 and page.evaluate('document.activeElement.labels[0].textContent') == 'w1'
    page.evaluate('graph => model.set("graph", graph)', graph_of(live) | {'svg': '', 'key': 'another'})
    assert drawn(page) == of_the_package(neuron())


def test_a_name_is_text_and_never_markup(explored):
    a = Value(2.0, label='<img src=x onerror="document.title=1">')
    y = a * a; y.label = '"]</svg><script>document.title = 2</script>'
    page = explored(y)
    assert page.title() == 'Explore' and page.locator('img, script').count() == 0
    assert {name for name in drawn(page)} == {a.label, y.label}
    page.get_by_role('slider', name=a.label, exact=True).press('ArrowRight')
    settled(page, y.label, '4.0401')


def test_two_on_one_page_keep_apart_and_one_can_go(explored):
    page = explored(lecture())
    listeners = page.evaluate('model.count()')
    page.evaluate('window.first = gone; document.querySelector("#below").id = "here2"; document.querySelector("#here").id = "there"; document.querySelector("#here2").id = "here"')
    page.evaluate(render, script)
    ids = page.locator('[id]').evaluate_all('all => all.map(one => one.id)')
    assert len(ids) == len(set(ids)) and page.get_by_role('group', name='Expression graph of L').count() == 4
    page.evaluate('first()')
    assert page.evaluate('model.count()') == listeners and page.locator('.mg-explore').count() == 1
    page.evaluate('gone()')
    assert page.evaluate('model.count()') == 0 and page.locator('.mg-explore').count() == 0


# ---- for everybody

@pytest.mark.parametrize('width', [1000, 360])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing(explored, scheme, width):
    page = explored(lecture(), width=width, scheme=scheme)
    if scheme == 'dark': page.evaluate('document.body.style.background = "#16191d"; document.body.style.color = "#dfe4ea"')
    assert complaints(page) == []


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_the_texts_of_the_picture_are_not_faint(explored, scheme):
    page = explored(lecture(), scheme=scheme)
    pairs = page.evaluate('''() => [...document.querySelectorAll('svg .node')].flatMap(node => {
      const ground = getComputedStyle(node.querySelector('path, ellipse')).fill
      return [...node.querySelectorAll('text')].map(text => [getComputedStyle(text).fill, ground])
    })''')
    def light(colour):
        parts = [int(x) / 255 for x in re.findall(r'\d+', colour)]
        return sum(w * (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055)**2.4) for w, x in zip((0.2126, 0.7152, 0.0722), parts))
    for ink, ground in pairs:
        low, high = sorted((light(ink), light(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_a_page_that_says_light_or_dark_is_believed(explored):
    page = explored(lecture(), scheme='light')
    ink = 'getComputedStyle(document.querySelector(".mg-explore")).color'
    light = page.evaluate(ink)
    for name, value in (('class', 'quarto-dark'), ('data-jp-theme-light', 'false')):
        page.evaluate('([name, value]) => document.body.setAttribute(name, value)', [name, value])
        assert page.evaluate(ink) != light
        page.evaluate('name => document.body.removeAttribute(name)', name)
    page.emulate_media(color_scheme='dark')
    assert page.evaluate(ink) != light
    page.evaluate('document.body.className = "quarto-light"')
    assert page.evaluate(ink) == light


@pytest.mark.parametrize('width', [1000, 360, 320])
def test_the_page_does_not_scroll_sideways_and_targets_are_large(explored, width):
    page = explored(neuron(), width=width)
    assert page.evaluate('document.documentElement.scrollWidth') <= width
    small = page.locator('.mg-explore :is(button, input)').evaluate_all('all => all.filter(one => one.getBoundingClientRect().height < 24 || one.getBoundingClientRect().width < 24).length')
    assert small == 0
    texts = page.locator('td').evaluate_all('all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)')
    assert texts == []


def test_many_sentences_scroll_in_their_own_box(explored):
    xs = [Value(float(k), label=f'x{k}') for k in range(12)]
    y = dot(xs[:6], xs[6:], 1.0); y.label = 'y'
    page = explored(y, width=360)
    box = page.get_by_role('group', name='What happens')
    assert len(says(page)) == 13 and box.bounding_box()['height'] < 200 and box.get_attribute('tabindex') == '0'
    box.press('End')
    page.wait_for_function('document.querySelector(".mg-says").scrollTop > 100')


def test_the_value_at_work_is_brought_into_sight(explored):
    page = explored(neuron(), at=0, width=360)
    press(page, 'Forward')
    press(page, 'Next')
    seen = '''() => { const box = document.querySelector('.mg-picture').getBoundingClientRect(), now = document.querySelector('.value.mg-now').getBoundingClientRect(); return now.left >= box.left - 1 && now.right <= box.right + 1 }'''
    assert page.evaluate(seen)
    press(page, 'Backward')
    assert page.evaluate(seen)


# ---- in JupyterLab

cells = ['''from micrograd.engine import Value
from micrograd.viz import explore
a, b = Value(2.0, label='a'), Value(-3.0, label='b')
y = a * b
y.label = 'y'
explore(y)''', "print('now', a.data, a.grad, b.grad, y.data)"]


@pytest.fixture(scope='module')
def lab(tmp_path_factory):
    "The address of a notebook in a JupyterLab of its own."
    reason = '' if importlib.util.find_spec('jupyterlab') else 'no JupyterLab here, so explore was not opened in it'
    if reason and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(reason)
    home = tmp_path_factory.mktemp('lab')
    (home/'work').mkdir()
    notebook = {'nbformat': 4, 'nbformat_minor': 5, 'metadata': {'kernelspec': {'name': 'python3', 'display_name': 'Python 3', 'language': 'python'}}, 'cells': [
        {'cell_type': 'code', 'id': f'cell{i}', 'execution_count': None, 'metadata': {}, 'outputs': [], 'source': source} for i, source in enumerate(cells)]}
    (home/'work'/'try.ipynb').write_text(json.dumps(notebook), encoding='utf-8')
    port = free_port()
    own = {f'JUPYTER_{name}_DIR': str(home/name.lower()) for name in ('CONFIG', 'DATA', 'RUNTIME')}
    paths = os.pathsep.join(filter(None, [str(root), os.environ.get('PYTHONPATH')]))
    log = home/'log'
    with open(log, 'w') as out:
        server = subprocess.Popen(
            [sys.executable, '-m', 'jupyter', 'lab', '--no-browser', '--allow-root', '--ip=127.0.0.1', f'--port={port}', '--ServerApp.port_retries=0',
             '--ServerApp.token=of-this-test', '--LabApp.news_url=', f'--ServerApp.root_dir={home/"work"}'],
            env={**os.environ, **own, 'IPYTHONDIR': str(home/'ipython'), 'PYTHONPATH': paths}, stdout=out, stderr=out)
    try:
        address = f'http://127.0.0.1:{port}/'
        end = time.monotonic() + patience/1000
        while time.monotonic() < end:
            assert server.poll() is None, log.read_text()
            try: urllib.request.urlopen(f'{address}api?token=of-this-test').close()
            except OSError: time.sleep(0.25)
            else: break
        yield f'{address}lab/tree/try.ipynb?token=of-this-test'
    finally:
        server.terminate()
        server.wait()


def test_a_slider_in_jupyterlab_moves_the_real_values(alone, lab):
    page = alone(1300, 1000)
    page.goto(lab)
    page.get_by_text('Python 3 (ipykernel) | Idle').wait_for()
    page.get_by_role('menuitem', name='Run', exact=True).click()
    page.get_by_role('menuitem', name='Run All Cells', exact=True).click()
    page.get_by_text('now 2.0 0.0 0.0 -6.0').wait_for()
    slider = page.get_by_role('slider', name='a', exact=True)
    slider.press('ArrowRight') # the keys of a slider are not JupyterLab's
    settled(page, 'y', '-6.0300')
    slider.press('End')
    settled(page, 'y', '-15.0000')
    box = page.get_by_role('spinbutton', name='b, exact')
    box.fill('1.25')
    settled(page, 'y', '6.2500')
    page.get_by_role('button', name='Back', exact=True).press('Enter')
    assert page.get_by_role('slider', name='Step').input_value() == '2'
    page.get_by_text("print('now'").click()
    page.keyboard.press('Control+Enter')
    page.get_by_text('now 5.0 1.25 5.0 6.25').wait_for()
