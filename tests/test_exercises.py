"The page *exercises*: its checks refuse the stub and every wrong answer below, and accept the page's own answer and other right ones."
import json, re, sys
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
page = root/'nbs'/'tutorials'/'exercises.ipynb'
cells = [(c['cell_type'], ''.join(c['source'])) for c in json.loads(page.read_text(encoding='utf-8'))['cells']]
starts = [i for i, (kind, text) in enumerate(cells) if kind == 'markdown' and re.match(r'## \d+\. ', text)]
exercises = {int(re.match(r'## (\d+)', cells[i][1])[1]): [text for kind, text in cells[i:end] if kind == 'code']
             for i, end in zip(starts, [*starts[1:], len(cells)])}
helpers = [text for kind, text in cells[:starts[0]] if kind == 'code']


def judging(number, *answer):
    "To be judged; of the last one that takes long, as it trains a network."
    return pytest.param(number, *answer, marks=[pytest.mark.slow]*(number == 20))


each = pytest.mark.parametrize('number', [*map(judging, exercises)])


def names_of(number):
    "An exercise alone in a fresh namespace, up to its stub, which is not judged yet."
    names = {'__name__': 'exercise'}
    for text in (*helpers, *exercises[number]):
        *lines, last = text.split('\n')
        if last.startswith('verdict('):
            exec('\n'.join(lines), names)
            return names, text
        exec(text, names)


def judged(number, answer, name=None):
    "What the check says of an answer, given as the code that makes it."
    names, stub = names_of(number)
    exec(answer, names)
    check, mine = re.search(r'verdict\((\w+), (\w+)\)$', stub).groups()
    return names['verdict'](names[check], names[name or mine])


def times(rule, value='a.data*b.data'):
    return (f'def times(a, b):\n    out = Value({value}, (a, b), "*")\n'
            f'    def _backward(): {rule}\n    out._backward = _backward\n    return out')


def sine(rule, value='math.sin(x.data)'):
    return (f'def sine(x):\n    out = Value({value}, (x,), "sine")\n'
            f'    def _backward(): {rule}\n    out._backward = _backward\n    return out')


def length(rule, value='math.hypot(x.data, y.data)'):
    rule = '\n        '.join(rule.splitlines())
    return (f'def length(x, y):\n    out = Value({value}, (x, y), "length")\n'
            f'    def _backward():\n        {rule}\n    out._backward = _backward\n    return out')


huber = '''def huber(predictions, targets):
    errors = [p - t for p, t in zip(predictions, targets)]
    pieces = [{piece} for e in errors]
    return {total}'''
softmax = '''def softmax(scores):
    shift = {shift}
    parts = [(s - shift).exp() for s in scores]
    return [part / sum(parts) for part in parts]'''
smooth = '''def smooth(scores):
    shift = max(s.data for s in scores)
    parts = [({sharp}*(s - shift)).exp() for s in scores]
    return {total}.log()/{sharp} + shift'''

