"The page Training in a browser: every control, from the outside. Its Python is tested in tests/test_training.py."
import os, re
import pytest
from playwright.sync_api import expect
from conftest import complaints, missing_live, moved, patience, remembered, until
from micrograd.train import fit
from micrograd.drawing import four_decimals, short

if missing_live() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing_live(), allow_module_level=True)

import training
from test_site import faint


wide = dict(width=1280, height=900)


@pytest.fixture(scope='module')
def opened(started): return started('training')


@pytest.fixture
def page(opened):
    "The page in the state that it opens with."
    expect(opened.get_by_role('button', name='Play')).to_be_enabled()
    if opened.viewport_size != wide: opened.set_viewport_size(wide)
    opened.mouse.move(0, 0) # or it would point at what comes to lie under it
    show(opened, '')
    yield opened
    assert opened.wrong == []


def show(page, state, step='0'):
    "As if a link were followed to this state."
    page.evaluate('''state => new Promise(done => {
        history.replaceState(null, '', '#') // or the same address would change nothing
        addEventListener('hashchange', done, { once: true })
        location.hash = state })''', f'{state}&step={step}')
    until(page, '''document.querySelector("#training").ariaBusy === "false" && document.querySelector(".facts b").textContent === arg
        && document.querySelector("#training .play").textContent === "Play"''', step)


def fact(page, name): return page.locator(f'.facts span:has-text("{name}") b')
def press(page, name): page.get_by_role('button', name=name, exact=True).click()
def pause(page):
    "The button says *Play* again as soon as the steps under way are shown."
    press(page, 'Pause')
    expect(page.get_by_role('button', name='Play')).to_be_visible()

def says(page): return page.get_by_role('group', name='One step, walked').get_by_role('status')
def trouble(page): return page.locator('#training').get_by_role('alert')
def neuron(page, name): return page.get_by_role('tab', name=name, exact=True)
def state(page):
    "What the address holds, which is saved after a pause, or when the page is left."
    address = page.evaluate('dispatchEvent(new Event("pagehide")) && location.hash.slice(1)')
    return dict(part.split('=') for part in address.split('&') if part)
def numbers(page): return page.get_by_role('tabpanel').locator('tbody tr').evaluate_all('rows => rows.map(row => [...row.cells].map(cell => cell.firstChild?.value ?? cell.textContent))')
def plane(page): return page.get_by_role('application', name='The plane')
def rows(answer): return [[row[key] for key in ('name', 'weight', 'before', 'grad', 'new')] for row in answer['neuron']['rows']]

def changes(page, act):
    "Does `act`, and waits until the state in the address is another one."
    before = page.evaluate('dispatchEvent(new Event("pagehide")) && location.hash') # or what is still to be saved of the steps before would be the change
    act()
    until(page, 'location.hash != arg', before)
    return state(page)


def copied(page):
    "The link, once it is in the clipboard."
    remembered(page.get_by_role('button', name='Copy link'))
    press(page, 'Copy link')
    until(page, 'said.some(text => text.startsWith("Copied"))')
    return page.evaluate('navigator.clipboard.readText()')


def steps(page, count):
    "One after the other, each as soon as the one before is shown."
    page.get_by_role('button', name='One step', exact=True).evaluate(f'''async (one, count) => {{
        const shown = document.querySelector('.facts b'), end = performance.now() + {patience}
        for (let step = 1 + Number(shown.textContent); count--; step++) {{
            if (one.matches(':disabled')) throw new Error('no step can be made')
            one.click()
            while (shown.textContent !== String(step)) {{
                if (performance.now() > end) throw new Error(`step ${{step}} did not come, but ${{shown.textContent}}`)
                await new Promise(requestAnimationFrame)
            }}
        }} }}''', count)


def test_what_is_read_does_not_move_while_the_page_is_loading(opened): assert moved(opened) < 0.1


# ---- the numbers are those of the package

def test_the_losses_are_those_of_fit(page):
    training.restore('')
    model = training._run.model
    history = fit(model, training._run.xs, training._run.ys, training._run.loss, training.SGD(model.parameters(), lr=0.5), steps=200, progress=False)
    for step in range(3):
        steps(page, 1)
        expect(fact(page, 'Loss')).to_have_text(four_decimals(history.loss[step]))
    press(page, 'Play')
    until(page, '+document.querySelector(".facts b").textContent > 20')
    pause(page)
    step = int(fact(page, 'Step').inner_text())
    expect(fact(page, 'Loss')).to_have_text(four_decimals(history.loss[step - 1]))
    expect(page.get_by_role('img', name=f'The loss over {step} steps, now {four_decimals(history.loss[step - 1])}')).to_be_visible()


