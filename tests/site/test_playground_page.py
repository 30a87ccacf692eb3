"The playground in a browser, used as its readers use it: by what can be read and pressed on the page."
import os, re
from urllib.parse import parse_qs, urlencode
import pytest
from browser import Quiet, serving
from conftest import complaints, missing_live, moved, patience, remembered, until

if missing_live() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing_live(), allow_module_level=True)

import playground
from micrograd import Value, drawing, engine

first = next(iter(playground.examples.values()))

functions = { # every function and operator of the engine, twice or more
    'powers': 'a = 1.5\nb = -0.5\nL = a**b + a**2 + b**3 + 2**b + a**-1',
    'quotients': 'a = 7.5\nb = -2.0\nL = a/b + 1/a + a//b + a % b + 7 % a',
    'signs': 'a = -1.5\nb = 2.5\nL = abs(a)*b - (-a) + (+b) - 3 + (4 - b)',
    'exp and log': 'a = 0.5\nb = 1.5\nL = exp(a)*log(b) + a.exp() - b.log()',
    'sqrt': 'a = 2.0\nb = 3.0\nL = sqrt(a*b) + a.sqrt()',
    'waves': 'a = 0.7\nb = -1.1\nL = sin(a)*cos(b) + b.sin() - a.cos()',
    'squashes': 'a = 0.7\nb = -0.4\nL = tanh(a) + sigmoid(b) + a.sigmoid()*b.tanh()',
    'bends': 'a = 0.7\nb = -0.4\nL = relu(a)*softplus(b) + b.relu() + a.softplus()',
    'choices': 'a = 0.7\nb = -0.4\nL = maximum(a, b)*3 + minimum(a, b)*5 + maximum(a, a) + a.minimum(2)',
    'sums': 'a = 0.7\nb = -0.4\nc = 0.1\nL = dot([a, b], [b, 2.0], c) + sum([a, b, c])',
    'used often': 'a = 3.0\nb = a*a\nc = b + a\nL = c*b + a',
    'infinite': 'a = 0.0\nb = 1.0\nL = b/a',
}


@pytest.fixture(scope='module')
def opened(started): return started('playground', first=True)


@pytest.fixture
def page(opened):
    "The playground, Python running, with whatever is in it."
    ready(opened)
    opened.set_viewport_size(dict(width=1280, height=900))
    yield opened
    assert opened.wrong == []


@pytest.fixture
def lecture(page):
    "The playground with its first example, all steps made."
    write(page, first)
    settled(page)
    press(page, 'Backward')
    shows(page, 'L', 'data -8.0000')
    return page


# ---- what a reader sees and does

def editor(page): return page.get_by_role('textbox', name='Your program')


def write(page, text):
    "Types, and does not wait until that is run by itself."
    editor(page).fill(text)
    editor(page).press('Control+Enter')


def follow(page, state):
    "As if somebody's link were followed, and the program then run."
    page.evaluate('''state => new Promise(done => {
        if (location.hash === '#' + state) history.replaceState(null, '', '#') // or the same address would change nothing
        addEventListener('hashchange', done, { once: true })
        location.hash = state })''', state if isinstance(state, str) else urlencode(state))
    runs = page.get_by_role('button', name='Run', exact=True)
    if runs.is_visible(): runs.click()


def later(page, milliseconds):
    "Puts the page's clock forward."
    page.evaluate("""milliseconds => {
        const now = performance.now.bind(performance)
        performance.now = () => now() + milliseconds }""", milliseconds)


def settled(page):
    "Waits until the program in the editor was run, also by a Python that was started anew for it, and what fades has faded."
    until(page, 'document.querySelector("#playground").ariaBusy === "false" && document.querySelector("#playground .loading").hidden')
    page.evaluate('document.getAnimations().forEach(fading => fading.finish())')


def overheard(page):
    "Notes in `printed` what programs print, in `python` the page's Python, which lets them run for two minutes."
    page.evaluate('''async () => {
        const { Python } = await import('./python.js'), { call, heard } = Python.prototype
        if ('printed' in window) return window.printed = ''
        window.printed = ''
        Python.prototype.call = function (module, name, args) { return call.call(this, module, name, args, 120_000) }
        Python.prototype.heard = function (one, message) {
            window.python = this
            window.printed += message.printed ?? ''
            heard.call(this, one, message)
        } }''')


