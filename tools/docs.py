"""Builds the site from the notebooks: `python tools/docs.py [FOLDER]`, by default into `_docs`.

nbdev reads the notebooks, then Quarto builds the pages, or smalldocs where there is no Quarto. Whatever one of them
would do by itself and the other not is done here, so that both sites look and work alike: links from the names of our
functions, pictures as part of the page, formulas, the tools of a page. A warning of either is a failure, and so is a
link or picture that leads nowhere, or to another host.
"""
import configparser, re, shutil, subprocess, sys, tempfile
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Iterator
from urllib.parse import unquote
import yaml
from execnb.nbio import read_nb, write_nb
from nbdev.processors import FilterDefaults, add_links, add_show_docs, exec_show_docs, insert_warning
from pages import cells, notebooks, place, problems

root = Path(__file__).parent.parent


def settings(project: Path) -> dict[str, str]:
    config = configparser.ConfigParser()
    config.read(project/'settings.ini', encoding='utf-8')
    return dict(config['DEFAULT'])


def stop(*lines: str) -> None: sys.exit('\n'.join(('The site was not built:', *lines)))


# ---- notebooks, before the builder sees them

class Processors(FilterDefaults):
    "nbdev's own, but for the reference: ours is a page of its own, and the links to it are made below."
    def base_procs(self) -> list[Any]:
        left_out = {add_links, add_show_docs, exec_show_docs, insert_warning}
        return [p for p in super().base_procs() if p not in left_out]


def linked(text: str, reference: str) -> str:
    "Markdown with each backticked name of ours as a link to its entry on the page `reference`."
    def link(found: re.Match[str]) -> str:
        anchor = place(found['name'] or '')
        return f'[{found[0]}]({reference}#{anchor})' if anchor else found[0]
    not_there = r'^```.*?^```|(?P<ticks>``+).*?(?P=ticks)|^#.*?$|\[[^\]]*\]\([^)]*\)' # code, headings, other links
    return re.sub(rf'{not_there}|(?<!`)`(?P<name>[\w.]+)(?:\(\))?`(?!`)', link, text, flags=re.S | re.M)


def picture(svg: str, alt: str | None) -> str:
    "An SVG as HTML: described, and in a box of its own that scrolls sideways where a graph is wide."
    svg = svg[svg.index('<svg'):]
    if alt: svg = re.sub(r'^<svg\b([^>]*?)(?: aria-label="[^"]*")', r'<svg\1', svg).replace('<svg', f'<svg aria-label="{escape(alt)}"', 1)
    width = re.search(r'<svg[^>]*? width="([\d.]+)pt"', svg)
    least = min(560 if 'class="graph"' in svg else 320, round(float(width[1])*4/3)) if width else 0 # a plot may shrink further
    return f'<div class="picture" tabindex="0" style="--least: {least}px">{svg}</div>'


def processed(notebook: Path, nbs: Path) -> Any:
    "The notebook as both builders read it alike."
    page = read_nb(notebook)
    Processors()(page)
    up = '../' * len(notebook.relative_to(nbs).parts[1:])
    reference = '' if notebook.stem == 'reference' else f'{up}reference.ipynb'
    for cell in page.cells:
        if cell.cell_type == 'raw': cell.source = re.sub(r'^output-file: .*\n', '', cell.source, flags=re.M)
        if cell.cell_type == 'markdown': cell.source = linked(cell.source, reference)
        if cell.cell_type != 'code': continue
        lines = len(cell.source.splitlines()) - 3 # without nbdev's directives
        cell.source = cell.source.replace('code-summary: "Exported source"', f'code-summary: "As it is in the package, {lines} lines"', 1)
        if lines > 30: cell.source = cell.source.replace('code-fold: show', 'code-fold: true', 1)
        alt = re.search(r'^#\| *fig-alt: *"?(.*?)"?\n', cell.source, flags=re.M)
        if alt: cell.source = cell.source.replace(alt[0], '', 1)
        for output in cell.outputs:
            data = output.get('data', {})
            if 'text/markdown' in data: data['text/markdown'] = linked(''.join(data['text/markdown']), reference)
            if 'image/svg+xml' in data: data['text/html'] = picture(''.join(data.pop('image/svg+xml')), alt and alt[1])
            # As raw HTML in Markdown: for an output that is HTML, Quarto would load scripts for widgets from another host.
            if 'text/html' in data: data['text/markdown'] = f'```{{=html}}\n{"".join(data.pop("text/html"))}\n```'
    return page


# ---- the builders

