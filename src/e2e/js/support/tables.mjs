import { readFileSync } from 'node:fs'

/*
 * The tables printed by the tests of outages and of restarts, as in docs/results, and their short
 * form in docs/results.md and the README, which `node support/tables.mjs` prints.
 */
const PROJECT = new URL('../../../../', import.meta.url)
export const read = (file) => readFileSync(new URL(file, PROJECT), 'utf8')

/** The rows of a document's table between the two marks of this name. */
export const rows = (file, name) => {
  const [, , text] = new RegExp(`<!-- ${name}(: .*)? -->\\n([^]*?)<!-- /${name} -->`).exec(read(file))
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
}

/** The rows of docs/results/NAME.csv. */
export const published = (name) =>
  read(`docs/results/${name}.csv`)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, quoted, plain, rest] = /^(?:"([^"]*)"|([^,]*)),(.*)$/.exec(line)
      const outage = quoted ?? plain
      const [client, way, lost, twice, commandsLost, commandsTwice, silence, back, told] = rest.split(',')
      const [messages, commands] = [lost, commandsLost].map((text) => Number(text.split(' of ')[0]))
      const sent = Number(lost.split(' of ')[1])
      return { outage, client, way, messages, sent, twice: Number(twice), commands, commandsTwice: Number(commandsTwice), silence: Number(silence), back: Number(back), told: told === 'yes', line }
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

/**
 * Network outages with Rails' own client: the worst of the bridge's transports beside a WebSocket.
 */
export const networkOutages = () => {
  const all = published('outages').filter(({ client }) => client === 'actioncable')
  const worst = (rows) => rows.reduce((a, b) => (b.messages > a.messages ? b : a))
  const lost = ({ messages, sent }) => (messages === 0 ? '0' : `${Math.round((100 * messages) / sent)} % (${messages} of ${sent})`)
  const told = ({ messages, told }) => (told ? 'yes' : messages === 0 ? 'not needed' : 'no')
  return [...new Set(all.map(({ outage }) => outage))].map((outage) => {
    const rows = all.filter((row) => row.outage === outage)
    const [webSocket, bridge] = [rows.filter(({ way }) => way === 'websocket'), rows.filter(({ way }) => way !== 'websocket')].map(worst)
    return row([outage, lost(webSocket), told(webSocket), lost(bridge), told(bridge)])
  })
}

/** Restarts with the worst of all clients. Only one of Rails concerns a page on a WebSocket. */
export const restartsInShort = () =>
  worst()
    .filter(({ outage }) => published('restarts').some((row) => row.outage === outage))
    .flatMap(({ outage, webSocket, bridge }) => {
      const cells = (name, { messages, silence, back }) => row([name, messages, `${silence} s`, `${back} s`])
      return /^Rails/.test(outage)
        ? [cells(`${outage}, page on a WebSocket`, webSocket), cells(`${outage}, page on Cablestream`, bridge)]
        : [cells(outage, bridge)]
    })

if (import.meta.filename === process.argv[1]) console.log([...summary(), '', ...networkOutages(), '', ...restartsInShort()].join('\n'))
