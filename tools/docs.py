"""Builds the site from the notebooks: `python tools/docs.py [FOLDER]`, by default into `_docs`.

nbdev reads the notebooks, then Quarto builds the pages, or smalldocs where there is no Quarto. What one of them does by
itself and the other does not is done here, so that both sites look and work alike: links from the names of our functions,
formulas, what a reader with a keyboard needs. A warning of either is a failure, and so is a link or picture that leads
nowhere, or to another host.
"""
from __future__ import annotations
import argparse, configparser, logging, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path, PurePosixPath
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
import yaml
from bs4 import BeautifulSoup
from execnb.nbio import read_nb, write_nb
from fontTools import subset
from latex2mathml.converter import convert
from nbdev.processors import FilterDefaults, add_fold, add_links, add_show_docs, exec_show_docs, fdiv, insert_warning, mv_exports
import live
from pages import cells, notebooks, place, problems, reader, root


def stop(*lines: str) -> NoReturn: sys.exit('\n'.join(('The site was not built:', *lines)))


def html(text: str) -> BeautifulSoup: return BeautifulSoup(text, 'html.parser')


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
        _, host, repository, *_ = urlsplit(self.sources)
        return f'https://colab.research.google.com/github{repository}/blob/{self.branch}/{self.nbs}/{notebook}' if host.removeprefix('www.') == 'github.com' else ''


def addresses(project: Path) -> Addresses:
    config = configparser.ConfigParser(interpolation=None)
    config.read(project/'settings.ini', encoding='utf-8')
    known = {key: config['DEFAULT'].get(key, '').strip().rstrip('/') for key in ('git_url', 'branch', 'nbs_path', 'doc_host', 'doc_baseurl')}
    for key in ('git_url', 'doc_host'):
        if known[key] and not known[key].startswith(('http://', 'https://')): stop(f'settings.ini: {key} has to begin with https://, and is {known[key]!r}')
    return Addresses(known['git_url'].removesuffix('.git'), known['branch'], known['nbs_path'], known['doc_host'], known['doc_baseurl'])


# ---- notebooks, before the builder sees them

class Processors(FilterDefaults): # type: ignore[misc]
    "nbdev's own, but for the reference, which is a page of its own, and for the folding of what goes into the package."
    def base_procs(self) -> list[Any]:
        left_out = {add_fold, add_links, add_show_docs, exec_show_docs, insert_warning, mv_exports}
        return [p for p in super().base_procs() if p not in left_out]


def picture(svg: str, alt: str) -> str:
    "An SVG as HTML: described, and in a box of its own that scrolls sideways where a graph is wide."
    drawn = html(svg).svg
    assert drawn is not None
    if alt: drawn['aria-label'] = alt
    least = 560 if drawn.select_one('.graph') else 320 # a plot may shrink further
    if str(drawn.get('width')).endswith('pt'): least = min(least, round(float(str(drawn['width'])[:-2])*4/3))
    return f'<div class="picture" tabindex="0" style="--least: {least}px">{drawn}</div>'


def processed(notebook: Path) -> Any:
    "The notebook as both builders read it alike."
    page = read_nb(notebook)
    exported = {cell.id for cell in page.cells if cell.cell_type == 'code' and '#| exports' in cell.source.split('\n')}
    Processors()(page)
    page.cells = [part for cell in page.cells for part in ([fdiv('.exported'), cell, fdiv()] if cell.id in exported else [cell])]
    for cell in page.cells:
        if cell.cell_type == 'raw': cell.source = '\n'.join(line for line in cell.source.split('\n') if not line.startswith('output-file:'))
        if cell.cell_type != 'code': continue
        alt = ''
        for line in cell.source.split('\n'):
            if line.startswith('#| fig-alt:'): alt, cell.source = yaml.safe_load(line[3:])['fig-alt'], cell.source.replace(f'{line}\n', '', 1)
        for output in cell.outputs:
            data = output.get('data', {})
            if 'image/svg+xml' in data: data['text/html'] = picture(''.join(data.pop('image/svg+xml')), alt)
            # As raw HTML in Markdown: for an output that is HTML, Quarto would load scripts for widgets from another host.
            if 'text/html' in data: data['text/markdown'] = f'```{{=html}}\n{"".join(data.pop("text/html"))}\n```'
    return page


# ---- the builders

