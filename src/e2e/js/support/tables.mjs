import { readFileSync } from 'node:fs'

/*
 * The tables that the tests of outages and of restarts print, where docs/results.md publishes them, and the few rows of
 * them that it has first, and the README has in short. `node support/tables.mjs` prints both.
 */
const PROJECT = new URL('../../../../', import.meta.url)
export const read = (file) => readFileSync(new URL(file, PROJECT), 'utf8')

/** The rows of the table that a document has between the two marks of this name. */
export const rows = (file, name) => {
  const [, , text] = new RegExp(`<!-- ${name}(: .*)? -->\\n([^]*?)<!-- /${name} -->`).exec(read(file))
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
}

/** What docs/results.md has of outages between the two marks of this name. */
export const published = (name) =>
  rows('docs/results.md', name).map((line) => {
    const [outage, client, way, lost, twice, commandsLost, commandsTwice, silence, back, told] = line.slice(2, -2).split(' | ')
    const [messages, commands] = [lost, commandsLost].map((text) => Number(text.split(' of ')[0]))
    return { outage, client, way, messages, twice: Number(twice), commands, commandsTwice: Number(commandsTwice), silence: Number(silence), back: Number(back), told: told === 'yes', line }
  })

/** The worst of all clients, by WebSocket and by the bridge, for each outage. */
const worst = () => {
  const all = [...published('outages'), ...published('restarts')]
  const of = (outage, chosen) => {
    const ones = all.filter((row) => row.outage === outage && chosen(row))
    const most = (column) => Math.max(...ones.map((row) => row[column]))
    return { messages: most('messages'), commands: most('commands'), silence: most('silence').toFixed(1), back: most('back').toFixed(1) }
  }
  return [...new Set(all.map(({ outage }) => outage))].map((outage) => ({
    outage,
    webSocket: of(outage, ({ way }) => way === 'websocket'),
    bridge: of(outage, ({ way }) => way !== 'websocket')
  }))
}

const row = (cells) => `| ${cells.join(' | ')} |`

export const summary = () =>
  worst().flatMap(({ outage, webSocket, bridge }) => [
    row([outage, 'WebSocket', ...Object.values(webSocket)]),
    row([outage, 'the bridge', ...Object.values(bridge)])
  ])

export const inShort = () =>
  worst().map(({ outage, webSocket, bridge }) =>
    row([outage, webSocket.messages, bridge.messages, webSocket.commands, bridge.commands, webSocket.back, bridge.back])
  )

if (import.meta.filename === process.argv[1]) console.log([...summary(), '', ...inShort()].join('\n'))
