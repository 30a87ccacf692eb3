"The playground's Python, in this one: what may be typed, what is said of mistakes, and what comes back. In a browser: tests/site."
import ast, json, re, sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs
import pytest
from micrograd import Value, drawing, engine
from micrograd.viz import step_through

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'nbs'/'live'))
import playground


@pytest.fixture(autouse=True)
def layout(monkeypatch):
    "No test here looks at a drawing; laying one out takes a program."
    boxes = lambda source: '<svg width="10pt" height="10pt">' + ''.join(f'<g class="node value v{i}"><text>data</text><text>grad</text></g>' for i in range(source.count('class="value'))) + '</svg>'
    monkeypatch.setattr(drawing, 'layout', boxes)
    playground.keys.clear()
    playground.programs.clear()


def run(text, **options):
    answer = playground.run(text, **options)
    json.dumps(answer, allow_nan=False)
    return answer


def gradients(text, **options):
    "The gradients after the last step, by name."
    answer = run(text, **options)
    assert not answer['trouble'], answer['trouble']
    grads = {}
    for step in answer['numbers']['steps']: grads |= dict(step['grads'])
    return {answer_node['name']: grads[i] for i, answer_node in enumerate(answer['graph']['nodes'])}


# ---- what comes back

@pytest.mark.parametrize('name', playground.examples)
def test_examples_give_the_gradients_of_the_package(name):
    text = playground.examples[name]
    given = {'Value': lambda x, *rest, **named: Value(x), **{f: getattr(engine, f) for f in playground.functions}}
    plainly = '\n'.join(re.sub(r'^(\w+) = (-?[\d.]+)$', r'\1 = Value(\2)', line) for line in text.splitlines() if 'import' not in line)
    exec(plainly, given)
    result = list(ast.parse(text).body)[-1]
    given[result.targets[0].id if isinstance(result, ast.Assign) else result.target.id].backward()
    shown = gradients(text)
    for leaf in run(text)['leaves']: assert float(shown[leaf['name']]) == pytest.approx(given[leaf['name']].grad, abs=6e-5)
    assert all(check['agree'] for check in run(text)['numbers']['check'])


def test_the_sentences_are_those_of_step_through():
    a, b = Value(2.0, label='a'), Value(-3.0, label='b')
    L = a*b; L.label = 'L'
    answer = run('a = 2.0\nb = -3.0\nL = a*b')
    assert [step['says'] for step in answer['numbers']['steps']] == [step.sentences for step in step_through(L).steps]


@pytest.mark.parametrize('text, result, leaves', [
    ('a = 2\nb = a + a', 'b', ['a']),
    ("a = Value(2.0, label='x')\nb = a + a; b.label = 'y'", 'y', ['x']),
    ("a, b = Value(2.0, label='a'), Value(-3.0, label='b')\nL = a*b", 'L', ['a', 'b']),
    ('(a, b) = 1.5, -2\na*b', 'v2', ['a', 'b']),
    ('a = 2.0; b = a*a; b = b + a; b += 1', 'b₃', ['a']),
    ('a = 2.0\ndef f(x):\n    y = x*x\n    return y + 1\nL = f(a) + f(a + 1)', 'L', ['a']),
    ('a = 2.0\ns = 0\nfor k in range(3): s = s + a**k\ns', 's₄', ['s', 'a']),
    ('import math\nfrom micrograd.engine import Value as V, tanh\nimport micrograd as mg\na = 0.5\nL = tanh(a) + math.exp(1) + mg.sin(a) + V(1.0)', 'L', ['a']),
    ('from micrograd.viz import draw_dot, step_through\na = 2.0\nL = a*a\nL.backward()\ndraw_dot(L)\nstep_through(L).animate()', 'L', ['a']),
    ('w = 1.0\nn = MLP(2, [2, 1])\nL = n([w, 2.0])', 'L', ['w']),
    ('a = 2.0\nif a > 1: L = a*3\nelse: L = -a', 'L', ['a']),
    ('a = 2.0\nfor _ in range(3): a2 = a*2', 'a2₃', ['a']),
    ('α = 2.0\nβ = α*α', 'β', ['α']),
    ('a = 5.0', 'a', ['a']),
    ("a = Value(1.0, label='<img src=x onerror=alert(1)>&')\nL = a*2", 'L', ['<img src=x onerror=aler…']),
    ('from math import pi, pow, log\na = 2.0\nL = a*pi + pow(2, 3) + log(8, 2)', 'L', ['a']),
    ('from micrograd.engine import tanh as t\na = 2.0\nL = t(a)', 'L', ['a']),
    ('from math import *\nfrom micrograd.engine import *\na = 2.0\nL = a*pi + tanh(a)', 'L', ['a']),
    ('import micrograd.viz\na = 2.0\nL = a*a\nmicrograd.viz.draw_dot(L)', 'L', ['a']),
    ("a = Value(data=3.0, label='x')\nL = a*a", 'L', ['x']),
    ('a = 2.0\nL = a*a\nL.label = a', 'Value(data=2.0, grad=0.…', ['a']),
    ('a = 2.0\nL = a*a\nL.label = [1]', '[1]', ['a']),
])
def test_programs(text, result, leaves):
    answer = run(text)
    assert answer['trouble'] == ''
    assert answer['graph']['nodes'][-1]['name'] == result
    assert [leaf['name'] for leaf in answer['leaves']] == leaves


