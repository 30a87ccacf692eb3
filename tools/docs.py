"""Builds the site from the notebooks: `python tools/docs.py [FOLDER]`, by default into `_docs`.

nbdev reads the notebooks, then Quarto builds the pages, or smalldocs where there is no Quarto. Whatever one of them
would do by itself and the other not is done here, so that both sites look and work alike: links from the names of our
functions, pictures as part of the page, formulas, the tools of a page. A warning of either is a failure, and so is a
link or picture that leads nowhere, or to another host.
"""
import argparse, configparser, os, re, shutil, subprocess, sys, tempfile
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, NoReturn
from collections.abc import Callable, Iterator
from urllib.parse import unquote
import yaml
from execnb.nbio import read_nb, write_nb
from nbdev.processors import FilterDefaults, add_links, add_show_docs, exec_show_docs, insert_warning, mv_exports
import live
from pages import cells, fence, notebooks, place, problems, root


def stop(*lines: str) -> NoReturn: sys.exit('\n'.join(('The site was not built:', *lines)))


class Addresses(NamedTuple):
    "Where the sources and the site can be found, from settings.ini; '' while there is no such place."
    sources: str # of the repository
    branch: str
    nbs: str # the folder of the notebooks there
    host: str # of the site
    base: str # the site's folder on that host

    def edit(self, notebook: PurePosixPath) -> str: return f'{self.sources}{self.gitlab()}/edit/{self.branch}/{self.nbs}/{notebook}'
    def report(self) -> str: return f'{self.sources}{self.gitlab()}/issues/new'
    def gitlab(self) -> str: return '/-' if 'gitlab' in self.sources else ''

    def colab(self, notebook: PurePosixPath) -> str:
        "Colab opens notebooks from GitHub."
        github = re.match(r'https?://(?:www\.)?github\.com/([^/]+/[^/]+)$', self.sources)
        return f'https://colab.research.google.com/github/{github[1]}/blob/{self.branch}/{self.nbs}/{notebook}' if github else ''


def addresses(project: Path) -> Addresses:
    config = configparser.ConfigParser(interpolation=None)
    config.read(project/'settings.ini', encoding='utf-8')
    known = {key: config['DEFAULT'].get(key, '').strip().rstrip('/') for key in ('git_url', 'branch', 'nbs_path', 'doc_host', 'doc_baseurl')}
    for key in ('git_url', 'doc_host'):
        if known[key] and not re.match(r'https?://', known[key]): stop(f'settings.ini: {key} has to begin with https://, and is {known[key]!r}')
    return Addresses(known['git_url'].removesuffix('.git'), known['branch'], known['nbs_path'], known['doc_host'], known['doc_baseurl'])


# ---- notebooks, before the builder sees them

class Processors(FilterDefaults): # type: ignore[misc]
    "nbdev's own, but for the reference: ours is a page of its own, and the links to it are made below."
    def base_procs(self) -> list[Any]:
        left_out = {add_links, add_show_docs, exec_show_docs, insert_warning, mv_exports}
        return [p for p in super().base_procs() if p not in left_out]


def linked(text: str, reference: str) -> str:
    "Markdown with each backticked name of ours as a link to its entry on the page `reference`."
    def link(found: re.Match[str]) -> str:
        anchor = place(found['name'] or '')
        return f'[{found[0]}]({reference}#{anchor})' if anchor else found[0]
    not_there = rf'{fence}|(?P<ticks>``+).*?(?P=ticks)|^#.*?$|\[[^\]]*\]\([^)]*\)' # code, headings, other links
    return re.sub(rf'{not_there}|(?<!`)`(?P<name>[\w.]+)(?:\(\))?`(?!`)', link, text, flags=re.S | re.M)


def picture(svg: str, alt: str | None) -> str:
    "An SVG as HTML: described, and in a box of its own that scrolls sideways where a graph is wide."
    svg = svg[svg.index('<svg'):]
    if alt:
        svg = re.sub(r'^(<svg\b[^>]*?) aria-label="[^"]*"', r'\1', svg)
        svg = svg.replace('<svg', f'<svg aria-label="{escape(alt)}"', 1)
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
        alt = re.search(r'^#\| *fig-alt: *(.*)\n?', cell.source, flags=re.M)
        if alt: cell.source = cell.source.replace(alt[0], '', 1)
        for output in cell.outputs:
            data = output.get('data', {})
            if 'text/markdown' in data: data['text/markdown'] = linked(''.join(data['text/markdown']), reference)
            if 'image/svg+xml' in data: data['text/html'] = picture(''.join(data.pop('image/svg+xml')), alt and yaml.safe_load(alt[1]))
            # As raw HTML in Markdown: for an output that is HTML, Quarto would load scripts for widgets from another host.
            if 'text/html' in data: data['text/markdown'] = f'```{{=html}}\n{"".join(data.pop("text/html"))}\n```'
    return page


