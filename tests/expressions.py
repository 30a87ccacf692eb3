"""What the tests compute, written so that our Values, PyTorch's tensors and plain floats can all compute it."""
import operator

# One operand or two. Every entry works on anything that has Python's operators.
operators = {
    '-x': operator.neg,
    'abs': abs,
    '+': operator.add,
    '-': operator.sub,
    '*': operator.mul,
    '/': operator.truediv,
    '//': operator.floordiv,
    '%': operator.mod,
    '**': operator.pow,
    'x**0': lambda x: x**0,
    'x**1': lambda x: x**1,
    'x**2': lambda x: x**2,
    'x**3': lambda x: x**3,
    'x**-1': lambda x: x**-1,
    'x**-2': lambda x: x**-2,
    'x**0.5': lambda x: x**0.5,
    'x**-0.5': lambda x: x**-0.5,
    'x**1.5': lambda x: x**1.5,
    '2 - x': lambda x: 2 - x,
    '1 / x': lambda x: 1 / x,
    '7 // x': lambda x: 7 // x,
    '7 % x': lambda x: 7 % x,
    'x % 2': lambda x: x % 2,
    'x % -3': lambda x: x % -3,
    '2**x': lambda x: 2**x,
    '0**x': lambda x: 0**x,
}
functions = ['exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'relu', 'softplus', 'maximum', 'minimum',
             'expm1', 'log1p', 'tan', 'atan', 'sinh', 'cosh', 'erf', 'atan2']
takes_two = {'+', '-', '*', '/', '//', '%', '**', 'maximum', 'minimum', 'atan2'}
table_names = {'-x': 'neg', 'relu': 'ReLU', 'x**2': '**k'} # where the engine's table has another name


def made_by(name):
    "A result of the operation that the engine's table has by this name, on leaves of our own."
    from micrograd.engine import Value, operations
    operation, leaves = operations[name], [Value(x, label=label) for x, label in ((0.7, 'a'), (0.4, 'b'), (1.3, 'c'), (0.9, 'd'), (0.2, 'e'))]
    if name == '**k': return leaves[0]**3
    for count in (5,) if name == 'dot' else (1, 2, 3):
        try: value = operation.value(*[leaf.data for leaf in leaves[:count]])
        except TypeError: continue # it takes more
        return Value(value, leaves[:count], name, '', operation.rule)
    raise ValueError(f'{name} takes more than three numbers')


def readme(a, b):
    "The example of karpathy/micrograd's README."
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    f = (c - d)**2
    return f / 2.0 + 10.0 / f


def neuron(x1, x2, w1, w2, b):
    "The lecture's neuron; its bias is 6.8813735870195432."
    return (x1*w1 + x2*w2 + b).tanh()


def layer(weights, inputs):
    "One row of weights a neuron, its bias last."
    return [sum((w * x for w, x in zip(row, inputs)), row[-1]) for row in weights]


def network(act):
    "A 2-3-2-1 network on two rows, squared error: 20 parameters, all of them used twice."
    def loss(*p):
        hidden, middle, last = [p[0:3], p[3:6], p[6:9]], [p[9:13], p[13:17]], [p[17:20]]
        total = 0.0
        for inputs, wanted in [((2.0, -1.5), 1.0), ((-0.5, 0.75), -1.0)]:
            out, = layer(last, [act(y) for y in layer(middle, [act(x) for x in layer(hidden, inputs)])])
            total = total + (out - wanted)**2
        return total
    return loss


def softmax_loss(*logits):
    "Cross-entropy written out; the last logit belongs to the right class."
    exps = [(x - max(x.data for x in logits)).exp() for x in logits]
    return -(exps[-1] / sum(exps)).log()


expressions = {
    'readme': readme,
    'neuron': neuron,
    'tanh network': network(lambda x: x.tanh()),
    'relu network': network(lambda x: x.relu()),
    'sigmoid network': network(lambda x: x.sigmoid()),
    'softmax loss': softmax_loss,
    'reuse': lambda a: (3*a) * (3*a) + a,
    'b = 3a, b*b': lambda a: (lambda b: b*b)(3*a),
    'power of itself': lambda a: a**a,
    'root of zero, cancelled': lambda x: x**0.5 * 0,
    'log of zero, cancelled': lambda x: x.log() * 0,
    'relu below zero, from infinity': lambda x: 1 / (x.relu() * 0),
    'norm': lambda x, y: (x*x + y*y)**0.5,
}


def bumpy_bowl(w):
    "What the optimizers descend: three parameters, with product terms so that they depend on each other."
    a, b, c = w
    return 2.0*(a - 1.0)**2 + 0.5*(b + 2.0)**2 + (c - 0.5)**2 + 0.3*a*b - 0.2*b*c + 0.1*a*b*c
