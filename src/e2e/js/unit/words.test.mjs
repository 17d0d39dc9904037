import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosen, duration, say, WORDS } from '../../../../webapp/-/diagnosis/words.js'

const blanks = (sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

for (const [language, words] of Object.entries(WORDS))
  test(`the diagnosis page has in ${language} all texts that it has in English`, () => {
    assert.deepEqual(Object.keys(words), Object.keys(WORDS.en))
    for (const [key, sentence] of Object.entries(words)) assert.deepEqual([...new Set(blanks(sentence))], [...new Set(blanks(WORDS.en[key]))], key)
  })

test("the first available one of the browser's languages", () => {
  assert.equal(chosen(['pt-BR', 'fr-CA', 'de']), 'fr')
  assert.equal(chosen(['JA']), 'ja')
  assert.equal(chosen(['tlh']), 'en')
  assert.equal(chosen([]), 'en')
})

test('blanks are filled in, and unknown ones left out', () => {
  assert.equal(say('en', 'support', { support: 'us' }), 'Send the report to us.')
  assert.equal(say('en', 'refused'), 'Blocked: the connection is refused ().')
})

test('durations and reasons are in the language of the sentence', () => {
  assert.equal(say('en', 'cut', { time: 5000 }), 'Works, but is cut after 5.0\u00a0s. An app reconnects each time.')
  assert.equal(duration('de', 5049), '5,0\u00a0s')
  assert.equal(duration('ja', 85.4), '85\u00a0ms')
  assert.equal(say('de', 'refused', { why: 'noResponse' }), 'Blockiert: Die Verbindung wird abgelehnt (keine Antwort).')
  assert.equal(say('de', 'refused', { why: 'HTTP 403' }), 'Blockiert: Die Verbindung wird abgelehnt (HTTP 403).')
  assert.match(say('ja', 'fallbackText', { transport: 'poll', time: 40, first: 2600 }), /ロングポーリング.*2\.6\u00a0s.*40\u00a0ms/)
  // A host may be called like a text.
  assert.match(say('en', 'forwardBad', { host: 'poll', port: '443' }), /to poll, port 443,/)
})