def holds(page, text): until(page, 'document.querySelector("#playground textarea").value === arg', text)


def starts_with(page, text): until(page, 'document.querySelector("#playground textarea").value.startsWith(arg)', text)


def ready(page): page.locator('#playground .loading').wait_for(state='hidden', timeout=patience)


def value(page, name): return page.get_by_role('img', name=re.compile(rf'^{re.escape(name)}: data '))


def shows(page, name, what):
    "Waits until a value of the graph shows this."
    page.get_by_role('img', name=re.compile(rf'^{re.escape(name)}: .*{re.escape(what)}')).wait_for()


def press(page, name): page.get_by_role('button', name=name, exact=True).click()


def says(page): return page.get_by_role('group', name='Expression graph').get_by_role('status').inner_text()


def complains(page, text):
    alert = page.get_by_role('alert').filter(has_text=text)
    alert.wait_for()
    return alert


def slide(page, name, number):
    "Moves a slider as a mouse does: to a place on it."
    page.get_by_role('slider', name=name, exact=True).evaluate('''(slider, number) => {
        slider.value = number
        slider.dispatchEvent(new Event('input', { bubbles: true })) }''', number)


def shown(page):
    "Data and gradient of every value with a name of its own, as the graph shows them."
    names = page.get_by_role('group', name='Expression graph').locator('[role=img][aria-label*=": data "]').evaluate_all('all => all.map(e => e.getAttribute("aria-label"))')
    found = (re.match(r'(.+?): data (\S+), grad (\S+?)(?:,|$)', name) for name in names)
    return {m[1]: (m[2], m[3]) for m in found if not re.fullmatch(r'v\d+', m[1])}


def package(text):
    "The same from the package on this machine; a name that got several values counts with each."
    named, order = {}, {}
    lines = []
    for line in text.splitlines():
        lines.append(re.sub(r'^(\w+) = (-?[\d.]+)$', r'\1 = Value(\2)', line))
        name = re.match(r'(\w+) [+]?= ', line)
        if name: lines.append(f'keep("{name[1]}", {name[1]})')
    def keep(name, value):
        order[name] = order.get(name, 0) + 1
        named[name if order[name] == 1 else f'{name}{str(order[name]).translate(playground.lowered)}'] = value
        keep.last = value
    exec('\n'.join(lines), {**{name: getattr(engine, name) for name in playground.functions}, 'Value': Value, 'keep': keep})
    keep.last.backward()
    return {name: (drawing.four_decimals(value.data), drawing.four_decimals(value.grad)) for name, value in named.items()}


def test_what_is_read_does_not_move_while_the_page_is_loading(opened): assert moved(opened) < 0.1


# ---- numbers

@pytest.mark.parametrize('text', [*playground.examples.values(), *functions.values()], ids=[*playground.examples, *functions])
def test_data_and_gradients_are_those_of_the_package_here(page, text):
    write(page, text)
    expected = package(text)
    settled(page)
    press(page, 'Backward')
    assert shown(page) == expected


def test_the_menu_has_every_example(page):
    menu = page.get_by_label('Example')
    assert menu.locator('option').all_inner_texts() == ['your own', *playground.examples]
    for name, text in playground.examples.items():
        menu.select_option(name)
        assert editor(page).input_value() == text
    write(page, text + '\n')
    assert menu.locator('option:checked').inner_text() == 'your own'


def test_forward_then_backward_one_node_at_a_time_and_back_again(lecture):
    page = lecture
    press(page, 'Start')
    told = [says(page)]
    states = [shown(page)]
    for _ in range(7):
        press(page, 'Next')
        told.append(says(page))
        states.append(shown(page))
    assert states[0]['e'] == ('–', '–') and states[1]['e'] == ('-6.0000', '–') and states[3]['L'] == ('-8.0000', '0.0000')
    assert states[-1] == package(first)
    assert 'd gets f.data × L.grad = -2.0 × 1.0 = -2.0' in told[5]
    assert len(set(told)) == 8
    for place in range(6, -1, -1):
        press(page, 'Back')
        assert (says(page), shown(page)) == (told[place], states[place])
    press(page, 'Forward')
    assert shown(page) == states[3]
    press(page, 'Backward')
    assert shown(page) == states[7]