def for_smalldocs(site: Path, options: dict[str, Any]) -> None:
    "What smalldocs does not read is left out, and the dark theme is Bootstrap's own, on the ground that Quarto's has."
    from smalldocs.site import ASSETS
    settings = options['format']['html']
    for key in ('html-math-method', 'respect-user-color-scheme', 'grid'): settings.pop(key, None)
    ground = (site/'assets'/'dark.scss').read_text(encoding='utf-8').partition('$body-bg: ')[2].partition(';')[0]
    if not ground: stop('nbs/assets/dark.scss gives no $body-bg')
    bootstrap = (ASSETS/'vendor'/'bootstrap'/'bootstrap.min.css').read_text(encoding='utf-8')
    (site/'dark.css').write_text(bootstrap.replace('[data-bs-theme=dark]', ':root') + f':root {{ --bs-body-bg: {ground} }}', encoding='utf-8')
    settings['theme']['dark'] = 'dark.css'


def builder() -> str:
    if shutil.which('quarto'): return 'Quarto'
    if sys.version_info >= (3, 11): return 'smalldocs'
    stop('there is no program quarto (https://quarto.org/docs/get-started); without it, Python 3.11 or later is needed, and this is 3.10')


def configure(site: Path, known: Addresses, name: str) -> tuple[list[str], Path]:
    "Writes `_quarto.yml` for this builder and address; returns the builder's command, and where it will write."
    options = yaml.safe_load((site/'_quarto.yml').read_text(encoding='utf-8'))
    if known.host: options['website']['site-url'] = known.host + known.base
    if name == 'smalldocs': for_smalldocs(site, options)
    (site/'_quarto.yml').write_text(yaml.safe_dump(options, sort_keys=False, allow_unicode=True), encoding='utf-8')
    program = ['quarto'] if name == 'Quarto' else [sys.executable, '-m', 'smalldocs.cli']
    return [*program, 'render', '.'], site/options['project']['output-dir']


# ---- finishing touches, on the pages that a builder made

def formulas(page: BeautifulSoup) -> None:
    "Those that a page has as LaTeX become MathML, which browsers show without a script; and all are spaced as TeX does it."
    for asset in page.select('link[href*="/katex@"], script[src*="/katex@"]'): asset.decompose()
    for span in page.select('span.math'):
        latex, display = span.get_text().strip(), 'block' if 'display' in span['class'] else 'inline'
        try: span.replace_with(html(convert(latex[2:-2].strip(), display=display))) if latex.startswith('\\') else None
        except Exception: pass # what is left of it will be found
    for sign in page.select('math mo'):
        before, kind = sign.find_previous_sibling(), sign.parent.name if sign.parent else ''
        if sign.text in '+-−±' and (before is None and kind == 'mrow' or before and before.name == 'mo' and before.text not in ')]}|!′'): sign['form'] = 'prefix'
        if sign.text in ('lim', 'max', 'min') and kind == 'msub' and sign.find_parent('math', display='block'): sign.parent.name = 'munder' # type: ignore[union-attr]
    for name in page.select('math mi'):
        after = name.find_next_sibling()
        if name.text in ('log', 'exp', 'sin', 'cos', 'tanh', 'max', 'min') and after and after.name not in ('mo', 'mspace'): name.insert_after(page.new_tag('mspace', width='0.17em'))


def linked(page: BeautifulSoup, reference: str) -> None:
    "Each name of ours in the text becomes a link to its entry on the page `reference`."
    for code in page.select('main code'):
        anchor = place(code.text.removesuffix('()'))
        if anchor and not code.find_parent(['pre', 'a', 'summary', 'h1', 'h2', 'h3', 'h4', 'header']) and not code.find_parent(class_='callout-title-container'):
            code.wrap(page.new_tag('a', href=f'{reference}#{anchor}'))


def together(page: BeautifulSoup) -> None:
    "What should not be torn apart by the end of a line: short code, and a formula with the comma after it."
    for code in page.select('code:not(pre code)'):
        if len(code.text) <= 20: code['class'] = ' '.join([*code.get_attribute_list('class'), 'nowrap'])
    for math in page.select('math[display="inline"]'):
        whole = math.parent if math.parent and math.parent.name == 'span' else math
        after = whole.next_sibling
        mark = re.match(r'[,.;:?!)]+', after) if isinstance(after, str) else None
        if mark:
            after.replace_with(after[mark.end():])
            whole.wrap(page.new_tag('span', attrs={'class': 'nowrap'})).append(mark[0])


