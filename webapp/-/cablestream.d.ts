/**
 * Cablestream in the browser: Action Cable on networks that block WebSockets. For Chrome and Edge from 92, Firefox
 * from 90, Safari from 15.4.
 */

/** How frames travel: by a WebSocket of the page's own, or in one of three forms through the bridge. */
export type Transport = 'websocket' | 'eventsource' | 'fetch' | 'poll'

/** Why a transport isn't used, or why its connection ended. */
export interface TransportFailure {
  transport: Transport
  /**
   * `silent`, `refused`, `closed with 1006`, `died after 15 s`, `unsupported: …`, `a frame is too large: …`, `HTTP 403`,
   * or the message of the browser or the bridge.
   */
  reason: string
}

/**
 * Dispatched as `transport` when a transport has failed, when one has been chosen, when a WebSocket has failed soon
 * after it opened, when a frame was too large, and, once in a page, when commands reach another node than the
 * session's.
 */
export type TransportEvent = CustomEvent<{
  /** The present transport; undefined while connecting. */
  transport: Transport | undefined
  /** The other transports, in the order in which they failed; a remembered failure of the WebSocket comes first. */
  failures: TransportFailure[]
}>

export interface CableSocketOptions {
  /**
   * The transports to try, in this order. Default: all, `['websocket', 'eventsource', 'fetch', 'poll']`. The
   * transport that worked is tried first for ten minutes, or until the browser comes online; for one minute if those
   * above may have failed for another reason. If two WebSockets in a row failed within a minute, the next transport
   * is tried first until a WebSocket, tried in the background, has lived for a minute, for a week at most.
   */
  transports?: readonly Transport[]
  /**
   * Whether the bridge is used at all: `off`, plain WebSockets; `force`, never a WebSocket; `25%`, as usual in this
   * share of the browsers, always the same ones, and `off` in the others. `on`, the default: as usual.
   * `<meta name="cablestream" content="off">` in the page has precedence, and so has `?cablestream=force` in its
   * address before both. Read for each new connection.
   */
  mode?: 'on' | 'off' | 'force' | `${number}%`
  /**
   * For how many milliseconds a silence of the bridge is hidden from the client: it receives keepalive frames, and
   * its own frames wait, until the missed ones arrive or the socket closes. Default: 30,000, as long as the bridge
   * keeps a session (its setting `linger`). 0: the client sees the silence, and its own watchdog gives up.
   */
  patience?: number
  /** Receives the `transport` events of every socket, as clients don't expose their sockets. */
  onTransport?: (event: TransportEvent) => void
}

export interface CableSocketEventMap extends WebSocketEventMap {
  transport: TransportEvent
}

/**
 * A WebSocket that falls back to the bridge.
 *
 * It is CONNECTING until the first frame has arrived, over any transport; then `open` and that frame's `message` are
 * dispatched in one turn. A live socket never leaves its WebSocket, or the bridge. Through the bridge, a dropped
 * connection is resumed without the client noticing, for at most the time `patience`; if that fails, it closes. If
 * the server went away, the bridge drains or a second WebSocket has failed soon after it opened, the client is then
 * made to reconnect at once, by the window's events `resume` and `visibilitychange`.
 */
export class CableSocket extends EventTarget implements Pick<
  WebSocket,
  'url' | 'protocol' | 'extensions' | 'readyState' | 'bufferedAmount' | 'binaryType' | 'send' | 'close'
