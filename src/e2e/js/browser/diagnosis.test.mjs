import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * The page that answers "are WebSockets blocked here?", on each kind of network that it
 * distinguishes.
 */
let world
before(async () => (world = await startWorld()))
after(() => world?.stop())

const diagnose = async (t, faults, { websocket, policy, ...options } = {}) => {
  const context = await world.browser.newContext(options)
  if (policy)
    await context.route(/\/diagnosis\?/, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } })
    })
  const page = await world.page({ context, faults, path: `/bridge/-/diagnosis${websocket ? `?websocket=${websocket}` : ''}` })
  t.after(() => context.close())
  await eventually('a result', () => page.evaluate(() => document.getElementById('answer').dataset.state !== 'busy'), 40_000)
  const result = await page.evaluate(() => ({
    headline: document.getElementById('headline').textContent,
    explanation: document.getElementById('explanation').textContent,
    forward: document.getElementById('forward').hidden ? '' : document.getElementById('forward-text').textContent,
    report: document.getElementById('report').value,
    rows: Object.fromEntries(
      [...document.querySelectorAll('.transports li')].map((row) => [row.id, [row.dataset.state, row.querySelector('.finding').textContent, row.querySelector('.time').textContent]])
    )
  }))
  if (process.env.SHOTS) {
    await page.screenshot({ path: `${process.env.SHOTS}/${t.name.replaceAll(/\W+/g, '-')}.png`, fullPage: true })
    await page.evaluate(() => (document.getElementById('details').open = true))
    await page.screenshot({ path: `${process.env.SHOTS}/${t.name.replaceAll(/\W+/g, '-')}-details.png`, fullPage: true })
  }
  return { page, ...result }
}

const GOOD = 'Everything works.'
const OTHER = 'Your network blocks WebSockets. Live updates still work another way.'
const UNTESTED = 'Live updates work. WebSockets weren’t tested.'
const BAD = 'Live updates are blocked.'
const NETWORKS = [
  { name: 'fine', faults: {}, headline: GOOD, uses: /use a WebSocket.*cause is probably not your network/, findings: [/^Works/, /^Works/, /^Works/, /^Works/] },
  { name: 'upgrade answered 403', faults: { upgrade: 'refuse' }, headline: OTHER, uses: /EventSource/, findings: [/^Blocked/, /^Works/, /^Works/, /^Works/] },
  { name: 'upgrade hangs', faults: { upgrade: 'hang' }, headline: OTHER, uses: /EventSource/, first: 2.5, findings: [/^Hangs/, /^Works/, /^Works/, /^Works/] },
  { name: '101, then killed', faults: { upgrade: 'kill' }, headline: OTHER, uses: /EventSource/, findings: [/^Accepted, then cut/, /^Works/, /^Works/, /^Works/] },
  { name: '101, then silence', faults: { upgrade: 'mute' }, headline: OTHER, uses: /EventSource/, first: 2.5, findings: [/nothing comes through/, /^Works/, /^Works/, /^Works/] },
  { name: 'GET streams buffered', faults: { upgrade: 'refuse', streams: 'buffer-gets' }, headline: OTHER, uses: /Streaming POST/, first: 2.5, findings: [/^Blocked/, /^Buffered/, /^Works/, /^Works/] },
  { name: 'every response buffered', faults: { upgrade: 'refuse', streams: 'buffer-all' }, headline: OTHER, uses: /Long poll/, first: 5, findings: [/^Blocked/, /^Buffered/, /^Buffered/, /^Works/] },
  { name: 'streams cut every 5 s', faults: { upgrade: 'refuse', cut: 5000 }, headline: OTHER, uses: /EventSource/, findings: [/^Blocked/, /cut after 5\.\d\ss/, /cut after 5\.\d\ss/, /^Works/] },
  { name: 'the bridge has no WebSockets of its own', faults: { noWebSockets: true }, headline: UNTESTED, uses: /^Not tested: this server .* EventSource/, findings: [/^Not tested/, /^Works/, /^Works/, /^Works/] },
  { name: 'too many tests from one network', faults: { crowded: 'socket' }, headline: UNTESTED, uses: /^Not tested.* in a minute.* EventSource/, findings: [/^Not tested: there are too many/, /^Works/, /^Works/, /^Works/] },
  { name: 'too many tests from one network for any transport', faults: { crowded: 'all' }, headline: 'The test isn’t possible at the moment.', uses: /in a minute\.$/, findings: Array(4).fill(/^Not tested: there are too many/) },
  { name: 'the bridge answers 503', faults: { upgrade: 'refuse', status: 503 }, headline: BAD, uses: /Neither/, findings: [/^Blocked/, /HTTP 503/, /HTTP 503/, /HTTP 503/] },
  { name: 'only one way is open', faults: { upgrade: 'refuse', commands: 403 }, headline: BAD, uses: /Neither/, findings: [/^Blocked/, /sends doesn’t get through \(HTTP 403\)/, /^Messages arrive/, /^Messages arrive/] }
]