def test_a_function_that_uses_its_result_twice_is_not_in_the_way():
    assert gradients('a = 3.0\nb = a + a') == {'a': '2.0000', 'b': '1.0000'}


def test_the_reader_calling_backward_changes_nothing():
    text = 'a = 3.0\nb = a*a'
    assert gradients(text) == gradients(text + '\nb.backward()\nb.backward()\na.grad = 7')


def test_a_network_has_the_same_weights_each_time():
    text = 'x = 0.5\ny = MLP(2, [2, 1])([x, 1.0])'
    assert run(text) == run(text)


def test_several_results():
    text = 'a = 2.0\nb = 3.0\nc = a + b\nd = a*b'
    assert run(text)['results'] == ['c', 'd'] and run(text)['result'] == 'd'
    assert run(text, of='c')['graph']['nodes'][-1]['name'] == 'c'
    assert run(text, of='nothing')['result'] == 'd'
    assert run('a = 2.0\n[a*2, a*3]')['results'] == ['the last line′', 'the last line']


def test_what_is_printed_comes_back_up_to_an_end():
    assert run('a = 2.0\nprint("a is", a.data, end="!\\n")\nprint(f"{a.data:.2f}")')['printed'] == 'a is 2.0!\n2.00\n'
    long = run('a = 2.0\nfor i in range(10**5): print(i)')['printed']
    assert long.startswith('0\n1\n2\n') and 2000 < len(long) < 2050 and long.endswith('(cut after 2,000 characters)')
    assert len(run('a = 2.0\nprint("x"*10**6)')['printed']) < 2050
    assert run('a = 2.0\nprint(a.data)\nL = a*g')['printed'] == '' and run('a = 2.0\nprint(a.data)\nL = a*(1/0)')['printed'] == '2.0\n'
    assert run('def f(): print("here")\nf()')['printed'] == 'here\n'
    assert run('a = 2.0\nprint("a", 1, sep=None, flush=True)\nfor i in range(9): print(end="")')['printed'] == 'a 1\n'


# ---- sliders write into the text

@pytest.mark.parametrize('text, moves, then', [
    ('a = 2.0\nb = -3.0\nL = a*b', {'1': 4.25}, 'a = 2.0\nb = 4.25\nL = a*b'),
    ('a = 2.0\nb = -3.0\nL = a*b', {'0': -1, '1': 1e-7}, 'a = -1.0\nb = 1e-07\nL = a*b'),
    ("a = Value( - 2 , label='a')  # α β\nL = a*a", {'0': 3.5}, "a = Value( 3.5 , label='a')  # α β\nL = a*a"),
    ('α = 1; γ = (2.0)\nL = α*γ', {'1': 9.0}, 'α = 1; γ = (9.0)\nL = α*γ'),
    ('a, b = 1.0, Value(2.0)\nL = a*b', {'0': 7.5, '1': 8.5}, 'a, b = 7.5, Value(8.5)\nL = a*b'),
    ('a = 2.0\r\nL = a*a', {'0': 3.0}, 'a = 3.0\nL = a*a'),
    ('a = 2.0\nL = a*a', {'0': 6.8813735870195432}, 'a = 6.881373587019543\nL = a*a'),
    ('a = 2.0\nL = a*a', {}, 'a = 2.0\nL = a*a'),
    ('a = 2.0\nL = a*a', {'7': 3.0}, 'a = 2.0\nL = a*a'),
])
def test_moving(text, moves, then):
    run(text)
    answer = run(text, moves=moves)
    assert answer['text'] == then
    playground.programs.clear()
    assert run(then) == answer # as if the reader had typed it