def reachable(page: BeautifulSoup) -> None:
    "What the builders leave undone for readers with a keyboard or a screen reader."
    if page.body: page.body.insert(0, html('<nav aria-label="Skip"><a class="skip" href="#quarto-document-content">Skip to the text</a></nav>'))
    for main in page.select('#quarto-document-content'): main['tabindex'] = '-1'
    for code in page.select('pre'): # with long lines it scrolls sideways on a telephone
        if max(map(len, code.text.split('\n'))) > 30: code['tabindex'] = '0'
        elif code.has_attr('tabindex'): del code['tabindex']
    for formula in page.select('math[display="block"]'): # so does a long formula
        if len(formula.text) > 20: formula['tabindex'] = '0'
    for wide in page.select('.sd-table, .cell-output-markdown:not(:has(> .picture, > .mg-steps))'): wide['tabindex'] = '0'
    for opens in page.select('a[data-bs-target]:not([href])'): # a part of the sidebar: a button, not a landmark
        opens['role'], opens['href'] = 'button', str(opens['data-bs-target'])
    for title in page.select('.callout-header[data-bs-toggle]'): # a folded callout opens without a script, and from the keyboard
        if not title.parent: continue
        title.parent.name, title.name = 'details', 'summary'
        if title.get('aria-expanded') == 'true': title.parent['open'] = ''
        for key in ('data-bs-toggle', 'data-bs-target', 'aria-expanded', 'aria-controls', 'aria-label'): title.attrs.pop(key, None)
        title['class'] = 'callout-header'
        for part in title.select('.callout-btn-toggle, .callout-icon-container'): part.decompose()
        for text in title.parent.select('.callout-collapse'): text['class'] = 'callout-text'
    for nav, name in (('#quarto-sidebar', 'Pages'), ('#TOC', 'On this page'), ('.page-navigation', 'Next and previous page')):
        for element in page.select(f'nav{nav}'): element['aria-label'] = name
    # neither builder's dark styles where no script can go on with them
    for style in page.select('link[href*="syntax-highlighting-dark"]'): style['media'] = '(scripting: enabled)'
    for style in page.select('link[media$="(prefers-color-scheme: dark)"]'): style['media'] = f'{style["media"]} and (scripting: enabled)'
    for corner in page.select('th:empty'): corner.name = 'td' # it heads nothing


def light(page: BeautifulSoup) -> None:
    "No script keeps a page from being shown: they run in their order once it is read."
    for script in page.select('head script[src]:not([type])'): script['defer'] = ''


def icons(built: Path) -> None:
    "Of the two thousand icons in the font, those that the site shows."
    logging.getLogger('fontTools').setLevel(logging.ERROR) # it warns of two bytes too many in the font
    for sheet in built.rglob('bootstrap-icons*.css'):
        texts = [path.read_text(encoding='utf-8') for path in built.rglob('*') if path.suffix in ('.html', '.js', '.css') and path != sheet]
        names = {name for text in texts for name in re.findall(r'\bbi-[a-z0-9-]+', text)}
        codes = {int(code, 16) for text in texts for code in re.findall(r'content: ?"\\(f[0-9a-f]+)"', text)} | {ord(sign) for text in texts for sign in re.findall('[\uf000-\uf8ff]', text)}
        def kept(rule: re.Match[str]) -> str:
            if rule[1] not in names: return ''
            codes.add(int(rule[2], 16))
            return rule[0]
        style = re.sub(r'\.(bi-[a-z0-9-]+)::before ?{ ?content: ?"\\(f[0-9a-f]+)";? ?}\s*', kept, sheet.read_text(encoding='utf-8'))
        sheet.write_text(re.sub(r'url\("[^"]*woff2[^"]*"\) ?format\("woff2"\),\s*', '', style), encoding='utf-8')
        options = subset.Options(flavor='woff')
        for path in sheet.parent.rglob('bootstrap-icons.woff*'):
            if path.suffix == '.woff2': path.unlink()
            else:
                font, chosen = subset.load_font(path, options), subset.Subsetter(options)
                chosen.populate(unicodes=codes)
                chosen.subset(font)
                subset.save_font(font, path, options)
                font.close()