def smalldocs(site: Path, options: dict[str, Any]) -> list[str]:
    "The command; and what smalldocs does not read is said in its way, or left for the finishing touches."
    from smalldocs.site import ASSETS
    html = options['format']['html']
    for key in ('html-math-method', 'respect-user-color-scheme'): del html[key]
    bootstrap = (ASSETS/'vendor'/'bootstrap'/'bootstrap.min.css').read_text(encoding='utf-8')
    (site/'dark.css').write_text(bootstrap.replace('[data-bs-theme=dark]', ':root'), encoding='utf-8')
    html['theme']['dark'] = 'dark.css'
    return [str(Path(sys.executable).parent/'smalldocs'), 'render']


def builder() -> tuple[str, Callable[[Path, dict[str, Any]], list[str]]]:
    if shutil.which('quarto'): return 'Quarto', lambda site, options: ['quarto', 'render', '.']
    if sys.version_info >= (3, 11): return 'smalldocs', smalldocs
    stop('there is no program quarto (https://quarto.org/docs/get-started); without it, Python 3.11 or later is needed, and this is 3.10')
    raise AssertionError


def configure(site: Path, known: dict[str, str], command: Callable[[Path, dict[str, Any]], list[str]]) -> list[str]:
    "Writes `_quarto.yml` with what follows from settings.ini, and returns the builder's command."
    options = yaml.safe_load((site/'_quarto.yml').read_text(encoding='utf-8'))
    website = options['website']
    if known['git_url']:
        website |= {'repo-url': known['git_url'], 'repo-branch': known['branch'], 'repo-subdir': known['nbs_path'], 'repo-actions': ['edit', 'issue']}
    if known['doc_host']: website['site-url'] = known['doc_host'] + known['doc_baseurl']
    arguments = command(site, options)
    (site/'_quarto.yml').write_text(yaml.safe_dump(options, sort_keys=False, allow_unicode=True), encoding='utf-8')
    return arguments


# ---- finishing touches, on the pages that a builder made

def mathml(page: str) -> str:
    "Formulas that a page has as LaTeX, as MathML, which browsers show without a script."
    from latex2mathml.converter import convert
    def formula(found: re.Match[str]) -> str:
        display = 'block' if found['kind'] == 'display' else 'inline'
        drawn = convert(unescape(found['latex']).strip(), display=display)
        return re.sub(r'<mi>(log|exp|sin|cos|tanh|max|min)</mi>(?!<mo)', r'<mi>\1</mi><mspace width="0.17em"/>', drawn)
    page = re.sub(r'<(?:link|script)[^>]*/katex@[^>]*>(?:</script>)?', '', page)
    return re.sub(r'<span class="math (?P<kind>inline|display)">\\[(\[](?P<latex>.*?)\\[)\]]</span>', formula, page, flags=re.S)


def tools(notebook: PurePosixPath, known: dict[str, str]) -> str:
    "The line under a title: download, and Colab when the project is on GitHub."
    links = [f'<a href="{notebook.name}" download>Download this notebook</a>']
    github = re.match(r'https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?$', known['git_url'])
    if github:
        address = f'https://colab.research.google.com/github/{github[1]}/blob/{known["branch"]}/{known["nbs_path"]}/{notebook}'
        links.append(f'<a href="{address}">Open in Colab</a> (there, first run <code>%pip install git+{known["git_url"]}</code>)')
    return f'<p class="page-tools">{" · ".join(links)}</p>'


def together(page: str) -> str:
    "What should not be torn apart by the end of a line: short code, and a formula with the comma after it."
    page = re.sub(r'(<pre[^>]*>)?<code>(?=[^<\n]{1,20}</code>)', lambda found: found[0] if found[1] else '<code class="nowrap">', page)
    return re.sub(r'(<math\b[^>]*display="inline"(?:(?!</math>).)*</math>(?:</span>)?)([,.;:?!)]+)', r'<span class="nowrap">\1\2</span>', page, flags=re.S)


def reachable(page: str) -> str:
    "What the builders leave undone for readers with a keyboard or a screen reader."
    page = re.sub(r'<pre(?![^>]*tabindex)', '<pre tabindex="0"', page) # what scrolls sideways can be reached
    # what opens a part of the sidebar is a button, not a landmark, and can be reached and pressed
    page = re.sub(r'<a(?![^>]*href=)([^>]*data-bs-target="(#[^"]*)"[^>]*) role="navigation"', r'<a href="\2" role="button"\1', page)
    for nav, name in (('id="quarto-sidebar"', 'Pages'), ('id="TOC"', 'On this page'), ('class="page-navigation"', 'Next and previous page')):
        page = page.replace(f'<nav {nav}', f'<nav aria-label="{name}" {nav}')
    return re.sub(r'<th(\b[^>]*)></th>', r'<td\1></td>', page) # the empty corner of a table heads nothing


