"""Code written against karpathy/micrograd, its lecture and microgpt, unchanged but for where `Value` comes from.

Stored figures are those that PyTorch (the sanity checks), PyPI micrograd 0.1.0 (the demo) and a class like
microgpt's own (the language model) gave for the same code.
"""
import json, math, pickle, random, weakref
from pathlib import Path
import numpy as np
import pytest
from graphviz import Digraph
from micrograd import engine, no_grad, softplus, where
from micrograd.engine import Value, topological
from micrograd.nn import MLP, Layer, Module, Neuron


# karpathy/micrograd: the README and the tests

def test_readme():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f'{g.data:.4f}' == '24.7041'
    g.backward()
    assert f'{a.grad:.4f}' == '138.8338' and f'{b.grad:.4f}' == '645.5773'


def test_sanity_check():
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert (x.data, y.data, x.grad) == (-4.0, -20.0, 46.0)


# karpathy/micrograd: the network and the demo

def test_weights_are_drawn_in_the_same_order():
    random.seed(1337)
    model = MLP(2, [3, 1])
    random.seed(1337)
    expected = []
    for nin, nout in [(2, 3), (3, 1)]:
        for _ in range(nout): expected += [random.uniform(-1, 1) for _ in range(nin)] + [0.0]
    assert [p.data for p in model.parameters()] == expected


def test_network_attributes():
    model = MLP(3, [2, 1])
    neuron = model.layers[0].neurons[1]
    assert len(neuron.w) == 3 and neuron.b.data == 0 and neuron.nonlin and not model.layers[-1].neurons[0].nonlin
    assert neuron.parameters() == neuron.w + [neuron.b] and isinstance(model, Module)
    assert model.layers[0].parameters() == [p for n in model.layers[0].neurons for p in n.parameters()]


def test_a_module_of_the_users():
    class Scale(Module):
        def __init__(self): self.k = Value(2.0)
        def __call__(self, x): return self.k * x
        def parameters(self): return [self.k]
    scale = Scale()
    scale(3.0).backward()
    assert scale.k.grad == 3.0
    scale.zero_grad()
    assert scale.k.grad == 0


def moons(n):
    "Two half circles as NumPy arrays, as scikit-learn's make_moons gives them."
    angles = [math.pi * i / (n//2 - 1) for i in range(n//2)]
    X = [[math.cos(t), math.sin(t)] for t in angles] + [[1 - math.cos(t), 0.5 - math.sin(t)] for t in angles]
    return np.array(X) + np.array([[random.gauss(0, 0.1) for _ in range(2)] for _ in X]), np.array([0] * (n//2) + [1] * (n//2))


def test_demo():
    random.seed(1337)
    X, y = moons(40)
    y = y*2 - 1 # make y be -1 or 1
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337

    def loss():
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi*scorei).relu() for yi, scorei in zip(y, scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p*p for p in model.parameters())
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores)]
        return data_loss + reg_loss, sum(accuracy) / len(accuracy)

    seen = []
    for k in range(10):
        total_loss, acc = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9*k/100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        seen.append(total_loss.data)
    assert seen == pytest.approx([1.2006860919974356, 0.7906911503265508, 0.5561918182732893, 0.4408024116130236, 0.8578816869511541,
                                  0.9669922574466103, 0.3868227725285157, 0.2748006753761569, 0.2182888917210332, 0.1788363031088159], rel=1e-9)
    assert acc == 0.925

    Xmesh = np.c_[np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.5, 1.0, -0.5, 0.0])]
    inputs = [list(map(Value, xrow)) for xrow in Xmesh]
    Z = np.array([s.data > 0 for s in map(model, inputs)])
    assert Z.tolist() == [False, False, True, True]


# The lecture

def trace(root):
    nodes, edges = set(), set()
    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)
    build(root)
    return nodes, edges

