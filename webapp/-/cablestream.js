/**
 * Cablestream in the browser: Action Cable on networks that block WebSockets.
 *
 * - CableSocket: a WebSocket that falls back to the bridge, for @rails/actioncable and @anycable.
 * - cableTurbo: sets the consumer of @hotwired/turbo-rails.
 * - CableEvents: the bridge's own API, events down and commands up.
 *
 * An ES module as browsers load it, without dependencies and without a build step. What it offers is declared in
 * cablestream.d.ts. Comments stand on lines of their own, so that its size can be measured without them.
 */

/** In the order in which they are tried. */
const TRANSPORTS = ['websocket', 'eventsource', 'fetch', 'poll']

/** From the start of a transport to its first frame or event, until the transport is known to work. */
const CONNECT_TIMEOUT_MS = 2500
/** The same for the last transport, after which no other is tried. */
const LAST_TIMEOUT_MS = 10000
/**
 * From a stream's first event to the first frame. A dial waits up to 60 s for its turn at the bridge, and then 10 s
 * for the server; a new session would have to wait behind all others.
 */
const WELCOME_TIMEOUT_MS = 72000
/**
 * The same for a WebSocket on a network where one has worked: until it opens, and after that. A server that is short
 * of workers welcomes late, and a second connection through the bridge would only delay it further.
 */
const PROVEN_OPEN_TIMEOUT_MS = 6000
const PROVEN_WELCOME_TIMEOUT_MS = 14000
/** The interval of the bridge's pings, and the longest wait of a poll. */
const PING_SECONDS = 3
/** A listener that receives nothing for this long sends its request again. */
const SILENCE_MS = 4000
/** The time limit of the first of these requests; later ones get twice as long. Each may use a dead connection. */
const RETRY_TIMEOUT_MS = 1000
/** As long as a session lingers at the bridge: after that nothing can be resumed. */
const PATIENCE_MS = 30000
/** The longest silence that a client sees: Action Cable's and AnyCable's own watchdogs allow 6 s. */
const KEEPALIVE_MS = 3500
/** A connection that lived this long worked: its client may reconnect at once. */
const STABLE_AFTER_MS = 5000
/** A WebSocket that lived this long works on this network, and is no longer judged. */
const MATURE_AFTER_MS = 60000
/** The longest silence of a cable whose server pings every 3 s: after that a proxy no longer forwards frames. */
const STALE_AFTER_MS = 5000
/** A page whose timers don't run for this long is asleep or suspended. */
const SUSPENDED_AFTER_MS = 3000
/** A recorded failure expires after a week, and a trial that its page didn't finish is repeated after 90 s. */
const DEATH_TTL_MS = 7 * 86400000
const UNFINISHED_TRIAL_MS = 90000
/** When the transports above the present one are tried again, and how often after that. */
const FIRST_REVIEW_MS = 2000
const REVIEW_MS = 50000
/** The time limit of such a trial: no events arrive meanwhile. */
const UPGRADE_PROBE_TIMEOUT_MS = 1000
/** How long a connection that was made in advance waits for its client. */
const RECONNECT_GRACE_MS = 20000
/** How often a tab without a connection for waiting polls. */
const POLL_INTERVAL_MS = 1000
/** How long a result about the network is valid, and how long if it may be wrong. */
const REMEMBERED_MS = 600000
const DOUBTED_TTL_MS = 60000
/** The largest body of a POST: a page's keepalive requests may have 64 KiB together. */
const MAX_BATCH_BYTES = 49000
/** The largest response of a streaming POST, after which another one follows. */
const MAX_STREAM_CHARS = 1 << 20

/** The browser's own class. Another copy of this script, in another bundle, may have installed its wrapper. */
const NATIVE = Symbol.for('cablestream.native')
const NativeWebSocket = globalThis.WebSocket?.[NATIVE] ?? globalThis.WebSocket

const absolute = (url) => new URL(url, location)
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time))
const failure = (message, status) => Object.assign(new Error(message), { status })
const timeout = (time) => sleep(time).then(() => Promise.reject(failure('silent')))
/** As AbortSignal.timeout, which browsers have only since Chrome 103 and Safari 16. */
const abortAfter = (time) => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), time)
  return controller.signal
}
const until = (signal) =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', resolve)))

/** Whether the session doesn't exist, or not any more. */
const gone = (status) => [204, 404, 410].includes(status)

/** Whether a repeated request would fail as well; other failures may be the network's. */
const final = ({ status }) => /^(204|4(?!08|09|29)..)$/.test(status)

const request = async (url, options) => {
  const response = await fetch(url, { credentials: 'include', cache: 'no-store', ...options })
  if (response.status === 200) return response
  const { error } = await response.json().catch(() => ({}))
  throw failure(error ?? `HTTP ${response.status}`, response.status)
}
/**
 * Sends text, and a query instead of a header, so that another host needs no preflight. A large body gets more time.
 */
