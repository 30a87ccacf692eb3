// The files of Python, from the server or from what this browser keeps. A live page itself asks for their list (tools/live.py),
// and the first of them is asked for as soon as this script is there: a line is slow, and should not wait.

/** @typedef {{ name: string, url: string, size: number, files: Record<string, number> }} Pack some files, one after the other, packed: tools/live.py */
/** @typedef {{ missing?: string, worker: string, snapshot: string, packs: Pack[] }} List */

export const at = (/** @type {string} */ name) => String(new URL(name, import.meta.url))

/** @param {string} url @param {RequestInit} how */
export const got = async (url, how = {}) => checked(await fetch(url, how))

/** @param {Response} response */
function checked(response) {
  if (!response.ok) throw new Error(`${response.status} ${response.url}`)
  return response
}

const listed = () => fetch(at('files.json'), { cache: 'no-cache' })

/** What the site lists, and what has been asked for of it. */
export class Site {
  /** @param {List} list @param {Cache | undefined} cache */
  constructor(list, cache) {
    this.list = list
    /** @type {Cache | undefined} */
    this.cache = cache
    /** @type {Map<string, Promise<{ held: boolean, response: Response }>>} */
    this.asked = new Map()
    if (list.packs) this.ask(list.packs[0])
  }

  /** @param {Promise<Response>} asked the list @returns {Promise<Site>} */
  static async of(asked) {
    const list = await checked(await asked).json()
    return new Site(list, list.packs && await kept(list))
  }

  /** @param {Pack} pack */
  ask({ url }) {
    const find = async () => {
      const found = await this.held(url)
      return { held: Boolean(found), response: found || await got(at(url)) }
    }
    const asked = this.asked.get(url) || find()
    asked.catch(() => this.asked.delete(url)) // whoever reads it is told, and may ask again
    this.asked.set(url, asked)
    return asked
  }

  /** @param {string} name @returns {Promise<Response | undefined> | undefined} */
  held(name) { return this.cache?.match(at(name)) }

  /** @param {string} name @param {Blob} blob */
  keep(name, blob) { this.cache?.put(at(name), new Response(blob)).catch(() => {}) } // there may be no room
}

/** What is no longer listed goes. @param {List} list @returns {Promise<Cache | undefined>} */
async function kept({ snapshot, packs }) {
  try {
    const cache = await caches.open(at('files.json'))
    const listed = [snapshot, ...packs.map(({ url }) => url)].map(at)
    for (const { url } of await cache.keys()) if (!listed.includes(url)) cache.delete(url)
    return cache
  } catch { /* private windows may keep nothing */ }
}

/** @type {Promise<Site> | undefined} */
let begun = Site.of(/** @type {any} */ (window).files || listed())
begun.catch(() => {})

/** What was begun with this script; after that, anew. */
export function site() {
  const site = begun || Site.of(listed())
  begun = undefined
  return site
}
