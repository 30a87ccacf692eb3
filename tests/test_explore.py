"What moves when a slider moves: the Values behind explore, and what explore.js is told. tests/site has the browser."
import copy, json, math, pickle, re, subprocess, sys
from types import SimpleNamespace
from xml.etree import ElementTree
import pytest
from micrograd import drawing, engine
from micrograd.engine import Value, dot, log, sqrt, topological
from micrograd.explore import LiveGraph, explore, graph_of, last_step, numbers_of, slider, sliders_of
from micrograd.viz import draw_dot, step_through, trace
from expressions import expressions, functions, made_by, operators, takes_two

inf, nan = math.inf, math.nan
ways = {**operators, **{name: getattr(engine, name) for name in functions}}
ways['dot'] = lambda a, b: dot([a, b, 2.0], [b, b, a], a)
points = [-2.5, -1.0, -0.0, 0.0, 0.1, 0.5, 1.0, 2.0, 7.0, 800.0]


def leaves(*numbers): return [Value(x, label=name) for x, name in zip(numbers, 'abcdefgh')]


def lecture(a=2.0, b=-3.0, c=10.0, f=-2.0):
    a, b, c, f = (Value(x, label=name) for x, name in ((a, 'a'), (b, 'b'), (c, 'c'), (f, 'f')))
    e = a * b; e.label = 'e'
    d = e + c; d.label = 'd'
    L = d * f; L.label = 'L'
    return L


def all_numbers(root): return [repr(x) for node in trace(root)[0] for x in (node.data, node.grad)]


def afresh(f, *numbers):
    "All data and gradients of a graph that was made with these numbers."
    out = f(*leaves(*numbers))
    out.backward()
    return all_numbers(out)


# ---- moving a leaf is the same as starting from the other number

@pytest.mark.parametrize('name', ways)
def test_every_operation_gives_what_a_fresh_graph_gives(name):
    f = ways[name]
    count = 2 if name in takes_two | {'dot'} else 1
    numbers = [0.7, 1.3][:count]
    root = f(*leaves(*numbers))
    live = LiveGraph(root)
    for k in range(count):
        place = next(i for i, node in enumerate(live.nodes) if node.label == 'ab'[k])
        for x in points:
            numbers[k] = x
            live.move(place, x)
            assert all_numbers(root) == afresh(f, *numbers), (name, numbers)
        numbers[k] = 1.1
        live.move(place, 1.1)


@pytest.mark.parametrize('name', engine.operations)
def test_every_operation_of_the_engines_table_can_be_explored(name):
    root = made_by(name)
    live, operation = LiveGraph(root), engine.operations[name]
    numbers = [node.data for node in live.nodes[:-1]]
    for i, number in enumerate(numbers):
        numbers[i] = number + 0.1
        live.move(i, numbers[i])
        assert root.data == operation.value(*numbers, *[3.0] * (name == '**k'))
    told = numbers_of(live)
    assert len(told['forward']) == 1 and all(leaf in told['forward'][0] for leaf in 'abc'[:len(numbers)])
    assert len(told['steps'][-1]['says']) == len(root._prev)
    assert graph_of(live)['nodes'][-1]['op'] == root._op


@pytest.mark.parametrize('name, start', [
    ('readme', (-4.0, 2.0)), ('neuron', (2.0, 0.0, -3.0, 1.0, 6.8813735870195432)), ('reuse', (2.0,)),
    ('power of itself', (1.5,)), ('norm', (3.0, 4.0)), ('b = 3a, b*b', (2.0,))])
def test_whole_expressions_too(name, start):
    f, numbers = expressions[name], list(start)
    root = f(*leaves(*numbers))
    live = LiveGraph(root)
    for k in range(len(numbers)):
        place = next(i for i, node in enumerate(live.nodes) if node.label == 'abcdefgh'[k])
        for x in (-1.5, 0.0, 3.25):
            numbers[k] = x
            live.move(place, x)
            assert all_numbers(root) == afresh(f, *numbers)