@pytest.mark.parametrize('link', ['', 'data=circles&act=relu&layers=5&opt=adam&lr=0.05&batch=10', 'data=spirals&layers=4,3,2&act=sigmoid&loss=margin&opt=momentum',
                                  'data=xor&layers=&loss=squares&lr=0.1', 'data=none&own=b0,0o50,50o-50,20&act=softplus&zero=0'])
def test_the_plane_and_each_neuron_show_what_the_package_says(page, link):
    "The colours of the pictures, blue below 0 and orange above, at places away from the boundary and from the points."
    show(page, link, '12')
    training.restore(link)
    answer, begun = training.advance(count=12), training._whole(training._run)
    expect(fact(page, 'Loss')).to_have_text(answer['loss'])
    expect(fact(page, 'Right')).to_have_text(answer['right'])
    expect(fact(page, 'Length of the gradient')).to_have_text(answer['length'])
    left, right, bottom, top = begun['view']
    places = [[(i + 0.5)/16, (j + 0.5)/16] for i in range(16) for j in range(16)]
    colours = page.evaluate('''places => Object.fromEntries([...document.querySelectorAll('#training canvas')].map(canvas => [canvas.dataset.of || 'plane', places.map(([u, v]) => {
        const read = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
        read.drawImage(canvas, u * canvas.width, v * canvas.height, 1, 1, 0, 0, 1, 1)
        const [r, , b] = read.getImageData(0, 0, 1, 1).data
        return b - r })]))''', places)
    outputs = {}
    for u, v in places:
        x = [left + (right - left)*u, top - (top - bottom)*v]
        near = any(abs(x[0] - p[0]) + abs(x[1] - p[1]) < 0.12*(right - left) for p in begun['points'])
        inputs, at = x, {f'0.{i}': z for i, z in enumerate(x)}
        for k, layer in enumerate(training._run.model.layers):
            inputs = [n(inputs).data for n in layer.neurons]
            at |= {f'{k + 1}.{j}': z for j, z in enumerate(inputs)}
        at['plane'] = 0 if near else inputs[0]
        for name, z in at.items(): outputs.setdefault(name, []).append(z)
    assert colours.keys() == outputs.keys()
    for name, zs in outputs.items():
        far = 0.5 if name == 'plane' else 0.15*(max(map(abs, zs)))
        seen = [(z > 0, blue < 0) for z, blue in zip(zs, colours[name]) if abs(z) > max(far, 0.1)]
        wrong = sum(a != b for a, b in seen)
        assert wrong <= 0.02*len(seen), name # a line of a level may run through a place


def test_a_place_that_is_pointed_at_tells_its_score(page):
    steps(page, 2)
    box = plane(page).get_by_role('img').bounding_box()
    page.mouse.move(box['x'] + 0.25*box['width'], box['y'] + 0.5*box['height'])
    training.restore('')
    training.advance(count=2)
    x, y, half = training.views['moons']
    said = page.get_by_text(re.compile(r'x .*, y .*: score'))
    x, y, score, colour = re.fullmatch(r'x (\S+), y (\S+): score (\S+), (\w+)', said.inner_text()).groups()
    assert float(x) == pytest.approx(0.5 - half/2, abs=0.02) and float(y) == pytest.approx(0.25, abs=0.02)
    assert float(score) == pytest.approx(training._run.model([float(x), float(y)]).data, abs=0.01) and colour == ('orange' if float(score) > 0 else 'blue')


def test_of_many_places_the_last_one_is_told_and_none_that_was_left(page):
    "They come faster than Python answers."
    canvas, far = plane(page).get_by_role('img'), '''canvas => {
        const { left, top, width, height } = canvas.getBoundingClientRect()
        const point = (kind, part) => canvas.dispatchEvent(new PointerEvent(kind, { bubbles: true, clientX: left + part*width, clientY: top + part*height }))
        for (const part of [0.1, 0.2, 0.9]) point('pointermove', part)
        if (%s) point('pointerleave', 0)
    }'''
    training.restore('')
    x, y, half = training.views['moons']
    left, right, bottom, top = training.choose()['view']
    canvas.evaluate(far % 'false')
    expect(page.locator('.readout')).to_contain_text(f'x {short(left + 0.9*(right - left), 3)},')
    canvas.evaluate(far % 'true')
    steps(page, 1) # Python answers what it was asked before
    expect(page.locator('.readout')).to_contain_text('Lines: score 0')


def test_a_step_right_after_a_new_start_is_the_first(page):
    "Both are asked before Python has answered."
    steps(page, 3)
    page.evaluate('''[...document.querySelectorAll('#training .controls button')].filter(e => ['Reset', 'One step'].includes(e.textContent)).reverse().forEach(e => e.click())''')
    expect(fact(page, 'Step')).to_have_text('1')
    expect(page.get_by_role('img', name='The loss over 1 steps')).to_be_visible()
    assert 'NaN' not in page.locator('.curve path.losses').get_attribute('d')


