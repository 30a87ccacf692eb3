// The frame in which Python runs. It is sandboxed: its origin is its own, so that the site, its storage and its servers
// are as strange to it as any other, and its policy lets nothing out. tools/live.py makes frame.html of it.

/** @typedef {Record<string, Blob>} Files */

addEventListener('message', ({ source, data, ports: [leash, wire] }) => {
  if (source !== parent) return // the worker cannot speak to the frame, and nobody else should
  const files = /** @type {Files} */ (data)
  const worker = new Worker(URL.createObjectURL(files['worker.js']))
  worker.onerror = event => leash.postMessage(event.message || 'the worker did not start')
  worker.postMessage(files, [wire])
  leash.onmessage = () => worker.terminate()
})
