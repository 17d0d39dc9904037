import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { application, applyByCommand, locationAt, serve, skip, write } from '../support/rails-application.mjs'
import { freePort } from '../support/servers.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * An application with the template, served by Rails itself: in development and in tests, without a
 * bridge; and with all of Rails' features for scripts: a Content-Security-Policy with nonces, an
 * asset_host, and the import map's integrity.
 *
 * Rails is the real one. The test writes its import map as importmap-rails does, which Debian
 * doesn't package.
 */
const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url))
const VENDOR = {
  '@rails/actioncable': '@rails/actioncable/app/assets/javascripts/actioncable.esm.js',
  '@hotwired/turbo-rails': '@hotwired/turbo-rails/app/assets/javascripts/turbo.js'
}
const CONSUMER = 'app/javascript/channels/consumer.js'
const SETUP = 'app/javascript/cablestream/setup.js'
/**
 * As `bin/rails generate channel` creates it, with a channel that needs neither a database nor a
 * broadcast.
 */
const CONTENTS = {
  'config/importmap.rb':
    'pin "application"\npin "@hotwired/turbo-rails", to: "turbo.min.js"\npin "@rails/actioncable", to: "actioncable.esm.js"\npin_all_from "app/javascript/channels", under: "channels"\n',
  'app/javascript/application.js': 'import "@hotwired/turbo-rails"\nimport "channels/echo_channel"\n',
  [CONSUMER]: 'import { createConsumer } from "@rails/actioncable"\n\nexport default createConsumer()\n',
  'app/javascript/channels/echo_channel.js': `import consumer from "channels/consumer"
window.seen = []
window.consumer = consumer
consumer.subscriptions.create("EchoChannel", {
  connected() { this.perform("echo", { text: "there and back" }) },
  received: ({ text }) => window.seen.push(text)
})
`,
  'vendor/javascript/.keep': '',
  'app/channels/echo_channel.rb': 'class EchoChannel < ActionCable::Channel::Base\n  def echo(data) = transmit(data)\nend\n',
  'app/channels/turbo/streams_channel.rb': 'class Turbo::StreamsChannel < ActionCable::Channel::Base\nend\n',
  'app/channels/application_cable/connection.rb': 'module ApplicationCable\n  class Connection < ActionCable::Connection::Base\n  end\nend\n',
  'app/controllers/pages_controller.rb': 'class PagesController < ActionController::Base\n  def show = render(layout: false)\nend\n',
  'config/routes.rb': 'Rails.application.routes.draw do\n  get "up" => "rails/health#show"\n  get "page" => "pages#show"\nend\n'
}

const apply = async (folder, environment) => {
  const { status, output } = await applyByCommand(folder, { LOCATION: locationAt((await world.network()).url), ...environment })
  assert.equal(status, 0, output)
}

let world
before(async () => (world = skip ? undefined : await startWorld({ base: '/cable-events' })))
after(() => world?.stop())

/** Puts the import map's files where Rails serves them, with digests, and the map into the page. */
const draw = (folder) => {
  const imports = {}
  const integrity = {}
  const assets = {}
  const add = (name, file) => {
    const text = readFileSync(file, 'utf8')
    const digest = createHash('sha384').update(text).digest()
    const path = `/assets/${name.replaceAll(/\W+/g, '-')}-${digest.toString('hex').slice(0, 8)}.js`
    imports[name] = `<%= asset_path('${path}') %>`
    integrity[imports[name]] = `sha384-${digest.toString('base64')}`
    assets[`public${path}`] = text
  }
  const map = readFileSync(join(folder, 'config/importmap.rb'), 'utf8')
  for (const [, name] of map.matchAll(/^pin "([^"]+)"/gm)) {
    const own = ['app/javascript', 'vendor/javascript'].map((root) => join(folder, root, `${name}.js`)).find(existsSync)
    add(name, own ?? join(MODULES, VENDOR[name]))
  }
  for (const name of ['channels/consumer', 'channels/echo_channel']) add(name, join(folder, `app/javascript/${name}.js`))
  rmSync(join(folder, 'public/assets'), { recursive: true, force: true })
  write(folder, {
    ...assets,
    'app/views/pages/show.html.erb': `<!doctype html>
<html><head><meta charset="utf-8"><title>rails</title><link rel="icon" href="data:,">
<%= csp_meta_tag %><%= action_cable_meta_tag %>
<script type="importmap" nonce="<%= request.content_security_policy_nonce %>">${JSON.stringify({ imports, integrity })}</script>
<script type="module" nonce="<%= request.content_security_policy_nonce %>">import "application"</script>
</head><body><turbo-cable-stream-source channel="Turbo::StreamsChannel" signed-stream-name="rails"></turbo-cable-stream-source></body></html>
`
  })
  return { assets }
}

/** The server's page, and the requests that it made. */
const open = async (t, server) => {
  const context = await world.browser.newContext()
  const asked = []
  context.on('request', (request) => asked.push(new URL(request.url())))
  const page = await world.page({ context, url: server.url, path: '/page' })
  t.after(() => page.close())
  return { page, asked }
}
/** The page's own subscription and Turbo's work. */
const works = async (page) => {
  await eventually('the echo', () => page.evaluate(() => window.seen?.includes('there and back'))).catch((error) => assert.fail(`${error.message}: ${page.log}`))
  await eventually("Turbo's element", () => page.evaluate(() => document.querySelector('turbo-cable-stream-source').hasAttribute('connected')))
}

