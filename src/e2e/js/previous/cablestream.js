/**
 * Cablestream in the browser: ActionCable where WebSockets don't get through.
 *
 * - CableSocket: a WebSocket that falls back to the bridge, for @rails/actioncable and @anycable.
 * - cableTurbo: hands a consumer to @hotwired/turbo-rails.
 * - CableEvents: the bridge's own API, events down and commands up.
 *
 * An ES module as browsers load it, without dependencies and without a build step. What it offers
 * is declared in cablestream.d.ts. Comments stand on lines of their own, so that its size can be
 * measured without them.
 */

/** The ways to a cable, in the order in which they are tried. */
const RUNGS = ['websocket', 'eventsource', 'fetch', 'poll']

// All times are in milliseconds.
const RUNG_DEADLINE = 2500
/** Of the last rung, after which there is nothing to hurry to. */
const LAST_DEADLINE = 10000
/** From a stream's first event to the first frame: the bridge itself gives the server 10 s. */
const WELCOME_DEADLINE = 12000
/** The bridge's heartbeat, and the longest a poll waits; in seconds. */
const PING = 3
/** A listener that hears nothing for so long asks anew. */
const SILENCE = 4000
/** How long the first new tries may take, then twice as long: each may have got a dead connection. */
const RETRY = 1000
/** As long as a session lingers at the bridge: after that there is nothing to come back to. */
const PATIENCE = 30000
/** Before ActionCable's and AnyCable's own, 6 s, is over: when their sockets' silence is broken. */
const SIGN_OF_LIFE = 3500
/** A connection that lived for so long was well: it is worth while to come back to it at once. */
const WELL = 5000
/** After a fall: when the ways above are tried again, and how often from then on. */
const SECOND_LOOK = 2000
const REVIEW = 50000
/** How long one of those may take: meanwhile nothing is heard. */
const GLANCE = 1000
/** How long a connection waits for a client that comes back by its own clock. */
const HEIRLOOM = 20000
/** How often a tab asks that has no connection to wait on. */
const POLL_INTERVAL = 1000
/** How long the rung that worked is the first to be tried; and where those above may have been wronged. */
const MEMORY = 600000
const DOUBTED = 60000
/** Bytes in a POST: the keepalive requests of a page may have 64 KiB together. */
const BATCH = 49000

const absolute = (url) => new URL(url, location)
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time))
const failure = (message, status) => Object.assign(new Error(message), { status })
const timeout = (time) => sleep(time).then(() => Promise.reject(failure('silent')))
const until = (signal) =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', resolve)))

/** Whether there is no such session, or not any more. */
const gone = (status) => [204, 404, 410].includes(status)

/** Whether asking again is of no use; anything else may be the network's fault. */
const final = ({ status }) => /^(204|4(?!08|09|29)..)$/.test(status)

const request = async (url, options) => {
  const response = await fetch(url, { credentials: 'include', cache: 'no-store', ...options })
  if (response.status === 200) return response
  const { error } = await response.json().catch(() => ({}))
  throw failure(error ?? `HTTP ${response.status}`, response.status)
}
/** Text, and a query instead of a header: so another host needs no preflight. A large body gets more time. */
const post = (url, { body = '', ...options } = {}) =>
  request(url, { method: 'POST', body, signal: AbortSignal.timeout(SILENCE + body.length / 16), ...options })

/** What pages tell each other: the rung that worked. Without storage, each finds out by itself. */
const memory = (rung, age = 0) => {
  try {
    if (rung && rung !== memory()) localStorage.cablestream = `${rung} ${Date.now() - age}`
    const [value, time] = localStorage.cablestream.split(' ')
    if (Math.abs(Date.now() - time) < MEMORY) return value
  } catch {}
}
// Most likely another network: what worked on the last one says nothing about it.
globalThis.addEventListener?.('online', () => memory('unknown'))

/** The rung that worked comes first, those above it last. */
const ladder = (rungs) => {
  const first = Math.max(0, rungs.indexOf(memory()))
  return [...rungs.slice(first), ...rungs.slice(0, first)]
}

/** Holds a lock until the controller aborts, and aborts it when the lock is stolen. */
const hold = (name, options, controller) =>
  new Promise((resolve) =>
    navigator.locks
      .request(name, options, (lock) => {
        resolve(lock)
        return lock && until(controller.signal)
      })
      .catch(() => resolve(controller.abort()))
  )