const post = (url, { body = '', ...options } = {}) =>
  request(url, { method: 'POST', body, signal: abortAfter(SILENCE_MS + body.length / 16), ...options })

/**
 * What all pages of a browser know of its network, in localStorage: `{transport} {time} {reason}`. The transport
 * worked at that time; the reason is why the WebSocket isn't used. `websocket lived`: a WebSocket lived for a
 * minute. `websocket died …`: one failed soon after it opened. If such failures have selected the next transport,
 * only a WebSocket that has lived changes it back. Without storage, each page finds out by itself.
 */
let known = ''
const isDeath = ({ transport, reason }) => transport !== 'websocket' && /^died/.test(reason)
const recall = () => {
  let text = known
  try {
    text = localStorage.cablestream ?? known
  } catch {}
  const [, transport, then, reason] = /^(\w+) (\d+) ?(.*)$/.exec(text) ?? []
  // A time in the future comes from a wrong clock, and has expired.
  const time = then > Date.now() ? Date.now() - 2 * REMEMBERED_MS : Number(then)
  const entry = { transport, time, reason }
  return Date.now() - time < (isDeath(entry) ? DEATH_TTL_MS : REMEMBERED_MS) ? entry : {}
}
const remember = (transport, reason = '', age = 0) => {
  known = `${transport} ${Date.now() - age} ${reason}`.trim()
  try {
    // So that the previous value isn't valid if there is no room for this one.
    delete localStorage.cablestream
    localStorage.cablestream = known
  } catch {}
}

let offlineAt = 0
let leftAt = 0
/** Of the server's pings, as seen: some servers ping less often than Rails. */
let pingPeriod = Infinity
const onWindow = (type, act) => globalThis.addEventListener?.(type, act)
onWindow('offline', () => (offlineAt = Date.now()))
onWindow('online', () => {
  // Probably another network: results of the last one don't apply to it, and recorded failures are examined soon.
  const entry = recall()
  if (isDeath(entry)) remember(entry.transport, entry.reason, 2 * REMEMBERED_MS)
  else remember('unknown')
})
// Browsers close a page's WebSockets, some of them only when it comes back.
onWindow('pagehide', () => (leftAt = Date.now()))

/**
 * The transport that worked comes first, those above it last. The given order if nothing is known against the
 * WebSocket.
 */
