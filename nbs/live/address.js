// The address of this page, which holds what its reader made. An entry of the history says whether it is the reader's own.

/** @type {number | undefined} */
let waiting

/** Once nothing has changed for a while. @param {string} hash @param {boolean} own */
export function keep(hash, own = true) {
  clearTimeout(waiting)
  waiting = setTimeout(() => keepNow(hash, own), 300)
}

/** @param {string} hash @param {boolean} own @param {'replaceState' | 'pushState'} how */
export function keepNow(hash, own = true, how = 'replaceState') {
  clearTimeout(waiting)
  if (hash === location.hash) return
  try { history[how]({ own }, '', hash || location.pathname + location.search) }
  catch { /* Safari refuses more than a hundred in ten seconds; the next one holds this, too */ }
}

export const isOwn = () => history.state?.own === true
