"The browser that the site is opened in, by its tests and by the benchmark, and a server for it."
from __future__ import annotations
import functools, http.server, shutil, threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from collections.abc import Iterator

# Of two lists of features the last one counts, so what Playwright leaves out stands here again. The last two are pages
# that Chromium loads for the address bar of every window, though it shows none: half of what a window costs.
left_out = ('AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable LensOverlay MediaRouter '
            'PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect OptimizationHints NetworkTimeServiceQuerying AimEnabled '
            'PreconnectToSearch WebUIOmniboxPopup WebUIOmniboxAimPopup').split()
flags = ('--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking '
         f'--disable-component-update --disable-sync --disable-features={",".join(left_out)}').split()


def chromium() -> str | None:
    "Where Chromium is: the one that draws no window, where that is installed, since it needs less time for a page."
    return next(filter(None, map(shutil.which, ('chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'))), None)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None: pass


@contextmanager
def serving(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    "The address at which a folder is served in this block."
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try: yield f'http://127.0.0.1:{server.server_port}/'
    finally:
        server.shutdown()
        server.server_close()