def test_moving_on_and_on():
    text = run('a = 2.0\nb = 1\nL = a*b')['text']
    for number in (-1.0, 10.25, 3.0, -0.001): text = run(text, moves={'0': number})['text']
    text = run(text, moves={'1': 0.5})['text']
    assert text == 'a = -0.001\nb = 0.5\nL = a*b'
    assert [leaf['value'] for leaf in run(text)['leaves']] == [-0.001, 0.5]


def test_the_drawing_is_sent_once():
    text = playground.examples["micrograd's README"]
    first = run(text)
    assert first['graph']['svg']
    again = run(text, moves={'0': 1.0}, drawn=first['graph']['key'])
    assert again['graph'] is None and again['numbers'] != first['numbers']
    playground.keys.clear() # Python was started anew
    assert run(text, drawn=first['graph']['key'])['graph']['svg'] == ''
    assert run(text, drawn='another')['graph']['svg']


# ---- what is said of mistakes

@pytest.mark.parametrize('text, says', [
    ('', 'There is nothing to compute yet. Type an expression'),
    ('# only a remark', 'There is nothing to compute yet.'),
    ('a = 2.0\nL = a*', 'Line 2 (L = a*): Python cannot read this.'),
    ('a = 2.0\nL = (a*2', "Line 2 (L = (a*2): '(' was never closed."),
    ('a = 2.0\nL = a × 3', "Line 2 (L = a × 3): invalid character '×' (U+00D7). Write * for it."),
    ('x = 3.0\ny = 3*x² + 5', 'Write **2 for it.'),
    ('x = 3.0\ny = 5 − x', 'Write - for it.'),
    ('a = 2.0\nL = 2a', 'Line 2 (L = 2a): invalid decimal literal. To multiply, write the sign: 2*a.'),
    ('a = 2.0\n  L = a', 'Line 2 (L = a): unexpected indent.'),
    ('a = 2.0\nL = a*g', 'Line 2 (L = a*g): g has no value yet.'),
    ('L = ((a*b + c)*f).tanh()', 'Line 1 (L = ((a*b + c)*f).tanh()): a, b, c and f have no value yet.'),
    ('alpha = 2.0\nL = alpah*2', 'alpah has no value yet. Do you mean alpha?'),
    ('a = 2.0\nL = sigmod(a)', 'there is no function sigmod here. Do you mean sigmoid?'),
    ('def f(): return y\nL = f()\ny = 2.0', 'Line 1 (def f(): return y): y has no value yet where it is needed.'),
    ('a = 1/0', 'Line 1 (a = 1/0): a plain number is divided by zero.'),
    ('a = 2.0\nfor i in range(Value(3)): a = a*2', 'Line 2 (for i in range(Value(3)): a = a*2): a whole number is needed here, and this is a Value.'),
    ('a = 2.0\nb = [1, 2][a]', 'the place in a list is a whole number.'),
    ('a = 2.0\nL = a(3)', 'this is a number, and no function. To multiply, write the sign'),
    ('a = 2.0\nL = sum(a)', 'one Value stands where a list is needed'),
    ('a = 2.0\nL = a[0]', 'a Value is one number'),
    ('a = 2.0\nL = a.tahn()', 'a Value has no .tahn. Do you mean '),
    ('a = 1/len([1])\nL = a.tanh()', "Line 2 (L = a.tanh()): 'float' object has no attribute 'tanh': it is a plain number."),
    ('a = 2.0\nL = a^2', 'a power is written ** here'),
    ('a = 2.0\na ^= 2', 'a power is written ** here'),
    ('a = 2.0\nL = a @ a', "Line 2 (L = a @ a): unsupported operand type(s) for @: 'Value' and 'Value'."),
    ('a = 2.0\nL = a + "x"', "Line 2 (L = a + \"x\"): unsupported operand type(s) for +: 'Value' and 'str'."),
    ('a = Value(2j)', 'a Value holds one real number'),
    ('a = Value(10**400)', 'Line 1 (a = Value(10**400)): a number is too large'),
    ('import no_such_thing', "Line 1 (import no_such_thing): No module named 'no_such_thing': Python, its own modules and micrograd are all there is in a page."),
    ('from micrograd import Vlaue', "Line 1 (from micrograd import Vlaue): cannot import name 'Vlaue' from 'micrograd'"),
    ('exit()', 'The program ended itself.'),
    ('class Odd(Exception): pass\nraise Odd', 'Line 2 (raise Odd): Odd.'),
    ('3 + 4', 'The last line gives 7, a plain number'),
    ('def f(): pass', 'No Value has a name.'),
    ('[1, 2]', 'The last line gives a list without a Value in it.'),
    ('len', 'The last line gives a builtin_function_or_method'),
    ('a = 2.0\nassert a > 3, "too small"', 'Line 2 (assert a > 3, "too small"): the assertion does not hold: too small.'),
    ('def f(x): return f(x)\nf(1.0)', 'a function calls itself without an end'),
    ('[0]*10**18', 'this needs more memory than a page has'),
    ('a = 2.0\nwhile a < 1e9: a = a + 1', 'There are more than 50,000 Values at once'),
    ('a = 1.0\nL = ' + '+'.join(['a']*6000), 'Too much is put together in one expression.'),
    ('L = ' + '('*500 + '1' + ')'*500, 'Too much is put together in one expression.'),
    ('a = 1.0\n'*3000, 'The text has 24,000 characters, and 20,000 is the most.'),
    ('a = \0', 'There is a character in the text'),
    ('a = "\ud800"', 'There is a character in the text'),
    ("a = 1.0\nL = Value(3.0, (a,), 'mine')", "The operation 'mine', labelled 'L' cannot be computed with other numbers"),
    ('a = 2.0\nL = a*2\na.data = "x"', 'A Value holds one real number'),
    ('a = dot([1.0], [1.0, 2.0])', 'dot needs an input for each weight, but got 1 weights and 2 inputs'),
])
def test_sentences(text, says):
    answer = run(text)
    assert says in answer['trouble']
    assert answer['text'] == text.replace('\r\n', '\n') # what was typed is not lost
    assert answer['trouble'].endswith(('.', '?'))