def test_the_local_derivative_is_on_every_edge(lecture):
    page = lecture
    press(page, 'Backward')
    labels = page.get_by_role('group', name='Expression graph').locator('svg g.edge text').all_text_contents()
    assert sorted(label.strip() for label in labels) == sorted(['× -3.0', '× 2.0', '× 1.0', '× 1.0', '× -2.0', '× 4.0'])


def test_the_numerical_derivative_stands_beside_the_computed_one(lecture):
    page = lecture
    press(page, 'Backward')
    rows = page.get_by_role('row').filter(has=page.get_by_role('slider'))
    cells = [[cell.inner_text() for cell in row.get_by_role('cell').all()][-2:] for row in rows.all()]
    assert [gradient for gradient, _ in cells] == ['6.0000', '-4.0000', '-2.0000', '4.0000']
    assert all(nudged.startswith(gradient) for gradient, nudged in cells)
    assert page.get_by_role('img', name='agrees').count() == 4


# ---- sliders

def test_a_slider_writes_into_the_text_and_nothing_jumps(lecture):
    page = lecture
    press(page, 'Backward')
    picture = page.get_by_role('group', name='Expression graph').locator('svg').first
    picture.evaluate('svg => { svg.mine = true }')
    boxes = 'all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()))'
    everything = '#playground :is(textarea, button, input, svg, table, .mg-steps)'
    before = page.locator(everything).evaluate_all(boxes)
    slide(page, 'b', 4.5)
    shows(page, 'L', 'data -38.0000')
    assert editor(page).input_value() == first.replace('b = -3.0', 'b = 4.5')
    assert shown(page) == package(editor(page).input_value())
    assert page.locator(everything).evaluate_all(boxes) == before
    assert picture.evaluate('svg => svg.mine')


def test_undo_goes_back_over_what_a_slider_and_the_menu_wrote(page):
    write(page, 'a = 0.5\nL = a*a')
    shows(page, 'L', 'data 0.2500')
    later(page, 700) # what follows quickly is one change
    slide(page, 'a', 3.0)
    shows(page, 'L', 'data 9.0000')
    later(page, 700)
    page.get_by_label('Example').select_option('A neuron')
    shows(page, 'o', 'data 0.7071')
    editor(page).focus()
    for text in ('a = 3.0\nL = a*a', 'a = 0.5\nL = a*a'):
        page.keyboard.press('Control+z')
        assert editor(page).input_value() == text
    page.keyboard.press('Control+Shift+z')
    assert editor(page).input_value() == 'a = 3.0\nL = a*a'
    shows(page, 'L', 'data 9.0000')


def test_what_was_just_typed_is_in_the_address_when_the_page_is_left(page):
    editor(page).fill('a = 7.0\nL = a*a')
    page.evaluate('dispatchEvent(new Event("pagehide"))')
    assert state(page)['text'] == 'a = 7.0\nL = a*a'


def test_a_slider_moves_by_keys_and_by_the_mouse(lecture):
    page = lecture
    slider = page.get_by_role('slider', name='a', exact=True)
    slider.focus()
    page.keyboard.press('ArrowRight')
    starts_with(page, 'a = 2.01')
    page.keyboard.press('End')
    starts_with(page, 'a = 5.0')
    box = slider.bounding_box()
    page.mouse.move(box['x'] + box['width'] - 8, box['y'] + box['height']/2)
    page.mouse.down()
    for part in range(10): page.mouse.move(box['x'] + box['width']*(.9 - part/12), box['y'] + box['height']/2)
    page.mouse.up()
    moved = slider.input_value()
    until(page, 'parseFloat(document.querySelector("#playground textarea").value.slice(4)) == arg', float(moved))


def test_the_number_box_takes_any_number(lecture):
    page = lecture
    box = page.get_by_role('spinbutton', name='c, exact')
    box.fill('-1234.0625')
    shows(page, 'c', 'data -1234.0625')
    assert 'c = -1234.0625\n' in editor(page).input_value()
    box.fill('')
    assert 'c = -1234.0625\n' in editor(page).input_value()