# ---- the builders

Command = Callable[[Path, dict[str, Any]], list[str]]


def smalldocs(site: Path, options: dict[str, Any]) -> list[str]:
    "The command; what smalldocs does not read is left out, and the dark theme is Bootstrap's own, on a screen."
    from smalldocs.site import ASSETS
    html = options['format']['html']
    for key in ('html-math-method', 'respect-user-color-scheme'): del html[key]
    bootstrap = (ASSETS/'vendor'/'bootstrap'/'bootstrap.min.css').read_text(encoding='utf-8')
    dark = ''.join(re.findall(r'\[data-bs-theme=dark\][^{}]*\{[^}]*\}', bootstrap)).replace('[data-bs-theme=dark]', ':root')
    ground = re.search(r'\$body-bg: (#\w+);', (site/'assets'/'dark.scss').read_text(encoding='utf-8'))
    if not ground: stop('nbs/assets/dark.scss gives no $body-bg')
    dark += f':root {{ --bs-body-bg: {ground[1]} }}'
    (site/'dark.css').write_text(f'{bootstrap}\n@media screen {{ {dark} }}\n', encoding='utf-8')
    html['theme']['dark'] = 'dark.css'
    return [str(Path(sys.executable).parent/'smalldocs'), 'render']


def builder() -> tuple[str, Command]:
    if shutil.which('quarto'): return 'Quarto', lambda site, options: ['quarto', 'render', '.']
    if sys.version_info >= (3, 11): return 'smalldocs', smalldocs
    stop('there is no program quarto (https://quarto.org/docs/get-started); without it, Python 3.11 or later is needed, and this is 3.10')


def configure(site: Path, known: Addresses, command: Command) -> tuple[list[str], Path]:
    "Writes `_quarto.yml` for this builder and address; returns the builder's command, and where it will write."
    options = yaml.safe_load((site/'_quarto.yml').read_text(encoding='utf-8'))
    if known.host: options['website']['site-url'] = known.host + known.base
    arguments = command(site, options)
    (site/'_quarto.yml').write_text(yaml.safe_dump(options, sort_keys=False, allow_unicode=True), encoding='utf-8')
    return arguments, site/options['project']['output-dir']


# ---- finishing touches, on the pages that a builder made

def mathml(page: str) -> str:
    "Formulas that a page has as LaTeX, as MathML, which browsers show without a script."
    from latex2mathml.converter import convert
    def formula(found: re.Match[str]) -> str:
        display = 'block' if found['kind'] == 'display' else 'inline'
        try: drawn = convert(unescape(found['latex']).strip(), display=display)
        except Exception: return found[0] # what is left of it will be found
        return re.sub(r'<mi>(log|exp|sin|cos|tanh|max|min)</mi>(?!<mo)', r'<mi>\1</mi><mspace width="0.17em"/>', drawn)
    page = re.sub(r'<(?:link|script)[^>]*/katex@[^>]*>(?:</script>)?', '', page)
    return re.sub(r'<span class="math (?P<kind>inline|display)">\\[(\[](?P<latex>.*?)\\[)\]]</span>', formula, page, flags=re.S)


def together(page: str) -> str:
    "What should not be torn apart by the end of a line: short code, and a formula with the comma after it."
    page = re.sub(r'(<pre[^>]*>)?<code>(?=[^<\n]{1,20}</code>)', lambda found: found[0] if found[1] else '<code class="nowrap">', page)
    return re.sub(r'(<math\b[^>]*display="inline"(?:(?!</math>).)*</math>(?:</span>)?)([,.;:?!)]+)', r'<span class="nowrap">\1\2</span>', page, flags=re.S)


def reachable(page: str) -> str:
    "What the builders leave undone for readers with a keyboard or a screen reader."
    page = re.sub(r'(<body[^>]*>)', r'\1<nav aria-label="Skip"><a class="skip" href="#quarto-document-content">Skip to the text</a></nav>', page, count=1)
    page = page.replace('id="quarto-document-content"', 'id="quarto-document-content" tabindex="-1"', 1)
    # code with long lines scrolls sideways on a telephone
    def code(found: re.Match[str]) -> str:
        widest = max(map(len, unescape(re.sub(r'<[^>]*>', '', found[2])).split('\n')))
        return f'<pre tabindex="0"{found[1]}>{found[2]}</pre>' if widest > 30 else found[0]
    page = re.sub(r'<pre((?:(?!tabindex)[^>])*)>(.*?)</pre>', code, page, flags=re.S)
    # as do tables
    page = page.replace('class="sd-table"', 'class="sd-table" tabindex="0"')
    page = re.sub(r'(<div class="cell-output cell-output-display cell-output-markdown")(?!>\s*<div class="(?:picture|mg-steps))', r'\1 tabindex="0"', page)
    # what opens a part of the sidebar is a button, not a landmark, and can be reached and pressed
    page = re.sub(r'<a(?![^>]*href=)([^>]*data-bs-target="(#[^"]*)"[^>]*) role="navigation"', r'<a href="\2" role="button"\1', page)
    for nav, name in (('id="quarto-sidebar"', 'Pages'), ('id="TOC"', 'On this page'), ('class="page-navigation"', 'Next and previous page')):
        page = page.replace(f'<nav {nav}', f'<nav aria-label="{name}" {nav}')
    # neither builder's dark styles where no script can go on with them
    page = re.sub(r'(<link href="[^"]*syntax-highlighting-dark[^"]*" rel="stylesheet")', r'\1 media="(scripting: enabled)"', page)
    page = page.replace('(prefers-color-scheme: dark)"', '(prefers-color-scheme: dark) and (scripting: enabled)"')
    return re.sub(r'<th(\b[^>]*)></th>', r'<td\1></td>', page) # the empty corner of a table heads nothing