def finish(built: Path, nbs: Path, known: dict[str, str]) -> None:
    for path in built.rglob('*.html'):
        page = reachable(together(mathml(path.read_text(encoding='utf-8'))))
        notebook = path.relative_to(built).with_suffix('.ipynb')
        if (nbs/notebook).exists():
            shutil.copy(nbs/notebook, built/notebook)
            page = re.sub(r'(<header id="title-block-header".*?</header>)', lambda m: m[1] + tools(PurePosixPath(notebook), known), page, count=1, flags=re.S)
        path.write_text(page, encoding='utf-8')
    for path in built.rglob('*.llms.md'): # for readers that are programs: a picture as its description
        text = re.sub(r'```{=html}\s*<div class="(?:picture|mg-steps)".*?aria-label="([^"]*)".*?</svg>\s*(?:</div>\s*)+```', r'(picture: \1)', path.read_text(encoding='utf-8'), flags=re.S)
        path.write_text(text, encoding='utf-8')


# ---- the check of what was built

class Page(HTMLParser):
    "The anchors of a page, what it links to, and what a browser would load with it."
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        have = dict(attributes)
        if have.get('id'): self.anchors.add(have['id'] or '')
        if tag == 'a': self.links.append(have.get('href') or '')
        elif tag == 'link' and have.get('rel') in ('canonical', 'alternate'): pass
        else: self.loads += [value for name in ('src', 'href', 'poster', 'data') if (value := have.get(name)) and not value.startswith(('data:', '#'))]


def wrong(built: Path, nbs: Path) -> Iterator[str]:
    "Links and pictures that lead nowhere, and whatever a browser would load from another host."
    pages = {path: Page(path.read_text(encoding='utf-8')) for path in sorted(built.rglob('*.html'))}
    for path, page in pages.items():
        for target in dict.fromkeys(page.links + page.loads):
            if re.match(r'\w+:|//', target):
                if target in page.loads: yield f'{where(target, path, built, nbs)}: {target} would be loaded from another host'
                continue
            file, _, anchor = unquote(target).partition('#')
            to = (built/file.lstrip('/') if file.startswith('/') else path.parent/file).resolve() if file else path
            if to.is_dir(): to = to/'index.html'
            if not to.exists(): yield f'{where(target, path, built, nbs)}: {target} leads nowhere'
            elif anchor and to in pages and anchor not in pages[to].anchors: yield f'{where(target, path, built, nbs)}: {target}: no such place on that page'


def where(target: str, path: Path, built: Path, nbs: Path) -> str:
    "The notebook and the cell that a link of a built page comes from."
    notebook = (nbs/path.relative_to(built)).with_suffix('.ipynb')
    if not notebook.exists(): return str(path.relative_to(built))
    name, _, anchor = target.partition('#')
    wanted = re.compile(rf'\]\({re.escape(name.removesuffix(".html"))}(?:\.ipynb|\.html)?{re.escape("#" + anchor) if anchor else ""}\)')
    cell = next((c.number for c in cells(notebook) if wanted.search(c.source)), None)
    return f'{notebook.relative_to(nbs.parent)}, cell {cell}' if cell else str(notebook.relative_to(nbs.parent))


# ---- all of it

def build(project: Path, out: Path) -> str:
    "Builds the site of `project` into the folder `out`, and returns the builder's name."
    nbs, known = project/'nbs', settings(project)
    found = problems(nbs)
    if found: stop(*found)
    name, command = builder()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder).resolve()/'site'
        shutil.copytree(nbs, site, ignore=shutil.ignore_patterns('.*', '_proc', '_docs'))
        for notebook in notebooks(nbs): write_nb(processed(notebook, nbs), site/notebook.relative_to(nbs))
        ran = subprocess.run(configure(site, known, command), cwd=site, capture_output=True, text=True)
        log = ran.stdout + ran.stderr
        if ran.returncode or re.search(r'\bwarn(ing)?\b', log, re.I): stop(f'{name} says:', log)
        built = site/yaml.safe_load((site/'_quarto.yml').read_text(encoding='utf-8'))['project']['output-dir']
        finish(built, nbs, known)
        found = list(wrong(built, nbs))
        if found: stop(*found)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(built, out)
    return name


if __name__ == '__main__':
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else root/'_docs'
    name = build(root, out)
    print(f'The site is in {out}, built by {name}. To read it: make preview')