def test_of_many_moves_the_last_one_wins(page):
    "Python takes longer than the next move: those between are left out, the last one never."
    write(page, 'a = 1.0\nfor i in range(1000000): 1\nb = a*a')
    shows(page, 'b', 'data 1.0000')
    page.get_by_role('slider', name='a', exact=True).evaluate('''async slider => {
        for (let i = 0; i <= 30; i++) {
            slider.value = i/10
            slider.dispatchEvent(new Event('input', { bubbles: true }))
            await new Promise(done => setTimeout(done, 20))
        } }''')
    shows(page, 'b', 'data 9.0000')
    assert editor(page).input_value().startswith('a = 3.0\n')


def test_what_is_typed_while_python_runs_is_kept(page):
    write(page, 'a = 1.0\nfor i in range(500000): 1\nb = a*a')
    shows(page, 'b', 'data 1.0000')
    page.get_by_role('slider', name='a', exact=True).evaluate('''slider => {
        slider.value = 2
        slider.dispatchEvent(new Event('input', { bubbles: true }))
        const editor = document.querySelector('#playground textarea')
        editor.value = 'z = 3.0\\ny = z*z'
        editor.dispatchEvent(new Event('input', { bubbles: true })) }''')
    shows(page, 'y', 'data 9.0000')
    assert editor(page).input_value() == 'z = 3.0\ny = z*z'


# ---- the address

def state(page): return {key: values[0] for key, values in parse_qs(page.evaluate('location.hash.slice(1)')).items()}


def test_the_address_holds_the_state(page):
    write(page, 'a = 2.0\nb = a*a + 1  # ä & = % #')
    shows(page, 'b', 'data 5.0000')
    press(page, 'Start')
    press(page, 'Next')
    slide(page, 'a', 3.0)
    shows(page, 'v1', 'data 9.0000')
    until(page, 'location.hash.includes("a+%3D+3.0") && location.hash.endsWith("at=1")')
    assert state(page) == {'text': 'a = 3.0\nb = a*a + 1  # ä & = % #', 'at': '1'}
    slide(page, 'a', 3.5)
    until(page, 'location.hash.includes("a+%3D+3.5")')
    slide(page, 'a', 3.0)
    shows(page, 'v1', 'data 9.0000')
    remembered(page.locator('#playground .copied'))
    press(page, 'Copy link')
    until(page, 'said.some(text => text.startsWith("Copied."))')
    copied = page.evaluate('navigator.clipboard.readText()')
    assert copied == page.evaluate('location.href')
    page.get_by_label('Example').select_option('A neuron')
    shows(page, 'o', 'data 0.7071')
    follow(page, copied.partition('#')[2])
    shows(page, 'v1', 'data 9.0000')
    assert shown(page)['b'] == ('–', '–') and editor(page).input_value() == 'a = 3.0\nb = a*a + 1  # ä & = % #'
    page.go_back()
    shows(page, 'o', 'data 0.7071')
    page.go_back()
    shows(page, 'v1', 'data 9.0000')
    page.go_forward()
    shows(page, 'o', 'data 0.7071')


def test_every_question_leads_to_its_state(page):
    links = page.get_by_role('main').get_by_role('link', name='Try it', exact=True)
    assert links.count() >= 5
    for link in links.all():
        asked = parse_qs(link.evaluate('a => a.hash.slice(1)'))
        link.click()
        holds(page, asked['text'][0])
        settled(page)
        name, (data, _) = list(package(asked['text'][0]).items())[-1]
        shows(page, name, f'data {data}')
        until(page, '(() => { const box = document.querySelector("#playground textarea").getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight })()')
        if 'at' in asked: assert page.get_by_role('slider', name='Step').input_value() == asked['at'][0]


@pytest.mark.parametrize('hash', ['text=', 'text=%E0%A4%A', 'text=%00', 'at=3', 'x=1&y=2', '=', 'text=%ff%fe=1', '&&&=', 'text'],
                         ids=lambda hash: hash[:20])
def test_a_damaged_address_gives_a_sentence_and_the_first_example(page, hash):
    write(page, 'q = 1.0')
    shows(page, 'q', 'data 1.0000')
    follow(page, hash if '=' in hash else f'{hash}=%ff')
    complains(page, 'The address is damaged')
    assert editor(page).input_value() == first
    shows(page, 'L', 'data -8.0000')
    complains(page, 'The address is damaged')