const inOrder = (transports) => {
  const entry = recall()
  const place = transports.indexOf(entry.transport)
  // After failures of the WebSocket it isn't first either if the working transport isn't in the list.
  const first = entry.reason || !transports.includes('websocket') ? (place < 0 && isDeath(entry) ? transports.indexOf('websocket') + 1 : Math.max(0, place)) : 0
  return [...transports.slice(first), ...transports.slice(0, first)]
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
 * Resolves to whether a connection may wait for events, until the controller aborts. Over HTTP/1.1, which allows six
 * to a host, all tabs together have three; a visible tab takes over one from a hidden tab.
 */
const connection = async (origin, controller) => {
  const multiplexed = ({ name, nextHopProtocol }) => name.startsWith(`${origin}/`) && /^h[23]/.test(nextHopProtocol)
  if (!navigator.locks || !globalThis.document || performance.getEntries().some(multiplexed)) return true
  const { held: locks } = await navigator.locks.query().catch(() => ({ held: [] }))
  const held = locks.map(({ name }) => name)
  const names = [1, 2, 3].map((n) => `cablestream ${origin} ${n}`)
  const free = names.find((name) => !held.includes(name))
  const name = free ?? names.find((name) => !document.hidden && held.includes(`${name} hidden`))
  if (!name || !(await hold(name, free ? { ifAvailable: true } : { steal: true }, controller))) return
  if (document.hidden) hold(`${name} hidden`, {}, controller)
  // When it is shown or hidden, the tab queues again.
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
  const patience = owner.patience || PATIENCE_MS
  const place = absolute(base)
  const target = `${place.href.replace(/\/$/, '')}/${crypto.getRandomValues(new Uint32Array(5)).join('-')}?`
  /** Its signal removes the listeners, and shows that the farewell was sent. */
  const page = new AbortController()
  const session = { buffered: 0 }
  // The listener: its position, when it started and received something last, and its failures in a row.
  let cursor = 0
  let heard = 0
  let failures = 0
  let began, greet, listening, attempt, wake, watch
  // The commands that wait, and those in flight.
  let keys = 0
  const queue = []
  let batch, flushing, opened
  const open = new Promise((resolve) => (opened = resolve))

  /** The session that the listener receives: commands are for no other. */
  const named = () => /(.+)-/.exec(cursor)?.[1]
  const url = (more) => target + [query, new URLSearchParams({ ...parameters, ...more })].filter(String).join('&')
  const position = (wait) => url({ 'last-event-id': cursor, ping: PING_SECONDS, timeout: wait ? PING_SECONDS : 0 })

  const hear = (signal, type, data, id) => {
    if (signal.aborted) return
    // Caused by an earlier request of this page, which arrived only now. No other page knows this session.
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

    /** By XMLHttpRequest, as WebKit delays part of a fetched stream until more data arrives (seen in 2.54.3). */
    fetch: (signal) =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest()
        request.open('POST', position())
        request.withCredentials = true
        request.setRequestHeader('Accept', 'text/event-stream')
        let read = 0
        // A request reports nothing when it is aborted while its last part is reported.
        const end = () => {
          request.abort()
          resolve()
        }
        request.onprogress = () => {
          if (request.status !== 200) return
          // Part of a large event also shows that the connection works.
          began = Date.now()
          const text = request.responseText
          for (let end; (end = text.indexOf('\n\n', read)) >= 0; read = end + 2) {
            const fields = { event: ['message'], data: [], id: [] }
            for (const [, field, value] of text.slice(read, end).matchAll(/^(\w+): ?([^\n]*)/gm)) fields[field]?.push(value)
            if (fields.data[0]) hear(signal, fields.event.at(-1), fields.data.join('\n'), fields.id[0])
          }
          // The request stores its whole text, so the next one continues from the cursor.
          if (read > MAX_STREAM_CHARS) end()
        }
        request.onloadend = () => {
          const { status, responseText } = request
          if (status === 200 || read) return resolve()
          let error = status ? `HTTP ${status}` : 'refused'
          try {
            error = JSON.parse(responseText).error ?? error
          } catch {}
          reject(failure(error, status))
        }
        until(signal).then(end)
        request.send()
      }),

    async poll(signal, wait) {
      const response = await request(position(wait), { signal })
      const { messages, session_id } = await response.json()
      // Names the session if no event does.
      hear(signal, '', '', cursor || `${session_id}-0`)
      for (const message of messages)
        hear(signal, message.data ? message.type : 'message', message.data ?? message, message.msg_id ?? message.id)
    }
  }

  /** Sends the request again, from the cursor: the present connection may be dead. */
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
    const limit = heard < began ? Math.min(LAST_TIMEOUT_MS, RETRY_TIMEOUT_MS * 2 ** Math.floor(failures / 3)) : SILENCE_MS
    if (now - Math.max(heard, began) > limit) attempt.abort()
    owner.idle?.()
  }

  const guard = () => (watch = setInterval(check, 250))

  const listen = async (transport, run, refuse) => {
    for (let probe; run === listening; ) {
      const controller = (attempt = new AbortController())
      // An EventSource doesn't report why it ended: the next request does, and returns the missed events.
      const wait = (await connection(place.origin, controller)) && !probe
      if (run !== listening) return
      began = Date.now()
      session.carrier = wait ? transport : 'poll'
      let error
      try {
        await carriers[session.carrier](controller.signal, wait)
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
      const pause = silent ? !aborted && Math.min(1000, 250 * 2 ** failures) : session.carrier !== 'poll' ? 300 : wait || probe ? 0 : POLL_INTERVAL_MS
      probe = !greet && (session.carrier === 'eventsource' || (probe && silent))
      await new Promise((resolve) => {
        wake = resolve
        setTimeout(resolve, pause * (0.5 + Math.random() / 2))
      })
    }
  }

  /** Repeats a POST until its response arrives: its key keeps the bridge from carrying it out twice. */
  const flush = async () => {
    await open
    while ((batch ||= next())) {
      const { to, name, body, size, since, commands } = batch
      try {
        const replies = await (await post(to, { body })).json()
        commands.forEach(({ resolve }, n) => resolve(replies[n]))
      } catch (error) {
        // Another session has the id: temporarily, or permanently once the listener has joined that one.
        error.superseded = error.status === 409 && name !== named()
        if (!error.superseded && !final(error) && Date.now() - since < patience) {
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
    while (queue[count] && count < 100 && (!count || size + queue[count].size < MAX_BATCH_BYTES)) size += queue[count++].size
    const commands = queue.splice(0, count)
    const body = `[${commands.map(({ text }) => text)}]`
    const name = named()
    return count && { to: url({ 'idempotency-key': ++keys, ...(name && { 'session-id': name }) }), name, body, size, since: Date.now(), commands }
  }

  const farewell = (say) => {
    const name = named()
    if (began && !page.signal.aborted) say(url(name && { 'session-id': name }))
    page.abort()
  }

  /** The page is being left, which aborts a request in flight: it is repeated as one that outlives the page. */
  const leave = () => {
    stop()
    // A farewell could overtake commands. If their responses arrive too late, the linger time ends the session.
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
    /**
     * Listens over this transport from now on. With a time limit: resolves with the first event, rejects if none
     * arrives in time.
     */
    async listen(transport, limit) {
      stop()
      session.transport = transport
      const run = (listening = {})
      if (!limit) return guard(listen(transport, run))
      const turn = new AbortController()
      // The bridge gives a browser one cookie: the tabs of a browser without a cookie connect one after the other.
      if (navigator.locks && !TRANSPORTS.slice(1).includes(recall().transport))
        await Promise.race([hold(`cablestream ${place}`, {}, turn), sleep(CONNECT_TIMEOUT_MS)])
      try {
        await Promise.race([
          timeout(limit),
          new Promise((resolve, reject) => {
            greet = resolve
            listen(transport, run, reject)
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

    /** Whether events arrive from the bridge now. */
    hears: () => heard >= began && Date.now() - heard < SILENCE_MS && !attempt.signal.aborted,

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

    /** Sends the farewell once everything else has been sent. */
    async end() {
      stop()
      opened()
      await flushing
      farewell((url) => post(url).catch(() => {}))
    },

    /** Called when the bridge has ended the session. */
    abandon() {
      stop()
      page.abort()
      for (const { reject } of queue.splice(0)) reject(failure('closed'))
    }
  })
}

/** Over which transport, and until when, clients were asked to reconnect. */
let reconnecting = { until: 0 }

/** Sockets that connect in advance, while the bridge still has their predecessors, until a client asks for one. */
const successors = {}

/** Whether a warning for the operator was reported, once in a page. */
let reported

/**
 * Makes the page's clients reconnect now: AnyCable watches for the event of a resumed page, Action Cable and Turbo's
 * copy of it for that of a shown page.
 */
const wakeClients = () =>
  sleep(300 * Math.random()).then(() => ['resume', 'visibilitychange'].forEach((type) => dispatchEvent(new Event(type))))

/** Whether a new WebSocket gets its first frame soon, and a later one at this age, without a long silence between. */
const carriesFrames = async (url, protocols, age, isWanted = () => true) => {
  let socket
  try {
    socket = new NativeWebSocket(url, protocols)
  } catch {
    return false
  }
  return new Promise((resolve) => {
    const began = Date.now()
    let timer
    const end = (carries) => {
      clearTimeout(timer)
      socket.onclose = socket.onmessage = null
      socket.close()
      resolve(carries)
    }
    const wait = (time) => {
      clearTimeout(timer)
      timer = setTimeout(end, time, false)
    }
    socket.onmessage = () => (Date.now() - began >= age ? end(true) : isWanted() ? wait(PATIENCE_MS) : end(false))
    socket.onclose = () => end(false)
    wait(CONNECT_TIMEOUT_MS)
  })
}

/**
 * Whether the server answers HTTP: if it doesn't, it or the whole network is down, and no transport would have
 * lived. Another host isn't asked, as the page's policy may forbid it.
 */
const isServed = async (url) => {
  const { origin, pathname } = new URL(url.replace('ws', 'http'))
  if (origin !== location.origin) return true
  try {
    const { status } = await fetch(origin + pathname, { credentials: 'omit', cache: 'no-store', redirect: 'manual', signal: abortAfter(CONNECT_TIMEOUT_MS) })
    return status < 500
  } catch {
    return false
  }
}

/** Whether this browser belongs to a share of browsers, in per cent: by a random number that it stores. */
const random = Math.random()
const belongsTo = (share) => {
  let kept = random
  try {
    kept = localStorage.cablestreamShare ??= random
  } catch {}
  return kept * 100 < share
}
const isForced = /[?&]cablestream=force(&|$)/.test(globalThis.location?.search)

/** Undefined for a plain WebSocket. */
const allowedTransports = ({ mode = '', transports = TRANSPORTS }) => {
  const content = globalThis.document?.querySelector?.('meta[name=cablestream]')?.content || mode
  const word = isForced ? 'force' : content.trim().toLowerCase()
  const [, share] = /^(\d+(?:\.\d+)?)%$/.exec(word) ?? []
  if (word === 'force') return transports.filter((transport) => transport !== 'websocket')
  if (['', 'on'].includes(word) || (share && belongsTo(share))) return transports
  // An unknown value is probably meant to turn the script off.
  if (word !== 'off' && !share) console.warn(`cablestream: "${content}" is neither on, off, force nor a share such as 25%, and taken for off`)
}

/** A WebSocket that uses other transports on networks that block WebSockets. */
export class CableSocket extends (globalThis.EventTarget ?? Object) {
  // Enumerable: Action Cable finds the names of the states by iterating over the class.
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
  #parameters
  // Whether a WebSocket had worked on this network when this one started, and what was known against it.
  #proven
  #remembered
  // Whether the bridge has answered: its other transports would get the same answer.
  #answered
  #settle
  #settled = new Promise((resolve) => (this.#settle = resolve))
  #refuse
  // When it opened, when its client received something last, and whether the client should reconnect at once.
  #opened
  #delivered
  #reconnects
  // For a WebSocket: when the page was last known to be awake, and when it was found to have been suspended.
  #awakeAt
  #suspendedAt = 0
  #pingedAt
  #watch
  // For a successor without a client: the callback when it is ready, and its first frame.
  #ready
  #first

  static at(base, options) {
    return class extends CableSocket {
      constructor(url, protocols) {
        super(url, protocols, { ...options, base })
      }
    }
  }

  static install(base, options) {
    if (registry?.get(ELEMENT)) console.warn("cablestream: Turbo was loaded before this script, and goes without it")
    installed = CableSocket.at(base, options)
    bridge = base
    globalThis.WebSocket &&= wrapper
  }

  constructor(url, protocols = [], options = {}) {
    super()
    const address = absolute(url)
    address.protocol = address.protocol.replace('http', 'ws')
    this.url = address.href
    const transports = allowedTransports(options)
    if (!transports) return new NativeWebSocket(this.url, protocols)
    this.#key = [this.url, options.base, protocols].join()
    const successor = successors[this.#key]
    if (successor?.#ready && !successor.readyState) return successor.#claimed()
    this.#protocols = protocols
    this.#options = { ...options, transports, patience: options.patience ?? PATIENCE_MS }
    this.#parameters = { protocol: [protocols].flat().join(), 'cable-path': address.pathname }
    const { transport, reason } = recall()
    this.#proven = transport === 'websocket'
    if (reason && !this.#proven && transports.includes('websocket')) this.failures = [(this.#remembered = { transport: 'websocket', reason })]
    for (const type of ['open', 'message', 'error', 'close']) {
      this[`on${type}`] = null
      this.addEventListener(type, (event) => this[`on${type}`]?.(event))
    }
    if (options.onTransport) this.addEventListener('transport', options.onTransport)
    this.#openSession()
    this.#connect()
  }

  #openSession() {
    const { base, patience } = this.#options
    this.#session = openSession(base, new URL(this.url).search.slice(1), this.#parameters, {
      patience,
      event: (type, data) => this.#event(type, data),
      refused: ({ message, status }) => this.#end(1006, message, gone(status)),
      undelivered: ({ message, status }) => {
        const { transport } = this
        // The node whose events arrive has the session: the command reached another one.
        const elsewhere = status === 404 && this.#session.hears()
        if (elsewhere) message = 'another node answered: all requests for one path have to reach the same'
        if (status === 413) message = `a frame is too large: ${message}`
        if (status === 413 || (elsewhere && !reported)) this.#report(transport, { transport, reason: message })
        reported ||= elsewhere
        this.#end(status === 413 ? 1009 : 1006, message, !elsewhere && gone(status))
      },
      // The bridge itself watches the cable. So the client's own watchdog must see a working cable even while no events
      // arrive: they arrive later, or the socket closes.
      idle: () =>
        patience && this.#silence > KEEPALIVE_MS &&
        this.#frame(`{"type":"ping","message":${Math.floor(Date.now() / 1000)}}`),
      left: () => this.#leave(),
      returned: () => this.#closed(1006)
    })
  }

  get #direct() {
    return this.transport === 'websocket'
  }

  /** The silence of a cable whose server pings, in milliseconds. */
  get #silence() {
    return /^actioncable-/.test(this.protocol) ? Date.now() - this.#delivered : 0
  }

  get #isStale() {
    return this.#silence > (pingPeriod < Infinity ? Math.max(STALE_AFTER_MS, 1.7 * pingPeriod) : STALE_AFTER_MS)
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
    // A client's watchdog closes it this way.
    if (this.#direct && this.#isStale) this.#judge()
    this.#leave()
    if (this.#direct) return this.#socket.close(code ?? 1000, reason)
    this.#session.end()
    setTimeout(() => this.#closed(seen, reason), 0)
  }

  #leave() {
    if (this.readyState > 1) return
    this.readyState = 2
    this.#settle()
    if (!this.#direct) this.#socket?.close()
  }

  async #connect() {
    await null
    if (await this.#reconnect()) return
    let dial
    for (const transport of inOrder(this.#options.transports)) {
      if (this.#answered && transport !== 'websocket') continue
      const attempt = transport === 'websocket' ? [(dial = this.#dial()), this.#dialTimeout()] : [this.#listen(transport)]
      const reason = await Promise.race([this.#settled, ...attempt])
      if (this.readyState || this.#first) return
      this.#report(transport, { transport, reason: reason ?? 'silent' })
    }
    await Promise.race([this.#settled, dial, sleep(LAST_TIMEOUT_MS)])
    if (this.readyState || this.#first) return
    // The failure of the WebSocket may also have been caused by an outage.
    const { transport, reason } = recall()
    if (transport === 'websocket' && /^died/.test(reason)) remember('websocket')
    this.close()
  }

  /** Resolves when another transport must be tried beside the WebSocket. */
  async #dialTimeout() {
    if (!this.#proven) return sleep(CONNECT_TIMEOUT_MS)
    await sleep(PROVEN_OPEN_TIMEOUT_MS)
    if (this.#socket?.readyState === 1) await sleep(PROVEN_WELCOME_TIMEOUT_MS)
  }

  /** Repeats the attempt, as the previous transport will probably work again soon. */
  async #reconnect() {
    const { transport, until } = reconnecting
    while (Date.now() < until && this.#options.transports.includes(transport)) {
      await Promise.race([this.#settled, this.#listen(transport)])
      if (this.readyState || this.#first) return true
      this.#session.end()
      await sleep(500 + 500 * Math.random())
      if (this.readyState) return true
      this.#answered = false
      this.#openSession()
    }
  }

  /** Resolves to why the WebSocket failed. Silence doesn't end it: it continues beside the transports below. */
  #dial() {
    return new Promise((resolve) => {
      try {
        this.#socket = new NativeWebSocket(this.url, this.#protocols)
      } catch ({ message }) {
        return resolve(`unsupported: ${message}`)
      }
      const socket = this.#socket
      socket.binaryType = this.binaryType
      socket.onmessage = ({ data }) => this.#frame(data, 'websocket')
      socket.onerror = () => this.#direct && this.dispatchEvent(new Event('error'))
      socket.onclose = ({ code, reason, wasClean }) => {
        resolve(`closed with ${code}`)
        if (!this.#direct) return
        if (!wasClean && this.readyState === 1) this.#judge().then((isDropped) => isDropped && wakeClients())
        this.#closed(code, reason, wasClean)
      }
    })
  }

  /**
   * Judges a WebSocket that ended unexpectedly. If two in a row have failed soon after they opened, the next
   * transport replaces it, in all pages. Resolves to whether it does.
   */
  async #judge() {
    const { transports } = this.#options
    const next = transports[transports.indexOf('websocket') + 1]
    const life = Date.now() - this.#opened - (this.#isStale ? this.#silence : 0)
    const { reason: before } = recall()
    // If one has lived for a minute recently, a rolling restart of servers may have ended the others.
    const isExcused = () =>
      this.#reconnects || Math.max(offlineAt, leftAt) > this.#opened || this.#suspendedAt > this.#delivered || navigator.onLine === false
    if (!next || before === 'lived' || life >= MATURE_AFTER_MS || this.#isSuspended() || isExcused()) return
    if (!(await isServed(this.url)) || isExcused()) return
    const { transport, time, reason } = recall()
    // Another socket has failed for the same cause.
    if (reason && time > this.#opened) return
    const death = `died after ${Math.round(life / 1000)} s`
    const isSecond = transport === 'websocket' && reason
    remember(isSecond ? next : reason ? transport : 'websocket', death)
    this.#report('websocket', { transport: 'websocket', reason: death })
    return isSecond
  }

  /** Whether the page was suspended until now, which is no fault of network or server. */
  #isSuspended() {
    const now = Date.now()
    const isSuspended = now - this.#awakeAt > SUSPENDED_AFTER_MS
    if (isSuspended) this.#suspendedAt = now
    this.#awakeAt = now
    return isSuspended
  }

  /** Resolves to why this transport of the bridge failed. */
  async #listen(transport) {
    const { transports } = this.#options
    const { reason } = this.failures.find((one) => one.transport === 'websocket') ?? {}
    const [word] = /^(silent|died|unsupported)/.exec(reason) ?? [reason && 'refused']
    this.#parameters.fallback = transports.includes('websocket') ? (word ?? 'unknown') : 'forced'
    const refused = new Promise((_, reject) => (this.#refuse = reject))
    try {
      await Promise.race([refused, this.#session.listen(transport, transport === 'poll' ? LAST_TIMEOUT_MS : CONNECT_TIMEOUT_MS)])
      this.#answered = true
      await Promise.race([refused, timeout(WELCOME_TIMEOUT_MS)])
    } catch ({ message }) {
      return message
    }
  }

  #report(transport, ...failure) {
    this.failures = [...this.failures.filter((one) => one.transport !== transport), ...failure]
    const { failures } = this
    this.dispatchEvent(new CustomEvent('transport', { detail: { transport: this.transport, failures } }))
  }

  #event(type, data) {
    if (type === 'message') return this.#frame(data, this.#session.carrier)
    if (type === 'drain') return sleep(1000 * Math.random()).then(() => this.#prepare())
    const { code, reason } = JSON.parse(data)
    // The server or the page wanted an end with 1000. Any other code is a failure.
    if (code) this.#end(code, reason, code !== 1000)
  }

  /** Opens only now: Action Cable would consider an open connection without a frame stale. */
  #frame(data, transport) {
    if (this.#ready) {
      this.#first ??= [data, transport]
      this.#settle()
      return this.#ready()
    }
    this.#delivered = Date.now()
    if (transport === 'websocket' && data.includes?.('"type":"ping"')) {
      pingPeriod = Math.min(pingPeriod, Date.now() - (this.#pingedAt ?? -Infinity))
      this.#pingedAt = Date.now()
    }
    if (!this.readyState) this.#open(transport)
    if (data.includes?.('"server_restart"')) this.#reconnects = true
    if (this.readyState < 2) this.dispatchEvent(new MessageEvent('message', { data }))
  }

  #open(transport) {
    this.readyState = 1
    this.transport = transport
    this.#opened = Date.now()
    this.#settle()
    if (this.#direct) this.#session.end()
    else this.#socket?.close()
    // Through a tunnel the server can only have chosen the first one.
    this.protocol = this.#direct ? this.#socket.protocol : [this.#protocols].flat()[0]
    if (this.#direct) this.#prove()
    else {
      this.#review()
      this.#retry()
    }
    this.#report(transport)
    this.dispatchEvent(new Event('open'))
  }

  /** Records that the WebSocket works: after some seconds, and after a minute that it has lived. */
  #prove() {
    this.#awakeAt = this.#opened
    let next = STABLE_AFTER_MS
    this.#watch = setInterval(() => {
      this.#isSuspended()
      const age = Date.now() - this.#opened
      if (age < next || this.#isStale) return
      this.#proves()
      next = age < MATURE_AFTER_MS ? MATURE_AFTER_MS : age + REMEMBERED_MS / 2
    }, 1000)
  }

  #proves() {
    const entry = recall()
    if (Date.now() - this.#opened >= MATURE_AFTER_MS) remember('websocket', 'lived')
    else if (!isDeath(entry) && !(entry.transport === 'websocket' && entry.reason)) remember('websocket')
  }

  /**
   * Tries the transports of the bridge above this one again. They may have failed because nothing worked, or the
   * network may have changed: a transport is only excluded if it fails while this one works.
   */
  async #review() {
    const session = this.#session
    const { transports } = this.#options
    const judged = transports.includes('websocket')
    const tunnels = transports.filter((transport) => transport !== 'websocket')
    const above = () => tunnels.slice(0, tunnels.indexOf(session.transport))
    const keep = (age) => {
      const entry = recall()
      const { transport, reason } = entry
      // Not while it polls for lack of a connection, and without replacing knowledge of a WebSocket that it didn't try.
      if (session.carrier !== session.transport || (!judged && transport === 'websocket')) return
      const failed = this.failures.find((one) => one.transport === 'websocket')
      // A recorded failure keeps its time, which determines when it is examined.
      remember(session.transport, failed?.reason ?? reason, isDeath(entry) ? Date.now() - entry.time : age)
    }
    // A WebSocket that worked before may have reached a server that was restarting.
    const failed = this.failures.filter((one) => one !== this.#remembered)
    let doubt = failed.some(({ transport, reason }) => reason === 'silent' || transport !== 'websocket') || (failed[0] && this.#proven)
    if (recall().transport !== session.carrier) keep(doubt ? REMEMBERED_MS - DOUBTED_TTL_MS : 0)
    for (; doubt || above()[0]; doubt = false) {
      await sleep(doubt ? FIRST_REVIEW_MS : REVIEW_MS)
      const mine = session.transport
      const works = doubt && this.#socket && (await carriesFrames(this.url, this.#protocols, 0))
      for (const transport of above()) {
        if (this.readyState !== 1) return
        if (await session.listen(transport, UPGRADE_PROBE_TIMEOUT_MS).then(() => true, () => {})) break
      }
      if (this.readyState !== 1) return
      if (!session.hears()) session.listen(mine)
      await sleep(UPGRADE_PROBE_TIMEOUT_MS)
      if (!session.hears()) continue
      if (works) remember('websocket')
      else keep(0)
      this.transport = session.carrier
      if (session.transport !== mine) this.#report(session.transport)
    }
  }

  /**
   * Tries a failed WebSocket again, beside this transport and in one tab only. If it lives, it is used from then on.
   */
  async #retry() {
    // Spreads the trials of browsers whose WebSockets failed for the same cause.
    const period = REMEMBERED_MS * (1 + random / 2)
    for (let entry; this.#options.transports.includes('websocket') && isDeath((entry = recall())) && this.readyState === 1; ) {
      const wait = entry.time + period - Date.now()
      if (wait > 0) {
        await sleep(Math.min(wait, REVIEW_MS))
        continue
      }
      const { transport, reason } = entry
      remember(transport, reason, period - UNFINISHED_TRIAL_MS)
      const lives = await carriesFrames(this.url, this.#protocols, MATURE_AFTER_MS, () => this.readyState === 1)
      if (lives) remember('websocket', 'lived')
      else if (this.readyState === 1) remember(transport, reason)
    }
  }

  /** The bridge will stop: the next connection is made before this one ends. */
  #prepare() {
    if (this.readyState !== 1 || !allowedTransports(this.#options)) return
    this.#invite()
    const successor = (successors[this.#key] = new CableSocket(this.url, this.#protocols, this.#options))
    successor.#ready = () => {
      this.#reconnects = true
      this.close(1001, 'drained')
    }
    // A client that doesn't reconnect has its reasons.
    sleep(RECONNECT_GRACE_MS).then(() => successor.#ready && successor.close())
  }

  #claimed() {
    this.#ready = undefined
    queueMicrotask(() => this.#first && this.#frame(...this.#first))
    return this
  }

  #invite() {
    reconnecting = { transport: this.#session.transport, until: Date.now() + 2 * this.#options.patience }
  }

  /** The session has ended, and with it the socket, or during connecting this transport. */
  #end(code, reason, reconnects) {
    this.#session.abandon()
    this.#answered = true
    this.#reconnects ||= reconnects
    if (this.readyState || this.#ready) this.#closed(code, reason)
    else this.#refuse(failure(reason || `closed with ${code}`))
  }

  #closed(code, reason = '', wasClean = code !== 1006) {
    if (this.readyState > 2) return
    this.readyState = 3
    const lived = Date.now() - this.#opened > STABLE_AFTER_MS
    clearInterval(this.#watch)
    if (this.#direct && lived && !this.#isStale) this.#proves()
    if (code === 1006 && !this.#direct) this.dispatchEvent(new Event('error'))
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }))
    if (!this.#reconnects || !lived) return
    this.#invite()
    wakeClients()
  }
}
Object.assign(CableSocket.prototype, CableSocket)

/** The arguments of the latest install(). */
let installed
let bridge

/**
 * Whether the URL is on one of the application's hosts: a widget of another site may also use an Action Cable
 * server.
 */
const isOwn = (url) => {
  const names = [...(globalThis.document?.querySelectorAll('meta[name=action-cable-url], meta[name=cable-url]') ?? [])].map(({ content }) => content)
  return [location, bridge, ...names].some((one) => absolute(one).hostname === absolute(url).hostname)
}

/** The browser's class with one difference: a request for Action Cable's subprotocol makes a CableSocket. */
const wrapper = NativeWebSocket && new Proxy(NativeWebSocket, {
  get: (native, name) => (name === NATIVE ? native : native[name]),
  construct(native, args, constructed) {
    // An instance of a subclass must be of that class.
    const isCable = constructed === wrapper && [args[1]].flat().some((protocol) => /^actioncable-/.test(protocol))
    return isCable && isOwn(args[0]) ? new installed(...args) : Reflect.construct(native, args, constructed)
  }
})

/**
 * As soon as it is defined, Turbo's stream element in the page requests a consumer and dials. If this module runs
 * before Turbo's, the definition waits until the modules beside it have run: one may set a consumer.
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
 * Sets the consumer of @hotwired/turbo-rails. If its module ran first, the page's stream elements have requested the
 * default consumer, which would replace this one when it arrives.
 */
export const cableTurbo = async (cable, consumer) => {
  if (defineElement(() => cable.setConsumer(consumer))) return
  const old = await cable.getConsumer()
  // The elements stop waiting for their consumer in this task.
  await sleep(0)
  cable.setConsumer(consumer)
  if (old === consumer) return
  for (const element of document.querySelectorAll(ELEMENT)) {
    element.disconnectedCallback()
    element.connectedCallback()
  }
  old.disconnect()
  // disconnect() doesn't close one that is still connecting.
  old.connection?.webSocket?.close()
}

/** The same text for all forms of an identifier. */
const canonical = (identifier) =>
  JSON.stringify(identifier, (_, value) => (`${value}` === '[object Object]' ? Object.fromEntries(Object.entries(value).sort()) : value))

/** The bridge's own API. */
export class CableEvents extends (globalThis.EventTarget ?? Object) {
  #subscriptions = new Set()
  #options
  #session
  #sessionId

  constructor(base, options) {
    super()
    this.#options = { base, query: '', transports: TRANSPORTS.slice(1), ...options }
    this.#open()
  }

  get transport() {
    return this.#session?.carrier
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
        // A poll opens the session: unlike an EventSource, it reports why it was refused.
        await session.listen('poll', PATIENCE_MS)
        for (const transport of inOrder(transports))
          try {
            await session.listen(transport, CONNECT_TIMEOUT_MS)
            // It knows nothing about WebSockets.
            const { transport: best, reason } = recall()
            if (best !== 'websocket' && best !== transport) remember(transport, reason)
            return
          } catch {}
      } catch (error) {
        if (final(error)) return this.#over({ reason: error.message })
        await sleep(POLL_INTERVAL_MS)
      }
  }

  async #command(command) {
    const { error } = (await this.#session?.send(command)) ?? { error: 'closed' }
    if (error) throw failure(error)
  }

  #request({ key, identifier }) {
    this.#command({ identifier, subscribe: true }).catch((error) => error.superseded || this.#notify(key, 'rejected', error))
  }

  #event(event) {
    const { type, session_id, identifier, message } = event
    if (identifier) this.#notify(canonical(identifier), type, 'message' in event ? message : event)
    else if (type === 'closed') this.#over(event)
    else this.#tell(type, event)
    if (type !== 'joined' || session_id === this.#sessionId) return
    // Another session than before: no subscription remains.
    for (const subscription of this.#sessionId ? this.#subscriptions : []) {
      this.#notify(subscription.key, 'disconnected', { reconnect: true })
      this.#request(subscription)
    }
    this.#sessionId = session_id
  }

  #over(event) {
    this.#session?.abandon()
    this.#session = undefined
    if (event.reconnect) this.#open(500 + 1000 * Math.random())
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
