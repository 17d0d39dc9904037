import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** A script as the bridge's build leaves it: without its comments, which stand on lines of their own. */
export const asServed = (text) =>
  text
    .replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')
    .replace(/^ *\/\/.*\n/gm, '')

/** Bytes of the script as it is served. */
export const size = (file) => gzipSync(asServed(readFileSync(file, 'utf8')), { level: 9 }).length