/**
 * Resolves to whether a connection may be kept waiting until the controller aborts. Over HTTP/1.1, which
 * allows six to a host, all tabs together have three; a visible tab takes one from a hidden tab.
 */
const connection = async (origin, controller) => {
  const multiplexed = ({ name, nextHopProtocol }) => name.startsWith(`${origin}/`) && /^h[23]/.test(nextHopProtocol)
  if (!navigator.locks || !globalThis.document || performance.getEntries().some(multiplexed)) return true
  const held = (await navigator.locks.query()).held.map(({ name }) => name)
  const names = [1, 2, 3].map((n) => `cablestream ${origin} ${n}`)
  const free = names.find((name) => !held.includes(name))
  const name = free ?? names.find((name) => !document.hidden && held.includes(`${name} hidden`))
  if (!name || !(await hold(name, free ? { ifAvailable: true } : { steal: true }, controller))) return
  if (document.hidden) hold(`${name} hidden`, {}, controller)
  // Shown or hidden, the tab queues anew.
  document.addEventListener('visibilitychange', () => controller.abort(), controller)
  return true
}

/**
 * One session at the bridge: a listener that resumes, and commands that are carried out once.
 *
 * Its owner has event(type, data); refused(error) for the listener, undelivered(error) for commands;
 * left() and returned() for the page, by way of the back-forward cache; maybe idle(), called often, and
 * patience.
 */
