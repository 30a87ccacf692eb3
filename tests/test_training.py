"What the page Training asks of Python, as CPython runs it: the same steps as `fit`. tests/site/test_training_page.py opens the page."
import json, math, random, re, sys
from pathlib import Path
import pytest
from hypothesis import given, settings, strategies as st
from micrograd.engine import no_grad
from micrograd.nn import MLP
from micrograd.train import SGD, Adam, binary_cross_entropy_with_logits, fit, l2, make_circles, make_moons, make_spirals, make_xor, max_margin, mse

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'nbs'/'live'))
import training


@pytest.fixture(autouse=True)
def anew(): training.restore('')


def weights(): return [p.data for p in training._run.params]
def gradients(): return [p.grad for p in training._run.params]


def fitted(xs, labels, steps, widths=(8, 8), act='tanh', loss=binary_cross_entropy_with_logits, optimizer=lambda params: SGD(params, lr=0.5), seed=1, **options):
    "A network that `fit` trained: its weights, and the losses."
    random.seed(seed)
    model = MLP(2, [*widths, 1], act=act)
    ys = labels if loss is binary_cross_entropy_with_logits else [2*label - 1 for label in labels]
    history = fit(model, xs, ys, loss, optimizer(model.parameters()), steps=steps, seed=seed, progress=False, **options)
    return [p.data for p in model.parameters()], history.loss


moons = make_moons(100, noise=0.1, seed=1)

@pytest.mark.parametrize('address, wanted', {
    '': dict(),
    'data=circles&n=40&noise=0.2&seed=5&act=relu': dict(points=make_circles(40, noise=0.2, seed=5), seed=5, act='relu'),
    'data=spirals&layers=3&loss=margin': dict(points=make_spirals(100, noise=0.1, seed=1), widths=[3], loss=max_margin),
    'data=xor&layers=&loss=squares&lr=0.1': dict(points=make_xor(100, noise=0.1, seed=1), widths=[], loss=mse, optimizer=lambda params: SGD(params, lr=0.1)),
    'act=sigmoid&opt=momentum&lr=0.2': dict(act='sigmoid', optimizer=lambda params: SGD(params, lr=0.2, momentum=0.9)),
    'act=softplus&opt=adam&lr=0.01&batch=10': dict(act='softplus', optimizer=lambda params: Adam(params, lr=0.01), batch_size=10),
    'batch=1&lr=0.1': dict(optimizer=lambda params: SGD(params, lr=0.1), batch_size=1),
    'lr=0.5,7:2,20:0.01&batch=32': dict(schedule=lambda step: 0.5 if step < 7 else 2 if step < 20 else 0.01, batch_size=32),
    'penalty=l2:0.01': dict(penalty=l2(0.01)),
    'penalty=l1:0.001': dict(penalty=lambda params: 0.001*sum(abs(p) for p in params)),
    'n=20&own=b-50,25o100,-3': dict(points=tuple(a + b for a, b in zip(make_moons(20, noise=0.1, seed=1), ([[-0.5, 0.25], [1.0, -0.03]], [0, 1])))),
}.items())
def test_a_run_is_that_of_fit_to_the_last_bit(address, wanted):
    xs, labels = wanted.pop('points', moons)
    assert 'trouble' not in training.restore(address)
    losses = training.advance(count=25)['losses'] + training.advance(count=10)['losses']
    assert (weights(), losses) == fitted(xs, labels, 35, **wanted)


def test_the_loss_held_out_is_that_of_points_never_trained_on():
    training.restore('data=circles&n=30&noise=0.3&loss=margin')
    answer = training.advance(count=3)
    xs, labels = make_circles(30, noise=0.3, seed=2)
    assert not any(x in training._run.xs for x in xs)
    assert answer['held_out'] == f"{max_margin([training._run.model(x) for x in xs], [2*label - 1 for label in labels]).data:.4f}"
    assert training.restore('data=none&own=b0,0')['held_out'] == ''