wrong = {
    1: ['slope = lambda f, x, h: (f(x + h) - f(x)) / h', 'slope = lambda f, x, h: (f(x) - f(x - h)) / h',
        'slope = lambda f, x, h: (f(x + h) - f(x - h)) / h', 'slope = lambda f, x, h: 3*x*x', 'slope = lambda f, x, h: 12.0'],
    2: ['gradient = lambda f, xs: [(f(*[x + 1e-6 for x in xs]) - f(*xs))/1e-6 for _ in xs]',
        'def gradient(f, xs):\n    out = []\n    for i in range(len(xs)):\n        before = f(*xs)\n        xs[i] += 1e-6\n        out.append((f(*xs) - before)/1e-6)\n    return out',
        'gradient = lambda f, xs: [(f(*xs[:i], xs[i] + 0.5, *xs[i+1:]) - f(*xs))/0.5 for i in range(len(xs))]',
        'gradient = lambda f, xs: sum((f(*xs[:i], xs[i] + 1e-6, *xs[i+1:]) - f(*xs))/1e-6 for i in range(len(xs)))'],
    3: ['pencil = lambda a, b, c: [6*a**2, 2*b*c, b**2 - 6/c**2]', 'pencil = lambda a, b, c: [6*a, 2*b*c, b**2 + 6/c**2]',
        'pencil = lambda a, b, c: [6*a**2, 2*b, b**2 + 6/c**2]', 'pencil = lambda a, b, c: [6.0, 12.0, 10.5]'],
    4: [times('a.grad += b.data; b.grad += a.data'), times('a.grad += a.data*out.grad; b.grad += b.data*out.grad'),
        times('a.grad += b.data*out.grad; b.grad = a.data*out.grad'), times('a.grad += b.data*out.grad; b.grad += a.data*out.grad', 'a.data + b.data')],
    5: ['sine = lambda x: x', sine('x.grad += math.cos(x.data)'), sine('x.grad = math.cos(x.data)*out.grad'),
        sine('x.grad -= math.cos(x.data)*out.grad'), sine('x.grad += math.cos(x.data)*out.grad', 'x.data - x.data**3/6')],
    6: ['length = lambda x, y: abs(x) + abs(y)', 'length = lambda x, y: (x*x + y*y).sqrt()', 'length = lambda x, y: (x*x + y*y + 1e-12).sqrt()',
        length('if out.data: x.grad = x.data/out.data*out.grad; y.grad = y.data/out.data*out.grad'),
        length('if out.data: x.grad += x.data/out.data; y.grad += y.data/out.data')],
    7: ['def curvature(f, x, h=0.001):\n    leaf, slopes = Value(x), []\n    for leaf.data in (x - h, x + h):\n        f(leaf).backward()\n        slopes.append(leaf.grad)\n    return (slopes[1] - slopes[0])/(2*h)',
        'def curvature(f, x, h=0.001):\n    leaf = Value(x)\n    f(leaf).backward()\n    return leaf.grad',
        'curvature = lambda f, x, h=0.001: (f(Value(x + h)).data - f(Value(x - h)).data)/(2*h)', 'curvature = lambda f, x: 6*x'],
    8: ['counting = lambda root: root.backward()',
        'def counting(root):\n    root.grad, order = 1.0, [root]\n    for node in order:\n        node._backward()\n        order += [x for x in dict.fromkeys(node._prev) if x not in order]\n    return order',
        'def counting(root):\n    root.grad, order = 1.0, []\n    def visit(node):\n        order.append(node)\n        node._backward()\n        for x in node._prev: visit(x)\n    visit(root)\n    return order',
        'def counting(root):\n    root.grad = 1.0\n    nodes, _ = trace(root)\n    for node in nodes: node._backward()\n    return nodes'],
    9: ['products = [12]', 'products = [4, 4, 4]', 'products = [6, 12]', 'products = [6, -12, 18]', 'products = [6, 12, -6, 0]'],
    10: ['def count_paths(root, leaf): return sum(len(node._prev) for node in trace(root)[0])', 'def count_paths(root, leaf): return len(trace(root)[0])',
         'def count_paths(root, leaf): return 2**(len(trace(root)[0]) - 1)',
         'def count_paths(root, leaf): return root is leaf or sum(count_paths(x, leaf) for x in root._prev)'],
    11: ['grads = dict(w0=6, w1=-3, b=3, v0=-4, v1=2, c=-2, x0=3, x1=-3)', 'grads = dict(w0=6, w1=-3, b=3)', 'grads = {}',
         'grads = dict(w0=6, w1=-3, b=3, v0=4, v1=-2, c=2, x0=-1, x1=-9)'],
    12: ['leaky = lambda z: Value(max(z.data, 0.1*z.data))', 'leaky = relu', 'leaky = lambda z: z if z.data > 2 else z/10',
         'leaky = lambda z: relu(z) + 0.1*relu(-z)', 'leaky = lambda z: relu(z) - 0.2*relu(-z)'],
    13: ['weights = [1, 1, 0, 1, 1, 0, 1, 0, 0]', 'weights = [1, 1, 0, 1, 1, -1, 1, -1, 0]', 'weights = [1, 1, 0, 1, 1, -1, 1, -2]', 'weights = [0]*9'],
    14: ['lr = 0.1', 'lr = 1/3', 'lr = 14/6', 'lr = 0'],
    15: ['path = dict(reset=[0.75, 0.5, 0.25], forgotten=[0.75, 0.5, 0.25])', 'path = dict(reset=[0.5, 0.25, 0.125], forgotten=[0.5, 0.25, 0.125])',
         'path = dict(reset=[0.5, 0.25, 0.125], forgotten=[0.5, -0.25, -1.0])', 'path = dict(forgotten=[0.5, -0.25, -0.875])'],
    16: [huber.format(piece='e**2/2 if abs(e) <= 1 else abs(e)', total='sum(pieces)/len(pieces)'),
         huber.format(piece='e**2/2 if abs(e) <= 0.5 else abs(e) - 0.5', total='sum(pieces)/len(pieces)'),
         huber.format(piece='e**2/2 if abs(e) <= 2.4 else abs(e) - 0.5', total='sum(pieces)/len(pieces)'),
         huber.format(piece='e**2/2 if abs(e) <= 1 else abs(e) - 0.5', total='sum(pieces)'),
         huber.format(piece='e**2/2 if e <= 1 else e - 0.5', total='sum(pieces)/len(pieces)')],
    17: [softmax.format(shift='0'), softmax.format(shift='scores[0].data'), softmax.format(shift='min(s.data for s in scores)'),
         'softmax = lambda scores: [s.exp()/sum(t.exp() for t in scores) for s in [maximum(-700, -maximum(-s, -700)) for s in scores]]',
         softmax.format(shift='max(s.data for s in scores)').replace('scores]\n', 'scores]\n    parts = [Value(part.data) for part in parts]\n')],
    18: ['smooth = lambda scores: max(scores, key=lambda s: s.data)', 'from functools import reduce\nsmooth = lambda scores: reduce(maximum, scores)',
         'smooth = lambda scores: sum((4*s).exp() for s in scores).log()/4', smooth.format(sharp=1, total='sum(parts)'),
         smooth.format(sharp=4, total='Value(sum(parts).data)'),
         'def smooth(scores):\n    parts = [(s - max(s.data for s in scores)).exp() for s in scores]\n    return sum(p*s for p, s in zip(parts, scores))/sum(parts)'],
    19: ['class Mine(Optimizer):\n    def __init__(self, params, lr=0.1): super().__init__(params, lr, weight_decay=0.0)\n    def step(self): pass',
         'Mine = lambda params: SGD(params, lr=0.002)', 'Mine = lambda params: SGD(params, lr=0.1)',
         'class Mine(Optimizer):\n    def __init__(self, params): super().__init__(params, 1.0, weight_decay=0.0)\n    def step(self):\n        for p, k in zip(self.params, (2, 800)): p.data -= p.grad/k'],
    20: ['bend = lambda z: z', 'bend = lambda z: 0*z', 'bend = lambda z: Value(math.tanh(z.data))', 'bend = lambda z: 3*z + 1'],
}
right = {
    1: ['slope = lambda f, x, h: (f(x + h/2) - f(x - h/2)) / h', 'slope = lambda f, x, h: (8*(f(x + h) - f(x - h)) - (f(x + 2*h) - f(x - 2*h))) / (12*h)'],
    2: ['def gradient(f, xs, h=1e-4):\n    out = []\n    for i in range(len(xs)):\n        xs[i] += h; up = f(*xs)\n        xs[i] -= 2*h; down = f(*xs)\n        xs[i] += h\n        out.append((up - down)/(2*h))\n    return out',
        'gradient = lambda f, xs: tuple((f(*xs[:i], xs[i] + 1e-7, *xs[i+1:]) - f(*xs))/1e-7 for i in range(len(xs)))'],
    3: ['pencil = lambda a, b, c: (6*a*a, 2*c*b, b*b + 6*c**-2)', 'def pencil(a, b, c):\n    return [2*3*a**2, c*2*b, b**2 - -6/c/c]'],
    4: [times('a.grad += b.data*out.grad; b.grad += a.data*out.grad'), times('b.grad += out.grad*a.data; a.grad += out.grad*b.data', 'b.data*a.data')],
    5: ['sine = lambda x: x.sin()', sine('x.grad += out.grad*math.sin(x.data + math.pi/2)')],
    6: [length('n = out.data or 1.0\nx.grad += x.data/n*out.grad\ny.grad += y.data/n*out.grad'),
        length('if out.data > 0:\n    for v in (x, y): v.grad += out.grad*v.data/out.data', '(x.data**2 + y.data**2)**0.5')],
    7: ['curvature = lambda f, x, h=0.001: (f(Value(x + h)).data - 2*f(Value(x)).data + f(Value(x - h)).data)/h**2',
        'def curvature(f, x, h=1e-5):\n    leaf, slopes = Value(x), []\n    for leaf.data in (x - h, x + h):\n        leaf.grad = 0.0\n        f(leaf).backward()\n        slopes.append(leaf.grad)\n    return (slopes[1] - slopes[0])/(2*h)'],
    8: ['def counting(root):\n    nodes, _ = trace(root)\n    root.grad = 1.0\n    order = [node for node in reversed(nodes)]\n    for node in order: node._backward()\n    return order',
        'from collections import Counter, deque\ndef counting(root):\n    uses = Counter(x for node in trace(root)[0] for x in node._prev)\n    root.grad, ready, order = 1.0, deque([root]), []\n'
        '    while ready:\n        node = ready.popleft()\n        order.append(node)\n        node._backward()\n        for x in node._prev:\n            uses[x] -= 1\n            if not uses[x]: ready.append(x)\n    return [node for node in order if node._prev]'],
    9: ['products = (-6, 12.0, 6.0000001)', 'products = [12, 6, -6]'],
    10: ['def count_paths(root, leaf):\n    ways = {}\n    for node in trace(root)[0]: ways[node] = 1 if node is leaf else sum(ways[x] for x in node._prev)\n    return ways[root]',
         'from functools import cache\ndef count_paths(root, leaf):\n    @cache\n    def ways(node): return int(node is leaf) or sum(ways(x) for x in node._prev)\n    return ways(root)'],
    11: ['grads = dict(w0=6.0, w1=-3.0, b=3.0, v0=-4.0, v1=2.0, c=-2.0, x0=-1.0, x1=-9.0)',
         'leaves, y = neurons()\ny.backward()\ngrads = {leaf.label: leaf.grad + 1e-9 for leaf in leaves}'],
    12: ['leaky = lambda z: maximum(z, z/10)', 'leaky = lambda z: 0.55*z + 0.45*abs(z)', 'leaky = lambda z: z if z > 0 else z/10'],
    13: ['weights = (1, -1, 0, -1, 1, 0, 1, 1, 0)', 'weights = [-1, -1, 1, 1, 1, -1, -1, -1, 1]'],
    14: ['lr = 0.166667', 'from fractions import Fraction\nlr = Fraction(1, 6)'],
    15: ['path = dict(reset=(0.5, 0.25, 0.125), forgotten=(0.5, -0.25, -0.875))', 'path = dict(reset=[1/2, 1/4, 1/8], forgotten=[1/2, -1/4, -0.87500001])'],
    16: [huber.format(piece='maximum(e, -e)', total='sum(-maximum(-p, -1)**2/2*0 + (-maximum(-p, -1))**2/2 + relu(p - 1) for p in pieces)/len(pieces)'),
         huber.format(piece='e**2/2 if -1 <= e.data <= 1 else (e - 0.5 if e.data > 0 else -e - 0.5)', total='(1/len(pieces))*sum(pieces)')],
    17: [softmax.format(shift='maximum(scores[0], max(scores, key=float))').replace('maximum(scores[0], max(scores, key=float))', 'max(scores, key=lambda s: s.data)'),
         'def softmax(scores):\n    highest = max(s.data for s in scores)\n    log_sum = sum((s - highest).exp() for s in scores).log() + highest\n    return [(s - log_sum).exp() for s in scores]'],
    18: [smooth.format(sharp=2, total='sum(parts)'),
         'from functools import reduce\nsmooth = lambda scores: reduce(lambda a, b: (a + b + ((a - b)**2 + 0.01)**0.5)/2, scores)'],
    19: ['Mine = lambda params: SGD(params, lr=0.004, momentum=0.85)',
         'class Mine(Optimizer):\n    def __init__(self, params):\n        super().__init__(params, 0.1, weight_decay=0.0)\n        self.sizes, self.signs = [0.1]*len(self.params), [0.0]*len(self.params)\n'
         '    def step(self):\n        for i, p in enumerate(self.params):\n            turned = p.grad*self.signs[i] < 0\n            self.sizes[i] *= 0.5 if turned else 1.2\n            self.signs[i] = p.grad\n            p.data -= self.sizes[i]*((p.grad > 0) - (p.grad < 0))'],
    20: ['bend = lambda z: z.tanh()', 'bend = lambda z: relu(z) - 0.01*relu(-z)'],
}


