"Networks: shapes, names, random numbers, states, and what is refused."
import collections, copy, dataclasses, pickle, random, types
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from micrograd import MLP, Layer, Module, Neuron, Value, softplus
from micrograd.train import fit, save_checkpoint


def test_widths_of_one_anywhere():
    assert isinstance(MLP(2, [1, 1, 1])([1.0, 2.0]), Value)
    assert [len(layer.neurons) for layer in MLP(2, [16, 1, 1]).layers] == [16, 1, 1]
    assert len(MLP(1, [3])(0.5)) == 3


def test_reprs_are_those_of_micrograd():
    assert repr(MLP(2, [2, 1])) == 'MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]'
    assert repr(Neuron(3, nonlin=False)) == 'LinearNeuron(3)'
    assert repr(Layer(2, 1, nonlin=False)) == 'Layer of [LinearNeuron(2)]'
    assert repr(Neuron(1, act=softplus)) == 'SoftplusNeuron(1)'


def test_nonlin_of_the_last_layer_is_off():
    model = MLP(2, [2, 1])
    assert [n.nonlin for layer in model.layers for n in layer.neurons] == [True, True, False]


def test_named_parameters_agree_with_parameters():
    model = MLP(2, [2, 1])
    names, values = zip(*model.named_parameters())
    assert list(values) == model.parameters()
    assert names[:3] == ('layers.0.neurons.0.w.0', 'layers.0.neurons.0.w.1', 'layers.0.neurons.0.b')


def test_a_shared_parameter_counts_once_and_results_do_not():
    class Tied(Module):
        def __init__(self):
            self.a = Value(1.0)
            self.again = [self.a, (self.a,)]
            self.seen = self.a * 2
            self.name = 'tied'
    assert Tied().state_dict() == {'a': 1.0}


@pytest.mark.parametrize('x', [[0.5, -1.0], (0.5, -1.0), np.array([0.5, -1.0]), [Value(0.5), -1], map(float, (0.5, -1.0)), [np.float32(0.5), np.int64(-1)]])
def test_any_row_of_numbers_is_an_input(x):
    random.seed(0)
    model = MLP(2, [4, 1], act='tanh')
    assert model(x).data == model([Value(0.5), Value(-1.0)]).data


def test_gradients_reach_inputs_and_every_layer():
    random.seed(1)
    model, x = MLP(2, [3, 3, 1], act='tanh'), [Value(0.3), Value(-0.2)]
    model(x).backward()
    assert all(p.grad != 0 for p in [*model.parameters(), *x])
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_state_dict_round_trip_and_refusal_changes_nothing():
    model, other = MLP(2, [3, 1]), MLP(2, [3, 1])
    other.load_state_dict(model.state_dict())
    assert other.state_dict() == model.state_dict()
    before = other.state_dict()
    for wrong in ({}, {**before, 'more': 1.0}, {**before, 'layers.1.neurons.0.b': 'x'}):
        with pytest.raises((ValueError, TypeError)): other.load_state_dict(wrong)
        assert other.state_dict() == before
    with pytest.raises(ValueError, match='layers.0.neurons.0.w.0'): other.load_state_dict({})


@pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_equal_and_independent(duplicate):
    model = MLP(2, [3, 1], act='sigmoid')
    twin = duplicate(model)
    assert twin([1.0, 2.0]).data == model([1.0, 2.0]).data
    twin.parameters()[0].data += 1
    assert twin.state_dict() != model.state_dict()


