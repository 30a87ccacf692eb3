"The engine against other people's derivatives, at the edges, under abuse, and at size."
import copy, gc, json, math, operator, os, pickle, random, subprocess, sys, threading, tracemalloc, warnings, weakref
from fractions import Fraction
from pathlib import Path
import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from micrograd import copies, engine, recording
from micrograd.engine import Value, dot, gradcheck, log_softmax, maximum, minimum, no_grad, nonfinite, softmax, topological, where
from expressions import expressions, functions, network, operators, table_names, takes_two

figures = json.loads((Path(__file__).parent/'figures'/'torch_engine.json').read_text())
operations = {**operators, **{name: getattr(engine, name) for name in functions}}
inf, nan = math.inf, math.nan
a_few = settings(max_examples=200)


def numbers(x): return [numbers(y) for y in x] if isinstance(x, list) else float(x)

def differentiate(f, inputs):
    "The value of `f`, and its gradients after one backward pass."
    leaves = [Value(x) for x in inputs]
    out = f(*leaves)
    out.backward()
    return out.data, [x.grad for x in leaves]

def close(a, b, rtol, atol=0.0):
    "Also for inf and nan, which approx would compare by name only."
    return a == b or (a != a and b != b) or abs(a - b) <= atol + rtol*abs(b) < inf

def same_zero(a, b): return a != 0 or math.copysign(1, a) == math.copysign(1, b)

def every_operation(a, b):
    "A list with one node of each kind, for a positive `a` and `b`."
    return [*(f(a, b) if name in takes_two else f(a) for name, f in operations.items()), dot([a, 2.0], [b, a], 1.0), where(a, b, a)]


# PyTorch's figures

# Where our value is not PyTorch's, case by case. A case that agrees must not be listed.
not_torch = {
    'softplus': [[20.5]], # torch rounds to x above 20
    'x**0.5': [[-0.0], [-inf]], # torch takes the square root; Python's pow follows the C standard: 0 and inf
    'x**-0.5': [[-0.0], [-inf]], # the same
    'x**1.5': [[-inf]], # its slope holds the same x**0.5
}
# Where a zero can have another sign: `%` gives it the sign of the divisor, as in Python; relu(-0.0) is 0.0.
zeros_without_sign = {'%', '7 % x', 'x % 2', 'x % -3', 'relu'}


def agrees(name, inputs, value, gradients):
    data, grads = differentiate(operations[name], inputs)
    # A libm may be one bit off in the value. From there tanh loses more: near 1, 1 - t*t keeps an absolute error only.
    atol = 4 * sys.float_info.epsilon if name == 'tanh' else 0.0
    return (close(data, value, rtol=4e-16) and (name in zeros_without_sign or same_zero(data, value))
            and all(close(ours, theirs, rtol=1e-15, atol=atol) for ours, theirs in zip(grads, gradients, strict=True)))


@pytest.mark.parametrize('name', figures['operations'])
def test_each_operation_is_pytorchs(name):
    cases = [numbers(case) for case in figures['operations'][name]]
    assert [case[0] for case in cases if not agrees(name, *case)] == not_torch.get(name, [])


def test_the_figures_cover_every_operation():
    assert list(figures['operations']) == list(operations) and list(figures['expressions']) == list(expressions)


def test_every_operation_of_the_table_is_tested():
    tested = {table_names.get(name, name) for name in operations} | {'where', 'dot'} # which have tests of their own
    assert [name for name in engine.operations if name not in tested] == []


@pytest.mark.parametrize('name', engine.operations)
def test_the_table_tells_how_a_node_was_made(name):
    a, b = Value(0.7), Value(0.4)
    nodes = [x for x in every_operation(a, b) if x._op == name or name == '**k' and x._op[:2] == '**' != x._op]
    for node in nodes:
        operation, extra = engine.operation_of(node), [engine.exponent_of(node)] if name == '**k' else []
        assert operation is engine.operations[name]
        assert operation.value(*[x.data for x in node._prev], *extra) == node.data
        node.grad = 1.0
        for x in node._prev: x.grad = 0.0
        operation.rule(node)
        assert len({*node._prev}) < len(node._prev) or tuple(x.grad for x in node._prev) == node._local()
    assert nodes


@pytest.mark.parametrize('node', [
    Value(1.0), Value(1.0, (Value(1.0), Value(0.0)), '+'), Value(4.0, (Value(2.0),), '**2'), Value(8.0, (Value(2.0),), '**3', '', (Value(2.0)**2)._rule),
    Value(1.0, (Value(1.0),), 'exp', '', engine.operations['log'].rule), Value(1.0, (Value(1.0),), 'mine')])
def test_an_operation_of_ones_own_is_not_of_the_table(node):
    assert engine.operation_of(node) is None


@pytest.mark.parametrize('k', [2, 2.0, True, np.int64(3), np.float32(0.5), Fraction(1, 2), -1, 0, inf, 1e300, nan])
def test_every_constant_exponent_is_known_again(k):
    node = Value(2.0)**k
    assert engine.operation_of(node) is engine.operations['**k'] and str(engine.exponent_of(node)) == str(float(k))


def test_where_is_pytorchs():
    for inputs, value, gradients in map(numbers, figures['where']):
        assert str((value, gradients)) == str(differentiate(where, inputs))


@pytest.mark.parametrize('condition, a, b', [(True, Value(1.0), 2), (np.False_, 1, Value(2.0)), (Value(1.0), 1, 2), (Value(0.0), Value(1.0), Value(2.0))])
def test_where_chooses_between_anything(condition, a, b):
    out = where(condition, a, b)
    out.backward()
    assert isinstance(out, Value) and [x.data for x in out._prev] == [float(engine.number_of(condition)), 1.0, 2.0]
    assert out.data in (1.0, 2.0) and [x.grad for x in out._prev] == [0.0, float(out.data == 1.0), float(out.data == 2.0)]


def test_where_of_plain_numbers_is_one():
    assert where(1 > 2, 3.0, 4) == 4.0 and type(where(True, 1, 2)) is float