> {
  static readonly CONNECTING: 0
  static readonly OPEN: 1
  static readonly CLOSING: 2
  static readonly CLOSED: 3

  /**
   * The class for one client:
   *
   *     adapters.WebSocket = CableSocket.at('https://cable.example.org/bridge')   // @rails/actioncable
   *     createCable({ websocketImplementation: CableSocket.at('/bridge') })       // @anycable/web
   *
   * @param base where the bridge is, its context path included; relative to the page
   */
  static at(base: string | URL, options?: CableSocketOptions): CableSocketClass

  /**
   * Makes every client in the page a client of CableSocket.at(base, options): from now on, a WebSocket whose
   * subprotocols include one of Action Cable's is such a socket. All other WebSockets are the browser's own.
   *
   * Clients store the class that exists when their module is evaluated, so this must run earlier. A further call
   * replaces base and options for later connections.
   *
   * @param base where the bridge is, its context path included; relative to the page
   */
  static install(base: string | URL, options?: CableSocketOptions): void

  /** @param url of the Action Cable server; its query is also sent to the bridge */
  constructor(url: string | URL, protocols?: string | string[], options?: CableSocketOptions & { base: string | URL })

  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  readonly url: string
  readonly protocol: string
  readonly extensions: string
  readonly readyState: 0 | 1 | 2 | 3
  /** Bytes that wait to be sent, or for the bridge to confirm that they have been. */
  readonly bufferedAmount: number
  binaryType: BinaryType

  /** The present transport; undefined while connecting. */
  readonly transport: Transport | undefined
  /** Why the other transports aren't used. */
  readonly failures: readonly TransportFailure[]

  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: Event) => void) | null
  onclose: ((event: CloseEvent) => void) | null

  /**
   * Sends a frame. Frames sent within one tick form one request. The bridge transports only text.
   *
   * @throws DOMException InvalidStateError while connecting
   */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void

  /** Closes; earlier frames are still sent. `close` is dispatched in a later task. */
  close(code?: number, reason?: string): void

  addEventListener<K extends keyof CableSocketEventMap>(
    type: K,
    listener: (event: CableSocketEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions
  ): void
  removeEventListener<K extends keyof CableSocketEventMap>(
    type: K,
    listener: (event: CableSocketEventMap[K]) => void,
    options?: boolean | EventListenerOptions
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions
  ): void
}

/** The class that `CableSocket.at` makes, in place of WebSocket. */
export interface CableSocketClass {
  new (url: string | URL, protocols?: string | string[]): CableSocket
  readonly prototype: CableSocket
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
}

/**
 * Sets the consumer of @hotwired/turbo-rails, also for stream elements that are in the page already. If it is
 * imported before Turbo, this module delays the elements' definition, so that they don't dial first:
 *
 *     import { cableTurbo } from 'cablestream'
 *     import { cable } from '@hotwired/turbo-rails'
 *     await cableTurbo(cable, createConsumer())
 */
export function cableTurbo<Consumer extends object>(
  cable: { getConsumer(): PromiseLike<any>; setConsumer(consumer: Consumer): unknown },
  consumer: Consumer
): Promise<void>

/** A channel's name and parameters, as in Action Cable. */
export type Identifier = { channel: string } & Record<string, unknown>

export interface SubscriptionHandlers {
  /** A message of the channel: any JSON value. */
  received?(message: any): void
  /** The server confirmed the subscription; `reconnected` after a break. */
  connected?(event: { reconnected?: boolean }): void
  /** The server rejected it, or the bridge did (with an Error). */
  rejected?(reason: unknown): void
  /** It was lost. The bridge or the script subscribes again if `reconnect` is true. */
  disconnected?(reason: { reason?: string; reconnect?: boolean }): void
}

export interface Subscription {
  /** As CableEvents.send. */
  send(data: Record<string, unknown>): Promise<void>
  /** Resolves when the last of this identifier's subscriptions has been cancelled. */
  unsubscribe(): Promise<void>
}

export interface CableEventsOptions {
  /** Forwarded to the Action Cable server, for applications that authenticate by query: `token=…`. */
  query?: string
  /** Default: `['eventsource', 'fetch', 'poll']`. */
  transports?: readonly Exclude<Transport, 'websocket'>[]
}

export interface CableEventsEventMap {
  /** A stream or poll was attached. */
  joined: CustomEvent<{ session_id: string; resumed?: boolean }>
  /** Some events can't be replayed: how many; null if unknown. */
  gap: CustomEvent<{ dropped: number | null }>
  /** The session has ended. With `reconnect`, a new one follows automatically, with all subscriptions. */
  closed: CustomEvent<{ reason?: string; reconnect?: boolean }>
}

/** The bridge's own API: events of channels down, commands up, one session for all of them. */
export class CableEvents extends EventTarget {
  /** @param base where the bridge is, its context path included; relative to the page */
  constructor(base: string | URL, options?: CableEventsOptions)

  /** The present transport; undefined before the first event. */
  readonly transport: Exclude<Transport, 'websocket'> | undefined

  /** Two subscriptions with equivalent identifiers share one at the server. */
  subscribe(identifier: Identifier, handlers?: SubscriptionHandlers): Subscription

  /**
   * Performs an action: `{ action: 'speak', text: 'hi' }`. Waits for the subscription's confirmation.
   * Rejects with the error if the bridge couldn't deliver it.
   */
  send(identifier: Identifier, data: Record<string, unknown>): Promise<void>

  /** Ends the session. Earlier commands are still sent. */
  close(): Promise<void> | undefined

  addEventListener<K extends keyof CableEventsEventMap>(
    type: K,
    listener: (event: CableEventsEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions
  ): void
}