@pytest.mark.parametrize('options', [dict(at='1e9'), dict(at='-3'), dict(at='9999'), dict(at='zero'), dict(of='<b>'), dict(other='x'), {'at': '2', '__proto__': '1'}])
def test_damaged_options_are_left_out(page, options):
    write(page, 'q = 1.0')
    shows(page, 'q', 'data 1.0000')
    follow(page, dict(text='a = 4.0\nb = a*a', **options))
    shows(page, 'b', 'data 16.0000' if options.get('at') != '2' else 'data')
    assert page.get_by_role('alert').filter(has_text=re.compile('.')).count() == 0


@pytest.mark.parametrize('text', ["a = Value(1.0, label='<img src=x onerror=alert(1)>')\nb = a*2", "a = Value(1.0, label='</text><script>alert(1)</script>')\nb = a*2",
                                  'a = 1.0\nprint("<script>alert(1)</script><img src=x onerror=alert(1)>")\nb = a*2', '"<img src=x onerror=alert(1)>"'])
def test_markup_stays_text(page, text):
    follow(page, dict(text=text))
    if 'label' in text or 'print' in text: shows(page, 'b', 'data 2.0000')
    else: complains(page, 'gives a str')
    if 'print' in text: page.get_by_text('<script>alert(1)</script><img').wait_for()
    assert page.locator('#playground :is(img, script, svg script, svg image)').count() == 0


def test_a_heading_in_the_address_is_no_state(page):
    write(page, 'a = 4.0\nb = a*a')
    shows(page, 'b', 'data 16.0000')
    page.evaluate('''() => new Promise(done => {
        addEventListener('hashchange', done, { once: true })
        location.hash = "how-the-playground-works" })''')
    assert editor(page).input_value() == 'a = 4.0\nb = a*a'


# ---- several statements, several results, output

def test_several_results_can_be_chosen(page):
    write(page, 'a = 2.0\nb = 3.0\nc = a + b\nd = a*b')
    shows(page, 'd', 'data 6.0000')
    page.get_by_role('combobox', name='Show the graph of').select_option('c')
    shows(page, 'c', 'data 5.0000')
    until(page, 'location.hash.includes("of=c")')
    slide(page, 'a', 4.0)
    shows(page, 'c', 'data 7.0000')


def test_what_is_printed_stands_below(page):
    write(page, 'a = 2.0\nfor i in range(3): print(i, a.data)\nb = a*a')
    page.get_by_text('2 2.0').wait_for()
    write(page, 'a = 2.0\nb = a*a + 1')
    page.get_by_text('2 2.0').wait_for(state='hidden')


def test_a_network(page):
    write(page, 'x = 0.5\nn = MLP(2, [2, 1])\ny = n([x, 1.0])')
    shows(page, 'y', 'data')
    shows(page, 'n.layers.0.neurons.0.w.0', 'data')
    assert page.get_by_role('slider', name='x', exact=True).count() == 1


# ---- bad input: a sentence, the text as it was, and a page that goes on

bad = {
    'a syntax error': ('a = 2.0\nL = (a*2', "Line 2 (L = (a*2): '(' was never closed."),
    'an unknown function': ('a = 2.0\nL = thanh(a)', 'Line 2 (L = thanh(a)): there is no function thanh here. Do you mean tanh?'),
    'a division by zero': ('a = 2.0\nL = a*(1/0)', 'a plain number is divided by zero'),
    'a Value as a whole number': ('for i in range(Value(3)): pass', 'a whole number is needed here, and this is a Value'),
    'no Value': ('1 + 2', 'The last line gives 3, a plain number'),
    'nothing': ('', 'There is nothing to compute yet'),
    'a foreign import': ('import numpy', "No module named 'numpy': Python, its own modules and micrograd are all there is"),
    'an exit': ('exit()', 'The program ended itself.'),
    'much memory': ('l = []\nwhile True: l.append(bytes(10**7))', 'this needs more memory than a page has'),
    'a long text': ('# ' + 'x'*30_000, 'The text has 30,002 characters'),
    'no end of calls': ('def f(x): return f(x) + 1\nf(1.0)', 'a function calls itself'),
    'deep calls': ('f = lambda k: k if k == 0 else f(k - 1)\nf(100000)', 'a function calls itself'),
    'a sum of 6,000': ('a = 1.0\nL = ' + '+'.join(['a']*6_000), 'Too much is put together in one expression'),
    'deep brackets': ('L = ' + '['*9_000 + ']'*9_000, 'Too much is put together in one expression'),
    'deep signs': ('a = 1.0\nL = ' + '-'*9_000 + 'a', 'Too much is put together in one expression'),
    'deep calls in text': ('a = 1.0\nL = ' + 'abs('*3_900 + 'a' + ')'*3_900, 'Too much is put together in one expression'),
    'too many Values': ('a = 1.0\nwhile True: a = a + 1', 'more than 50,000 Values'),
}