def draw_dot(root):
    dot = Digraph(format='svg', graph_attr={'rankdir': 'LR'})
    nodes, edges = trace(root)
    for n in nodes:
        uid = str(id(n))
        dot.node(name=uid, label='{ %s | data %.4f | grad %.4f }' % (n.label, n.data, n.grad), shape='record')
        if n._op:
            dot.node(name=uid + n._op, label=n._op)
            dot.edge(uid + n._op, uid)
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def lecture_neuron():
    "All the nodes of the neuron, by label, up to `n`."
    x1 = Value(2.0, label='x1')
    x2 = Value(0.0, label='x2')
    w1 = Value(-3.0, label='w1')
    w2 = Value(1.0, label='w2')
    b = Value(6.8813735870195432, label='b')
    x1w1 = x1*w1; x1w1.label = 'x1*w1'
    x2w2 = x2*w2; x2w2.label = 'x2*w2'
    x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = 'x1*w1 + x2*w2'
    n = x1w1x2w2 + b; n.label = 'n'
    return x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n

def assert_the_lectures_gradients(x1, x2, w1, w2, *_):
    assert [x1.grad, w1.grad, x2.grad, w2.grad] == pytest.approx([-1.5, 1.0, 0.5, 0.0], rel=1e-14)


def test_expression_with_labels_and_its_drawing():
    a = Value(2.0, label='a')
    b = Value(-3.0, label='b')
    c = Value(10.0, label='c')
    e = a*b; e.label = 'e'
    d = e + c; d.label = 'd'
    f = Value(-2.0, label='f')
    L = d * f; L.label = 'L'
    assert L.data == -8.0 and d._prev == (e, c) and d._op == '+' and set(d._prev) == {e, c}
    L.backward()
    assert [x.grad for x in (L, d, f, e, c, a, b)] == [1.0, -2.0, 4.0, -2.0, -2.0, 6.0, -4.0]
    nodes, edges = trace(L)
    assert nodes == {a, b, c, d, e, f, L} and edges == {(a, e), (b, e), (e, d), (c, d), (d, L), (f, L)}
    source = draw_dot(L).source
    assert '{ L | data -8.0000 | grad 1.0000 }' in source and source.count('->') == 6 + 3


def test_neuron_backward_by_hand_step_by_step():
    nodes = x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n = lecture_neuron()
    o = n.tanh(); o.label = 'o'
    o.grad = 1.0
    o._backward()
    assert n.grad == pytest.approx(0.5)
    n._backward()
    b._backward() # a leaf has nothing to pass on
    x1w1x2w2._backward()
    x2w2._backward()
    x1w1._backward()
    assert_the_lectures_gradients(*nodes)


def test_neuron_backward_over_the_readers_own_order():
    nodes = lecture_neuron()
    o = nodes[-1].tanh()
    topo = []
    visited = set()
    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)
    build_topo(o)
    o.grad = 1.0
    for node in reversed(topo):
        node._backward()
    assert_the_lectures_gradients(*nodes)
    for node in nodes: node.grad = 0.0
    o.backward()
    assert_the_lectures_gradients(*nodes)


def test_tanh_out_of_exp():
    nodes = lecture_neuron()
    e = (2*nodes[-1]).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert o.data == pytest.approx(0.7071067811865476)
    assert_the_lectures_gradients(*nodes)


def test_operations_added_the_lectures_way():
    def tanh(self):
        x = self.data
        t = (math.exp(2*x) - 1) / (math.exp(2*x) + 1)
        out = Value(t, (self, ), 'tanh', label='t')
        def _backward():
            self.grad += (1 - t**2) * out.grad
        out._backward = _backward
        return out
    nodes = lecture_neuron()
    o = tanh(nodes[-1])
    assert (o._op, o.label, o._prev) == ('tanh', 't', (nodes[-1],))
    o.backward()
    assert_the_lectures_gradients(*nodes)


def test_children_in_a_set():
    a, b = Value(2.0), Value(3.0)
    out = Value(a.data * b.data, {a, b}, '*')
    def _backward():
        a.grad += b.data * out.grad
        b.grad += a.data * out.grad
    out._backward = _backward
    (out * 2).backward()
    assert (a.grad, b.grad) == (6.0, 4.0) and set(out._prev) == {a, b}


def test_bugs_of_the_lecture_stay_fixed():
    a = Value(3.0, label='a')
    b = a + a; b.label = 'b'
    b.backward()
    assert a.grad == 2.0
    a = Value(-2.0)
    b = Value(3.0)
    d = a * b
    e = a + b
    f = d * e
    f.backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)


