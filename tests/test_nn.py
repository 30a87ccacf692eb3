"Networks: shapes, names, random numbers, states, and what is refused."
import copy, pickle, random
import numpy as np
import pytest
from micrograd import MLP, Layer, Module, Neuron, Value, softplus


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
    (lambda: Neuron(2, act='tan'), "'tanh'.*but got 'tan'"),
    (lambda: MLP(2, [1])([1.0]), '2 weights and 1 inputs'),
    (lambda: MLP(2, [3, 1])([1.0, 2.0, 3.0]), '2 weights and 3 inputs'),
])
def test_wrong_sizes_are_value_errors(make, says):
    with pytest.raises(ValueError, match=says): make()


@pytest.mark.parametrize('x', ['ab', None, [None, 1.0], [[1.0, 2.0], 3.0], np.zeros((2, 2))])
def test_wrong_inputs_are_type_errors(x):
    with pytest.raises(TypeError, match='inputs are|allowed here|one real number'): MLP(2, [2, 1])(x)


def test_scaled_weights_are_the_same_draws_divided_by_the_root_of_the_inputs():
    random.seed(1)
    plain = MLP(9, [4, 1]).parameters()
    random.seed(1)
    scaled = MLP(9, [4, 1], init='scaled').parameters()
    for p, q, root in zip(plain, scaled, [3]*40 + [2]*5): assert q.data == pytest.approx(p.data/root, rel=1e-15)
    with pytest.raises(ValueError, match="'uniform' or 'scaled', but got 'he'"): MLP(2, [1], init='he')
