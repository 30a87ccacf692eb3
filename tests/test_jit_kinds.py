"What people feed to `fit(..., jit=True)`: the same numbers as without, or an error that names the cause."
import random
from collections import namedtuple
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from micrograd import MLP, Module, Value
from micrograd.engine import maximum
from micrograd.jit import jit
from micrograd.train import Adam, SGD, binary_cross_entropy_with_logits, cross_entropy, fit, l2, max_margin, mse

pytest.importorskip('llvmlite')
executors = pytest.mark.parametrize('executor', ['llvm', 'numpy'])


class Line(Module):
    "Two weights and a bias, used by a function of one's own."
    def __init__(self, f): self.f, self.w, self.b = f, [Value(0.3), Value(-0.2)], Value(0.1)
    def __call__(self, x): return self.f(self, x)

def first_two(m, x): return m.w[0]*x[0] + m.w[1]*x[1] + m.b

def both(f, xs, ys, loss=mse, executor=True, **options):
    "The losses without and with jit, of two models that are the same."
    one, two = Line(f), Line(f)
    eager = fit(one, xs, ys, loss, SGD(one.parameters(), 0.1), steps=4, progress=False, **options)
    return eager.loss, fit(two, xs, ys, loss, SGD(two.parameters(), 0.1), steps=4, progress=False, jit=executor, **options).loss

Row = namedtuple('Row', 'a b')
numbers = [[1.0, 2.0], [2.0, 1.0], [0.0, 1.0], [1.0, 0.0]]
ys = [1.0, 0.0, 1.0, 0.0]

kinds = {
    'numbers': ([x for x, _ in numbers], lambda m, x: m.w[0]*x + m.b),
    'numbers of NumPy': (np.array(numbers)[:, 0], lambda m, x: m.w[0]*x + m.b),
    'whole numbers': ([int(x) for x, _ in numbers], lambda m, x: m.w[0]*x + m.b),
    'lists': (numbers, first_two),
    'lists that are added': (numbers, lambda m, x: sum((w*v for w, v in zip(m.w*2, x + x)), m.b)),
    'tuples': ([tuple(x) for x in numbers], lambda m, x: sum((w*v for w, v in zip(m.w*2, x + (3.0, 4.0))), m.b)),
    'named tuples': ([Row(*x) for x in numbers], lambda m, x: m.w[0]*x.a + m.w[1]*x.b),
    'arrays': (np.array(numbers), lambda m, x: sum((w*v for w, v in zip(m.w, x*2)), m.b)),
    'arrays of whole numbers': (np.array(numbers, int), lambda m, x: sum(w*v for w, v in zip(m.w, x + 1))),
    'a list of arrays': ([np.array(x) for x in numbers], lambda m, x: sum(w*v for w, v in zip(m.w, x.reshape(2)))),
    'pictures': (np.array(numbers).reshape(4, 2, 1), lambda m, x: m.w[0]*x[0, 0] + m.w[1]*x[1, 0]),
    'lists of lists': ([[[a], [b]] for a, b in numbers], lambda m, x: m.w[0]*x[0][0] + m.w[1]*x[1][0]),
    'dicts': ([dict(a=a, b=b) for a, b in numbers], lambda m, x: m.w[0]*x['a'] + m.w[1]*x['b']),
    'truths of NumPy': (np.array(numbers) > 0.5, lambda m, x: m.w[0]*float(x[0]) + m.w[1] if not isinstance(x[0], Value) else m.w[0]*x[0] + m.w[1]),
    'Values': ([[Value(a), Value(b)] for a, b in numbers], first_two)}

@executors
@pytest.mark.parametrize('kind', kinds)
def test_samples_reach_the_model_in_their_own_kind(kind, executor):
    xs, f = kinds[kind]
    eager, ours = both(f, xs, ys, executor=executor)
    assert np.allclose(eager, ours, rtol=1e-12)
    predict = jit(Line(f), executor=executor)
    assert np.allclose(predict(xs), [Line(f)(x).data for x in xs])