def test_a_weight_that_was_set_is_in_the_address():
    training.advance(count=3)
    answer = training.set_weight('1.2', 8, '-0.25')
    assert answer['address'] == 'set=3:1.2.8:-0.25&step=3' and training.look('1.2')['rows'][8]['weight'] == '-0.2500'
    begun = training.advance(count=4)
    assert training.restore(answer['address'])['until'] == 3
    assert training.advance(count=7) == begun | dict(since=0, losses=training._run.history.loss)
    assert 'trouble' in training.set_weight('1.2', 8, 'two') and 'set' not in training.choose('act=relu')['address']


def test_a_step_that_is_walked_is_a_step():
    for address in ('', 'opt=adam&lr=0.01', 'opt=momentum', 'zero=0&batch=7', 'loss=margin&act=relu'):
        training.restore(address)
        training.advance(count=4)
        plain = (weights(), gradients(), training._run.history.loss)
        training.restore(address)
        for _ in range(4): [training.walk() for _ in range(4)]
        assert (weights(), gradients(), training._run.history.loss) == plain


@pytest.mark.parametrize('done', [1, 2, 3])
def test_a_step_half_walked_is_finished(done):
    training.restore('batch=10&opt=adam&lr=0.01')
    for _ in range(done): training.walk()
    answer = training.advance(count=2)
    assert answer['losses'] == fitted(*moons, 2, batch_size=10, optimizer=lambda params: Adam(params, lr=0.01))[1] and answer['stage'] == 0


def test_each_stage_does_its_part():
    training.advance(count=3)
    w, g = weights(), gradients()
    assert training.walk()['stage'] == 1 and (weights(), gradients()) == (w, g)
    assert training.walk()['stage'] == 2 and weights() == w and set(gradients()) == {0.0}
    assert training.walk()['stage'] == 3 and weights() == w
    g = gradients()
    assert any(g)
    assert training.walk()['stage'] == 0 and weights() == [x - 0.5*slope for x, slope in zip(w, g)] and gradients() == g


@pytest.mark.parametrize('opt', ['sgd', 'momentum', 'adam'])
def test_the_numbers_of_a_neuron_before_and_after(opt):
    training.restore(f'opt={opt}&lr=0.1')
    training.advance(count=2)
    training.pick('1.3')
    first = training.look('1.3')
    assert first['name'] == 'Neuron 4 of layer 2' and len(first['rows']) == 9
    shown = [training.walk()['neuron']['rows'][2] for _ in range(4)]
    assert [bool(row['grad']) for row in shown] == [False, True, True, True] and [bool(row['new']) for row in shown] == [False, False, False, True]
    assert {(row['weight'], row['before']) for row in shown} == {(first['rows'][2]['weight'], first['rows'][2]['grad'])}
    assert shown[1]['grad'] == '0.0000' and shown[2]['grad'] == shown[3]['grad'] == training.look('1.3')['rows'][2]['grad']
    result = shown[3]['new'].split(' = ')[1]
    assert eval(shown[3]['new'].split(' = ')[0]) == pytest.approx(float(result), abs=2e-4)
    training.advance(count=1)
    assert result != first['rows'][2]['weight'] and training.restore(f'opt={opt}&lr=0.1&neuron=1.3')['neuron']['name'] == first['name']
    training.advance(count=3)
    assert training.look('1.3')['rows'][2]['weight'] == result


def test_what_the_stages_say_is_so():
    says = [training.walk()['says'] for _ in range(4)]
    losses = fitted(*moons, 2)[1]
    assert f'{losses[0]:.4f}' in says[0] and '105' in says[1] and says[3].endswith(f'was {losses[0]:.4f} and is now {losses[1]:.4f}.')
    x, y = moons[0][0]
    b, w1, w2, z, out = map(float, re.search(r': (\S+) \+ (\S+) \* \S+ \+ (\S+) \* \S+ = (\S+), and tanh of it is (\S+)\.$', training.look('0.0')['says']).groups())
    assert b + w1*x + w2*y == pytest.approx(z, abs=1e-3) and math.tanh(z) == pytest.approx(out, abs=1e-3)


# ---- without zero

