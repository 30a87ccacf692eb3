"""The playground's Python: it runs what a reader typed, and says in sentences what is wrong with it.

The text is a program as any other, and may do what Python in a browser can; what it must not do, the browser forbids.
A line `a = 2.0` makes a Value named a, which has a slider: moving it writes another number into the text.
"""
from __future__ import annotations
import ast, builtins, difflib, io, json, math, random, sys, tokenize, warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from html import escape
from typing import Any, NamedTuple
import micrograd
from micrograd import engine, nn, viz
from micrograd.drawing import four_decimals
from micrograd.engine import Value
from micrograd.explore import LiveGraph, graph_of, numbers_of, sliders_of
from micrograd.stepper import most_operations, most_values

most_text, most_printed, most_nodes = 20_000, 2_000, 50_000

examples = {
    'The lecture: L = (a*b + c)*f': '''\
a = 2.0
b = -3.0
c = 10.0
f = -2.0
e = a*b
d = e + c
L = d*f''',
    'The same in one line, with tanh': '''\
a = 0.5
b = -1.5
c = 1.0
f = -2.0
L = ((a*b + c)*f).tanh()''',
    'A slope: y = 3x² - 4x + 5': '''\
x = 3.0
y = 3*x**2 - 4*x + 5''',
    'Partial derivatives: y = 2x³ + 4b + 3': '''\
x = 2.0
b = 1.0
y = 2*x**3 + 4*b + 3''',
    'Used twice: b = a + a': '''\
a = 3.0
b = a + a''',
    'Two ways to the result': '''\
a = -2.0
b = 3.0
d = a*b
e = a + b
f = d*e''',
    'A neuron': '''\
x1 = 2.0
x2 = 0.0
w1 = -3.0
w2 = 1.0
b = 6.8813735870195432
n = x1*w1 + x2*w2 + b
o = n.tanh()''',
    'A neuron, tanh taken apart': '''\
x1 = 2.0
x2 = 0.0
w1 = -3.0
w2 = 1.0
b = 6.8813735870195432
n = x1*w1 + x2*w2 + b
e = exp(2*n)
o = (e - 1)/(e + 1)''',
    'A neuron, its sum as one node': '''\
x1 = 2.0
x2 = 0.0
w1 = -3.0
w2 = 1.0
b = 6.8813735870195432
n = dot([w1, w2], [x1, x2], b)
o = n.tanh()''',
    'A loss: two guesses, squared errors': '''\
w = 0.5
b = 0.0
guess1 = w*1.0 + b
guess2 = w*2.0 + b
loss = (guess1 - 2.0)**2 + (guess2 - 4.0)**2''',
    "micrograd's README": '''\
from micrograd.engine import Value

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
g += 10.0 / f''',
}


class Trouble(Exception):
    "What is wrong, as a sentence, with the text that would mend it, if one click can."
    def __init__(self, says: str, line: int = 0, add: list[str] | None = None) -> None:
        super().__init__(says)
        self.says, self.line, self.add = says, line, add or []


# ---- what is there without an import

functions = {name: getattr(micrograd, name) for name in micrograd.__all__ if name[0].islower()}
classes = {'Value': Value, 'Module': nn.Module, 'Neuron': nn.Neuron, 'Layer': nn.Layer, 'MLP': nn.MLP}
given = functions | classes | {'math': math}


def like(name: str, names: Any) -> str:
    found = difflib.get_close_matches(name, sorted(names), 1, 0.7)
    return f' Do you mean {found[0]}?' if found else ''


# ---- from the text to a program

class Leaf(NamedTuple):
    "A number in the text that a slider may move."
    start: int
    end: int
    number: float
    plain: float | None # the number as Python has it, or None if the program itself makes it a Value


class Program(NamedTuple):
    code: Any
    leaves: list[Leaf]