def tools(notebook: PurePosixPath, known: Addresses) -> str:
    "The line under a title."
    links = [f'<a href="{notebook.name}" download>Download this notebook</a>']
    if known.sources: links += [f'<a href="{known.edit(notebook)}">Edit this page</a>', f'<a href="{known.report()}">Report an issue</a>']
    if known.colab(notebook): links.append(f'<a href="{known.colab(notebook)}">Open in Colab</a> (there, first run <code>%pip install git+{known.sources}</code>)')
    return f'<p class="page-tools">{" · ".join(links)}</p>'


def card(page: str, known: Addresses) -> str:
    "The social card at its full address, without which it cannot be found."
    picture = r'(<meta (?:property|name)="(?:og|twitter):image" content=")[^"]*(">)'
    return re.sub(picture, rf'\1{known.host}{known.base}/assets/card.png\2' if known.host else '', page)


def finish(built: Path, nbs: Path, known: Addresses) -> None:
    for path in built.rglob('*.html'):
        page = card(reachable(together(mathml(path.read_text(encoding='utf-8')))), known)
        notebook = path.relative_to(built).with_suffix('.ipynb')
        if (nbs/notebook).exists():
            shutil.copy(nbs/notebook, built/notebook)
            page = re.sub(r'(<header id="title-block-header".*?</header>)', lambda m: m[1] + tools(PurePosixPath(notebook), known), page, count=1, flags=re.S)
        if path == built/'404.html': # it is shown at any address
            page = re.sub(r'((?:href|src|name="smalldocs:offset" content)=")(?!\w+:|[/#])(?:\./)?', rf'\1{known.base}/', page)
        path.write_text(page, encoding='utf-8')
    sitemap = built/'sitemap.xml'
    if sitemap.exists():
        listed = re.sub(r'\s*<url>\s*<loc>[^<]*/404\.html</loc>.*?</url>', '', sitemap.read_text(encoding='utf-8'), flags=re.S)
        sitemap.write_text(listed, encoding='utf-8')
    for path in built.rglob('*.llms.md'): # for readers that are programs: a picture as its description
        text = path.read_text(encoding='utf-8')
        drawn = r'```{=html}\s*<div class="(?:picture|mg-steps)".*?aria-label="([^"]*)".*?</svg>\s*(?:</div>\s*)+```'
        path.write_text(re.sub(drawn, r'(picture: \1)', text, flags=re.S), encoding='utf-8')


# ---- the check of what was built

class Page(HTMLParser):
    "The anchors of a page, what it links to, what a browser would load with it, and its text outside code."
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = foreign(text)
        self.titles = 0
        self.undescribed: list[str] = []
        self.text: list[str] = []
        self.inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        have = {name: value or '' for name, value in attributes}
        if tag in ('main', 'pre', 'code', 'script', 'style', 'svg', 'math'): self.inside.append(tag)
        if 'main' in self.inside: self.titles += tag == 'h1'
        if have.get('id'): self.anchors.add(have['id'])
        if tag == 'img' and not have.get('alt', '').strip() or have.get('role') == 'img' and not have.get('aria-label'):
            self.undescribed.append(have.get('src') or f'<{tag}>')
        if tag == 'a': self.links.append(have.get('href', ''))
        elif have.get('rel') not in ('canonical', 'alternate'):
            loads = [have.get(name, '') for name in ('src', 'href', 'xlink:href', 'poster', 'data')]
            loads += [source.split()[0] for source in have.get('srcset', '').split(',') if source.strip()]
            self.loads += [target for target in loads if target and not target.startswith(('data:', '#'))]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside: del self.inside[len(self.inside) - 1 - self.inside[::-1].index(tag)]

    def handle_data(self, data: str) -> None:
        if self.inside == ['main']: self.text.append(data)

    def unread(self) -> list[str]:
        "Markdown that a reader would see as it was typed."
        return re.findall(r'\[\^\w+\]|\]\[\w*\]|@(?:fig|eq|sec|tbl|lst)-[\w-]+|\$[^\s$][^$]{0,30}|\\[([]|^:::+.*', ' '.join(self.text), flags=re.M)