def test_gradients_that_are_not_zeroed_pile_up():
    training.restore('zero=0&lr=0.1')
    piled = [0.0]*105
    for _ in range(6):
        before = weights()
        training.advance(count=1)
        model = MLP(2, [8, 8, 1], act='tanh')
        for p, data in zip(model.parameters(), before): p.data = data
        binary_cross_entropy_with_logits([model(x) for x in moons[0]], moons[1]).backward()
        piled = [old + p.grad for old, p in zip(piled, model.parameters())]
        assert gradients() == pytest.approx(piled, rel=1e-9, abs=1e-12)


def test_a_pile_is_shown_as_the_sum_that_it_is():
    training.restore('zero=0')
    training.advance(count=1)
    kept = training.look('0.0')['rows'][0]['grad']
    *_, left_out, added, _ = [training.walk() for _ in range(4)]
    assert left_out['says'].startswith('Left out')
    old, new, both = re.fullmatch(r'(\S+) \+ (\S+) = (\S+)', added['neuron']['rows'][0]['grad']).groups()
    assert old == kept and float(old) + float(new) == pytest.approx(float(both), abs=2e-4)


@pytest.mark.slow
def test_the_lesson_of_the_page():
    "With the loss at 0 every new gradient is 0, and yet what is left of old ones moves the weights, until the loss jumps."
    training.restore('act=relu&loss=margin&zero=0')
    losses = training.advance(count=100)['losses']
    perfect = losses.index(0.0)
    assert perfect < 60 and max(losses[perfect:]) > 10*losses[0]
    training.restore('act=relu&loss=margin')
    losses = training.advance(count=300)['losses']
    assert max(losses[100:]) < losses[0]


# ---- what is changed on the way, and the address

def test_what_was_changed_on_the_way_is_in_the_address():
    training.choose('batch=32')
    training.advance(count=5)
    training.change('lr', '0.1')
    training.advance(count=5)
    training.change('zero', '0')
    training.put(0.504, 0.2, 1)
    training.advance(count=3)
    training.walk()
    training.put(-1, 0.75, 0)
    training.change('lr', '0.05')
    answer = training.advance(count=4)
    assert answer['address'] == 'own=o50,20:10b-100,75:14&lr=0.5,5:0.1,14:0.05&batch=32&zero=1,10:0&step=17'
    assert answer['marks'] == [[5, 'rate 0.1'], [10, 'zeroing off'], [14, 'rate 0.05']]
    was = weights(), gradients(), training._run.history.loss
    assert training.restore(answer['address'])['until'] == 17
    training.advance(milliseconds=1e6, until=17)
    assert (weights(), gradients(), training._run.history.loss) == was


def test_a_new_start_takes_what_holds_now():
    training.advance(count=5)
    training.change('lr', '0.1')
    training.put(0.5, 0.2, 1)
    training.advance(count=5)
    assert training.choose()['address'] == 'own=o50,20&lr=0.1'
    assert training.choose('layers=4&data=xor')['address'] == 'data=xor&own=o50,20&layers=4&lr=0.1'
    assert [len(layer) for layer in training.advance(count=1)['weights']] == [4, 1]


def test_points_are_put_down_and_taken_away():
    training.restore('data=none')
    for x in range(3): training.put(x/10, -x/10, x % 2)
    assert training.choose()['points'] == [[0, 0, 0], [0.1, -0.1, 1], [0.2, -0.2, 0]]
    assert training.remove()['points'] == [[0, 0, 0], [0.1, -0.1, 1]]
    assert training.remove(all=True)['points'] == [] == training.remove()['points']
    x0, x1, y0, y1 = training.restore('own=b500,-900')['view']
    assert x0 <= 5 <= x1 and y0 <= -9 <= y1


def test_with_a_new_point_the_run_goes_on():
    training.advance(count=5)
    before = weights()
    answer = training.put(0, 0, 0)
    assert weights() == before and answer['step'] == 5 and answer['right'].endswith('of 101')