@pytest.mark.parametrize('text, sentence', bad.values(), ids=bad)
def test_bad_input(page, text, sentence):
    write(page, text)
    complains(page, sentence)
    assert editor(page).input_value() == text
    assert page.get_by_role('progressbar').is_hidden()
    write(page, 'a = 2.0\nb = a*a')
    settled(page)
    shows(page, 'b', 'data 4.0000')
    assert page.get_by_role('alert').filter(has_text=re.compile('.')).count() == 0


def test_an_unknown_name_can_be_added(lecture):
    page = lecture
    write(page, 'a = 2.0\nL = a*g')
    complains(page, 'Line 2 (L = a*g): g has no value yet.')
    assert value(page, 'L').count() == 1 # the last good graph stays
    press(page, 'Add g = 1.0')
    shows(page, 'L', 'data 2.0000')
    assert editor(page).input_value() == 'g = 1.0\na = 2.0\nL = a*g'
    write(page, 'L = ((a*b + c)*f).tanh()')
    press(page, 'Add a = 1.0, b = 1.0, c = 1.0, f = 1.0')
    shows(page, 'L', 'data 0.9640')


def test_where_infinity_comes_from_is_said(page):
    write(page, 'a = 0.0\nb = 1.0\nL = b/a')
    page.get_by_text("The first number that is not finite: / of (b=1, a=0), labelled 'L' gave inf.").wait_for()


def test_a_program_that_runs_says_so_and_can_be_stopped(page):
    text = 'print("here I am")\na = 2.0\nwhile a > 1: pass'
    write(page, 'a = 2.0\nL = a*g')
    complains(page, 'g has no value yet')
    overheard(page)
    write(page, text)
    page.get_by_role('status').filter(has_text='Running').wait_for()
    until(page, 'window.printed') # Python, too, may be slow
    assert not page.get_by_text('g has no value yet').is_visible() # what was wrong before is so no more
    press(page, 'Start') # the page is alive while Python is not
    press(page, 'Stop')
    complains(page, 'Stopped. Your text is still here')
    page.get_by_text('here I am').wait_for()
    ready(page)
    press(page, 'Backward')
    assert editor(page).input_value() == text
    write(page, 'a = 2.0\nb = a*a')
    shows(page, 'b', 'data 4.0000')
    slide(page, 'a', 3.0)
    shows(page, 'b', 'data 9.0000')


def test_what_is_typed_while_a_loop_runs_stops_it(page):
    "And the Python that waits for this is taken."
    overheard(page)
    write(page, 'a = 2.0\nprint("on")\nwhile a > 1: pass')
    page.get_by_role('status').filter(has_text='Running').wait_for()
    until(page, 'window.printed && python.spare.ready && (window.waiting = python.spare)')
    later(page, 1000)
    write(page, 'a = 2.0\nc = a*a')
    ready(page)
    shows(page, 'c', 'data 4.0000')
    assert page.evaluate('python.current === waiting')
    assert page.get_by_role('alert').filter(has_text=re.compile('.')).count() == 0


def test_ten_thousand_nodes_are_counted_and_not_drawn(page):
    write(page, 'a = 2.0\nb = 0.5\nx = a\nfor i in range(5000): x = x + b*0.001')
    page.get_by_text('This graph has 15,002 values and 10,000 operations').wait_for()
    table = page.get_by_role('group', name='Result and leaves')
    assert [row.inner_text().split() for row in table.get_by_role('row').all()] == [['Name', 'Data', 'Gradient'], ['a', '2.0000', '1.0000'], ['b', '0.5000', '5.0000'], ['x₅₀₀₀', '4.5000', '1.0000']]
    write(page, 'a = 2.0\nb = a*a')
    shows(page, 'b', 'data 4.0000')
    assert table.is_hidden()