targets = {'column': np.array([[1], [0], [1], [0]]), 'lists of one': [[1], [0], [1], [0]], 'truths': [True, False, True, False],
           'NumPy': np.array([1, 0, 1, 0]), 'float32': np.array([1, 0, 1, 0], np.float32)}

@pytest.mark.parametrize('kind', targets)
@pytest.mark.parametrize('loss, low', [(binary_cross_entropy_with_logits, 0), (max_margin, -1)])
def test_targets_of_every_kind(kind, loss, low):
    given = targets[kind] if low == 0 else [y if np.max(y) else (-1 if not np.ndim(y) else [-1]) for y in targets[kind]]
    try: eager, ours = both(first_two, numbers, given, loss)
    except (TypeError, ValueError) as error: # then without jit too
        with pytest.raises(type(error)): fit(Line(first_two), numbers, given, loss, steps=1, progress=False)
    else: assert np.allclose(eager, ours, rtol=1e-12)

@executors
def test_rows_of_targets_behave_as_what_they_are(executor):
    two = lambda m, x: [m.w[0]*x[0], m.w[1]*x[1]]
    arrays = lambda P, Y: sum(((p[0] - t[0])**2 + (p[1] - t[1])**2 for p, t in zip(P, (y*2 for y in Y))))/len(P)
    tuples = lambda P, Y: sum((p[0] - (y + (1.0,))[2])**2 + (p[1] - y[1])**2 for p, y in zip(P, Y))/len(P)
    for given, loss in ((np.array(numbers), arrays), ([tuple(x) for x in numbers], tuples)):
        eager, ours = both(two, numbers, given, loss, executor)
        assert np.allclose(eager, ours, rtol=1e-12)

@executors
def test_a_model_may_return_a_tuple_or_an_array(executor):
    for kind in (tuple, list, np.array):
        eager, ours = both(lambda m, x: kind([m.w[0]*x[0], m.w[1]*x[1] + m.b]), numbers, [0, 1, 1, 0], cross_entropy, executor)
        assert np.allclose(eager, ours, rtol=1e-12)

class Swallows:
    "Takes a refusal for an answer."
    def __call__(self, m, x):
        try: return (m.w[0] if x[0] > 0.5 else m.w[1])*1.0
        except TypeError: return m.b*1.0

looked_up = {0.0: 1.0, 1.0: 5.0, 2.0: 3.0}
models = {
    'an input in a dict': (lambda m, x: {0.0: m.w[0], 1.0: m.w[1]}.get(x[0], m.b)*1.0, 'looked up|same'),
    'an input in a set': (lambda m, x: m.w[0]*(2.0 if x[0] in {1.0} else 1.0), 'looked up'),
    'a row as a key': (lambda m, x: m.w[0]*(2.0 if tuple(x) in {(1.0, 2.0)} else 1.0), 'looked up'),
    'an input that is compared': (lambda m, x: m.w[0]*(2.0 if x[0] == 1.0 else 1.0), '== with an input'),
    'a row that is compared': (lambda m, x: m.w[0]*(2.0 if x == [1.0, 2.0] else 1.0), '== with an input'),
    'an input in a list': (lambda m, x: m.w[0]*(2.0 if x[0] in [1.0] else 1.0), '== with an input'),
    'the type of an input': (lambda m, x: (m.w[0] if isinstance(x[0], float) else m.w[1])*x[1], 'sample 0: output 0'),
    'the text of an input': (lambda m, x: m.w[0]*len(str(x[0])), 'sample|changes'),
    'a refusal that is swallowed': (Swallows(), 'sample 0: output 0'),
    'an index': (lambda m, x: m.w[int(x[0] > 0.5)]*1.0, 'of a Value cannot be recorded'),
    'dice of NumPy': (lambda m, x: m.w[0]*x[0]*np.random.rand(), 'changes with its numbers'),
    'a coin of NumPy': (lambda m, x: m.w[0]*x[0] if np.random.rand() < 0.5 else m.w[1]*x[1], 'changes|sample'),
    'a counter': ((lambda box: lambda m, x: m.w[0]*x[0]*box.append(1) if box.append(1) else m.w[0]*x[0]*len(box))([]), 'changes')}