# ---- one step, walked

def test_a_step_is_walked_in_four_stages(page):
    steps(page, 2)
    neuron(page, 'Neuron 2 of layer 2').click()
    training.restore('neuron=1.1')
    training.advance(count=2)
    expect(page.get_by_role('tabpanel').locator('caption')).to_have_text('Neuron 2 of layer 2, tanh')
    for name in ('1 Forward', '2 Zero the gradients', '3 Backward', '4 Update'):
        for other in ('1 Forward', '2 Zero the gradients', '3 Backward', '4 Update'):
            expect(page.get_by_role('button', name=other)).to_be_enabled(enabled=other == name)
        press(page, name)
        answer = training.walk()
        expect(says(page)).to_have_text(answer['says'])
        assert numbers(page) == rows(answer)
        expect(page.get_by_text(answer['neuron']['says'])).to_be_visible()
    assert re.fullmatch(r'\S+ - 0\.5 \* \S+ = \S+', numbers(page)[0][4])
    expect(fact(page, 'Step')).to_have_text('3')


def test_a_step_half_walked_is_finished_by_one_step(page):
    press(page, '1 Forward')
    press(page, '2 Zero the gradients')
    steps(page, 1)
    training.restore('')
    expect(fact(page, 'Loss')).to_have_text(training.advance(count=1)['loss'])
    expect(page.get_by_role('button', name='1 Forward')).to_be_enabled()


def test_without_zero_the_gradients_pile_up_and_the_loss_jumps(page):
    steps(page, 1)
    changes(page, page.get_by_label('Zero the gradients').uncheck)
    assert state(page) == dict(zero='1,1:0', step='1')
    for name in ('1 Forward', '2 Zero the gradients: left out', '3 Backward'): press(page, name)
    expect(says(page)).to_contain_text('From the loss back')
    old, new, both = re.fullmatch(r'(\S+) \+ (\S+) = (\S+)', numbers(page)[0][3]).groups()
    assert old == numbers(page)[0][2] and float(old) + float(new) == pytest.approx(float(both), abs=2e-4)
    link = 'data=xor&n=30&layers=4,4&seed=4&act=relu&loss=margin&zero=0' # which goes wrong soon
    show(page, link, '4')
    calm = float(fact(page, 'Length of the gradient').inner_text())
    expect(fact(page, 'Right')).to_have_text('30 of 30')
    show(page, link, '15')
    assert float(fact(page, 'Loss').inner_text()) > 1 or float(fact(page, 'Length of the gradient').inner_text()) > 10*calm
    changes(page, page.get_by_label('Zero the gradients').check)
    steps(page, 1)
    expect(page.locator('#training').get_by_text('zeroing on')).to_be_visible()


# ---- what is chosen

@pytest.mark.parametrize('label, value, name, text', [
    ('Shape', 'circles', 'data', 'circles'), ('Shape', 'spirals', 'data', 'spirals'), ('Shape', 'xor', 'data', 'xor'), ('Shape', 'only mine', 'data', 'none'),
    ('Activation', 'relu', 'act', 'relu'), ('Activation', 'sigmoid', 'act', 'sigmoid'), ('Loss', 'max margin', 'loss', 'margin'), ('Loss', 'mean squares', 'loss', 'squares'),
    ('Optimizer', 'SGD, momentum', 'opt', 'momentum'), ('Optimizer', 'Adam', 'opt', 'adam'), ('Batch', '10 points', 'batch', '10'), ('Penalty', 'L2, 0.01', 'penalty', 'l2:0.01')])
def test_each_choice_begins_a_new_run_and_is_in_the_address(page, label, value, name, text):
    steps(page, 1)
    assert changes(page, lambda: page.get_by_role('combobox', name=label, exact=True).select_option(value)) == {name: text}
    training.restore(f'{name}={text}')
    expect(fact(page, 'Step')).to_have_text('0')
    if text == 'none': return expect(plane(page).get_by_role('img')).to_have_accessible_name(re.compile('0 blue circles, 0 orange squares'))
    steps(page, 2)
    expect(fact(page, 'Loss')).to_have_text(training.advance(count=2)['loss'])


@pytest.mark.parametrize('label, value, name', [('How many', '40', 'n'), ('Noise', '0.3', 'noise'), ('Seed', '7', 'seed')])
def test_each_number_does_so_too(page, label, value, name):
    def typed():
        page.get_by_label(label, exact=True).fill(value)
        page.keyboard.press('Enter')
    assert changes(page, typed) == {name: value}
    training.restore(f'{name}={value}')
    steps(page, 2)
    expect(fact(page, 'Loss')).to_have_text(training.advance(count=2)['loss'])