@pytest.mark.parametrize('text, line', [('a = 1/0', 1), ('\n\n# here\nL = g', 4), ('def f(x):\n    return x/0\n\nL = f(1)', 2), ('a = (\n\n', 1)])
def test_the_line_of_a_mistake(text, line): assert run(text)['line'] == line and run(text)['trouble'].startswith(f'Line {line} ')


def test_what_is_missing_can_be_added():
    answer = run('from math import pi\na = 2.0\nL = a*g + exp(h)*pi')
    assert answer['add'] == 'g = 1.0, h = 1.0'
    assert answer['added'] == 'from math import pi\ng = 1.0\nh = 1.0\na = 2.0\nL = a*g + exp(h)*pi'
    assert [leaf['name'] for leaf in run(answer['added'])['leaves']] == ['a', 'g', 'h']
    assert run('a = thanh(2.0)')['add'] == ''


def test_where_infinity_comes_from():
    answer = run('a = 0.0\nb = 1.0\nL = b/a')
    assert answer['notes'] == ["The first number that is not finite: / of (b=1, a=0), labelled 'L' gave inf."]
    assert answer['numbers']['data'][-1] == 'inf'
    assert any('gradient' in note for note in run('a = 0.0\nL = sqrt(a)')['notes'])


def test_where_a_gradient_is_lost_is_said():
    note, = run('import math\na = 2.0\nL = a*math.exp(a)\nL = L + math.exp(a)')['notes']
    assert note.startswith('A Value became a plain number, through which no gradient passes.')


def test_what_is_not_a_part_of_the_result_is_said():
    assert run('a = 2.0\nb = 3.0\nL = a*a')['notes'] == ['b is not a part of L: moving it changes nothing there.']


# ---- large graphs

def test_ten_thousand_nodes():
    answer = run('a = 2.0\nb = 0.5\nx = a\nfor i in range(5000): x = x + b*0.001')
    assert answer['trouble'] == '' and 'numbers' not in answer
    assert answer['large']['says'].startswith('This graph has 15,002 values and 10,000 operations')
    assert answer['large']['rows'] == [['a', '2.0000', '1.0000'], ['b', '0.5000', '5.0000'], ['x₅₀₀₀', '4.5000', '1.0000']]


def test_the_gradients_of_a_large_graph_are_of_this_result_alone():
    text = 'a = 2.0\nx = a\nfor i in range(100): x = x + a'
    assert run(text)['large'] == run(text + '\nx.backward()\nx.backward()')['large']