@pytest.mark.parametrize('end', ['', 'x = 0.0', 'y = 1/0', 'def f(): return x'])
def test_a_long_chain_is_freed_without_a_crash(page, end):
    write(page, f'x = 1.0\nfor i in range(20000): x = x + 1\n{end}')
    if end == 'y = 1/0': complains(page, 'divided by zero')
    elif end == 'x = 0.0': shows(page, 'x₂₀₀₀₂', 'data 0.0000')
    else: page.get_by_text('20,000 operations').wait_for()
    write(page, 'a = 2.0\nb = a*a')
    settled(page)
    shows(page, 'b', 'data 4.0000')
    assert page.get_by_role('alert').filter(has_text=re.compile('.')).count() == 0


def test_the_rest_of_the_library_comes_when_it_is_missed(page, address):
    write(page, 'import mailbox\na = 3.0\nb = a*len(mailbox.__name__)')
    shows(page, 'b', 'data 21.0000')
    assert sum(url.startswith(f'{address}live/library.xz') for url in page.asked) == 1


# ---- while Python loads, and where it cannot

def test_before_python_is_there_the_example_can_be_walked(alone, address):
    page = alone()
    page.route('**/files.json*', lambda route: None) # it never comes
    page.goto(address + 'live/playground.html')
    shows(page, 'L', 'data -8.0000')
    assert page.get_by_text('Loading Python').is_visible() and page.get_by_role('progressbar').is_visible()
    press(page, 'Start')
    for _ in range(5): press(page, 'Next')
    assert 'd gets f.data × L.grad' in says(page)
    assert page.get_by_role('slider', name='a', exact=True).is_disabled() and page.get_by_role('spinbutton', name='a, exact').is_disabled()
    assert page.get_by_text('The sliders wait for Python').is_visible()
    write(page, 'what I typed')
    assert editor(page).input_value() == 'what I typed'


@pytest.mark.parametrize('name, scripts', [('playground', ('playground', 'explore', 'elements', 'python', 'files', 'address', 'svg')), ('training', ('training', 'elements', 'python', 'files', 'address'))])
def test_a_lost_script_gives_a_sentence_and_another_try(alone, address, name, scripts):
    "One script after another: each other try finds the next one lost, and the last finds all."
    page = alone()
    page.route('**/files.json*', lambda route: None) # Python is not needed here
    def lose(route):
        page.locator(f'script[src="{name}.js"]').wait_for(state='attached') # so the page listens already for what is lost
        route.abort()
    complaint = page.get_by_role('alert').filter(has_text='The connection was lost')
    page.route(f'**/live/{scripts[0]}.js*', lose)
    page.goto(address + f'live/{name}.html')
    for script, other in zip(scripts, [*scripts[1:], None]):
        complaint.wait_for()
        page.unroute(f'**/live/{script}.js*')
        if other: page.route(f'**/live/{other}.js*', lose)
        with page.expect_navigation(): press(page, 'Try again')
    page.get_by_role('button', name='Copy link').wait_for()
    assert not complaint.count()


def test_a_lost_connection_gives_a_sentence_and_another_try(alone, folder):
    "One file after another is lost; of the last one the server sends the first part, and no more; and then all comes."
    class Half(Quiet):
        broken = True
        def copyfile(self, source, outputfile):
            if 'graphs.xz' in self.path and Half.broken: outputfile.write(source.read(100_000))
            else: super().copyfile(source, outputfile)
    with serving(folder, Half) as address:
        page = alone()
        files = ['**/files.json*', '**/pyodide.xz*', '**/python.xz*']
        page.route(files[0], lambda route: route.abort())
        page.goto(address + 'live/playground.html#' + urlencode(dict(text='a = 4.0\nb = a*a\nc = a + b', at=1, of='c')))
        for lost in files:
            page.get_by_text('Python could not be loaded: the connection was lost').wait_for()
            assert editor(page).input_value() == 'a = 4.0\nb = a*a\nc = a + b'
            page.unroute(lost)
            for other in files[files.index(lost) + 1:][:1]: page.route(other, lambda route: route.abort())
            press(page, 'Try again')
        page.get_by_text('Python could not be loaded: the connection was lost').wait_for()
        write(page, 'a = 5.0\nb = a*a\nc = a + b')
        Half.broken = False
        press(page, 'Try again')
        shows(page, 'b', 'data 25.0000')
        assert shown(page)['c'] == ('–', '–') and page.get_by_role('slider', name='Step').input_value() == '1'
        assert editor(page).input_value() == 'a = 5.0\nb = a*a\nc = a + b'


