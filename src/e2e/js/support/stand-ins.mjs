import { mock } from 'node:test'

/**
 * A fake browser around the script: sockets, streams and requests whose other side the test
 * controls, a clock that the test advances, storage and page events.
 */
class FakeWebSocket extends EventTarget {
  static all = []
  readyState = 0
  bufferedAmount = 0
  protocol = ''
  sent = []

  constructor(url, protocols) {
    super()
    Object.assign(this, { url, protocols })
    FakeWebSocket.all.push(this)
  }

  send(data) {
    this.sent.push(data)
  }

  close(code = 1005, reason = '') {
    if (this.readyState > 1) return
    this.readyState = 2
    Object.assign(this, { closeCode: code, closeReason: reason })
  }

  /** The server's side. */
  accept(protocol = 'actioncable-v1-json') {
    this.readyState = 1
    this.protocol = protocol
    this.onopen?.(new Event('open'))
  }

  says(frame) {
    if (this.readyState > 1) return
    this.onmessage?.(new MessageEvent('message', { data: typeof frame === 'string' ? frame : JSON.stringify(frame) }))
  }

  ends(code = 1006, reason = '') {
    this.readyState = 3
    if (code === 1006) this.onerror?.(new Event('error'))
    this.onclose?.(new CloseEvent('close', { code, reason, wasClean: code !== 1006 }))
  }
}

class FakeEventSource extends EventTarget {
  static all = []
  readyState = 0

  constructor(url, options) {
    super()
    Object.assign(this, { url: new URL(url), withCredentials: options?.withCredentials })
    FakeEventSource.all.push(this)
  }

  close() {
    this.readyState = 2
  }

  /** The bridge's side. */
  says(type, data, lastEventId = '') {
    if (this.readyState === 2) return
    this.readyState = 1
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    this.dispatchEvent(new MessageEvent(type, { data: text, lastEventId }))
  }

  opens(session = 'session', resumed = false, position = 0) {
    this.says('opened', { protocol: 'actioncable-v1-json', session_id: session, resumed }, `${session}-${position}`)
  }

  /** The connection is lost or, for good, was refused. */
  ends(forGood) {
    this.readyState = forGood ? 2 : 0
    this.onerror?.(new Event('error'))
  }
}

class FakeCloseEvent extends Event {
  constructor(type, { code = 0, reason = '', wasClean = false } = {}) {
    super(type)
    Object.assign(this, { code, reason, wasClean })
  }
}

/**
 * A window as far as events are concerned: at the target, capturing listeners come first, then the
 * others.
 */
class FakePage {
  listeners = []

  addEventListener = (type, act, { capture = false, once, signal } = {}) => {
    const listener = { type, act, capture, once }
    if (signal?.aborted) return
    this.listeners.push(listener)
    signal?.addEventListener('abort', () => this.#remove(listener))
  }

  dispatch(event) {
    for (const phase of [true, false])
      for (const listener of this.listeners.filter(({ type, capture }) => type === event.type && capture === phase)) {
        if (!this.listeners.includes(listener)) continue
        if (listener.once) this.#remove(listener)
        listener.act(event)
      }
  }

  #remove(listener) {
    this.listeners = this.listeners.filter((other) => other !== listener)
  }
}

/** Like navigator.locks of one browser; several tabs may share one. */
export class FakeLocks {
  held = new Map()
  waiting = []

  query = async () => ({ held: [...this.held.keys()].map((name) => ({ name })), pending: [] })

  request(name, options, callback) {
    if (!callback) [options, callback] = [{}, options]
    return new Promise((resolve, reject) => {
      const entry = { name, callback, resolve, reject }
      if (options.steal) {
        this.held.get(name)?.reject(new DOMException('stolen', 'AbortError'))
        this.#grant(entry)
      } else if (!this.held.has(name)) this.#grant(entry)
      else if (options.ifAvailable) Promise.resolve(callback(null)).then(resolve, reject)
      else this.waiting.push(entry)
    })
  }

  #grant(entry) {
    this.held.set(entry.name, entry)
    const release = (settle) => (value) => {
      settle(value)
      if (this.held.get(entry.name) !== entry) return
      this.held.delete(entry.name)
      const next = this.waiting.findIndex(({ name }) => name === entry.name)
      if (next >= 0) this.#grant(this.waiting.splice(next, 1)[0])
    }
    Promise.resolve()
      .then(() => entry.callback({ name: entry.name }))
      .then(release(entry.resolve), release(entry.reject))
  }
}

/** Resolves, to false, after so many turns of other promises. */
const turns = async (count) => {
  for (let n = 0; n < count; n++) await null
  return false
}

/** A request of the fake `fetch` through the older interface, as far as streams use it. */
class FakeXMLHttpRequest {
  status = 0
  responseText = ''
  #headers = {}
  #controller = new AbortController()
  #done = false

  open(method, url) {
    Object.assign(this, { method, url })
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value
  }