def foreign(style: str) -> list[str]:
    "What a style sheet would load from another host."
    return re.findall(r'(?:url\(|@import)\s*["\']?((?:https?:)?//[^"\')\s]+)', style)


def wrong(built: Path, nbs: Path, base: str = '') -> Iterator[str]:
    "What is not right in the built pages: each with its notebook and cell, where it comes from one. `#text=...` is no place, but what a live page shows."
    pages = {path: Page(path.read_text(encoding='utf-8')) for path in sorted(built.rglob('*.html'))}
    for path, page in pages.items():
        if page.titles != 1: yield f'{where("", path, built, nbs)}: {page.titles} titles; a page begins with one cell `# Title`, an empty line, `> one line`'
        for source in page.undescribed: yield f'{where(source, path, built, nbs)}: the picture {source} has no description'
        for text in page.unread(): yield f'{where(text, path, built, nbs)}: {text!r} is not understood'
        for target in dict.fromkeys(page.links + page.loads):
            if re.match(r'\w+:|//', target):
                if target in page.loads: yield f'{where(target, path, built, nbs)}: {target} would be loaded from another host'
                continue
            file, _, anchor = unquote(target).partition('#')
            if file.startswith('/'): to = built/file.removeprefix(base).lstrip('/')
            else: to = (path.parent/file).resolve() if file else path
            if to.is_dir(): to = to/'index.html'
            if not to.exists(): yield f'{where(target, path, built, nbs)}: {target} leads nowhere'
            elif anchor and '=' not in anchor and to in pages and anchor not in pages[to].anchors: yield f'{where(target, path, built, nbs)}: {target}: no such place on that page'
    for path in sorted(built.rglob('*.css')):
        for target in foreign(path.read_text(encoding='utf-8')): yield f'{path.relative_to(built)}: {target} would be loaded from another host'


def where(target: str, path: Path, built: Path, nbs: Path) -> str:
    "The notebook and the cell that a piece of a built page comes from."
    notebook = (nbs/path.relative_to(built)).with_suffix('.ipynb')
    if not notebook.exists(): return str(path.relative_to(built))
    name, _, anchor = unquote(target).removeprefix('./').partition('#')
    name = name.removesuffix('.html').removesuffix('.ipynb')
    for cell in cells(notebook):
        text = unquote(cell.source + ''.join(cell.shown('text/markdown') + cell.shown('text/html')))
        if target and name in text and (not anchor or f'#{anchor}' in text): return f'{notebook.relative_to(nbs.parent)}, cell {cell.number}'
    return str(notebook.relative_to(nbs.parent))


# ---- all of it

def build(project: Path, out: Path) -> str:
    "Builds the site of `project` into the folder `out`, and returns the builder's name."
    if out.exists() and not (out.is_dir() and ((out/'site_libs').is_dir() or not any(out.iterdir()))):
        stop(f'{out} is there, and is no site: it is not replaced')
    nbs, known = project/'nbs', addresses(project)
    found = problems(nbs)
    if found: stop(*found)
    name, command = builder()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder).resolve()/'site'
        shutil.copytree(nbs, site, ignore=shutil.ignore_patterns('.*', '_proc', '_docs', '*.py', '*.js', '__pycache__'))
        for notebook in notebooks(nbs): write_nb(processed(notebook, nbs), site/notebook.relative_to(nbs))
        arguments, built = configure(site, known, command)
        ran = subprocess.run(arguments, cwd=site, capture_output=True, encoding='utf-8', env={**os.environ, 'NO_COLOR': '1'})
        log = ran.stdout + ran.stderr
        if ran.returncode or not built.is_dir(): stop(f'{name} says:', log)
        finish(built, nbs, known)
        if (nbs/'live').is_dir(): live.add(built, project)
        found = list(wrong(built, nbs, known.base))
        if found: stop(*found)
        if re.search(r'^\W*warn(ing)?\b', log, re.I | re.M): stop(f'{name} says:', log)
        fresh = out.with_name(f'{out.name}.new') # the old site stays until the new one is whole
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(built, fresh)
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    return name


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description='Builds the site from the notebooks.')
    parser.add_argument('folder', nargs='?', type=Path, default=root/'_docs', help='where to; by default _docs')
    out = parser.parse_args().folder.resolve()
    name = build(root, out)
    if live.missing(): print('Left out:', live.missing())
    print(f'The site is in {out}, built by {name}. To read it: make preview')