def test_there_are_enough(): assert list(exercises) == list(range(1, 21))


@each
def test_the_stub_is_refused(number):
    names, stub = names_of(number)
    assert judged(number, '').startswith('Not yet. ')


@each
def test_the_answer_is_accepted(number):
    answer, = [text for text in exercises[number] if '"Answer"' in text]
    mine = re.search(r'verdict\(\w+, (\w+)\)$', names_of(number)[1])[1]
    name = {'Mine': 'MineAnswer'}.get(mine, f'{mine}_answer')
    defined = answer.removesuffix('\nmoons_right(bend_answer)') # which trains the network that the check trains
    assert judged(number, defined, name) == 'Right.'


@pytest.mark.parametrize('number, answer', [judging(n, a) for n, answers in wrong.items() for a in answers])
def test_a_wrong_answer_is_refused(number, answer): assert judged(number, answer).startswith('Not yet. ')


@pytest.mark.parametrize('number, answer', [judging(n, a) for n, answers in right.items() for a in answers])
def test_another_right_answer_is_accepted(number, answer): assert judged(number, answer) == 'Right.'


def test_each_check_was_tried_with_three_wrong_answers_and_two_right_ones():
    assert all(len(wrong[number]) >= 3 and len(right[number]) >= 2 for number in exercises)


@pytest.mark.slow
def test_the_handout_holds_no_answer_and_runs(tmp_path):
    "Each of its cells runs, and every verdict is still open."
    sys.path.insert(0, str(root/'tools'))
    import handout
    handout.write(tmp_path)
    student, teacher = ([''.join(c['source']) for c in json.loads((tmp_path/f'{name}.ipynb').read_text(encoding='utf-8'))['cells'] if c['cell_type'] == 'code']
                        for name in ('exercises', 'exercises_with_answers'))
    assert not any(re.search('_answer|MineAnswer|#\\|', text) for text in student) and len(teacher) == len(student) + len(exercises)
    names = {}
    for text in student:
        *lines, last = text.split('\n')
        exec('\n'.join(lines) if last.startswith('verdict(') else text, names)
        if last.startswith('verdict('): assert eval(last, names).startswith('Not yet. ')