def test_layers_come_and_go(page):
    tabs = page.get_by_role('tablist', name='Neurons').get_by_role('tab')
    expect(tabs).to_have_count(17)
    changes(page, lambda: press(page, 'Add a hidden layer'))
    expect(tabs).to_have_count(25)
    expect(page.get_by_role('button', name='Add a hidden layer')).to_be_disabled()
    def narrow():
        page.get_by_label('Width of layer 2').fill('3')
        page.keyboard.press('Tab')
    assert changes(page, narrow) == dict(layers='8,3,8')
    expect(tabs).to_have_count(20)
    for left in (12, 9, 1):
        changes(page, lambda: press(page, 'Remove the last hidden layer'))
        expect(tabs).to_have_count(left)
    assert state(page) == dict(layers='')
    expect(page.get_by_role('button', name='Remove the last hidden layer')).to_be_disabled()
    steps(page, 1)


def test_the_learning_rate_changes_without_a_new_start(page):
    steps(page, 3)
    page.get_by_label('Learning rate').fill('2')
    assert changes(page, lambda: page.keyboard.press('Tab')) == dict(lr='0.5,3:2', step='3')
    steps(page, 2)
    training.restore('lr=0.5,3:2')
    expect(fact(page, 'Loss')).to_have_text(training.advance(count=5)['loss'])
    expect(page.locator('#training').get_by_text('rate 2')).to_be_visible()


def test_a_step_is_announced(page):
    press(page, 'One step')
    expect(page.get_by_role('status').filter(has_text='Step 1: loss')).to_be_attached()


def test_the_link_of_a_run_that_plays_holds_its_step(page):
    press(page, 'Play')
    expect(fact(page, 'Step')).not_to_have_text('0')
    assert int(re.search(r'step=(\d+)', copied(page))[1]) > 0
    pause(page)


def test_play_pause_and_reset(page):
    still = plane(page).bounding_box()
    press(page, 'Play')
    until(page, '+document.querySelector(".facts b").textContent > 5')
    pause(page)
    step = fact(page, 'Step').inner_text()
    assert plane(page).bounding_box() == still
    assert state(page) == dict(step=step)
    expect(plane(page).get_by_role('img')).to_have_accessible_name(f'The plane at step {step}: 50 blue circles, 50 orange squares. The network is right about {fact(page, "Right").inner_text()}.')
    press(page, 'Reset')
    expect(fact(page, 'Step')).to_have_text('0')
    expect(fact(page, 'Loss')).to_have_text('–')
    assert state(page) == {}


def test_the_curve_can_be_logarithmic(page):
    steps(page, 3)
    curve = page.locator('.curve path.losses')
    straight = curve.get_attribute('d')
    assert changes(page, page.get_by_label('Logarithmic').check) == dict(step='3', log='1')
    assert curve.get_attribute('d') != straight


# ---- points of the reader's own

def test_points_are_put_down_with_the_mouse(page):
    changes(page, lambda: page.get_by_label('Shape').select_option('only mine'))
    picture = plane(page).get_by_role('img')
    size = picture.bounding_box()['width']
    def click(x, y, **options): return changes(page, lambda: picture.click(position=dict(x=size*x, y=size*y), **options))['own']
    first = click(0.5, 0.5)
    assert re.fullmatch('b-?[012],-?[012]', first)
    assert click(0.25, 0.25, modifiers=['Shift']).startswith(f'{first}o-7')
    page.get_by_label('an orange square').check()
    third = click(0.75, 0.5)
    assert third.count('o') == 2
    expect(picture).to_have_accessible_name(re.compile('1 blue circles, 2 orange squares'))
    steps(page, 2)
    training.restore(f'data=none&own={third}')
    expect(fact(page, 'Loss')).to_have_text(training.advance(count=2)['loss'])
    assert changes(page, lambda: press(page, 'Delete last'))['own'].count('o') == 1
    assert changes(page, lambda: press(page, 'Clear my points')) == dict(data='none')
    expect(page.get_by_role('button', name='Clear my points')).to_be_disabled()
    expect(plane(page)).to_be_focused()
    page.get_by_label('a blue circle').check()


def test_points_are_put_down_from_the_keyboard(page):
    plane(page).focus()
    for key in ('ArrowRight', 'ArrowRight', 'ArrowUp', 'Shift+ArrowUp'): page.keyboard.press(key)
    x, y, half = training.views['moons']
    training.restore('')
    left, right, bottom, top = training.choose()['view']
    side = right - left
    own = changes(page, lambda: page.keyboard.press('Enter'))['own']
    assert own == f'b{round(100*((left + right)/2 + 2*side/40))},{round(100*((bottom + top)/2 + side/40 + side/200))}'
    page.keyboard.press('ArrowDown')
    assert changes(page, lambda: page.keyboard.press('Shift+Enter'))['own'].count('o') == 1
    expect(page.get_by_text(re.compile(r'x .*, y .*: score'))).to_be_visible()
    assert changes(page, lambda: page.keyboard.press('Delete'))['own'] == own
    expect(plane(page)).to_be_focused()