const openSession = (base, query, parameters, owner) => {
  const patience = owner.patience || PATIENCE
  const place = absolute(base)
  const target = `${place.href.replace(/\/$/, '')}/${crypto.getRandomValues(new Uint32Array(5)).join('-')}?`
  /** Its signal removes the listeners, and says that farewell has been said. */
  const page = new AbortController()
  const session = { buffered: 0 }
  // Listening: where it stands, when it began and heard something last, how often it was in vain.
  let cursor = 0
  let heard = 0
  let failures = 0
  let began, greet, listening, attempt, wake, watch
  // Commands: those that wait, and those in flight.
  let keys = 0
  const queue = []
  let batch, flushing, opened
  const open = new Promise((resolve) => (opened = resolve))

  const url = (more) => target + [query, new URLSearchParams({ ...parameters, ...more })].filter(String).join('&')
  const position = (wait) => url({ 'last-event-id': cursor, ping: PING, timeout: wait ? PING : 0 })

  const hear = (signal, type, data, id) => {
    if (signal.aborted) return
    // By a request of ours from before, which got through only now. Nobody else knows this session.
    if (/end$/.test(id) && /"replaced"/.test(data)) return restart()
    cursor = id || cursor
    heard = Date.now()
    failures = 0
    greet?.()
    opened()
    if (type && type !== 'ping') owner.event(type, data)
  }

  const carriers = {
    eventsource: (signal) =>
      new Promise((resolve) => {
        const source = new EventSource(position(), { withCredentials: true })
        for (const type of ['message', 'opened', 'close', 'ping', 'drain'])
          source.addEventListener(type, ({ data, lastEventId }) => hear(signal, type, data, lastEventId))
        const end = () => {
          source.close()
          resolve()
        }
        source.onerror = end
        until(signal).then(end)
      }),

    async fetch(signal) {
      const { body } = await post(position(), { signal, headers: { Accept: 'text/event-stream' } })
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      for (let rest = '', chunk; !(chunk = await reader.read()).done; ) {
        // Part of a large event is a sign of life, too.
        began = Date.now()
        const events = (rest + chunk.value).split('\n\n')
        rest = events.pop()
        for (const text of events) {
          const fields = { event: ['message'], data: [], id: [] }
          for (const [, field, value] of text.matchAll(/^(\w+): ?([^\n]*)/gm)) fields[field]?.push(value)
          if (fields.data[0]) hear(signal, fields.event.at(-1), fields.data.join('\n'), fields.id[0])
        }
      }
    },

    async poll(signal, wait) {
      const response = await request(position(wait), { signal })
      const { messages } = await response.json()
      hear(signal)
      for (const message of messages)
        hear(signal, message.data ? message.type : 'message', message.data ?? message, message.msg_id ?? message.id)
    }
  }

  /** Asks anew from the cursor on: whatever brings the events now may be dead. */
  const restart = () => {
    attempt?.abort()
    wake?.()
  }

  const stop = () => {
    listening = undefined
    clearInterval(watch)
    restart()
  }

  const check = () => {
    const now = Date.now()
    if (parameters.protocol && now - heard > patience) return owner.refused(failure('silent'))
    const limit = heard < began ? Math.min(LAST_DEADLINE, RETRY * 2 ** Math.floor(failures / 3)) : SILENCE
    if (now - Math.max(heard, began) > limit) attempt.abort()
    owner.idle?.()
  }

  const guard = () => (watch = setInterval(check, 250))

  const listen = async (rung, run, refuse) => {
    for (let probe; run === listening; ) {
      const controller = (attempt = new AbortController())
      // An EventSource doesn't tell why it ended: the next request does, and brings what was missed.
      const wait = (await connection(place.origin, controller)) && !probe
      if (run !== listening) return
      began = Date.now()
      session.kind = wait ? rung : 'poll'
      let error
      try {
        await carriers[session.kind](controller.signal, wait)
      } catch (e) {
        error = e
      }
      const { aborted } = controller.signal
      controller.abort()
      if (run !== listening) return
      const silent = heard < began
      if (silent && greet && !aborted) return refuse(error ?? failure('refused'))
      if (error && final(error)) return owner.refused(error)
      failures = silent ? failures + 1 : 0
      const pause = silent ? !aborted && Math.min(1000, 250 * 2 ** failures) : session.kind !== 'poll' ? 300 : wait || probe ? 0 : POLL_INTERVAL
      probe = !greet && (session.kind === 'eventsource' || (probe && silent))
      await new Promise((resolve) => {
        wake = resolve
        setTimeout(resolve, pause * (0.5 + Math.random() / 2))
      })
    }
  }

  /** Repeats a POST until its answer is seen: its key keeps the bridge from carrying it out twice. */
  const flush = async () => {
    await open
    while ((batch ||= next())) {
      const { to, body, size, since, commands } = batch
      try {
        const replies = await (await post(to, { body })).json()
        commands.forEach(({ resolve }, n) => resolve(replies[n]))
      } catch (error) {
        if (!final(error) && Date.now() - since < patience) {
          await sleep(1000 * Math.random())
          continue
        }
        commands.forEach(({ reject }) => reject(error))
        owner.undelivered(error)
      }
      session.buffered -= size
      batch = undefined
    }
    flushing = undefined
  }

  const next = () => {
    let count = 0
    let size = 0
    while (queue[count] && count < 100 && (!count || size + queue[count].size < BATCH)) size += queue[count++].size
    const commands = queue.splice(0, count)
    const body = `[${commands.map(({ text }) => text)}]`
    return count && { to: url({ 'idempotency-key': ++keys }), body, size, since: Date.now(), commands }
  }

  const farewell = (say) => {
    const [, name] = /(.+)-/.exec(cursor) ?? []
    if (began && !page.signal.aborted) say(url(name && { 'session-id': name }))
    page.abort()
  }

  /** The page goes away, and a request in flight with it: that is repeated as one that outlives it. */
  const leave = () => {
    stop()
    // A farewell could overtake commands. If their answers come too late, the linger ends the session.
    const rest = [batch, next()].filter(Boolean)
    const bye = () => farewell((url) => navigator.sendBeacon(url))
    if (rest[0]) Promise.all(rest.map(({ to, body }) => post(to, { body, keepalive: true }))).then(bye, () => {})
    else bye()
    owner.left()
    addEventListener('pageshow', owner.returned, { once: true })
  }

  addEventListener('online', restart, page)
  addEventListener('pagehide', leave, page)

  return Object.assign(session, {
    /** Listens in one way from now on. With a deadline: resolves with the first event, rejects if none comes in time. */
    async listen(rung, deadline) {
      stop()
      session.rung = rung
      const run = (listening = {})
      if (!deadline) return guard(listen(rung, run))
      const turn = new AbortController()
      // The bridge gives a browser one cookie: the tabs of one that has none come one after the other.
      if (navigator.locks && !RUNGS.slice(1).includes(memory()))
        await Promise.race([hold(`cablestream ${place}`, {}, turn), sleep(RUNG_DEADLINE)])
      try {
        await Promise.race([
          timeout(deadline),
          new Promise((resolve, reject) => {
            greet = resolve
            listen(rung, run, reject)
          })
        ])
        if (run === listening) guard()
      } catch (error) {
        if (run === listening) stop()
        throw error
      } finally {
        greet = undefined
        turn.abort()
      }
    },

    /** Whether the bridge is heard right now. */
    hears: () => heard >= began && Date.now() - heard < SILENCE && !attempt.signal.aborted,

    /** Resolves with the bridge's answer to this command. */
    send(command) {
      const text = JSON.stringify(command)
      const size = new TextEncoder().encode(text).length + 1
      session.buffered += size
      return new Promise((resolve, reject) => {
        queue.push({ text, size, resolve, reject })
        flushing ??= flush()
      })
    },

    /** Says farewell once everything that was sent has left. */
    async end() {
      stop()
      opened()
      await flushing
      farewell((url) => post(url).catch(() => {}))
    },

    /** For a session that the bridge has ended. */
    abandon() {
      stop()
      page.abort()
      for (const { reject } of queue.splice(0)) reject(failure('closed'))
    }
  })
}