def read(text: str) -> Program:
    "The program in a text. A Trouble says what is wrong with it."
    if len(text) > most_text: raise Trouble(f'The text has {len(text):,} characters, and {most_text:,} is the most. Is something in it twice?')
    if '\0' in text or any('\ud800' <= letter <= '\udfff' for letter in text): raise Trouble('There is a character in the text that is no letter, digit or sign. Type the line anew where it looks empty.')
    if too_deep(text): raise Trouble(in_one_line)
    try: tree = ast.parse(text)
    except SyntaxError as error: raise unreadable(error, text) from None
    except (RecursionError, MemoryError): raise Trouble(in_one_line) from None
    if not tree.body: raise Trouble('There is nothing to compute yet. Type an expression, such as a = 2.0 and, in the next line, b = a*a; or choose an example.')
    unknown(tree)
    leaves: list[Leaf] = []
    places = Places(text)
    for statement in outside(tree.body): statement.value = with_leaves(statement.targets[0], statement.value, places, leaves)
    last = tree.body[-1]
    if isinstance(last, ast.Expr): last.value = call('last', [last.value], last)
    named(tree.body)
    try: return Program(compile(tree, '<text>', 'exec'), leaves)
    except (RecursionError, MemoryError): raise Trouble(in_one_line) from None
    except SyntaxError as error: raise unreadable(error, text) from None


def unreadable(error: SyntaxError, text: str) -> Trouble:
    lines = text.split('\n')
    number = max(1, min(error.lineno or 1, len(lines)))
    message = str(error.msg)
    if 'too many nested' in message or 'too complex' in message: return Trouble(in_one_line)
    hint = ''
    sign = message.partition("invalid character '")[2][:1]
    if 'decimal literal' in message: hint = ' To multiply, write the sign: 2*a.'
    elif sign in printed: hint = f' Write {printed[sign]} for it.'
    elif message == 'invalid syntax': message = 'Python cannot read this'
    if '\n'.join(lines[:number]).strip() and not lines[number - 1].strip(): # it noticed at the end
        while number > 1 and not lines[number - 1].strip(): number -= 1
    return Trouble(f'{message}.{hint}', number)


printed = {'×': '*', '·': '*', '⋅': '*', '÷': '/', '−': '-', '–': '-', '²': '**2', '³': '**3', '√': 'sqrt( )'} # as books have them
in_one_line = 'Too much is put together in one expression. Give parts of it names, each in a line of its own, or use a loop.'
opening, closing = ('(', '[', '{'), (')', ']', '}')


def too_deep(text: str) -> bool:
    """Whether an expression nests deeper than Python in a browser can follow; it would stop for good.

    Counted are the brackets that are open, and the operators that one expression holds; a comma begins another one.
    """
    inside, count, branches = [0], 0, 0
    try:
        for kind, token, *_ in tokenize.generate_tokens(io.StringIO(text).readline):
            if kind == tokenize.NEWLINE: inside, count = [0], 0
            elif token in opening: inside.append(count)
            elif token in closing: count = (inside.pop() if len(inside) > 1 else 0) + 1
            elif token == ',': count = inside[-1]
            elif kind == tokenize.OP or token in ('not', 'if', 'else', 'lambda', 'and', 'or', 'in', 'is', 'for'): count += 1
            elif token == 'elif': branches += 1
            if len(inside) > 50 or count > 250 or branches > 60: return True
    except (tokenize.TokenError, SyntaxError): pass # what is wrong, Python says
    return False


class Places:
    "From Python's lines and bytes to places in a text."
    def __init__(self, text: str) -> None:
        self.lines = text.split('\n')
        self.starts = [0]
        for line in self.lines: self.starts.append(self.starts[-1] + len(line) + 1)

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())


def outside(body: list[ast.stmt]) -> Iterator[ast.Assign]:
    "The assignments outside functions and classes."
    for statement in body:
        if isinstance(statement, ast.Assign): yield statement
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for inner in bodies(statement): yield from outside(inner)


def bodies(statement: ast.AST) -> list[list[ast.stmt]]:
    "The blocks of statements inside a statement, such as those of an `if` and its `else`."
    parts = [getattr(statement, name, None) for name in ('body', 'orelse', 'finalbody')]
    inside = [part for name in ('handlers', 'cases') for each in getattr(statement, name, []) for part in bodies(each)]
    return [part for part in parts if isinstance(part, list)] + inside