def test_a_point_put_down_while_it_plays_joins_the_run(page):
    press(page, 'Play')
    until(page, '+document.querySelector(".facts b").textContent > 3')
    plane(page).get_by_role('img').click()
    until(page, 'document.querySelector(".facts").textContent.includes("of 101")')
    pause(page)
    assert re.fullmatch(r'b-?\d+,-?\d+:\d+', state(page)['own']) and int(state(page)['step']) > 3


# ---- the network

def test_neurons_and_weights_tell_their_numbers(page):
    steps(page, 2)
    training.restore('')
    training.advance(count=2)
    fifth = training.look('0.4')['rows']
    neuron(page, 'Neuron 5 of layer 1').hover()
    told = page.get_by_text('Neuron 5 of layer 1: ')
    for row in fifth: expect(told).to_contain_text(f'{row["weight"]} ({row["grad"]})')
    assert [row[1] for row in numbers(page)] == [row['weight'] for row in fifth]
    page.mouse.move(0, 0)
    expect(page.get_by_role('tabpanel').locator('caption')).to_have_text('Neuron 1 of layer 1, tanh')
    page.locator('.network g .near').nth(16 + 8 + 2).dispatch_event('pointerenter')
    page.locator('.network g').nth(16 + 8 + 2).dispatch_event('pointerenter')
    row = training.look('1.1')['rows'][2]
    expect(page.get_by_text(f'Neuron 2 of layer 2, w3, from neuron 3: weight {row["weight"]}, gradient {row["grad"]}.')).to_be_visible()
    signs = page.locator('.network g .wire').evaluate_all('all => all.map(e => e.getAttribute("stroke-dasharray") === null)') # for who sees no colour
    assert signs == [w.data > 0 for layer in training._run.model.layers for n in layer.neurons for w in n.w]
    page.locator('.network g').nth(16 + 8 + 2).dispatch_event('pointerleave')


def test_the_plane_shows_the_neuron_that_is_pointed_at(page):
    drawn = lambda: page.evaluate('[...document.querySelectorAll("#training canvas")].filter(e => !e.dataset.of || e.dataset.of === "1.4").map(e => e.toDataURL())')
    whole, small = drawn()
    neuron(page, 'Neuron 5 of layer 1').hover()
    until(page, 'document.querySelector("#training canvas").toDataURL() !== arg', whole)
    assert drawn()[1] == small
    page.mouse.move(0, 0)
    until(page, 'document.querySelector("#training canvas").toDataURL() === arg', whole)


def test_a_weight_is_set_and_the_link_holds_it(page):
    steps(page, 2)
    changes(page, neuron(page, 'Neuron 3 of layer 1').click)
    page.mouse.move(0, 0) # or it points at another one as soon as the page scrolls
    weight = page.get_by_label('Neuron 3 of layer 1, w2, from y: weight')
    def typed():
        weight.fill('0.5')
        weight.press('Tab')
    assert changes(page, typed) == dict(neuron='0.2', set='2:0.2.1:0.5', step='2')
    assert numbers(page)[1][1] == '0.5000'
    steps(page, 2)
    training.restore('set=2:0.2.1:0.5')
    answer = training.advance(count=4)
    expect(fact(page, 'Loss')).to_have_text(answer['loss'])
    expect(fact(page, 'Held out')).to_have_text(answer['held_out'])
    press(page, '1 Forward')
    expect(weight).to_be_disabled()


def test_arrow_keys_go_from_neuron_to_neuron(page):
    neuron(page, 'Neuron 1 of layer 1').focus()
    for key, name in (('ArrowDown', 'Neuron 2 of layer 1'), ('ArrowRight', 'Neuron 2 of layer 2'), ('ArrowUp', 'Neuron 1 of layer 2'), ('ArrowRight', 'The output'), ('ArrowRight', 'The output')):
        page.keyboard.press(key)
        expect(neuron(page, name)).to_be_focused()
        expect(neuron(page, name)).to_have_attribute('aria-selected', 'true')
    expect(page.get_by_role('tabpanel').locator('caption')).to_have_text('The output, linear')
    until(page, 'location.hash == "#neuron=2.0"')


# ---- the state in the address

