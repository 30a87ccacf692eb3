"""What the page Training asks of the package: points, a network, and one step after the other, as `fit` makes them.

The page holds no number of its own. It sends what its reader chose as text, in the form of an address, and gets back what
it has to draw. The functions without an underscore are those that it calls; each returns plain data.
"""
from __future__ import annotations
import math, random, re, time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl
from micrograd.checkpoints import all_or_nothing
from micrograd.engine import Value, as_value, dot, no_grad
from micrograd.nn import MLP, activations
from micrograd.recording import collector_paused
from micrograd.train import (SGD, Adam, Diverged, EagerStep, History, batches, binary_cross_entropy_with_logits, l2, make_circles,
                             make_moons, make_spirals, make_xor, max_margin, mse)
from micrograd.drawing import four_decimals, short

Penalty = Callable[[Sequence[Value]], Any]

def l1(alpha: float) -> Penalty: return lambda params: alpha * sum(abs(p) for p in params)

most_points, most_layers, widest, most_held_out = 300, 3, 12, 50
makers: dict[str, Callable[..., Any]] = dict(moons=make_moons, circles=make_circles, spirals=make_spirals, xor=make_xor, none=lambda n, noise, seed: ([], []))
losses: dict[str, Any] = dict(margin=(max_margin, (-1, 1)), entropy=(binary_cross_entropy_with_logits, (0, 1)), squares=(mse, (-1, 1))) # with the targets of both classes
optimizers: dict[str, Callable[..., Any]] = dict(sgd=SGD, momentum=lambda params: SGD(params, momentum=0.9), adam=Adam)
penalties: dict[str, Callable[[float], Penalty]] = dict(l1=l1, l2=l2)
rules = dict(sgd='w - rate * gradient', momentum='w - rate * rolling gradient', adam="w - Adam's step")
views = dict(moons=(0.5, 0.25, 1.75), circles=(0, 0, 1.5), spirals=(0, 0, 1.3), xor=(0, 0, 1.75), none=(0, 0, 1.5)) # middle, and half a side
colours = ('blue', 'orange')


# ---- the state in the address

def _one_of(what: str, names: Iterable[str]) -> Callable[[str], str]:
    names = list(names)
    def read(text: str) -> str:
        if text in names: return text
        raise ValueError(f'{what} can be {", ".join(names)}, but not {text[:30]!r}.')
    return read

def _decimal(what: str, least: float, most: float, kind: Callable[[str], float] = float) -> Callable[[str], Any]:
    def read(text: str) -> float:
        if re.fullmatch(r'-?(\d+\.?\d*|\.\d+)(e-?\d+)?' if kind is float else r'\d+', text, re.ASCII) and least <= kind(text) <= most: return kind(text)
        raise ValueError(f'{what} must be a {"whole " if kind is int else ""}number from {least} to {most}, but is {text[:30]!r}.')
    return read

def _batch(text: str) -> int | None:
    return None if text == 'all' else _decimal("The batch must be 'all', or else it", 1, most_points, int)(text)

def _layers(text: str) -> list[int]:
    widths = [_decimal('The width of a hidden layer', 1, widest, int)(part) for part in text.split(',') if text]
    if len(widths) <= most_layers: return widths
    raise ValueError(f'There can be {most_layers} hidden layers at most, but here are {len(widths)}.')

def _penalty(text: str) -> Penalty | None:
    "`l2:0.01` is 0.01 times the sum of all squared weights."
    if text == 'none': return None
    kind, _, alpha = text.partition(':')
    return penalties[_one_of('The penalty', ['none', *penalties])(kind)](_decimal('What the penalty is multiplied by', 0, 10)(alpha))

Timeline = list[tuple[int, Any]] # from which step on, and what

def _timeline(read: Callable[[str], Any]) -> Callable[[str], Timeline]:
    "A value that was changed on the way: `0.1,20:0.5` is 0.1 at first, and 0.5 from step 20 on."
    def each(text: str) -> Timeline:
        line: Timeline = []
        for part in text.split(','):
            step, colon, value = part.rpartition(':')
            line.append((int(step) if colon and re.fullmatch(r'\d{1,7}', step, re.ASCII) else 0, read(value)))
        if [step for step, _ in line] == sorted({step for step, _ in line}) and line[0][0] == 0: return line
        raise ValueError(f'{text[:30]!r} does not tell from which step on.')
    return each