describe('reports the behavior of the network', { concurrency: 3 }, () => {
  for (const { name, faults, headline, uses, findings, first = 0 } of NETWORKS)
    test(name, async (t) => {
      const { page, rows, ...result } = await diagnose(t, faults)
      assert.equal(result.headline, headline)
      assert.match(result.explanation, uses)
      ;['websocket', 'eventsource', 'fetch', 'poll'].forEach((kind, n) => assert.match(rows[kind][1], findings[n], kind))
      assert.equal(result.forward !== '', [OTHER, BAD].includes(headline))
      if (result.forward) assert.match(result.forward, /to 127\.0\.0\.1, port \d+,/)
      // How long the script waits on a first visit before it gets this far.
      const [, number, unit] = /first visit the first message arrives after ([\d.]+)\s(m?s)/.exec(result.explanation) ?? [0, first, 's']
      assert.ok(Number(number) / (unit === 'ms' ? 1000 : 1) >= first, result.explanation)
      for (const [state, finding, time] of Object.values(rows)) {
        if (state === 'good') assert.match(time, /^\d+\sms$|^\d\.\d\ss$/)
        assert.ok(result.report.includes(finding.replaceAll('\u00a0', ' ')))
      }
      assert.deepEqual(page.log.filter((line) => /Content Security Policy|^error/.test(line)), [])
    })
})

// A loopback address on which nothing listens, so that the connection is refused.
const ANOTHER = 'ws://127.0.0.2:24999/-/echo/cable'

test('another bridge’s WebSocket is what the IT department has to allow', async (t) => {
  const { headline, forward, report } = await diagnose(t, {}, { websocket: ANOTHER, policy: 'connect-src *' })
  assert.equal(headline, OTHER)
  assert.match(forward, /to 127\.0\.0\.2, port 24999,/)
  assert.ok(report.includes(ANOTHER), report)
})

test('a WebSocket that the page’s policy forbids isn’t tested', async (t) => {
  const { headline, forward, rows } = await diagnose(t, {}, { websocket: ANOTHER, policy: "connect-src 'self'" })
  assert.equal(headline, UNTESTED)
  assert.equal(forward, '')
  assert.match(rows.websocket[1], /diagnosis\.websockets/)
})

describe('an address without an echo isn’t tested', { concurrency: 3 }, () => {
  for (const websocket of ['/cable', 'ws://127.0.0.2:24999/cable', 'ftp://127.0.0.1/-/echo/cable', '/-/echo/cable%3Fa', 'http://['])
    test(websocket, async (t) => {
      const { headline, explanation, forward, report } = await diagnose(t, {}, { websocket })
      assert.equal(headline, UNTESTED)
      assert.match(explanation, /^Not tested: the address after “websocket=” must have the form wss:\/\/HOST\/…\/-\/echo\/cable\. Live/)
      assert.equal(forward, '')
      assert.ok(report.includes(explanation.replaceAll('\u00a0', ' ')), report)
    })
})

test('a network on which every request hangs has a verdict', async (t) => {
  const context = await world.browser.newContext()
  t.after(() => context.close())
  await context.route(/echo|\.json/, () => {})
  const page = await world.page({ context, faults: { upgrade: 'hang' }, path: '/bridge/-/diagnosis' })
  await eventually('a result', () => page.evaluate(() => document.getElementById('answer').dataset.state === 'bad'), 20_000)
  assert.equal(await page.textContent('#headline'), BAD)
  assert.match(await page.textContent('#support'), /person who sent you/)
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

test("in the visitor's language, with a report in English", async (t) => {
  const { headline, explanation, report, page } = await diagnose(t, { upgrade: 'refuse' }, { locale: 'de-AT' })
  assert.match(await page.textContent('#support'), /^Senden Sie den Bericht an die Person/)
  assert.equal(headline, 'Ihr Netz blockiert WebSockets. Live-Aktualisierungen funktionieren trotzdem auf anderem Weg.')
  assert.match(explanation, /^Live-Aktualisierungen benutzen EventSource\./)
  assert.ok(report.startsWith(OTHER))
  assert.match(report, /^Tested .* time zone \S+$/m)
  assert.match(report, /^Version +\d/m)
  assert.match(report, /^Via +none$/m)
  assert.match(report, /^Sessions +eventsource [0-9a-f]{8}, fetch [0-9a-f]{8}, poll [0-9a-f]{8}$/m)
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de')
})

test('with the application’s name and logo, and where to send the report', async (t) => {
  const context = await world.browser.newContext()
  t.after(() => context.close())
  const page = await world.page({ context, path: '/bridge/-/diagnosis.json' })
  const body = { version: '1.2.3', application: 'Acme <b>', logo: 'mark.svg', support: 'help@acme.example', via: '1.1 squid' }
  await page.route('**/diagnosis.json', (route) => route.fulfill({ json: body, headers: { Via: '1.1 nginx' } }))
  await page.goto(new URL('/bridge/-/diagnosis', page.url()).href)
  await eventually('a result', () => page.evaluate(() => document.getElementById('answer').dataset.state !== 'busy'), 40_000)
  assert.equal(await page.textContent('#brand'), 'Acme <b>')
  assert.equal(await page.getAttribute('#brand img', 'src'), 'mark.svg')
  assert.equal(await page.textContent('#support'), 'Send the report to help@acme.example.')
  assert.equal(await page.getAttribute('#support a', 'href'), 'mailto:help@acme.example')
  const report = await page.inputValue('#report')
  assert.match(report, /^Version +1\.2\.3$/m)
  assert.match(report, /^Via +to the server: 1\.1 squid; back: 1\.1 nginx$/m)
})
