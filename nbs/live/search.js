// Search by words. smalldocs has its library, Fuse, look for the whole query as one text that is spelled nearly like it, so a
// question finds nothing. This class is asked in its place; only what no word fits, such as a slip of the finger, goes to Fuse.

const page = /** @type {any} */ (window), { Fuse } = page

/** @typedef {{href: string, title: string, section: string, text: string}} Entry */
const common = new Set('a an and are as at be by can do does for from how i in is it its micrograd my of on or the to what when where which why with'.split(' '))
/** @param {string} text */
const words = text => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
/** @param {string} word */
const stem = word => word.length > 4 ? word.replace(/(ing|ed|es|(?<!s)s)$/, '') : word
const weights = [3, 1.5, 1] // of a heading, a page's title, a text

class Search {
    /** @param {Entry[]} index @param {object} options */
    constructor(index, options) {
        this.index = index
        this.fuzzy = () => new Fuse(index, options)
        this.again = async () => { Object.assign(this, new Search(await (await fetch(new URL('../search.json', import.meta.url))).json(), options)) }
        this.fields = index.map(entry => [entry.section, entry.title, entry.text].map(text => ` ${words(text).join(' ')} `))
        /** @type {Map<string, Map<number, Set<number>>>} a word, the entries with it, and the fields it is in there */
        this.places = new Map()
        this.fields.forEach((fields, n) => fields.forEach((text, field) => { for (const word of text.split(' ').slice(1, -1)) this.note(word, n, field) }))
    }

    /** @param {string} word @param {number} n @param {number} field */
    note(word, n, field) {
        const entries = this.places.get(word) ?? new Map(), fields = entries.get(n) ?? new Set()
        this.places.set(word, entries.set(n, fields.add(field)))
    }

    /** How well each entry has a word, by field: 1 for itself, less for one that begins like it.
     * @param {string} word */
    with(word) {
        /** @type {Map<number, number[]>} */
        const met = new Map(), begin = stem(word)
        for (const [other, entries] of this.places) {
            if (!other.startsWith(begin)) continue
            for (const [n, fields] of entries) {
                const best = met.get(n) ?? [0, 0, 0]
                for (const field of fields) best[field] = Math.max(best[field], other === word ? 1 : 0.7)
                met.set(n, best)
            }
        }
        return met
    }

    /** The best first: rare words count more than frequent ones, a heading more than a text, a chapter more than the reference.
     * @param {string} query @param {{limit: number}} most */
    search(query, { limit }) {
        if (!this.index.length) return this.lost()
        const all = words(query), rare = all.filter(word => !common.has(word)), asked = new Set(rare.length ? rare : all), phrase = ` ${all.join(' ')} `
        /** @type {Map<number, {sum: number, words: number}>} */
        const scores = new Map()
        for (const word of asked) {
            const met = this.with(word), rarity = Math.log(1 + this.index.length / (1 + met.size))
            for (const [n, fields] of met) {
                const before = scores.get(n) ?? { sum: 0, words: 0 }
                scores.set(n, { sum: before.sum + rarity * fields.reduce((sum, how, field) => sum + how * weights[field], 0), words: before.words + 1 })
            }
        }
        const found = [...scores].map(([n, { sum, words }]) => {
            const literal = asked.size < 2 ? 1 : this.fields[n][0].includes(phrase) ? 3 : this.fields[n][2].includes(phrase) ? 2 : 1
            return { item: this.index[n], score: sum * (words / asked.size)**3 * literal / (this.index[n].href.startsWith('reference') ? 2 : 1) }
        })
        return found.length ? found.sort((a, b) => b.score - a.score).slice(0, limit) : this.fuzzy().search(query, { limit })
    }

    /** The entries did not come: says so, and asks for them again. */
    lost() {
        setTimeout(() => { for (const none of document.querySelectorAll('.search-none')) none.textContent = 'The connection was lost before search was there. Type on to try again.' })
        this.again().then(typed, () => {})
        return []
    }
}

/** What a reader has typed is searched. */
function typed() {
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('.smalldocs-search input'))) if (box.value) box.dispatchEvent(new Event('input'))
}

page.Fuse = Search
typed() // before this was there