def literal(node: ast.expr) -> float | None:
    "The number, if numbers are all there is, as in `1/2`."
    allowed = (ast.UnaryOp, ast.BinOp, ast.UAdd, ast.USub, ast.Add, ast.Sub, ast.Mult, ast.Div) # and no power, which can take long
    for part in ast.walk(node):
        if not (type(part.value) in (int, float) if isinstance(part, ast.Constant) else isinstance(part, allowed)): return None
    try:
        number: float = eval(compile(ast.Expression(node), '<number>', 'eval'))
        return number if math.isfinite(float(number)) else None
    except ArithmeticError: return None


def with_leaves(target: ast.expr, value: ast.expr, places: Places, leaves: list[Leaf]) -> ast.expr:
    "What is assigned, with each number that stands by itself, or in `Value(...)`, made a leaf."
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
        value.elts = [with_leaves(name, part, places, leaves) for name, part in zip(target.elts, value.elts)]
        return value
    if not isinstance(target, ast.Name): return value
    explicit = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == 'Value'
    first = next(iter([*value.args, *(k.value for k in value.keywords if k.arg == 'data')]), value) if explicit else value # type: ignore[attr-defined]
    number = literal(first)
    if number is None: return value
    leaves.append(Leaf(places.at(first.lineno, first.col_offset), places.at(first.end_lineno or 0, first.end_col_offset or 0), float(number), None if explicit else number))
    made = call('leaf', [ast.copy_location(ast.Constant(len(leaves) - 1), value)], value)
    if explicit:
        made.args += value.args[1:] # type: ignore[attr-defined]
        made.keywords = [k for k in value.keywords if k.arg != 'data'] # type: ignore[attr-defined]
    return made


Placing = Callable[[Any], Any] # gives a made node the place of what it stands for


def call(name: str, arguments: list[ast.expr], where: ast.AST) -> ast.Call:
    "A call of one of our own functions; nobody can type a name with a space in it."
    here: Placing = lambda node: ast.copy_location(node, where)
    return ast.copy_location(ast.Call(here(ast.Name(f'our {name}', ast.Load())), arguments, []), where)


def named(body: list[ast.stmt], top: bool = True) -> None:
    "Puts after each assignment one that gives the Value its name."
    for statement in [*body]:
        inside = top and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for inner in bodies(statement): named(inner, inside)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AugAssign) else []
        after = body.index(statement) + 1
        names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        for name in reversed(names):
            arguments: list[ast.expr] = [ast.Constant(name), ast.Name(name, ast.Load()), ast.Constant(top)]
            body.insert(after, ast.fix_missing_locations(ast.copy_location(ast.Expr(call('name', arguments, statement)), statement)))


def unknown(tree: ast.Module) -> None:
    "A Trouble if names have no value anywhere in the program."
    nodes = list(ast.walk(tree))
    imports = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    if any(alias.name == '*' for alias in imports): return # whatever that brings
    names = [node for node in nodes if isinstance(node, ast.Name)]
    here = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | {alias.asname or alias.name.partition('.')[0] for alias in imports}
    here |= {name for node in nodes for key in ('arg', 'name', 'rest') if isinstance(name := getattr(node, key, None), str)} # of arguments, functions, classes, exceptions, patterns
    known = {*here, *given, *dir(builtins), '__name__'}
    missing = sorted((node for node in names if node.id not in known), key=lambda node: (node.lineno, node.col_offset))
    if not missing: return
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    first = missing[0]
    if first.id in called: raise Trouble(f'there is no function {first.id} here.{like(first.id, known)}', first.lineno)
    add = list(dict.fromkeys(node.id for node in missing if node.id not in called))
    raise Trouble(no_value(add) + like(first.id, {*here, *given} if len(first.id) > 2 else ()), first.lineno, add)


def no_value(names: list[str]) -> str:
    listed = names[0] if len(names) == 1 else f'{", ".join(names[:-1])} and {names[-1]}'
    return f'{listed} {"has" if len(names) == 1 else "have"} no value yet.'


# ---- running it

class Ran(NamedTuple):
    "What a program left behind."
    leaves: dict[int, list[Value]] # by their number in the text; in a loop there are several of one number
    named: dict[str, Value] # what was assigned, in the order of the last assignment
    last: Any # what the last line gives, if it is an expression
    warned: list[str] # each once