@pytest.mark.parametrize('name', models)
def test_what_the_recording_cannot_hold_is_an_error(name):
    f, match = models[name]
    np.random.seed(0)
    model = Line(f)
    before = [(p.data, p.grad) for p in model.parameters()]
    history = None
    with pytest.raises((TypeError, ValueError), match=match):
        history = fit(model, numbers, ys, mse, SGD(model.parameters(), 0.1), steps=4, progress=False, jit=True)
    assert history is None and [(p.data, p.grad) for p in model.parameters()] == before

losses = {
    'a target in a dict': lambda P, Y: sum(looked_up.get(y, 1.0)*(p - y)**2 for p, y in zip(P, Y))/len(P),
    'a target in a set': lambda P, Y: sum((5.0 if y in {1} else 1.0)*(p - y)**2 for p, y in zip(P, Y))/len(P),
    'the type of a target': lambda P, Y: sum((5.0 if isinstance(y, float) else 1.0)*(p - y)**2 for p, y in zip(P, Y))/len(P),
    'targets compared with each other': lambda P, Y: sum((p - y)**2*(1.0 + (Y[0] is y)) for p, y in zip(P, Y))/len(P),
    'classes weighted': lambda P, Y: sum((1 + y)*(p - y)**2 for p, y in zip(P, Y))/sum(1 + y for y in Y)}

@pytest.mark.parametrize('name', losses)
def test_what_a_loss_cannot_be_is_an_error(name):
    model = Line(first_two)
    before = [p.data for p in model.parameters()]
    with pytest.raises((TypeError, ValueError), match='looked up|sample|mean or the sum'):
        fit(model, numbers, ys, losses[name], SGD(model.parameters(), 0.1), steps=4, progress=False, jit=True)
    assert [p.data for p in model.parameters()] == before

def test_a_weighting_of_classes_is_noticed_even_if_the_first_batch_has_only_one_class():
    rows, labels = numbers*8, [0.0]*31 + [1.0]
    with pytest.raises(ValueError, match='mean or the sum'):
        fit(Line(first_two), rows, labels, losses['classes weighted'], steps=1, batch_size=2, progress=False, jit=True)

@executors
def test_parameters_that_are_results(executor):
    class Gain(Module):
        def __init__(self): self.w, self.b = [Value(0.3)*0.5, (Value(-0.2)*2).tanh()], Value(0.0)
        def __call__(self, x): return sum((w*v for w, v in zip(self.w, x)), self.b)
        def parameters(self): return [*self.w, self.b]
    found = []
    for how in (False, executor):
        model = Gain()
        found.append(fit(model, numbers, ys, mse, SGD(model.parameters(), 0.1), penalty=l2(0.01), steps=5, progress=False, jit=how).loss)
    assert np.allclose(*found, rtol=1e-12)

def test_samples_of_two_kinds_are_refused():
    with pytest.raises(TypeError, match='number 2 is another'):
        fit(Line(first_two), [[1.0, 2.0], [2.0, 1.0], (0.0, 1.0), [1.0, 0.0]], ys, steps=1, progress=False, jit=True)

def test_a_new_kind_is_recorded_anew():
    f = jit(Line(lambda m, x: m.w[0]*len(x + x)*x[0] if isinstance(x, list) else m.w[0]*(x + x)[0]))
    assert f([[2.0, 1.0]]) == [0.3*4*2.0] and f(np.array([[2.0, 1.0]])) == [0.3*4.0] and f([[3.0, 1.0]]) == [0.3*4*3.0]

def test_the_first_call_is_compared_and_names_the_row():
    f = jit(lambda x: x[0]*(2.0 if isinstance(x[0], float) else 3.0))
    for _ in range(2):
        with pytest.raises(ValueError, match='row 0: the model gives'): f([[1.0], [2.0]])