@pytest.mark.parametrize('function', [softmax, log_softmax], ids=lambda f: f.__name__)
def test_softmax_is_pytorchs(function):
    for scores, values, gradients in map(numbers, figures[function.__name__]):
        leaves = [Value(x) for x in scores]
        out = function(leaves)
        sum((i + 1)*y for i, y in enumerate(out)).backward()
        assert all(close(y.data, v, rtol=4e-16) for y, v in zip(out, values, strict=True)), scores
        assert all(close(x.grad, g, rtol=1e-14, atol=2e-15) for x, g in zip(leaves, gradients, strict=True)), scores
        assert str(function(scores)) == str([y.data for y in out])


def test_softmax_of_nothing_is_an_error():
    with pytest.raises(ValueError, match='at least one score'): softmax([])


@pytest.mark.parametrize('name', figures['expressions'])
def test_whole_expressions_are_pytorchs_and_so_is_a_second_backward(name):
    for inputs, value, once, twice in map(numbers, figures['expressions'][name]):
        leaves = [Value(x) for x in inputs]
        out = expressions[name](*leaves)
        assert close(out.data, value, rtol=1e-14)
        for gradients in (once, twice): # sums of some ten terms, each a bit or two off where a tanh is
            out.backward()
            assert all(close(x.grad, g, rtol=1e-13, atol=1e-15) for x, g in zip(leaves, gradients, strict=True))


@pytest.mark.parametrize('f, inputs, value, gradients', [
    (operator.pow, [2.0, 3.0], 8.0, [12.0, 5.545177444479562]),
    (engine.sigmoid, [-40.0], 4.248354255291589e-18, [4.248354255291589e-18]),
    (engine.sigmoid, [-1000.0], 0.0, [0.0]),
    (engine.exp, [1000.0], inf, [inf]),
    (engine.tanh, [-1000.0], -1.0, [0.0]),
    (engine.relu, [0.0], 0.0, [0.0]),
    (engine.log, [0.0], -inf, [inf]),
    (operator.mod, [7.0, 2.0], 1.0, [1.0, -3.0]),
    (operator.mod, [-7.0, 2.0], 1.0, [1.0, 4.0]),
    (operator.floordiv, [-7.0, 2.0], -4.0, [0.0, 0.0]),
    (operator.pow, [0.0, 0.0], 1.0, [0.0, 0.0]),
    (lambda x: x**0, [0.0], 1.0, [0.0]),
    (lambda x: x**0.5, [-2.0], nan, [nan]),
    (operator.truediv, [1.0, 0.0], inf, [inf, -inf]),
    (operator.truediv, [0.0, 0.0], nan, [inf, nan]),
    (operator.truediv, [nan, 0.0], nan, [inf, nan]),
    (maximum, [3.0, 3.0], 3.0, [0.5, 0.5]),
    (minimum, [3.0, 3.0], 3.0, [0.5, 0.5]),
    (maximum, [nan, 1.0], nan, [1.0, 1.0]),
])
def test_figures_to_remember(f, inputs, value, gradients):
    assert str((value, gradients)) == str(differentiate(f, inputs)) # as text, so that nan is nan


def test_softplus_stays_exact_where_pytorch_rounds():
    for x in (-40.0, 0.0, 19.0, 20.5, 30.0):
        with mpmath.workdps(50): exact = float(mpmath.log1p(mpmath.exp(x)))
        assert close(differentiate(engine.softplus, [x])[0], exact, rtol=4e-16)


# Other libraries, at random points