def test_sixty_operations_are_drawn_and_no_more():
    text = 'x = 1.0\nfor i in range({}): x = -x'
    assert run(text.format(60))['large'] is None
    assert run(text.format(61))['large']


@pytest.mark.parametrize('end', ['', 'x = 0.0', '1/0', 'def f(): return x'])
def test_no_chain_is_left_to_follow_when_it_is_freed(end, monkeypatch):
    made, recording = [], playground.recording
    @contextmanager
    def watched():
        with recording() as nodes:
            made.append(nodes)
            yield nodes
    monkeypatch.setattr(playground, 'recording', watched)
    run(f'x = 1.0\nfor i in range(20000): x = x + 1\n{end}')
    assert len(made[0]) > 20000 and all(node._prev == () for node in made[0])


def test_the_engine_is_as_it_was_after_every_run():
    before = Value.__init__
    for text in ('a = 2.0', 'a = 1/0', 'a ='): run(text)
    assert Value.__init__ is before
    a = Value(2.0)
    assert (a*a)._prev == (a, a)


# ---- what the book writes, the playground takes

@pytest.mark.parametrize('text, result', [
    ('class Twice:\n    def __call__(self, x): return x*2\na = 2.0\nL = Twice()(a)', 'L'),
    ('a = 2.0\ntry: L = a/0*"x"\nexcept TypeError as error: L = a*3\nfinally: print("done")', 'L'),
    ('import random\nrandom.seed(1)\na = Value(random.random())\nL = a*a', 'L'),
    ('from micrograd import MLP\nfrom micrograd.train import SGD, mse\nn = MLP(2, [1])\nloss = mse([n([1.0, 2.0])], [0.5])\nloss.backward()\nSGD(n.parameters(), lr=0.1).step()\nloss', 'loss'),
    ('a = 2.0\nL = a*a\nclass Mine(Value): pass\nMine._backward = lambda self: None\nassert a._prev == () and L._prev == (a, a)', 'L'),
    ('import json, collections\nx: float = 1.5\na = 2.0\ndel x\nL = a + len(json.dumps([1]))', 'L'),
    ('def numbers():\n    yield 1.0\n    yield 2.0\na = 2.0\nL = sum(a*x for x in numbers())', 'L'),
    ('a = 2.0\nmatch 3:\n    case k: L = a*k', 'L'),
    ('lr = 0.1\nw = Value(3.0)\nL = w*w\nL.backward()\nw.data -= lr*w.grad', 'L'),
    ('n = 3\na = 2.0\nfor i in range(n): a = a*2', 'a₄'),
    ('a = 1/2\nL = a*a', 'L'),
    ('if True: a = 2.0\nfor k in range(2): b = 3.0\nL = a*b', 'L'),
    ('_a = 2.0\nL = getattr(_a, "tanh")()', 'L'),
])
def test_what_the_book_writes(text, result):
    answer = run(text)
    assert not answer['trouble'] and answer['graph']['nodes'][-1]['name'] == result


def test_a_slider_for_each_number_that_may_be_a_value():
    assert [leaf['name'] for leaf in run('n = 3\na = 2.0\nfor i in range(n): a = a*2')['leaves']] == ['a']
    assert [(leaf['name'], leaf['value']) for leaf in run('a = 1/2\nif a.data: b = -3\nL = a*b')['leaves']] == [('a', 0.5), ('b', -3.0)]
    assert run('a = 1/2\nL = a*a', moves={'0': 0.25})['text'] == 'a = 0.25\nL = a*a'
    assert len(run('L = 0\nfor k in range(3):\n    b = 2.0\n    L = L + b', moves={'1': 5.0})['leaves']) >= 3


def test_a_training_may_make_any_number_of_values(monkeypatch):
    "Only those that are still needed count, and those that are not are taken apart."
    monkeypatch.setattr(playground, 'most_nodes', 500)
    text = """
from micrograd.train import SGD, mse
n = MLP(2, [3, 1])
optimizer = SGD(n.parameters(), lr=0.1)
for step in range(100):
    loss = mse([n([1.0, 2.0]), n([0.5, -1.0])], [0.5, -0.5])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.data < 1e-3)
loss"""
    answer = run(text)
    assert answer['trouble'] == '' and answer['printed'] == 'True\n'
    assert 'more than 500 Values at once' in run('a = 2.0\nwhile a < 1e9: a = a + 1')['trouble']


