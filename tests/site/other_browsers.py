"Firefox and WebKit, each driven by its own protocol: WebDriver BiDi over a socket, and WebDriver over HTTP."
from __future__ import annotations
import json, os, random, shutil, socket, subprocess, tempfile, time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

firefox = shutil.which('firefox-esr') or shutil.which('firefox')
minibrowser = next(map(str, sorted(Path('/usr/lib').glob('*/webkit2gtk-4*/MiniBrowser'))), None)
missing = {'Firefox': '' if firefox else 'no Firefox here',
           'WebKit': '' if minibrowser and all(map(shutil.which, ('WebKitWebDriver', 'Xvfb'))) else 'no WebKit with its driver and Xvfb here'}


@contextmanager
def started(*command, **options):
    process = subprocess.Popen(command, **{'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL} | options)
    try: yield process
    finally:
        process.terminate()
        try: process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in filter(None, (process.stdout, process.stderr)): pipe.close()


class Window:
    "`js` gives what an expression is, and waits for it if it is a promise."
    def open(self, url):
        "Until the page is there, whole: on a busy machine a driver may say so too early."
        self.go(url)
        self.until(f'location.href.split("#")[0] == {json.dumps(url)} && document.readyState == "complete"')

    def until(self, expression, seconds=120):
        "Waits until an expression is true, and returns it."
        end = time.monotonic() + seconds
        while not (found := self.js(expression)):
            if time.monotonic() > end:
                shows = self.js('(document.querySelector("main") ?? document.body).innerText')
                raise AssertionError(f'{expression} did not come; the page shows {shows[:2000]}')
            time.sleep(0.05)
        return found


class Firefox(Window):
    def __init__(self, connection):
        self.connection, self.asked = connection, 0
        self.ask('session.new', capabilities={})
        self.context = self.ask('browsingContext.getTree')['contexts'][0]['context']
        self.ask('browsingContext.setViewport', context=self.context, viewport=dict(width=1280, height=900))

    def ask(self, method, **params):
        self.asked += 1
        self.connection.send(json.dumps(dict(id=self.asked, method=method, params=params)))
        while (answer := json.loads(self.connection.recv())).get('id') != self.asked: pass
        assert answer['type'] == 'success', answer
        return answer['result']

    def go(self, url): self.ask('browsingContext.navigate', context=self.context, url=url, wait='complete')

    def js(self, expression):
        answer = self.ask('script.evaluate', expression=f'(async () => JSON.stringify([await ({expression})]))()', target=dict(context=self.context), awaitPromise=True)
        assert answer['type'] == 'success', answer
        return json.loads(answer['result']['value'])[0]


class WebKit(Window):
    def __init__(self, at):
        self.session = f'{at}/session'
        options = {'binary': minibrowser, 'args': ['--automation']}
        self.session += '/' + self.ask('', capabilities={'alwaysMatch': {'webkitgtk:browserOptions': options}})['sessionId']
        self.ask('/timeouts', script=120_000)
        self.ask('/window/rect', width=1280, height=900)

    def ask(self, what, **params):
        with urlopen(Request(self.session + what, json.dumps(params).encode(), {'Content-Type': 'application/json'}), timeout=150) as answer: return json.load(answer)['value']

    def go(self, url): self.ask('/url', url=url)

    def js(self, expression):
        answer = self.ask('/execute/async', script=f'const done = arguments[0]; (async () => done([await ({expression})]))().catch(error => done(String(error)))', args=[])
        assert isinstance(answer, list), answer
        return answer[0]

    def close(self): urlopen(Request(self.session, method='DELETE'), timeout=150).close()


@contextmanager
def opened(name):
    "A window of Firefox or WebKit, with a profile of its own."
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        here = os.environ | {'HOME': home, 'XDG_RUNTIME_DIR': home}
        if name == 'Firefox':
            from websocket import create_connection
            port = free_port()
            stack.enter_context(started(firefox, '--headless', '--no-remote', '--profile', home, '--remote-debugging-port', str(port), env=here))
            wait_for(port)
            yield Firefox(stack.enter_context(closing(create_connection(f'ws://127.0.0.1:{port}/session', timeout=150, suppress_origin=True))))
        else:
            screen = stack.enter_context(started('Xvfb', '-displayfd', '1', '-screen', '0', '1400x1000x24', stdout=subprocess.PIPE, text=True)).stdout.readline().strip()
            port = free_port()
            stack.enter_context(started('WebKitWebDriver', f'--port={port}', env=here | {'DISPLAY': f':{screen}', 'WEBKIT_DISABLE_COMPOSITING_MODE': '1', 'LIBGL_ALWAYS_SOFTWARE': '1',
                'JSC_useOMGJIT': '0'})) # compiling Python once more, for a speed that no test needs, takes longer than all of them
            wait_for(port)
            window = WebKit(f'http://127.0.0.1:{port}')
            stack.callback(window.close)
            yield window


def free_port():
    "Not one of those that a system gives to whoever asks for any: somebody might, before this one is taken."
    while True:
        with socket.socket() as one:
            try: one.bind(('127.0.0.1', random.randrange(20_000, 30_000)))
            except OSError: continue
            return one.getsockname()[1]


def wait_for(port, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try: return socket.create_connection(('127.0.0.1', port), 1).close()
        except OSError: time.sleep(0.05)
    raise TimeoutError(f'nothing answers at {port}')
