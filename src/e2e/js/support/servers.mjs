import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { startFakeBridge } from './fake-bridge.mjs'
import { startFakeRails } from './fake-rails.mjs'

const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url))
const PATIENCE = 180_000
/** The operator's token. */
export const TOKEN = 'restarts-0123456789'

/**
 * Rails and the bridge, each with url, stop() and start(), which takes the same port again, the bridge with drain() and
 * kill(), too; and another(), which starts a second bridge, before the same Rails unless it is told of another.
 *
 * Stand-ins, unless the environment says otherwise: SERVERS=real starts a real Action Cable server and
 * the bridge in Jetty; RAILS_URL and BRIDGE_URL name ones that run already, which stay as they are. NODES=3: three
 * bridges that find each other's sessions in Valkey; their URLs are one, separated by commas.
 *
 * @param own whether the servers are restarted, so that they can't be anybody else's
 */
export async function startServers({ own = false } = {}) {
  const { RAILS_URL, BRIDGE_URL, SERVERS, NODES } = process.env
  const shared = RAILS_URL && BRIDGE_URL && !own
  const rails = shared ? running(RAILS_URL) : SERVERS === 'real' ? await realRails() : await standIn(startFakeRails)
  const cable = `${rails.url.replace('http', 'ws')}/cable`
  try {
    const another = (to = cable) => (SERVERS === 'real' ? realBridge(to) : standIn((options) => startFakeBridge({ cable: to, ...options })))
    const bridge = shared ? running(BRIDGE_URL) : NODES > 1 && !own ? await realCluster(cable, NODES) : await another()
    return { rails, bridge, another }
  } catch (error) {
    // Otherwise its output would keep this process running.
    await rails.stop()
    throw error
  }
}

const running = (url) => ({ url, stop() {} })

async function standIn(make) {
  let current = await make({})
  const { url, port } = current
  return {
    url,
    stop: () => current.stop(),
    // Connections end without any notification.
    kill: () => current.stop(),
    start: async () => (current = await make({ port })),
    drain: () => current.drain(),
    get sessions() {
      return current.sessions
    }
  }
}

/**
 * A port for a server that uses it later, and again after a restart. It is outside of the range
 * from which the system assigns ports, where any outgoing connection might have got it by then.
 */
export const freePort = () =>
  new Promise((resolve) => {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer().listen(port, () => server.close(() => resolve(port)))
    server.on('error', () => resolve(freePort()))
  })

const groups = new Set()
process.on('exit', () => groups.forEach((kill) => kill('SIGKILL')))

/**
 * A process that is ready when a URL responds, at a path, or when a function of its output says so.
 */
export async function child(url, ready, command, parameters, environment, cwd = PROJECT) {
  let current
  let missing = false
  let output = ''
  const start = async () => {
    // A process group of its own, so that its children end with it.
    current = spawn(command, parameters, { cwd, env: { ...process.env, ...environment }, detached: true })
    groups.add(kill)
    for (const stream of [current.stdout, current.stderr]) stream.on('data', (text) => (output = (output + text).slice(-10_000)))
    current.on('error', (error) => {
      output += error.message
      missing = true
    })
    const end = Date.now() + PATIENCE
    for (;;) {
      const answered = typeof ready === 'string' ? await fetch(url + ready).then(({ ok }) => ok, () => false) : await ready(output)
      if (answered) return
      if (missing || current.exitCode !== null || Date.now() > end) {
        kill('SIGKILL')
        throw new Error(`${command} did not start:\n${output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  const kill = (signal) => {
    try {
      process.kill(-current.pid, signal)
    } catch {}
  }
  const stop = async (signal = 'SIGTERM') => {
    if (missing || current.exitCode !== null || current.signalCode !== null) return
    const gone = new Promise((resolve) => current.on('exit', resolve))
    kill(signal)
    const timer = setTimeout(() => kill('SIGKILL'), 15_000)
    await gone
    clearTimeout(timer)
    kill('SIGKILL')
    groups.delete(kill)
  }
  await start()
  return { url, start, stop, kill: () => stop('SIGKILL') }
}

async function realRails() {
  const port = await freePort()
  const parameters = ['-e', 'production', '-b', `tcp://127.0.0.1:${port}`, '-t', '5:5', 'src/e2e/rails/config.ru']
  const url = `http://127.0.0.1:${port}`
  return child(url, () => welcomes(url), 'puma', parameters, {
    CABLE_ALLOWED_ORIGINS: '/^https?:\\/\\/(127\\.0\\.0\\.1|localhost):\\d+$/'
  })
}

/** Its first connection waits while Action Cable loads, which takes seconds on a busy machine. */
const welcomes = (url) =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/cable`, ['actioncable-v1-json'], { origin: url })
    socket.on('error', () => resolve(false)).on('close', () => resolve(false))
    socket.on('message', () => {
      resolve(true)
      socket.terminate()
    })
  })

async function realCluster(cable, nodes) {
  const port = await freePort()
  const listens = () =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.end())
    })
  const valkey = await child('', listens, 'valkey-server', ['--port', port, '--bind', '127.0.0.1', '--save', ''], {})
  const start = async () => {
    const own = await freePort()
    const settings = [`store=redis://127.0.0.1:${port}`, 'secret=browsers-browsers-browsers-browsers', `address=http://127.0.0.1:${own}`]
    return realBridge(cable, own, settings.map((setting) => `-Dcablestream.cluster.${setting}`))
  }
  const bridges = []
  const stop = async () => {
    await Promise.all(bridges.map((bridge) => bridge.stop()))
    await valkey.stop()
  }
  try {
    // One after the other, or three compilers would share the processors.
    for (let n = 0; n < nodes; n++) bridges.push(await start())
  } catch (error) {
    await stop()
    throw error
  }
  return { url: bridges.map(({ url }) => url).join(','), stop }
}

/** By Maven, from the sources; or from BRIDGE_WAR, which starts much sooner. */
async function realBridge(cable, port, more = []) {
  port ??= await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = [`-Dcablestream.operator.token=${TOKEN}`, '-Dcablestream.drain.notice=2s', ...more]
  const { BRIDGE_WAR } = process.env
  if (BRIDGE_WAR) {
    const alone = [`-Dcablestream.http.port=${port}`, '-Dcablestream.http.path=/', `-Dcablestream.cable.url=${cable}`]
    return withDrain(await child(url, '/-/ready', 'java', ['-Xmx256m', ...settings, ...alone, '-Dcablestream.warm-up=0s', '-jar', BRIDGE_WAR], {}))
  }
  const parameters = ['-B', '-ntp', '-q', 'jetty:run', `-Djetty.http.port=${port}`, `-Dcable.url=${cable}`, ...settings, ...(process.env.MAVEN_ARGUMENTS?.split(' ') ?? [])]
  return withDrain(await child(url, '/-/ready', 'mvn', parameters, {}))
}

const withDrain = (bridge) => ({
  ...bridge,
  async drain() {
    const { ok, status } = await fetch(`${bridge.url}/-/drain`, { method: 'POST', headers: { Authorization: `Bearer ${TOKEN}` } })
    if (!ok) throw new Error(`drain: ${status}`)
  }
})