describe('an application of Rails', { skip }, () => {
  test('in development and in test, without a bridge: works as without the template, and asks for no bridge', async (t) => {
    const folder = await application(t, CONTENTS)
    const trial = async () => {
      draw(folder)
      const found = []
      for (const mode of ['development', 'test']) {
        const server = await serve(t, folder, mode)
        const { page, asked } = await open(t, server)
        await works(page)
        const elsewhere = asked.filter(({ origin, pathname }) => origin !== server.url || pathname.startsWith('/cable-events'))
        found.push([mode, await page.evaluate(() => window.seen), [...page.log], elsewhere.map(String)])
        await server.stop()
      }
      return found
    }
    const without = await trial()
    assert.deepEqual(without, [['development', ['there and back'], [], []], ['test', ['there and back'], [], []]])
    await apply(folder)
    assert.match(readFileSync(join(folder, SETUP), 'utf8'), /CableSocket/)
    assert.deepEqual(await trial(), without)
  })

  const GUARDED = `Rails.application.configure do
  config.asset_host = ENV.fetch("ASSETS")
  config.public_file_server.headers = {"access-control-allow-origin" => "*"}
  config.content_security_policy do |policy|
    policy.default_src :none
    # Nothing but the nonce.
    policy.script_src "'report-sample'"
    policy.style_src "'report-sample'"
    policy.img_src :data
    policy.connect_src :self, ENV.fetch("BRIDGE")[%r{\\Ahttps?://[^/]+}]
  end
  config.content_security_policy_nonce_generator = ->(request) { SecureRandom.base64(16) }
end
`
  const guarded = async (t) => {
    const folder = await application(t, CONTENTS)
    appendFileSync(join(folder, 'config/environments/development.rb'), GUARDED)
    const port = await freePort()
    const bridge = await world.another(`ws://127.0.0.1:${port}/cable`)
    const BRIDGE = bridge.url.replace('127.0.0.1', 'localhost')
    const ASSETS = `http://127.0.0.1:${port}`
    await apply(folder, { BRIDGE, ASSETS })
    const server = await serve(t, folder, 'development', { BRIDGE, ASSETS }, port)
    return { folder, server, BRIDGE, ASSETS }
  }

  test('with nonces, an asset_host and integrity, in development before a bridge on another port', async (t) => {
    const { folder, server, BRIDGE, ASSETS } = await guarded(t)
    for (const [transports, transport] of [['', 'websocket'], [', { transports: ["eventsource"] }', 'eventsource']]) {
      const setup = readFileSync(join(folder, SETUP), 'utf8')
      write(folder, { [SETUP]: setup.replace(`install("${BRIDGE}"`, `install("${BRIDGE}"${transports}`) })
      draw(folder)
      const { page, asked } = await open(t, server)
      await works(page)
      assert.equal(await page.evaluate(() => window.consumer.connection.webSocket.transport), transport)
      assert.deepEqual(page.log, [])
      const scripts = asked.filter(({ pathname }) => pathname.endsWith('.js'))
      assert.deepEqual(new Set(scripts.map(({ origin }) => origin)), new Set([ASSETS]))
      assert.ok(scripts.some(({ pathname }) => pathname.startsWith('/assets/cablestream-')), scripts.join())
    }
  })

  test('with integrity: a script other than the one in the map does not run', async (t) => {
    const { folder, server } = await guarded(t)
    const { assets } = draw(folder)
    const [file, text] = Object.entries(assets).find(([file]) => file.includes('/cablestream-'))
    write(folder, { [file]: `${text}// Changed on the way.\n` })
    const { page } = await open(t, server)
    await eventually('a word about it', () => page.log.some((line) => line.includes('integrity')))
    assert.equal(await page.evaluate(() => window.seen), undefined)
  })

  test("the documents' report of the transport gets past Rails' check of its token", async (t) => {
    const text = readFileSync(new URL('../../../../docs/rails.md', import.meta.url), 'utf8')
    const snippet = (name) => new RegExp(`^\`\`\`\\w+\\n(?://|#) ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(text)[1]
    const controller = 'app/controllers/cable_reports_controller.rb'
    const [, route] = /`(post "cable_reports" .*?)`/.exec(text)
    const folder = await application(t, {
      ...CONTENTS,
      [controller]: snippet(controller),
      'app/controllers/application_controller.rb': 'class ApplicationController < ActionController::Base\nend\n',
      'config/routes.rb': CONTENTS['config/routes.rb'].replace('get "page"', `${route}\n  get "page"`)
    })
    await apply(folder)
    write(folder, { [SETUP]: snippet(`${SETUP}, with a report`) })
    draw(folder)
    const view = join(folder, 'app/views/pages/show.html.erb')
    write(folder, { 'app/views/pages/show.html.erb': readFileSync(view, 'utf8').replace('<%= csp_meta_tag %>', '<%= csp_meta_tag %><%= csrf_meta_tags %>') })
    const server = await serve(t, folder, 'development')
    const context = await world.browser.newContext()
    const answers = []
    context.on('response', (response) => new URL(response.url()).pathname === '/cable_reports' && answers.push(response.status()))
    const page = await world.page({ context, url: server.url, path: '/page' })
    t.after(() => page.close())
    await works(page)
    await eventually('an answer to each report', () => answers.length >= 2)
    assert.deepEqual([...new Set(answers)], [204])
    assert.match(readFileSync(join(folder, 'log/development.log'), 'utf8'), /cable transport=websocket reasons=$/m)
    // Without the token it works as documented before.
    const refused = await page.evaluate(() => fetch('/cable_reports', { method: 'POST' }).then(({ status }) => status))
    assert.equal(refused, 422)
  })
})
