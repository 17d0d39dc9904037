/*
 * WebKitGTK injects this into each page before the page's own scripts: WebDriver doesn't report what a page logs, so
 * `webkitLog` keeps it until webkit.mjs fetches it.
 */
{
  const lines = []
  Object.defineProperty(window, 'webkitLog', { value: lines })
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    const write = console[level]
    console[level] = (...values) => {
      lines.push(['console', values.map(String).join(' ')])
      write.apply(console, values)
    }
  }
  addEventListener('error', ({ message }) => lines.push(['pageerror', message]))
  addEventListener('unhandledrejection', ({ reason }) => lines.push(['pageerror', String(reason)]))
}
