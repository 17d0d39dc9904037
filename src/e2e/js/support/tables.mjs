import { readFileSync } from 'node:fs'

/*
 * The tables that the tests of outages and of restarts print, where docs/rails.md publishes them, and the README's few
 * rows of them. `node support/tables.mjs` prints those.
 */
const PROJECT = new URL('../../../../', import.meta.url)
const read = (file) => readFileSync(new URL(file, PROJECT), 'utf8')

/** What docs/rails.md has between the two marks of this name. */
export const published = (name) => {
  const [, text] = new RegExp(`<!-- ${name}: [^]*?-->\\n([^]*?)<!-- /${name} -->`).exec(read('docs/rails.md'))
  return text
    .split('\n')
    .filter((line) => /^\| .* \|$/.test(line) && !line.includes('| client |'))
    .map((line) => {
      const [outage, client, way, lost, twice, commandsLost, commandsTwice, silence, back, told] = line.slice(2, -2).split(' | ')
      const [messages, commands] = [lost, commandsLost].map((text) => Number(text.split(' of ')[0]))
      return { outage, client, way, messages, twice: Number(twice), commands, commandsTwice: Number(commandsTwice), silence: Number(silence), back: Number(back), told: told === 'yes', line }
    })
}

/** The worst of all clients, by WebSocket and by the bridge, for each outage. */
export const summary = (rows) => {
  const outages = [...new Set(rows.map(({ outage }) => outage))]
  const worst = (outage, over, chosen) => {
    const ones = rows.filter((row) => row.outage === outage && chosen(row))
    const most = (column) => Math.max(...ones.map((row) => row[column]))
    return `| ${[outage, over, most('messages'), most('commands'), most('silence').toFixed(1), most('back').toFixed(1)].join(' | ')} |`
  }
  return outages.flatMap((outage) => [
    worst(outage, 'WebSocket', ({ way }) => way === 'websocket'),
    worst(outage, 'the bridge', ({ way }) => way !== 'websocket')
  ])
}

export const everywhere = () => summary([...published('outages'), ...published('restarts')])

/** What the README has of it. */
export const inReadme = () => {
  const [, text] = /<!-- outages: [^]*?-->\n([^]*?)\n*<!-- \/outages -->/.exec(read('README.md'))
  return text.trim().split('\n').slice(2)
}

if (import.meta.filename === process.argv[1]) console.log(everywhere().join('\n'))