def _at(line: Timeline, step: int) -> Any:
    return [value for start, value in line if start <= step][-1]

Own = list[tuple[float, float, int, int]] # x, y, class, and the step from which it counts

def _own(text: str) -> Own:
    "Points that the reader put down: `b12,-30o5,100:20` is a blue one, and an orange one from step 20 on; in hundredths."
    pattern = r'([bo])(-?\d{1,4}),(-?\d{1,4})(?::(\d{1,7}))?'
    if not re.fullmatch(f'(?:{pattern})*', text): raise ValueError('The points that were put down cannot be read.')
    points = [(int(x)/100, int(y)/100, 'bo'.index(c), int(step or 0)) for c, x, y, step in re.findall(pattern, text)]
    if len(points) <= most_points: return points
    raise ValueError(f'There can be {most_points} points at most.')

ByHand = list[tuple[int, tuple[int, int, int], float]] # from which step on, layer, neuron and place of a weight, the bias last, and what it is then

def _weight(text: str) -> float:
    number: float = _decimal('A weight', -1000, 1000)(text)
    return number

def _by_hand(text: str) -> ByHand:
    "Weights that the reader set: `20:0.3.1:0.5` is the second one of the fourth neuron, from step 20 on."
    found = [re.fullmatch(r'(\d{1,7}):(\d{1,2})\.(\d{1,2})\.(\d{1,2}):(.+)', part, re.ASCII) for part in text.split(',') if part]
    if not all(found): raise ValueError('The weights that were set cannot be read.')
    return [(int(m[1]), (int(m[2]), int(m[3]), int(m[4])), _weight(m[5])) for m in found if m]

def _place(text: str) -> str:
    "A neuron as layer and number; where the network has none there, the first one is shown."
    if re.fullmatch(r'\d{1,2}\.\d{1,2}', text, re.ASCII): return text
    raise ValueError(f'A neuron is told as 1.0, and not as {text[:30]!r}.')

_flag = _one_of('A switch', '01')
fields: dict[str, tuple[str, Callable[[str], Any]]] = {
    'data': ('moons', _one_of('The points', makers)),
    'n': ('100', _decimal('The number of points', 2, most_points, int)),
    'noise': ('0.1', _decimal('The noise', 0, 1)),
    'own': ('', _own),
    'layers': ('8,8', _layers),
    'act': ('tanh', _one_of('The activation', activations)),
    'loss': ('entropy', _one_of('The loss', losses)),
    'opt': ('sgd', _one_of('The optimizer', optimizers)),
    'lr': ('0.5', _timeline(_decimal('The learning rate', 0, 1000))),
    'batch': ('all', _batch),
    'penalty': ('none', _penalty),
    'seed': ('1', _decimal('The seed', 0, 999999, int)),
    'zero': ('1', _timeline(_flag)),
    'set': ('', _by_hand),
    'step': ('0', _decimal('The step', 0, 1000000, int)),
    'neuron': ('0.0', _place),
    'log': ('0', _flag),
}