  async send() {
    const { method, url, withCredentials } = this
    const signal = this.#controller.signal
    try {
      const response = await fetch(url, { method, body: '', headers: this.#headers, credentials: withCredentials ? 'include' : 'same-origin', signal })
      this.status = response.status
      const reader = response.body.getReader()
      const decoder = new TextDecoder()
      for (let chunk = await reader.read(); !chunk.done; ) {
        this.responseText += decoder.decode(chunk.value, { stream: true })
        const next = reader.read()
        // A part that arrives with the end is reported when the request is done, in Chromium.
        this.#done = await Promise.race([next.then(({ done }) => done, () => false), turns(5)])
        this.onprogress()
        await turns(5)
        if (this.#done && signal.aborted) return
        chunk = await next
      }
    } catch {
      this.status = 0
    }
    this.onloadend()
  }

  /** Nothing is reported if it is done, https://xhr.spec.whatwg.org/#the-abort()-method. */
  abort() {
    this.#controller.abort()
  }
}

let copies = 0

/** What the oldest browsers in the documents lack: Chrome 92, Firefox 90, Safari 15.4. */
const NEWER = [
  [AbortSignal, 'timeout'],
  [AbortSignal, 'any'],
  [globalThis, 'structuredClone'],
  [globalThis, 'TextDecoderStream'],
  [Array, 'fromAsync'],
  [Object, 'groupBy'],
  [Promise, 'withResolvers'],
  [Promise, 'try'],
  [URL, 'canParse']
]

/** Installs the fakes as globals, imports a fresh copy of the script and returns its exports. */
export async function standIn({ locks, protocols = {}, WebSocket = FakeWebSocket, storage = {}, meta, cableMetas = [], search = '', now = 1_700_000_000_000 } = {}) {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now })
  const page = new FakePage()
  FakeWebSocket.all = []
  FakeEventSource.all = []
  const requests = []
  const beacons = []
  const documentEvents = new EventTarget()
  const querySelector = (selector) => (selector === 'meta[name=cablestream]' && meta !== undefined ? { content: meta } : null)
  const document = Object.assign(documentEvents, { hidden: false, querySelector, querySelectorAll: () => cableMetas })
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  define('addEventListener', page.addEventListener)
  define('dispatchEvent', (event) => page.dispatch(event))
  define('WebSocket', WebSocket)
  define('EventSource', FakeEventSource)
  define('XMLHttpRequest', FakeXMLHttpRequest)
  define('CloseEvent', FakeCloseEvent)
  define('localStorage', storage)
  define('document', document)
  define('location', new URL(`https://app.example/page${search}`))
  define('navigator', { locks, sendBeacon: (url) => beacons.push(new URL(url)) })
  define('performance', {
    now: () => Date.now(),
    getEntries: () => Object.entries(protocols).map(([name, nextHopProtocol]) => ({ name, nextHopProtocol }))
  })
  define('fetch', (url, options) => {
    const entry = { url: new URL(url), query: new URL(url).searchParams, ...options }
    const promise = new Promise((resolve, reject) => {
      entry.answer = (status, value, type = 'application/json') =>
        resolve(new Response(status === 204 ? null : typeof value === 'string' ? value : JSON.stringify(value), { status, headers: { 'Content-Type': type } }))
      entry.stream = () => {
        let out
        const body = new ReadableStream({ start: (controller) => (out = controller) })
        options.signal?.addEventListener('abort', () => {
          try {
            out.error(new DOMException('aborted', 'AbortError'))
          } catch {}
        })
        resolve(new Response(body, { status: 200, headers: { 'Content-Type': 'text/event-stream' } }))
        return {
          says: (text) => out.enqueue(typeof text === 'string' ? new TextEncoder().encode(text) : text),
          ends: () => out.close(),
          breaks: () => out.error(new TypeError('network'))
        }
      }
      entry.fails = () => reject(new TypeError('Failed to fetch'))
      if (options.signal?.aborted) reject(options.signal.reason)
      options.signal?.addEventListener('abort', () => reject(options.signal.reason))
    })
    requests.push(entry)
    return promise
  })
  for (const [owner, name] of NEWER) delete owner[name]
  const script = await import(`../../../../webapp/-/cablestream.js?${++copies}`)
  const browser = {
    ...script,
    sockets: FakeWebSocket.all,
    streams: FakeEventSource.all,
    requests,
    beacons,
    storage,
    document,
    get polls() {
      return requests.filter(({ method, query }) => method !== 'POST' && query.has('last-event-id'))
    },
    /** The plain HTTP requests that check whether the server is reachable. */
    get probes() {
      return requests.filter(({ credentials }) => credentials === 'omit')
    },
    get posts() {
      return requests.filter(({ method, body }) => method === 'POST' && body)
    },
    get farewells() {
      return requests.filter(({ method, body, headers }) => method === 'POST' && !body && !headers)
    },
    get fetches() {
      return requests.filter(({ headers }) => headers?.Accept === 'text/event-stream')
    },
    page: (type, members) => page.dispatch(Object.assign(new Event(type), members)),
    documentEvent: (type) => documentEvents.dispatchEvent(new Event(type)),
    /** Runs everything that is ready to run. */
    async settle() {
      for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve))
    },
    async pass(time) {
      await browser.settle()
      for (let left = time; left > 0; left -= 50) {
        mock.timers.tick(Math.min(50, left))
        await browser.settle()
      }
    }
  }
  return browser
}

/** A socket's events in order. */
export function record(socket) {
  const events = []
  for (const type of ['open', 'message', 'error', 'close'])
    socket.addEventListener(type, (event) =>
      events.push(type === 'message' ? event.data : type === 'close' ? `close ${event.code}${event.reason && ` ${event.reason}`}` : type)
    )
  return events
}

export const WELCOME = '{"type":"welcome"}'