@contextmanager
def recording() -> Iterator[list[Value]]:
    """All Values made in this block that are still there, the oldest first. In the end they are taken apart one by one.

    Python frees a long chain by following it, for which a browser has no room: so no chain is left to follow.
    """
    made: list[Value] = []
    make = Value.__init__
    ours = [module for name, module in sys.modules.items() if name.partition('.')[0] == 'micrograd']
    before = {id(thing): (thing, dict(vars(thing))) for thing in [builtins, math, random, *ours, *classes.values(), *functions.values()]}
    def record(self: Value, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        made.append(self)
        if len(made) <= 2*most_nodes: return
        forget(made)
        if len(made) > most_nodes: raise Trouble(f'There are more than {most_nodes:,} Values at once, which is too many for a page. Let a loop run less often.')
    Value.__init__ = record # type: ignore[method-assign]
    try: yield made
    finally:
        Value.__init__ = make # type: ignore[method-assign]
        for thing, was in before.values(): # as in `Value.label = 'a'`
            for name in {*was, *vars(thing)}:
                if name not in was: delattr(thing, name)
                elif vars(thing).get(name, thing) is not was[name]: setattr(thing, name, was[name])
        for node in reversed(made): node._prev = ()


def forget(made: list[Value]) -> None:
    "Takes apart what nothing else refers to any more, results before inputs."
    kept, node = [], object()
    alone = sys.getrefcount(node)
    while made:
        node = made.pop()
        if sys.getrefcount(node) > alone: kept.append(node)
        else: node._prev = ()
    made += reversed(kept)


class Printed(io.TextIOBase):
    "What a program prints, up to an end; each part of it goes to the page at once, which may have to stop the program."
    def __init__(self) -> None:
        super().__init__()
        self.text, self.full = '', False

    def write(self, text: str) -> int:
        if not self.full and text:
            part = text[:most_printed - len(self.text)]
            self.full = len(part) < len(text)
            if self.full: part += f' ... (cut after {most_printed:,} characters)'
            self.text += part
            heard(part)
        return len(text)


heard: Callable[[str], Any] = lambda text: None # who is told of what is printed


def perform(program: Program, numbers: list[float | None], printed: Printed) -> Ran:
    "Runs the program with these numbers in its leaves; None leaves a leaf the plain number that it is."
    leaves: dict[int, list[Value]] = {}
    names: dict[str, Value] = {}
    times: dict[str, int] = {}
    last: list[Any] = [None]

    def leaf(k: int, *rest: Any, **more: Any) -> Any:
        number = numbers[k]
        if number is None: return program.leaves[k].plain
        value = Value(number, *rest, **more)
        leaves.setdefault(k, []).append(value)
        return value

    def name(name: str, value: Any, top: bool) -> None:
        if isinstance(value, nn.Module):
            for path, p in value.named_parameters(): p.label = p.label or f'{name}.{path}'
        if not isinstance(value, Value): return
        if value.label == '':
            times[name] = times.get(name, 0) + 1
            value.label = name if times[name] == 1 else name + str(times[name]).translate(lowered)
        if top:
            names.pop(name, None)
            names[name] = value

    def keep(value: Any) -> None: last[0] = value

    random.seed(0) # a network begins with the same weights each time
    with redirect_stdout(printed), redirect_stderr(printed), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter('always')
        exec(program.code, {'__name__': '__main__', **given, 'our leaf': leaf, 'our name': name, 'our last': keep})
    return Ran(leaves, names, last[0], list(dict.fromkeys(str(warning.message) for warning in warned)))


lowered = str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉')


def mended(error: BaseException, text: str) -> Trouble:
    "The Trouble that an exception of the reader's program is."
    if isinstance(error, Trouble): return error
    if isinstance(error, SystemExit): return Trouble('the program ended itself.')
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == '<text>': line = trace.tb_lineno
        trace = trace.tb_next
    message = str(error)
    if isinstance(error, NameError):
        name = error.name or message.partition("'")[2].partition("'")[0]
        return Trouble(f'{name} has no value yet where it is needed.', line)
    if isinstance(error, ZeroDivisionError):
        return Trouble('a plain number is divided by zero. Python refuses that; a Value divided by zero gives inf, and the graph shows where from.', line)
    if isinstance(error, RecursionError): return Trouble('a function calls itself without an end, or too deeply.', line)
    if isinstance(error, MemoryError) or 'index-sized' in message: return Trouble('this needs more memory than a page has.', line)
    if isinstance(error, OverflowError): return Trouble(f'a number is too large: {message}.', line)
    if isinstance(error, AssertionError): return Trouble(f'the assertion does not hold{": " * bool(message) + message}.', line)
    if isinstance(error, AttributeError) and isinstance(error.obj, Value): return Trouble(f'a Value has no .{error.name}.{like(str(error.name), functions)}', line)
    for found, hint in hints:
        if found in message: return Trouble(hint.format(message), line)
    return Trouble(f'{message[:300] or type(error).__name__}.', line)


hints = (
    ("'Value' object cannot be interpreted as an integer", 'a whole number is needed here, and this is a Value. int(...) gives the number in it, as in range(int(n)).'),
    ("'float' object cannot be interpreted as an integer", 'a whole number is needed here: 3 instead of 3.0.'),
    ('indices must be integers', 'the place in a list is a whole number. int(...) gives the number in a Value.'),
    ('object is not callable', 'this is a number, and no function. To multiply, write the sign: a*(b + c).'),
    ('unsupported operand type(s) for ^', 'a power is written ** here, as in x**2; ^ is something else in Python.'),
    ('No module named', '{0}: Python, its own modules and micrograd are all there is in a page.'),
    ("'Value' object is not iterable", 'one Value stands where a list is needed, such as [a, b].'),
    ("'Value' object is not subscriptable", 'a Value is one number, and has no parts to choose from.'),
    ("'float' object has no attribute", "{0}: it is a plain number. A function takes both, as in tanh(x); Value(x) makes it a Value."),
    ("'int' object has no attribute", "{0}: it is a plain number. A function takes both, as in tanh(x); Value(x) makes it a Value."),
)


# ---- what came out

def results(ran: Ran) -> dict[str, Value]:
    "What the graph could be of, by name, the most likely last. A Trouble if there is nothing."
    last = [x for x in (ran.last if isinstance(ran.last, list | tuple) else [ran.last]) if isinstance(x, Value)]
    computed = [x for x in ran.named.values() if x._prev]
    used = inside([*computed, *last])
    ends = [x for x in computed if id(x) not in used] + (last or computed[-1:] or list(ran.named.values())[-1:])
    if not ends: raise Trouble(nothing(ran.last))
    found: dict[str, Value] = {}
    for value in {id(x): x for x in reversed(ends)}.values():
        name = short(value.label) or 'the last line'
        while name in found: name += '′'
        found[name] = value
    return dict(reversed(found.items()))


def inside(ends: list[Value]) -> set[int]:
    "The ids of all nodes on the way to these, without those that are on the way to none."
    used: set[int] = set()
    todo = [x for end in ends for x in end._prev]
    while todo:
        node = todo.pop()
        if id(node) in used: continue
        used.add(id(node))
        todo += node._prev
    return used


def nothing(last: Any) -> str:
    if isinstance(last, int | float): return f'The last line gives {last}, a plain number, and no Value is made. A line such as a = 2.0 makes one.'
    if isinstance(last, list | tuple): return 'The last line gives a list without a Value in it. A graph ends in one Value, such as the sum of a list.'
    if last is not None: return f'The last line gives a {type(last).__name__}, and a graph ends in a Value. A line such as a = 2.0 makes one.'
    return 'No Value has a name. A line such as a = 2.0 makes one, and so does a = Value(2.0).'


def tidy(nodes: list[Any]) -> None:
    "Names that fit into a picture, and gradients of this result alone."
    for node in nodes:
        node.label, node._op = short(node.label), short(node._op)
        if type(node.data) is not float: node.data = Value(node.data).data
        node.grad = 0.0
    nodes[-1].backward()


def short(name: Any) -> str:
    text = ' '.join(str(name).split())
    return text if len(text) <= 24 else text[:23] + '…'


keys: dict[Any, str] = {} # of the last drawing, by its structure


def pictured(root: Value, places: dict[int, int], drawn: str) -> dict[str, Any]:
    "A result as explore.js shows it; its drawing only if it is another one than `drawn`."
    live = LiveGraph(root)
    movable = [i for i, node in enumerate(live.nodes) if id(node) in places]
    live.named = sorted({*movable, *(i for i, node in enumerate(live.nodes) if not node._prev and node.label)}) or live.named
    leaves = [leaf | {'place': places[id(live.nodes[leaf['node']])]} for leaf in sliders_of(live) if leaf['node'] in movable]
    structure = tuple((name, node._op, *inputs) for name, node, inputs in zip(live.names, live.nodes, live.inputs))
    if drawn and keys.get(structure) == drawn: graph = None
    else:
        graph = graph_of(live, drawn)
        keys.clear()
        keys[structure] = graph['key']
    return {'graph': graph, 'numbers': numbers_of(live), 'leaves': leaves}


def listed(nodes: list[Any], operations: int) -> dict[str, Any]:
    "The ends of a graph that is too large to be drawn."
    says = (f'This graph has {len(nodes):,} values and {operations:,} operations; up to {most_operations} operations on {most_values} values are drawn. '
            'These are its result and its leaves. To see a part drawn, end the text earlier, or let a loop run less often.')
    rows = [node for node in nodes if not node._prev and node.label][:50] + nodes[-1:]
    return {'says': says, 'rows': [[node.label or 'the result', four_decimals(node.data), four_decimals(node.grad)] for node in rows]}


def notes(ran: Ran, nodes: list[Any]) -> list[str]:
    "What a reader may wonder about."
    there, name, says = {id(node) for node in nodes}, nodes[-1].label or 'the result', [f'{text[:1].upper()}{text[1:]}.' for text in ran.warned]
    left_out = [short(some[-1].label) for some in ran.leaves.values() if not any(id(leaf) in there for leaf in some)]
    if left_out: says.append(f'{" and ".join(left_out)} {"is" if len(left_out) == 1 else "are"} not a part of {name}: moving {"it" if len(left_out) == 1 else "them"} changes nothing there.')
    born = engine.nonfinite(nodes[-1])
    if born: says.append(f'The first number that is not finite: {born}.')
    return says


# ---- what the page asks for

programs: dict[str, Program] = {} # the last ones that were read


def program_of(text: str) -> Program:
    if text not in programs: programs[text] = read(text)
    while len(programs) > 20: del programs[next(iter(programs))]
    return programs[text]


def moved(text: str, numbers: dict[int, float]) -> str:
    "The text with other numbers in some of its leaves."
    code, leaves = program_of(text)
    out, now, done = '', [], 0
    for k, leaf in enumerate(leaves):
        out += text[done:leaf.start]
        done = leaf.end
        written = repr(float(numbers[k])) if k in numbers else text[leaf.start:leaf.end]
        number = float(numbers[k]) if k in numbers else leaf.number
        now.append(Leaf(len(out), len(out) + len(written), number, leaf.plain if leaf.plain is None or k not in numbers else number))
        out += written
    out += text[done:]
    programs[out] = Program(code, now) # the rest is the same: nothing has to be read again
    return out


def readings(leaves: list[Leaf]) -> list[list[float | None]]:
    "What the numbers of a program can be: Values all; or whole ones plain, which count and choose; or all plain that are not Values in the text."
    kinds: list[tuple[type, ...]] = [(), (int,), (int, float)]
    found = [[None if isinstance(leaf.plain, kind) else leaf.number for leaf in leaves] for kind in kinds]
    return [reading for i, reading in enumerate(found) if reading not in found[:i]]


def run(
    text: str, # the program
    moves: dict[str, float] | None = None, # other numbers for some leaves, by their number in the text
    of: str = '', # the result to show, if there are several
    drawn: str = '', # the key of the drawing that the page has
) -> dict[str, Any]: # `trouble` is a sentence, or '' and the rest is there
    "What the page shows of a text."
    text = text.replace('\r\n', '\n').replace('\r', '\n')
    try:
        if moves: text = moved(text, {int(k): number for k, number in moves.items() if math.isfinite(number)})
        program = program_of(text)
    except Trouble as trouble: return {'text': text, 'printed': ''} | told(trouble, text)
    answers = (attempt(text, program, numbers, of, drawn) for numbers in readings(program.leaves))
    first = answer = next(answers)
    while answer.pop('other', False): answer = next(answers, first)
    return first if answer['trouble'] else answer


def attempt(text: str, program: Program, numbers: list[float | None], of: str, drawn: str) -> dict[str, Any]:
    "What the page shows with these numbers; `other` if plain ones may be what is wanted in the place of Values."
    printed = Printed()
    with recording():
        try: return {'text': text, 'trouble': ''} | shown(perform(program, numbers, printed), of, drawn) | {'printed': printed.text}
        except BaseException as error:
            trouble, other = mended(error, text), isinstance(error, TypeError | AttributeError)
            error.__traceback__ = None
            return {'text': text, 'printed': printed.text, 'other': other} | told(trouble, text)


def shown(ran: Ran, of: str, drawn: str) -> dict[str, Any]:
    choices = results(ran)
    name = of if of in choices else list(choices)[-1]
    nodes, _ = viz.trace(choices[name])
    tidy(nodes)
    operations = sum(1 for node in nodes if node._prev)
    large = operations > most_operations or len(nodes) > most_values
    places = {id(leaf): k for k, some in ran.leaves.items() for leaf in some}
    out = {'results': list(choices), 'result': name, 'notes': notes(ran, nodes), 'large': listed(nodes, operations) if large else None}
    return out if large else out | pictured(choices[name], places, drawn)


def told(trouble: Trouble, text: str) -> dict[str, Any]:
    "A Trouble with its line, and the text that would mend it."
    lines, line = text.split('\n'), trouble.line
    says = trouble.says
    if line:
        quoted = lines[line - 1].strip() if line <= len(lines) else ''
        says = f'Line {line}{" (" * bool(quoted)}{quoted if len(quoted) <= 40 else quoted[:39] + "…"}{")" * bool(quoted)}: {says}'
    else: says = says[:1].upper() + says[1:]
    added = ''
    if trouble.add:
        first = next((i for i, kept in enumerate(lines) if kept.strip() and not kept.startswith(('from ', 'import ', '#'))), 0)
        added = '\n'.join(lines[:first] + [f'{name} = 1.0' for name in trouble.add] + lines[first:])
    return {'trouble': says, 'line': line, 'add': ', '.join(f'{name} = 1.0' for name in trouble.add), 'added': added}


# ---- what the page is made of when the site is built

def scripts(name: str) -> str:
    "The style and the script of a live page, and what its reader is told where the script, or one that it needs, is lost."
    return f'''<link rel="stylesheet" href="live.css">
<script>
addEventListener('error', ({{ target }}) => {{
  if (!target.src?.endsWith('/{name}.js')) return
  document.getElementById('{name}').insertAdjacentHTML('afterbegin', '<p role="alert">The connection was lost before this page was there. <button class="btn btn-sm btn-outline-primary">Try again</button></p>')
  document.querySelector('#{name} [role=alert] button').onclick = () => location.reload()
}}, true)
</script>
<script type="module" src="{name}.js"></script>'''


class Page:
    "The place of the playground: what is there before Python runs, and without JavaScript."
    def _repr_html_(self) -> str:
        text = next(iter(examples.values()))
        with recording():
            program = read(text)
            ran = perform(program, [leaf.number for leaf in program.leaves], Printed())
            stepper = viz.step_through(list(results(ran).values())[-1])._repr_html_()
        contents = json.dumps({'examples': list(examples.items()), 'shown': run(text)}, allow_nan=False, ensure_ascii=False)
        contents = contents.replace('&', '\\u0026').replace('<', '\\u003c').replace('>', '\\u003e')
        line = escape(text.replace('\n', '; '))
        return (f'<div id="playground"><p><code>{line}</code></p><noscript><p>Without JavaScript this example stays as it is; the buttons go through its '
                f'backward pass. With JavaScript you can type your own.</p></noscript>{stepper}<script type="application/json">{contents}</script></div>')
