/*
 * Starts Rails and the bridge once, for all the test files that a command runs: RAILS_URL and BRIDGE_URL
 * tell it where they are. Files that restart a server start their own nevertheless.
 *
 *     node support/with-servers.mjs node --test browser/*.test.mjs
 */
import { spawn } from 'node:child_process'
import { startServers } from './servers.mjs'

let child
// Before the command has started, a signal ends what has been started so far.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (child ? child.kill(signal) : process.exit(1)))

const { rails, bridge } = await startServers()
const [command, ...parameters] = process.argv.slice(2)
child = spawn(command, parameters, { stdio: 'inherit', env: { ...process.env, RAILS_URL: rails.url, BRIDGE_URL: bridge.url } })
process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
await bridge.stop()
await rails.stop()