good = st.fixed_dictionaries({}, optional=dict(
    data=st.sampled_from(['moons', 'circles', 'spirals', 'xor', 'none']), n=st.integers(2, 200).map(str), noise=st.floats(0, 1).map(str),
    own=st.lists(st.builds('{}{},{}'.format, st.sampled_from('bo'), st.integers(-999, 999), st.integers(-999, 999)), max_size=50).map(''.join),
    layers=st.lists(st.integers(1, 12), max_size=3).map(lambda widths: ','.join(map(str, widths))),
    act=st.sampled_from(['relu', 'tanh', 'sigmoid', 'softplus', 'linear']), loss=st.sampled_from(['margin', 'entropy', 'squares']),
    opt=st.sampled_from(['sgd', 'momentum', 'adam']), lr=st.sampled_from(['0.001', '3', '0.1,5:0.2']), batch=st.sampled_from(['all', '1', '299']),
    seed=st.integers(0, 999999).map(str), zero=st.sampled_from(['0', '1', '1,3:0,9:1']), step=st.integers(0, 1000000).map(str), log=st.sampled_from('01')))

@settings(max_examples=60)
@given(good)
def test_an_address_comes_back_as_it_was(state):
    begun = training.restore('&'.join(f'{name}={text}' for name, text in state.items()))
    assert 'trouble' not in begun and begun['until'] == int(state.get('step', 0))
    assert {name: text for name, text in begun['choices'].items() if name in state and name != 'noise'} == {name: state[name] for name in state if name not in ('noise', 'own', 'lr', 'zero', 'step')}
    again = training.restore(begun['address'])
    assert again | dict(until=0) == begun | dict(until=0)
    kept = dict(part.split('=') for part in begun['address'].split('&') if part)
    assert kept == {name: text for name, text in state.items() if name not in ('step', 'noise') and text != training._defaults[name]} | ({'noise': kept['noise']} if 'noise' in kept else {})


@settings(max_examples=100)
@given(st.one_of(st.text(st.characters(exclude_categories=['Cs'])), st.dictionaries(st.sampled_from([*training.fields, 'x']), st.text(alphabet='0123456789-.,:abo%enx&= ')).map(
    lambda found: '&'.join(f'{name}={text}' for name, text in found.items()))))
def test_a_damaged_address_is_a_sentence(address):
    answer = training.restore(address)
    assert json.dumps(answer, allow_nan=False)
    assert answer.get('trouble', 'The address is damaged: ').startswith('The address is damaged: ')


@pytest.mark.parametrize('choices, sentence', {
    'layers=8,0': "The width of a hidden layer must be a whole number from 1 to 12, but is '0'.",
    'layers=13': "The width of a hidden layer must be a whole number from 1 to 12, but is '13'.",
    'layers=1,2,3,4': 'There can be 3 hidden layers at most, but here are 4.',
    'layers=eight': "The width of a hidden layer must be a whole number from 1 to 12, but is 'eight'.",
    'n=301': "The number of points must be a whole number from 2 to 300, but is '301'.",
    'n=': "The number of points must be a whole number from 2 to 300, but is ''.",
    'lr=-1': "The learning rate must be a number from 0 to 1000, but is '-1'.",
    'lr=nan': "The learning rate must be a number from 0 to 1000, but is 'nan'.",
    'batch=0': "The batch must be 'all', or else it must be a whole number from 1 to 300, but is '0'.",
    'data=stars': "The points can be moons, circles, spirals, xor, none, but not 'stars'.",
    'colour=red': "'colour' is not known here.",
}.items())
def test_a_wrong_choice_is_a_sentence_and_changes_nothing(choices, sentence):
    training.advance(count=3)
    before = weights()
    assert training.choose(choices) == dict(trouble=sentence)
    assert weights() == before and training._run.step == 3
    assert training.restore(choices)['trouble'] == f'The address is damaged: {sentence} That is left out.'


def test_what_is_not_damaged_is_kept():
    answer = training.restore('data=xor&lr=much&seed=7')
    assert answer['choices']['data'] == 'xor' and answer['choices']['seed'] == '7' and answer['lr'] == '0.5' and 'much' in answer['trouble']


def test_at_most_300_points():
    training.restore('n=299')
    assert 'trouble' not in training.put(0, 0, 1)
    assert training.put(0, 0, 1) == dict(trouble='There can be 300 points at most.')
    assert '300 points at most' in training.choose('n=300')['trouble'] and '300 points at most' in training.restore('n=300&own=b0,0')['trouble']