class LectureNeuron:
    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))
    def __call__(self, x):
        act = sum((wi*xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh()
    def parameters(self): return self.w + [self.b]

class LectureLayer:
    def __init__(self, nin, nout): self.neurons = [LectureNeuron(nin) for _ in range(nout)]
    def __call__(self, x):
        outs = [n(x) for n in self.neurons]
        return outs[0] if len(outs) == 1 else outs
    def parameters(self): return [p for neuron in self.neurons for p in neuron.parameters()]

class LectureMLP:
    def __init__(self, nin, nouts):
        sz = [nin] + nouts
        self.layers = [LectureLayer(sz[i], sz[i+1]) for i in range(len(nouts))]
    def __call__(self, x):
        for layer in self.layers: x = layer(x)
        return x
    def parameters(self): return [p for layer in self.layers for p in layer.parameters()]

xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]


def lecture_losses(n, steps=20):
    losses = []
    for k in range(steps):
        ypred = [n(x) for x in xs]
        loss = sum((yout - ygt)**2 for ygt, yout in zip(ys, ypred))
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.1 * p.grad
        losses.append(loss.data)
    return losses


def test_lecture_network():
    random.seed(1)
    n = LectureMLP(3, [4, 4, 1])
    assert len(n.parameters()) == 41
    losses = lecture_losses(n)
    assert losses[-1] < 0.1 < losses[0] and all((n(x).data > 0) == (y > 0) for x, y in zip(xs, ys))


def test_lecture_network_and_ours_take_the_same_steps():
    theirs, ours = LectureMLP(3, [4, 4, 1]), MLP(3, [4, 4, 1], act='tanh', out='tanh')
    for p, q in zip(theirs.parameters(), ours.parameters(), strict=True): q.data = p.data
    assert lecture_losses(ours) == pytest.approx(lecture_losses(theirs), rel=1e-9)


# microgpt's style

def linear(x, w): return [sum(wi * xi for wi, xi in zip(wo, x)) for wo in w]

def softmax(logits):
    max_val = max(val.data for val in logits)
    exps = [(val - max_val).exp() for val in logits]
    total = sum(exps)
    return [e / total for e in exps]

def rmsnorm(x):
    ms = sum(xi * xi for xi in x) / len(x)
    scale = (ms + 1e-5) ** -0.5
    return [xi * scale for xi in x]

def attend(q, keys, values):
    "What one head makes of the positions so far."
    weights = softmax([sum(qj * kj for qj, kj in zip(q, k)) / len(q)**0.5 for k in keys])
    return [sum(w * v[j] for w, v in zip(weights, values)) for j in range(len(q))]


def language_model_losses(steps=5, n_embd=4, n_head=2):
    "A transformer with one layer learns two words: the loss of each step."
    draw = random.Random(42)
    words = ['emma', 'ada']
    letters = sorted(set(''.join(words)))
    BOS = len(letters)
    matrix = lambda nout, nin: [[Value(draw.gauss(0, 0.3)) for _ in range(nin)] for _ in range(nout)]
    state = {'wte': matrix(BOS + 1, n_embd), 'wpe': matrix(8, n_embd), 'lm_head': matrix(BOS + 1, n_embd),
             **{name: matrix(n_embd, n_embd) for name in ('wq', 'wk', 'wv', 'wo')},
             'fc1': matrix(2 * n_embd, n_embd), 'fc2': matrix(n_embd, 2 * n_embd)}
    params = [p for mat in state.values() for row in mat for p in row]

    def gpt(token_id, pos_id, keys, values):
        x = rmsnorm([t + p for t, p in zip(state['wte'][token_id], state['wpe'][pos_id])])
        normed = rmsnorm(x)
        q = linear(normed, state['wq'])
        keys.append(linear(normed, state['wk']))
        values.append(linear(normed, state['wv']))
        heads, size = [], n_embd // n_head
        for h in range(0, n_embd, size):
            heads += attend(q[h:h+size], [k[h:h+size] for k in keys], [v[h:h+size] for v in values])
        x = [a + b for a, b in zip(linear(heads, state['wo']), x)]
        hidden = [xi.relu() for xi in linear(rmsnorm(x), state['fc1'])]
        x = [a + b for a, b in zip(linear(hidden, state['fc2']), x)]
        return linear(x, state['lm_head'])

    learning_rate, beta1, beta2, eps_adam = 0.05, 0.85, 0.99, 1e-8
    m, v = [0.0] * len(params), [0.0] * len(params)
    seen = []
    for step in range(steps):
        tokens = [BOS] + [letters.index(ch) for ch in words[step % len(words)]] + [BOS]
        n, keys, values, losses = len(tokens) - 1, [], [], []
        for pos_id in range(n):
            probs = softmax(gpt(tokens[pos_id], pos_id, keys, values))
            losses.append(-probs[tokens[pos_id + 1]].log())
        loss = (1 / n) * sum(losses)
        loss.backward()
        lr_t = learning_rate * (1 - step / steps)
        for i, p in enumerate(params):
            m[i] = beta1 * m[i] + (1 - beta1) * p.grad
            v[i] = beta2 * v[i] + (1 - beta2) * p.grad ** 2
            m_hat = m[i] / (1 - beta1 ** (step + 1))
            v_hat = v[i] / (1 - beta2 ** (step + 1))
            p.data -= lr_t * m_hat / (v_hat ** 0.5 + eps_adam)
            p.grad = 0
        seen.append(loss.data)
    return seen


def test_language_model():
    assert language_model_losses() == pytest.approx([1.663280380173356, 2.200093971451661, 0.9677118522726063, 1.4143780701281818, 0.900549474639226], rel=1e-9)


def test_division_as_a_power():
    a, b = Value(3.0), Value(4.0)
    out = a * b**-1
    out.backward()
    assert (out.data, a.grad, b.grad) == (0.75, 0.25, -3/16)
    assert (Value(4.0) ** -0.5).data == 0.5


# The tables of differences in "coming from": each line of them

def refused(f, error=TypeError):
    with pytest.raises(error): f()
    return True

def made(f): return [node._op for node in topological(f)]

def after_two_backwards():
    a = Value(2.0)
    b = 3*a
    c = b*b
    c.backward()
    c.backward()
    return a.grad, b.grad

def is_freed():
    x = Value(1.0)
    gone = weakref.ref((x*2).tanh())
    return gone() is None

def deep():
    y = Value(1.0)
    for _ in range(5000): y = y + 1
    y.backward()
    return pickle.loads(pickle.dumps(y)).data == 5001.0

class Minus(Value):
    def __add__(self, other): return super().__add__(other)

class OnTheRight:
    def __radd__(self, other): return 'asked'

class Holds(Module):
    def __init__(self): self.parts = {'a': Neuron(2)}

class Lists(Holds):
    def parameters(self): return self.parts['a'].w

def rescaled():
    n = Neuron(2)
    n.w = [w*0.5 for w in n.w]
    return len(n.parameters()) == 3 and not any(p._prev for p in n.parameters())

def without():
    with no_grad(): return (Value(1.0)*2)._prev == ()

def lost():
    with pytest.warns(UserWarning): number = float(Value(2.0))
    with pytest.warns(UserWarning): return number == 2.0 and math.exp(Value(0.0)) == 1.0

def one(x=2.0): return Value(x)

from_micrograd = {
    '`backward` twice': lambda: after_two_backwards() == (72.0, 12.0),
    '`_prev`': lambda: [type((one() + 1)._prev), len((lambda a: a + a)(one())._prev)] == [tuple, 2],
    'deep graphs': deep,
    'old graphs': is_freed,
    '`a - b`, `-a`, `a / b`': lambda: [made(one() - 1), made(-one()), made(one() / 2), made(Minus(1.0) - 1)] == [['-'], ['neg'], ['/'], ['+']],
    'weighted sum': lambda: made(Neuron(16, nonlin=False)([1.0]*16)) == ['dot'],
    '`a**b`': lambda: (one()**one(3.0)).data == 8.0,
    'functions': lambda: all(hasattr(Value, name) for name in ('exp', 'log', 'tanh')) and where(True, one(), 1).data == 2.0,
    '`a // b`, `a % b`, `abs(a)`': lambda: [(one(7.0) // 2).data, (one(7.0) % 2).data, abs(one(-1.0)).data] == [3.0, 1.0, 1.0],
    '`a < b`, `int(a)`, `round(a)`': lambda: one() < 3 and int(one(2.9)) == 2 and round(one(2.9)) == 3,
    '`float(a)`, `math.exp(a)`': lost,
    '`a * np.array([1, 2])`': lambda: [x.data for x in one() * np.array([1, 2])] == [2.0, 4.0],
    '`a + b`, `b` a class of your own': lambda: one() + OnTheRight() == 'asked',
    '`1/0`, `10.0**400`': lambda: [(one(1.0) / 0).data, (one(10.0)**400).data] == [math.inf]*2,
    '`(-8.0)**(1/3)`': lambda: math.isnan((one(-8.0)**(1/3)).data),
    "`Value('3')`": lambda: refused(lambda: Value('3')),
    '`label=`': lambda: Value(1.0, label='a').label == 'a',
    '`Value(2)`': lambda: type(Value(2).data) is float,
    '`grad` before `backward`': lambda: type(one().grad) is float,
    '`parameters()`': lambda: [len(Holds().parameters()), len(Lists().parameters()), len(Lists().state_dict())] == [3, 2, 2],
    '`n.w = [w*0.5 for w in n.w]`': rescaled,
    'wrong input length': lambda: refused(lambda: Neuron(2)([1.0]), ValueError),
    'layer of one in the middle': lambda: isinstance(MLP(2, [3, 1, 1])([1.0, 2.0]), Value),
    'no gradient wanted': without,
}

def grad_none():
    x = one()
    x.grad = None
    return refused(lambda: (x*2).backward())

def zeroed():
    n = Neuron(1)
    n([1.0]).backward()
    n.zero_grad()
    return [p.grad for p in n.parameters()] == [0.0, 0.0]

class Forward(Module):
    def forward(self, x): return x

def slope_of_floor():
    x = one(7.0)
    (x // 2).backward()
    return x.grad == 0.0

from_pytorch = {
    'a fresh `grad`': lambda: one().grad == 0.0,
    'after `zero_grad`': zeroed,
    '`x.grad = None`': grad_none,
    '`grad` of inner nodes': lambda: after_two_backwards()[1] == 12.0,
    '`backward` twice': lambda: after_two_backwards()[0] == 72.0,
    '`if x:`': lambda: bool(Value(0.0)),
    '`x == y`': lambda: one() != one() and (lambda x: x == x)(one()),
    '`forward` of a module': lambda: refused(lambda: Forward()(1.0)),
    '`softmax(x)`': lambda: [type(x) for x in engine.softmax([one(), one()])] == [Value, Value],
    'precision': lambda: one(0.1).data == 0.1,
    "initial weights of a layer": lambda: all(abs(p.data) <= 1 for p in Layer(9, 9).parameters()) and Neuron(9).b.data == 0,
    '`softplus` from 20 on': lambda: softplus(25.0) > 25.0,
    'gradient of `//`': slope_of_floor,
    '`model.train()`, `.eval()`': lambda: not hasattr(Module, 'train') and not hasattr(Module, 'eval'),
}

def rows_of(heading):
    cells = json.loads((Path(__file__).parents[1]/'nbs'/'tutorials'/'coming_from.ipynb').read_text())['cells']
    tables = [''.join(c['source']) for c in cells if ''.join(c['source']).startswith(f'| | {heading}')]
    return [line.split(' | ')[0].strip('| ') for line in tables[0].splitlines()[2:]]

def test_each_line_of_the_tables_of_differences_is_tested():
    assert rows_of('micrograd 0.1.0') == list(from_micrograd) and rows_of('PyTorch') == list(from_pytorch)

@pytest.mark.parametrize('line', from_micrograd)
def test_what_differs_from_micrograd(line): assert from_micrograd[line]()

@pytest.mark.parametrize('line', from_pytorch)
def test_what_surprises_a_pytorch_user(line): assert from_pytorch[line]()
