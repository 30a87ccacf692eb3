// The frame in which Python runs. It is sandboxed: its origin is its own, so that the site, its storage and its servers
// are as strange to it as any other, and its policy lets nothing out. tools/live.py makes frame.html of it, with the
// program that unpacks.

addEventListener('message', async ({ source, data: { packed, worker, start }, ports: [leash, wire] }) => {
  if (source !== parent) return // the worker cannot speak to the frame, and nobody else should
  if (packed) {
    const { XzReadableStream } = /** @type {any} */ (self)['xz-decompress']
    try {
      const unpacked = await new Response(new XzReadableStream(packed.stream())).arrayBuffer()
      return leash.postMessage({ unpacked }, [unpacked])
    } catch (error) { return leash.postMessage({ error: String(error) }) }
  }
  const thread = new Worker(URL.createObjectURL(worker))
  thread.onerror = event => leash.postMessage(event.message || 'the worker did not start')
  thread.postMessage(start, [wire])
  leash.onmessage = () => thread.terminate()
})
