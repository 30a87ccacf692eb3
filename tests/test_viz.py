"Pictures: what a reader of the chapter need not see."
from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import escape
from types import SimpleNamespace

import pytest

from micrograd.drawing import label_text, layout, text_width
from micrograd.engine import Value, operations
from micrograd.viz import draw_dot, draw_mlp, draw_neuron, plot_boundary, plot_loss, plot_slope, step_through, trace
from expressions import made_by, readme

SVG = '{http://www.w3.org/2000/svg}'


def lecture():
    a, b, c, f = Value(2.0, label='a'), Value(-3.0, label='b'), Value(10.0, label='c'), Value(-2.0, label='f')
    e = a * b; e.label = 'e'
    d = e + c; d.label = 'd'
    L = d * f; L.label = 'L'
    return L


def svg_of(picture) -> ET.Element:
    return ET.fromstring(picture.pipe(encoding='utf-8'))


def texts(root: ET.Element) -> list[str]:
    return [text.text.strip() for text in root.iter(f'{SVG}text')]


def plot_svg(figure) -> str:
    return figure._repr_mimebundle_()['image/svg+xml']


# ---- trace

def test_trace_lists_inputs_before_results_and_each_once():
    L = lecture()
    nodes, edges = trace(L)
    place = {id(node): i for i, node in enumerate(nodes)}
    assert len(place) == len(nodes) == 7 and nodes[-1] is L
    assert all(place[id(child)] < place[id(parent)] for child, parent in edges)
    assert [(child.label, parent.label) for child, parent in edges] == [
        ('a', 'e'), ('b', 'e'), ('e', 'd'), ('c', 'd'), ('d', 'L'), ('f', 'L')]


def test_trace_of_a_value_used_at_several_depths():
    a = Value(1.0)
    b = a + a
    c = b * a + b
    nodes, edges = trace(c)
    place = {id(node): i for i, node in enumerate(nodes)}
    assert len(nodes) == len(place) == 4 and len(edges) == 6
    assert all(place[id(child)] < place[id(parent)] for child, parent in edges)


def test_a_plus_a_has_two_edges_and_two_arrows():
    a = Value(1.0)
    b = a + a
    assert trace(b)[1] == [(a, b), (a, b)]
    assert draw_dot(b).source.count('0 -> "1op"') == 2


def test_code_of_the_lecture_runs_on_the_result_of_trace():
    nodes, edges = trace(lecture())
    names = {str(id(n)): n.label for n in nodes}
    assert [names[str(id(n1))] + n2._op for n1, n2 in edges] == ['a*', 'b*', 'e+', 'c+', 'd*', 'f*']


def test_trace_and_draw_dot_read_any_object_with_the_five_attributes():
    class Other(SimpleNamespace):
        __hash__ = object.__hash__
    a = Other(data=1, grad=0, _prev=set(), _op='', label='a')
    b = Other(data=2, grad=0, _prev={a}, _op='+')  # children in a set, whole numbers, and no label
    assert trace(b)[0] == [a, b]
    assert '{ a | data 1.0000 | grad 0.0000 }' in draw_dot(b).source and '{ data 2.0000 | grad 0.0000 }' in draw_dot(b).source


@pytest.mark.slow
def test_a_chain_of_two_hundred_thousand_nodes_is_traced_and_its_end_is_drawn():
    x = Value(0.0)
    one = Value(1.0)
    for _ in range(200_000): x = x + one
    nodes, edges = trace(x)
    assert len(nodes) == 200_002 and len(edges) == 400_000
    seen = texts(svg_of(draw_dot(x, max_nodes=10)))
    assert sum(text.startswith('data') for text in seen) == 10
    assert '10 of 200,002 values, those nearest to the result' in seen


@pytest.mark.parametrize('root', [3.0, None, 'L', [Value(1.0)], Value])
def test_what_is_no_node_is_refused_by_name(root):
    for draw in (trace, draw_dot, step_through):
        with pytest.raises(TypeError, match=f'expected a Value .* got {type(root).__name__}'): draw(root)


# ---- draw_dot

def test_node_names_are_topological_indices():
    source = draw_dot(lecture()).source
    assert re.findall(r'^\t"?(\d+(?:op)?)"? \[', source, flags=re.M) == ['0', '1', '2', '2op', '3', '4', '4op', '5', '6', '6op']
    assert re.findall(r'^\t(\d+) -> "(\d+op)"', source, flags=re.M) == [('0', '2op'), ('1', '2op'), ('2', '4op'), ('3', '4op'), ('4', '6op'), ('5', '6op')]


def test_boxes_read_as_in_the_lecture():
    L = lecture()
    L.backward()
    source = draw_dot(L).source
    assert '{ a | data 2.0000 | grad 6.0000 }' in source and '{ L | data -8.0000 | grad 1.0000 }' in source
    assert texts(svg_of(draw_dot(L)))[:3] == ['a', 'data 2.0000', 'grad 6.0000']


@pytest.mark.parametrize('rankdir', ['LR', 'TB'])
def test_the_fields_of_a_box_stand_one_above_the_other_and_inputs_have_a_colour(rankdir):
    boxes = [g for g in svg_of(draw_dot(lecture(), rankdir=rankdir)).iter(f'{SVG}g') if 'value' in g.get('class').split()]
    for box in boxes: assert len({text.get('x') for text in box.iter(f'{SVG}text')}) == 1
    fills = [box.find(f'{SVG}path').get('fill') for box in boxes]
    assert len(set(fills)) == 2 and [fill == fills[0] for fill in fills] == [True, True, False, True, False, True, False]


NASTY = ['a|b', '{x}', '<b>', '"quoted"', 'back\\slash', 'ends in \\', '\\n', 'a & b', '&lt;', 'αβγ ∂L/∂x', '日本', '😀', "it's", '<<TABLE/>>', '-->', '%', '\\N']