def tools(notebook: PurePosixPath, known: Addresses) -> str:
    "The line under a title."
    home = '../'*(len(notebook.parts) - 1) + 'index.html'
    links = [f'<a href="{notebook.name}" download>Download this notebook</a>', f'<a href="{home}#how-do-i-install-micrograd">How to run it</a>']
    if known.sources: links += [f'<a href="{known.edit(notebook)}">Edit this page</a>', f'<a href="{known.report()}">Report an issue</a>']
    if known.colab(notebook): links.append(f'<a href="{known.colab(notebook)}">Open in Colab</a> (there, first run <code>%pip install git+{known.sources}</code>)')
    return f'<p class="page-tools">{" · ".join(links)}</p>'


def addressed(page: BeautifulSoup, known: Addresses) -> None:
    "The social card at its full address, without which it cannot be found."
    for card in page.select('meta:is([property$=":image"], [name$=":image"])'):
        if known.host: card['content'] = f'{known.host}{known.base}/assets/card.png'
        else: card.decompose()


def anywhere(page: BeautifulSoup, base: str) -> None:
    "The page for what is not there is shown at any address, however deep: what it names begins at the site's own."
    for element in page.select('[href], [src], meta[name="smalldocs:offset"]'):
        key = next(key for key in ('href', 'src', 'content') if element.has_attr(key))
        target = str(element[key])
        if not urlsplit(target).scheme and not target.startswith(('/', '#')): element[key] = f'{base}/{target.removeprefix("./")}'


def finish(built: Path, nbs: Path, known: Addresses) -> None:
    for path in built.rglob('*.html'):
        left: list[tuple[str, str]] = [] # most of many a page, and nothing is to be done in it: drawings, and the colours of code
        def without(part: re.Match[str]) -> str:
            left.append((part[0], part[3]))
            return f'<{part[1]} data-left="{len(left) - 1}"{part[2]}>{"" if part[1] == "svg" else re.sub("<[^>]*>", "", part[3])}</{part[1]}>'
        def again(part: re.Match[str]) -> str:
            whole, inside = left[int(part[3])]
            return whole if part[1] == 'svg' else f'<pre{part[2]}{part[4]}>{inside}</pre>'
        page, name = html(re.sub(r'<(svg|pre)\b([^>]*)>(.*?)</\1>', without, path.read_text(encoding='utf-8'), flags=re.S)), path.relative_to(built)
        formulas(page)
        linked(page, '' if name.stem == 'reference' else '../'*(len(name.parts) - 1) + 'reference.html')
        together(page)
        reachable(page)
        if page.body and page.select_one('.smalldocs-search') and (nbs/'live'/'search.js').exists():
            page.body.append(html(f'<script type="module" src="{"../"*(len(name.parts) - 1)}live/search.js"></script>'))
        light(page)
        addressed(page, known)
        notebook = name.with_suffix('.ipynb')
        if (nbs/notebook).exists():
            shutil.copy(nbs/notebook, built/notebook)
            live.offer(page, nbs, nbs/notebook)
            for head in page.select('#title-block-header'): head.insert_after(html(tools(PurePosixPath(notebook), known)))
        if path == built/'404.html': anywhere(page, known.base)
        path.write_text(re.sub(r'<(svg|pre)\b([^>]*) data-left="(\d+)"([^>]*)>.*?</\1>', again, str(page), flags=re.S), encoding='utf-8')
    if (built/'sitemap.xml').exists():
        space = '{http://www.sitemaps.org/schemas/sitemap/0.9}'
        ElementTree.register_namespace('', space[1:-1])
        sitemap = ElementTree.parse(built/'sitemap.xml')
        for url in sitemap.findall(f'{space}url'):
            if url.findtext(f'{space}loc', '').endswith('/404.html'): sitemap.getroot().remove(url)
        sitemap.write(built/'sitemap.xml', encoding='utf-8', xml_declaration=True)
    for path in built.rglob('*.llms.md'): path.write_text(told(path.read_text(encoding='utf-8')), encoding='utf-8')


def told(text: str) -> str:
    "A page for readers that are programs: of its HTML the words remain, of a picture its description."
    lines = text.split('\n')
    for block in reversed(reader.parse(text)):
        if block.type != 'fence' or block.info.strip() != '{=html}' or not block.map: continue
        page = html(block.content)
        for extra in page.select('script, style, input, label'): extra.decompose()
        for drawn in page.select('svg'): drawn.replace_with(f'(picture: {drawn.get("aria-label")})' if drawn.get('aria-label') else '')
        lines[slice(*block.map)] = [line for line in map(str.strip, page.get_text().split('\n')) if line]
    return '\n'.join(lines)


# ---- the check of what was built

