import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'

/*
 * Debian's Firefox, which no driver from npm supports without a download of its own: by WebDriver
 * BiDi, which Firefox itself implements (https://w3c.github.io/webdriver-bidi/). It has as much of
 * Playwright's API as the tests that run in several engines need.
 */
const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
const PREFERENCES = {
  // Tests wait for pages in the background as for any other page.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
  // No requests to other servers.
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,'
}

export async function startFirefox() {
  if (!existsSync(FIREFOX)) throw new Error(`These tests need Firefox at ${FIREFOX}: apt-get install firefox-esr`)
  const profile = mkdtempSync(join(tmpdir(), 'cablestream-firefox-'))
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`)
  writeFileSync(join(profile, 'user.js'), lines.join('\n'))
  // A process group of its own, so that its content processes end with it.
  const program = spawn(FIREFOX, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = once(program, 'exit')
  const kill = () => {
    try {
      process.kill(-program.pid, 'SIGKILL')
    } catch {}
  }
  process.on('exit', kill)
  const connection = await connect(await address(program))
  const { capabilities } = await connection.command('session.new', { capabilities: {} })
  await connection.command('session.subscribe', { events: ['log.entryAdded'] })
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    async newContext() {
      const { userContext } = await connection.command('browser.createUserContext')
      const context = {
        newPage: () => newPage(connection, context, userContext),
        setOffline: (offline) =>
          connection.command('emulation.setNetworkConditions', { networkConditions: offline ? { type: 'offline' } : null, userContexts: [userContext] })
      }
      return context
    },
    async close() {
      await connection.command('browser.close').catch(() => {})
      const timer = setTimeout(kill, 5000)
      await gone
      clearTimeout(timer)
      kill()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** The address at which it listens, from its output. */
const address = (program) =>
  new Promise((resolve, reject) => {
    let said = ''
    program.stderr.on('data', (text) => {
      said += text
      const [, url] = /WebDriver BiDi listening on (ws:\S+)\n/.exec(said) ?? []
      if (url) resolve(`${url}/session`)
    })
    program.on('error', reject)
    program.on('exit', () => reject(new Error(`${FIREFOX} did not start:\n${said}`)))
  })

async function connect(url) {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const events = new EventEmitter().setMaxListeners(0)
  const pending = new Map()
  let last = 0
  socket.on('message', (text) => {
    const { id, type, method, params, result, error, message } = JSON.parse(text)
    if (type === 'event') return events.emit(method, params)
    const { resolve, reject } = pending.get(id) ?? {}
    pending.delete(id)
    if (type === 'success') resolve?.(result)
    else reject?.(new Error(`${error}: ${message}`))
  })
  socket.on('close', () => pending.forEach(({ reject }) => reject(new Error('Firefox is gone'))))
  return {
    events,
    command: (method, params = {}) =>
      new Promise((resolve, reject) => {
        pending.set(++last, { resolve, reject })
        socket.send(JSON.stringify({ id: last, method, params }))
      })
  }
}

/** A window of its own, so that it is visible. */
async function newPage({ command, events }, browserContext, userContext) {
  const { context } = await command('browsingContext.create', { type: 'window', userContext })
  const page = new EventEmitter()
  const log = ({ source, type, text }) => {
    if (source.context !== context) return
    if (type === 'console') page.emit('console', { text: () => text })
    else page.emit('pageerror', new Error(text))
  }
  events.on('log.entryAdded', log)
  return Object.assign(page, {
    context: () => browserContext,
    goto: (url) => command('browsingContext.navigate', { context, url, wait: 'complete' }),
    reload: () => command('browsingContext.reload', { context, wait: 'complete' }),
    /** Calls the function in the page: its parameter and result are JSON. */
    async evaluate(act, parameter) {
      const answer = await command('script.callFunction', {
        functionDeclaration: `async (parameter) => JSON.stringify(await (${act})(parameter && JSON.parse(parameter)))`,
        arguments: [parameter === undefined ? { type: 'undefined' } : { type: 'string', value: JSON.stringify(parameter) }],
        target: { context },
        awaitPromise: true
      })
      if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text)
      const { value } = answer.result
      return value === undefined ? value : JSON.parse(value)
    },
    async close() {
      if (!events.listeners('log.entryAdded').includes(log)) return
      events.off('log.entryAdded', log)
      await command('browsingContext.close', { context })
    }
  })
}