def test_a_link_brings_everything_back(page):
    page.get_by_label('Seed').fill('3')
    changes(page, lambda: page.keyboard.press('Tab'))
    steps(page, 2)
    page.get_by_label('Learning rate').fill('0.8')
    changes(page, lambda: page.keyboard.press('Tab'))
    changes(page, plane(page).get_by_role('img').click)
    steps(page, 2)
    changes(page, page.get_by_label('Zero the gradients').uncheck)
    changes(page, neuron(page, 'Neuron 3 of layer 2').click)
    steps(page, 3)
    link = copied(page)
    assert link == page.evaluate('location.href')
    seen = fact(page, 'Loss').inner_text(), fact(page, 'Right').inner_text(), numbers(page)
    press(page, 'Reset')
    expect(fact(page, 'Step')).to_have_text('0')
    changes(page, page.get_by_label('Zero the gradients').check)
    changes(page, lambda: page.get_by_label('Shape').select_option('xor'))
    page.evaluate('link => { location.href = link }', link)
    expect(fact(page, 'Step')).to_have_text('7')
    until(page, 'location.href == arg', link)
    assert (fact(page, 'Loss').inner_text(), fact(page, 'Right').inner_text(), numbers(page)) == seen
    assert page.get_by_label('Shape').input_value() == 'moons' and page.get_by_label('Learning rate').input_value() == '0.8' and not page.get_by_label('Zero the gradients').is_checked()


def test_the_links_of_the_page_set_it(page):
    for link in page.locator('main a[href*="#"][href*="="]').all():
        target = link.get_attribute('href').partition('#')[2]
        link.press('Enter') # a pointer would come to lie over a neuron, whose numbers come and go
        until(page, 'location.hash == arg', '#' + training.restore(target)['address'])
        expect(trouble(page)).to_have_text('')
        expect(page.get_by_role('button', name='Play')).to_be_focused()
        steps(page, 1)
        link.press('Enter') # again: as at first
        expect(fact(page, 'Step')).to_have_text('0')


# ---- what goes wrong

@pytest.mark.parametrize('label, value, sentence', [('Width of layer 1', '0', 'whole number from 1 to 12'), ('Width of layer 2', '13', 'whole number from 1 to 12'), ('How many', '301', 'whole number from 2 to 300'),
                                                    ('How many', '', 'whole number from 2 to 300'), ('Learning rate', '-1', 'number from 0 to 1000'), ('Noise', '2', 'number from 0 to 1'), ('Seed', '1.5', 'whole number')])
def test_a_wrong_number_is_a_sentence_and_nothing_is_lost(page, label, value, sentence):
    steps(page, 2)
    loss, before = fact(page, 'Loss').inner_text(), state(page)
    page.get_by_label(label, exact=True).fill(value)
    page.keyboard.press('Tab')
    expect(trouble(page)).to_contain_text(sentence)
    expect(page.get_by_label(label, exact=True)).to_have_value(value)
    expect(page.get_by_label(label, exact=True)).to_have_attribute('aria-invalid', 'true')
    assert (fact(page, 'Loss').inner_text(), state(page)) == (loss, before)
    steps(page, 1)
    expect(page.get_by_label(label, exact=True)).to_have_value(value)


def test_a_damaged_address_is_a_sentence(page):
    page.evaluate('location.hash = "data=stars&seed=4&lr=%FF&step=2"')
    expect(trouble(page)).to_contain_text('The address is damaged')
    expect(fact(page, 'Step')).to_have_text('2')
    assert state(page) == dict(seed='4', step='2')


def test_no_points_and_only_one_class(page):
    changes(page, lambda: page.get_by_label('Shape').select_option('only mine'))
    press(page, 'Play')
    expect(trouble(page)).to_contain_text('There are no points yet')
    expect(page.get_by_role('button', name='Play')).to_be_visible()
    changes(page, plane(page).get_by_role('img').click)
    expect(trouble(page)).to_contain_text('All points are blue')
    steps(page, 1)


def test_a_loss_that_is_no_number_stops_with_a_sentence(page):
    show(page, 'loss=squares&lr=1000')
    press(page, 'Play')
    expect(trouble(page)).to_contain_text('was not made', timeout=patience)
    expect(page.get_by_role('button', name='Play')).to_be_visible()
    last = fact(page, 'Loss').inner_text()
    assert 'e+' in last
    press(page, 'One step')
    expect(fact(page, 'Loss')).to_have_text(last)
    trouble(page).get_by_role('button', name='Reset').click()
    expect(fact(page, 'Step')).to_have_text('0')
    expect(trouble(page)).to_have_text('')
    expect(page.get_by_role('button', name='Play')).to_be_focused()


# ---- for everybody

