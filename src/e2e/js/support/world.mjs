import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { chromium } from 'playwright-core'
import { startFirefox } from './firefox.mjs'
import { startFront } from './front.mjs'
import { startServers } from './servers.mjs'
import { startWebKit } from './webkit.mjs'

/** Which engine: chromium, firefox or webkit. */
export const ENGINE = process.env.ENGINE ?? 'chromium'
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

const ENGINES = { chromium: startChromium, firefox: startFirefox, webkit: startWebKit }

async function startChromium() {
  if (!existsSync(CHROMIUM)) throw new Error(`These tests need Chromium at ${CHROMIUM}: apt-get install chromium`)
  // Pages are left and restored as for people.
  const ignoreDefaultArgs = ['--disable-back-forward-cache']
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS, ignoreDefaultArgs, chromiumSandbox: false })
  return Object.assign(browser, { name: `Chromium ${browser.version()}` })
}

/** Rails, bridge, front and browser; servers.mjs selects Rails and the bridge. */
export async function startWorld({ own, ...options } = {}) {
  const began = Date.now()
  // So that its own servers end with it.
  process.once('SIGTERM', () => process.exit(1))
  const { rails, bridge, another } = await startServers({ own })
  // Each request goes to the next node, if there are several.
  const nodes = bridge.url.split(',')
  let turn = 0
  const nextNode = () => (nodes.length > 1 ? nodes[turn++ % nodes.length] : bridge.url)
  const fronts = []
  const browser = await ENGINES[ENGINE]()
  const more = []
  const world = {
    rails,
    bridge,
    async another(cable) {
      more.push(await another(cable))
      return more.at(-1)
    },
    browser,
    /**
     * A front with these faults. Each page has its own, so tests don't interfere and may run
     * concurrently.
     */
    async network(faults = {}, bridgeOf = nextNode) {
      const front = await startFront({ bridge: bridgeOf, rails: () => rails.url, ...options })
      fronts.push(front)
      front.set(faults)
      return front
    },
    /**
     * A page in a browser of its own, with its log in `page.log`, over a network of its own,
     * `page.front`.
     */
    async page({ faults, front, url, context, path = '/' } = {}) {
      front ??= await world.network()
      if (faults) front.set(faults)
      url ??= front.url
      const page = await (context ?? (await browser.newContext({ ignoreHTTPSErrors: true }))).newPage()
      page.front = front
      page.log = []
      page.on('console', (message) => page.log.push(message.text()))
      page.on('pageerror', (error) => page.log.push(`error: ${error.message}`))
      await page.goto(url + path)
      return page
    },
    async control(action, params = {}) {
      const response = await fetch(`${rails.url}/control/${action}?${new URLSearchParams(params)}`, { method: 'POST' })
      if (!response.ok) throw new Error(`${action}: ${response.status}`)
      return response.json()
    },
    async stop() {
      await browser.close()
      await Promise.all(fronts.map((front) => front.stop()))
      await Promise.all([bridge, ...more].map((one) => one.stop()))
      await rails.stop()
      console.log(`${basename(process.argv[1])}: ${Math.round((Date.now() - began) / 1000)} s`)
    }
  }
  return world
}

/**
 * Waits until a condition holds, which is checked often, but less so the longer it takes: each
 * check of a page costs a millisecond or more. Fails with the description after the timeout.
 */
export async function eventually(description, condition, time = 10_000) {
  const began = Date.now()
  for (;;) {
    const value = await condition()
    if (value) return value
    const waited = Date.now() - began
    if (waited > time) throw new Error(`not within ${time} ms: ${description}`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(25 + waited / 20, 200, time - waited)))
  }
}