def test_the_page_hears_what_is_printed_at_once(monkeypatch):
    "A program that has to be stopped has no answer."
    parts = []
    monkeypatch.setattr(playground, 'heard', parts.append)
    run('import sys\na = 2.0\nprint("a is", a.data)\nprint("there", file=sys.stderr)\nprint("x"*3000)\nprint("no more")')
    assert ''.join(parts) == f'a is 2.0\nthere\n{"x"*(2000 - 15)} ... (cut after 2,000 characters)'


def test_whatever_is_typed_an_answer_comes_back():
    from hypothesis import given, settings, strategies
    pieces = strategies.sampled_from(['a', 'b', ' = ', '2.0', '\n', '+', '*', '**', '(', ')', '[', ']', '.', 'tanh', ':', 'for ', ' in ', 'if ', '    ', ',', '"', "f'{", '}', 'lambda', 'Value(', '_', 'é', '\0', '=', 'range(3)', '-', '/', '0', 'print(', 'math.'])
    @settings(max_examples=300)
    @given(strategies.lists(pieces, max_size=25).map(''.join) | strategies.text(strategies.characters(exclude_categories=['Cs']), max_size=30))
    def check(text): assert isinstance(run(text)['trouble'], str)
    check()


@pytest.mark.parametrize('text', ['Value.label = 3', 'Value.data = 1\na = 2.0', 'V = Value\nV.grad = 0', 'MLP.act = 1', 'for Value.label in [1]: pass', 'Value.tanh = relu', 'math.exp = sin', 'math.b = 2.0', 'tanh.w = 5', 'import micrograd\nmicrograd.engine.exp = micrograd.tanh = None', 'import builtins\nbuiltins.sum = len', 'del Value.__mul__'])
def test_no_run_changes_the_next_one(text):
    run(text)
    assert gradients('a = 0.5\nn = MLP(2, [1])\nL = tanh(a) + a.tanh() + math.exp(1) + 0*n([a, 1.0])')['L'] == '1.0000'
    assert run('a = 1.0\nL = a*math.b')['trouble'] and run('a = 1.0\nL = a*tanh.w')['trouble']
    a = Value(2.0, label='a')
    assert (a.data, a.grad, a.label) == (2.0, 0.0, 'a') and a.tanh().data != a.relu().data


# ---- the page of the notebook

def page():
    cells = json.loads((root/'nbs'/'live'/'playground.ipynb').read_text(encoding='utf-8'))['cells']
    return [''.join(output['data'][kind]) for cell in cells if cell['cell_type'] == 'code' for output in cell['outputs'] for kind in ('text/html', 'text/markdown') if kind in output['data']]


def test_every_question_on_the_page_runs():
    links = re.findall(r'\]\(#(.*?)\)', page()[-1])
    assert 5 <= len(links) <= 8
    for link in links:
        state = {key: values[0] for key, values in parse_qs(link).items()}
        answer = run(state['text'])
        assert answer['trouble'] == '' and len(answer['leaves']) > 0, state
        assert int(state.get('at', 0)) < len(answer['numbers']['forward']) + len(answer['numbers']['steps'])


def test_the_first_paint_is_what_python_would_send():
    html = page()[0]
    contents = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S)[1])
    assert contents['examples'] == [list(pair) for pair in playground.examples.items()]
    shown, now = contents['shown'], run(next(iter(playground.examples.values())))
    assert '<g class="node value v0">' in shown['graph'].pop('svg')
    now['graph'].pop('svg')
    assert shown == now
    assert 'class="mg-steps"' in html and '<noscript>' in html


@pytest.mark.parametrize('text', ['xs = [' + '-1.0, '*3000 + ']\na = 2.0\nL = a*sum(xs)', 'a = 1.0\n' + 'b = (a + 1)*[2, 3][1]\n'*500, 'a = 1.0\nL = ' + '+'.join(['a']*55)], ids=['list', 'lines', 'sum'])
def test_what_is_long_is_not_deep(text): assert not run(text)['trouble']


@pytest.mark.parametrize('form', ['-', 'not ', '(', '[', '{', 'lambda: ', 'a + ', 'a**', 'a if a else ', '(a, ', 'f(', 'a and ', '-(', '[a][', 'a.data.'])
def test_what_is_deep_is_refused_before_python_reads_it(form, monkeypatch):
    monkeypatch.setattr(ast, 'parse', lambda text: pytest.fail('read'))
    assert run(f'a = 1.0\nL = {form*600}a')['trouble'] == playground.in_one_line
