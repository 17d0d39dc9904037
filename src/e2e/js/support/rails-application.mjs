import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { child, freePort } from './servers.mjs'

/*
 * Applications that `rails new` makes, and the application template in them, by the command that its first lines name.
 * Debian has Rails, but neither importmap-rails nor turbo-rails nor an asset pipeline: what those write and draw is laid
 * out by the tests.
 */
const run = promisify(execFile)
const WITHOUT =
  'bundle javascript asset-pipeline hotwire jbuilder dev-gems test system-test brakeman rubocop ci git docker kamal solid active-record active-storage action-mailbox action-mailer action-text bootsnap'

const installed = (() => {
  try {
    return execFileSync('rails', ['--version'], { encoding: 'utf8' })
  } catch {}
})()
/** Why tests of applications are skipped, if they are. */
export const skip = !installed && 'Debian calls the package rails'

const temporary = (t, name) => {
  const folder = mkdtempSync(join(tmpdir(), `cablestream-${name}-`))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

let made
/** As `rails new` has just made it; once for all tests of a file. */
const fresh = () =>
  (made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cablestream-rails-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    const known = execFileSync('rails', ['new', '--help'], { encoding: 'utf8' })
    const options = WITHOUT.split(' ').filter((name) => known.includes(`skip-${name}`)).map((name) => `--skip-${name}`)
    await run('rails', ['new', join(folder, 'app'), ...options])
    // Nothing of what a developer debugs with.
    const gemfile = join(folder, 'app/Gemfile')
    writeFileSync(gemfile, readFileSync(gemfile, 'utf8').replace(/^.*gem "debug".*$/gm, ''))
    return join(folder, 'app')
  })())

/** An application of its own, with these files. */
export async function application(t, contents) {
  const folder = temporary(t, 'app')
  cpSync(await fresh(), folder, { recursive: true })
  write(folder, contents)
  return folder
}

export function write(folder, contents) {
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

/** Applies the template, from a bridge's front; resolves to what it says. */
export async function apply(folder, front, environment = {}) {
  const { stdout } = await run('bin/rails', ['app:template', `LOCATION=${front.url}/cable-events/-/rails.rb`], {
    cwd: folder,
    env: { ...process.env, ...environment }
  })
  return stdout
}

/** Every file below, but for what running anything leaves behind. */
export const tree = (folder, path = '') =>
  readdirSync(join(folder, path))
    .map((name) => join(path, name))
    .filter((name) => !/^(log|tmp|node_modules|Gemfile.lock)/.test(name))
    .flatMap((name) => (statSync(join(folder, name)).isDirectory() ? tree(folder, name) : [`${name}: ${readFileSync(join(folder, name), 'base64')}`]))

/** Runs it, as `bin/rails server` would. */
export async function serve(t, folder, mode, variables = {}, port) {
  port ??= await freePort()
  const parameters = ['server', '-e', mode, '-b', '127.0.0.1', '-p', String(port), '-P', join(folder, `tmp/${mode}.pid`)]
  const server = await child(`http://localhost:${port}`, '/up', 'bin/rails', parameters, variables, folder)
  t.after(() => server.stop())
  return server
}