@pytest.mark.parametrize('label', NASTY)
def test_a_label_shows_as_it_was_written(label):
    root = svg_of(draw_dot(Value(1.0, label=label)))
    assert texts(root) == [label, 'data 1.0000', 'grad 0.0000']


@pytest.mark.parametrize('op', ['|', '<x>', '{', '\\', '"', '&', '**2', 'a\nb'])
def test_an_operation_shows_as_it_was_written(op):
    x = Value(1.0)
    assert ' '.join(op.split()) in ' '.join(texts(svg_of(draw_dot(Value(2.0, (x,), op)))))


def test_a_label_of_two_lines_is_two_lines():
    assert texts(svg_of(draw_dot(Value(1.0, label='one\ntwo'))))[:2] == ['one', 'two']


@pytest.mark.parametrize('label', ['\x00', 'a\x07b', '\ud800', '\uffff', '\x1b[31m'])
def test_a_character_that_xml_forbids_is_replaced(label):
    L = Value(1.0, label=label) * 2
    L.label = label
    assert any('\ufffd' in text for text in texts(svg_of(draw_dot(L))))
    draw_dot(L).source.encode()
    step_through(L)._repr_html_().encode()


@pytest.mark.parametrize('number, shown', [(0.0, '0.0000'), (-0.0, '0.0000'), (1.23456, '1.2346'), (-12.5, '-12.5000'), (1e-9, '1e-09'), (1.23456e-5, '1.235e-05'),
                                           (123456789.0, '1.235e+08'), (1e300, '1e+300'), (math.inf, 'inf'), (-math.inf, '-inf'), (math.nan, 'nan')])
def test_numbers(number, shown):
    x = Value(1.0)
    x.data = x.grad = number
    assert texts(svg_of(draw_dot(x))) == [f'data {shown}', f'grad {shown}']


def test_local_derivatives_stand_on_the_arrows():
    L = lecture()
    seen = texts(svg_of(draw_dot(L, local=True)))
    assert sorted(text for text in seen if text.startswith('×')) == sorted(['× -3.0', '× 2.0', '× 1.0', '× 1.0', '× -2.0', '× 4.0'])
    assert not any(text.startswith('×') for text in texts(svg_of(draw_dot(L))))


def test_local_derivatives_need_nodes_that_know_them():
    leaf = SimpleNamespace(data=1.0, grad=0.0, _prev=(), _op='', label='')
    root = SimpleNamespace(data=1.0, grad=0.0, _prev=(leaf,), _op='tanh', label='')
    draw_dot(root)
    with pytest.raises(TypeError, match='_local'): draw_dot(root, local=True)


def test_an_operation_of_ones_own_is_drawn_with_its_local_derivative():
    x = Value(3.0, label='x')
    out = Value(x.data ** 3, (x,), 'cube')
    def _backward(): x.grad += 3 * x.data ** 2 * out.grad
    out._backward = _backward
    assert '× 27.0' in texts(svg_of(draw_dot(out, local=True)))
    assert x.grad == 0.0 and out.grad == 0.0
    assert step_through(out).steps[-1].grads == [27.0, 1.0]


@pytest.mark.parametrize('rankdir', ['LR', 'TB', 'RL', 'BT'])
def test_every_direction_draws(rankdir):
    root = svg_of(draw_dot(lecture(), rankdir=rankdir))
    wide, high = (float(root.get(side)[:-2]) for side in ('width', 'height'))
    assert (wide > high) == (rankdir in ('LR', 'RL'))


def test_wrong_arguments_are_named():
    L = lecture()
    with pytest.raises(ValueError, match="'LR', 'TB', 'RL' or 'BT', got 'up'"): draw_dot(L, rankdir='up')
    with pytest.raises(ValueError, match='format'): draw_dot(L, format='doc')
    for bad in (0, -1, 2.5, None):
        with pytest.raises(ValueError, match='max_nodes'): draw_dot(L, max_nodes=bad)


def test_a_graph_is_cut_around_the_root_and_says_so():
    L = lecture()
    root = svg_of(draw_dot(L, max_nodes=3))
    seen = texts(root)
    assert [text for text in seen if text in 'abcdefL'] == ['d', 'f', 'L']
    assert seen.count('…') == 1 and '3 of 7 values, those nearest to the result' in seen
    whole = texts(svg_of(draw_dot(L, max_nodes=7)))
    assert '…' not in whole and not any('of 7 values' in text for text in whole)


def test_a_picture_describes_itself_and_brings_no_clashing_ids_versions_or_links():
    svg = draw_dot(lecture()).pipe(encoding='utf-8')
    root = ET.fromstring(svg)
    assert root.get('role') == 'img' and root.get('aria-label') == 'Expression graph of L, 7 values'
    assert not [e for e in root.iter() if e.get('id')] and '<!--' not in svg and 'DOCTYPE' not in svg and 'title' not in svg
    assert svg.startswith('<svg')


def test_a_description_with_quotes_stays_one_attribute():
    x = Value(1.0, label='a "b" <c> & \'d\' \\')
    assert '<c> &' in svg_of(draw_dot(x)).get('aria-label')


def test_a_link_of_the_readers_stays_a_link():
    picture = draw_dot(lecture())
    picture.node('more', URL='https://example.org/?a=1&b=2')
    assert 'xlink:href="https://example.org/?a=1&amp;b=2"' in picture.pipe(encoding='utf-8')


# ---- text stays in its box: as wide as Graphviz took it to be, in any font

def room_for(characters: str) -> dict[str, float]:
    "How wide Graphviz takes each character to be, as a part of the font size, from boxes without a margin."
    nodes = ''.join(f'{i} [label="{label_text(c) * 20}"]\n' for i, c in enumerate(characters))
    svg = ET.fromstring(layout('digraph { node [shape=box fontname=Helvetica fontsize=10 margin=0 width=0 height=0]\n' + nodes + '}'))
    boxes = [g for g in svg.iter(f'{SVG}g') if g.get('class') == 'node']
    xs = [[float(point.split(',')[0]) for point in box.find(f'{SVG}polygon').get('points').split()] for box in boxes]
    return {c: (max(x) - min(x)) / 200 for c, x in zip(characters, xs)}


