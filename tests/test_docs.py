"What `make docs` refuses, and what follows from settings.ini. The pages themselves are opened in tests/site."
import json, os, re, shutil, sys
from pathlib import Path, PurePosixPath
import pytest
import yaml

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'tools'))
import docs
import pages

can_build = pytest.mark.skipif(sys.version_info < (3, 11) and not shutil.which('quarto'), reason='neither Quarto nor Python 3.11 here, so the site was not built')


@pytest.fixture
def project(tmp_path):
    "A small project: the home page and two more, one of them in a folder."
    (tmp_path/'nbs'/'tutorials').mkdir(parents=True)
    shutil.copytree(root/'nbs'/'assets', tmp_path/'nbs'/'assets')
    shutil.copy(root/'settings.ini', tmp_path)
    options = (root/'_quarto.yml').read_text()
    (tmp_path/'nbs'/'_quarto.yml').write_text(options[:options.index('    contents:')] + '    contents: [index.ipynb, reference.ipynb, tutorials/story.ipynb]\n')
    write(tmp_path, 'index', '# Home\n\n> Where one begins', 'A [story](tutorials/story.ipynb#its-end).', '## How do I install micrograd?')
    write(tmp_path, 'reference', '# reference\n\n> All names', '### backward {#value.backward}', '### Value {#value}')
    write(tmp_path, 'tutorials/story', '# A story\n\n> With an end', 'With `Value`, `Value.backward()`, `here` and $x^2$.', '## Its end', code='here = 1')
    return tmp_path


def write(project, name, *texts, code=None):
    cells = [dict(cell_type='markdown', id=f'm{i}', metadata={}, source=[text]) for i, text in enumerate(texts)]
    if code: cells.append(dict(cell_type='code', id='c', metadata={}, source=[code], outputs=[], execution_count=None))
    kernel = dict(kernelspec=dict(display_name='python3', language='python', name='python3'))
    (project/'nbs'/f'{name}.ipynb').write_text(json.dumps(dict(cells=cells, metadata=kernel, nbformat=4, nbformat_minor=5)))


def change(project, **values):
    text = (project/'settings.ini').read_text()
    for key, value in values.items(): text, found = re.subn(rf'^{key} =.*$', f'{key} = {value}', text, flags=re.M)
    assert found
    (project/'settings.ini').write_text(text)


def build(project):
    docs.build(project, project/'_docs')
    return {p.relative_to(project/'_docs').as_posix(): p.read_text(encoding='utf-8') for p in (project/'_docs').rglob('*.html')}


def test_our_notebooks_have_no_problem():
    assert pages.problems(root/'nbs') == []


def test_what_the_text_calls_next_is_next():
    contents = yaml.safe_load((root/'nbs'/'_quarto.yml').read_text(encoding='utf-8'))['website']['sidebar']['contents']
    order = [page for entry in contents for page in ([entry['href']] if 'href' in entry else entry['contents'])]
    for page, after in zip(order, order[1:]):
        prose = '\n\n'.join(cell.source for cell in pages.cells(root/'nbs'/page) if cell.kind == 'markdown')
        said = re.findall(r'\[(?:the )?next (?:page|chapter)\]\((.+?)\)|\]\(([\w./]+?)\)[^.\n]*? (?:is|comes?) next\b', prose, re.I)
        for link in map(''.join, said): assert ((root/'nbs'/page).parent/link).resolve() == (root/'nbs'/after).resolve(), f'{page}: {link}'


def story(project, *texts, **more): write(project, 'tutorials/story', '# A story\n\n> With an end', 'All is well.', *texts, '## Its end', **more)


