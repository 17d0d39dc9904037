import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOutages, restartsInShort, published, read, rows, summary } from '../support/tables.mjs'
import { WITNESSES } from '../support/witness.mjs'

/* docs/results.md and the README state outages and costs as the tables show them. */
const OVER_BRIDGE = ({ way }) => way !== 'websocket'
const each = (rows, holds) => rows.filter(OVER_BRIDGE).forEach((row) => assert.ok(holds(row), row.line))

for (const name of ['outages', 'outages-in-firefox', 'restarts'])
  test(`${name}: each client on each rung, and nothing twice`, () => {
    const rows = published(name)
    const outages = [...new Set(rows.map(({ outage }) => outage))]
    assert.ok(outages.length > 2)
    const expected = outages.flatMap((outage) => WITNESSES.map(({ client, rung }) => [outage, client, rung]))
    assert.deepEqual(rows.map(({ outage, client, way }) => [outage, client, way]), expected)
    each(rows, ({ twice, commandsTwice }) => twice === 0 && commandsTwice === 0)
  })

for (const name of ['outages', 'outages-in-firefox'])
  test(`${name}: nothing is lost, no client is notified, and dead connections are left within 6 s`, () => {
    const rows = published(name)
    each(rows, ({ messages, commands, told }) => messages === 0 && commands === 0 && !told)
    each(rows.filter(({ outage }) => outage.startsWith('dead connections')), ({ back }) => back < 6)
  })

test('restarts: back within 2 s, and notified if something is lost', () => {
  const rows = published('restarts')
  each(rows, ({ back, messages, commands, told }) => back < 2 && (told || messages + commands === 0))
  each(rows.filter(({ outage }) => /drained/.test(outage)), ({ commands }) => commands === 0)
})

test("the summary's rows are the worst of each table", () => assert.deepEqual(rows('docs/results.md', 'summary'), summary()))

test('the README has them in short', () => {
  assert.deepEqual(rows('README.md', 'network outages'), networkOutages())
  const [hangs] = /\d+ of \d+/.exec(networkOutages()[0])
  assert.ok(read('README.md').replaceAll(/\s+/g, ' ').includes(`loses ${hangs} messages`), hangs)
  assert.deepEqual(rows('README.md', 'restarts in short'), restartsInShort())
})

test('the README has the costs of docs/performance.md', () => {
  assert.ok(rows('README.md', 'costs').length > 5)
  assert.deepEqual(rows('README.md', 'costs'), rows('docs/performance.md', 'costs'))
})

test("the README's chaos is the one of docs/results.md", () => {
  const words = (file) => read(file).replaceAll(/\s+/g, ' ')
  const [chaos] = /[\d,]+ events and [\d,]+ faults/.exec(words('README.md'))
  assert.ok(words('docs/results.md').includes(chaos), chaos)
})
