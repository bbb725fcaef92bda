import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { anyName } from '../testing/arbitrary-message.ts'
import {
  labelsOf,
  NameSyntaxError,
  nameKey,
  octetsOfName,
  parseName,
  readName,
  readWholeName,
  tryParseName,
  writeName,
  writeWholeName,
} from './name.ts'
import { Reader, WireFormatError } from './reader.ts'
import { Writer } from './writer.ts'

interface TextCase {
  readonly title: string
  readonly text: string
  /** `undefined`: refused. */
  readonly want: string | undefined
}

const label63 = 'a'.repeat(63)
const octets255 = `${label63}.${label63}.${label63}.${'b'.repeat(61)}.`

const texts: readonly TextCase[] = [
  { title: 'an absolute name is taken as it is', text: 'www.Example.', want: 'www.Example.' },
  { title: 'a missing last dot is added', text: 'www.example', want: 'www.example.' },
  { title: 'the root is a dot', text: '.', want: '.' },
  { title: 'an escaped dot belongs to the label', text: 'a\\.b.c', want: 'a\\.b.c.' },
  { title: 'an escaped backslash stays escaped', text: 'a\\\\b', want: 'a\\\\b.' },
  { title: 'a needless escape goes away', text: '\\a\\-\\".x', want: 'a-".x.' },
  { title: 'a number of a printable octet becomes it', text: '\\097\\046', want: 'a\\..' },
  { title: 'a number of any other octet stays', text: '\\000\\032\\255', want: '\\000\\032\\255.' },
  { title: 'an escaped space becomes a number', text: 'a\\ b', want: 'a\\032b.' },
  { title: 'a wildcard is a name', text: '*.example', want: '*.example.' },
  { title: 'a label of 63 octets fits', text: label63, want: `${label63}.` },
  { title: 'a label of 64 octets does not', text: `${label63}a`, want: undefined },
  { title: 'escapes count as one octet', text: '\\200'.repeat(63), want: `${'\\200'.repeat(63)}.` },
  { title: 'a name of 255 octets fits', text: octets255, want: octets255 },
  { title: 'a name of 256 octets does not', text: `${octets255.slice(0, -1)}b`, want: undefined },
  { title: 'nor does one with a label more', text: `a.${octets255}`, want: undefined },
  { title: 'an empty text is no name', text: '', want: undefined },
  { title: 'an empty label is refused', text: 'a..b', want: undefined },
  { title: 'a leading dot is refused', text: '.a', want: undefined },
  { title: 'two last dots are refused', text: 'a..', want: undefined },
  { title: 'a space is refused', text: 'a b', want: undefined },
  { title: 'letters beyond ASCII are refused', text: 'müller', want: undefined },
  { title: 'a control character is refused', text: 'a\tb', want: undefined },
  { title: 'a number above 255 is refused', text: '\\256', want: undefined },
  { title: 'a number of two digits is refused', text: '\\12.a', want: undefined },
  { title: 'a backslash at the end is refused', text: 'a\\', want: undefined },
]

for (const { title, text, want } of texts) {
  test(`text: ${title}`, () => {
    assert.equal(tryParseName(text), want)
    if (want === undefined) assert.throws(() => parseName(text), NameSyntaxError)
  })
}

test('the key of a name forgets the case of ASCII letters and nothing else', () => {
  assert.equal(nameKey(parseName('Www.EXAMPLE.\\219')), 'www.example.\\219.')
})

test('labels come as they stand in the text', () => {
  assert.deepEqual(labelsOf(parseName('.')), [])
  assert.deepEqual(labelsOf(parseName('www.example')), ['www', 'example'])
  assert.deepEqual(labelsOf(parseName('a\\.b.\\\\.\\000\\092.c')), [
    'a\\.b',
    '\\\\',
    '\\000\\\\',
    'c',
  ])
})

interface OctetCase {
  readonly title: string
  readonly hex: string
  /** Where the name begins. */
  readonly at: number
  readonly want: string | RegExp
  /** Where the reader stands afterwards. */
  readonly end?: number
}

const octetCases: readonly OctetCase[] = [
  { title: 'a root', hex: '00', at: 0, want: '.', end: 1 },
  {
    title: 'labels with their case',
    hex: '0357773704436f6d2e00',
    at: 0,
    want: 'Ww7.Com\\..',
    end: 10,
  },
  {
    title: 'octets of all kinds',
    hex: '05002e5cff2000',
    at: 0,
    want: '\\000\\.\\\\\\255\\032.',
    end: 7,
  },
  { title: 'a pointer only', hex: '016100c000ff', at: 3, want: 'a.', end: 5 },
  { title: 'a label and a pointer', hex: '0161000162c000ff', at: 3, want: 'b.a.', end: 7 },
  {
    title: 'a pointer into the middle of a name',
    hex: '0162016100c002',
    at: 5,
    want: 'a.',
    end: 7,
  },
  { title: 'a pointer to a pointer', hex: '016100c000c003', at: 5, want: 'a.', end: 7 },
  { title: 'a pointer to a root', hex: '00c000', at: 1, want: '.', end: 3 },
  { title: 'nothing', hex: '', at: 0, want: /a name ends early at octet 0$/ },
  { title: 'a missing root', hex: '0161', at: 0, want: /a name ends early at octet 2$/ },
  {
    title: 'a label that runs over the end',
    hex: '0561',
    at: 0,
    want: /a label ends early at octet 0$/,
  },
  { title: 'half a pointer', hex: '00c0', at: 1, want: /a name ends early at octet 1$/ },
  { title: 'a pointer to itself', hex: 'c000', at: 0, want: /does not point back at octet 0$/ },
  {
    title: 'a pointer forwards',
    hex: 'c002016100',
    at: 0,
    want: /does not point back at octet 0$/,
  },
  {
    title: 'a pointer to its own label',
    hex: '0161c000',
    at: 0,
    want: /does not point back at octet 2$/,
  },
  {
    title: 'two pointers in a circle',
    hex: '0161c0040162c000',
    at: 4,
    want: /does not point back at octet 2$/,
  },
  { title: 'a label of kind 01', hex: '4100', at: 0, want: /a label of unknown kind at octet 0$/ },
  { title: 'a label of kind 10', hex: '8000', at: 0, want: /a label of unknown kind at octet 0$/ },
]