def foreign(style: str) -> list[str]:
    "What a style sheet would load from another host."
    return re.findall(r'(?:url\(|@import)\s*["\']?((?:https?:)?//[^"\')\s]+)', style)


def loads(page: BeautifulSoup) -> list[str]:
    "What a browser would load with a page by its elements."
    found: list[str] = []
    for element in page.find_all(True):
        if not element.attrs.keys() & {'src', 'href', 'xlink:href', 'poster', 'data', 'srcset'} or {'canonical', 'alternate'} & set(element.get_attribute_list('rel')): continue
        found += [str(element.get(key, '')) for key in ('src', 'href', 'xlink:href', 'poster', 'data') if (element.name, key) != ('a', 'href')]
        found += [source.split()[0] for source in str(element.get('srcset', '')).split(',') if source.strip()]
    return [target for target in found if target and not target.startswith(('data:', '#'))]


def unread(page: BeautifulSoup) -> list[str]:
    "Markdown that a reader would see as it was typed."
    def words(element: Any) -> Iterator[str]:
        for part in element.children:
            if isinstance(part, str): yield part
            elif part.name not in ('pre', 'code', 'script', 'style', 'svg', 'math'): yield from words(part)
    prose = ' '.join(text for main in page.find_all('main') for text in words(main))
    return re.findall(r'\[\^\w+\]|\]\[\w*\]|@(?:fig|eq|sec|tbl|lst)-[\w-]+|\$[^\s$][^$]{0,30}|\\[([]|^:::+.*', prose, flags=re.M)


large = re.compile(r'(<(svg|pre)\b[^>]*>)(.*?)</\2>', re.S)


def bare(part: re.Match[str]) -> str:
    "A drawing or code without what is in it, which is most of many a page, unless that names something."
    return part[0] if re.search(r'\b(href|src|id|role)=', part[3]) else f'{part[1]}</{part[2]}>'


def wrong(built: Path, nbs: Path, base: str = '') -> Iterator[str]:
    "What is not right in the built pages: each with its notebook and cell, where it comes from one. `#text=...` is no place, but what a live page shows."
    texts = {path: path.read_text(encoding='utf-8') for path in sorted(built.rglob('*.html'))}
    pages = {path: html(re.sub(large, bare, text)) for path, text in texts.items()}
    anchors = {path: {element['id'] for element in page.find_all(id=True)} for path, page in pages.items()}
    for path, page in pages.items():
        titles, loaded = len(page.select('main h1')), foreign(texts[path]) + loads(page)
        if titles != 1: yield f'{where("", path, built, nbs)}: {titles} titles; a page begins with one cell `# Title`, an empty line, `> one line`'
        for element in page.select('img, [role="img"]:not([aria-label])'):
            source = str(element.get('src', f'<{element.name}>'))
            if not str(element.get('alt', '')).strip(): yield f'{where(source, path, built, nbs)}: the picture {source} has no description'
        for text in unread(page): yield f'{where(text, path, built, nbs)}: {text!r} is not understood'
        for target in dict.fromkeys([*(str(link.get('href', '')) for link in page.find_all('a')), *loaded]):
            to = urlsplit(target)
            if to.scheme or to.netloc:
                if target in loaded: yield f'{where(target, path, built, nbs)}: {target} would be loaded from another host'
                continue
            file, anchor = unquote(to.path), unquote(to.fragment)
            leads = built/file.removeprefix(base).lstrip('/') if file.startswith('/') else (path.parent/file).resolve() if file else path
            if leads.is_dir(): leads = leads/'index.html'
            if not leads.exists(): yield f'{where(target, path, built, nbs)}: {target} leads nowhere'
            elif anchor and '=' not in anchor and leads in pages and anchor not in anchors[leads]: yield f'{where(target, path, built, nbs)}: {target}: no such place on that page'
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
    name = builder()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder).resolve()/'site'
        shutil.copytree(nbs, site, ignore=shutil.ignore_patterns('.*', '_proc', '_docs', '*.py', '*.js', '__pycache__'))
        for notebook in notebooks(nbs): write_nb(processed(notebook), site/notebook.relative_to(nbs))
        command, built = configure(site, known, name)
        ran = subprocess.run(command, cwd=site, capture_output=True, encoding='utf-8', env={**os.environ, 'NO_COLOR': '1'})
        log = ran.stdout + ran.stderr
        if ran.returncode or not built.is_dir(): stop(f'{name} says:', log)
        finish(built, nbs, known)
        icons(built)
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