def test_no_points_and_one_class():
    assert training.restore('data=none')['points'] == []
    for answer in (training.advance(count=1), training.walk()): assert answer['trouble'].startswith('There are no points yet') and answer['step'] == 0
    assert training.put(0, 0, 1)['note'] == 'All points are orange: there is nothing to tell apart.'
    assert 'trouble' not in training.advance(count=2) and training.put(0, 0, 0)['note'] == ''


@pytest.mark.parametrize('address, sentence', [
    pytest.param('loss=squares&lr=0.5', 'its loss was inf', marks=pytest.mark.slow), ('loss=squares&lr=1000&act=linear', ''), ('loss=squares&lr=1000&opt=momentum&batch=7', '')])
def test_a_loss_that_is_no_number_stops_the_run_at_the_last_finite_step(address, sentence):
    training.restore(address)
    answer = training.advance(count=1000)
    assert answer['stopped'] and answer['trouble'].startswith(f'Step {answer["step"] + 1} was not made: {sentence}') and 'Reset' in answer['trouble']
    assert json.dumps(answer, allow_nan=False) and all(map(math.isfinite, weights() + gradients()))
    last, state = weights(), training._run.optimizer.state_dict()
    walked = [training.walk() for _ in range(4)]
    assert any('trouble' in stage for stage in walked) and weights() == last
    training.restore(address)
    training.advance(count=answer['step'])
    assert weights() == last and training._run.optimizer.state_dict() == state
    training.change('lr', '0')
    assert 'trouble' not in training.choose() and 'trouble' not in training.advance(count=3)


def test_an_update_that_overflows_changes_nothing():
    training.restore('opt=momentum')
    losses = training.advance(count=3)['losses']
    before = weights(), gradients(), training._run.optimizer.state_dict()
    training._run.lr[:] = [(0, math.inf)]
    assert re.match(r'Step 4 was not made: its loss was 0\.\d+, and the update overflowed\.', training.advance(count=1)['trouble'])
    assert (weights(), gradients(), training._run.optimizer.state_dict()) == before
    training._run.lr[:] = [(0, 0.5)]
    assert losses + training.advance(count=1)['losses'] == fitted(*moons, 4, optimizer=lambda params: SGD(params, lr=0.5, momentum=0.9))[1]


# ---- what is drawn

def test_the_page_gets_the_weights_of_the_package():
    training.restore('act=relu')
    answer, x = training.advance(count=3), [0.3, -0.2]
    inputs = x
    for k, layer in enumerate(answer['weights']):
        inputs = [b + sum(w*v for w, v in zip(ws, inputs)) for *ws, b in layer]
        if k < 2: inputs = [max(z, 0.0) for z in inputs]
    with no_grad(): score = training._run.model(x).data
    assert inputs == pytest.approx([score])
    assert training.score(*x) == f'x 0.3, y -0.2: score {score:.4f}, {"orange" if score > 0 else "blue"}'
    with no_grad(): right = sum((training._run.model(x).data > 0) == label for x, label in zip(*moons))
    assert answer['right'] == f'{right} of 100'


def test_the_links_of_the_page_are_as_they_should_be():
    notebook = (root/'nbs'/'live'/'training.ipynb').read_text(encoding='utf-8')
    links = re.findall(r'\]\(#(\S*?=\S*?)\)', notebook)
    assert len(links) >= 5
    for link in links: assert 'trouble' not in training.restore(link) and set(training._run.texts.items()) - set(training._defaults.items()), link


def test_the_first_picture_is_the_run_that_the_page_begins_with():
    shown = re.search(r'falls from (\S+) to (\S+?)"', (root/'nbs'/'live'/'training.ipynb').read_text(encoding='utf-8').replace('\\"', '"'))
    losses = training.advance(count=100)['losses']
    assert shown.groups() == (f'{losses[0]:.2f}', f'{losses[-1]:.2f}')


def test_a_step_is_measured():
    assert 0 < training.measure(steps=3) < 10000