def test_without_webassembly_a_sentence(alone, address):
    page = alone()
    page.add_init_script('delete window.WebAssembly')
    page.goto(address + 'live/playground.html')
    page.get_by_text('This browser has no WebAssembly').wait_for()
    assert not page.get_by_role('button', name='Try again').count()
    press(page, 'Start')
    press(page, 'Next')
    assert shown(page)['e'] == ('-6.0000', '–')
    assert page.get_by_role('slider', name='a', exact=True).is_disabled()
    write(page, 'what I typed')
    assert editor(page).input_value() == 'what I typed'


def test_without_javascript_the_stepper_is_there(visit):
    page = visit('live/playground.html', java_script_enabled=False)
    assert 'Without JavaScript' in page.locator('main').inner_text()
    page.get_by_text('next').first.click()
    assert page.get_by_text('L gets 1.0').first.is_visible()


# ---- for every reader

def test_keyboard_only(page):
    page.evaluate('scrollTo(0, 0)')
    page.get_by_label('Example').focus()
    def tab_to(what):
        for _ in range(40):
            page.keyboard.press('Tab')
            if page.evaluate('document.activeElement.getAttribute("aria-label") || document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent') == what: return
        raise AssertionError(f'{what} is not reached')
    tab_to('Your program')
    page.keyboard.press('Control+A')
    page.keyboard.type('a = 2.0\nb = -1.5\nc = a*b')
    shows(page, 'c', 'data -3.0000')
    tab_to('Start')
    page.keyboard.press('Enter')
    tab_to('Next')
    page.keyboard.press('Space')
    assert shown(page)['c'] == ('-3.0000', '–') or shown(page)['c'][0] == '-3.0000'
    tab_to('Step')
    for _ in range(4): page.keyboard.press('ArrowRight')
    assert shown(page)['a'] == ('2.0000', '-1.5000')
    tab_to('a')
    page.keyboard.press('Home')
    starts_with(page, 'a = -5.0')
    tab_to('a, exact')
    page.keyboard.press('Control+A')
    page.keyboard.type('0.25')
    shows(page, 'a', 'data 0.2500')


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize('text', [first, 'a = 2.0\nL = a*g', 'a = 2.0\nprint(a)\nfor i in range(100): a = a + 1\nb = a*a', 'a = 2.0\nb = 0.0\nc = a/b\nd = a + b'], ids=['graph', 'mistake', 'large', 'notes'])
def test_axe_finds_nothing(page, scheme, text):
    toggle = page.locator('.quarto-color-scheme-toggle').first
    if scheme == 'dark': toggle.click()
    write(page, text)
    settled(page)
    found = complaints(page, '#playground')
    if scheme == 'dark': toggle.click()
    assert found == []


@pytest.mark.parametrize('text', [first, 'a = 2.0\nL = a*g', 'a = 2.0\nprint("x"*500)\nfor i in range(100): a = a + 1\nb = a*a', playground.examples["micrograd's README"]], ids=['graph', 'mistake', 'large', 'wide'])
def test_on_a_phone_nothing_is_wider_than_the_page(page, text):
    page.set_viewport_size(dict(width=360, height=740))
    write(page, text)
    settled(page)
    wide = '''() => [...document.querySelectorAll("#playground, #playground *")].filter(e => !e.closest("svg, .mg-picture > *") && e.checkVisibility() &&
        e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 100))'''
    assert page.evaluate(wide) == []
    assert page.evaluate('document.documentElement.scrollWidth') == 360
    small = '''() => [...document.querySelectorAll("#playground :is(button, select, input, textarea)")].filter(e => e.checkVisibility() &&
        e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 100))'''
    assert page.evaluate(small) == []


def test_nothing_was_asked_of_another_host(page):
    assert any('/pyodide.xz' in url for url in page.asked) # Python is among it; another host would be in page.wrong