/** When, on which rung and for how long clients were asked to come back. */
let returning = { until: 0 }

/** Sockets that connect already while the bridge still keeps their predecessors, for when a client asks for one. */
const heirs = {}

/** What an operator has to know, once. */
let told

/** Whether a WebSocket gets through: a frame has to come. */
const isProven = async (url, protocols) => {
  const socket = new WebSocket(url, protocols)
  const frame = await Promise.race([new Promise((resolve) => (socket.onmessage = resolve)), sleep(RUNG_DEADLINE)])
  socket.close()
  return frame
}

/** A WebSocket that goes on where WebSockets don't. */
export class CableSocket extends EventTarget {
  // Enumerable: ActionCable finds the names of the states by iterating over the class.
  static CONNECTING = 0
  static OPEN = 1
  static CLOSING = 2
  static CLOSED = 3

  readyState = 0
  protocol = ''
  extensions = ''
  binaryType = 'blob'
  transport
  failures = []
  #protocols
  #options
  #key
  #socket
  #session
  #barred
  #decide
  #decided = new Promise((resolve) => (this.#decide = resolve))
  #refuse
  // When it opened, when its client got something last, and whether that one is to come back at once.
  #opened
  #given
  #back
  // Of an heir without a client: whom to tell that it is ready, and its first frame.
  #ready
  #first

  static at(base, options) {
    return class extends CableSocket {
      constructor(url, protocols) {
        super(url, protocols, { ...options, base })
      }
    }
  }

