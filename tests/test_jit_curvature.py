"Second derivatives, against gradients of the engine at points a little apart."
import copy, pickle
import numpy as np
import pytest
from micrograd import Value, engine, where
from micrograd.jit import jit
from micrograd.jit.curvature import Curvature
from expressions import takes_two
from jitted import executors, network, operations

def nudged(loss, leaves, h=1e-6):
    "The Hessian of a function of leaves, a row for each."
    def gradient(k, by):
        leaves[k].data += by
        for x in leaves: x.grad = 0.0
        loss(*leaves).backward()
        leaves[k].data -= by
        return np.array([x.grad for x in leaves])
    return np.array([(gradient(k, h) - gradient(k, -h))/(2*h) for k in range(len(leaves))])

def check(loss, leaves, executor='llvm'):
    bend = Curvature(jit(loss(*leaves), leaves, executor=executor))
    expected = nudged(loss, leaves)
    np.testing.assert_allclose(bend.hessian(), expected, rtol=1e-5, atol=1e-6)
    direction = np.linspace(-1.0, 0.7, len(leaves))
    value, slope = bend.jvp(direction)
    value_too, gradients = bend.f()
    assert value == value_too and slope == pytest.approx(np.dot(gradients, direction), abs=1e-12)
    np.testing.assert_allclose(bend.hvp(direction), expected @ direction, rtol=1e-5, atol=1e-6)

@pytest.mark.parametrize('name', operations)
def test_each_operation(name):
    f = operations[name]
    for a, b in ((0.71, 0.43), (0.33, 0.87)):
        both = [Value(a), Value(b)]
        if name in takes_two: check(lambda x, y: f(x*y + x, y)**2, both)
        else: check(lambda x, y: f(x*y)*x, both)

@executors
def test_choices_and_powers_with_a_variable_exponent(executor):
    both = [Value(0.71), Value(0.43)]
    check(lambda x, y: where(x - y, x**3*y, y**2) + (x*x)**(y + 1.0), both, executor)
    check(lambda x, y: (x.tanh()*y.sigmoid()).tanh().sigmoid() + engine.dot([x, y], [y, y], x), both, executor)

def test_a_network_with_an_input():
    model, x = network((3, 1), act='tanh'), [Value(0.3), Value(-0.5)]
    f = jit((model(x) - 1.0)**2, model.parameters(), x)
    bend = Curvature(f)
    H = np.array(bend.hessian([0.3, -0.5]))
    np.testing.assert_allclose(H, nudged(lambda *_: (model([0.3, -0.5]) - 1.0)**2, model.parameters()), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(H, H.T, atol=1e-12)
    assert bend.hessian([1.0, 2.0]) != H.tolist()

def test_what_is_straight_has_no_curvature():
    w = [Value(2.0), Value(3.0), Value(4.0)]
    assert Curvature(jit(2.0*w[0] + w[1], w)).hessian() == [[0.0]*3]*3
    assert Curvature(jit(w[0], w[:1])).jvp([2.0]) == (2.0, 2.0)

def test_copies_and_bad_calls():
    w = [Value(2.0), Value(3.0)]
    bend = Curvature(jit(w[0]**2*w[1], w))
    assert [twin.hessian() for twin in (pickle.loads(pickle.dumps(bend)), copy.deepcopy(bend))] == [[[6.0, 4.0], [4.0, 0.0]]]*2
    with pytest.raises(ValueError, match='2 numbers of a direction'): bend.hvp([1.0])
    with pytest.raises(TypeError, match='is made from jit'): Curvature(w[0])