@pytest.mark.parametrize('text, said', [
    ('::: {.callout-note}\nnever closed', "'::: {.callout-note}' is never closed with `:::`"),
    ('1. in a list\n\n   ::: {.callout-note}\n   never closed', "'::: {.callout-note}' is never closed with `:::`"),
    ('::: {.panel-tabset}\n\n### One\n\n::: {.callout-note}\nx\n:::', "'::: {.panel-tabset}' is never closed with `:::`"),
    ('opened nowhere\n\n:::', '`:::` closes what was never opened'),
    ('Call `draw_dott`.', '`draw_dott` is a name neither in this notebook, nor in the package, nor in Python'),
    ('::: {.callout-note}\n## About `draw_dott(x)`\nx\n:::', '`draw_dott` is a name neither in this notebook, nor in the package, nor in Python'),
    ('| a | b |\n|---|---|\n| 1 | `draw_dott` |', '`draw_dott` is a name neither in this notebook, nor in the package, nor in Python'),
    ('Call `Value.backwards()`.', '`Value.backwards`: Value has no backwards'),
    ('Call `math.expp`.', '`math.expp`: math has no expp'),
])
def test_a_problem_is_named_with_notebook_and_cell(project, text, said):
    story(project, text)
    assert pages.problems(project/'nbs') == [f'nbs/tutorials/story.ipynb, cell 3: {said}']
    with pytest.raises(SystemExit, match='nbs/tutorials/story.ipynb, cell 3: '): docs.build(project, project/'_docs')
    assert not (project/'_docs').exists()


lacks = [
    ('See [this](nowhere.ipynb).', 'nowhere.* leads nowhere'),
    ('See [this](nowhere.ipynb "with a title").', 'nowhere.* leads nowhere'),
    ('See [this][that].\n\n[that]: nowhere.ipynb', 'nowhere.* leads nowhere'),
    ('See [this](../outside.ipynb).', '../outside.* leads nowhere'),
    ('See [this](#not-here).', '#not-here: no such place on that page'),
    ('See [this](../index.ipynb#not-here).', '../index.*#not-here: no such place on that page'),
    ('![A slope](slope.png)', 'slope.png leads nowhere'),
    ('<img src="slope.png" alt="A slope">', 'slope.png leads nowhere'),
    ('![](../assets/card.png)', 'the picture ../assets/card.png has no description'),
    ('![A cat](https://example.com/cat.png)', 'https://example.com/cat.png would be loaded from another host'),
    ('<p style="background: url(https://example.com/cat.png)">A cat</p>', 'https://example.com/cat.png would be loaded from another host'),
    ('A note.[^1]', "'[^1]' is not understood"),
    ('See @fig-nope for it.', "'@fig-nope' is not understood"),
]


@can_build
def test_what_a_page_would_lack_is_named_with_notebook_and_cell(project):
    "Of several pages at once, each with its own."
    for i, (text, _) in enumerate(lacks): write(project, f'tutorials/story{i}', '# A story\n\n> With an end', 'All is well.', text, '## Its end')
    with pytest.raises(SystemExit) as stopped: build(project)
    for i, (_, said) in enumerate(lacks):
        said = re.escape(said).replace(r'\.\*', r'\.\w+') # a link to a notebook that is not there stays, or becomes one to its page
        assert re.search(rf'nbs/tutorials/story{i}.ipynb, cell 3: (\./)?{said}', str(stopped.value)), (said, stopped.value)


@pytest.mark.parametrize('text', [
    ':::: {.callout-note}\n::: {.callout-tip}\nx\n:::\n::::',
    '~~~\n::: {.callout-note}\n~~~',
    '````\n```\n::: {.callout-note}\n````',
    '```python\nundefined_anywhere()\n```\n\nThat was `undefined_anywhere`.',
    '`e.g.`, `1 + 1`, ``code with a ` in it``',
])
def test_what_is_right_is_no_problem(project, text):
    story(project, text)
    assert pages.problems(project/'nbs') == []


def test_a_file_that_is_no_notebook_is_named(project):
    (project/'nbs'/'broken.ipynb').write_text('{"cells": [')
    assert ['nbs/broken.ipynb: not a notebook' in problem for problem in pages.problems(project/'nbs')] == [True]


@can_build
def test_a_page_needs_a_title(project):
    write(project, 'tutorials/story', 'No title.', '## Its end')
    with pytest.raises(SystemExit, match='nbs/tutorials/story.ipynb: 0 titles'): build(project)


@can_build
def test_a_folder_that_is_no_site_is_not_replaced(project):
    (project/'mine').mkdir()
    (project/'mine'/'keep').write_text('mine')
    with pytest.raises(SystemExit, match='is there, and is no site'): docs.build(project, project/'mine')
    assert (project/'mine'/'keep').read_text() == 'mine'


@can_build
def test_the_old_site_goes_only_when_the_new_one_is_whole(project):
    build(project)
    (project/'_docs'/'old.html').write_text('old')
    story(project, 'See [this](nowhere.ipynb).')
    with pytest.raises(SystemExit): build(project)
    assert (project/'_docs'/'old.html').exists()
    story(project, 'All is well again.')
    assert 'old.html' not in build(project)