for (const { title, hex, at, want, end } of octetCases) {
  test(`octets: ${title} ${typeof want === 'string' ? 'is read' : 'is refused'}`, () => {
    const reader = new Reader(Buffer.from(hex, 'hex'), at)
    if (typeof want === 'string') {
      assert.equal(readName(reader), want)
      assert.equal(reader.offset, end)
    } else {
      assert.throws(() => readName(reader), { name: 'WireFormatError', message: want })
    }
  })
}

test('a name of 255 octets is read, one of 256 is not, also when a pointer makes it', () => {
  const long = wire((writer) => writeName(writer, parseName(octets255)))
  assert.equal(readName(new Reader(long)), octets255)
  const withPointer = Buffer.concat([long, Buffer.from([1, 0x61, 0xc0, 0])])
  assert.throws(() => readName(new Reader(withPointer, 255)), /more than 255 octets at octet 255$/)
})

test('a chain of pointers is followed for as long as a name can have labels', () => {
  const chain = (pointers: number) =>
    Buffer.from([0, ...Array.from({ length: pointers }, (_, index) => pointerTo(index)).flat()])
  assert.equal(readName(new Reader(chain(127), 1 + 2 * 126)), '.')
  assert.throws(() => readName(new Reader(chain(128), 1 + 2 * 127)), /too many pointers/)
})

test('a part of a message reads its own octets only, but follows pointers to before it', () => {
  const message = Buffer.from('0161000162c0000163', 'hex')
  assert.equal(readName(new Reader(message, 3).part(4)), 'b.a.')
  assert.throws(() => readName(new Reader(message, 3).part(3)), WireFormatError)
  assert.throws(() => readName(new Reader(message, 3).part(2)), WireFormatError)
})

test('names that are read many times through pointers are the same', () => {
  const reader = new Reader(Buffer.from('0161000162c000c000c003c003', 'hex'), 3)
  assert.deepEqual(
    Array.from({ length: 5 }, () => (reader.remaining ? readName(reader) : '')),
    ['b.a.', 'a.', 'b.a.', 'b.a.', ''],
  )
})

test('a name that must be whole is refused with a pointer', () => {
  const message = Buffer.from('00016100c0010162c001', 'hex')
  assert.equal(readWholeName(new Reader(message, 1)), 'a.')
  assert.throws(() => readWholeName(new Reader(message, 4)), /compressed name .* at octet 4$/)
  assert.throws(() => readWholeName(new Reader(message, 6)), /compressed name .* at octet 6$/)
  assert.throws(() => readWholeName(new Reader(Buffer.from('00c000', 'hex'), 1)), /compressed/)
})

test('the end of a name that was written before is written as a pointer, in the same case only', () => {
  const octets = wire((writer) => {
    for (const text of ['a.b', 'x.a.b', 'b', 'a.B', '.']) writeName(writer, parseName(text))
  })
  assert.equal(octets.toString('hex'), '01610162000178c000c002016101420000')
})

test('no pointer leads further than 14 bits can say', () => {
  const octets = wire((writer) => {
    writer.octets(new Uint8Array(0x3fff))
    for (const text of ['a.b', 'a.b', 'b']) writeName(writer, parseName(text))
  })
  assert.equal(octets.subarray(0x3fff).toString('hex'), '0161016200ffff016200')
})

test('any name survives text, and octets with and without compression', () => {
  fc.assert(
    fc.property(fc.array(anyName, { minLength: 1, maxLength: 5 }), (names) => {
      for (const name of names) assert.equal(parseName(name), name)
      for (const write of [writeName, writeWholeName]) {
        const octets = wire((writer) => names.forEach((name) => write(writer, name)))
        const reader = new Reader(octets)
        assert.deepEqual(
          names.map(() => readName(reader)),
          names,
        )
        assert.equal(reader.remaining, 0)
      }
      const whole = wire((writer) => names.forEach((name) => writeWholeName(writer, name)))
      assert.equal(
        whole.length,
        names.reduce((sum, name) => sum + octetsOfName(name), 0),
      )
    }),
  )
})

test('any text is refused or means a name whose text means the same', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '.', '\\', '0', '9', ' ', '"'),
    maxLength: 12,
  })
  fc.assert(
    fc.property(text, (text) => {
      const name = tryParseName(text)
      if (name === undefined) return
      assert.equal(tryParseName(name), name)
      assert.equal(name, name === '.' ? '.' : `${labelsOf(name).join('.')}.`)
    }),
  )
})

function wire(write: (writer: Writer) => void): Buffer {
  const writer = new Writer()
  write(writer)
  return Buffer.from(writer.finish())
}

/** A pointer to the root at 0, or to the pointer before it. */
function pointerTo(index: number): number[] {
  const target = index === 0 ? 0 : 1 + 2 * (index - 1)
  return [0xc0 | (target >> 8), target & 0xff]
}