def test_a_character_is_as_wide_as_graphviz_takes_it_to_be():
    for c, room in room_for(''.join(map(chr, range(33, 127)))).items(): assert text_width(c) == pytest.approx(room, abs=0.002), c


def test_no_character_is_wider_than_the_room_that_graphviz_leaves():
    for c, room in room_for('×−–ÀßéñΣαβγ∂Ωжщ…⋮→ᵢ∑∞日本語ｗ😀👍').items(): assert text_width(c) <= room + 0.002, c


@pytest.mark.parametrize('make', [
    lambda: draw_dot(lecture(), local=True), lambda: draw_dot(Value(-123456.7891, label='a name, Quite Wide')), lambda: draw_mlp(network(2, 3, 1)), lambda: draw_neuron(3)])
def test_every_text_of_a_picture_has_its_width(make):
    found = list(svg_of(make()).iter(f'{SVG}text'))
    assert found
    for text in found:
        assert float(text.get('textLength')) == pytest.approx(text_width(text.text) * float(text.get('font-size')), abs=0.01)
        assert text.get('lengthAdjust') == 'spacingAndGlyphs'


# ---- without the program `dot`, and without anything

def without_dot(code: str, tmp_path, hide: tuple[str, ...] = ()) -> str:
    "Run `code` with an empty PATH, and as if the packages in `hide` were not installed."
    hiding = ''.join(f'sys.modules[{name!r}] = None\n' for name in hide if name != 'graphviz-pure')
    if 'graphviz-pure' in hide: hiding += "import sysconfig\nsysconfig.get_path = lambda name: '/nowhere'\n" # it is beside Python
    start = (f'import sys, os\n{hiding}sys.path.insert(0, {os.getcwd()!r})\nos.chdir({str(tmp_path)!r})\n'
             'from micrograd.engine import Value\nfrom micrograd.viz import *\n'
             "a = Value(2.0, label='a'); L = a * 3; L.label = 'L'\n")
    done = subprocess.run([sys.executable, '-c', start + code], capture_output=True, text=True, env={**os.environ, 'PATH': ''})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_graph_shows_and_saves_without_dot(tmp_path):
    out = without_dot(
        "p = draw_dot(L)\n"
        "assert p._repr_mimebundle_()['image/svg+xml'].startswith('<svg')\n"
        "print(p.render(outfile='graph.svg'), p.render('name'), p.render('sub/other', cleanup=True))\n"
        "print(p.render(outfile='deep/er/g.svg'), p.render('x', directory='d'))\n", tmp_path)
    assert out.replace(os.sep, '/').split() == ['graph.svg', 'name.svg', 'sub/other.svg', 'deep/er/g.svg', 'd/x.svg']
    for name in out.split(): assert ET.parse(tmp_path / name).getroot().tag == f'{SVG}svg'
    assert (tmp_path / 'name').read_text().startswith('digraph') and (tmp_path / 'graph.gv').exists()
    assert not (tmp_path / 'sub' / 'other').exists()


def test_another_format_without_dot_says_what_is_allowed(tmp_path):
    out = without_dot(
        "for draw in (lambda: draw_dot(L).render('name', format='png'), lambda: draw_dot(L).render(outfile='g.pdf'), lambda: draw_dot(L, format='png').pipe()):\n"
        "    try: draw()\n"
        "    except RuntimeError as error: print(error)\n"
        "print(draw_dot(L, format='png')._repr_mimebundle_()['image/svg+xml'][:4])\n", tmp_path)
    lines = out.splitlines()
    assert 'only be svg, not png' in lines[0] and 'only be svg, not pdf' in lines[1] and 'only be svg, not png' in lines[2] and lines[3] == '<svg'
    assert list(tmp_path.iterdir()) == []


def test_what_only_dot_can_do_is_said_without_it(tmp_path):
    out = without_dot("for wish in (dict(engine='neato'), dict(renderer='cairo', formatter='cairo')):\n"
                      "    for draw in (draw_dot(L).pipe, draw_dot(L).render):\n"
                      "        try: draw(**wish)\n"
                      "        except RuntimeError as error: print(error)\n", tmp_path)
    assert [line.split(', ')[1] for line in out.splitlines()] == ['without engine; `dot` is a part of Graphviz (https://graphviz.org/download)'] * 2 + ['without renderer'] * 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('look', ["p.view()", "p.view('name', quiet_view=True)", "p.render('name', view=True)", "p.view('name', directory='d', cleanup=True, quiet=True)"])
def test_view_opens_the_picture_without_dot_and_without_a_warning(look, tmp_path):
    if sys.platform != 'linux': pytest.skip('a stand-in for xdg-open')
    viewer = tmp_path / 'bin' / 'xdg-open'
    viewer.parent.mkdir()
    viewer.write_text('#!/bin/sh\necho "looked at $1" > seen.part\n/bin/mv seen.part seen\n')
    viewer.chmod(0o755)
    out = without_dot(
        f"import warnings, subprocess\nwarnings.simplefilter('error')\nos.environ['PATH'] = {str(viewer.parent)!r}\n"
        "started, Popen = [], subprocess.Popen\n"
        "subprocess.Popen = lambda *args, **kwargs: started.append(Popen(*args, **kwargs)) or started[-1]\n"
        f"p = draw_dot(L); path = {look}\nstarted[-1].wait(); print(path, open('seen').read())", tmp_path)
    path, _, seen = out.strip().partition(' ')
    assert seen == f'looked at {path}' and path.endswith('.svg')
    assert ET.parse(tmp_path / path).getroot().tag == f'{SVG}svg'
    assert os.path.exists(tmp_path / path[:-4]) == ('cleanup' not in look)