def test_a_picture_needs_a_description(project):
    path = project/'nbs'/'tutorials'/'story.ipynb'
    notebook = json.loads(path.read_text())
    svg = '<svg width="9pt" height="9pt" role="img"></svg>'
    notebook['cells'][-1]['outputs'] = [dict(output_type='display_data', metadata={}, data={'image/svg+xml': [svg]})]
    path.write_text(json.dumps(notebook))
    assert ['without a description' in p for p in pages.problems(project/'nbs')] == [True]
    notebook['cells'][-1]['source'] = ['#| fig-alt: "A dot & a line"\n', 'here = 1']
    path.write_text(json.dumps(notebook))
    assert pages.problems(project/'nbs') == []
    assert 'aria-label="A dot &amp; a line"' in docs.processed(path).cells[-1].outputs[0].data['text/markdown']


@can_build
def test_names_formulas_and_pages(project):
    built = build(project)
    assert set(built) == {'index.html', 'reference.html', 'tutorials/story.html'}
    story = built['tutorials/story.html']
    assert 'href="../reference.html#value"' in story and 'href="../reference.html#value.backward"' in story
    assert '<math' in story and 'katex' not in story
    assert docs.html(story).select_one('a[download]')['href'] == 'story.ipynb' and (project/'_docs'/'tutorials'/'story.ipynb').exists()


def test_names_are_linked_where_they_are_prose():
    text = '<main><h2><code>Value</code></h2><p><code>Value</code>, <code>fit()</code>, <code>a.grad</code>, <a href="x"><code>Value</code></a>, <code>a Value</code></p><pre><code>Value</code></pre></main>'
    page = docs.html(text)
    docs.linked(page, 'r')
    assert str(page) == text.replace('<p><code>Value</code>, <code>fit()</code>', '<p><a href="r#value"><code>Value</code></a>, <a href="r#fit"><code>fit()</code></a>')


@pytest.mark.parametrize('name, where', [
    ('Value', 'value'), ('engine.Value', 'value'), ('Value.backward', 'value.backward'), ('micrograd.train.SGD.step', 'sgd.step'),
    ('Value.tanh', 'tanh'), ('fit', 'fit'), ('train.fit', 'fit'), ('Step', 'step'), ('steps.Step', 'step'), ('exp', 'functions.exp'), ('Value.exp', 'functions.exp'), ('floats.exp', 'exp'), ('Operand', 'operand'), ('train.Schedule', 'schedule'), ('jit', 'jit'), ('jit.jit', 'jit'),
    ('Value.data', None), ('Value.__add__', None), ('engine', None), ('micrograd.jit', None), ('print', None),
])
def test_every_name_has_its_place_in_the_reference(name, where): assert pages.place(name) == where


def test_every_public_name_has_an_entry_of_its_own():
    reference = re.findall(r'\{#([\w.]+)\}', (root/'nbs'/'reference.ipynb').read_text(encoding='utf-8'))
    assert sorted(set(reference)) == sorted(reference)
    for module in pages.modules():
        short = module.__name__.removeprefix('micrograd.')
        assert [name for name in module.__all__ if pages.place(f'{short}.{name}') not in reference] == [], short


# What a reader with mathematics sees drawn as TeX draws it.
@pytest.mark.parametrize('latex, drawn', [
    (r'2 \cdot (-3)', '<mo form="prefix">−</mo><mn>3</mn>'), (r'-3 = x', '<mo form="prefix">−</mo><mn>3</mn>'), (r'a - 3', '<mi>a</mi><mo>−</mo><mn>3</mn>'),
    (r'(a) - 3', '<mo>−</mo><mn>3</mn>'), (r'\log x', '<mi>log</mi><mspace width="0.17em"></mspace><mi>x</mi>'),
])
def test_formulas_are_spaced_as_tex_does_it(latex, drawn):
    page = docs.html(rf'<span class="math inline">\({latex}\)</span>')
    docs.formulas(page)
    assert drawn in str(page)


@pytest.mark.parametrize('kind, drawn', [('display', '<munder><mo>lim</mo>'), ('inline', '<msub><mo>lim</mo>')])
def test_a_limit_stands_over_its_condition(kind, drawn):
    bracket = r'\[\]' if kind == 'display' else r'\(\)'
    page = docs.html(rf'<span class="math {kind}">{bracket[:2]}\lim_{{h \to 0}} f(h){bracket[2:]}</span>')
    docs.formulas(page)
    assert drawn in str(page)