@pytest.mark.parametrize('make, says', [
    (lambda: Neuron(0), 'inputs must be a whole number, at least 1, but got 0'),
    (lambda: Neuron(2.0), 'got 2.0'),
    (lambda: Layer(2, 0), 'neurons in a layer'),
    (lambda: MLP(2, [4, 0, 1]), 'but got 0'),
    (lambda: MLP(2, [4, -1]), 'but got -1'),
    (lambda: MLP(2, []), 'width of each layer'),
    (lambda: MLP(2, 3), r'for example \[16, 16, 1\], but got 3'),
    (lambda: MLP(2, None), 'nouts lists the width of each layer.*but got None'),
    (lambda: MLP(2, {4, 1}), 'nouts lists'),
    (lambda: Neuron(2, act='tan'), "'tanh'.*but got 'tan'"),
    (lambda: Neuron(2, nonlin=False, act='tan'), "but got 'tan'"),
    (lambda: MLP(2, [1], act='tan'), "but got 'tan'"), # no layer uses it
    (lambda: MLP(2, [1])([1.0]), '2 weights and 1 inputs'),
    (lambda: MLP(2, [3, 1])([1.0, 2.0, 3.0]), '2 weights and 3 inputs'),
])
def test_wrong_sizes_are_value_errors(make, says):
    with pytest.raises(ValueError, match=says): make()


@pytest.mark.parametrize('x', ['ab', None, [None, 1.0], [[1.0, 2.0], 3.0], np.zeros((2, 2)), {0: 1.0, 1: 2.0}, {1.0, 2.0}, {0: 1.0, 1: 2.0}.keys(),
                               np.ma.array([1.0, 2.0], mask=[0, 1])])
def test_wrong_inputs_are_type_errors(x):
    with pytest.raises(TypeError, match='inputs are|allowed here|one real number'): MLP(2, [2, 1])(x)


@pytest.mark.parametrize('rng', ['a', 1.5, [1]])
def test_what_cannot_draw_is_no_generator(rng):
    for make in (lambda: Neuron(2, rng=rng), lambda: Layer(2, 1, rng=rng), lambda: MLP(2, [1], rng=rng)):
        with pytest.raises(TypeError, match='rng is a whole number or a generator'): make()


def test_a_network_with_a_seed_or_a_generator_leaves_the_numbers_that_all_share_alone():
    def drawn(kind, **named): return [p.data for p in kind(2, **named).parameters()]
    for kind, more in ((Neuron, {}), (Layer, dict(nout=3)), (MLP, dict(nouts=[3, 1]))):
        random.seed(7)
        shared, state = drawn(kind, **more), random.getstate()
        for rng in (7, np.int64(7), random.Random(7)): assert drawn(kind, rng=rng, **more) == shared
        assert random.getstate() == state and drawn(kind, rng=8, **more) != shared
        numbers = np.random.default_rng(7)
        assert drawn(kind, rng=numbers, **more) != drawn(kind, rng=numbers, **more)


def test_scaled_weights_are_the_same_draws_divided_by_the_root_of_the_inputs():
    random.seed(1)
    plain = MLP(9, [4, 1]).parameters()
    random.seed(1)
    scaled = MLP(9, [4, 1], init='scaled').parameters()
    for p, q, root in zip(plain, scaled, [3]*40 + [2]*5): assert q.data == pytest.approx(p.data/root, rel=1e-15)
    with pytest.raises(ValueError, match="'uniform' or 'scaled', but got 'he'"): MLP(2, [1], init='he')


# Parameters, wherever they are kept

class Plain:
    "A class of another library's making, with parameters() as in karpathy/micrograd."
    def __init__(self, *ws): self.ws = list(ws)
    def parameters(self): return self.ws

class Listing(Module):
    "A module that says itself what its parameters are."
    def __init__(self, *ws): self.hidden = {'ws': ws}
    def parameters(self): return list(self.hidden['ws'])

class Slotted(Module):
    __slots__ = ('kept',)
    def __init__(self, *ws): self.kept = ws

@dataclasses.dataclass
class Record:
    first: object
    rest: tuple

class Holder(Module):
    def __init__(self, *parts): self.parts = parts

class Wrapped(Module):
    def __init__(self, part): self.part = part