def test_all_of_it_from_the_keyboard(page):
    "From the title, only with the keys: choose, play, pause, walk, and put a point down."
    page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
    def tab_to(name):
        for _ in range(120):
            page.keyboard.press('Tab')
            at = page.evaluate('''() => { const e = document.activeElement; return e.ariaLabel || e.labels && e.labels.length && e.labels[0].textContent || e.textContent }''')
            if at.startswith(name): return
        raise AssertionError(f'{name} was not reached')
    tab_to('Shape')
    changes(page, lambda: page.keyboard.press('ArrowDown'))
    assert state(page)['data'] == 'circles'
    tab_to('Play')
    page.keyboard.press('Enter')
    until(page, '+document.querySelector(".facts b").textContent > 3')
    page.keyboard.press('Enter')
    expect(page.get_by_role('button', name='Play')).to_be_focused()
    tab_to('The plane')
    assert 'own' in changes(page, lambda: page.keyboard.press('Enter'))
    tab_to('an orange square') if page.get_by_label('an orange square').is_checked() else tab_to('a blue circle')
    page.keyboard.press('ArrowRight')
    expect(page.get_by_label('an orange square')).to_be_checked()
    page.keyboard.press('ArrowLeft')
    tab_to('Neuron 1 of layer 1')
    page.keyboard.press('ArrowDown')
    tab_to('1 Forward')
    step = int(fact(page, 'Step').inner_text())
    for name in ('2 Zero', '3 Backward', '4 Update', '1 Forward'):
        page.keyboard.press('Enter')
        expect(page.locator(':focus')).to_have_text(re.compile(f'^{name}'))
    expect(fact(page, 'Step')).to_have_text(str(step + 1))


def test_on_a_telephone(page):
    page.set_viewport_size(dict(width=360, height=800))
    show(page, 'layers=12,12,12', '3')
    assert page.evaluate('document.documentElement.scrollWidth') == 360
    outside = '''[...document.querySelectorAll("#training *")].filter(e => { const box = e.getBoundingClientRect()
        return box.width && (box.left < -1 || box.right > 361) && !e.closest(".numbers, svg, .visually-hidden") }).map(e => e.outerHTML.slice(0, 100))'''
    assert page.evaluate(outside) == []
    small = '''[...document.querySelectorAll("#training :is(button, input, select)")].filter(e => { const box = e.getBoundingClientRect()
        return box.width && box.width < 24 || box.height && box.height < 24 }).map(e => e.outerHTML.slice(0, 100))'''
    assert page.evaluate(small) == []
    plane(page).get_by_role('img').click()
    press(page, 'Play')
    until(page, '+document.querySelector(".facts b").textContent > 5')
    pause(page)
    page.set_viewport_size(wide)


def test_on_a_telephone_the_buttons_stay_in_reach(page):
    page.set_viewport_size(dict(width=360, height=740))
    seen = '''([...document.querySelectorAll("#training .controls button")].map(e => e.getBoundingClientRect()).every(box => box.width && box.top >= 0 && box.bottom <= innerHeight))'''
    for what in (page.get_by_label('Shape'), plane(page), page.get_by_role('tabpanel'), page.get_by_role('button', name='1 Forward')):
        what.evaluate('e => e.scrollIntoView({ block: "center" })')
        assert page.evaluate(seen)
    page.set_viewport_size(wide)


