import { readFile } from 'node:fs/promises'
import { createServer, request as ask } from 'node:http'
import { connect, createServer as createWire } from 'node:net'

const PAGES = new URL('../pages/', import.meta.url)
const VENDOR = new URL('../node_modules/', import.meta.url)
const PREVIOUS = new URL('../previous/', import.meta.url)
const TYPES = { html: 'text/html', js: 'text/javascript', mjs: 'text/javascript', css: 'text/css' }

/**
 * What stands between browser and servers: pages, Action Cable and bridge under one origin, and the
 * hostile networks. `bridge` and `rails` tell where they are, the former for each events-id. `files` are served beside the test pages. `faults` may be changed at any time and holds for new requests:
 *
 * - upgrade: 'refuse' (403), 'hang' (no answer), 'kill' (101, then the end), 'mute' (101, then silence)
 * - socketLife: milliseconds after which an open WebSocket is cut; socketSilence: after which it passes nothing more
 * - streams: 'buffer-gets' or 'buffer-all' (nothing before the end of the answer), 'hold' (the first
 *   chunk waits for the second)
 * - cut: milliseconds after which a stream is cut; idle: milliseconds of silence after which it is
 * - noWebSockets: the bridge's container has none
 * - crowded: 'socket' or 'all': the bridge has too many trials from this network, by WebSocket or by any transport
 * - loseAnswers: how many POSTs of commands are carried out, and their connection closed instead of an
 *   answer; holdAnswers: how many stay without answer, and their connection open
 * - status: the answer to everything of the bridge; commands: to POSTs of commands; http10: HTTP/1.0 without keep-alive
 */
