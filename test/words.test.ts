/** The words of the glossary are used, and no word has two meanings. What replaced a word of the list stands beside it. */
import { describe, expect, it } from 'vitest'
import { sourcesUnder } from './support/sources.ts'

/** Part of an identifier → the word of the trade. */
const refused: Readonly<Record<string, string>> = {
  abreast: 'p-map',
  bell: 'wakeup',
  clash: 'name conflict',
  dice: 'random',
  film: 'video',
  gatehouse: 'stability',
  knock: 'handshake',
  longest: 'max',
  manners: 'protocol',
  mend: 'repair',
  most: 'max',
  pledge: 'reservation',
  sentry: 'root check',
  settlement: 'outcome',
  shop: 'deps',
  sound: 'audio',
  stall: 'store outage',
  standing: 'status',
  studied: 'source facts',
  study: 'source facts',
  throttle: 'backoff, bandwidth limit',
  wish: 'order, plan, mode',
  workshop: 'deps',
}

/** Names on the wire, in the database and of other programs, which stay; and English that means what it says. */
const allowed: ReadonlySet<string> = new Set(['settleClash'])

/** Two words in a row. */
const refusedPairs: Readonly<Record<string, string>> = { takeBack: 'cancelTimer, removeOutput', atOnce: 'concurrency, batchSize' }

const sources = sourcesUnder('src')

describe('the words of the code', () => {
  it('are those of the glossary', () => {
    const found = sources.flatMap(({ path, text }) =>
      identifiersIn(text)
        .filter((name) => !allowed.has(name))
        .flatMap((name) => {
          const words = (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).map((word) => word.toLowerCase())
          const word = words.find((each) => Object.hasOwn(refused, each) || Object.hasOwn(refused, each.replace(/e?s$/, '')))
          if (word !== undefined) return [`${path}: ${name} → ${refused[word] ?? refused[word.replace(/e?s$/, '')] ?? ''}`]
          const pair = Object.keys(refusedPairs).find((each) => name.toLowerCase().includes(each.toLowerCase()))
          return pair === undefined ? [] : [`${path}: ${name} → ${refusedPairs[pair] ?? ''}`]
        }),
    )
    expect([...new Set(found)]).toEqual([])
  })

  it('no two exported types have one name', () => {
    const places = Map.groupBy(
      sources.flatMap(({ path, text }) =>
        [...text.matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name = '']) => ({ name, path })),
      ),
      ({ name }) => name,
    )
    const twice = [...places].filter(([, found]) => found.length > 1)
    expect(Object.fromEntries(twice.map(([name, found]) => [name, found.map(({ path }) => path)]))).toEqual({})
  })

  it('sees identifiers, and neither comments nor texts', () => {
    const text = "/** A bell. */ const doorBell = 'bell' // bell\nconst text = `bell ${theBell}`"
    expect(identifiersIn(text)).toEqual(['const', 'doorBell', 'const', 'text', 'theBell'])
  })
})

/** Each as often as it stands there. What is inside of a template's `${}` counts. */
function identifiersIn(text: string): readonly string[] {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(?<![:\\])\/\/[^\n]*/g, ' ')
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, (template) =>
      [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, inside]) => inside).join(' '),
    )
  return code.match(/[A-Za-z_$][\w$]*/g) ?? []
}