def test_with_letters_twice_as_large_nothing_is_cut_or_printed_over(page):
    page.evaluate('document.documentElement.style.fontSize = "200%"')
    try:
        steps(page, 1)
        for width in (1280, 360):
            page.set_viewport_size(dict(width=width, height=900))
            page.evaluate('() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
            wrong = page.evaluate('''() => {
                const texts = [...document.querySelectorAll('#training :is(legend, label > span, button:not([role=tab]), .facts > span, .readout, .legend, .says, caption)')].filter(e => e.checkVisibility() && e.textContent.trim() && !e.closest('.visually-hidden'))
                const boxes = texts.map(e => { const range = document.createRange(); range.selectNodeContents(e); return range.getBoundingClientRect() })
                const wrong = []
                texts.forEach((e, i) => {
                    const a = boxes[i]
                    if (a.right > document.documentElement.clientWidth + 1 && !e.closest('.numbers') || a.left < 0) wrong.push('cut: ' + e.textContent)
                    texts.forEach((f, j) => {
                        const b = boxes[j]
                        if (i < j && !e.contains(f) && !f.contains(e) && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) wrong.push(e.textContent + ' | ' + f.textContent)
                    })
                })
                return wrong }''')
            assert wrong == []
    finally:
        page.evaluate('document.documentElement.style.fontSize = ""')
        page.set_viewport_size(wide)


def test_in_forced_colours_the_chosen_neuron_is_marked(page):
    page.emulate_media(forced_colors='active')
    try:
        neuron(page, 'Neuron 2 of layer 1').click()
        expect(neuron(page, 'Neuron 2 of layer 1')).to_have_attribute('aria-selected', 'true')
        outlines = page.get_by_role('tablist', name='Neurons').get_by_role('tab').evaluate_all(
            'all => all.map(e => [e.ariaSelected, e === document.activeElement || getComputedStyle(e).outlineStyle !== "none"])')
        assert outlines.count(['true', True]) == 1 and outlines.count(['false', False]) == 16
    finally: page.emulate_media(forced_colors='none')


def test_reloading_comes_back_to_the_step_even_while_it_plays(page):
    press(page, 'Play')
    until(page, 'Number(new URLSearchParams(location.hash.slice(1)).get("step")) > 3')
    page.reload()
    until(page, 'Number(document.querySelector("#training .facts b")?.textContent) > 3')


def test_an_address_that_cannot_be_saved_stops_nothing(page):
    "Safari refuses after a hundred in ten seconds."
    page.evaluate('() => { history.replaceState = () => { throw new DOMException("Attempt to use history.replaceState() more than 100 times", "SecurityError") } }')
    try: steps(page, 3)
    finally: page.evaluate('() => { delete history.replaceState }')


def test_many_answers_are_few_addresses(page):
    "All that come before the page has rested for a while are one. Its clock stands still here, however long the steps take."
    state(page) # nothing waits any more
    page.evaluate('''() => {
        const { setTimeout, clearTimeout } = window, { replaceState } = history
        Object.assign(window, { saved: 0, rested: undefined, asBefore: { setTimeout, clearTimeout } })
        history.replaceState = function (...all) { saved++; return replaceState.apply(this, all) }
        window.setTimeout = (call, ms) => ms < 1000 ? (rested = call, 'rested') : setTimeout(call, ms)
        window.clearTimeout = timer => timer === 'rested' ? rested = undefined : clearTimeout(timer) }''')
    try:
        steps(page, 12)
        assert page.evaluate('[saved, rested()]')[0] == 0
        assert page.evaluate('[saved, location.hash]') == [1, '#step=12']
    finally: page.evaluate('() => { delete history.replaceState; Object.assign(window, asBefore) }')


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_and_no_text_is_faint(page, scheme):
    "In the dark the pictures are drawn anew. The tests that follow do not go back to the light."
    if scheme == 'dark':
        drawn = 'document.querySelector("#training canvas").toDataURL()'
        light = page.evaluate(drawn)
        page.locator('.quarto-color-scheme-toggle').first.click()
        until(page, f'document.querySelector(".quarto-dark") && {drawn} != arg', light)
    show(page, 'lr=0.5,1:0.2&own=b0,0', '2')
    for name in ('1 Forward', '2 Zero the gradients'): press(page, name)
    page.get_by_label('Noise').fill('3')
    neuron(page, 'Neuron 2 of layer 2').focus()
    expect(trouble(page)).not_to_have_text('')
    assert page.evaluate(faint) == []
    assert complaints(page) == []


# ---- before Python is there, and without

def test_little_moves_while_the_page_loads_on_a_slow_line(alone, address):
    page = alone(width=360, height=740)
    page.route('**/files.json*', lambda route: None) # Python is not needed here
    def late(script): # it comes when the page has been seen
        page.evaluate('new Promise(seen => new PerformanceObserver(seen).observe({ type: "paint", buffered: true }))')
        script.continue_()
    page.route('**/training.js*', late)
    page.add_init_script('moved = 0; new PerformanceObserver(list => list.getEntries().forEach(({ value }) => moved += value)).observe({ type: "layout-shift", buffered: true })')
    page.goto(address + 'live/training.html')
    page.get_by_role('button', name='Copy link').wait_for()
    page.evaluate('new Promise(done => requestAnimationFrame(() => setTimeout(done)))')
    assert page.evaluate('moved') < 0.1


def test_a_picture_is_there_before_python(alone, address):
    "And stays, with a sentence and another try, where Python cannot be loaded."
    page = alone()
    page.route('**/pyodide.xz*', lambda route: route.abort())
    page.goto(address + 'live/training.html')
    expect(page.get_by_role('img', name='Two moons of fifty points each')).to_be_visible()
    expect(page.get_by_role('img', name='The loss over these steps')).to_be_visible()
    for name in ('Play', 'One step', 'Reset'): expect(page.get_by_role('button', name=name)).to_be_disabled()
    expect(page.get_by_label('Shape')).to_be_disabled()
    expect(page.get_by_role('button', name='Try again')).to_be_visible()


def test_without_javascript_there_is_the_picture_and_the_story(visit):
    page = visit('live/training.html', java_script_enabled=False)
    expect(page.get_by_role('img', name='Two moons of fifty points each')).to_be_visible()
    story = page.locator('#training').get_by_role('link', name='Two moons')
    expect(story).to_be_visible()
    expect(page.locator('#training').get_by_role('button')).to_have_count(0)
    story.click()
    page.wait_for_url('**/tutorials/two_moons.html')