@pytest.mark.parametrize('twin', [copy.deepcopy, lambda root: pickle.loads(pickle.dumps(root))])
def test_copied_graphs_move_too(twin):
    root = twin((lambda a, b: (a**2 + a // b) * b)(*leaves(2.0, 3.0)))
    live = LiveGraph(root)
    live.move(live.named[0], 5.0)
    assert all_numbers(root) == afresh(lambda a, b: (a**2 + a // b) * b, 5.0, 3.0)


def test_gradients_are_set_and_not_added():
    L = lecture()
    L.backward()
    L.backward()
    live = LiveGraph(L)
    assert live.nodes[0].grad == 12.0
    live.move(0, 2.0)
    live.move(0, 2.0)
    assert live.nodes[0].grad == 6.0


def test_what_was_changed_by_hand_is_taken_over():
    L = lecture()
    live = LiveGraph(L)
    live.nodes[1].data = 4.0
    live.move(0, 1.0)
    assert L.data == (1.0*4.0 + 10.0) * -2.0
    live.nodes[0].data = 0.0
    assert LiveGraph(L) and L.data == -20.0 and live.nodes[0].grad == -8.0


def test_a_leaf_alone_can_be_moved():
    a, = leaves(2.0)
    live = LiveGraph(a)
    live.move(0, 3.0)
    assert (a.data, a.grad, last_step(live)) == (3.0, 1.0, 1)
    assert [step['says'] for step in numbers_of(live)['steps']][1] == ['a gets 1.0: it moves exactly as much as itself.']


# ---- what cannot be explored

def test_an_operation_of_the_users_is_refused_by_name():
    a, = leaves(2.0)
    out = Value(a.data**3, (a,), 'cube', label='y')
    with pytest.raises(TypeError, match="'cube', labelled 'y'.*none of those in micrograd.engine"): LiveGraph(out)
    def backward(): a.grad += 3 * a.data**2 * out.grad
    out._backward = backward
    with pytest.raises(TypeError, match="'cube'"): explore(out + 1)
    lookalike = Value(math.exp(a.data), (a,), 'exp')
    lookalike._backward = backward
    with pytest.raises(TypeError, match="'exp'"): LiveGraph(lookalike)


def test_nodes_of_other_packages_are_refused_by_name():
    a = SimpleNamespace(data=2.0, grad=0.0, _prev=(), _op='', label='a')
    twice = SimpleNamespace(data=4.0, grad=0.0, _prev=(a, a), _op='+', label='')
    with pytest.raises(TypeError, match=r"'\+'"): LiveGraph(twice)


@pytest.mark.parametrize('wrong', [3.0, None, 'L', Value, [Value(1.0)]])
def test_what_is_no_graph_is_refused(wrong):
    with pytest.raises(TypeError, match='expected a Value'): explore(wrong)


def test_a_graph_too_large_is_refused_and_the_largest_is_not():
    total = Value(0.0)
    for _ in range(60): total = total + 1.0
    assert len(LiveGraph(total).nodes) == 121
    with pytest.raises(ValueError, match='explore shows at most 60 operations on 300 values, this graph has 61 on 123'):
        LiveGraph(total + 1.0)
    with pytest.raises(ValueError, match='step through a part of it'): step_through(total + 1.0)


def test_without_anywidget_the_error_names_the_extra(monkeypatch):
    sys.modules["micrograd.explore"]._explorer_class.cache_clear()
    monkeypatch.setitem(sys.modules, 'anywidget', None)
    with pytest.raises(ImportError, match=re.escape('pip install "literate-micrograd[anywidget]"')): explore(lecture())


def test_viz_imports_no_widget():
    code = 'import sys, micrograd.viz; print([name for name in ("anywidget", "traitlets", "ipywidgets", "graphviz", "micrograd.explore") if name in sys.modules])'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout == '[]\n'


# ---- the widget

def test_moving_a_slider_changes_the_real_values():
    L = lecture()
    shown, a = explore(L), L._prev[0]._prev[0]._prev[0]
    assert a.grad == 0.0 and shown.numbers['data'][-1] == '-8.0000' and shown.at == 7
    shown.moved = {'node': 0, 'value': 3.0}
    assert (a.data, a.grad, L.data, L.grad) == (3.0, 6.0, -2.0, 1.0)
    assert shown.numbers == numbers_of(LiveGraph(L)) and shown.numbers['data'][-1] == '-2.0000'
    assert shown.leaves[0] == slider(0, 'a', 3.0) and shown.trouble == ''
    shown.moved = {'node': 1, 'value': 4} # a whole number comes from a page as an int
    assert type(L._prev[0]._prev[0]._prev[1].data) is float and L.data == -44.0


@pytest.mark.parametrize('moved, says', [
    ({'node': 2, 'value': 1.0}, 'no slider for value 2'), ({'node': 99, 'value': 1.0}, 'no slider for value 99'),
    ({'value': 1.0}, 'no slider'), ({'node': 0, 'value': nan}, 'a must be a finite number, not nan'),
    ({'node': 0, 'value': inf}, 'finite'), ({'node': 0, 'value': '3'}, "not '3'"), ({'node': 0}, 'not None')])
def test_a_move_that_means_nothing_changes_nothing(moved, says):
    L = lecture()
    shown, before = explore(L), all_numbers(L)
    shown.moved = moved
    assert says in shown.trouble and all_numbers(L) == before
    shown.moved = {'node': 0, 'value': 1.0}
    assert shown.trouble == '' and L.data == -14.0


def test_without_a_front_end_there_is_a_short_text():
    assert repr(explore(lecture())) == '<Explorer: Expression graph of L, 7 values>'


def test_two_explorers_of_shared_leaves_do_not_mix():
    a, b = leaves(2.0, 3.0)
    first, second = explore(a * b), explore(a + b)
    first.moved = {'node': 0, 'value': 5.0}
    second.moved = {'node': 1, 'value': 1.0}
    assert first._live.nodes[-1].data == 15.0 and second._live.nodes[-1].data == 6.0 and a.grad == 1.0


# ---- what explore.js is told

def svg_parts(svg):
    root = ElementTree.fromstring(svg)
    return [(set(g.get('class', '').split()), [''.join(t.itertext()).strip() for t in g.iter('{http://www.w3.org/2000/svg}text')])
            for g in root.iter('{http://www.w3.org/2000/svg}g')]


@pytest.mark.parametrize('f, count', [
    (lambda a, b, c: (a*b + c).tanh(), 3), (lambda a: a + a, 1), (lambda a, b: dot([a, b], [b, b], a), 2), (lambda a: a, 1),
    (lambda a: (a**2) ** a, 1)])
def test_every_text_that_changes_can_be_found_in_the_picture(f, count):
    graph = graph_of(LiveGraph(f(*leaves(*[1.0]*count))))
    parts = svg_parts(graph['svg'])
    for i, node in enumerate(graph['nodes']):
        texts, = [texts for classes, texts in parts if {'value', f'v{i}'} <= classes]
        assert texts[-2].startswith('data ') and texts[-1].startswith('grad ') and texts[0] == node['name']
        assert sum({'op', f'o{i}'} <= classes for classes, _ in parts) == bool(node['op'])
        for k in range(len(node['prev'])):
            texts, = [texts for classes, texts in parts if {'edge', f'o{i}', f'a{k}'} <= classes]
            assert texts[0].startswith('×')


def test_the_key_changes_with_the_structure_only():
    live = LiveGraph(lecture())
    before = graph_of(live)
    live.move(0, -123456.0)
    assert graph_of(live) == before and graph_of(LiveGraph(lecture(1.0, 2.0, 3.0, 4.0))) == before
    a, b = leaves(1.0, 2.0)
    assert len({graph_of(LiveGraph(f))['key'] for f in (a + b, b + a, a * b, a + a, a**2, a**3, a.exp())}) == 7


def test_the_picture_is_not_made_again_where_it_is_known(monkeypatch):
    live = LiveGraph(lecture())
    graph = graph_of(live)
    def layout(source): raise AssertionError('the layout was made again')
    monkeypatch.setattr(drawing, 'layout', layout)
    assert graph_of(live, known=graph['key']) == graph | {'svg': ''}


def test_other_pictures_are_not_marked():
    assert ' a0' not in draw_dot(lecture(), local=True).source and ' a0' not in step_through(lecture())._source


def test_the_steps_lead_to_the_gradients_and_say_the_same_as_the_stepper():
    L = lecture()
    numbers, film = numbers_of(LiveGraph(L)), step_through(L).steps
    assert [step['says'] for step in numbers['steps']] == [step.sentences for step in film]
    grads = {}
    for told, step in zip(numbers['steps'], film):
        grads.update(map(tuple, told['grads']))
        assert [grads[i] for i in range(7)] == [drawing.four_decimals(grad) for grad in step.grads] and told['node'] == step.node
    assert [len(told['grads']) for told in numbers['steps']] == [7, 1, 2, 2, 2] # what a step leaves alone is not said again
    assert numbers['local'][2] == ['-3.0', '2.0'] and numbers['data'][4] == '4.0000'
    assert last_step(LiveGraph(L)) == len(numbers['forward']) + len(numbers['steps']) - 1 == 7


@pytest.mark.parametrize('f, says', [
    (lambda a, b: a + b, 'y = a + b = -2.0 + (-3.0) = -5.0'), (lambda a, b: a - b, 'y = a − b = -2.0 − (-3.0) = 1.0'),
    (lambda a, b: a * b, 'y = a × b = -2.0 × (-3.0) = 6.0'), (lambda a, b: a // b, 'y = a // b = -2.0 // (-3.0) = 0.0'),
    (lambda a, b: a**2, 'y = a**2 = (-2.0)**2 = 4.0'), (lambda a, b: a**b, 'y = a ** b = (-2.0) ** (-3.0) = -0.125'),
    (lambda a, b: -a, 'y = −a = −(-2.0) = 2.0'), (lambda a, b: abs(a), 'y = abs(a) = abs(-2.0) = 2.0'),
    (lambda a, b: a.tanh(), 'y = tanh(a) = tanh(-2.0) = -0.964'), (lambda a, b: a.maximum(b), 'y = maximum(a, b) = maximum(-2.0, -3.0) = -2.0'),
    (lambda a, b: dot([a], [b], b), 'y = a × b + b = -2.0 × (-3.0) + (-3.0) = 3.0'),
    (lambda a, b: dot([a]*5, [b]*5, b), 'y = dot of 11 numbers = 27.0')])
def test_a_sentence_says_how_a_result_came_about(f, says):
    y = f(*leaves(-2.0, -3.0))
    y.label = 'y'
    assert numbers_of(LiveGraph(y))['forward'] == [says]


def test_the_nudge_agrees_with_the_gradient_and_differs_at_a_corner():
    checks = numbers_of(LiveGraph(lecture()))['check']
    assert [(c['name'], c['grad'], c['nudged'], c['agree']) for c in checks] == [
        ('a', '6.0000', '6.0000', True), ('b', '-4.0000', '-4.0000', True), ('c', '-2.0000', '-2.0000', True), ('f', '4.0000', '4.0000', True)]
    a, = leaves(0.0)
    corner, = numbers_of(LiveGraph(a.relu()))['check']
    assert (corner['grad'], corner['nudged'], corner['agree']) == ('0.0000', '0.5000', False)


@pytest.mark.parametrize('f, x', [
    (lambda a: a + 1e9, 1.0), (lambda a: a * 1e-9, 1.0), (lambda a: a**3, 1e6), (lambda a: a.exp(), 30.0), (lambda a: a.log(), 1e-3),
    (lambda a: 1 / a, 1e8), (lambda a: a.tanh(), 20.0), (lambda a: a - a, 1e12)])
def test_the_nudge_is_not_led_astray_by_rounding(f, x):
    check, = numbers_of(LiveGraph(f(*leaves(x))))['check']
    assert check['agree'], check


def test_a_nudge_leaves_everything_as_it_is():
    L = lecture()
    live, before = LiveGraph(L), all_numbers(L)
    numbers_of(live)
    assert all_numbers(L) == before


@pytest.mark.parametrize('f, x', [(lambda a: 1 / a, 0.0), (lambda a: a.log(), -1.0), (lambda a: a.exp(), 1e3), (lambda a: a + 1, inf), (lambda a: a * 2, nan), (lambda a: a % 0.0, 1.0)])
def test_numbers_that_are_none_go_to_the_page_as_text(f, x):
    live = LiveGraph(f(*leaves(x)))
    told = json.dumps([graph_of(live), numbers_of(live), sliders_of(live)], allow_nan=False)
    assert re.search('"(inf|-inf|nan)"', told)


@pytest.mark.parametrize('value, ends, step', [
    (2.0, 5.0, 0.01), (-3.0, 5.0, 0.01), (0.0, 5.0, 0.01), (10.0, 20.0, 0.02), (-100.0, 200.0, 0.2), (nan, 5.0, 0.01), (inf, 5.0, 0.01), (1.7e308, 1e308, 1e305), (0.001, 0.002, 4e-6)])
def test_a_slider_has_room_around_its_number(value, ends, step):
    leaf = slider(0, 'a', value)
    assert (leaf['min'], leaf['max'], leaf['step']) == (-ends, ends, step)


def test_sliders_are_for_labels_or_for_all_where_there_are_none():
    a, b = leaves(1.0, 2.0)
    assert [leaf['name'] for leaf in sliders_of(LiveGraph(2*a + b))] == ['a', 'b']
    assert [leaf['name'] for leaf in sliders_of(LiveGraph(Value(1.0) * Value(2.0)))] == ['v0', 'v1']


def test_a_chain_keeps_its_order():
    x, = leaves(1.0)
    y = x
    for _ in range(60): y = y.tanh()
    live = LiveGraph(y)
    live.move(0, 0.5)
    assert [id(node) for node in topological(y)] == [id(node) for node in live.nodes[1:]] and numbers_of(live)['check'][0]['agree']


def test_the_nudge_stays_inside_the_domain():
    a, b = Value(1e-8, label='a'), Value(1e-6, label='b')
    assert all(check['agree'] for check in numbers_of(LiveGraph(log(a) + sqrt(b)))['check'])


def test_true_is_no_number_to_move_to():
    a = Value(2.0, label='a')
    explored = explore(a*a)
    explored.moved = {'node': 0, 'value': True}
    assert a.data == 2.0 and 'must be a finite number' in explored.trouble
