import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, startWorld } from '../support/world.mjs'

/* The page that answers "are WebSockets blocked here?", on networks that do each thing it has words for. */
let world
before(async () => (world = await startWorld()))
after(() => world?.stop())

const diagnose = async (t, faults, options) => {
  const context = await world.browser.newContext(options)
  const page = await world.page({ context, faults, path: '/bridge/-/diagnosis' })
  t.after(() => context.close())
  await eventually('a result', () => page.evaluate(() => document.getElementById('report').value !== ''), 40_000)
  const result = await page.evaluate(() => ({
    headline: document.getElementById('headline').textContent,
    explanation: document.getElementById('explanation').textContent,
    report: document.getElementById('report').value,
    rows: Object.fromEntries(
      [...document.querySelectorAll('.rungs li')].map((row) => [row.id, [row.dataset.state, row.querySelector('.finding').textContent, row.querySelector('.time').textContent]])
    )
  }))
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${t.name.replaceAll(/\W+/g, '-')}.png`, fullPage: true })
  return { page, ...result }
}

const NETWORKS = [
  { name: 'fine', faults: {}, headline: /WebSockets work/, uses: /a WebSocket/, findings: [/^Works/, /^Works/, /^Works/, /^Works/] },
  { name: 'upgrade answered 403', faults: { upgrade: 'refuse' }, headline: /^Yes/, uses: /EventSource/, findings: [/^Blocked/, /^Works/, /^Works/, /^Works/] },
  { name: 'upgrade hangs', faults: { upgrade: 'hang' }, headline: /^Yes/, uses: /EventSource/, findings: [/^Hangs/, /^Works/, /^Works/, /^Works/] },
  { name: '101, then killed', faults: { upgrade: 'kill' }, headline: /^Yes/, uses: /EventSource/, findings: [/^Killed/, /^Works/, /^Works/, /^Works/] },
  { name: '101, then silence', faults: { upgrade: 'mute' }, headline: /^Yes/, uses: /EventSource/, findings: [/nothing comes through/, /^Works/, /^Works/, /^Works/] },
  { name: 'GET streams buffered', faults: { upgrade: 'refuse', streams: 'buffer-gets' }, headline: /^Yes/, uses: /Streaming POST/, findings: [/^Blocked/, /^Buffered/, /^Works/, /^Works/] },
  { name: 'every response buffered', faults: { upgrade: 'refuse', streams: 'buffer-all' }, headline: /^Yes/, uses: /Long poll/, findings: [/^Blocked/, /^Buffered/, /^Buffered/, /^Works/] },
  { name: 'streams cut every 5 s', faults: { upgrade: 'refuse', cut: 5000 }, headline: /^Yes/, uses: /EventSource/, findings: [/^Blocked/, /cut after 5\.\d s/, /cut after 5\.\d s/, /^Works/] },
  { name: 'the bridge has no WebSockets of its own', faults: { noWebSockets: true }, headline: /can’t tell/, uses: /EventSource/, findings: [/^This server can’t tell/, /^Works/, /^Works/, /^Works/] },
  { name: 'the bridge answers 503', faults: { upgrade: 'refuse', status: 503 }, headline: /^Nothing/, uses: /Neither/, findings: [/^Blocked/, /HTTP 503/, /HTTP 503/, /HTTP 503/] },
  { name: 'only one way is open', faults: { upgrade: 'refuse', commands: 403 }, headline: /^Nothing/, uses: /Neither/, findings: [/^Blocked/, /sends doesn’t get through \(HTTP 403\)/, /^Messages arrive/, /^Messages arrive/] }
]

describe('says what the network does', { concurrency: 3 }, () => {
  for (const { name, faults, headline, uses, findings } of NETWORKS)
    test(name, async (t) => {
      const { page, rows, ...result } = await diagnose(t, faults)
      assert.match(result.headline, headline)
      assert.match(result.explanation, uses)
      ;['websocket', 'eventsource', 'fetch', 'poll'].forEach((kind, n) => assert.match(rows[kind][1], findings[n], kind))
      for (const [state, finding, time] of Object.values(rows)) {
        if (state === 'good') assert.match(time, /^\d+ ms$|^\d\.\d s$/)
        assert.ok(result.report.includes(finding))
      }
      assert.deepEqual(page.log.filter((line) => /Content Security Policy|^error/.test(line)), [])
    })
})

test('the result can be copied, and tried again', async (t) => {
  const { page, report } = await diagnose(t, {}, { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.click('#copy')
  await eventually('copied', () => page.evaluate(() => document.getElementById('copied').textContent === 'Copied.'))
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), report)
  await page.click('#again')
  await eventually('busy', () => page.evaluate(() => document.getElementById('answer').dataset.state === 'busy'))
  await eventually('another result', () => page.evaluate(() => document.getElementById('answer').dataset.state === 'good'), 20_000)
})

test('fits a phone, in the dark', async (t) => {
  const { page } = await diagnose(t, { upgrade: 'refuse' }, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360)
})