def test_for_programs_a_picture_is_its_description():
    text = '# Page\n\n```{=html}\n<div>\n<p>Before</p><svg aria-label="A dot"><text>0.5</text></svg>\n<script>let x</script></div>\n```\n\n```python\n<svg></svg>\n```'
    assert docs.told(text) == '# Page\n\nBefore(picture: A dot)\n\n```python\n<svg></svg>\n```'


@can_build
def test_links_to_the_sources_follow_from_git_url(project):
    words = ('Edit this page', 'Report an issue', 'Open in Colab')
    assert not any(word in page for page in build(project).values() for word in words)
    change(project, git_url='https://github.com/someone/micrograd-book')
    story = build(project)['tutorials/story.html']
    assert all(word in story for word in words)
    for address in ('https://github.com/someone/micrograd-book/edit/main/nbs/tutorials/story.ipynb',
                    'https://github.com/someone/micrograd-book/issues/new',
                    'https://colab.research.google.com/github/someone/micrograd-book/blob/main/nbs/tutorials/story.ipynb',
                    '%pip install git+https://github.com/someone/micrograd-book'):
        assert address in story, address


@pytest.mark.parametrize('git_url, edit, report, colab', [
    ('https://github.com/a/b/', 'https://github.com/a/b/edit/main/nbs/x.ipynb', 'https://github.com/a/b/issues/new', True),
    ('https://github.com/a/b.git', 'https://github.com/a/b/edit/main/nbs/x.ipynb', 'https://github.com/a/b/issues/new', True),
    ('https://gitlab.com/a/b', 'https://gitlab.com/a/b/-/edit/main/nbs/x.ipynb', 'https://gitlab.com/a/b/-/issues/new', False),
    ('https://git.example.org/a/b', 'https://git.example.org/a/b/edit/main/nbs/x.ipynb', 'https://git.example.org/a/b/issues/new', False),
])
def test_forms_of_git_url(project, git_url, edit, report, colab):
    change(project, git_url=git_url)
    known, notebook = docs.addresses(project), PurePosixPath('x.ipynb')
    assert (known.edit(notebook), known.report(), bool(known.colab(notebook))) == (edit, report, colab)


@pytest.mark.parametrize('git_url', ['git@github.com:a/b.git', 'ssh://git@github.com/a/b', 'github.com/a/b'])
def test_a_git_url_that_no_browser_opens_is_refused(project, git_url):
    change(project, git_url=git_url)
    with pytest.raises(SystemExit, match='settings.ini: git_url has to begin with https://'): docs.addresses(project)


@can_build
def test_what_needs_the_address_of_the_site(project):
    shutil.copy(root/'nbs'/'404.qmd', project/'nbs')
    assert 'card.png' not in build(project)['tutorials/story.html'] and not (project/'_docs'/'sitemap.xml').exists()
    change(project, doc_host='https://example.org/', doc_baseurl='/book')
    built = build(project)
    assert 'https://example.org/book/assets/card.png' in built['tutorials/story.html']
    sitemap = (project/'_docs'/'sitemap.xml').read_text()
    assert 'https://example.org/book/tutorials/story.html' in sitemap and '404' not in sitemap
    loaded = docs.loads(docs.html(built['404.html'])) # it is shown at any address, however deep
    assert loaded and all(target.startswith('/book/') for target in loaded)


@pytest.mark.skipif(os.name == 'nt', reason='the program below is a shell script')
@pytest.mark.parametrize('says, fails', [('', False), ('WARN: Unable to resolve link target', True), ('[WARNING] unclosed Div', True)])
def test_quarto_is_used_where_it_is_and_its_warnings_count(project, monkeypatch, says, fails):
    "A stand-in for Quarto: it writes a page from the options it was given."
    program = project/'bin'/'quarto'
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "{says}" >&2\nmkdir _docs\n(echo "<main><h1>Home</h1><pre>"; cat _quarto.yml; echo "</pre></main>") > _docs/index.html\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(program.parent), prepend=os.pathsep)
    if fails:
        with pytest.raises(SystemExit, match='Quarto says'): build(project)
    else: assert 'html-math-method: mathml' in build(project)['index.html'] and 'dark.scss' in (project/'_docs'/'index.html').read_text()