def test_with_nothing_that_draws_a_notebook_says_what_to_install(tmp_path):
    out = without_dot(
        "print(draw_dot(L)._repr_mimebundle_())\n"
        "print(step_through(L)._repr_html_())\n"
        "for draw in (lambda: draw_dot(L).pipe(), lambda: draw_dot(L).render(outfile='g.svg')):\n"
        "    try: draw()\n"
        "    except RuntimeError as error: print('error:', error)\n", tmp_path, hide=('graphviz-pure',))
    assert out.count('pip install "literate-micrograd[viz]"') == 3 and out.count('error:') == 2
    assert "'text/plain'" in out.splitlines()[0] and 'a gets dL/da' not in out and 'a gets v1.data × L.grad = 3.0 × 1.0 = 3.0' in out
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_fails_says_why(tmp_path):
    program = tmp_path / 'bin' / 'dot'
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "out of paper" >&2\nexit 3\n')
    program.chmod(0o755)
    out = without_dot(f"os.environ['PATH'] = {str(program.parent)!r}\ntry: draw_dot(L).pipe()\nexcept RuntimeError as error: print(error)\n", tmp_path, hide=('graphviz-pure',))
    assert 'could not draw this: out of paper' in out


def test_a_dot_program_is_used_where_there_is_no_graphviz_pure(tmp_path):
    if sys.platform == 'win32': pytest.skip('a shell script as a stand-in')
    program = tmp_path / 'bin' / 'dot'
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n/bin/cat >/dev/null\necho "<?xml?><!-- made by dot 1.2 --><svg><title>t</title></svg>"\n')
    program.chmod(0o755)
    out = without_dot(f"os.environ['PATH'] = {str(program.parent)!r}\nprint(draw_dot(L).pipe(encoding='utf-8'))\n", tmp_path, hide=('graphviz-pure',))
    assert out.strip() == '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="t" style="max-width:100%;height:auto" />'


def test_plots_without_matplotlib_say_what_to_install(tmp_path):
    out = without_dot("try: plot_loss([1.0])\nexcept ImportError as error: print(error)\n", tmp_path, hide=('matplotlib', 'matplotlib.figure'))
    assert 'pip install "literate-micrograd[viz]"' in out


def test_importing_viz_imports_nothing_that_draws(tmp_path):
    out = without_dot("trace(L)\nprint([m for m in ('graphviz', 'matplotlib', 'numpy', 'IPython') if m in sys.modules])\n", tmp_path)
    assert out.strip() == '[]'


# ---- step_through

def expressions():
    yield lecture()
    a = Value(3.0, label='a')
    yield a + a
    yield (a * a + a) * (a - 2) ** 2
    yield readme(Value(-4.0, label='a'), Value(2.0, label='b'))
    yield Value(1.0)


@pytest.mark.parametrize('which', range(5))
def test_the_last_step_holds_the_gradients_of_backward(which):
    root = list(expressions())[which]
    stepper = step_through(root)
    root.backward()
    assert stepper.steps[-1].grads == pytest.approx([node.grad for node in trace(root)[0]], rel=1e-12)
    assert [step.node for step in stepper.steps][:2] == [-1, len(trace(root)[0]) - 1]
    assert [step.node for step in stepper.steps][2:] == [i for i in reversed(range(len(trace(root)[0]))) if trace(root)[0][i]._prev]


def test_the_numbers_in_the_sentences_are_those_of_the_step():
    steps = step_through(lecture()).steps
    assert steps[2].sentences == ['d gets f.data × L.grad = -2.0 × 1.0 = -2.0', 'f gets d.data × L.grad = 4.0 × 1.0 = 4.0']
    assert steps[3].sentences == ['e gets 1.0 × d.grad = 1.0 × -2.0 = -2.0', 'c gets 1.0 × d.grad = 1.0 × -2.0 = -2.0']
    a = Value(3.0, label='a')
    assert step_through(a + a).steps[2].sentences[1] == 'a gets 1.0 × v1.grad = 1.0 × 1.0 = 1.0, added to what it has: 2.0'


def test_stepping_touches_no_gradient():
    L = lecture()
    L.backward()
    for i, node in enumerate(trace(L)[0]): node.grad = 100.0 + i
    step_through(L)._repr_html_()
    assert [node.grad for node in trace(L)[0]] == [100.0 + i for i in range(7)]


def shown_gradients(html: str, step: int) -> list[str]:
    return [text for marks, text in re.findall(r'<text class="g ([^"]*)"[^>]*>grad ([^<]*)</text>', html) if f's{step}' in marks.split()]


def test_each_step_shows_its_gradients_and_no_other():
    stepper = step_through(lecture())
    html = stepper._repr_html_()
    for s, step in enumerate(stepper.steps):
        assert shown_gradients(html, s) == [f'{grad:.4f}' for grad in step.grads]
    assert html.count('>grad ') == 7 + 7  # each gradient once before it arrives and once after
    visible = re.findall(r'visibility="inherit"[^>]*>grad ([^<]*)<', html)
    assert visible == [f'{grad:.4f}' for grad in stepper.steps[-1].grads]  # where a page drops the style, the end shows


def as_xml(html: str) -> str:
    return re.sub(r'(<input[^>]*?)( checked)?>', r'\1/>', html)


def test_a_stepper_is_well_formed_operable_and_scriptless():
    stepper = step_through(lecture())
    html = stepper._repr_html_()
    root = ET.fromstring(as_xml(html))
    radios = list(root.iter('input'))
    assert len(radios) == 5 and len({r.get('name') for r in radios}) == 1 and all(r.get('aria-label') for r in radios)
    ids = [e.get('id') for e in root.iter() if e.get('id')]
    assert len(ids) == len(set(ids))
    assert {label.get('for') for label in root.iter('label')} == {r.get('id') for r in radios}
    assert len(re.findall('<input[^>]* checked>', html)) == 1
    assert '<script' not in html and 'onclick' not in html and root.get('aria-label')
    assert len(html) < 150_000