  constructor(url, protocols = [], options = {}) {
    super()
    const address = absolute(url)
    address.protocol = address.protocol.replace('http', 'ws')
    this.url = address.href
    this.#key = [this.url, options.base, protocols].join()
    const heir = heirs[this.#key]
    if (heir?.#ready && !heir.readyState) return heir.#claimed()
    this.#protocols = protocols
    const { transports = RUNGS, patience = PATIENCE } = options
    this.#options = { ...options, transports, patience }
    for (const type of ['open', 'message', 'error', 'close']) {
      this[`on${type}`] = null
      this.addEventListener(type, (event) => this[`on${type}`]?.(event))
    }
    if (options.onTransport) this.addEventListener('transport', options.onTransport)
    this.#openSession()
    this.#climb()
  }

  #openSession() {
    const { base, patience } = this.#options
    this.#session = openSession(base, new URL(this.url).search.slice(1), { protocol: [this.#protocols].flat().join() }, {
      patience,
      event: (type, data) => this.#event(type, data),
      refused: ({ message, status }) => this.#over(1006, message, gone(status)),
      undelivered: ({ message, status }) => {
        const { transport } = this
        // Nobody is there who has the session, and yet it is heard.
        const elsewhere = status === 404 && this.#session.hears()
        if (elsewhere) message = 'another node answered: all requests for one path have to reach the same'
        if (elsewhere && !told) this.#tell(transport, (told = { transport, reason: message }))
        this.#over(status === 413 ? 1009 : 1006, message, !elsewhere && gone(status))
      },
      // The bridge is the cable's watchdog, and asks for no other. So the client's own is to see a cable that is
      // well, also while its events can't be had: they come when they can, or the socket closes.
      idle: () =>
        patience && Date.now() - this.#given > SIGN_OF_LIFE && /^actioncable-/.test(this.protocol) &&
        this.#frame(`{"type":"ping","message":${Math.floor(Date.now() / 1000)}}`),
      left: () => this.#leave(),
      returned: () => this.#closed(1006)
    })
  }

  get #direct() {
    return this.transport === 'websocket'
  }

  get bufferedAmount() {
    return this.#direct ? this.#socket.bufferedAmount : this.#session.buffered
  }

  send(data) {
    if (!this.readyState) throw new DOMException('Still connecting', 'InvalidStateError')
    if (this.readyState > 1) return
    if (this.#direct) this.#socket.send(data)
    else this.#session.send(String(data)).catch(() => {})
  }

  close(code, reason) {
    if (this.readyState > 1) return
    const seen = this.readyState ? (code ?? 1000) : 1006
    this.#leave()
    if (this.#direct) return this.#socket.close(code ?? 1000, reason)
    this.#session.end()
    setTimeout(() => this.#closed(seen, reason), 0)
  }

  #leave() {
    if (this.readyState > 1) return
    this.readyState = 2
    this.#decide()
    if (!this.#direct) this.#socket?.close()
  }

  async #climb() {
    await null
    if (await this.#return()) return
    let dial
    for (const rung of ladder(this.#options.transports)) {
      if (this.#barred && rung !== 'websocket') continue
      const attempt = rung === 'websocket' ? [(dial = this.#dial()), sleep(RUNG_DEADLINE)] : [this.#tunnel(rung)]
      const reason = await Promise.race([this.#decided, ...attempt])
      if (this.readyState || this.#first) return
      this.#tell(rung, { transport: rung, reason: reason ?? 'silent' })
    }
    await Promise.race([this.#decided, dial, sleep(LAST_DEADLINE)])
    if (!(this.readyState || this.#first)) this.close()
  }

  /** Asks again and again, as what was there a moment ago is most likely to be there soon. */
  async #return() {
    const { rung, until } = returning
    while (Date.now() < until && this.#options.transports.includes(rung)) {
      await Promise.race([this.#decided, this.#tunnel(rung)])
      if (this.readyState || this.#first) return true
      this.#session.end()
      await sleep(500 + 500 * Math.random())
      if (this.readyState) return true
      this.#barred = false
      this.#openSession()
    }
  }

  /** Resolves to why the WebSocket failed. Silence isn't the end of it: it goes on beside the rungs below. */
  #dial() {
    return new Promise((resolve) => {
      try {
        this.#socket = new WebSocket(this.url, this.#protocols)
      } catch ({ message }) {
        return resolve(message)
      }
      const socket = this.#socket
      socket.binaryType = this.binaryType
      socket.onmessage = ({ data }) => this.#frame(data, 'websocket')
      socket.onerror = () => this.#direct && this.dispatchEvent(new Event('error'))
      socket.onclose = ({ code, reason, wasClean }) => {
        resolve(`closed with ${code}`)
        if (this.#direct) this.#closed(code, reason, wasClean)
      }
    })
  }

  /** Resolves to why this way to the bridge failed. */
  async #tunnel(rung) {
    const refused = new Promise((_, reject) => (this.#refuse = reject))
    try {
      await Promise.race([refused, this.#session.listen(rung, rung === 'poll' ? LAST_DEADLINE : RUNG_DEADLINE)])
      // The bridge has been reached. What it says now it would say on every rung.
      this.#barred = true
      await Promise.race([refused, timeout(WELCOME_DEADLINE)])
    } catch ({ message }) {
      return message
    }
  }

  #tell(rung, ...failure) {
    this.failures = [...this.failures.filter(({ transport }) => transport !== rung), ...failure]
    const { transport, failures } = this
    this.dispatchEvent(new CustomEvent('transport', { detail: { transport, failures } }))
  }

  #event(type, data) {
    if (type === 'message') return this.#frame(data, this.#session.kind)
    if (type === 'drain') return sleep(1000 * Math.random()).then(() => this.#prepare())
    const { code, reason } = JSON.parse(data)
    // After 1000 the server or the page wanted it to end. All else happened to it.
    if (code) this.#over(code, reason, code !== 1000)
  }

  /** Opens only now: an open connection without a frame would look stale to ActionCable. */
  #frame(data, transport) {
    if (this.#ready) {
      this.#first ??= [data, transport]
      this.#decide()
      return this.#ready()
    }
    this.#given = Date.now()
    if (!this.readyState) this.#open(transport)
    if (data.includes?.('"server_restart"')) this.#back = true
    if (this.readyState < 2) this.dispatchEvent(new MessageEvent('message', { data }))
  }

  #open(transport) {
    this.readyState = 1
    this.transport = transport
    this.#opened = Date.now()
    this.#decide()
    if (this.#direct) this.#session.end()
    else this.#socket?.close()
    // Through a tunnel the server can only have taken the first of the list.
    this.protocol = this.#direct ? this.#socket.protocol : [this.#protocols].flat()[0]
    if (!this.#direct) this.#review()
    else memory(transport)
    this.#tell(transport)
    this.dispatchEvent(new Event('open'))
  }

  /**
   * Looks again at the ways above. They may have failed because nothing worked, or the network may be
   * another by now: the evidence against a way is that it fails while this one works.
   */
  async #review() {
    const session = this.#session
    const tunnels = this.#options.transports.filter((rung) => rung !== 'websocket')
    const above = () => tunnels.slice(0, tunnels.indexOf(session.rung))
    // Not where it polls for lack of a connection.
    const remember = (age) => memory(session.kind === session.rung && session.kind, age)
    let doubt = this.failures.some(({ transport, reason }) => reason === 'silent' || transport !== 'websocket')
    remember(doubt && MEMORY - DOUBTED)
    for (; doubt || above()[0]; doubt = false) {
      await sleep(doubt ? SECOND_LOOK : REVIEW)
      const mine = session.rung
      const proven = doubt && this.#socket && (await isProven(this.url, this.#protocols))
      for (const rung of above()) {
        if (this.readyState !== 1) return
        if (await session.listen(rung, GLANCE).then(() => true, () => {})) break
      }
      if (this.readyState !== 1) return
      if (!session.hears()) session.listen(mine)
      await sleep(GLANCE)
      if (!session.hears()) continue
      memory('unknown')
      if (proven) memory('websocket')
      else remember()
      this.transport = session.kind
      if (session.rung !== mine) this.#tell(session.rung)
    }
  }

  /** The bridge is about to go: the next connection is made before this one ends. */
  #prepare() {
    if (this.readyState !== 1) return
    this.#invite()
    const heir = (heirs[this.#key] = new CableSocket(this.url, this.#protocols, this.#options))
    heir.#ready = () => {
      this.#back = true
      this.close(1001, 'drained')
    }
    // A client that doesn't ask for it has its reasons.
    sleep(HEIRLOOM).then(() => heir.#ready && heir.close())
  }

  #claimed() {
    this.#ready = undefined
    queueMicrotask(() => this.#first && this.#frame(...this.#first))
    return this
  }

  #invite() {
    returning = { rung: this.#session.rung, until: Date.now() + 2 * this.#options.patience }
  }

  /** The session is over: so is the socket, or while connecting this way for it. */
  #over(code, reason, back) {
    this.#session.abandon()
    this.#barred = true
    this.#back ||= back
    if (this.readyState || this.#ready) this.#closed(code, reason)
    else this.#refuse(failure(reason || `closed with ${code}`))
  }

  #closed(code, reason = '', wasClean = code !== 1006) {
    if (this.readyState > 2) return
    this.readyState = 3
    if (code === 1006 && !this.#direct) this.dispatchEvent(new Event('error'))
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }))
    if (!this.#back || !(Date.now() - this.#opened > WELL)) return
    this.#invite()
    // What clients look out for anyway: AnyCable for a page that resumes, ActionCable and Turbo's copy of it
    // for one that is shown.
    sleep(300 * Math.random()).then(() => ['resume', 'visibilitychange'].forEach((type) => dispatchEvent(new Event(type))))
  }
}
Object.assign(CableSocket.prototype, CableSocket)

/**
 * As soon as it is defined, Turbo's stream element in the page asks for a consumer and dials. Where this module
 * is there before Turbo's, that waits until the modules beside it have run: one may hand over a consumer.
 */
const ELEMENT = 'turbo-cable-stream-source'
const registry = globalThis.customElements
let defineElement = () => {}
if (registry && !registry.get(ELEMENT)) {
  const { define } = registry
  registry.define = (...definition) => {
    if (definition[0] !== ELEMENT) return define.apply(registry, definition)
    registry.define = define
    defineElement = (prepare) => {
      if (registry.get(ELEMENT)) return
      prepare?.()
      define.apply(registry, definition)
      return true
    }
    setTimeout(defineElement, 0)
  }
}

/**
 * Hands a consumer to @hotwired/turbo-rails. Where its module was there before this one, the stream elements
 * in the page have asked for the default one, and that would replace ours when it comes.
 */
export const cableTurbo = async (cable, consumer) => {
  if (defineElement(() => cable.setConsumer(consumer))) return
  const old = await cable.getConsumer()
  // Their own waiting for the consumer ends in this task.
  await sleep(0)
  cable.setConsumer(consumer)
  if (old === consumer) return
  for (const element of document.querySelectorAll(ELEMENT)) {
    element.disconnectedCallback()
    element.connectedCallback()
  }
  old.disconnect()
  // Which leaves one alone that is still connecting.
  old.connection?.webSocket?.close()
}

/** One text for all spellings of an identifier. */
const canonical = (identifier) =>
  JSON.stringify(identifier, (_, value) => (`${value}` === '[object Object]' ? Object.fromEntries(Object.entries(value).sort()) : value))

/** The bridge's own API. */
export class CableEvents extends EventTarget {
  #subscriptions = new Set()
  #options
  #session
  #sessionId

  constructor(base, options) {
    super()
    this.#options = { base, query: '', transports: RUNGS.slice(1), ...options }
    this.#open()
  }

  get transport() {
    return this.#session?.kind
  }

  subscribe(identifier, handlers = {}) {
    const subscription = { key: canonical(identifier), identifier, handlers }
    const others = () => [...this.#subscriptions].filter(({ key }) => key === subscription.key)
    if (others().some(({ connected }) => connected)) handlers.connected?.({})
    this.#subscriptions.add(subscription)
    this.#request(subscription)
    return {
      send: (data) => this.send(identifier, data),
      unsubscribe: async () => {
        this.#subscriptions.delete(subscription)
        if (!others()[0]) await this.#command({ identifier, unsubscribe: true })
      }
    }
  }

  send(identifier, send) {
    return this.#command({ identifier, send })
  }

  close() {
    const session = this.#session
    this.#session = undefined
    return session?.end()
  }

  async #open(pause = 0) {
    const { base, query, transports } = this.#options
    const session = openSession(base, query, {}, {
      event: (type, data) => this.#event(data.type ? data : JSON.parse(data)),
      refused: ({ message }) => this.#over({ reason: message }),
      undelivered() {},
      left() {},
      returned: () => this.#over({ reconnect: true })
    })
    this.#session = session
    await sleep(pause)
    while (session === this.#session)
      try {
        // A poll opens it: unlike an EventSource, it tells why it was refused.
        await session.listen('poll', PATIENCE)
        for (const rung of ladder(transports))
          try {
            await session.listen(rung, RUNG_DEADLINE)
            return memory(rung)
          } catch {}
      } catch (error) {
        if (final(error)) return this.#over({ reason: error.message })
        await sleep(POLL_INTERVAL)
      }
  }

  async #command(command) {
    const { error } = (await this.#session?.send(command)) ?? { error: 'closed' }
    if (error) throw failure(error)
  }

  #request({ key, identifier }) {
    this.#command({ identifier, subscribe: true }).catch((error) => this.#notify(key, 'rejected', error))
  }

  #event(event) {
    const { type, session_id, identifier, message } = event
    if (identifier) this.#notify(canonical(identifier), type, 'message' in event ? message : event)
    else if (type === 'closed') this.#over(event)
    else this.#tell(type, event)
    if (type !== 'joined' || session_id === this.#sessionId) return
    // Another session than before: nothing is left of the subscriptions.
    for (const subscription of this.#sessionId ? this.#subscriptions : []) {
      this.#notify(subscription.key, 'disconnected', { reconnect: true })
      this.#request(subscription)
    }
    this.#sessionId = session_id
  }

  #over(event) {
    this.#session?.abandon()
    this.#session = undefined
    if (event.reconnect) this.#open(500 + 2500 * Math.random())
    this.#tell('closed', event)
  }

  #notify(key, type, value) {
    for (const subscription of this.#subscriptions)
      if (subscription.key === key) {
        if (type !== 'received') subscription.connected = type === 'connected'
        subscription.handlers[type]?.(value)
      }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}
