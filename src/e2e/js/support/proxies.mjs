import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './servers.mjs'

const SAMPLES = new URL('../../../deploy/', import.meta.url)

/**
 * Debian's proxies with the samples of src/deploy, in which only ports, addresses and paths are
 * replaced.
 */
export const PROXIES = {
  nginx: {
    program: '/usr/sbin/nginx',
    sample: (read) => read('nginx/cablestream.conf') + read('nginx/app.example.conf').replace('include snippets/cablestream-locations.conf;', () => read('nginx/cablestream-locations.conf')),
    changes: (folder, port) => ({ 'listen 443 ssl': `listen 127.0.0.1:${port} ssl`, '/etc/ssl/certs/': folder, '/etc/ssl/private/': folder, '/var/log/nginx/': folder }),
    main: (folder) => `daemon off; user root; worker_processes 1; pid ${folder}pid; error_log stderr notice; events {}
      http { access_log off; client_body_temp_path ${folder}body; proxy_temp_path ${folder}proxy; fastcgi_temp_path ${folder}fastcgi;
        uwsgi_temp_path ${folder}uwsgi; scgi_temp_path ${folder}scgi; include ${folder}site; }`,
    parameters: (folder) => ['-p', folder, '-c', `${folder}main`, '-e', 'stderr']
  },
  haproxy: {
    program: '/usr/sbin/haproxy',
    sample: (read) => read('haproxy/cablestream.cfg'),
    changes: (folder, port) => ({
      'chroot /var/lib/haproxy': '', 'user haproxy': '', 'group haproxy': '', // root's only
      'maxconn 20000': 'maxconn 1000',
      'bind :443': `bind 127.0.0.1:${port}`,
      '/etc/haproxy/app.example.pem': `${folder}both.pem`
    }),
    parameters: (folder) => ['-f', `${folder}site`]
  },
  apache: {
    program: '/usr/sbin/apache2',
    sample: (read) => read('apache/cablestream.conf'),
    changes: (folder, port) => ({ '<VirtualHost *:443>': `<VirtualHost 127.0.0.1:${port}>`, '/etc/ssl/certs/': folder, '/etc/ssl/private/': folder, '/var/log/apache2/': folder }),
    // Debian's configuration, with the modules that the sample names.
    main: (folder, port) =>
      [
        ...['mpm_event', 'authz_core', 'ssl', 'socache_shmcb', 'http2', 'headers', 'alias', 'asis', 'proxy', 'proxy_http', 'deflate', 'filter', 'mime'].map(
          (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`
        ),
        'TypesConfig /etc/mime.types',
        'Include /etc/apache2/mods-available/deflate.conf',
        `PidFile ${folder}pid`,
        `DefaultRuntimeDir ${folder}`,
        'ServerName app.example',
        `ErrorLog ${folder}error`,
        `Listen 127.0.0.1:${port}`,
        `Include ${folder}site`
      ].join('\n'),
    parameters: (folder) => ['-D', 'FOREGROUND', '-f', `${folder}main`]
  }
}

export const isInstalled = (name) => existsSync(PROXIES[name].program)

/** Starts one in front of a front that acts as bridge and Rails; returns its URL. */
export async function startProxy(name, front) {
  const { program, sample, changes, main, parameters } = PROXIES[name]
  const folder = `${mkdtempSync(join(tmpdir(), `cablestream-${name}-`))}/`
  const port = await freePort()
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=app.example', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', `${folder}app.example.key`, '-out', `${folder}app.example.pem`], { stdio: 'ignore' })
  writeFileSync(`${folder}both.pem`, readFileSync(`${folder}app.example.pem`, 'utf8') + readFileSync(`${folder}app.example.key`, 'utf8'))
  let site = sample((file) => readFileSync(new URL(file, SAMPLES), 'utf8'))
  const { host } = new URL(front)
  for (const [from, to] of Object.entries({ '127.0.0.1:8080': host, '127.0.0.1:3000': host, ...changes(folder, port) })) {
    if (!site.includes(from)) throw new Error(`the sample of ${name} lacks ${from}`)
    site = site.replaceAll(from, to)
  }
  writeFileSync(`${folder}site`, site)
  if (main) writeFileSync(`${folder}main`, main(folder, port))
  let output = ''
  const child = spawn(program, parameters(folder), { env: { ...process.env, APACHE_RUN_DIR: folder } })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const stop = async () => {
    if (child.exitCode === null) {
      const gone = new Promise((resolve) => child.on('exit', resolve))
      child.kill('SIGTERM')
      await gone
    }
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', () => child.kill('SIGKILL'))
  for (let tries = 0; ; tries++) {
    const listens = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true) ?? socket.destroy())
      socket.on('error', () => resolve(false))
    })
    if (listens) break
    if (child.exitCode !== null || tries > 100) throw new Error(`${name} did not start: ${output}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { url: `https://127.0.0.1:${port}`, stop }
}