def _read(address: str, given: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    "The texts of all fields, those of `address` in front of those `given`; and a sentence for each that cannot be used."
    texts, wrong = dict(given), []
    for name, text in parse_qsl(address, keep_blank_values=True):
        try:
            if name not in fields: raise ValueError(f'{name[:30]!r} is not known here.')
            fields[name][1](text)
            texts[name] = text
        except ValueError as error: wrong.append(str(error))
    made, own = 0 if texts['data'] == 'none' else int(texts['n']), _own(texts['own'])
    if made + len(own) > most_points:
        wrong.append(f'There can be {most_points} points at most, but these are {made} and {len(own)}.')
        texts |= dict(n=given['n'], own=given['own'])
    return texts, wrong

def _plain(x: float) -> str:
    return repr(float(x)).removesuffix('.0')

def _line(line: Timeline) -> str:
    return ','.join((f'{step}:' if step else '') + (value if isinstance(value, str) else _plain(value)) for step, value in line)

def _owns(own: Own) -> str:
    return ''.join(f'{"bo"[c]}{round(x*100)},{round(y*100)}' + (f':{step}' if step else '') for x, y, c, step in own)

def _weights(by_hand: ByHand) -> str:
    return ','.join(f'{step}:{k}.{j}.{i}:{_plain(number)}' for step, (k, j, i), number in by_hand)


# ---- a run: the steps of `fit`, whole or stage by stage

class Stopped(ArithmeticError):
    "A step met a nan or an inf. Everything is as it was before this step."

class Run:
    "A network on its way, from step 0 on."
    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        chosen = {name: read(texts[name]) for name, (_, read) in fields.items()}
        self.noise, self.seed, self.size, self.penalty = chosen['noise'], chosen['seed'], chosen['batch'], chosen['penalty']
        self.lr, self.zeroing, self.own, self.by_hand = chosen['lr'], chosen['zero'], chosen['own'], chosen['set']
        self.loss, self.targets = losses[chosen['loss']]
        self.made = makers[chosen['data']](chosen['n'], noise=self.noise, seed=self.seed)
        self.held_out = makers[chosen['data']](min(chosen['n'], most_held_out), noise=self.noise, seed=self.seed + 1)
        random.seed(self.seed)
        self.model = MLP(2, [*chosen['layers'], 1], act=chosen['act'])
        self.params = self.model.parameters()
        self.weights = {(k, j, i): p for k, layer in enumerate(self.model.layers) for j, neuron in enumerate(layer.neurons) for i, p in enumerate([*neuron.w, neuron.b])}
        self.optimizer = optimizers[chosen['opt']](self.params)
        self.history = History()
        self.stage = 0 # how much of the next step is done
        self.going: Iterator[None] = self.stages() # what is left of it
        self.shots: list[tuple[list[float], list[float], list[list[float]]]] = [] # of a step that is walked: all numbers after each stage
        self.says = ''
        self.known = 0 # how many losses the page has
        self.gather()
        self.set_weights()

    @property
    def step(self) -> int: return len(self.history)

    def gather(self) -> None:
        "The samples as `fit` wants them, of the points that are there at this step; and how they are grouped into batches."
        xs, labels = self.made
        own = [point for point in self.own if point[3] <= self.step]
        self.xs = [*xs, *([x, y] for x, y, _, _ in own)]
        self.labels = [*labels, *(c for _, _, c, _ in own)]
        self.ys = [self.targets[c] for c in self.labels]
        self.batches = batches(len(self.xs), self.size, self.seed, self.step)
        self.eager = EagerStep(self.model, self.xs, self.ys, self.loss, self.optimizer, self.penalty)
        self.waiting = len(self.own) - len(own)

    def set_weights(self) -> None:
        "Those that are set at this step."
        for step, place, number in self.by_hand:
            if step == self.step and place in self.weights: self.weights[place].data = number

    def stages(self) -> Iterator[None]:
        "The next step, with a pause after each stage but the last. Where it meets a nan or an inf, all goes back to where it began."
        if self.waiting: self.gather()
        if not self.xs: raise Stopped('There are no points yet. Choose some, or put some down on the plane.')
        grads, step = [p.grad for p in self.params], self.step
        try:
            with all_or_nothing(self.optimizer, self.history):
                self.optimizer.lr = _at(self.lr, step)
                self.eager.forward(next(self.batches))
                yield
                if _at(self.zeroing, step) == '1': self.eager.zero_grad()
                yield
                self.eager.backward(step)
                yield
                self.eager.update(step)
                self.eager.stats(self.history)
        except Diverged as error:
            for p, grad in zip(self.params, grads): p.grad = grad
            self.gather()
            raise Stopped(f'Step {step + 1} was not made: its loss was {short(error.loss)}, and {error.where}. What you see are the last '
                          'finite numbers. Reset, or a smaller learning rate, helps.') from None

    def advance(self) -> None:
        "What is left of this step."
        try:
            for _ in self.going: pass
        finally: self.begin()

    def walk(self) -> None:
        "The next stage of this step alone, and what is told about it."
        before = [self.shot()] if self.stage == 0 else self.shots
        try: next(self.going, None)
        except Stopped:
            self.begin()
            raise
        stage = (self.stage + 1) % 4
        if not stage: self.begin()
        self.stage, self.shots = stage, [*before, self.shot()]
        self.says = self.told()

    def begin(self) -> None:
        self.going, self.stage, self.shots, self.says = self.stages(), 0, [], ''
        self.set_weights()

    def shot(self) -> tuple[list[float], list[float], list[list[float]]]:
        return [p.data for p in self.params], [p.grad for p in self.params], [list(row) for row in self.optimizer.kept]

    def told(self) -> str:
        "What the last stage of a walked step did."
        batch = self.eager.batch
        some = f'{len(batch)} point{"s"[:len(batch) > 1]}'
        if self.stage == 1: return f'{some} went through the network; the loss of their scores is {four_decimals(self.eager.total.data)}.'
        if self.stage == 2 and _at(self.zeroing, self.step) == '1': return f'Each of the {len(self.params)} gradients is set to 0.'
        if self.stage == 2: return 'Left out: each gradient keeps what earlier steps put there.'
        if self.stage == 3: return 'From the loss back to the inputs, each weight gets its share of the blame, added to the gradient that it has.'
        with no_grad(): now = self.loss([self.model(self.xs[i]) for i in batch], [self.ys[i] for i in batch]).data
        was = four_decimals(self.history.loss[-1])
        return f'Each weight moved against its gradient. The loss of the same {some} was {was} and is now {four_decimals(now)}.'


# ---- what the page draws

def _name(layers: list[int], k: int, j: int) -> str:
    if k == len(layers): return 'The output'
    return f'Neuron {j + 1}' + (f' of layer {k + 1}' if len(layers) > 1 else '')

def _neuron(run: Run, place: str) -> dict[str, Any]:
    "One neuron in numbers: a row for each of its weights, with all that a walked step has done to it so far."
    k, j = map(int, place.split('.'))
    widths = [len(layer.neurons) for layer in run.model.layers]
    if k >= len(widths) or j >= widths[k]: k, j = 0, 0
    neuron = run.model.layers[k].neurons[j]
    names = [f'w{i + 1}, from {("x", "y")[i] if k == 0 else f"neuron {i + 1}"}' for i in range(len(neuron.w))] + ['b, the bias']
    index = {p: i for i, p in enumerate(run.params)}
    rows = [dict(name=name, **_row(run, index[p])) for name, p in zip(names, [*neuron.w, neuron.b])]
    return dict(place=f'{k}.{j}', name=_name(widths[:-1], k, j), act=neuron.act.__name__, rows=rows, rule=rules[run.texts['opt']],
                says=_output(run, k, j) if run.shots else '')

def _row(run: Run, i: int) -> dict[str, str]:
    "One weight: before this step, and after the stages that were walked."
    if not run.shots: return dict(weight=four_decimals(run.params[i].data), before='', grad=four_decimals(run.params[i].grad), new='')
    done, (w, g) = len(run.shots) - 1, [numbers[i] for numbers in run.shots[0][:2]]
    return dict(weight=four_decimals(w), before=four_decimals(g), grad=_gradient(run, i, done), new=_rule(run, i) if done == 4 else '')

def _gradient(run: Run, i: int, done: int) -> str:
    "The gradient after so many stages; where it was not 0 before, as the sum that it is."
    if done < 2: return ''
    kept, grad = run.shots[2][1][i], run.shots[min(done, 3)][1][i]
    return f'{four_decimals(kept)} + {four_decimals(grad - kept)} = {four_decimals(grad)}' if done > 2 and kept else four_decimals(grad)

def _rule(run: Run, i: int) -> str:
    "The update of one weight, with its numbers."
    w, g, new, kept = run.shots[3][0][i], run.shots[3][1][i], run.shots[4][0][i], run.shots[4][2]
    by = f'{_plain(run.optimizer.lr)} * {four_decimals(kept[0][i] if kept else g)}'
    return f'{four_decimals(w)} - {four_decimals(w - new) if len(kept) == 2 else by} = {four_decimals(new)}'

def _output(run: Run, k: int, j: int) -> str:
    "What the neuron makes of the first point of the batch, with the weights of now."
    first = run.eager.batch[0]
    with no_grad():
        inputs: Any = run.xs[first]
        for layer in run.model.layers[:k]: inputs = layer(inputs)
        inputs = inputs if isinstance(inputs, list) else [inputs]
        neuron = run.model.layers[k].neurons[j]
        z, out = dot(neuron.w, inputs, neuron.b).data, neuron(inputs).data
    terms = [f'{four_decimals(w.data)} * {four_decimals(x.data if isinstance(x, Value) else x)}' for w, x in zip(neuron.w, inputs)]
    if len(terms) > 2: terms[1:] = ['...']
    x, y = run.xs[first]
    act = neuron.act.__name__
    says = f'For the {colours[run.labels[first]]} point at {four_decimals(x)}, {four_decimals(y)}: {four_decimals(neuron.b.data)} + {" + ".join(terms)} = {four_decimals(z)}'
    return says + ('.' if act == 'linear' else f', and {act} of it is {four_decimals(out)}.')

def _picture(run: Run, shown: str = '') -> dict[str, Any]:
    "All that changes from step to step; of the losses, those that the page has not: after the first `since`."
    since, run.known = run.known, run.step
    with no_grad():
        right = sum((as_value(run.model(x)).data > 0) == (c == 1) for x, c in zip(run.xs, run.labels))
        held_out = run.loss([run.model(x) for x in run.held_out[0]], [run.targets[c] for c in run.held_out[1]]).data if run.held_out[0] else None
    lr, zero = (_at(line, run.step + (run.stage > 0)) for line in (run.lr, run.zeroing))
    running = run.texts | dict(own=_owns(run.own), lr=_line(run.lr), zero=_line(run.zeroing), set=_weights(run.by_hand), step=str(run.step))
    return dict(
        step=run.step, stage=run.stage, says=run.says, since=since, losses=run.history.loss[since:],
        loss=four_decimals(run.history.loss[-1]) if run.step else '', right=f'{right} of {len(run.xs)}',
        held_out='' if held_out is None else four_decimals(held_out), length=four_decimals(math.hypot(*(p.grad for p in run.params))),
        weights=[[[*(w.data for w in neuron.w), neuron.b.data] for neuron in layer.neurons] for layer in run.model.layers],
        neuron=_neuron(run, shown or run.texts['neuron']), chosen=run.texts['neuron'],
        marks=_marks(run), lr=_plain(lr), zero=zero == '1',
        address='&'.join(f'{name}={text}' for name, text in running.items() if text != fields[name][0]))

def _marks(run: Run) -> list[list[Any]]:
    "What was changed on the way, and at which step, for the curve of the losses."
    rates = {step: f'rate {_plain(lr)}' for step, lr in run.lr if step}
    switches = {step: f'zeroing {"on" if zero == "1" else "off"}' for step, zero in run.zeroing if step}
    return [[step, ', '.join(marks[step] for marks in (rates, switches) if step in marks)] for step in sorted({**rates, **switches})]

def _whole(run: Run) -> dict[str, Any]:
    "The picture, and what changes only when something is chosen: the points, the part of the plane, the choices."
    x, y, half = views[run.texts['data']]
    half = max([half, *(1.05 * abs(u - x) for u, _ in run.made[0]), *(1.05 * abs(v - y) for _, v in run.made[0]),
                *(abs(p[0] - x) for p in run.own), *(abs(p[1] - y) for p in run.own)])
    count = [run.labels.count(0), run.labels.count(1)]
    note = '' if all(count) or not any(count) else f'All points are {colours[count[1] > 0]}: there is nothing to tell apart.'
    points = [[u, v, c] for (u, v), c in zip(run.made[0], run.made[1])] + [[u, v, c] for u, v, c, _ in run.own]
    choices = {name: run.texts[name] for name in ('data', 'n', 'noise', 'layers', 'act', 'loss', 'opt', 'batch', 'penalty', 'seed', 'log')}
    names = [[_name([len(layer.neurons) for layer in run.model.layers[:-1]], k, j) for j in range(len(layer.neurons))] for k, layer in enumerate(run.model.layers)]
    run.known = 0
    return _picture(run) | dict(points=points, view=[x - half, x + half, y - half, y + half], own=len(run.own), choices=choices,
                                act=run.texts['act'], names=names, note=note, count=count)


# ---- what the page calls

_defaults = {name: default for name, (default, _) in fields.items()}
_run = Run(_defaults)

def _start(texts: dict[str, str]) -> dict[str, Any]:
    global _run
    _run = Run(texts)
    return _whole(_run)

def restore(address: str) -> dict[str, Any]:
    "A new run as an address tells it, still at step 0. What is damaged is left out, and `trouble` says so."
    texts, wrong = _read(address, _defaults)
    until = int(texts['step'])
    begun = _start(texts | dict(step='0')) | dict(until=until)
    return begun | dict(trouble=f'The address is damaged: {" ".join(wrong)} That is left out.') if wrong else begun

def choose(choices: str = '') -> dict[str, Any]:
    "A new run, at step 0, with other choices; what was put down or set on the way counts from the start. `trouble` if that cannot be."
    now = dict(lr=_line([(0, _run.lr[-1][1])]), zero=_run.zeroing[-1][1], own=_owns([(x, y, c, 0) for x, y, c, _ in _run.own]), set='')
    texts, wrong = _read(choices, _run.texts | now)
    return dict(trouble=' '.join(wrong)) if wrong else _start(texts | dict(step='0'))

def change(name: str, text: str) -> dict[str, Any]:
    "The learning rate `lr` or the switch `zero` from here on, without a new start."
    texts, wrong = _read(f'{name}={text}', _run.texts)
    if wrong: return dict(trouble=' '.join(wrong))
    line = {'lr': _run.lr, 'zero': _run.zeroing}[name]
    start = _run.step + (_run.stage > (0 if name == 'lr' else 1)) # for a step that is on its way it is too late
    line[:] = [entry for entry in line if entry[0] < start] + [(start, fields[name][1](text)[0][1])]
    return _picture(_run)

def set_weight(place: str, row: int, text: str) -> dict[str, Any]:
    "A weight of a neuron, or its bias, is another number from here on."
    try: number = _weight(text)
    except ValueError as error: return dict(trouble=str(error))
    k, j = map(int, place.split('.'))
    _run.by_hand = [entry for entry in _run.by_hand if entry[:2] != (_run.step, (k, j, row))] + [(_run.step, (k, j, row), number)]
    _run.set_weights()
    return _picture(_run)

def advance(count: int = 0, milliseconds: float = 40, until: int = 0, shown: str = '') -> dict[str, Any]:
    "So many steps, or those that fit into the time, but none after `until` where that is given."
    trouble: dict[str, Any] = {}
    end = time.perf_counter() + milliseconds/1000
    with collector_paused():
        try:
            while True:
                _run.advance()
                count -= 1
                if count == 0 or _run.step == until or count < 0 and time.perf_counter() > end: break
        except Stopped as error: trouble = dict(trouble=str(error), stopped=True)
    return _picture(_run, shown) | trouble

def walk() -> dict[str, Any]:
    "The next stage of a step."
    trouble: dict[str, Any] = {}
    try: _run.walk()
    except Stopped as error: trouble = dict(trouble=str(error), stopped=True)
    return _picture(_run) | trouble

def put(x: float, y: float, label: int) -> dict[str, Any]:
    "A point more, from the next step on."
    if len(_run.made[0]) + len(_run.own) == most_points: return dict(trouble=f'There can be {most_points} points at most.')
    x, y = (max(-99.99, min(99.99, round(c, 2))) for c in (x, y))
    _run.own.append((x, y, label, _run.step + (_run.stage > 0)))
    if not _run.stage: _run.gather()
    else: _run.waiting = 1
    return _whole(_run)

def remove(all: bool = False) -> dict[str, Any]:
    "The last point that was put down, or all of them, are gone; a new run begins."
    del _run.own[0 if all else -1:]
    return choose()

def pick(place: str) -> dict[str, Any]:
    "The neuron whose numbers are shown from here on."
    _run.texts = _run.texts | dict(neuron=_neuron(_run, place)['place'])
    return _picture(_run)

def look(place: str) -> dict[str, Any]:
    "The numbers of any neuron."
    return _neuron(_run, place)

def set_log(on: bool) -> dict[str, Any]:
    _run.texts = _run.texts | dict(log='01'[on])
    return _picture(_run)

def score(x: float, y: float) -> str:
    "What the network says to a place of the plane."
    with no_grad(): s = as_value(_run.model([x, y])).data
    return f'x {short(x, 3)}, y {short(y, 3)}: score {four_decimals(s)}, {colours[s > 0]}'

def measure(steps: int = 50) -> float:
    "How many milliseconds a step of a 2-8-8-1 network on 100 points takes, at the median."
    run, took = Run(_defaults), []
    with collector_paused():
        for _ in range(steps):
            begun = time.perf_counter()
            run.advance()
            took.append(time.perf_counter() - begun)
    return 1000 * sorted(took)[steps//2]
