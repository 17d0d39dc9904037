import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

/**
 * An Action Cable server with the channels and the controls of src/e2e/rails, for tests that don't
 * need Rails itself. Its frames are as observed with Rails 7.2.
 */
export async function startFakeRails({ port = 0, pingInterval = 3000 } = {}) {
  const connections = new Set()
  const dials = {}
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => ['actioncable-v1-json', 'actioncable-unsupported'].find((name) => offered.has(name)) ?? false
  })

  const broadcast = (stream, message) => {
    for (const connection of connections)
      for (const [identifier, { streams }] of connection.subscriptions)
        if (streams?.includes(stream)) connection.transmit({ identifier, message })
  }

  const channels = {
    EchoChannel: {
      subscribed: ({ greeting }, transmit) => greeting && transmit(greeting),
      echo: (data, { transmit }) => transmit(data)
    },
    BurstChannel: {
      burst: ({ count, size = 0 }, { transmit }) => {
        const padding = 'x'.repeat(size)
        for (let n = 1; n <= count; n++) transmit({ n, padding })
      }
    },
    RejectChannel: { reject: true },
    SlowChannel: { delay: ({ seconds }) => seconds * 1000, echo: (data, { transmit }) => transmit(data) },
    ChatChannel: {
      streams: ({ room }) => [`chat_${room}`],
      speak: ({ text }, { connection, params }) => broadcast(`chat_${params.room}`, { user: connection.user, text })
    },
    RawChannel: { value: ({ value }, { transmit }) => transmit(value) },
    'Turbo::StreamsChannel': { streams: ({ signed_stream_name }) => [signed_stream_name] }
  }

  const subscribe = async (connection, identifier) => {
    if (connection.subscriptions.has(identifier)) return
    const params = JSON.parse(identifier)
    const channel = channels[params.channel]
    if (!channel) return
    const subscription = { streams: channel.streams?.(params) }
    connection.subscriptions.set(identifier, subscription)
    if (channel.delay) await new Promise((resolve) => setTimeout(resolve, channel.delay(params)))
    const transmit = (message) => connection.transmit({ identifier, message })
    Object.assign(subscription, { channel, params, connection, transmit })
    if (channel.reject) {
      connection.subscriptions.delete(identifier)
      return connection.transmit({ identifier, type: 'reject_subscription' })
    }
    channel.subscribed?.(params, transmit)
    connection.transmit({ identifier, type: 'confirm_subscription' })
  }

  const connect = async (socket, request) => {
    const query = new URL(request.url, 'http://x').searchParams
    const cookies = new Map((request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=')))
    const told = (name) => query.get(name) ?? cookies.get(name)
    const connection = {
      user: told('user') ?? told('token') ?? 'anonymous',
      subscriptions: new Map(),
      transmit: (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame)),
      close: (reason, reconnect) => {
        connection.transmit({ type: 'disconnect', reason, reconnect })
        socket.close(1000)
      },
      socket
    }
    connections.add(connection)
    const token = query.get('token')
    dials[token] = (dials[token] ?? 0) + 1
    let pings
    socket.on('close', () => {
      connections.delete(connection)
      clearInterval(pings)
    })
    if (told('slow-connect')) await new Promise((resolve) => setTimeout(resolve, 1000 * told('slow-connect')))
    if (told('raise')) return
    if (told('unauthorized')) return connection.close('unauthorized', false)
    connection.transmit({ type: 'welcome' })
    pings = setInterval(() => connection.transmit({ type: 'ping', message: Math.floor(Date.now() / 1000) }), pingInterval)
    socket.on('message', (text) => {
      const { command, identifier, data } = JSON.parse(text)
      if (command === 'subscribe') subscribe(connection, identifier)
      if (command === 'unsubscribe') connection.subscriptions.delete(identifier)
      if (command !== 'message') return
      const subscription = connection.subscriptions.get(identifier)
      const { action, ...rest } = JSON.parse(data)
      subscription?.channel?.[action]?.({ action, ...rest }, subscription)
    })
  }

  const control = {
    broadcast: (params) => broadcast(params.get('stream'), JSON.parse(params.get('json'))),
    disconnect: (params) => {
      for (const connection of connections)
        if (connection.user === params.get('user')) connection.close('remote', params.get('reconnect') === 'true')
    },
    dials: (params) => ({ dials: dials[params.get('token')] ?? 0 }),
    restart: () => connections.forEach((connection) => connection.close('server_restart', true)),
    connections: () =>
      [...connections].map(({ user, subscriptions }) => ({ user, subscriptions: [...subscriptions.keys()] }))
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x')
    const act = control[/^\/control\/(\w+)$/.exec(url.pathname)?.[1]]
    response.writeHead(act ? 200 : 404, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(act?.(url.searchParams) ?? {}))
  })
  server.on('upgrade', (request, socket, head) => {
    if (!request.url.startsWith('/cable')) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (webSocket) => connect(webSocket, request))
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    connections,
    stop: () => {
      // As Puma on SIGTERM: connections end without a frame.
      connections.forEach(({ socket }) => socket.terminate())
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}