def film_shows(svg: str, second: float) -> list[str]:
    "The gradients that a film shows at a time, read from its animations as a browser would."
    seen = []
    for text in ET.fromstring(svg).iter(f'{SVG}text'):
        if 'g' not in text.get('class', '').split(): continue
        how, visibility, text = text.get('style').removeprefix('animation:'), text.get('visibility'), text.text.removeprefix('grad ')
        name, lasts, starts, *filled = how.replace('s ', ' ').split()
        at = second - float(starts.rstrip('s'))
        if name == 'film-on': seen += [text] * (0 <= at < float(lasts))
        else: seen += [text] * (at >= 0 and visibility == 'inherit' and filled == ['backwards'])
    return seen


@pytest.mark.parametrize('which', range(5))
def test_a_film_shows_the_gradients_of_one_step_after_the_other(which):
    stepper = step_through(list(expressions())[which])
    film = stepper.animate()
    pause = min(0.9, 4.5 / len(stepper.steps))
    for s, step in enumerate(stepper.steps):
        assert film_shows(film.svg, (s + 0.5) * pause) == [f'{grad:.4f}' for grad in step.grads]
    assert film_shows(film.svg, 1000.0) == film_shows(film.svg, 4.6)  # it comes to rest within five seconds
    assert 'prefers-reduced-motion' in film.svg and '<script' not in film.svg and film._repr_svg_() == film.svg
    ET.fromstring(film.svg)


def test_two_steppers_on_one_page_do_not_share_ids_and_ids_do_not_change():
    one, two = step_through(lecture()), step_through(lecture() + 1)
    assert one.id == step_through(lecture()).id
    assert len({one.id, two.id, step_through(lecture(), name='again').id}) == 3
    assert all(id.startswith(one.id) for id in re.findall(r'\bid="([^"]*)"', one._repr_html_()))


def test_a_graph_too_large_to_step_through_is_refused_with_the_limit():
    x = Value(1.0)
    for _ in range(60): x = x * 1.01
    step_through(x)
    with pytest.raises(ValueError, match='at most 60 operations .* has 61'): step_through(x * 2)


def test_a_nasty_label_does_not_break_the_stepper():
    x = Value(2.0, label='</style><script>&"')
    html = step_through(x * x)._repr_html_()
    ET.fromstring(as_xml(html))
    assert '<script' not in html


@pytest.mark.parametrize('name', operations)
def test_every_operation_of_the_engine_is_drawn_and_stepped_through(name):
    root = made_by(name)
    stepper = step_through(root)
    root.backward()
    nodes = trace(root)[0]
    assert stepper.steps[-1].grads == pytest.approx([node.grad for node in nodes], rel=1e-12)
    assert root._op in texts(svg_of(draw_dot(root))) and f'>{escape(root._op)}<' in stepper._repr_html_()


# ---- plots

def test_plot_loss_reads_lists_and_histories():
    assert [list(line.get_ydata()) for line in plot_loss([3, 2, Value(1.0)]).axes[0].lines] == [[3, 2, 1]]
    both = plot_loss(SimpleNamespace(loss=[4.0, 3.0, 2.0, 1.0], val_loss=[5.0, 2.5])).axes[0]
    assert [list(line.get_xdata()) for line in both.lines] == [[1, 2, 3, 4], [2, 4]]
    assert len(plot_loss(SimpleNamespace(loss=[1.0], val_loss=[])).axes[0].lines) == 1
    assert plot_loss([1.0, 0.1], log=True).axes[0].get_yscale() == 'log' and plot_loss([1.0]).axes[0].get_yscale() == 'linear'
    for empty in ([], SimpleNamespace(loss=[])):
        with pytest.raises(ValueError, match='empty'): plot_loss(empty)


POINTS = [(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)]


def parabola(x): return 3*x**2 - 4*x + 5


@pytest.mark.parametrize('make', [
    lambda: plot_loss([3.0, 2.0, 1.5]), lambda: plot_loss(SimpleNamespace(loss=[3.0, 2.0], val_loss=[3.0, 1.0]), log=True),
    lambda: plot_boundary(lambda x: x[0] - x[1], POINTS, [0, 1, 0, 1], steps=12),
    lambda: plot_boundary(lambda x: [x[0], x[1], -x[0]], POINTS, [0, 1, 2, 1], steps=12),
    lambda: plot_slope(parabola, 3.0), lambda: plot_slope(math.sin, 1.0, 0.5), lambda: plot_slope(parabola, -3.0, [2.0, 1.0, 0.5])])
def test_plots_show_the_same_bytes_each_time(make, tmp_path):
    two = make(), make()
    one = plot_svg(two[0])
    assert one == plot_svg(two[1])
    assert ET.fromstring(one).get('aria-label') == two[0].about != ''
    assert not re.search(r'20\d\d-\d\d|[Mm]atplotlib v|<date|\d\.\d+\.\d', re.sub(r' d="[^"]*"', '', one))
    for name, figure in zip('ab', two): figure.savefig(tmp_path / f'{name}.svg')
    assert (tmp_path / 'a.svg').read_bytes() == (tmp_path / 'b.svg').read_bytes()
    two[0].savefig(tmp_path / 'a.png')
    assert (tmp_path / 'a.png').read_bytes()[1:4] == b'PNG'


def test_two_plots_on_one_page_share_no_id_and_every_reference_is_met():
    ids = []
    for figure in (plot_loss([2.0, 1.0]), plot_loss([3.0, 1.0]), plot_boundary(lambda x: x[0] - x[1], POINTS, [0, 1, 0, 1], steps=12),
                   plot_slope(parabola, 3.0, 1.0), plot_slope(parabola, 3.0, 2.0)):
        svg = plot_svg(figure)
        own = re.findall(r' id="([^"]*)"', svg)
        assert set(re.findall(r'(?:href="|url\()#([^")]*)', svg)) <= set(own) and own
        ids += own
    assert len(ids) == len(set(ids))