export async function startFront({ bridge, rails, base = '/bridge', port = 0, files = {} }) {
  const faults = {}
  const requests = []
  const sockets = new Set()
  const wires = new Set()

  const serveFile = async (folder, path, response) => {
    for (const name of [path, `${path}.js`, `${path}/index.js`])
      try {
        const text = await readFile(new URL(`./${name}`, folder))
        response.writeHead(200, { 'Content-Type': `${TYPES[name.split('.').pop()] ?? 'text/plain'}; charset=utf-8` })
        return response.end(text)
      } catch {}
    response.writeHead(404).end()
  }

  const forward = (target, request, response, body) => {
    const path = request.url.replace(base, new URL(target).pathname.replace(/\/$/, ''))
    const { hostname, port } = new URL(target)
    const fault = { ...faults }
    const streaming = (request.headers.accept ?? '').includes('text/event-stream')
    const command = request.method === 'POST' && !streaming && body.length > 0
    const lose = command && fault.loseAnswers > 0
    const hold = command && !lose && fault.holdAnswers > 0
    if (lose) faults.loseAnswers--
    if (hold) faults.holdAnswers--
    const upstream = ask({ hostname, port, path, method: request.method, headers: request.headers, agent: false }, (answer) => {
      if (lose) {
        answer.resume()
        return answer.on('end', () => response.socket.destroy())
      }
      if (hold) return answer.resume()
      const buffered = fault.streams === 'buffer-all' || (fault.streams === 'buffer-gets' && request.method === 'GET')
      const chunks = []
      let held = fault.streams === 'hold'
      let idle
      const stir = () => {
        if (!fault.idle) return
        clearTimeout(idle)
        idle = setTimeout(() => response.socket?.destroy(), fault.idle)
      }
      const headers = { ...answer.headers }
      if (fault.http10) {
        delete headers['transfer-encoding']
        headers.connection = 'close'
        response.shouldKeepAlive = false
        response.useChunkedEncodingByDefault = false
      }
      if (!buffered) response.writeHead(answer.statusCode, headers)
      if (!buffered && !held) response.flushHeaders()
      stir()
      answer.on('data', (chunk) => {
        stir()
        if (buffered) return chunks.push(chunk)
        if (held && streaming) {
          chunks.push(chunk)
          if (chunks.length < 2) return
          held = false
          return response.write(Buffer.concat(chunks))
        }
        response.write(chunk)
      })
      answer.on('end', () => {
        clearTimeout(idle)
        if (buffered) response.writeHead(answer.statusCode, headers)
        response.end(buffered || held ? Buffer.concat(chunks) : undefined)
      })
      answer.on('error', () => response.destroy())
      if (fault.cut && streaming) setTimeout(() => response.socket?.destroy(), fault.cut)
    })
    upstream.on('error', () => {
      if (!response.headersSent) response.writeHead(502)
      response.end()
    })
    response.on('close', () => upstream.destroy())
    upstream.end(body)
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://x')
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    if (pathname.startsWith(`${base}/`)) {
      if (!pathname.startsWith(`${base}/-/`))
        requests.push({
          method: request.method,
          id: pathname.slice(base.length + 1),
          query: searchParams,
          text: body.toString(),
          headers: request.headers,
          stream: (request.headers.accept ?? '').includes('text/event-stream'),
          at: Date.now()
        })
      if (faults.noWebSockets && pathname === `${base}/-/echo/cable`) return response.writeHead(501, { 'Content-Type': 'application/json' }).end('{"error":"none"}')
      const refuse = (status) => response.writeHead(status, { 'Content-Type': 'application/json', 'Retry-After': '5' }).end('{"error":"too many"}')
      if (faults.crowded && pathname === `${base}/-/echo/cable`) return refuse(429)
      if (faults.crowded === 'all' && pathname.startsWith(`${base}/-/echo/`)) return refuse(503)
      const session = !pathname.startsWith(`${base}/-/`) || pathname.startsWith(`${base}/-/echo/`)
      const streaming = (request.headers.accept ?? '').includes('text/event-stream')
      const status = faults.status ?? (request.method === 'POST' && !streaming && faults.commands)
      if (status && session) return response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>no</h1>')
      return forward(bridge(pathname.slice(base.length + 1)), request, response, body)
    }
    if (pathname in files) {
      response.writeHead(200, { 'Content-Type': `${TYPES[pathname.split('.').pop()]}; charset=utf-8` })
      return response.end(files[pathname])
    }
    if (pathname.startsWith('/control/') || pathname === '/cable') return forward(rails(), request, response, body)
    if (pathname.startsWith('/vendor/')) return serveFile(VENDOR, pathname.slice(8), response)
    if (pathname.startsWith('/previous/')) return serveFile(PREVIOUS, pathname.slice(10), response)
    serveFile(PAGES, pathname.slice(1) || 'blank.html', response)
  })

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  server.on('upgrade', (request, socket, head) => {
    const { upgrade: fault, socketLife, socketSilence } = faults
    socket.on('error', () => {})
    if (fault === 'refuse') return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    if (fault === 'hang') return
    if (faults.noWebSockets && request.url.startsWith(`${base}/`)) return socket.end('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    if (faults.crowded && request.url.startsWith(`${base}/`)) return socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    const toBridge = request.url.startsWith(`${base}/`)
    const target = new URL(toBridge ? bridge() : rails())
    const path = toBridge ? request.url.replace(base, target.pathname.replace(/\/$/, '')) : request.url
    const wire = connect(target.port, target.hostname, () => {
      const lines = [`${request.method} ${path} HTTP/1.1`]
      for (let n = 0; n < request.rawHeaders.length; n += 2) lines.push(`${request.rawHeaders[n]}: ${request.rawHeaders[n + 1]}`)
      wire.write(`${lines.join('\r\n')}\r\n\r\n`)
      wire.write(head)
      if (!fault) socket.pipe(wire)
    })
    wires.add(wire)
    wire.on('error', () => socket.destroy())
    wire.on('close', () => {
      wires.delete(wire)
      if (fault !== 'mute') socket.destroy()
    })
    socket.on('close', () => wire.destroy())
    if (!fault) {
      wire.pipe(socket)
      if (socketLife) setTimeout(() => socket.destroy(), socketLife)
      if (socketSilence)
        setTimeout(() => {
          wire.unpipe(socket)
          socket.unpipe(wire)
          for (const end of [wire, socket]) end.resume()
        }, socketSilence)
      return
    }
    wire.once('data', (chunk) => {
      socket.write(chunk.subarray(0, chunk.indexOf('\r\n\r\n') + 4))
      if (fault === 'kill') setTimeout(() => socket.destroy(), 50)
    })
  })

  // Apache answers 502 if a connection ends just as it is used again.
  server.keepAliveTimeout = 0
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    faults,
    requests,
    set(changes = {}) {
      for (const name of Object.keys(faults)) delete faults[name]
      Object.assign(faults, changes)
      requests.length = 0
    },
    /** Ends every connection, as a proxy that restarts. */
    drop: () => sockets.forEach((socket) => socket.destroy()),
    stop: () => {
      sockets.forEach((socket) => socket.destroy())
      return new Promise((resolve) => server.close(resolve))
    }
  }
}

/** A network connection that can be cut: nothing gets through, and neither end is notified. */
export async function startGate(targetPort) {
  /**
   * The browser's connections, each with its other half and whether it is connected to the server.
   */
  const wires = new Set()
  let open = true
  let hung = false
  const server = createWire({ pauseOnConnect: true }, (near) => {
    const far = connect(targetPort, '127.0.0.1')
    const wire = { near, far, dead: false }
    wires.add(wire)
    near.on('close', () => wires.delete(wire))
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on('error', () => {})
      from.on('data', (chunk) => open && !wire.dead && to.write(chunk))
      from.on('close', () => open && !wire.dead && to.destroy())
    }
    if (hung) far.pause()
    else if (open) near.resume()
  })
  const destroy = () => {
    for (const { near, far } of wires) {
      near.destroy()
      far.destroy()
    }
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** What is sent from now on is lost; new connections hang. */
    cut() {
      open = false
    },
    /** A process in between stands still: nothing is lost, and nothing moves. */
    hang() {
      hung = true
      for (const { near, far } of wires) {
        near.pause()
        far.pause()
      }
    },
    go() {
      hung = false
      for (const { near, far } of wires) {
        near.resume()
        far.resume()
      }
    },
    /** The network is back: connections from before have lost bytes and are dead. */
    mend() {
      open = true
      destroy()
    },
    /** Like mend, but the dead connections stay, as after a change of network. */
    mendSilently() {
      for (const wire of wires) {
        wire.dead = true
        wire.far.destroy()
        wire.near.resume()
      }
      open = true
    },
    stop: () => {
      destroy()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}
