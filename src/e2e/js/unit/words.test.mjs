import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosen, say, WORDS } from '../../../../webapp/-/diagnosis/words.js'

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
  assert.equal(say('en', 'cut', { time: '5.0 s' }), 'Works, but is cut after 5.0 s. An app reconnects each time.')
  assert.equal(say('en', 'refused'), 'Blocked: the connection is refused ().')
})