@pytest.mark.slow
def test_plots_leave_pyplot_alone(tmp_path):
    code = ("plot_loss([1.0, 0.5])._repr_mimebundle_(); plot_boundary(lambda x: x[0], [(0, 0), (1, 1)], [0, 1], steps=5); plot_slope(abs, 1.0)._repr_mimebundle_()\n"
            "print('matplotlib.pyplot' in sys.modules)\n")
    assert without_dot(code, tmp_path).strip() == 'False'


def test_plot_boundary_asks_the_model_over_the_padded_square():
    asked = []
    def model(x):
        asked.append(tuple(x))
        return x[0]
    plot_boundary(model, POINTS, [0, 1, 0, 1], steps=5, pad=0.25)
    assert len(asked) == 25 and all(type(v) is float for point in asked for v in point)
    assert min(asked) == (-0.25, -0.25) and max(asked) == (1.25, 1.25)


def test_plot_boundary_draws_each_class_where_it_wins():
    axes = plot_boundary(lambda x: Value(x[0]) - 0.5, POINTS, [-1, 1, -1, 1], steps=11).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ['class -1', 'class 1']
    left, right = [c for c in axes.collections if hasattr(c, 'levels')]
    assert max(v[0] for path in left.get_paths() for v in path.vertices) == pytest.approx(0.5, abs=0.01)
    assert min(v[0] for path in right.get_paths() for v in path.vertices) == pytest.approx(0.5, abs=0.01)
    shifted = plot_boundary(lambda x: x[0], POINTS, [0, 1, 0, 1], steps=11, threshold=0.75).axes[0]
    assert max(v[0] for path in shifted.collections[0].get_paths() for v in path.vertices) == pytest.approx(0.75, abs=0.01)
    three = plot_boundary(lambda x: [x[0], x[1], 0.5], POINTS, [0, 1, 2, 0]).axes[0]
    assert len([c for c in three.collections if hasattr(c, 'levels')]) == 3


@pytest.mark.parametrize('xs, ys, model, message', [
    ([], [], lambda x: 0.0, 'at least one'),
    ([(0, 0)], [0, 1], lambda x: 0.0, 'got 1 points and 2 labels'),
    ([(0, 0), (1, 2, 3)], [0, 1], lambda x: 0.0, 'point 1 is'),
    ([0.0, 1.0], [0, 1], lambda x: 0.0, 'point 0 is'),
    ([(0, 0), (1, 1)], [0, 0.5], lambda x: 0.0, 'label 1 is 0.5'),
    ([(0, 0), (1, 1)], [0, 2], lambda x: x[0], r'among \[0, 1\], got \[0, 2\]'),
    ([(0, 0), (1, 1)], [-1, 0], lambda x: [x[0], x[1], 0], 'among'),
    ([(0, 0), (1, 1)], [0, 1], lambda x: math.nan, 'nan'),
])
def test_plot_boundary_refuses_wrong_shapes(xs, ys, model, message):
    with pytest.raises(ValueError, match=message): plot_boundary(model, xs, ys, steps=4)


class Frame:
    "What pandas' frames and series have in common."
    def __init__(self, values): self.values, self.iloc = values, None
    def __iter__(self): return iter(['the', 'names', 'of', 'columns'])
    def __len__(self): return len(self.values)
    def __getitem__(self, key): raise KeyError(key)


def boundary(xs, ys): return plot_svg(plot_boundary(lambda x: x[0] - 0.5, xs, ys, steps=5))


@pytest.fixture(scope='module')
def wanted(): return boundary(POINTS, [0, 1, 0, 1])


@pytest.mark.parametrize('table', [list, tuple, lambda rows: __import__('numpy').array(rows), Frame])
def test_points_and_labels_come_in_any_kind_of_table(table, wanted):
    for ys in ([0, 1, 0, 1], [[0], [1], [0], [1]], [0.0, 1.0, 0.0, 1.0]): assert boundary(table(POINTS), table(ys)) == wanted


def test_points_and_labels_may_be_pandas(wanted):
    pandas = pytest.importorskip('pandas')
    xs, ys = pandas.DataFrame(POINTS, index=[3, 1, 2, 0]), pandas.DataFrame({'y': [0, 1, 0, 1]}, index=[3, 1, 2, 0])
    for labels in (ys, ys['y']): assert boundary(xs, labels) == wanted


def test_plots_say_what_they_show():
    assert plot_loss([3.0, 2.0, 1.5]).about == 'Loss over 3 steps, from 3.0 to 1.5'
    assert plot_loss(SimpleNamespace(loss=[4.0, 1.0], val_loss=[5.0]), log=True).about == (
        'Loss over 2 steps, from 4.0 to 1.0; held-out loss from 5.0 to 5.0; on a logarithmic scale')
    endless = plot_loss([math.inf])
    assert endless.about == 'Loss over 1 step, from inf to inf' and plot_svg(endless)
    assert plot_boundary(lambda x: x[0] - x[1], POINTS, [0, 1, 0, 1], steps=12).about == 'The regions that a model gives to 2 classes, and 4 points'


# ---- plot_slope

def lines_of(figure) -> dict[str, list[tuple[float, float]]]:
    return {line.get_label(): list(zip(*line.get_data())) for line in figure.axes[0].lines}