def elsewhere(library):
    "Every operation with the functions of mpmath or autograd's NumPy."
    return {
        **operators,
        '//': lambda a, b: library.floor(a / b),
        '7 // x': lambda x: library.floor(7 / x),
        **{name: getattr(library, name) for name in ('exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'expm1', 'log1p', 'tan', 'sinh', 'cosh')},
        'atan': getattr(library, 'arctan', None) or library.atan,
        'atan2': getattr(library, 'arctan2', None) or library.atan2,
        'erf': getattr(library, 'erf', None), # autograd has one for those who have SciPy
        'sigmoid': lambda x: 1 / (1 + library.exp(-x)),
        'relu': lambda x: x * (x > 0),
        'softplus': lambda x: library.log(1 + library.exp(x)),
        'maximum': getattr(library, 'maximum', max),
        'minimum': getattr(library, 'minimum', min),
    }

in_autograd, in_mpmath = elsewhere(anp), elsewhere(mpmath)

def by_mpmath(name, point):
    f, n = in_mpmath[name], len(point)
    with mpmath.workdps(50):
        exact = [mpmath.mpf(x) for x in point]
        orders = [tuple(int(i == j) for j in range(n)) for i in range(n)]
        return float(f(*exact)), [float(mpmath.diff(f, tuple(exact), order)) for order in orders]

def by_autograd(name, point):
    f = in_autograd[name]
    return float(f(*point)), [float(autograd.grad(f, i)(*point)) for i in range(len(point))]


@pytest.mark.filterwarnings('ignore:Output seems independent of input')
@pytest.mark.parametrize('name, oracle', [(name, oracle) for oracle in (by_mpmath, by_autograd) for name in operations if (name, oracle) != ('erf', by_autograd)])
def test_each_operation_at_random_points(name, oracle):
    draw = random.Random(name)
    lowest = 0.1 if name in {'log', 'sqrt', '**', '0**x', 'x**0.5', 'x**-0.5', 'x**1.5'} else -0.9 if name == 'log1p' else -3.0
    for _ in range(10):
        point = [draw.uniform(lowest, 3) for _ in range(2 if name in takes_two else 1)]
        value, gradients = oracle(name, point)
        data, grads = differentiate(operations[name], point)
        # `%` cancels: its error is a bit of the dividend, 7 at most
        assert close(data, value, rtol=1e-15, atol=1e-15), point
        assert all(close(ours, theirs, rtol=1e-14, atol=1e-15) for ours, theirs in zip(grads, gradients, strict=True)), point


in_graphs = ['+', '-', '*', '/', '%', 'maximum', 'minimum', '-x', 'abs', 'x**2', 'x**3', '1 / x', '2**x', 'exp', 'sin', 'cos', 'tanh', 'sigmoid', 'relu', 'softplus', 'atan', 'sinh']
programs = st.lists(st.tuples(st.sampled_from(in_graphs), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=15)
points = st.lists(st.floats(-2, 2).filter(lambda x: abs(x) > 0.01), min_size=1, max_size=4)

def run(program, inputs, table):
    "Each instruction works on any two earlier results, so that nodes are shared; the last four are added up."
    made = list(inputs)
    for name, i, j in program:
        a, b = made[i % len(made)], made[j % len(made)]
        made.append(table[name](a, b) if name in takes_two else table[name](a))
    return made, sum(made[-4:])


def settled(node):
    "Far from overflow, from a pole, and from a kink or step that two math libraries could see from different sides."
    a, b = ([x.data for x in node._prev] + [0.0, 0.0])[:2]
    if not abs(node.data) < 1e3 or node._op in ('/', '%') and abs(b) < 1e-3: return False
    if node._op == '%': return abs(a/b - round(a/b)) > 1e-9
    return node._op not in ('maximum', 'minimum', 'abs', 'ReLU') or a == b or abs(a - b) > 1e-9


@a_few
@given(programs, points)
def test_random_graphs_are_autograds(program, point):
    leaves = [Value(x) for x in point]
    made, out = run(program, leaves, operations)
    assume(all(settled(x) for x in made))
    out.backward()
    def f(xs): return run(program, xs, in_autograd)[1]
    value, gradients = f(point), autograd.grad(f)(point)
    assert close(out.data, value, rtol=1e-11, atol=1e-11)
    largest = max(1.0, *(abs(x.grad) for x in made)) # what may cancel on the way
    assert all(close(x.grad, g, rtol=0, atol=1e-10 * largest) for x, g in zip(leaves, gradients, strict=True))


@a_few
@given(programs, points)
def test_order_of_a_random_graph(program, point):
    out = run(program, [Value(x) for x in point], operations)[1]
    order = topological(out)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order) and order[-1] is out
    assert all(place[x] < place[node] for node in order for x in node._prev if x._prev)


# Backward

def test_backward_twice_and_reuse():
    a = Value(2.0)
    b = 3 * a
    c = b * b
    c.backward()
    assert (a.grad, b.grad, c.grad) == (36.0, 12.0, 1.0)
    c.backward()
    assert (a.grad, b.grad, c.grad) == (72.0, 12.0, 1.0)


def test_a_second_result_over_the_same_nodes_adds_into_leaves_only():
    a = Value(2.0)
    b = a * a
    (b * 5).backward()
    (b * 7).backward()
    assert (a.grad, b.grad) == (48.0, 7.0)


def test_a_leaf_as_the_root():
    a = Value(2.0)
    a.backward()
    a.backward()
    assert a.grad == 2.0


def test_a_value_used_twice_then_again():
    a = Value(1.0)
    b = a + a
    (b + b).backward()
    assert (a.grad, b.grad) == (4.0, 2.0)


def test_inputs_are_kept_in_order_with_duplicates():
    a, b = Value(1.0), Value(2.0)
    assert (a - b)._prev == (a, b) and (b - a)._prev == (b, a)
    assert (a + a)._prev == (a, a) and a._prev == ()
    assert [x.data for x in (5 / b)._prev] == [5.0, 2.0]
    assert dot([a, b], [b, a], b)._prev == (a, b, b, a, b)


def test_names_of_operations():
    a, b = Value(1.0), Value(2.0)
    made = [a+b, a-b, a*b, a/b, a//b, a%b, a**b, a**2, -a, abs(a), *(getattr(a, f)(*[b][:f in takes_two]) for f in functions), dot([a], [b]), where(a, a, b)]
    assert ' '.join(x._op for x in made) == ('+ - * / // % ** **2 neg abs exp log sqrt sin cos tanh sigmoid ReLU softplus maximum minimum '
                                             'expm1 log1p tan atan sinh cosh erf atan2 dot where')
    assert a._op == '' and (2**a)._op == '**'


def test_local_derivatives_multiply_along_the_path():
    a, b = Value(3.0), Value(4.0)
    assert (a * b)._local() == (4.0, 3.0) and (a * a)._local() == (3.0, 3.0) and (a / b)._local() == (0.25, -3/16)
    assert dot([a, b], [b, 5.0], 1.0)._local() == (4.0, 5.0, 3.0, 4.0, 1.0) and where(a, b, a)._local() == (0.0, 1.0, 0.0)
    assert a._local() == () and (a // b)._local() == (0.0, 0.0)


def test_local_derivatives_disturb_no_gradient():
    a, b = Value(3.0), Value(4.0)
    nodes = every_operation(a, b)
    sum(nodes).backward()
    before = [x.grad for x in (a, b, *nodes)]
    for node in nodes: node._local()
    assert [x.grad for x in (a, b, *nodes)] == before


def cube_times(x, y):
    "An operation added the lecture's way."
    out = Value(x.data**3 * y.data, (x, y), 'cube times')
    def _backward():
        x.grad += 3 * x.data**2 * y.data * out.grad
        y.grad += x.data**3 * out.grad
    out._backward = _backward
    return out


def test_an_operation_of_the_users():
    assert differentiate(lambda x, y: cube_times(x + 0, y) * 10, [2.0, 5.0]) == (400.0, [600.0, 80.0])
    assert gradcheck(lambda x, y: cube_times(x, y).tanh(), [0.5, 0.7])


def test_local_derivatives_of_a_users_operation():
    x, y = Value(2.0), Value(5.0)
    out = cube_times(x, y)
    (out * 10).backward()
    assert out._local() == (60.0, 8.0) and (x.grad, y.grad, out.grad) == (600.0, 80.0, 10.0)
    assert cube_times(x, x)._local() == (16.0, 16.0) # one node twice: the closure cannot tell the two apart, half each


def test_local_derivatives_of_a_users_operation_without_a_graph():
    x, y = Value(2.0), Value(5.0)
    with no_grad(): out = cube_times(x, y)
    assert out._local() == () and x.grad == 0.0


# Size

@pytest.mark.slow
def test_a_chain_of_300_000_nodes_is_built_differentiated_and_freed():
    x = Value(1.0)
    gc.collect()
    before = sys.getallocatedblocks()
    y = x
    for _ in range(300_000): y = y + x
    y.backward()
    assert (y.data, x.grad) == (300_001, 300_001) and sys.getallocatedblocks() > before + 300_000
    del y
    assert sys.getallocatedblocks() < before + 10**4


def test_a_wide_graph():
    xs, w = [Value(1.0) for _ in range(50_000)], Value(2.0)
    y = sum(w * x for x in xs) + dot([w] * len(xs), xs)
    y.backward()
    assert w.grad == 100_000 and all(x.grad == 4.0 for x in xs)


def test_ladder_of_shared_nodes():
    "Two to the power of 200 paths: each node must be visited once only."
    x = Value(1.0)
    y = x
    for _ in range(200): y = y + y
    y.backward()
    assert x.grad == 2.0**200


def bytes_a_node(step, n=10_000):
    "Everything allocated after `n` steps and a backward pass (nodes, their tuples, floats and rules), for each Value made, constants too."
    x, y = Value(0.5), Value(0.75)
    gc.collect()
    tracemalloc.start()
    out = x
    for _ in range(n): out = step(out, y)
    out.backward()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / len({x for node in topological(out) for x in (node, *node._prev)})


@pytest.mark.parametrize('step', [
    operator.add, operator.mul, lambda x, y: x + 1.5, lambda x, y: (x * y + y - x).tanh(), lambda x, y: x.sigmoid() / y,
    lambda x, y: x**2,
], ids=['add', 'mul', 'add a constant', 'mixture with tanh', 'sigmoid and division', 'square'])
def test_a_node_takes_at_most_200_bytes(step):
    assert bytes_a_node(step) <= 200


# Life and death of nodes

def garbage(make):
    "What only the collector can free after `make()` and a backward pass over its result."
    gc.collect()
    gc.disable()
    try:
        out = make()
        out.backward()
        out._local()
        out._backward()
        del out
        return gc.collect()
    finally: gc.enable()


def test_no_operation_makes_a_reference_cycle():
    a, b = Value(3.0), Value(4.0)
    kinds = len(every_operation(a, b))
    gc.freeze() # so that each collection looks at little
    try: assert [i for i in range(kinds) if garbage(lambda: every_operation(a * 1, b * 1)[i])] == []
    finally: gc.unfreeze()


@pytest.mark.parametrize('use', [
    lambda a: gradcheck(lambda x: x * x, [a]),
    lambda a: nonfinite((a * 0).log() * 2),
    lambda a: topological(a * a + a),
    lambda a: network(Value.tanh)(*[a] * 20).backward(),
], ids=['gradcheck', 'nonfinite', 'topological', 'network'])
def test_no_use_leaves_a_reference_cycle(use):
    gc.disable()
    gc.freeze() # what was there before is not looked at
    try:
        use(Value(2.0))
        assert gc.collect() == 0
    finally:
        gc.unfreeze()
        gc.enable()


def pickled(protocol): return lambda x: pickle.loads(pickle.dumps(x, protocol))

@pytest.mark.parametrize('clone', [copy.deepcopy, pickled(2), pickled(pickle.HIGHEST_PROTOCOL)], ids=['deepcopy', 'pickle 2', 'pickle'])
def test_copies(clone):
    a, b = Value(3.0, label='a'), Value(4.0, label='b')
    nodes = every_operation(a, b)
    out = sum(nodes)
    out.backward()
    a2, b2, nodes2, out2 = clone((a, b, nodes, out))
    assert a2 is not a and nodes2[0] is not nodes[0]
    for x, y in zip((a, b, *nodes, *topological(out)), (a2, b2, *nodes2, *topological(out2)), strict=True):
        assert (x.data, x.grad, x.label, x._op, len(x._prev)) == (y.data, y.grad, y.label, y._op, len(y._prev))
    assert nodes2[2]._prev == (a2, b2) # shared nodes stay shared
    out.backward()
    assert (a2.grad, b2.grad) != (a.grad, b.grad) # the original's gradients are its own
    out2.backward()
    assert (a2.grad, b2.grad) == (a.grad, b.grad)


def test_shallow_copy_shares_the_inputs():
    a = Value(3.0)
    assert copy.copy(a * a)._prev == (a, a)


train_by_hand = '''
import random
from micrograd.engine import Value
from expressions import network
loss, random = network(Value.tanh), random.Random(3)
parameters = [Value(random.uniform(-1, 1)) for _ in range(20)]
for step in range(20):
    out = loss(*parameters) + sum(p*p*p for p in parameters)**2 * 0.01
    for p in parameters: p.grad = 0.0
    out.backward()
    for p in parameters: p.data -= 0.05 * p.grad
print(out.data.hex(), *(p.grad.hex() for p in parameters))
'''

def test_same_bits_in_every_process_and_under_every_hash_seed():
    def bits(seed):
        paths = [str(Path(__file__).parent), *filter(None, sys.path)]
        env = {**os.environ, 'PYTHONHASHSEED': seed, 'PYTHONPATH': os.pathsep.join(paths)}
        return subprocess.run([sys.executable, '-c', train_by_hand], env=env, check=True, capture_output=True, text=True).stdout.split()
    first, *others = [bits(seed) for seed in ('0', '0', '1', '12345')]
    assert len(first) == 21 and all(other == first for other in others)


# A Value as a number

kinds_of_two = [2, 2.0, True + 1, Fraction(2), np.float64(2), np.float32(2), np.int64(2), np.uint8(2), Value(2)]
symbols = ['+', '-', '*', '/', '//', '%', '**', 'maximum', 'minimum']

@pytest.mark.parametrize('two', kinds_of_two, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize('name', symbols)
def test_any_number_on_either_side(name, two):
    f = operations[name]
    for out, expected in [(f(Value(7.0), two), f(Value(7.0), Value(2.0))), (f(two, Value(7.0)), f(Value(2.0), Value(7.0)))]:
        assert type(out) is Value and type(out.data) is float and out.data == expected.data
        out.backward()
        assert all(type(x.grad) is float for x in out._prev)


@pytest.mark.parametrize('name', symbols)
def test_bool_on_either_side(name):
    f = operations[name]
    assert f(Value(7.0), True).data == f(Value(7.0), Value(1.0)).data and f(True, Value(7.0)).data == f(Value(1.0), Value(7.0)).data


def test_float32_does_not_creep_in():
    x = Value(np.float32(0.1))
    assert type(x.data) is float and x.data == 0.10000000149011612
    assert type((np.float32(0.1) * Value(3.0)).data) is float


def test_arrays_of_values():
    xs, w = np.array([Value(1.0), Value(2.0)]), Value(10.0)
    assert xs.dtype == object
    out = (xs * w + np.array([0.5, 0.5])) @ np.array([1.0, 2.0])
    out.backward()
    assert out.data == 51.5 and w.grad == 5.0 and [x.grad for x in xs] == [10.0, 20.0]
    assert np.tanh(xs)[0].data == math.tanh(1.0)
    with no_grad(): assert xs.astype(float).tolist() == [1.0, 2.0]


@pytest.mark.parametrize('f', [np.exp, np.log, np.sqrt, np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.expm1, np.log1p, np.abs, np.square,
                               np.std, np.var, np.sum, np.mean, np.cumsum, np.prod, np.linalg.norm, np.floor, np.ceil, np.trunc], ids=lambda f: f.__name__)
def test_numpys_functions_work_on_arrays_of_values(f):
    numbers = np.array([0.5, 1.25, 3.0])
    ours = np.array(f(np.array([Value(x) for x in numbers])), dtype=object)
    assert [engine.number_of(x) for x in ours.flat] == pytest.approx(list(np.array(f(numbers)).flat), rel=1e-15)


@pytest.mark.parametrize('f', [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow])
@pytest.mark.parametrize('array', [np.array([1.0, 2.0]), np.array([[1, 2], [3, 4]]), np.array([True, False])], ids=lambda a: str(a.dtype))
def test_a_value_beside_an_array_is_taken_with_each_number(f, array):
    for ours, plain in ((f(Value(3.0), array), [f(Value(3.0), x) for x in array.flat]), (f(array, Value(3.0)), [f(x, Value(3.0)) for x in array.flat])):
        assert ours.shape == array.shape and str([x.data for x in ours.flat]) == str([x.data for x in plain])


@pytest.mark.parametrize('name', functions)
def test_functions_are_methods_and_take_plain_numbers(name):
    f, rest = operations[name], [0.25] if name in takes_two else []
    assert type(f(0.5, *rest)) is float
    assert f(0.5, *rest) == f(Value(0.5), *rest).data == getattr(Value(0.5), name)(*rest).data == f(np.float32(0.5), *rest)


def test_comparisons_are_by_data_and_equality_is_identity():
    a, b, c = Value(1.0), Value(2.0), Value(1.0)
    assert a < b and b > a and a <= c and a >= c and not a < c and a < 2 and 2 > a and 0.5 < a <= np.float64(1)
    assert sorted([b, a]) == [a, b] and max(a, b) is b and min([b, a]) is a
    assert a == a and a != c and a != 1.0 and len({a, c, a}) == 2 and {a: 'x'}[a] == 'x' and a in [a] and a not in [c]
    assert not Value(nan) < 1 and not Value(nan) >= 1


def test_conversions():
    with no_grad(): assert float(Value(2.5)) == 2.5
    a = Value(-2.5)
    assert (int(Value(2.9)), math.trunc(a), math.floor(a), math.ceil(a)) == (2, -2, -3, -2)
    assert bool(Value(0.0)) and bool(Value(-0.1)) and bool(Value(nan)) # a node, whatever its number
    for q, r in (divmod(Value(7.5), 2), divmod(7.5, Value(2.0))): assert (q.data, r.data) == (3.0, 1.5)
    assert round(Value(2.567), 1) == 2.6 and round(Value(2.567)) == 3 and type(round(Value(2.567))) is int
    assert f'{Value(2.5):.3f}|{Value(-1):>6.1f}|{Value(2)}' == '2.500|  -1.0|Value(data=2.0, grad=0.0)'
    assert repr(Value(2)) == str(Value(2)) == 'Value(data=2.0, grad=0.0)'


def test_signs():
    a = Value(-2.0)
    assert +a is a and (-a).data == abs(a).data == 2.0


def test_in_place_operators_rebind():
    a = b = Value(2.0)
    a += 1
    a *= b
    a -= 1
    a /= 5
    a **= 2
    assert b.data == 2.0 and a.data == 1.0 and b._prev == () and a is not b
    a.backward()
    assert b.grad == pytest.approx(2 * 1.0 * (2*2 + 1) / 5)


def test_constructor():
    a = Value(1, label='a')
    out = Value(2.0, [a, a], '+', 'out') # any iterable of children
    assert (type(a.data), a.grad, a._prev, a._op, a.label) == (float, 0.0, (), '', 'a')
    assert (out._prev, out._op, out.label) == ((a, a), '+', 'out')
    assert (vars(a), vars(Value(1.0))) == ({'label': 'a'}, {}) and Value(1.0).label == ''


# What is refused

@pytest.mark.parametrize('bad', ['3', None, 1j, [1.0], (1,), {}, b'1', np.array([1.0, 2.0]), np.array(1j), np.array('1'), Value(1.0), object, np.complex128(1), np.datetime64('2020'), np.ma.masked],
                         ids=lambda x: type(x).__name__)
def test_a_value_holds_one_real_number(bad):
    with pytest.raises(TypeError, match=f'a Value holds one real number .*, but got {type(bad).__name__}: '): Value(bad)


refusing = {
    **{f'{name}(bad)': lambda bad, f=operations[name]: f(bad) for name in functions if name not in takes_two},
    'maximum(1, bad)': lambda bad: maximum(1, bad),
    'minimum(bad, 1)': lambda bad: minimum(bad, 1),
    'weight': lambda bad: dot([bad], [1.0]),
    'input': lambda bad: dot([Value(1.0)], [bad]),
    'bias': lambda bad: dot([1.0], [1.0], bad),
    'gradcheck': lambda bad: gradcheck(lambda x: x, [bad]),
}

comparisons = (operator.lt, operator.le, operator.gt, operator.ge)

# A string on the left of % is left out: that is Python's formatting.
@pytest.mark.parametrize('f', [*(operations[name] for name in symbols if name not in functions), *comparisons, divmod])
@pytest.mark.parametrize('bad', ['x', None, 1j, [1.0], {}, object(), np.complex128(1)], ids=lambda x: type(x).__name__)
def test_what_is_no_number_is_asked_and_then_python_says_so(f, bad):
    for pair in ((Value(1.0), bad), (bad, Value(1.0))):
        if f is operator.mod and pair[0] == 'x': continue
        with pytest.raises(TypeError): f(*pair)


class Asked:
    "Answers for both sides of every operator."
for name in ('radd', 'rsub', 'rmul', 'rtruediv', 'rfloordiv', 'rmod', 'rpow', 'rdivmod', 'lt', 'le', 'gt', 'ge', 'add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow', 'divmod'):
    setattr(Asked, f'__{name}__', lambda self, other: 'asked')

@pytest.mark.parametrize('f', [*(operations[name] for name in symbols if name not in functions), *comparisons, divmod])
@pytest.mark.parametrize('a', [Value(1.0), Value(2.0)*3])
def test_a_stranger_is_asked(f, a):
    assert f(a, Asked()) == f(Asked(), a) == 'asked'


@pytest.mark.parametrize('b', [np.True_, np.array(2.0), np.array(2), np.array(True), np.float32(2), np.int8(2), Fraction(1, 2), np.array(Value(2.0))], ids=lambda x: f'{type(x).__name__} {x!r:.12}')
@pytest.mark.parametrize('name', symbols)
def test_numbers_of_any_kind_are_operands(name, b):
    f, plain = operations[name], engine.number_of(b.item() if isinstance(b, np.ndarray) else b)
    assert f(Value(3.0), b).data == f(Value(3.0), plain).data and f(b, Value(3.0)).data == f(plain, Value(3.0)).data
    assert (Value(3.0) < b) == (3.0 < plain)


@pytest.mark.parametrize('use, bad', [(use, bad) for use in refusing for bad in ('x', None, 1j, [1.0])])
def test_functions_take_values_or_real_numbers(use, bad):
    with pytest.raises(TypeError, match=f'allowed here are a Value or a real number .*, but got {type(bad).__name__}: '): refusing[use](bad)


def test_a_long_operand_is_shown_in_part():
    with pytest.raises(TypeError) as error: engine.exp('x' * 10**6)
    assert len(str(error.value)) < 250


# dot

floats = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1e308, inf, -inf, nan])

@a_few
@given(st.lists(st.tuples(floats, floats), max_size=20), floats, st.sampled_from([0.1, 1.0, 0.0, -0.0]))
def test_dot_is_the_written_out_sum_to_the_last_bit(pairs, bias, upstream):
    def both(total):
        ws, xs, b = [Value(w) for w, _ in pairs], [Value(x) for _, x in pairs], Value(bias)
        out = total(ws, xs, b)
        (out * upstream).backward()
        return [v.hex() for v in (out.data, *(x.grad for x in (*ws, *xs, b)))]
    assert both(dot) == both(lambda ws, xs, b: sum((w * x for w, x in zip(ws, xs)), b))


@pytest.mark.parametrize('b', [1, 1.0, Value(1.0), np.float64(1)], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize('ws, xs', [([2.0, 3.0], [Value(4.0), Value(5.0)]), ([Value(2.0), 3], (4, Value(5.0))), (np.array([2.0, 3.0]), [4, 5.0]), ([np.float32(2), True + 2], [4.0, Value(5.0)])])
def test_dot_takes_plain_numbers_too(ws, xs, b):
    out = dot(*copy.deepcopy((ws, xs, b))) # the cases share their Values
    out.backward()
    assert out.data == 24.0 and [x.data for x in out._prev] == [2.0, 3.0, 4.0, 5.0, 1.0] and [x.grad for x in out._prev] == [4.0, 5.0, 2.0, 3.0, 1.0]


def test_dot_of_nothing_is_the_bias():
    b = Value(3.0)
    dot([], [], b).backward()
    assert b.grad == 1.0 and dot([], []).data == 0.0 and dot([], [], 2).data == 2.0


def test_dot_of_nothing_with_a_numpy_bias():
    assert dot([], [], np.float64(1)).data == 1.0


def test_dot_with_itself():
    x = Value(3.0)
    dot([x, x], [x, 2.0], x).backward()
    assert x.grad == 2*3.0 + 2.0 + 1.0


def test_dot_says_both_lengths():
    with pytest.raises(ValueError, match='2 weights and 3 inputs'): dot([1.0, 2.0], [1.0, 2.0, 3.0])


# no_grad

def records(): return bool((Value(1.0) * 2)._prev)


def test_no_grad_nests_decorates_and_ends_with_an_error():
    with no_grad():
        assert not records()
        with no_grad(): assert not records()
        assert not records()
    assert records()
    assert no_grad()(records)() is False and records()
    with pytest.raises(KeyError):
        with no_grad(): raise KeyError
    assert records()


@pytest.mark.parametrize('decorate', [no_grad, lambda f: no_grad()(f)], ids=['bare', 'called'])
def test_no_grad_decorates_with_and_without_parentheses(decorate):
    @decorate
    def named(x, y=1.0):
        "Says something."
        return x*y
    class Uses:
        @decorate
        def method(self, x): return x*2
    assert (named.__name__, named.__doc__) == ('named', 'Says something.') and records()
    for x in (named(Value(2.0)), named(Value(2.0), y=Value(3.0)), Uses().method(Value(1.0))): assert x._prev == ()


def test_no_grad_of_a_generator_function_covers_its_pieces_only():
    seen = []
    @no_grad
    def pieces(x):
        try:
            while True:
                seen.append(records())
                try: x = (yield x*2) or x
                except KeyError: x = Value(7.0)
        finally: seen.append(records())
    it = pieces(Value(1.0))
    assert next(it)._prev == () and records()
    assert (it.send(Value(5.0)).data, it.throw(KeyError).data) == (10.0, 14.0) and records()
    it.close()
    assert seen == [False]*4 and records()

    @no_grad
    def returns():
        yield 1
        return records()
    def outer(): return (yield from returns())
    it = outer()
    next(it)
    with pytest.raises(StopIteration) as end: next(it)
    assert end.value.value is False and records()
    @no_grad
    def fails(): yield 1/0
    with pytest.raises(ZeroDivisionError): next(fails())
    assert records() and not recording.not_recording


def test_a_generator_in_no_grad_may_be_closed_by_another_thread():
    kept = []
    def inside():
        with no_grad(): yield
    def starts():
        it = inside()
        next(it)
        kept.append(it)
    for close in (lambda: kept.pop().close(), lambda: kept.clear()):
        thread = threading.Thread(target=starts)
        thread.start()
        thread.join()
        seen = []
        for _ in range(20): # some of them get the number of the thread that has ended
            thread = threading.Thread(target=lambda: seen.append(records()))
            thread.start()
            thread.join()
        assert all(seen) and records() and len(recording.not_recording) == 1
        close()
        assert not recording.not_recording


def test_one_no_grad_serves_many_threads():
    switch, going, seen = no_grad(), threading.Barrier(8), []
    def use():
        for _ in range(50):
            going.wait(10)
            with switch: seen.append(records())
            seen.append(not records())
    threads = [threading.Thread(target=use) for _ in range(8)]
    for t in threads: t.start()
    for t in threads: t.join()
    assert len(seen) == 800 and not any(seen) and not recording.not_recording


def test_no_grad_keeps_the_numbers():
    with no_grad(): inside = [x.data for x in every_operation(Value(3.0), Value(4.0))]
    assert inside == [x.data for x in every_operation(Value(3.0), Value(4.0))]


def test_no_grad_leaves_other_threads_alone():
    entered, checked, seen = threading.Event(), threading.Event(), []
    def without():
        with no_grad():
            entered.set()
            checked.wait(10)
            seen.append(records())
    thread = threading.Thread(target=without)
    thread.start()
    entered.wait(10)
    seen.append(records())
    checked.set()
    thread.join()
    assert seen == [True, False] and records() and not recording.not_recording


def test_a_result_without_inputs_is_a_leaf():
    with no_grad(): out = Value(2.0) * 3
    out._backward()
    assert out._local() == ()


# gradcheck and nonfinite

def wrong(slope):
    def f(x, y):
        out = Value(x.data * 2, (x,), 'wrong')
        def _backward(): x.grad += slope * out.grad
        out._backward = _backward
        return y + out
    return f


@pytest.mark.parametrize('slope', [3.0, 2.1, nan])
def test_gradcheck_names_the_input(slope):
    assert gradcheck(wrong(2.0), [1.5, -2.0])
    with pytest.raises(ValueError, match=f'input 0 at 1.5: backward says {slope}, a nudge says'): gradcheck(wrong(slope), [1.5, -2.0])
    with pytest.raises(ValueError, match='input 1 at 1.5'): gradcheck(lambda y, x: wrong(slope)(x, y), [-2.0, 1.5])


def test_gradcheck_leaves_its_inputs_alone():
    x = Value(2.0)
    assert gradcheck(lambda a, b: a * b, [x, 3]) and x.grad == 0.0


def test_gradcheck_agrees_with_every_operation():
    for i in range(len(every_operation(Value(1.0), Value(1.0)))): assert gradcheck(lambda a, b: every_operation(a, b)[i], [1.3, 0.4])


def labelled(x, label):
    x.label = label
    return x


def test_nonfinite_names_where_a_value_was_born():
    x = Value(0.0, label='x')
    loss = (labelled(x.log(), 'l') * 2 + 1).exp()
    assert nonfinite(loss) == "log of (x=0), labelled 'l' gave -inf"
    loss.backward()
    assert nonfinite(loss).startswith('log of (x=0)')


def test_nonfinite_names_a_leaf():
    assert nonfinite(Value(2.0) * Value(nan, label='row 3')) == "the leaf 'row 3' is nan"
    assert nonfinite(Value(inf, label='alone')) == "the leaf 'alone' is inf"
    assert nonfinite(Value(2.0) * Value(nan)) == 'a leaf without a label is nan'


def test_nonfinite_names_where_a_gradient_was_born():
    x = Value(0.0, label='x')
    loss = x.sqrt() * 3 + 1
    assert nonfinite(loss) is None # before backward
    loss.backward()
    assert nonfinite(loss).startswith('the gradient of x became inf in sqrt of (x=0)')


def test_nonfinite_shows_a_few_operands_of_many():
    out = dot([1e308] * 10, [10.0] * 10)
    assert nonfinite(out).startswith('dot of (1e+308, ') and '... 21 in all' in nonfinite(out)


def test_nonfinite_is_none_where_all_is_well():
    out = sum(every_operation(Value(1.3), Value(0.4)))
    out.backward()
    assert nonfinite(out) is None and nonfinite(Value(1.0)) is None


def test_nonfinite_sees_gradients_that_overflow_when_they_are_added():
    w = Value(1e-308, label='w')
    loss = w*1e308 + w*1e308
    loss.backward()
    assert w.grad == inf and 'w' in nonfinite(loss)


def test_gradcheck_wants_a_function_that_returns_a_value():
    with pytest.raises(TypeError, match='must return a Value, not a float'): gradcheck(lambda x: x.data, [1.0])


def test_dot_of_a_value_without_a_number_is_an_error():
    broken = Value(1.0)
    broken.data = None
    with pytest.raises(TypeError): dot([broken], [2.0])


def test_a_square_is_the_product():
    for x in (0.1 * i for i in range(-2000, 2000)): assert (Value(x)**2).data == x * x


def test_a_deep_graph_is_copied_without_recursion():
    a = Value(2.0)
    y = a
    for _ in range(5000): y = y + a
    twin = copy.deepcopy({'result': y, 'leaf': a})
    twin['result'].backward()
    assert twin['leaf'].grad == 5001.0 and a.grad == 0.0 and twin['leaf'] is not a


# What a node is to Python

class Own(Value):
    "Operators of its own, as people write them for karpathy/micrograd."
    def __add__(self, other):
        other = other if isinstance(other, Value) else Own(other)
        out = Own(self.data + other.data, (self, other), 'own +')
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Own(other)
        out = Own(self.data * other.data, (self, other), 'own *')
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

class OwnByMixin(type('Mixin', (), {name: Own.__dict__[name] for name in ('__add__', '__mul__')}), Value): pass
class Grandchild(Own): pass

derived = {'-x': (lambda x: -x, -1.0), 'x - 1': (lambda x: x - 1, 1.0), '1 - x': (lambda x: 1 - x, -1.0), '1 + x': (lambda x: 1 + x, 1.0), '3 * x': (lambda x: 3*x, 3.0),
           'x / 4': (lambda x: x/4, 0.25), '1 / x': (lambda x: 1/x, -0.25), 'sum': (lambda x: sum([x, x]), 2.0), 'x - x': (lambda x: x - x, 0.0), 'x / x': (lambda x: x/x, 0.0),
           'Value + x': (lambda x: Value(1.0) + x, 1.0), 'Value - x': (lambda x: Value(1.0) - x, -1.0), 'Value / x': (lambda x: Value(1.0)/x, -0.25), 'x += 1': (lambda x: operator.iadd(x, 1), 1.0)}

@pytest.mark.parametrize('kind', [Own, OwnByMixin, Grandchild], ids=lambda x: x.__name__)
@pytest.mark.parametrize('name', derived)
def test_what_is_derived_goes_through_the_operators_of_a_subclass(name, kind):
    f, slope = derived[name]
    x = kind(2.0)
    out = f(x)
    out.backward()
    own = '*' if name in ('1 / x', 'Value / x') else 'own' # of a power, which is a Value there too
    assert x.grad == slope and out._op.startswith(own)


def test_a_subclass_keeps_what_it_says_itself_and_ours_stay_as_they_are():
    class Loud(Own):
        def __sub__(self, other): return 'mine'
    class Named(Value): pass
    class Negated(Value):
        def __neg__(self): return Value(-self.data, (self,), 'mine')
    assert Loud(1.0) - 1 == 'mine' and (Loud(1.0) + 1)._op == 'own +' and (1 - Loud(1.0))._op == 'own +'
    assert [f(Named(2.0), 3)._op for f in (operator.add, operator.sub, operator.truediv)] == ['+', '-', '/'] and type(Named(1.0) + 1) is Value
    assert (Value(3.0) - 1)._op == '-' and [x._op for x in (2 - Negated(1.0))._prev] == ['', 'mine']


def test_attributes_of_ones_own():
    a = Value(2.0)
    a.m, a._vis_color = [0.0], 'red'
    out = (a*a).tanh()
    out.note = 'computed'
    copied, deep, pickled = copy.copy(out), copy.deepcopy(out), pickle.loads(pickle.dumps(out))
    assert [x.note for x in (copied, deep, pickled)] == ['computed']*3 and copied._prev == out._prev
    for twin in (deep, pickled):
        root = twin._prev[0]._prev[0]
        assert root is not a and root.m == [0.0] and root.m is not a.m and root._vis_color == 'red'


def test_weak_references():
    a = Value(1.0)
    seen, out = weakref.ref(a), weakref.ref(a + 1)
    assert seen() is a and out() is None


@pytest.mark.parametrize('protocol', range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize('dumps', [pickle.dumps, pickle._dumps], ids=['C', 'Python'])
def test_deep_graphs_are_pickled_and_shared_nodes_stay_shared(protocol, dumps):
    x = Value(0.5, label='x')
    y = x
    for _ in range(3000): y = y*0.5 + x
    z = y.tanh()
    a, b, c = pickle.loads(dumps((z, y, x), protocol))
    assert (a.data, b.data, c.data, c.label) == (z.data, y.data, x.data, 'x') and a._prev == (b,) and b._prev[1] is c
    a.backward()
    z.backward()
    assert c.grad == x.grad != 0


def test_a_pickle_that_fails_leaves_nothing_behind():
    x = Value(1.0)
    x.cannot = lambda: None
    with pytest.raises(Exception, match='lambda'): pickle.dumps(x*2 + 1)
    del x.cannot
    assert pickle.loads(pickle.dumps(x*2 + 1)).data == 3.0
    gc.collect()
    assert not copies._ends


@pytest.mark.parametrize('lose', [math.exp, float, lambda x: np.array([x], float), lambda x: np.zeros(2).__setitem__(0, x), lambda x: np.float64(x), lambda x: math.fsum([x]), complex],
                         ids=['math.exp', 'float', 'np.array', 'into an array', 'np.float64', 'fsum', 'complex'])
@pytest.mark.parametrize('make', [lambda: Value(2.0), lambda: Value(2.0)*1], ids=['leaf', 'computed'])
def test_a_gradient_that_is_lost_is_told(lose, make):
    with pytest.warns(UserWarning, match='no gradient passes') as told: lose(make())
    assert len(told) == 1 and told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with no_grad(): lose(make())
        lose(make().data)


def test_it_is_told_once_a_place():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter('default')
        for _ in range(5): math.sin(Value(1.0))
    assert len(told) == 1


def test_our_own_code_is_silent():
    a, b = Value(0.7), Value(0.4)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for node in every_operation(a, b): f'{node:.2f}', repr(node), nonfinite(node), node._local(), node < 1, round(node), node.backward()
        gradcheck(lambda x, y: (x*y).tanh(), [1.0, 2.0])


@pytest.mark.parametrize('bad', [None, 'x', [0.0]])
@pytest.mark.parametrize('f', [lambda x: x*2, lambda x: (x*2).tanh() + x, lambda x: x], ids=['below', 'deep', 'itself'])
def test_a_gradient_that_is_no_number_is_told(f, bad):
    x = Value(1.0, label='w')
    x.grad = bad
    with pytest.raises(TypeError, match='the grad of w must be a number.*x.grad = 0.0'): f(x).backward()


def test_slopes_in_place_of_an_operation_are_told():
    "As in microgpt. With a name and no rule no gradient passes, as in karpathy/micrograd."
    a = Value(2.0)
    with pytest.raises(TypeError, match=r'name of the operation.*but got \(3.0,\).*_backward'): (Value(6.0, (a,), (3.0,))*2).backward()
    Value(6.0, (a,), 'sign').backward()
    assert a.grad == 0.0
    out = Value(6.0, (a,), (3.0,))
    def _backward(): a.grad += 3.0*out.grad
    out._backward = _backward
    out.backward()
    assert a.grad == 3.0


@pytest.mark.parametrize('call, says', [
    (lambda: gradcheck(lambda x: x, 3.0), 'gradcheck takes a list of numbers, but got 3.0'),
    (lambda: gradcheck(lambda x: x, [3.0], eps=0), 'eps must be above 0, but got 0'),
    (lambda: softmax(Value(1.0)), 'softmax takes a list of scores, but got Value'),
])
def test_wrong_arguments_are_told(call, says):
    with pytest.raises((TypeError, ValueError), match=says): call()


def test_a_type_error_of_the_users_own_rule_comes_through():
    out = Value(1.0, (Value(1.0),), 'mine')
    def _backward(): raise TypeError('mine')
    out._backward = _backward
    with pytest.raises(TypeError, match='^mine$'): out.backward()


def test_names_of_rules():
    a = Value(1.0)
    assert [(a + 1)._backward.__name__, (a**2)._backward.__qualname__, a._backward.__name__] == ['_add_rule', '_constant_power_rule', '_leaf_rule']
    assert 'cube_times.<locals>._backward' in cube_times(a, a)._backward.__qualname__
