import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import WebSocket, { WebSocketServer } from 'ws'

const WEBAPP = new URL('../../../../webapp/', import.meta.url)
const OWN = ['timeout', 'poll-queue', 'last-event-id', 'protocol', 'ping', 'session-id', 'idempotency-key']
const CONFIRM = 10_000
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * The bridge as a browser sees it (docs/protocol.md), without its limits: for tests of the script
 * that need no Java. It checks possible errors of the script (a changed body with a used key,
 * another protocol in mid-session) more strictly than the bridge.
 */
export async function startFakeBridge({ cable, base = '/bridge', port = 0, linger = 30_000, history = 1000 } = {}) {
  const sessions = new Map()
  const ended = new Set()
  let draining = false

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://x')
    let path = url.pathname.slice(base.length + 1)
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const origin = request.headers.origin
    if (origin) {
      response.setHeader('Access-Control-Allow-Origin', origin)
      response.setHeader('Timing-Allow-Origin', origin)
      response.setHeader('Access-Control-Allow-Credentials', 'true')
    }
    const echo = /^-\/echo\/([\w.~-]{16,128})$/.exec(path)
    if (echo) path = echo[1]
    else if (path.startsWith('-/')) return asset(path, response)
    const answer = (status, value) => {
      if (response.headersSent) return
      response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
      response.end(value === undefined ? undefined : JSON.stringify(value))
    }
    const query = url.searchParams
    const accept = request.headers.accept ?? ''
    if (!/(^|; )cablestream=/.test(request.headers.cookie ?? '') && request.method !== 'OPTIONS')
      response.setHeader('Set-Cookie', `cablestream=${randomBytes(16).toString('hex')}; HttpOnly; SameSite=Lax; Max-Age=34560000`)
    if (!/^[\w.~-]{16,128}$/.test(path)) return answer(400, { error: 'the events-id must have 16 to 128 characters' })
    if (request.method === 'OPTIONS') return answer(204)
    const stream = accept.includes('text/event-stream')
    const cursor = request.headers['last-event-id'] ?? query.get('last-event-id') ?? undefined
    let session = sessions.get(path)
    if (request.method === 'GET' || stream) {
      if (/-end$/.test(cursor ?? '')) return answer(204)
      if (ended.has(path) && !session?.untold(cursor)) return answer(stream ? 204 : 410, { error: 'the session has ended' })
    }
    if (request.method === 'DELETE' || (request.method === 'POST' && !stream)) {
      if (!body || request.method === 'DELETE') {
        const name = query.get('session-id')
        if (session && (!name || name === session.name)) session.end(false, 'farewell')
        return answer(204)
      }
      if (ended.has(path)) return answer(410, { error: 'the session has ended' })
      if (!session) return answer(404, { error: 'there is no such session' })
      if ((query.get('protocol') ?? undefined) !== session.protocol) return answer(409, { error: 'another mode' })
      if ((query.get('session-id') ?? session.name) !== session.name) return answer(409, { error: 'another session' })
      response.setHeader('Cablestream-Session', createHash('sha256').update(session.name).digest('hex').slice(0, 8))
      return session.post(body, query.get('idempotency-key'), answer)
    }
    if (session && (query.get('protocol') ?? undefined) !== session.protocol) return answer(409, { error: 'another mode' })
    const joining = !!session
    if (!session && draining) return answer(503, { error: 'the bridge is draining' })
    if (!session) {
      session = newSession(path, query, request, echo ? `ws://127.0.0.1:${server.address().port}${base}/-/echo/cable` : cable)
      sessions.set(path, session)
    }
    const listener = stream ? streamListener(response, query, request) : pollListener(answer, query, session)
    session.attach(listener, cursor, joining)
  })

  async function asset(path, response) {
    if (path.endsWith('diagnosis.json')) {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      return response.end(JSON.stringify({ version: '0.0.0' }))
    }
    try {
      const text = await readFile(new URL(path.includes('.') ? path : `${path}.html`, WEBAPP))
      const type = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }[path.split('.')[1]] ?? 'text/html'
      const headers = { 'Content-Type': `${type}; charset=utf-8` }
      if (/diagnosis/.test(path)) headers['Content-Security-Policy'] = POLICY
      response.writeHead(200, headers)
      response.end(text)
    } catch {
      response.writeHead(404).end()
    }
  }

  function streamListener(response, query, request) {
    let heartbeat
    const listener = {
      stream: true,
      open(name) {
        response.writeHead(200, {
          'Content-Type': 'text/event-stream',
          'Cache-Control': 'no-cache, no-transform',
          'X-Accel-Buffering': 'no',
          'X-Session-Id': name
        })
        response.write('retry: 2000\n\n')
        const ping = query.get('ping')
        heartbeat = setInterval(() => response.write(ping ? 'event: ping\ndata: {}\n\n' : ':\n\n'), 1000 * (ping ?? 15))
      },
      write: ({ id, type, data }) => {
        const lines = String(data).split('\n').map((line) => `data: ${line}\n`)
        response.write(`id: ${id}\n${type === 'message' ? '' : `event: ${type}\n`}${lines.join('')}\n`)
      },
      refuse(status, error) {
        response.writeHead(status, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ error }))
      },
      close() {
        clearInterval(heartbeat)
        response.end()
      },
      gone: (act) =>
        response.on('close', () => {
          clearInterval(heartbeat)
          act()
        })
    }
    return listener
  }

  function pollListener(answer, query, session) {
    const messages = []
    let timer
    let full
    const listener = {
      stream: false,
      full: () => messages.length >= (query.get('poll-queue') ?? 32),
      open() {},
      write: ({ id, type, data, event }) => {
        messages.push(session.protocol === undefined ? event : { id, type, data })
        clearTimeout(timer)
        timer = setTimeout(() => listener.close(), 0)
      },
      refuse: (status, error) => answer(status, { error }),
      settle: () => (timer ??= setTimeout(() => listener.close(), 1000 * Math.min(60, query.get('timeout') ?? 25))),
      close() {
        clearTimeout(timer)
        full?.()
        session.detach(listener)
        answer(200, { messages, session_id: session.name, dropped: 0, queue_length: 0, channels: [] })
      },
      gone: (act) => (full = act)
    }
    return listener
  }

  function newSession(id, query, request, cable) {
    const name = randomBytes(9).toString('base64url')
    const protocol = query.get('protocol') ?? undefined
    const log = []
    const keys = new Map()
    const subscriptions = new Map()
    let last = 0
    let listener
    let position = 0
    let lingering
    let open
    let over
    let welcomed
    const welcome = new Promise((resolve) => (welcomed = resolve))

    const target = new URL(cable)
    target.search = new URLSearchParams([...query].filter(([name]) => !OWN.includes(name)))
    const dial = () => {
      const socket = new WebSocket(target, protocol?.split(',') ?? ['actioncable-v1-json', 'actioncable-unsupported'], {
        headers: { cookie: request.headers.cookie ?? '', origin: request.headers.origin ?? '' }
      })
      socket.on('message', (text) => (protocol === undefined ? channelFrame(String(text)) : append('message', String(text))))
      socket.on('open', () => (open = true))
      socket.on('close', (code, reason) => lost(code, String(reason)))
      socket.on('error', () => {})
      setTimeout(() => !welcome.done && protocol === undefined && lost(1006, 'no welcome'), 10_000).unref()
      return socket
    }
    let socket = protocol === undefined ? dial() : undefined
    if (protocol !== undefined) setImmediate(() => (socket = dial()))

    const eventId = (n) => `${name}-${n}`
    const positionOf = (cursor) => (cursor?.startsWith(`${name}-`) ? Number(cursor.slice(name.length + 1)) : undefined)

    function append(type, data, event) {
      if (over) return
      const entry = { n: ++last, id: eventId(last), type, data, event }
      if (event) {
        event.session_id = name
        event.msg_id = entry.id
        entry.data = JSON.stringify(event)
      }
      log.push(entry)
      if (log.length > history) log.shift()
      drain()
    }

    function drain() {
      if (!listener) return
      for (const entry of log)
        if (entry.n > position && !listener?.full?.()) {
          position = entry.n
          listener.write(entry)
        }
    }

    function channelFrame(text) {
      const { type, identifier, message, reason, reconnect } = JSON.parse(text)
      if (type === 'welcome') return welcomed((welcome.done = true))
      if (type === 'ping') return
      if (type === 'disconnect') return finish({ reason, reconnect }, !reconnect)
      const subscription = [...subscriptions.values()].find((other) => other.text === identifier)
      if (!subscription) return
      const common = { chan_id: subscription.chan_id, identifier: subscription.identifier, time: new Date().toISOString() }
      if (type === 'confirm_subscription') {
        subscription.settle('connected')
        append('message', null, { type: 'connected', ...common })
      } else if (type === 'reject_subscription') {
        subscriptions.delete(subscription.chan_id)
        subscription.settle('rejected')
        append('message', null, { type: 'rejected', ...common })
      } else append('message', null, { type: 'received', ...common, message })
    }

    function lost(code, reason) {
      if (over) return
      if (protocol !== undefined) return finish({ code: code === 1005 ? 1000 : code, reason }, true)
      if (!welcome.done) {
        listener?.refuse(502, 'the Action Cable server could not be reached')
        listener = undefined
        return end(false)
      }
      finish({ reason: 'server_lost', reconnect: true }, false)
    }

    /** The last event of all. */
    function finish(verdict, forGood) {
      const closing = { id: eventId('end'), type: protocol === undefined ? 'message' : 'close', data: JSON.stringify(verdict) }
      if (protocol === undefined) {
        closing.event = { type: 'closed', ...verdict, session_id: name, msg_id: closing.id }
        closing.data = JSON.stringify(closing.event)
      }
      closing.n = ++last
      log.push(closing)
      drain()
      over = true
      if (forGood) ended.add(id)
      else sessions.delete(id)
      socket?.close(1000)
      if (listener?.stream) setImmediate(listener.close)
      // A client that reconnects in time is notified how it ended.
      lingering = setTimeout(() => end(forGood), linger)
    }

    function end(forGood) {
      over = true
      clearTimeout(lingering)
      if (forGood) ended.add(id)
      if (sessions.get(id) === session) sessions.delete(id)
      if (listener) {
        const last = listener
        listener = undefined
        last.close()
      }
      if (socket?.readyState === 0) socket.terminate()
      else socket?.close(1000)
    }

    const session = {
      name,
      protocol,
      log,
      end,
      listens: () => listener !== undefined,
      untold: (cursor) => log.some(({ n }) => n > (cursor === '0' ? 0 : positionOf(cursor))),
      drain: () => (protocol === undefined ? end(false) : finish({ code: 1001, reason: 'drained' }, false)),
      drainAhead: () => protocol !== undefined && append('drain', '{}'),
      /** The cable breaks without a close frame. */
      cut: () => socket?.terminate(),

      async attach(newcomer, cursor, joining) {
        if (protocol === undefined) {
          await welcome
          if (over) return
        }
        if (listener && listener !== newcomer) {
          const older = listener
          listener = undefined
          older.close()
        }
        clearTimeout(lingering)
        const past = cursor === '0' ? 0 : positionOf(cursor)
        const kept = log[0]?.n ?? last + 1
        const resumable = past !== undefined && past <= last && past >= kept - 1
        if (cursor !== undefined && past === 0) position = 0
        else if (resumable) position = past
        const resumed = joining && cursor !== undefined && resumable
        listener = newcomer
        newcomer.gone(() => session.detach(newcomer))
        newcomer.open(name)
        if (protocol !== undefined) {
          const refused = (cursor !== '0' && cursor !== undefined && !resumable) || (joining && cursor === undefined)
          if (newcomer.stream || !joining || refused)
            newcomer.write({
              id: eventId(position),
              type: 'opened',
              data: JSON.stringify({ protocol: protocol.split(',')[0], session_id: name, resumed })
            })
          if (refused) return finish({ code: 1006, reason: 'cannot be resumed' }, true)
        } else if (newcomer.stream || !joining || (cursor !== undefined && !resumable)) {
          const event = { type: 'joined', id: `/${id}`, session_id: name, msg_id: eventId(position), resumed }
          newcomer.write({ id: eventId(position), type: 'message', data: JSON.stringify(event), event })
          if (cursor !== undefined && cursor !== '0' && !resumable) {
            const gap = { type: 'gap', dropped: null, session_id: name, msg_id: eventId(position) }
            newcomer.write({ id: eventId(position), type: 'message', data: JSON.stringify(gap), event: gap })
          }
        }
        drain()
        newcomer.settle?.()
        if (over && newcomer.stream) newcomer.close()
      },

      detach(one) {
        if (listener !== one) return
        listener = undefined
        if (!over) lingering = setTimeout(() => end(false), linger)
      },

      async post(body, key, answer) {
        if (key !== null) {
          const known = keys.get(key)
          if (known) {
            if (known.body !== body) return answer(422, { error: 'the key was used for another body' })
            if (!known.reply) return answer(409, { error: 'still running' })
            return answer(200, known.reply)
          }
          keys.set(key, { body })
        }
        let frames
        try {
          frames = JSON.parse(body)
        } catch {
          return answer(400, { error: 'not JSON' })
        }
        if (body.length > 1024 * 1024) return answer(413, { error: 'too large' })
        const reply = protocol === undefined ? await Promise.all(frames.map(command)) : []
        if (protocol !== undefined) {
          while (!open && !over) await new Promise((resolve) => setTimeout(resolve, 5))
          frames.forEach((frame) => socket.send(frame))
        }
        if (key !== null) keys.set(key, { body, reply })
        answer(200, reply)
      }
    }

    async function command({ identifier, subscribe, unsubscribe, send }) {
      const sorted = (value) =>
        value && typeof value === 'object' && !Array.isArray(value)
          ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
          : value
      const chan_id = createHash('sha256').update(JSON.stringify(sorted(identifier))).digest('hex').slice(0, 32)
      const reply = { chan_id, session_id: name }
      let subscription = subscriptions.get(chan_id)
      if (subscribe) {
        if (!subscription) {
          subscription = { chan_id, identifier, text: JSON.stringify(identifier) }
          subscription.outcome = new Promise((resolve) => (subscription.settle = resolve))
          subscriptions.set(chan_id, subscription)
          socket.send(JSON.stringify({ command: 'subscribe', identifier: subscription.text }))
        }
        return reply
      }
      if (!subscription) return { ...reply, error: 'not subscribed' }
      const outcome = await Promise.race([
        subscription.outcome,
        new Promise((resolve) => setTimeout(() => resolve('unconfirmed'), CONFIRM).unref())
      ])
      if (outcome !== 'connected') return { ...reply, error: `the subscription is ${outcome}` }
      if (unsubscribe) {
        subscriptions.delete(chan_id)
        socket.send(JSON.stringify({ command: 'unsubscribe', identifier: subscription.text }))
      } else if (send?.constructor !== Object) return { ...reply, error: 'send must be an object' }
      else socket.send(JSON.stringify({ command: 'message', identifier: subscription.text, data: JSON.stringify(send) }))
      return reply
    }

    return session
  }

  // The bridge's own echo, for the page that tests a visitor's network.
  const echoes = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (request.url.split('?')[0] !== `${base}/-/echo/cable`) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    echoes.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.send('{"type":"welcome"}')
      const pings = setInterval(() => webSocket.send('{"type":"ping","message":1}'), 3000)
      webSocket.on('close', () => clearInterval(pings))
      webSocket.on('message', (text) => webSocket.send(String(text)))
    })
  })

  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    port: server.address().port,
    sessions,
    /** Tunnels are notified, then, after the notice, everything ends; new clients are refused. */
    async drain(notice = 2000) {
      draining = true
      sessions.forEach((session) => session.drainAhead())
      await new Promise((resolve) => setTimeout(resolve, notice))
      sessions.forEach((session) => session.drain())
    },
    stop: () => {
      sessions.forEach((session) => session.end(false))
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}