def test_the_first_value_of_a_compiled_loss_is_compared():
    w = Value(2.0)
    f = jit(lambda x: w*x[0]*(2.0 if isinstance(x[0], float) else 3.0), [w], [1.0])
    with pytest.raises(ValueError, match='the loss is 4 without jit, but 6 with it'): f([1.0])
    assert (w.data, w.grad) == (2.0, 0.0)


# By position

def frames():
    pandas = pytest.importorskip('pandas')
    frame = pandas.DataFrame({'a': [0.0, 1.0, 2.0, 3.0, 0.5, 1.5], 'b': [1.0, 0.0, 1.0, 0.0, 2.0, 2.0], 'y': [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]})
    return {'as it was': frame, 'reversed': frame[::-1], 'sorted': frame.sort_values('a'), 'split': frame.iloc[[5, 1, 3]],
            'shuffled': frame.sample(frac=1, random_state=0), 'words': frame.set_index(pandas.Index(list('abcdef')))}

@pytest.mark.parametrize('how', ['as it was', 'reversed', 'sorted', 'split', 'shuffled', 'words'])
@pytest.mark.parametrize('size', [None, 2])
def test_columns_go_by_position(how, size):
    frame = frames()[how]
    rows, column = frame[['a', 'b']].values.tolist(), frame['y'].tolist()
    expected, _ = both(first_two, rows, column, batch_size=size)
    for given_xs in (rows, frame[['a', 'b']]):
        for given_ys in (frame['y'], frame['y'].values):
            for losses in both(first_two, given_xs, given_ys, batch_size=size): assert np.allclose(losses, expected, rtol=1e-12)
    assert np.allclose(jit(Line(first_two))(frame[['a', 'b']]), jit(Line(first_two))(rows))


# Losses that nobody wrote

terms = ['(p - y)**2', 'abs(p - y)', '(p*y).tanh()', '(-y*p).softplus()', '(1 - y*p).relu()', 'p.sigmoid()*y', 'maximum(p - y, 0.1)', 'p.exp()/(1 + y*y)']
ways = ['sum(T)', 'sum(T)/len(P)', 'sum(T)/sum(1 + y*y for y in Y)', 'sum(T)/min(len(P), 3)', '(sum(T)/len(P)).sqrt()', 'sum(T)/len(P) + 0.5', 'worst(T)',
        'sum(T)/len(P)*1.0', 'sum(t*t for t in T)/len(P)']

@settings(max_examples=80)
@given(st.sampled_from(ways), st.lists(st.sampled_from(terms), min_size=1, max_size=3), st.sampled_from([None, 1, 2, 3]), st.sampled_from(['mean', 'sum']),
       st.integers(0, 3), st.sampled_from([SGD, Adam]))
def test_random_losses_are_right_or_refused(way, term, size, reduction, seed, kind):
    "None is ever taken for what it is not; what is a mean or a sum, and said to be, is taken."
    def worst(xs):
        found = xs[0]
        for x in xs[1:]: found = maximum(found, x)
        return found
    source = f"lambda P, Y: (lambda T: {way})([{' + '.join(term)} for p, y in zip(P, Y)])"
    loss = eval(source, dict(worst=worst, maximum=maximum))
    rng = random.Random(seed)
    xs, ys = [[rng.uniform(-1, 1) for _ in range(2)] for _ in range(7)], [rng.choice([-1.0, 0.0, 0.5, 1.0]) for _ in range(7)]
    def run(how):
        random.seed(seed)
        model = MLP(2, [3, 1], act='tanh')
        return fit(model, xs, ys, loss, kind(model.parameters(), 0.01), steps=6, batch_size=size, progress=False, jit=how, reduction=reduction).loss
    expected = run(False)
    try: found = run(True)
    except ValueError as error:
        assert 'mean or the sum' in str(error)
        whole = {'sum(T)': 'sum', 'sum(T)/len(P)': 'mean', 'sum(T)/len(P)*1.0': 'mean', 'sum(t*t for t in T)/len(P)': 'mean'}.get(way)
        assert whole != reduction
    else: assert np.allclose(found, expected, rtol=1e-9), source
