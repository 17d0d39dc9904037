import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { child, freePort } from './servers.mjs'

/*
 * Debian's WebKitGTK, which has Safari's engine: by WebDriver (https://www.w3.org/TR/webdriver2/),
 * and on a virtual display, because it has no headless mode. It has as much of Playwright's API as
 * the tests that run in several engines need, except `setOffline`, for which WebDriver has no
 * command.
 */
const DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver'
const XVFB = process.env.XVFB ?? '/usr/bin/Xvfb'
const ARGUMENTS = [
  '--automation',
  // Without a graphics card, acceleration only uses memory: a page has 120 MB instead of 240.
  '--hardware-acceleration-policy=never',
  `--user-script-at-start=${fileURLToPath(new URL('webkit-log.js', import.meta.url))}`
]

export async function startWebKit() {
  const missing = Object.entries({ 'webkit2gtk-driver': DRIVER, xvfb: XVFB }).filter(([, program]) => !existsSync(program))
  if (missing.length > 0)
    throw new Error(`These tests need ${missing.map(([, program]) => program).join(' and ')}: apt-get install ${missing.map(([debian]) => debian).join(' ')}`)
  const display = await startDisplay()
  const pages = new Set()
  let version
  return {
    /** Known with the first page. */
    get name() {
      return `WebKitGTK ${version}`
    },
    async newContext({ ignoreHTTPSErrors = false } = {}) {
      const context = {
        async newPage() {
          if (context.page) throw new Error('in WebKitGTK a context has one page')
          context.page = await newPage(context, display, ignoreHTTPSErrors)
          version = context.page.version
          pages.add(context.page)
          return context.page
        }
      }
      return context
    },
    async close() {
      await Promise.all([...pages].map((page) => page.close()))
      await display.stop()
    }
  }
}

/** The server itself selects a free display number. */
async function startDisplay() {
  let number
  const started = (output) => ([number] = /^\d+$/m.exec(output) ?? [])[0]
  const display = await child('', started, XVFB, ['-displayfd', '1', '-nolisten', 'tcp'], {})
  return { ...display, environment: { DISPLAY: `:${number}`, GDK_BACKEND: 'x11' } }
}

/**
 * A browser of its own, which stores nothing and shares nothing with others, because a driver has
 * one session at a time. All windows of the display are visible, wherever they are.
 */
async function newPage(context, display, acceptInsecureCerts) {
  const port = await freePort()
  const driver = await child(`http://127.0.0.1:${port}`, '/status', DRIVER, [`--port=${port}`], display.environment)
  const command = async (method, path, parameters) => {
    const response = await fetch(driver.url + path, { method, headers: { 'Content-Type': 'application/json' }, body: parameters && JSON.stringify(parameters) })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`)
    return value
  }
  const alwaysMatch = { acceptInsecureCerts, 'webkitgtk:browserOptions': { args: ARGUMENTS } }
  const { sessionId, capabilities } = await command('POST', '/session', { capabilities: { alwaysMatch } }).catch(async (error) => {
    await driver.stop()
    throw error
  })
  const session = `/session/${sessionId}`
  const page = new EventEmitter()
  let closed
  return Object.assign(page, {
    version: capabilities.browserVersion,
    context: () => context,
    goto: (url) => command('POST', `${session}/url`, { url }),
    reload: () => command('POST', `${session}/refresh`, {}),
    /**
     * Calls the function in the page: its parameter and result are JSON. The result includes what
     * the page has logged.
     */
    async evaluate(act, parameter) {
      const script = `
        const [parameter, done] = arguments
        const answer = (result) => done(JSON.stringify({ ...result, log: window.webkitLog.splice(0) }))
        Promise.resolve(parameter && JSON.parse(parameter))
          .then(${act})
          .then((value) => answer({ value }), (error) => answer({ error: String(error) }))`
      const args = [parameter === undefined ? null : JSON.stringify(parameter)]
      const { value, error, log } = JSON.parse(await command('POST', `${session}/execute/async`, { script, args }))
      for (const [type, text] of log) page.emit(type, type === 'console' ? { text: () => text } : new Error(text))
      if (error !== undefined) throw new Error(error)
      return value
    },
    close() {
      closed ??= command('DELETE', session).catch(() => {}).then(() => driver.stop())
      return closed
    }
  })
}