containers = {
    'list': lambda *ws: list(ws), 'tuple': lambda *ws: ws, 'dict': lambda *ws: {f'k{i}': w for i, w in enumerate(ws)}, 'numbered dict': lambda *ws: dict(enumerate(ws)),
    'ordered dict': lambda *ws: collections.OrderedDict((str(i), w) for i, w in enumerate(ws)), 'deque': lambda *ws: collections.deque(ws),
    'user list': lambda *ws: collections.UserList(ws), 'user dict': lambda *ws: collections.UserDict(enumerate(ws)), 'values of a dict': lambda *ws: dict(enumerate(ws)).values(),
    'array': lambda *ws: np.array(ws, dtype=object), 'column': lambda *ws: np.array(ws, dtype=object).reshape(-1, 1), 'nested': lambda *ws: [[w] for w in ws],
    'named tuple': lambda *ws: collections.namedtuple('T', [f'f{i}' for i in range(len(ws))])(*ws), 'namespace': lambda *ws: types.SimpleNamespace(**{f'a{i}': w for i, w in enumerate(ws)}),
    'dataclass': lambda *ws: Record(ws[0], ws[1:]), 'module': Holder, 'slots': Slotted, 'parameters() of a module': Listing, 'parameters() of a plain class': Plain,
}

@pytest.mark.parametrize('deep', [lambda part: part, lambda part: [part], lambda part: {'x': Wrapped(part)}], ids=['at once', 'in a list', 'in a module in a dict'])
@pytest.mark.parametrize('kind', containers)
def test_parameters_are_found_saved_and_restored_wherever_they_are(kind, deep):
    leaves = [Value(float(i)) for i in range(4)]
    model, other = Wrapped(deep(containers[kind](*leaves))), Wrapped(deep(containers[kind](*[Value(9.0) for _ in leaves])))
    assert model.parameters() == leaves and list(dict(model.named_parameters()).values()) == leaves
    assert list(model.state_dict().values()) == [0.0, 1.0, 2.0, 3.0]
    other.load_state_dict(model.state_dict())
    assert [p.data for p in other.parameters()] == [0.0, 1.0, 2.0, 3.0]


def test_an_array_without_dimensions_holds_one_parameter():
    assert Wrapped(np.array(Value(2.0), dtype=object)).state_dict() == {'part.0': 2.0}


@pytest.mark.parametrize('part, says', [
    ({Value(1.0)}, 'part is a set'), (frozenset([Value(1.0), 2]), 'part is a set'), ({Layer(1, 1)}, 'part is a set'), ([{'a': {Value(1.0)}}], r'part.0.a is a set'),
    ({Value(1.0): Value(2.0)}, 'part has a Value as a key'), ({object(): Value(2.0)}, 'part has a object as a key'), ({1: Value(1.0), '1': Value(2.0)}, "two parameters have the name 'part.1'"),
    ({'a.0': Value(1.0), 'a': [Value(2.0)]}, "the name 'part.a.0'"), ([Value(0.3)*0.5], 'part.0 was computed'), ({'w': Value(0.3).exp()}, 'part.w was computed'),
])
def test_a_parameter_that_cannot_be_named_is_an_error(part, says):
    for use in (Module.parameters, Module.state_dict, Module.zero_grad, lambda m: m.load_state_dict({})):
        with pytest.raises(ValueError, match=says): use(Wrapped(part))


@pytest.mark.parametrize('part', [{1, 'a'}, {None: 1}, {Value: 1}, np.zeros(3), 'text', range(10**9), MLP, len, lambda x: x, {'a': [1.0]*3}, random.Random(0)])
def test_what_holds_no_parameters_has_no_say(part):
    assert Wrapped(part).parameters() == []


def test_what_parameters_lists_but_no_attribute_holds_is_an_error(tmp_path):
    lost = Value(1.0)
    class Forgetful(Module):
        def parameters(self): return [lost]
        def __call__(self, x): return lost*x[0]
    for use in (lambda m: list(m.named_parameters()), lambda m: fit(m, [[1.0]], [2.0], steps=1, progress=False), lambda m: save_checkpoint(tmp_path/'c.json', m)):
        with pytest.raises(ValueError, match=r'parameter 0 of parameters\(\) cannot be named'): use(Forgetful())
    assert lost.data == 1.0 and not list(tmp_path.iterdir())