def notes_on(figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    return [text.get_text() for text in [*figure.axes[0].texts, *(legend.get_texts() if legend else [])]]


@pytest.mark.parametrize('x, slope, way', [(3.0, '14.0', 'rises with slope 14.0'), (-3.0, '-22.0', 'falls with slope -22.0'), (2/3, '0.0', 'is flat: slope 0.0')])
def test_plot_slope_draws_the_curve_and_its_tangent_and_says_so(x, slope, way):
    figure = plot_slope(parabola, x)
    lines = lines_of(figure)
    assert all(y == parabola(t) for t, y in lines['f']) and lines['f'][0][0] == x - 2 and lines['f'][-1][0] == x + 2
    for t, y in lines['tangent']: assert y == pytest.approx(parabola(x) + (6*x - 4) * (t - x), abs=1e-6)
    assert notes_on(figure) == [f'slope {slope}']
    assert figure.about == f"The curve of f around x = {3.0 if x == 3 else -3.0 if x == -3 else '0.666667'}, where f is {'20.0' if x == 3 else '44.0' if x == -3 else '3.66667'}. Its tangent there {way}."


def test_plot_slope_draws_a_nudge_as_a_triangle_with_its_secant():
    figure = plot_slope(parabola, 3.0, 1.0, name='g')
    lines = lines_of(figure)
    (x0, y0), (x1, y1) = lines['secant'][0], lines['secant'][-1]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(17.0)
    triangle, = figure.axes[0].patches
    assert [tuple(corner) for corner in triangle.get_xy()][:3] == [(3.0, 20.0), (4.0, 20.0), (4.0, 37.0)]
    assert notes_on(figure) == ['run 1.0', 'rise 17.0', 'tangent: slope 14.0', 'secant, 17.0 / 1.0: slope 17.0']
    assert figure.about.endswith('The nudge h = 1.0 makes g rise by 17.0: its secant has slope 17.0.')
    assert figure.axes[0].get_ylabel() == 'g(x)'


def test_a_nudge_to_the_left_and_a_tiny_one():
    assert [tuple(corner) for corner in plot_slope(parabola, 3.0, -1.0).axes[0].patches[0].get_xy()][:3] == [(3.0, 20.0), (2.0, 20.0), (2.0, 9.0)]
    tiny = plot_slope(parabola, 3.0, 0.001)
    assert notes_on(tiny)[-2:] == ['tangent: slope 14.0', 'secant, 0.014003 / 0.001: slope 14.003']
    assert tiny.axes[0].get_xlim()[1] - 3.0 == pytest.approx(0.002) and not tiny.axes[0].xaxis.get_major_formatter().get_useOffset()
    assert 'makes f fall by 11.0' in plot_slope(parabola, 3.0, -1.0).about and 'leaves f as it is' in plot_slope(lambda x: 4.0, 3.0, 1.0).about


def test_several_nudges_are_several_secants_without_triangles():
    figure = plot_slope(parabola, 3.0, [2.0, 1.0, 0.5])
    assert not figure.axes[0].patches
    assert notes_on(figure) == ['tangent: slope 14.0', 'secant, h = 2.0: slope 20.0', 'secant, h = 1.0: slope 17.0', 'secant, h = 0.5: slope 15.5']
    assert figure.about.endswith('Secants over h = 2.0, 1.0, 0.5 have slopes 20.0, 17.0, 15.5.')
    assert len(plot_slope(parabola, 3.0, [1.0]).axes[0].patches) == 1


def test_a_corner_has_two_slopes():
    figure = plot_slope(abs, 0.0)
    assert sorted(notes_on(figure)) == ['slope -1.0', 'slope 1.0']
    assert figure.about.endswith('There is a corner: slope -1.0 on its left, 1.0 on its right.')
    assert notes_on(plot_slope(abs, 0.0, 1.0))[2] == 'tangent: slope -1.0 on the left, 1.0 on the right'
    for f, x in ((math.tanh, 0.0), (lambda x: 1000*x*x, 0.0), (lambda x: x**3, 0.0), (lambda x: 3*x + 5, 1e6), (lambda x: 0.0, 1.0)):
        for h in (None, 0.001): assert 'corner' not in plot_slope(f, x, h).about
        assert plot_svg(plot_slope(f, x))


def test_plot_slope_takes_functions_of_floats_values_and_numpy_numbers():
    import numpy as np
    from micrograd.engine import tanh
    seen = []
    def f(x):
        seen.append(type(x))
        return Value(x) * x
    for g, x in ((f, 3), (f, Value(3.0)), (np.sin, np.float32(0.5)), (tanh, 0.5)): plot_slope(g, x)
    assert set(seen) == {float}
    plot_boundary(lambda x: np.float64(x[0]), POINTS, [0, 1, 0, 1], steps=4)


def test_a_curve_is_drawn_where_it_has_numbers():
    curve = lines_of(plot_slope(math.log, 1.0))['f']
    assert math.isnan(curve[0][1]) and curve[-1][1] == math.log(3.0)
    plot_svg(plot_slope(lambda x: 1/x, 2.0, 1.0, span=2.0))
    assert lines_of(plot_slope(math.sin, 0.0, span=5))['f'][0][0] == -5.0


@pytest.mark.parametrize('error, message, call', [
    (TypeError, 'expected a function of one number, got float: 3.0', lambda: plot_slope(3.0, 3.0)),
    (TypeError, 'x must be a number, got str: .3.', lambda: plot_slope(parabola, '3')),
    (TypeError, 'a nudge must be a number, got str: .small.', lambda: plot_slope(parabola, 3.0, 'small')),
    (TypeError, r'f\(3.0\) must be a number, got list', lambda: plot_slope(lambda x: [x], 3.0)),
    (ValueError, 'x must be finite, got nan', lambda: plot_slope(parabola, math.nan)),
    (ValueError, 'x must be finite, got inf', lambda: plot_slope(parabola, math.inf)),
    (ValueError, r'a nudge must move x, but 3.0 \+ 0.0 is 3.0', lambda: plot_slope(parabola, 3.0, 0)),
    (ValueError, r'a nudge must move x, but 3.0 \+ 1e-17 is 3.0', lambda: plot_slope(parabola, 3.0, [0.1, 1e-17])),
    (ValueError, 'a nudge must be finite, got nan', lambda: plot_slope(parabola, 3.0, math.nan)),
    (ValueError, 'there is no nudge in the list', lambda: plot_slope(parabola, 3.0, [])),
    (ValueError, 'span must be above 0, got -1', lambda: plot_slope(parabola, 3.0, span=-1)),
    (ValueError, r'g has no value at -1.0', lambda: plot_slope(math.log, -1.0, name='g')),
    (ValueError, r'f has no value at 0.0', lambda: plot_slope(lambda x: 1/x, 0.0)),
    (ValueError, r'f has no value at -1.0', lambda: plot_slope(math.log, 1.0, -2.0)),
    (ValueError, r'f has no value at 2.0', lambda: plot_slope(lambda x: Value(math.nan), 2.0)),
])
def test_plot_slope_refuses_what_it_cannot_draw(error, message, call):
    with pytest.raises(error, match=message): call()


def test_a_mistake_inside_the_function_is_told_as_it_is():
    with pytest.raises(NameError): plot_slope(lambda x: undefined * x, 1.0) # noqa: F821


# ---- networks

def neuron(w, b, act='tanh'):
    return SimpleNamespace(w=w, b=b, act=act)


def network(*widths):
    return SimpleNamespace(layers=[SimpleNamespace(neurons=[neuron([Value(0.5)] * nin, Value(-0.1)) for _ in range(nout)])
                                   for nin, nout in zip(widths, widths[1:])])


def test_draw_mlp_has_a_line_for_every_weight_coloured_by_sign():
    model = network(2, 3, 1)
    for neuron, w in zip(model.layers[0].neurons, (-1.0, 0.0, 1.0)): neuron.w = [Value(w)] * 2
    source = draw_mlp(model).source
    lines = re.findall(r'-> "?\d_\d"? \[arrowhead=none color="(#\w+)" penwidth=([\d.]+) style=(\w+)\]', source)
    assert len(lines) == 2*3 + 3
    assert [colour for colour, *_ in lines[:6]] == ['#1c7ec2'] * 2 + ['#7b8794'] * 2 + ['#d55e00'] * 2 # blue, grey, orange
    assert [style for *_, style in lines[:6]] == ['dashed'] * 2 + ['solid'] * 4 # for who sees no colour
    assert max(float(width) for _, width, _ in lines) == 2.5
    assert '2 inputs → 3 tanh → 1 tanh' in texts(svg_of(draw_mlp(model)))


def test_draw_mlp_of_a_network_of_zeros_draws_thin_lines():
    model = network(2, 1)
    model.layers[0].neurons[0].w, model.layers[0].neurons[0].b = [Value(0.0)] * 2, Value(0.0)
    assert {float(line.get('stroke-width', 1)) for line in svg_of(draw_mlp(model)).iter(f'{SVG}path')} == {0.3}


def test_draw_mlp_cuts_wide_layers_and_says_how_wide_they_are():
    root = svg_of(draw_mlp(network(100, 50, 1), max_units=4))
    assert len(list(root.iter(f'{SVG}ellipse'))) == 4 + 4 + 1 and texts(root).count('⋮') == 2
    assert '100 inputs → 50 tanh → 1 tanh' in texts(root)
    assert {'x0', 'x1', 'x98', 'x99'} <= set(texts(root))


def test_draw_mlp_and_draw_neuron_refuse_what_they_cannot_draw():
    with pytest.raises(TypeError, match='expected an MLP .* got int'): draw_mlp(3)
    with pytest.raises(TypeError, match='expected an MLP .* got SimpleNamespace'): draw_mlp(SimpleNamespace(layers=[]))
    with pytest.raises(ValueError, match='max_units'): draw_mlp(network(2, 1), max_units=1)
    for bad in (0, -1, 'x', None):
        with pytest.raises(ValueError, match='expected a Neuron'): draw_neuron(bad)
    for x in ([1.0], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match=f'got 2 weights and {len(x)} inputs'): draw_neuron(neuron([1.0, 2.0], 0.0), x)
    with pytest.raises(ValueError, match='expected a Neuron .* got the number 2$'): draw_neuron(2, [1.0, 2.0])


def test_draw_neuron_shows_symbols_or_numbers():
    assert {'x0', 'x1', 'x2', '× w0', '× w2', 'Σ wᵢxᵢ + b', 'b', 'z', 'f', 'output f(z)'} <= set(texts(svg_of(draw_neuron(3))))
    class Unit:
        w, b, act = [Value(-3.0), Value(1.0)], Value(6.8813735870195432), 'tanh'
        def __call__(self, x): return sum((w * v for w, v in zip(self.w, x)), self.b).tanh()
    seen = set(texts(svg_of(draw_neuron(Unit(), [2.0, 0.0]))))
    assert {'x0 = 2.0', '× -3.0', 'b = 6.881', 'z = 0.8814', 'tanh', 'output tanh(z) = 0.7071'} <= seen
    assert 'relu' in texts(svg_of(draw_neuron(SimpleNamespace(w=[1.0], b=0.0, nonlin=True))))


def test_the_networks_of_nn_are_drawn():
    from micrograd.nn import MLP
    model = MLP(2, [4, 4, 1])
    assert '2 inputs → 4 relu → 4 relu → 1 linear' in texts(svg_of(draw_mlp(model)))
    assert 'relu' in ' '.join(texts(svg_of(draw_neuron(model.layers[0].neurons[0], [1.0, 2.0]))))
    plot_boundary(model, POINTS, [0, 1, 0, 1], steps=4)


@pytest.mark.slow
def test_pictures_are_the_same_bytes_under_two_hash_seeds(tmp_path):
    code = "print(draw_dot(L, local=True).pipe(encoding='utf-8'), step_through(L)._repr_html_(), plot_loss([2.0, 1.0])._repr_mimebundle_(), plot_slope(lambda x: x*x, 1.0, 0.5)._repr_mimebundle_())"
    start = f"import sys; sys.path.insert(0, {os.getcwd()!r})\nfrom micrograd.engine import Value\nfrom micrograd.viz import *\nL = Value(2.0) * 3 + Value(1.0)\n"
    both = [subprocess.Popen([sys.executable, '-c', start + code], stdout=subprocess.PIPE, env={**os.environ, 'PYTHONHASHSEED': seed}) for seed in ('0', '4242')]
    outs = [one.communicate()[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert outs[0] == outs[1] and len(outs[0]) > 5000