def test_parameters_of_ones_own_decide():
    class Frozen(Module):
        def __init__(self): self.body, self.head = Layer(2, 2), Layer(2, 1)
        def parameters(self): return self.head.parameters()
    class Scaled(Module):
        def __init__(self): self.w = [Value(0.3)*0.5, Value(-0.2)*0.5]
        def parameters(self): return self.w
    assert [name for name, _ in Frozen().named_parameters()] == ['head.neurons.0.w.0', 'head.neurons.0.w.1', 'head.neurons.0.b']
    assert len(Wrapped(Frozen()).parameters()) == 3 and Scaled().state_dict() == {'w.0': 0.15, 'w.1': -0.1} == {k[5:]: v for k, v in Wrapped(Scaled()).state_dict().items()}


def test_a_module_that_holds_itself_has_its_parameters_once():
    a = Wrapped(Value(1.0))
    a.me, a.others = a, [Wrapped(a)]
    assert a.state_dict() == {'part': 1.0}


def test_an_output_that_is_kept_is_no_parameter():
    class Keeps(Module):
        def __init__(self): self.l, self.last = Layer(2, 1), None
        def __call__(self, x): self.last = self.l(x); return self.last
    model = Keeps()
    model([1.0, Value(2.0)*3])
    assert len(model.parameters()) == 3


@pytest.mark.parametrize('change', [
    lambda n: setattr(n, 'w', [w*0.5 for w in n.w]), lambda n: setattr(n, 'w', tuple(w*0.5 for w in n.w)), lambda n: setattr(n, 'b', n.b + 1), lambda n: setattr(n, 'w', [n.w[0], n.w[1]/2])],
    ids=['all', 'a tuple', 'bias', 'one'])
def test_computed_weights_are_taken_as_numbers(change):
    model = MLP(2, [3, 1])
    n = model.layers[0].neurons[1]
    before = [p.data for p in (*n.w, n.b)]
    change(n)
    assert len(model.parameters()) == 13 and not any(p._prev for p in model.parameters())
    assert all(now.data in (was, was/2, was + 1) for now, was in zip((*n.w, n.b), before))
    model([1.0, 2.0])


@pytest.mark.parametrize('change', [lambda w: w.__setitem__(1, w[1]*0.5), lambda w: w.__setitem__(0, w[0] + w[1]), lambda w: w.append(w[0]*w[1])], ids=['scaled', 'mixed', 'appended'])
def test_a_weight_that_is_computed_in_place_is_an_error(change):
    model = MLP(2, [2, 1])
    change(model.layers[0].neurons[0].w)
    with pytest.raises(ValueError, match=r'a weight or the bias of ReLUNeuron.*was computed.*Value\(x.data\)'): model.parameters()


def test_forward_is_called_call():
    class Net(Module):
        def forward(self, x): return x
    with pytest.raises(TypeError, match='Net does not say what it computes: define __call__.*forward'): Net()([1.0])
    with pytest.raises(TypeError, match='Module does not say'): Module()(1.0)


leaf = st.builds(lambda x: ('leaf', x), st.floats(-9, 9))
kinds = sorted({*containers} - {'dataclass', 'column', 'array', 'parameters() of a plain class', 'parameters() of a module'})
trees = st.recursive(leaf | st.just(('layer', 0.0)), lambda tree: st.tuples(st.sampled_from(kinds), st.lists(tree, min_size=1, max_size=3)), max_leaves=12)

def grown(tree, leaves):
    kind, rest = tree
    if kind == 'leaf':
        leaves.append(Value(rest))
        return leaves[-1]
    if kind == 'layer':
        layer = Layer(2, 2)
        leaves += layer.parameters()
        return layer
    return containers[kind](*[grown(branch, leaves) for branch in rest])

@settings(max_examples=200)
@given(trees)
def test_in_a_random_model_every_leaf_is_found_trained_saved_and_restored(tree):
    leaves, others = [], []
    model, other = Wrapped(grown(tree, leaves)), Wrapped(grown(tree, others))
    assert model.parameters() == leaves and len(set(dict(model.named_parameters()))) == len(leaves)
    sum(p*p for p in leaves).backward()
    for p in model.parameters(): p.data -= 0.25*p.grad
    state = model.state_dict()
    other.load_state_dict(state)
    assert [p.data for p in others] == [p.data for p in leaves] == list(state.values())
    model.zero_grad()
    assert not any(p.grad for p in leaves)
